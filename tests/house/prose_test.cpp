// Checks the documents (links, line lengths) and the vocabulary of documents and comments.

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/source_folder.h"

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = plainsight::test::source_folder();
const std::vector<std::string> kFolders = {"apps",     "bench", "data",  "docs", "engine",
                                           "examples", "model", "tests", "text", "weights-convert"};

std::vector<std::string> files_with(const std::set<std::string>& extensions) {
  std::vector<std::string> found;
  const auto add = [&](const fs::path& path) {
    if (extensions.contains(path.extension())) found.push_back(fs::relative(path, kRoot));
  };
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot)) add(entry.path());
  for (const std::string& folder : kFolders)
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / folder))
      add(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> lines_of(const std::string& file) {
  std::ifstream in(kRoot / file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// UTF-8 code points: bytes that do not continue one.
long characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

struct Link {
  std::string text, target;
  std::size_t begin, end;  // of [text](target) in the line
};

std::vector<Link> links_of(const std::string& line) {
  std::vector<Link> links;
  for (std::size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 1)) {
    const std::size_t begin = line.rfind('[', at), end = line.find(')', at);
    if (begin == std::string::npos || end == std::string::npos) continue;
    links.push_back(
        {line.substr(begin + 1, at - begin - 1), line.substr(at + 2, end - at - 2), begin, end + 1});
  }
  return links;
}

// As GitHub makes the name that a link gives after '#': lower case, blanks to hyphens, punctuation dropped.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading.substr(heading.find_first_not_of("# "))) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == ' ') anchor += '-';
    if (std::isalnum(byte) || c == '-' || c == '_' || byte >= 0x80)
      anchor += static_cast<char>(std::tolower(byte));
  }
  return anchor;
}

bool has_anchor(const std::string& file, const std::string& anchor) {
  const std::vector<std::string> lines = lines_of(file);
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
    return line.starts_with("#") && anchor_of(line) == anchor;
  });
}

bool is_table_row(const std::string& line) { return line.starts_with("|"); }

// The cells of a table row as a reader sees them: without the targets of links.
std::vector<std::string> cells_of(std::string row) {
  std::vector<Link> links = links_of(row);
  for (auto link = links.rbegin(); link != links.rend(); ++link)
    row.replace(link->begin, link->end - link->begin, link->text);
  std::vector<std::string> cells;
  std::string cell;
  for (std::size_t i = 1; i < row.size(); ++i) {
    if (row[i] != '|' || row[i - 1] == '\\')
      cell += row[i];
    else
      cells.push_back(std::exchange(cell, ""));
  }
  return cells;
}

// A cell that only lists names, as the layer table's do.
bool is_list_of_code(const std::string& cell) {
  bool code = false;
  for (const char c : cell) {
    if (c == '`') code = !code;
    if (!code && c != '`' && c != ' ') return false;
  }
  return true;
}

}  // namespace

TEST_CASE("relative links in the documents lead to files and headings") {
  int checked = 0;
  for (const std::string& file : files_with({".md"})) {
    int number = 0;
    for (const std::string& line : lines_of(file)) {
      ++number;
      for (const Link& link : links_of(line)) {
        if (link.target.find(':') != std::string::npos) continue;  // https:
        ++checked;
        const std::size_t hash = std::min(link.target.find('#'), link.target.size());
        const std::string path = link.target.substr(0, hash);
        const fs::path to = path.empty() ? fs::path(file) : fs::path(file).parent_path() / path;
        INFO(file << ":" << number << ": " << link.target << " does not exist");
        CHECK(fs::exists(kRoot / to));
        if (hash < link.target.size()) CHECK(has_anchor(to, link.target.substr(hash + 1)));
      }
    }
  }
  CHECK(checked > 50);
}

TEST_CASE("lines of the documents have at most 110 characters, table cells at most 100") {
  for (const std::string& file : files_with({".md"})) {
    int number = 0;
    for (const std::string& line : lines_of(file)) {
      ++number;
      INFO(file << ":" << number << ": " << line);
      if (!is_table_row(line)) {
        CHECK(characters(line) <= 110);
        continue;
      }
      for (const std::string& cell : cells_of(line))
        CHECK((characters(cell) <= 102 || is_list_of_code(cell)));
    }
  }
}

TEST_CASE("documents, comments and messages use the field's words (docs/glossary.md)") {
  // Phrases of an earlier private vocabulary, and the words to use instead.
  const struct {
    std::string phrase, instead;
  } replaced[] = {{"alike", "in the same way"},
                  {"asked for", "requested, needed"},
                  {"asks for", "prefetches, requests, needs"},
                  {" at hand", "the current"},
                  {"beside", "compared with, next to"},
                  {"ceiling", "peak"},
                  {"companions", "the other images of the batch"},
                  {"gives way", "is slower"},
                  {"made so", "computed in this way"},
                  {"matrix unit", "AMX"},
                  {"one behind the other", "one after the other"},
                  {"picture", "image"},
                  {"taken apart", "split"},
                  {"to be asked", "call"},
                  {"whole number", "integer, int8 slice"}};
  const std::string opening = std::string("// ") + "What ";
  int lines = 0;
  for (const std::string& file : files_with({".md", ".h", ".cpp"})) {
    if (file.ends_with("prose_test.cpp")) continue;  // the phrases stand here
    int number = 0;
    for (std::string text : lines_of(file)) {
      ++number;
      ++lines;
      INFO(file << ":" << number << ": " << text);
      CHECK_MESSAGE(text.find(opening) == std::string::npos, "begin with the noun, not with \"What\"");
      std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
      for (const auto& word : replaced)
        CHECK_MESSAGE(text.find(word.phrase) == std::string::npos,
                      "instead of \"" << word.phrase << "\": " << word.instead);
    }
  }
  CHECK(lines > 30000);
}
