#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/random.h"

namespace plainsight::demo {

/// The properties that an image shows and a caption names: one object on a ground, before a sky.
enum Attribute { kSize, kColour, kShape, kPosition, kGround, kSky };
constexpr int kAttributes = 6;

/// One value for every attribute, and the seed of all that its caption does not name:
/// exact colours, horizon, position.
struct Scene {
  std::array<int, kAttributes> value{};
  std::uint64_t seed = 0;
};

const char* name_of(Attribute attribute);
/// Number of values that the attribute can have.
int values_of(Attribute attribute);
/// The phrases for a value, the most usual first.
const std::vector<std::string>& phrases(Attribute attribute, int value);

/// Number of different combinations of values: the most scenes that make_scenes gives.
int combinations();

/// `count` scenes, no two with the same values, in random order; so images that are held out are of
/// combinations that training has never shown. 1 <= count <= combinations().
std::vector<Scene> make_scenes(int count, std::uint64_t seed);

/// A sentence about the scene, in words that `random` chooses, for example
/// "A small red ball stands on the left of the meadow under a clear sky."
std::string describe(const Scene& scene, TorchGenerator& random);

/// Every word that describe() can use, lower-case, sorted, each once.
std::vector<std::string> all_words();

/// True when `caption` (lower-case words) names the scene's value of the attribute and no other value of it.
bool names_rightly(std::string_view caption, const Scene& scene, Attribute attribute);

}  // namespace plainsight::demo
