#include "data/captions.h"

#include <unordered_map>

#include "engine/base/error.h"
#include "engine/base/utf8.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

constexpr std::size_t kMaxLine = 64 * 1024, kMaxFile = std::size_t{1} << 30;

// Walks over rows and gathers images; knows the line for messages.
class CaptionsReader {
 public:
  CaptionsReader(std::string_view text, CaptionFormat format, const std::string& name)
      : rest_(text), format_(format), name_(name) {}

  std::vector<ImageCaptions> read() {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    if (rest_.empty()) fail("it is empty", kHint);
    require_utf8();
    read_header();
    while (!rest_.empty()) format_ == CaptionFormat::csv ? read_csv_row() : read_notebook_row();
    if (images_.empty()) fail("it has a header, but no captions", kHint);
    return std::move(images_);
  }

 private:
  static constexpr const char* kHint =
      "Expected: a first line `image,caption`, then lines `dog.jpg,A dog runs .`";

  [[noreturn]] void fail(const std::string& why, const std::string& hint) const {
    throw Error("cannot read captions", name_ + ", line " + std::to_string(line_), why, hint);
  }

  // How many line ends (LF, CR LF or CR) the first `bytes` of `text` hold.
  static std::size_t line_ends(std::string_view text, std::size_t bytes) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      count += text[i] == '\n' || (text[i] == '\r' && !text.substr(i + 1).starts_with('\n'));
    return count;
  }

  // Requires UTF-8, as Python's open() does, with which the notebook reads the file.
  void require_utf8() {
    const std::size_t valid = utf8_prefix(rest_);
    if (valid == rest_.size()) return;
    line_ += line_ends(rest_, valid);
    rest_.remove_prefix(rest_.find_last_of("\r\n", valid) + 1);  // npos + 1 is 0: the first line
    fail(utf8_complaint(rest_), kUtf8Hint);
  }

  // The next line without its end.
  std::string_view next_line() {
    const std::size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    if (end > kMaxLine) fail("the line is longer than 64 KB", "Is this a captions file?");
    const std::string_view line = rest_.substr(0, end);
    const bool pair = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(rest_.size(), end + (pair ? 2 : 1)));
    return line;
  }

  void read_header() {
    const std::string_view header = next_line();
    if (format_ == CaptionFormat::csv && header != "image,caption" && header != "\"image\",\"caption\"")
      fail("the header `image,caption` is missing", kHint);
    ++line_;
  }

  void read_notebook_row() {
    const std::string_view line = next_line();
    if (const std::size_t comma = line.find(','); comma != std::string_view::npos) {
      std::string_view caption = line.substr(comma + 1);
      caption = caption.substr(0, caption.find(','));
      add(line.substr(0, comma), caption);
    }
    ++line_;
  }

  // One field of RFC 4180; leaves the comma or line end that follows it.
  std::string read_csv_field() {
    std::string field;
    if (!rest_.starts_with('"')) {
      const std::size_t end = std::min(rest_.find_first_of(",\r\n"), rest_.size());
      if (end > kMaxLine) fail("the line is longer than 64 KB", "Is this a captions file?");
      field = rest_.substr(0, end);
      rest_.remove_prefix(end);
      return field;
    }
    for (rest_.remove_prefix(1);;) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos || field.size() + quote > kMaxLine)
        fail("a quote opens and does not close within 64 KB",
             "A quote inside a caption is written twice: \"\"");
      field += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) return field;
      field += '"';
      rest_.remove_prefix(1);
    }
  }

  void read_csv_row() {
    if (rest_.front() == '\n' || rest_.front() == '\r') {
      next_line();
      ++line_;
      return;
    }
    const std::string_view row = rest_;
    const std::string file = read_csv_field();
    if (!rest_.starts_with(',')) fail("the row has no caption", kHint);
    rest_.remove_prefix(1);
    const std::string caption = read_csv_field();
    if (rest_.starts_with(','))
      fail("the row has more than two columns", "Put a caption with commas in double quotes");
    if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '\r')
      fail("text follows a closing quote", "A quote inside a caption is written twice: \"\"");
    add(file, caption);
    next_line();
    line_ += line_ends(row, row.size() - rest_.size());
  }

  void add(std::string_view file, std::string_view caption) {
    std::string id = image_id(file);
    if (file.empty()) fail("the image has no name", kHint);
    if (id.empty())
      fail("\"" + std::string(file) +
               "\" begins with a dot, and an image's id is its name up to its first dot",
           "Rename it, or write the name without its folder");
    const auto [entry, is_new] = index_.try_emplace(id, images_.size());
    if (is_new) images_.push_back({std::move(id), std::string(file), {}, {}});
    ImageCaptions& image = images_[entry->second];
    if (format_ == CaptionFormat::csv && image.file != file)
      fail("\"" + std::string(file) + "\" and \"" + image.file + "\" share the id \"" + image.id + "\"",
           "Rename one: an id is the file name up to its first dot");
    image.captions.emplace_back(caption);
    image.lines.push_back(line_);
  }

  std::string_view rest_;
  CaptionFormat format_;
  const std::string& name_;
  std::size_t line_ = 1;
  std::vector<ImageCaptions> images_;
  std::unordered_map<std::string, std::size_t> index_;
};

}  // namespace

std::string image_id(std::string_view file) { return std::string(file.substr(0, file.find('.'))); }

std::vector<ImageCaptions> parse_captions(std::string_view text, CaptionFormat format,
                                          const std::string& name) {
  return CaptionsReader(text, format, name).read();
}

std::vector<ImageCaptions> read_captions(const std::filesystem::path& path, CaptionFormat format) {
  const MappedFile file(path);
  if (file.bytes().size() > kMaxFile)
    throw Error("cannot read captions", path.string(), "it is larger than 1 GB", "Split it");
  return parse_captions(file.text(), format, path.string());
}

}  // namespace plainsight
