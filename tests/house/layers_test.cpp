// Compares the sources' #include lines with the layer table of docs/architecture.md.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/source_folder.h"

namespace fs = std::filesystem;

namespace {

const fs::path kRoot = plainsight::test::source_folder();

using Layers = std::map<std::string, std::vector<std::string>>;  // layer -> what it may include

// Every `quoted` word of a line.
std::vector<std::string> code_words(const std::string& line) {
  std::vector<std::string> words;
  for (std::size_t at = line.find('`'); at != std::string::npos; at = line.find('`', at)) {
    const std::size_t end = line.find('`', at + 1);
    if (end == std::string::npos) break;
    words.push_back(line.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return words;
}

// The table of docs/architecture.md with this header: the first quoted word of each row, and the others.
Layers read_table(const std::string& header) {
  std::ifstream page(kRoot / "docs" / "architecture.md");
  Layers layers;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == header) inside = true;
    if (inside && line.empty()) break;
    if (!inside) continue;
    const std::vector<std::string> words = code_words(line);
    if (!words.empty()) layers[words[0]] = {words.begin() + 1, words.end()};
  }
  return layers;
}

Layers read_layers() { return read_table("| layer | may include |"); }

bool is_in(const std::string& path, const std::string& folder) { return path.starts_with(folder + "/"); }

// The row that a file belongs to: the most specific one. "" when there is none.
std::string layer_of(const std::string& file, const Layers& layers) {
  std::string found;
  for (const auto& [layer, allowed] : layers)
    if (is_in(file, layer) && layer.size() > found.size()) found = layer;
  return found;
}

struct Include {
  int line;
  std::string name;  // as written, without quotes or brackets
  bool system;
};

std::vector<Include> includes_of(const fs::path& file) {
  std::ifstream source(file);
  std::vector<Include> found;
  int number = 0;
  for (std::string line; std::getline(source, line);) {
    ++number;
    std::istringstream words(line);
    std::string hash, name;
    words >> hash >> name;
    if (hash == "#include" && name.size() > 2)
      found.push_back({number, name.substr(1, name.size() - 2), name[0] == '<'});
  }
  return found;
}

// The C++ files below a folder, as paths from the root.
std::vector<std::string> sources(const std::string& folder) {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    const std::string extension = entry.path().extension();
    if (extension == ".h" || extension == ".cpp") found.push_back(fs::relative(entry.path(), kRoot));
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Every file that `file` includes, and those files' own .cpp, to the end.
void reach(const std::string& file, std::set<std::string>& reached) {
  if (!fs::exists(kRoot / file) || !reached.insert(file).second) return;
  for (const Include& include : includes_of(kRoot / file)) {
    reach(include.name, reached);
    if (include.name.ends_with(".h"))
      reach(include.name.substr(0, include.name.size() - 2) + ".cpp", reached);
  }
}

}  // namespace

TEST_CASE("includes point only down the layer table, and every grant is used") {
  const Layers layers = read_layers();
  REQUIRE(layers.size() >= 15);
  std::map<std::string, std::set<std::string>> included;  // layer -> the other layers that it includes
  for (const std::string folder :
       {"engine", "text", "data", "model", "weights-convert", "apps", "examples"}) {
    for (const std::string& file : sources(folder)) {
      const std::string layer = layer_of(file, layers);
      REQUIRE_MESSAGE(!layer.empty(), file << " is in no row of docs/architecture.md");
      for (const Include& include : includes_of(kRoot / file)) {
        const std::string to = layer_of(include.name, layers);
        if (include.system || to == layer) continue;
        included[layer].insert(to);
        const std::vector<std::string>& allowed = layers.at(layer);
        INFO(file << ":" << include.line << ": " << layer << " may not include " << include.name);
        CHECK(std::find(allowed.begin(), allowed.end(), to) != allowed.end());
      }
    }
  }
  CHECK(included.size() > 10);
  for (const auto& row : layers) {
    for (const std::string& name : row.second) {
      INFO("docs/architecture.md lets " << row.first << " include " << name << ", and no file does");
      CHECK(included[row.first].contains(name));
    }
  }
}

TEST_CASE("the page says what every layer contains") {
  const Layers layers = read_layers(), contents = read_table("| layer | contains |");
  for (const auto& row : layers) {
    INFO(row.first << " has no row in the table of contents of docs/architecture.md");
    CHECK(contents.contains(row.first));
  }
  CHECK(contents.size() == layers.size());
}

TEST_CASE("files compiled once per instruction set include no library header") {
  // An inline function of a library, compiled here with AVX-512, could be the copy that the linker keeps.
  int checked = 0;
  for (const std::string& file : sources("engine/kernels")) {
    const bool per_isa = file.ends_with(".inl.h") || file.find("/isa_") != std::string::npos;
    if (!per_isa) continue;
    ++checked;
    for (const Include& include : includes_of(kRoot / file)) {
      const bool intrinsics = include.name == "immintrin.h" || include.name == "arm_neon.h";
      INFO(file << ":" << include.line << ": <" << include.name << "> is compiled with this set's flags");
      CHECK((!include.system || intrinsics));
    }
  }
  CHECK(checked >= 4);
}

TEST_CASE("extract and caption do not reach the tape; train does") {
  const auto reaches_tape = [](const std::string& command) {
    std::set<std::string> reached;
    reach(command, reached);
    return std::any_of(reached.begin(), reached.end(), [](const std::string& file) {
      return is_in(file, "engine/autograd") || is_in(file, "engine/ops") || is_in(file, "engine/nn") ||
             is_in(file, "engine/optim");
    });
  };
  CHECK_FALSE(reaches_tape("apps/commands/extract.cpp"));
  CHECK_FALSE(reaches_tape("apps/commands/caption.cpp"));
  CHECK(reaches_tape("apps/commands/train.cpp"));
}
