#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace plainsight::convert {

/// CRC-32 as zip files use it, of bytes that come in chunks.
class Crc32 {
 public:
  Crc32& add(std::span<const std::byte> bytes);
  std::uint32_t value() const { return static_cast<std::uint32_t>(sum_); }

 private:
  unsigned long sum_ = 0;
};

/// CRC-32 of a part of a mapped file, whose pages it releases as it goes. Uses all threads.
std::uint32_t crc32(std::span<const std::byte> mapped);

/// SHA-256 of a mapped file, as 64 hexadecimal digits; releases pages as it goes.
std::string sha256(std::span<const std::byte> mapped);

}  // namespace plainsight::convert
