#include "engine/infer/fused_conv_pair.h"

#include <doctest/doctest.h>

#include <cstring>

#include "engine/base/parallel.h"
#include "tests/engine/infer/support.h"
#include "tests/support/guarded.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

ConvPlan random_plan(const ConvShape& shape, const KernelTable& table, unsigned seed) {
  Tensor weight({shape.out_channels, shape.in_channels, 3, 3}), bias({shape.out_channels});
  fill_normal(weight, seed);
  fill_normal(bias, seed + 1);
  return ConvPlan(shape, weight, bias, {}, table);
}

}  // namespace

TEST_CASE("two fused layers give the bits of one after the other, for any number of threads") {
  // Heights and widths that tiles cover exactly: one patch, several patches, more rows of tiles than columns.
  struct Sizes {
    std::int64_t colours, channels, height, width;
  };
  const Sizes all[] = {{3, 16, 4, 6}, {3, 64, 32, 118}, {5, 33, 50, 26}, {1, 16, 28, 4}};
  const int before = threads();
  unsigned seed = 200;
  for (const Sizes& n : all)
    for (const KernelTable* table : tables()) {
      INFO(name_of(table->isa), " C=", n.colours, " K=", n.channels, " H=", n.height, " W=", n.width);
      const ConvShape a{.in_channels = n.colours,
                        .out_channels = n.channels,
                        .height = n.height,
                        .width = n.width,
                        .planar_input = true};
      const ConvShape b{.in_channels = n.channels,
                        .out_channels = 20,
                        .height = n.height,
                        .width = n.width,
                        .pool = n.colours == 3};
      const ConvPlan first = random_plan(a, *table, seed), second = random_plan(b, *table, seed + 2);
      REQUIRE(FusedConvPair::can_fuse(first, second));
      Tensor in(first.in_shape(2)), between(first.out_shape(2)), expected(second.out_shape(2));
      fill_normal(in, seed + 4);
      seed += 5;
      first.run(between, in, Tensor({first.workspace_size()}));
      second.run(expected, between, Tensor({second.workspace_size()}));
      const FusedConvPair pair(first, second);
      for (int t : {1, 2, 5}) {
        INFO(t, " threads");
        set_threads(t);
        Guarded out(expected.size()), workspace(pair.workspace_size());
        pair.run({out.data(), expected.shape()}, in, {workspace.data(), {workspace.size()}});
        CHECK(std::memcmp(out.data(), expected.data(), out.size() * sizeof(float)) == 0);
      }
      set_threads(before);
    }
}

TEST_CASE("layers that cannot be fused are refused") {
  const KernelTable& table = kernels();
  const ConvShape colours{
      .in_channels = 3, .out_channels = 16, .height = 8, .width = 8, .planar_input = true};
  const ConvShape fits{.in_channels = 16, .out_channels = 16, .height = 8, .width = 8};
  const ConvPlan first = random_plan(colours, table, 1), second = random_plan(fits, table, 2);
  REQUIRE(FusedConvPair::can_fuse(first, second));
  CHECK_FALSE(FusedConvPair::can_fuse(second, first));
  CHECK_THROWS_AS(FusedConvPair(second, first), ContractError);

  ConvShape odd_colours = colours, odd = fits, pooled = colours, narrow = fits;
  odd_colours.height = odd.height = 7;  // tiles reach beyond 7 rows
  CHECK_FALSE(FusedConvPair::can_fuse(random_plan(odd_colours, table, 3), random_plan(odd, table, 4)));
  pooled.pool = true;
  CHECK_FALSE(FusedConvPair::can_fuse(random_plan(pooled, table, 5), second));
  narrow.width = 6;
  CHECK_FALSE(FusedConvPair::can_fuse(first, random_plan(narrow, table, 6)));
  // Cooperative blocking: 512 x 256 channels.
  const ConvShape wide_colours{
      .in_channels = 3, .out_channels = 512, .height = 4, .width = 4, .planar_input = true};
  const ConvShape deep{.in_channels = 512, .out_channels = 256, .height = 4, .width = 4};
  CHECK_FALSE(FusedConvPair::can_fuse(random_plan(wide_colours, table, 7), random_plan(deep, table, 8)));

  Tensor in(first.in_shape(1)), out(second.out_shape(1));
  const FusedConvPair pair(first, second);
  CHECK_THROWS_AS(pair.run(out, in, Tensor({1})), ContractError);
  CHECK_THROWS_AS(pair.run(in, in, Tensor({pair.workspace_size()})), ContractError);
}
