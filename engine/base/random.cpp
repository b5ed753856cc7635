#include "engine/base/random.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <sstream>

#include "engine/base/error.h"
#include "engine/base/parallel.h"

namespace plainsight {

namespace {

// 24 bits of a word as a float in [0, 1): what at::uniform_real_distribution<float> does.
float unit_float(std::uint32_t word) { return static_cast<float>(word & 0xFFFFFFu) * 0x1p-24f; }

// PyTorch's loops are compiled with contraction: to match them, a*b+c must be one fused operation here.
float scaled(double value, float mean, float std) { return std::fma(static_cast<float>(value), std, mean); }

// Turns 16 uniform values into 16 normal ones: u1 from the first half, u2 from the second.
void box_muller_16(float* d, float mean, float std) {
  for (int j = 0; j < 8; ++j) {
    const double u1 = 1.0f - d[j];  // in (0, 1]: its logarithm is finite
    const double theta = 2.0 * std::numbers::pi * static_cast<double>(d[j + 8]);
    const double radius = std::sqrt(-2.0 * std::log(u1));
    d[j] = scaled(radius * std::cos(theta), mean, std);
    d[j + 8] = scaled(radius * std::sin(theta), mean, std);
  }
}

}  // namespace

std::uint64_t TorchGenerator::random64() {
  const std::uint64_t high = random();
  return (high << 32) | random();
}

double TorchGenerator::uniform_double() {
  return static_cast<double>(random64() & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53;
}

void TorchGenerator::uniform(std::span<float> values, float from, float to) {
  for (float& v : values) v = std::fma(unit_float(random()), to - from, from);
}

double TorchGenerator::normal_double() {
  if (has_cached_normal_) {
    has_cached_normal_ = false;
    return cached_normal_;
  }
  const double u1 = uniform_double();
  const double u2 = uniform_double();
  const double radius = std::sqrt(-2.0 * std::log1p(-u2));
  const double theta = 2.0 * std::numbers::pi * u1;
  cached_normal_ = radius * std::sin(theta);
  has_cached_normal_ = true;
  return radius * std::cos(theta);
}

void TorchGenerator::normal(std::span<float> values, float mean, float std) {
  const std::int64_t n = std::ssize(values);
  if (n < 16) {
    for (float& v : values) {
      v = static_cast<float>(normal_double() * static_cast<double>(std) + static_cast<double>(mean));
    }
    return;
  }
  for (float& v : values) v = unit_float(random());
  parallel_for(n / 16, 1024, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block)
      box_muller_16(values.data() + block * 16, mean, std);
  });
  if (n % 16 != 0) {  // the last 16 are drawn anew, as in PyTorch, and replace values already drawn
    float* tail = values.data() + n - 16;
    for (int j = 0; j < 16; ++j) tail[j] = unit_float(random());
    box_muller_16(tail, mean, std);
  }
}

void TorchGenerator::bernoulli(std::span<float> values, double p) {
  for (float& v : values) v = uniform_double() < p ? 1.0f : 0.0f;
}

std::vector<std::int32_t> TorchGenerator::randperm(std::int64_t n) {
  // Beyond this, PyTorch draws 64 bits a step.
  require(n >= 0 && n < (std::int64_t{1} << 32) / 20, "randperm: n out of range");
  std::vector<std::int32_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (std::int64_t i = 0; i + 1 < n; ++i) {
    const std::int64_t j = i + random() % static_cast<std::uint32_t>(n - i);
    std::swap(order[i], order[j]);
  }
  return order;
}

std::int64_t TorchGenerator::multinomial(std::span<const float> p) {
  require(!p.empty(), "multinomial: no probabilities");
  // With q_i exponential, argmax p_i / q_i is i with probability p_i / sum(p).
  std::int64_t best = 0;
  float best_ratio = -1;
  for (std::int64_t i = 0; i < std::ssize(p); ++i) {
    const float ratio = p[i] / static_cast<float>(-std::log(1.0 - uniform_double()));
    if (ratio > best_ratio) {
      best_ratio = ratio;
      best = i;
    }
  }
  return best;
}

std::string TorchGenerator::state() const {
  std::ostringstream out;
  out << engine_ << ' ' << has_cached_normal_ << ' ' << std::bit_cast<std::uint64_t>(cached_normal_);
  return out.str();
}

void TorchGenerator::set_state(const std::string& state) {
  std::istringstream in(state);
  std::mt19937 engine;
  bool has_cached = false;
  std::uint64_t cached = 0;
  in >> engine >> has_cached >> cached;
  if (!in) {
    throw Error("cannot restore the random stream", "random state", "its text is damaged",
                "Use another checkpoint");
  }
  engine_ = engine;
  has_cached_normal_ = has_cached;
  cached_normal_ = std::bit_cast<double>(cached);
}

std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = seed;
  for (const std::uint64_t part : {a, b}) {
    z += 0x9E3779B97F4A7C15u * (part + 1);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
  }
  return z;
}

std::vector<std::int32_t> shuffle(std::int64_t n, std::uint64_t seed, std::uint64_t epoch) {
  return TorchGenerator(derive_seed(seed, epoch)).randperm(n);
}

}  // namespace plainsight
