#include "engine/infer/winograd_conv.h"

#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/infer/layout.h"

namespace plainsight {

WinogradConv::WinogradConv(const ConvShape& shape, ConstView weight, ConstView bias, int tile,
                           const ConvKernels& kernels)
    : shape_(shape),
      kernels_(kernels),
      tiling_(winograd_side(shape.height, tile), winograd_side(shape.width, tile)),
      blocking_(choose_winograd_blocking(shape, tiling_, kernels)),
      steps_(shape, weight, bias, tiling_, blocking_, kernels) {}

/// V and M of one block (cooperative) or of one per thread, then each thread's slices of V[f].
std::int64_t WinogradConv::workspace_size() const {
  return (blocking_.cooperative ? 1 : threads()) * block_size() + threads() * steps_.v_slices_size();
}

/// Calls f(block, workspace) for each block of the batch: one after the other if the threads cooperate on
/// them, otherwise on all threads, each with a slice of the workspace.
template <class F>
void WinogradConv::for_each_block(std::int64_t images, float* workspace, F&& f) const {
  const std::int64_t tiles = images * tiling_.tiles_of_image(), blocks = ceil_div(tiles, blocking_.tiles);
  const auto run_one = [&](std::int64_t worker, std::int64_t i) {
    const std::int64_t first = tiles * i / blocks, end = tiles * (i + 1) / blocks;
    f(WinogradBlock(tiling_, images, first, end - first), workspace + worker * block_size());
  };
  if (!blocking_.cooperative) return parallel_tasks(blocks, run_one);
  for (std::int64_t i = 0; i < blocks; ++i) run_one(0, i);
}

/// The products of one panel, at all frequencies.
void WinogradConv::multiply_panel(float* m, const float* v, const WinogradBlock& block,
                                  std::int64_t panel) const {
  for (std::int64_t f = 0; f < tiling_.frequencies(); ++f) steps_.multiply(m, v, block, f, panel, 0);
}

void WinogradConv::run_thread_block(const Pixels<float>& out, const Pixels<const float>& in,
                                    const WinogradBlock& block, float* workspace) const {
  float* v = workspace;
  float* m = v + steps_.v_size();
  // Step 1: V of all channels. With M of one panel it fills half of an L2 cache.
  for (std::int64_t b = 0; b < steps_.in_blocks(); ++b) steps_.transform_input(v, in, block, b);
  // Steps 2 and 3 panel by panel, so that M is read again while it is in L2.
  for (std::int64_t panel = 0; panel < steps_.panels(); ++panel) {
    multiply_panel(m, v, block, panel);
    const std::int64_t first = steps_.out_blocks(panel);
    for (std::int64_t k = first; k < steps_.out_blocks(panel + 1); ++k)
      steps_.transform_output(out, m + (k - first) * blocking_.tiles * kChannelBlock, block, k);
  }
}

/// All products of a cooperative block. Tasks are (frequency, panel), in the order of U. So the threads work
/// on the same frequency at a time, each with V[f] in its L2 cache, and a thread's next panel is usually
/// threads() further on. In int8 a task is a frequency: the thread splits V[f], then multiplies all panels.
void WinogradConv::multiply_cooperative(float* v, const WinogradBlock& block) const {
  float* m = v + steps_.v_size();
  if (blocking_.int8) {
    float* slices = v + block_size();
    return parallel_tasks(tiling_.frequencies(), [&](std::int64_t worker, std::int64_t f) {
      steps_.multiply_int8(m, v, block, f, slices + worker * steps_.v_slices_size());
    });
  }
  parallel_tasks(tiling_.frequencies() * steps_.panels(), [&](std::int64_t, std::int64_t i) {
    const std::int64_t f = i / steps_.panels(), panel = i % steps_.panels();
    steps_.multiply(m + panel * kernels_.panel * blocking_.tiles, v, block, f, panel, threads());
  });
}

void WinogradConv::run_cooperative_block(const Pixels<float>& out, const Pixels<const float>& in,
                                         const WinogradBlock& block, float* workspace) const {
  float* v = workspace;
  float* m = v + steps_.v_size();
  // Each step is shared by all threads and waits for the one before: V and M stay in L3.
  parallel_tasks(steps_.in_blocks(),
                 [&](std::int64_t, std::int64_t b) { steps_.transform_input(v, in, block, b); });
  multiply_cooperative(v, block);
  parallel_tasks(channel_blocks(shape_.out_channels), [&](std::int64_t, std::int64_t k) {
    steps_.transform_output(out, m + k * blocking_.tiles * kChannelBlock, block, k);
  });
}

Pixels<float> WinogradConv::output(float* out) const {
  const std::int64_t step = shape_.pool ? 2 : 1;
  return {out, channel_blocks(shape_.out_channels), shape_.height / step, shape_.width / step};
}

void WinogradConv::run(float* out, const float* in, std::int64_t images, float* workspace) const {
  const Pixels<const float> from{in, steps_.in_blocks(), shape_.height, shape_.width};
  for_each_block(images, workspace, [&](const WinogradBlock& block, float* block_workspace) {
    if (blocking_.cooperative)
      run_cooperative_block(output(out), from, block, block_workspace);
    else
      run_thread_block(output(out), from, block, block_workspace);
  });
}

void WinogradConv::run_products(std::int64_t images, float* workspace) const {
  for_each_block(images, workspace, [&](const WinogradBlock& block, float* v) {
    if (blocking_.cooperative) return multiply_cooperative(v, block);
    for (std::int64_t panel = 0; panel < steps_.panels(); ++panel)
      multiply_panel(v + steps_.v_size(), v, block, panel);
  });
}

void WinogradConv::describe(ConvPlanInfo& info) const {
  if (tiling_.frequencies() == kWinogradClass[1]) info.tile = 4;
  if (tiling_.rows().small + tiling_.columns().small == 0) info.tile = 6;
  info.block = blocking_.tiles;
  info.cooperative = blocking_.cooperative;
  info.int8 = blocking_.int8;
  info.weight_bytes = steps_.weight_bytes();
  info.product_flops = steps_.product_flops();
}

}  // namespace plainsight
