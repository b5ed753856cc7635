#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace plainsight {

/// The pieces of a BERT vocabulary: one per line, the id is the line's number from 0.
class Vocabulary {
 public:
  /// Reads and checks a vocabulary file. Throws Error naming file and line: unreadable, empty, more than
  /// 16 MB, a million lines or 1 KB in a line, CR LF line ends, an empty line, not UTF-8, a piece twice,
  /// [PAD] or [UNK] missing.
  static Vocabulary read(const std::filesystem::path& path);
  /// The same from memory; `name` is the file's name in messages.
  static Vocabulary parse(std::string text, const std::string& name);

  std::int32_t size() const { return static_cast<std::int32_t>(begins_.size()) - 1; }
  /// 0 <= id < size().
  std::string_view piece(std::int32_t id) const;
  /// -1 when absent.
  std::int32_t find(std::string_view piece) const;
  /// Every id, in the byte order of the pieces.
  const std::vector<std::int32_t>& sorted() const { return sorted_; }
  /// Adds a token after the last one, or finds it; returns its id.
  std::int32_t add(std::string_view piece);

 private:
  std::string text_;                   // every piece, one after the other, each ended by a line feed
  std::vector<std::uint32_t> begins_;  // offsets into text_, and the end
  std::vector<std::int32_t> sorted_;   // ids in the order of their pieces
};

}  // namespace plainsight
