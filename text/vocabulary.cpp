#include "text/vocabulary.h"

#include <algorithm>
#include <fstream>
#include <numeric>

#include "engine/base/error.h"
#include "engine/base/utf8.h"

namespace plainsight {
namespace {

constexpr std::size_t kMaxLines = 1'000'000, kMaxLine = 1024, kMaxFile = std::size_t{1} << 24;

[[noreturn]] void fail(const std::string& name, std::size_t line, const std::string& why,
                       const std::string& hint) {
  throw Error("cannot read vocabulary", line == 0 ? name : name + ", line " + std::to_string(line), why,
              hint);
}

const std::string kHint = "Use BERT's vocab.txt: one piece a line";

}  // namespace

Vocabulary Vocabulary::read(const std::filesystem::path& path) {
  // Checked before the file is opened: opening a pipe waits for its writer.
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    fail(path.string(), 0, "no such file, or not a regular one", "Check the path");
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) fail(path.string(), 0, "it cannot be opened", "Check its permissions");
  const std::size_t size = file.tellg();
  if (size > kMaxFile) fail(path.string(), 0, "it is larger than 16 MB", kHint);
  std::string text(size, '\0');
  file.seekg(0);
  if (!file.read(text.data(), static_cast<std::streamsize>(size)))
    fail(path.string(), 0, "reading failed", "");
  return parse(std::move(text), path.string());
}

Vocabulary Vocabulary::parse(std::string text, const std::string& name) {
  Vocabulary v;
  v.text_ = std::move(text);
  if (v.text_.empty()) fail(name, 0, "it is empty", kHint);
  if (v.text_.back() != '\n') v.text_ += '\n';
  for (std::size_t begin = 0, line = 1; begin < v.text_.size(); ++line) {
    const std::size_t end = v.text_.find('\n', begin);
    const std::string_view piece(v.text_.data() + begin, end - begin);
    if (line > kMaxLines) fail(name, line, "more than a million lines", kHint);
    if (piece.empty()) fail(name, line, "the line is empty", kHint);
    if (piece.size() > kMaxLine) fail(name, line, "a piece of more than 1024 bytes", kHint);
    if (piece.back() == '\r')
      fail(name, line, "it ends in CR LF", "Convert it to LF line ends, for example with dos2unix");
    if (!is_utf8(piece)) fail(name, line, utf8_complaint(piece), kHint);
    v.begins_.push_back(static_cast<std::uint32_t>(begin));
    begin = end + 1;
  }
  v.begins_.push_back(static_cast<std::uint32_t>(v.text_.size()));

  v.sorted_.resize(v.size());
  std::iota(v.sorted_.begin(), v.sorted_.end(), 0);
  std::sort(v.sorted_.begin(), v.sorted_.end(), [&](std::int32_t a, std::int32_t b) {
    const int order = v.piece(a).compare(v.piece(b));
    return order != 0 ? order < 0 : a < b;
  });
  for (std::size_t i = 1; i < v.sorted_.size(); ++i)
    if (v.piece(v.sorted_[i]) == v.piece(v.sorted_[i - 1]))
      fail(name, v.sorted_[i] + 1,
           "\"" + std::string(v.piece(v.sorted_[i])) + "\" stands on line " +
               std::to_string(v.sorted_[i - 1] + 1) + " already",
           "Every piece must occur once: its line is its id");
  for (const char* needed : {"[PAD]", "[UNK]"})
    if (v.find(needed) < 0) fail(name, 0, std::string("it has no ") + needed, kHint);
  return v;
}

std::string_view Vocabulary::piece(std::int32_t id) const {
  require(id >= 0 && id < size(), "Vocabulary::piece: id out of range");
  const std::size_t i = id;
  return {text_.data() + begins_[i], begins_[i + 1] - begins_[i] - 1};
}

std::int32_t Vocabulary::find(std::string_view piece_) const {
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), piece_,
                                   [&](std::int32_t id, std::string_view p) { return piece(id) < p; });
  return at != sorted_.end() && piece(*at) == piece_ ? *at : -1;
}

std::int32_t Vocabulary::add(std::string_view piece_) {
  if (const std::int32_t id = find(piece_); id >= 0) return id;
  const std::int32_t id = size();
  text_.append(piece_) += '\n';
  begins_.push_back(static_cast<std::uint32_t>(text_.size()));
  const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), piece_,
                                   [&](std::int32_t other, std::string_view p) { return piece(other) < p; });
  sorted_.insert(at, id);
  return id;
}

}  // namespace plainsight
