#include "engine/io/fingerprint.h"

#include <doctest/doctest.h>

#include <set>

#include "engine/base/parallel.h"
#include "engine/io/safetensors_writer.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;
using test::TempDir;

namespace {

/// Fingerprint of a file with these tensors, whose bytes are `data` in order.
std::string of(const TempDir& dir, const std::vector<TensorInfo>& tensors, const std::string& data,
               const Metadata& metadata = {}) {
  SafetensorsWriter writer(dir / "f", tensors, metadata);
  writer.append(std::as_bytes(std::span(data)));
  writer.commit();
  return fingerprint(SafetensorsFile(dir / "f"));
}

}  // namespace

TEST_CASE("the fingerprint tells apart what differs, and only that") {
  const TempDir dir;
  const std::string base = of(dir, {{"a", Dtype::F32, {2}}, {"b", Dtype::F32, {1}}}, "0123456789ab");
  CHECK(base.size() == 32);
  CHECK(base.find_first_not_of("0123456789abcdef") == std::string::npos);
  // The order in the file and the metadata do not count.
  CHECK(of(dir, {{"b", Dtype::F32, {1}}, {"a", Dtype::F32, {2}}}, "89ab01234567", {{"k", "v"}}) == base);
  // Names, types, shapes, bytes and which bytes belong to which tensor do.
  const std::set<std::string> all = {
      base,
      of(dir, {{"c", Dtype::F32, {2}}, {"b", Dtype::F32, {1}}}, "0123456789ab"),
      of(dir, {{"a", Dtype::I32, {2}}, {"b", Dtype::F32, {1}}}, "0123456789ab"),
      of(dir, {{"a", Dtype::F32, {2, 1}}, {"b", Dtype::F32, {1}}}, "0123456789ab"),
      of(dir, {{"a", Dtype::F32, {1}}, {"b", Dtype::F32, {2}}}, "0123456789ab"),
      of(dir, {{"a", Dtype::F32, {2}}, {"b", Dtype::F32, {1}}}, "0123456789aB"),
      of(dir, {{"a", Dtype::F32, {2}}, {"b", Dtype::F32, {1}}}, "1023456789ab"),
      of(dir, {{"a", Dtype::F32, {2}}}, "01234567"),
      of(dir, {{"a", Dtype::F32, {2}}, {"b", Dtype::F32, {0}}}, "01234567"),
      of(dir, {}, ""),
  };
  CHECK(all.size() == 10);
}

TEST_CASE("the fingerprint is the same for any number of threads, and every chunk counts") {
  const TempDir dir;
  constexpr std::size_t kMegabyte = std::size_t{1} << 20;
  std::string data(9 * kMegabyte + 13, 'x');  // three chunks, the last a short one
  const std::vector<TensorInfo> tensors = {{"a", Dtype::U8, {data.size()}}};
  const int before = threads();
  set_threads(1);
  const std::string base = of(dir, tensors, data);
  for (const int n : {2, 3, 8}) {
    set_threads(n);
    CHECK(fingerprint(SafetensorsFile(dir / "f")) == base);
  }
  set_threads(before);
  for (const std::size_t place : {std::size_t{0}, 4 * kMegabyte - 1, 4 * kMegabyte, data.size() - 1}) {
    data[place] = 'y';
    CHECK(of(dir, tensors, data) != base);
    data[place] = 'x';
  }
}
