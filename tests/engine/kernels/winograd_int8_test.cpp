#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "engine/base/memory.h"
#include "engine/kernels/isa/table.h"

using namespace plainsight;

namespace {

constexpr float kLargest = 127 << 16;  // a row with this as its largest value has the scale 1
constexpr long kTiles = 40, kDepth = 80;

/// V [channel block][tile][16], U [channel][panel] and M [channel block][tile][16] of one product.
struct Product {
  const WinogradInt8Kernels& kernels;
  std::vector<float> v = std::vector<float>(kTiles * kDepth), u, m;

  explicit Product(const WinogradInt8Kernels& k)
      : kernels(k),
        u(static_cast<std::size_t>(kDepth * k.panel)),
        m(static_cast<std::size_t>(kTiles * k.panel)) {}
  float& at_v(long tile, long c) {
    return v[static_cast<std::size_t>((c / kChannelBlock * kTiles + tile) * kChannelBlock +
                                      c % kChannelBlock)];
  }
  float& at_u(long c, long k) { return u[static_cast<std::size_t>(c * kernels.panel + k)]; }
  float at_m(long tile, long k) const {
    return m[static_cast<std::size_t>((k / kChannelBlock * kTiles + tile) * kChannelBlock +
                                      k % kChannelBlock)];
  }
  double exact(long tile, long k) {
    double sum = 0;
    for (long c = 0; c < kDepth; ++c)
      sum += static_cast<double>(at_v(tile, c)) * static_cast<double>(at_u(c, k));
    return sum;
  }
  void run(bool accumulate) {
    const auto size = static_cast<std::size_t>(kernels.panel_size(kDepth));
    const std::size_t panels = (kTiles + kernels.panel - 1) / kernels.panel;
    const FloatBuffer a = allocate_floats(panels * size), b = allocate_floats(size);
    kernels.pack_tiles(a.get(), v.data(), kTiles * kChannelBlock, kTiles, kDepth);
    kernels.pack_weights(b.get(), u.data(), kDepth);
    kernels.multiply(m.data(), kTiles * kChannelBlock, a.get(), b.get(), kTiles, kDepth, accumulate, {});
  }
};

const WinogradInt8Kernels* int8_kernels() {
  const KernelTable* table = kernels_for(Isa::amx);
  return table != nullptr ? table->conv.winograd_int8 : nullptr;
}

}  // namespace

TEST_CASE("Winograd's int8 products stay within half a scale of each operand") {
  if (int8_kernels() == nullptr) return;
  Product p(*int8_kernels());
  std::mt19937 engine(1);
  std::normal_distribution<float> normal;
  for (float& x : p.v) x = normal(engine);
  for (float& x : p.u) x = normal(engine);
  for (bool accumulate : {false, true}) {
    p.run(accumulate);
    for (long t = 0; t < kTiles; ++t)
      for (long k = 0; k < p.kernels.panel; ++k) {
        double sum_v = 0, sum_u = 0, max_v = 0, max_u = 0;
        for (long c = 0; c < kDepth; ++c) {
          const double a = std::abs(static_cast<double>(p.at_v(t, c))),
                       b = std::abs(static_cast<double>(p.at_u(c, k)));
          sum_v += a, sum_u += b, max_v = std::max(max_v, a), max_u = std::max(max_u, b);
        }
        const double scale_v = max_v / static_cast<double>(kLargest),
                     scale_u = max_u / static_cast<double>(kLargest), times = accumulate ? 2 : 1,
                     exact = times * p.exact(t, k);
        const double lost = (scale_v * sum_u + scale_u * sum_v) / 2 + kDepth * 0x1p15 * scale_v * scale_u;
        const double rounding = 0x1p-22 * std::abs(exact);
        CHECK(std::abs(static_cast<double>(p.at_m(t, k)) - exact) <= times * lost + rounding);
      }
  }
}

TEST_CASE("second slices times last ones count, and products of integers without two last slices are exact") {
  if (int8_kernels() == nullptr) return;
  Product p(*int8_kernels());
  std::mt19937 engine(2);
  const auto slice = [&] { return static_cast<float>(static_cast<int>(engine() % 255) - 127); };
  for (bool swapped : {false, true}) {
    for (long t = 0; t < kTiles; ++t)
      for (long c = 0; c < kDepth; ++c) p.at_v(t, c) = c == 0 ? kLargest : c == 1 ? 0 : slice();
    for (long c = 0; c < kDepth; ++c)
      for (long k = 0; k < p.kernels.panel; ++k)
        p.at_u(c, k) = c == 0 ? 0 : c == 1 ? kLargest : slice() * 256;
    if (swapped)
      for (long c = 2; c < kDepth; ++c) {
        for (long t = 0; t < kTiles; ++t) p.at_v(t, c) *= 256;
        for (long k = 0; k < p.kernels.panel; ++k) p.at_u(c, k) /= 256;
      }
    p.run(false);
    for (long t = 0; t < kTiles; ++t)
      for (long k = 0; k < p.kernels.panel; ++k) REQUIRE(static_cast<double>(p.at_m(t, k)) == p.exact(t, k));
  }
}
