#include "apps/demo/scene.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "engine/base/error.h"

namespace plainsight::demo {
namespace {

struct Description {
  const char* name;
  std::vector<std::vector<std::string>> values;  // each with its phrases
};

const std::array<Description, kAttributes>& descriptions() {
  static const std::array<Description, kAttributes> table = {{
      {"size", {{"small", "little", "tiny"}, {"big", "large", "huge"}}},
      {"colour", {{"red"}, {"black"}, {"yellow"}, {"purple"}}},
      {"shape", {{"ball", "sphere"}, {"box", "cube"}, {"tent", "pyramid"}}},
      {"position",
       {{"on the left", "at the left"},
        {"in the middle", "in the centre"},
        {"on the right", "at the right"}}},
      {"ground",
       {{"grass", "meadow", "green field"}, {"sand", "beach", "desert"}, {"snow", "ice", "snowy field"}}},
      {"sky",
       {{"blue sky", "clear sky", "bright blue sky"},
        {"grey sky", "cloudy sky", "dull grey sky"},
        {"pink sky", "rosy sky", "sunset sky"}}},
  }};
  return table;
}

// In a pattern, a letter after $ is replaced by an attribute's phrase.
struct Pattern {
  double share;  // of all sentences
  const char* text;
};
constexpr Pattern kPatterns[] = {
    {0.45, "A $z $c $h stands $p of the $g under a $s."},
    {0.20, "There is a $z $c $h $p of the $g, under a $s."},
    {0.20, "Under a $s, a $z $c $h stands $p of the $g."},
    {0.15, "A $z $c $h $p of the $g with a $s behind it."},
};

Attribute attribute_of(char letter) {
  constexpr std::string_view kLetters = "zchpgs";  // in the order of enum Attribute
  return static_cast<Attribute>(kLetters.find(letter));
}

// The usual phrase in 60 of 100 cases; the rarer ones share the rest.
const std::string& choose_phrase(const std::vector<std::string>& ways, TorchGenerator& random) {
  const double u = random.uniform_double();
  if (ways.size() == 1 || u < 0.6) return ways[0];
  const double rest = (u - 0.6) / 0.4;
  return ways[1 + static_cast<std::size_t>(rest * static_cast<double>(ways.size() - 1))];
}

bool has_words(std::string_view caption, const std::string& words) {
  return (" " + std::string(caption) + " ").find(" " + words + " ") != std::string::npos;
}

void add_words(const std::string& text, std::set<std::string>& words) {
  std::string word;
  for (const char c : text + " ") {
    if (std::isalpha(static_cast<unsigned char>(c)) != 0)
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!word.empty())
      words.insert(std::exchange(word, ""));
  }
}

}  // namespace

const char* name_of(Attribute attribute) { return descriptions()[attribute].name; }

int values_of(Attribute attribute) { return static_cast<int>(descriptions()[attribute].values.size()); }

const std::vector<std::string>& phrases(Attribute attribute, int value) {
  return descriptions()[attribute].values.at(value);
}

int combinations() {
  int product = 1;
  for (int a = 0; a < kAttributes; ++a) product *= values_of(static_cast<Attribute>(a));
  return product;
}

std::vector<Scene> make_scenes(int count, std::uint64_t seed) {
  require(count >= 1 && count <= combinations(), "make_scenes: more scenes than combinations");
  std::vector<Scene> scenes;
  const std::vector<std::int32_t> order = TorchGenerator(seed).randperm(combinations());
  for (int i = 0; i < count; ++i) {
    Scene scene;
    scene.seed = derive_seed(seed, static_cast<std::uint64_t>(i));
    int rest = order[i];  // its digits, in the mixed base of the attributes' sizes
    for (int a = 0; a < kAttributes; ++a) {
      const int base = values_of(static_cast<Attribute>(a));
      scene.value[a] = rest % base;
      rest /= base;
    }
    scenes.push_back(scene);
  }
  return scenes;
}

std::string describe(const Scene& scene, TorchGenerator& random) {
  double u = random.uniform_double();
  const Pattern* pattern = kPatterns;
  while (u >= pattern->share && pattern != std::end(kPatterns) - 1) u -= (pattern++)->share;
  std::string sentence;
  for (const char* c = pattern->text; *c != 0; ++c) {
    if (*c == '$') {
      const Attribute a = attribute_of(*++c);
      sentence += choose_phrase(phrases(a, scene.value[a]), random);
    } else {
      sentence += *c;
    }
  }
  return sentence;
}

std::vector<std::string> all_words() {
  std::set<std::string> words;
  for (const Description& description : descriptions())
    for (const auto& ways : description.values)
      for (const std::string& way : ways) add_words(way, words);
  for (const Pattern& pattern : kPatterns) {
    std::string text;
    for (const char* c = pattern.text; *c != 0; ++c) {
      if (*c == '$')
        ++c;
      else
        text += *c;
    }
    add_words(text, words);
  }
  return {words.begin(), words.end()};
}

bool names_rightly(std::string_view caption, const Scene& scene, Attribute attribute) {
  const auto says = [&](int value) {
    const std::vector<std::string>& ways = phrases(attribute, value);
    return std::any_of(ways.begin(), ways.end(),
                       [&](const std::string& way) { return has_words(caption, way); });
  };
  for (int value = 0; value < values_of(attribute); ++value)
    if (says(value) != (value == scene.value[attribute])) return false;
  return true;
}

}  // namespace plainsight::demo
