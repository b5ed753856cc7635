#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "engine/infer/conv_plan.h"
#include "engine/tensor/tensor.h"

namespace plainsight::test {

inline std::vector<const KernelTable*> tables() {
  std::vector<const KernelTable*> all;
  for (Isa isa : {Isa::baseline, Isa::avx2, Isa::avx512, Isa::amx})
    if (const KernelTable* table = kernels_for(isa)) all.push_back(table);
  return all;
}

inline void fill_normal(View v, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  for (std::int64_t i = 0; i < v.size(); ++i) v.data[i] = normal(engine);
}

/// Small integers: every sum of their products is exact in float32.
inline void fill_integers(View v, unsigned seed) {
  std::mt19937 engine(seed);
  for (std::int64_t i = 0; i < v.size(); ++i)
    v.data[i] = static_cast<float>(static_cast<int>(engine() % 7) - 3);
}

/// The definition, in double: y[n,k,y,x] = b[k] + sum_{c,i,j} x[n,c,y+i-1,x+j-1] w[k,c,i,j], then ReLU, then
/// the pool.
inline std::vector<double> reference_convolution(const ConvShape& s, ConstView in, ConstView w, ConstView b) {
  const std::int64_t images = in.rows(), H = s.height, W = s.width, C = s.in_channels, K = s.out_channels;
  const std::int64_t step = s.pool ? 2 : 1, out_h = H / step, out_w = W / step;
  const auto at = [&](std::int64_t n, std::int64_t k, std::int64_t y, std::int64_t x) {
    double sum = static_cast<double>(b[k]);
    for (std::int64_t c = 0; c < C; ++c)
      for (std::int64_t i = 0; i < 3; ++i)
        for (std::int64_t j = 0; j < 3; ++j) {
          const std::int64_t yy = y + i - 1, xx = x + j - 1;
          if (yy < 0 || yy >= H || xx < 0 || xx >= W) continue;
          sum += static_cast<double>(in[((n * C + c) * H + yy) * W + xx]) *
                 static_cast<double>(w[((k * C + c) * 3 + i) * 3 + j]);
        }
    return s.relu ? std::max(sum, 0.0) : sum;
  };
  std::vector<double> out;
  for (std::int64_t n = 0; n < images; ++n)
    for (std::int64_t k = 0; k < K; ++k)
      for (std::int64_t y = 0; y < out_h; ++y)
        for (std::int64_t x = 0; x < out_w; ++x) {
          double largest = at(n, k, y * step, x * step);
          for (std::int64_t i = 0; i < step; ++i)
            for (std::int64_t j = 0; j < step; ++j)
              largest = std::max(largest, at(n, k, y * step + i, x * step + j));
          out.push_back(largest);
        }
  return out;
}

}  // namespace plainsight::test
