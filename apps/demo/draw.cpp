#include "apps/demo/draw.h"

#include <algorithm>
#include <cmath>

namespace plainsight::demo {
namespace {

constexpr int kWidth = 192, kHeight = 144, kSamples = 4;

using Colour = std::array<double, 3>;

// The order is that of the phrases in scene.cpp.
constexpr Colour kObjectColours[] = {{205, 30, 35}, {30, 28, 32}, {245, 215, 30}, {120, 40, 160}};
constexpr Colour kGrounds[] = {{60, 150, 60}, {215, 185, 110}, {240, 243, 248}};
constexpr Colour kSkies[] = {{110, 170, 240}, {165, 168, 175}, {245, 150, 160}};

// Geometry of the scene; the image's height is 1, and y points down.
struct Geometry {
  double horizon, centre, foot, radius;
  int shape;
  Colour sky, ground, object;
};

double between(TorchGenerator& random, double low, double high) {
  return low + (high - low) * random.uniform_double();
}

Colour vary(Colour colour, TorchGenerator& random) {
  const double light = between(random, -14, 14);
  for (double& channel : colour) channel = std::clamp(channel + light + between(random, -8, 8), 0.0, 255.0);
  return colour;
}

Geometry place(const Scene& scene) {
  TorchGenerator random(scene.seed);
  constexpr double kAspect = static_cast<double>(kWidth) / kHeight;
  constexpr double kCentres[] = {0.2, 0.5, 0.8}, kRadii[] = {0.13, 0.25};
  Geometry g{};
  g.shape = scene.value[kShape];
  g.sky = vary(kSkies[scene.value[kSky]], random);
  g.ground = vary(kGrounds[scene.value[kGround]], random);
  g.object = vary(kObjectColours[scene.value[kColour]], random);
  g.horizon = between(random, 0.52, 0.62);
  g.centre = kAspect * (kCentres[scene.value[kPosition]] + between(random, -0.03, 0.03));
  g.foot = between(random, 0.78, 0.86);
  g.radius = kRadii[scene.value[kSize]] * between(random, 0.9, 1.1);
  return g;
}

bool inside_object(const Geometry& g, double x, double y) {
  const double dx = std::abs(x - g.centre);
  const double up = g.foot - y;  // above the object's foot
  switch (g.shape) {
    case 0: return dx * dx + (up - g.radius) * (up - g.radius) < g.radius * g.radius;
    case 1: return dx < 0.9 * g.radius && up > 0 && up < 1.8 * g.radius;
    default: return up > 0 && dx < 1.15 * (g.radius - up / 2);
  }
}

const Colour& colour_at(const Geometry& g, double x, double y) {
  if (inside_object(g, x, y)) return g.object;
  return y < g.horizon ? g.sky : g.ground;
}

}  // namespace

Image draw(const Scene& scene) {
  const Geometry g = place(scene);
  Image image;
  image.width = kWidth;
  image.height = kHeight;
  image.rgb.reserve(3 * kWidth * kHeight);
  for (int row = 0; row < kHeight; ++row) {
    for (int column = 0; column < kWidth; ++column) {
      Colour sum{};
      for (int s = 0; s < kSamples * kSamples; ++s) {
        const int right = s % kSamples, down = s / kSamples;
        const double x = (column + (right + 0.5) / kSamples) / kHeight;
        const double y = (row + (down + 0.5) / kSamples) / kHeight;
        const Colour& sample = colour_at(g, x, y);
        for (std::size_t c = 0; c < 3; ++c) sum[c] += sample[c];
      }
      for (const double channel : sum)
        image.rgb.push_back(static_cast<std::uint8_t>(std::lround(channel / (kSamples * kSamples))));
    }
  }
  return image;
}

}  // namespace plainsight::demo
