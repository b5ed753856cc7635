#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace plainsight {

/// A whole file mapped read-only. Move-only; the mapping ends with the object.
/// (The file must not be truncated by others meanwhile: our own writers replace files by rename, never in
/// place.)
class MappedFile {
 public:
  MappedFile() = default;
  /// Throws Error naming the path when it cannot be opened or is not a regular file. An empty file gives
  /// empty bytes.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Gives the memory of whole pages inside `mapped` (a part of a MappedFile) back to the system; they are read
/// from the file again when touched. For passes over files larger than what a program should hold.
void release_pages(std::span<const std::byte> mapped);

}  // namespace plainsight
