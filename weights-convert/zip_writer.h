#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "engine/io/atomic_file.h"

namespace plainsight::convert {

/// Writes a zip file of stored entries, each beginning at a multiple of 64 bytes as torch.save does it, so
/// that readers can map them. At most 4 GiB and 65,534 entries; more throws Error.
class ZipWriter {
 public:
  explicit ZipWriter(const std::filesystem::path& target) : target_(target), file_(target) {}

  /// An entry of `size` bytes with this CRC-32, for the caller to append().
  void begin(const std::string& name, std::uint64_t size, std::uint32_t crc);
  void append(std::span<const std::byte> bytes);
  /// A small entry at once.
  void add(const std::string& name, const std::string& content);
  /// Writes the central directory; the file is whole from then on.
  void commit();

 private:
  void write(const std::string& bytes);
  std::uint32_t checked(std::uint64_t size) const;

  std::filesystem::path target_;
  AtomicFile file_;
  std::uint64_t place_ = 0, due_ = 0, entries_ = 0;
  std::string directory_;
};

}  // namespace plainsight::convert
