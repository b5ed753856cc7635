#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "tests/support/temp_dir.h"
#include "weights-convert/write_safetensors.h"
#include "weights-convert/zip_writer.h"

/// Pickles and containers written by hand, byte by byte, so that they can lie.
namespace plainsight::test {

inline std::string little_endian(std::uint64_t value, int size) {
  std::string bytes;
  for (int i = 0; i < size; ++i, value >>= 8) bytes += static_cast<char>(value & 0xff);
  return bytes;
}

inline std::string text(std::string_view s) {
  return "X" + little_endian(s.size(), 4) + std::string(s);  // BINUNICODE
}

inline std::string integer(std::int64_t value) {
  return "\x8a\x08" + little_endian(static_cast<std::uint64_t>(value), 8);  // LONG1
}

inline std::string tuple(std::initializer_list<std::int64_t> values) {
  std::string pickle = "(";
  for (const std::int64_t v : values) pickle += integer(v);
  return pickle + "t";
}

/// The persistent id of a float storage; `view` is the sixth item that the legacy container has.
inline std::string storage(std::string_view key, std::int64_t count, const std::string& view = "") {
  return "(" + text("storage") + "ctorch\nFloatStorage\n" + text(key) + text("cpu") + integer(count) + view +
         "tQ";
}

inline std::string tensor(const std::string& storage, std::int64_t offset,
                          std::initializer_list<std::int64_t> shape,
                          std::initializer_list<std::int64_t> strides) {
  return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + integer(offset) + tuple(shape) + tuple(strides) +
         "\x89"
         "ccollections\nOrderedDict\n)RtR";
}

/// A dict of one entry.
inline std::string dict(std::string_view key, const std::string& value) {
  return "\x80\x02}" + text(key) + value + "s.";
}

/// Writes an archive as torch.save does, with any content.
inline void put_zip(const std::filesystem::path& path,
                    std::initializer_list<std::pair<std::string, std::string>> entries) {
  convert::ZipWriter zip(path);
  for (const auto& [name, content] : entries) zip.add(name, content);
  zip.commit();
}

/// The start of the legacy container, up to the pickle of the object.
inline std::string legacy_start(bool little = true) {
  return std::string(
             "\x80\x02\x8a\x0al\xfc\x9c"
             "F\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.",
             21) +
         "\x80\x02}" + text("little_endian") + (little ? "\x88" : "\x89") + "s.";
}

/// The outcome of reading these weights: the message of the Error, or "accepted".
inline std::string refusal(const std::filesystem::path& path) {
  try {
    convert::read_weights(path);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace plainsight::test
