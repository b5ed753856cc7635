#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace plainsight {

/// Writes a file that is whole or absent: bytes go to a temporary name in the same folder, commit() flushes
/// them to disk and renames. Destroyed without commit(), it leaves no file. A file that is replaced
/// keeps its permissions; a symbolic link keeps pointing to the file that is written.
class AtomicFile {
 public:
  /// Throws Error when the temporary file cannot be made (folder missing, no permission), or when the target
  /// is a folder, a device or a pipe.
  explicit AtomicFile(const std::filesystem::path& target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Throws Error when the disk is full or a write fails.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// fsync, rename over the target: throws Error when either fails. Then fsync of the folder, which not every
  /// file system can: the file is renamed by then, and a failure is ignored.
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  int fd_ = -1;
};

/// The usual case: the whole content at once.
void write_file(const std::filesystem::path& target, std::string_view content);

}  // namespace plainsight
