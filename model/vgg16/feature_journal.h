#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/image_folder.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The rows that an extraction has finished, kept next to its target in TARGET.partial, so that it can be
/// killed at any moment and continued. The file is only ever appended to:
///
///     "plainsight rows 1\n"  u64 length of identity  identity        then for each image
///     u64 length of name  u64 bytes  i64 modified  name  D floats
///     u64 XXH3 of all that from "length of name"
///
/// A record that was torn by the kill (or by a power cut) does not match its hash:
/// it and what follows are cut off.
class FeatureJournal {
 public:
  /// Opens the journal of `target` and reads what is in it, or begins one. `identity` names everything that
  /// the features depend on in addition to the image. Throws Error when the folder cannot be written, the
  /// journal belongs to another identity, or another process holds it.
  FeatureJournal(const std::filesystem::path& target, const std::string& identity, std::int64_t dim);
  /// Deletes the file when it has no row.
  ~FeatureJournal();
  FeatureJournal(const FeatureJournal&) = delete;
  FeatureJournal& operator=(const FeatureJournal&) = delete;

  /// Whether there is a row of this very file (name, size and time).
  bool has(const ImageFile& image) const;
  /// Appends rows [n,dim] of n images.
  void append(const std::vector<const ImageFile*>& images, ConstView rows);
  /// Reads the row [dim] of an image that has() one.
  void read(const ImageFile& image, View row) const;
  /// Deletes the file: its rows are safe elsewhere.
  void remove();

 private:
  /// Closes itself, also when the constructor throws: the lock goes with it.
  struct Descriptor {
    int fd = -1;
    Descriptor() = default;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
  };
  struct Entry {
    std::uint64_t bytes;
    std::int64_t modified;
    std::uint64_t offset;  ///< of the floats in the file
  };
  void open();
  std::size_t read_records(std::size_t begin);
  [[noreturn]] void fail(const std::string& why, const std::string& hint = "") const;

  std::filesystem::path path_;
  std::int64_t dim_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace plainsight
