#include "engine/ops/fused_softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/parallel.h"
#include "engine/base/round.h"

namespace plainsight {

namespace {

// Both packed forms of W_block take 512 KB of L2 at H = 256, or 390 KB as digits.
constexpr std::int64_t kBlockCols = 256;
// Rows that pass through L2 at a time, with e and A of 1 KB a row (and e once more as left operand). Where
// numbers are taken apart, more rows pay for taking W apart, and L2 has 2 MB.
constexpr std::int64_t kTogether = 84, kTogetherDigits = 352;
// s and A are summed over this many fixed runs of blocks, and then over the runs: the same order for any
// number of threads.
constexpr std::int64_t kChunks = 16;
constexpr float kLimit = 60;  // e^kLimit times any vocabulary is still finite

float* floats(Arena& arena, std::int64_t count) {
  return arena.allocate_array<float>(static_cast<std::size_t>(count));
}

}  // namespace

struct FusedSoftmax::Chunk {
  float *s, *max;    // [count]
  float* A;          // [count,H]
  float* w_columns;  // W_blockᵀ as right operand: [H][nr] panels in blocks of kc
  float* w_rows;     // W_block as right operand: [cols][nr] panels
  float* e;          // z, then e, of a few rows: [together,kBlockCols]
  float* e_left;     // the same as left operand
  // In the place of w_columns and w_rows, which the second pass does not need:
  float* product;  // [H,kBlockCols]
  float* p_right;  // p = e f of kc rows as right operand
  float* p_panel;  // one panel of it before it is packed
};

FusedSoftmax::FusedSoftmax(ConstView W, ConstView b, std::int64_t capacity, bool want_dx, bool want_dW,
                           Arena& scratch)
    : table_(kernels()),
      g_(table_.gemm),
      W_(W),
      V_(W.rows()),
      H_(W.cols()),
      blocks_(ceil_div(V_, kBlockCols)),
      workers_(std::min<std::int64_t>(threads(), kChunks)),
      together_((g_.float_panels ? kTogether : kTogetherDigits) / g_.mr * g_.mr),
      capacity_(capacity),
      want_dx_(want_dx),
      want_dW_(want_dW),
      row_(scratch.allocate_array<std::int64_t>(static_cast<std::size_t>(capacity))),
      target_(scratch.allocate_array<std::int32_t>(static_cast<std::size_t>(capacity))),
      x_(floats(scratch, capacity * H_)),
      x_panels_(floats(scratch, round_up(capacity, g_.mr) * g_.packed_depth(H_) + kPackSlack)),
      x_columns_(want_dW ? floats(scratch, g_.packed_depth(capacity) * round_up(H_, g_.mr) + kPackSlack)
                         : nullptr),
      f_(want_dW ? floats(scratch, capacity) : nullptr),
      bias_(floats(scratch, blocks_ * kBlockCols)),
      c_(floats(scratch, capacity)),
      target_logit_(floats(scratch, capacity)),
      sum_(scratch.allocate_array<double>(static_cast<std::size_t>(capacity))),
      s_(floats(scratch, kChunks * capacity)),
      max_(floats(scratch, kChunks * capacity)),
      A_(want_dx ? floats(scratch, kChunks * capacity * H_) : nullptr),
      e_(want_dW ? floats(scratch, capacity * blocks_ * kBlockCols) : nullptr) {
  require(kBlockCols <= g_.kc, "FusedSoftmax: a block of the vocabulary is a block of the depth");
  std::copy_n(b.data, V_, bias_);
  std::fill(bias_ + V_, bias_ + blocks_ * kBlockCols, -std::numeric_limits<float>::infinity());
  const std::int64_t block_depth = g_.packed_depth(kBlockCols);
  const std::int64_t two_forms = g_.packed_depth(H_) * kBlockCols + block_depth * round_up(H_, g_.nr);
  const std::int64_t second_pass = (H_ + g_.packed_depth(g_.kc)) * kBlockCols + g_.kc * g_.nr;
  e_at_ = std::max(two_forms, second_pass);
  workspace_size_ = e_at_ + together_ * (kBlockCols + block_depth) + kPackSlack;
  workspaces_ = floats(scratch, workers_ * workspace_size_);
}

void FusedSoftmax::add(ConstView x, std::int64_t row, std::int32_t target) {
  require(!full(), "FusedSoftmax: more rows than it has room for");
  row_[count_] = row;
  target_[count_] = target;
  std::copy_n(x.row(row), H_, x_ + count_ * H_);
  ++count_;
}

std::int64_t FusedSoftmax::cols(std::int64_t block) const {
  return std::min(kBlockCols, V_ - block * kBlockCols);
}

// The thread whose chunks begin with this one: each has an equal share, one after another.
std::int64_t FusedSoftmax::worker(std::int64_t first_chunk) const {
  return ceil_div(first_chunk * workers_, kChunks);
}

std::int64_t FusedSoftmax::first_block(std::int64_t index) const { return blocks_ * index / kChunks; }

float* FusedSoftmax::e_block(std::int64_t block) const { return e_ + block * kBlockCols * count_; }

FusedSoftmax::Chunk FusedSoftmax::chunk(std::int64_t index, std::int64_t workspace) const {
  float* base = workspaces_ + workspace * workspace_size_;
  float* e = base + e_at_;
  return {.s = s_ + index * count_,
          .max = max_ + index * count_,
          .A = want_dx_ ? A_ + index * count_ * H_ : nullptr,
          .w_columns = base,
          .w_rows = base + g_.packed_depth(H_) * kBlockCols,
          .e = e,
          .e_left = e + together_ * kBlockCols,
          .product = base,
          .p_right = base + H_ * kBlockCols,
          .p_panel = base + (H_ + g_.packed_depth(g_.kc)) * kBlockCols};
}

void FusedSoftmax::prepare() {
  for_each_block(H_, g_.kc, [&](std::int64_t k, std::int64_t depth) {
    g_.pack_a(x_panels_ + g_.packed_depth(k) * round_up(count_, g_.mr), x_ + k, H_, 1, count_, depth,
              g_.packed_depth(depth) * g_.mr);
  });
  parallel_for(count_, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      c_[n] = table_.cross_entropy.dot(x_ + n * H_, W_.row(target_[n]), H_) + bias_[target_[n]];
    }
  });
}

double FusedSoftmax::forward() {
  prepare();
  do {
    std::fill_n(s_, kChunks * count_, 0.0f);
    std::fill_n(max_, kChunks * count_, -std::numeric_limits<float>::infinity());
    parallel_for(kChunks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i)
        forward_chunk(chunk(i, worker(begin)), first_block(i), first_block(i + 1));
    });
  } while (raise_constants());
  double loss = 0;
  for (std::int64_t n = 0; n < count_; ++n) {
    sum_[n] = 0;
    for (std::int64_t i = 0; i < kChunks; ++i) sum_[n] += static_cast<double>(s_[i * count_ + n]);
    loss += std::log(sum_[n]) + (static_cast<double>(c_[n]) - static_cast<double>(target_logit_[n]));
  }
  return loss;
}

void FusedSoftmax::forward_chunk(const Chunk& c, std::int64_t begin, std::int64_t end) const {
  if (begin == end && want_dx_) std::fill_n(c.A, count_ * H_, 0.0f);
  for (std::int64_t block = begin; block < end; ++block) forward_block(c, block, block == begin);
}

void FusedSoftmax::forward_block(const Chunk& c, std::int64_t block, bool first) const {
  const std::int64_t n = cols(block), nr = g_.nr, mr = g_.mr, panels = ceil_div(n, nr),
                     packed_n = g_.packed_depth(n);
  const float* w = W_.row(block * kBlockCols);
  for_each_block(H_, g_.kc, [&](std::int64_t k, std::int64_t depth) {
    g_.pack_b(c.w_columns + g_.packed_depth(k) * kBlockCols, w + k, H_, 1, n, depth,
              g_.packed_depth(depth) * nr);
  });
  if (want_dx_) g_.pack_b(c.w_rows, w, 1, H_, H_, n, packed_n * nr);
  for (std::int64_t i = 0; i < count_; i += together_) {
    const std::int64_t m = std::min(together_, count_ - i);
    for_each_block(H_, g_.kc, [&](std::int64_t k, std::int64_t depth) {
      const std::int64_t packed = g_.packed_depth(depth);
      g_.multiply(c.e, kBlockCols, nr, x_panels_ + g_.packed_depth(k) * round_up(count_, mr) + i * packed,
                  c.w_columns + g_.packed_depth(k) * kBlockCols, packed * nr, m, panels * nr, depth, k > 0);
    });
    for (std::int64_t r = 0; r < m; ++r) {
      const std::int64_t j = target_[i + r] - block * kBlockCols;
      if (0 <= j && j < n) target_logit_[i + r] = c.e[r * kBlockCols + j] + bias_[target_[i + r]];
    }
    table_.cross_entropy.exp_rows(c.e, kBlockCols, panels, m, bias_ + block * kBlockCols, c_ + i, c.s + i,
                                  c.max + i, want_dW_ ? e_block(block) + i * nr : nullptr, count_ * nr);
    if (!want_dx_) continue;
    g_.pack_a(c.e_left, c.e, kBlockCols, 1, m, n, packed_n * mr);
    g_.multiply(c.A + i * H_, H_, nr, c.e_left, c.w_rows, packed_n * nr, m, H_, n, !first);
  }
}

// Rows whose largest z - c would overflow get that z as their c; returns whether there are any.
bool FusedSoftmax::raise_constants() {
  bool any = false;
  for (std::int64_t n = 0; n < count_; ++n) {
    float largest = 0;
    for (std::int64_t i = 0; i < kChunks; ++i) largest = std::max(largest, max_[i * count_ + n]);
    if (largest > kLimit) {
      c_[n] += largest;
      any = true;
    }
  }
  return any;
}

void FusedSoftmax::add_dx(View dx, float scale) const {
  parallel_for(count_, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      const auto f = static_cast<float>(static_cast<double>(scale) / sum_[n]);
      float* A = A_ + n * H_;
      for (std::int64_t i = 1; i < kChunks; ++i) {
        const float* more = A_ + (i * count_ + n) * H_;
        for (std::int64_t k = 0; k < H_; ++k) A[k] += more[k];
      }
      const float* w = W_.row(target_[n]);
      float* d = dx.row(row_[n]);
      for (std::int64_t k = 0; k < H_; ++k) d[k] += f * A[k] - scale * w[k];
    }
  });
}

void FusedSoftmax::add_dW(View dW, View db, float scale) {
  for (std::int64_t n = 0; n < count_; ++n) f_[n] = static_cast<float>(static_cast<double>(scale) / sum_[n]);
  for_each_block(count_, g_.kc, [&](std::int64_t k, std::int64_t depth) {
    g_.pack_a(x_columns_ + g_.packed_depth(k) * round_up(H_, g_.mr), x_ + k * H_, 1, H_, H_, depth,
              g_.packed_depth(depth) * g_.mr);
  });
  parallel_for(kChunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = first_block(begin); block < first_block(end); ++block)
      add_dW_block(chunk(begin, worker(begin)), dW, db, block);
  });
  for (std::int64_t n = 0; n < count_; ++n) {
    const std::int32_t t = target_[n];
    for (std::int64_t k = 0; dW && k < H_; ++k) dW.row(t)[k] -= scale * x_[n * H_ + k];
    if (db) db[t] -= scale;
  }
}

void FusedSoftmax::add_dW_block(const Chunk& c, View dW, View db, std::int64_t block) const {
  const std::int64_t n = cols(block), nr = g_.nr, first = block * kBlockCols;
  for_each_block(count_, g_.kc, [&](std::int64_t k, std::int64_t depth) {
    const std::int64_t stride = g_.packed_depth(depth) * nr;
    for (std::int64_t j = 0; j < n; j += nr) {
      const float* e = e_block(block) + j * count_ + k * nr;
      float* right = c.p_right + j / nr * stride;
      float* p = g_.float_panels ? right : c.p_panel;
      table_.cross_entropy.weigh_rows(p, db ? db.data + first + j : nullptr, e, f_ + k, depth,
                                      std::min(nr, n - j));
      if (dW && !g_.float_panels) g_.pack_b(right, p, 1, nr, nr, depth, stride);
    }
    if (!dW) return;
    g_.multiply(c.product, kBlockCols, nr, x_columns_ + g_.packed_depth(k) * round_up(H_, g_.mr), c.p_right,
                stride, H_, round_up(n, nr), depth, k > 0);
  });
  if (dW) table_.cross_entropy.add_transposed(dW.row(first), H_, c.product, kBlockCols, H_, n);
}

}  // namespace plainsight
