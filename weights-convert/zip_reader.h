#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plainsight::convert {

/// The records of a zip file whose entries are all stored, not compressed, as parts of the mapped file.
/// A general zip library hides the offsets of the bytes (tensors are copied straight from the mapping) and
/// whether both descriptions of an entry agree. So this reads the two tables itself and refuses a file in
/// which they differ: names, sizes, checksums, methods; encrypted or compressed
/// entries; entries that overlap; a name that comes twice, is absolute or climbs out ("..").
class ZipReader {
 public:
  /// Also verifies the CRC-32 of every record. Throws Error naming `where`, the entry and the reason.
  ZipReader(std::span<const std::byte> file, const std::string& where);

  /// Name of the folder that holds all entries ("archive"), from the first one.
  const std::string& root() const { return root_; }
  /// The record `root/name`; nullptr when there is none.
  const std::span<const std::byte>* find(std::string_view name) const;

 private:
  std::string root_;
  std::unordered_map<std::string, std::span<const std::byte>> records_;
};

}  // namespace plainsight::convert
