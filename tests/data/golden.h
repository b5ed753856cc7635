#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "data/image_decode.h"
#include "tests/support/data.h"

namespace plainsight::test {

/// The bytes of tests/golden/images/NAME (tests/reference/make_image_goldens.py).
inline std::vector<std::uint8_t> image_golden(const std::string& name) {
  std::ifstream in(golden("images/" + name), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline Image decode(const std::vector<std::uint8_t>& bytes, const ImageLimits& limits = {}) {
  return decode_image(std::as_bytes(std::span(bytes)), "image", limits);
}

/// The message of the error that `f` throws; "" when it throws none.
template <class F>
std::string error_of(F&& f) {
  try {
    f();
  } catch (const std::exception& e) {
    return e.what();
  }
  return "";
}

}  // namespace plainsight::test
