#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace plainsight {

/// The random numbers of PyTorch's CPU generator: the same seed gives the same draws, in the same order, as
/// torch.manual_seed(seed) in a build without MKL (Debian's). The engine is MT19937 (std::mt19937), seeded
/// with the seed's low 32 bits. Where a value passes through log and cos, it agrees to 4e-6, not to the bit.
class TorchGenerator {
 public:
  explicit TorchGenerator(std::uint64_t seed) : engine_(static_cast<std::uint32_t>(seed)) {}

  /// The next 32-bit word.
  std::uint32_t random() { return static_cast<std::uint32_t>(engine_()); }
  /// Two words: (first << 32) | second.
  std::uint64_t random64();
  /// Uniform in [0, 1) with 53 bits: torch.rand(dtype=float64).
  double uniform_double();

  /// Tensor.uniform_(from, to): one word and 24 bits a value.
  void uniform(std::span<float> values, float from, float to);
  /// Tensor.normal_(mean, std) on a contiguous float tensor: Box-Muller, in blocks of 16 from 16 values on.
  void normal(std::span<float> values, float mean, float std);
  /// Tensor.bernoulli_(p) as 0 and 1: 1 with probability p.
  void bernoulli(std::span<float> values, double p);
  /// torch.randperm(n) as values 0..n-1; 0 <= n < 2^32 / 20.
  std::vector<std::int32_t> randperm(std::int64_t n);
  /// torch.multinomial(p, 1): an index drawn with probability proportional to p[i] >= 0; p is not empty.
  /// Draws one double per entry (the "exponential race"), whatever the result.
  std::int64_t multinomial(std::span<const float> p);

  /// Everything that decides future draws, as text; set_state(state()) changes nothing.
  std::string state() const;
  /// Throws Error when `state` is not what state() wrote.
  void set_state(const std::string& state);

 private:
  double normal_double();

  std::mt19937 engine_;
  bool has_cached_normal_ =
      false;  // Box-Muller makes two values; the second waits here (fewer than 16 values only)
  double cached_normal_ = 0;
};

/// A seed for an independent stream numbered by (a, b), for example (epoch, step): SplitMix64's finaliser
/// over the three. A stream depends on these alone, so resuming a run replays nothing.
std::uint64_t derive_seed(std::uint64_t seed, std::uint64_t a, std::uint64_t b = 0);

/// The order of n samples in an epoch: randperm(n) of the stream derive_seed(seed, epoch).
std::vector<std::int32_t> shuffle(std::int64_t n, std::uint64_t seed, std::uint64_t epoch);

}  // namespace plainsight
