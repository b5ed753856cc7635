#include "engine/infer/conv_plan.h"

#include <doctest/doctest.h>

#include <cstring>
#include <limits>

#include "engine/base/parallel.h"
#include "engine/infer/layout.h"
#include "tests/engine/infer/support.h"
#include "tests/support/guarded.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

struct Method {
  const char* name;
  ConvOptions options;
  /// Rounding of the transforms, in units of eps * max|x| * sum|w|: measured below 3 and 40 on these shapes.
  double factor;
};

constexpr Method kMethods[] = {
    {"direct", {.algorithm = ConvAlgorithm::direct}, 2},
    {"im2col", {.algorithm = ConvAlgorithm::im2col}, 2},
    {"winograd F(4,3)", {.algorithm = ConvAlgorithm::winograd, .winograd_tile = 4}, 10},
    {"winograd F(6,3)", {.algorithm = ConvAlgorithm::winograd, .winograd_tile = 6}, 40},
    {"winograd, both tiles", {.algorithm = ConvAlgorithm::winograd}, 40},
};

struct Problem {
  ConvShape shape;
  Tensor in, weight, bias;

  Problem(const ConvShape& s, std::int64_t images)
      : shape(s),
        in({images, s.in_channels, s.height, s.width}),
        weight({s.out_channels, s.in_channels, 3, 3}),
        bias({s.out_channels}) {}
};

/// The plan's output as NCHW. Every buffer ends at an unmapped page; output and workspace hold NaN before.
std::vector<float> run(const ConvPlan& plan, const Problem& p) {
  const std::int64_t images = p.in.view().rows();
  const Shape in_shape = plan.in_shape(images), out_shape = plan.out_shape(images);
  Guarded in(in_shape.size()), out(out_shape.size()), workspace(plan.workspace_size());
  if (p.shape.planar_input)
    std::copy_n(p.in.data(), p.in.size(), in.data());
  else
    to_blocked({in.data(), in_shape}, p.in);
  plan.run({out.data(), out_shape}, {in.data(), in_shape}, {workspace.data(), {workspace.size()}});
  const std::int64_t step = p.shape.pool ? 2 : 1;
  std::vector<float> nchw(static_cast<std::size_t>(images * p.shape.out_channels * (p.shape.height / step) *
                                                   (p.shape.width / step)));
  from_blocked({nchw.data(), {images, p.shape.out_channels, p.shape.height / step, p.shape.width / step}},
               {out.data(), out_shape});
  // The next layer reads the spare channels as well: they must be zeros.
  for (std::int64_t i = 0; i < out.size(); ++i)
    if (i / (out_shape[2] * kChannelBlock) % out_shape[1] * kChannelBlock + i % kChannelBlock >=
        p.shape.out_channels)
      CHECK(out[i] == 0.0f);
  return nchw;
}

double largest(ConstView v) {
  double m = 0;
  for (std::int64_t i = 0; i < v.size(); ++i) m = std::max(m, std::abs(static_cast<double>(v[i])));
  return m;
}

void check_close(const KernelTable& table, const Method& method, const Problem& p, double factor) {
  const std::vector<float> got = run(ConvPlan(p.shape, p.weight, p.bias, method.options, table), p);
  const std::vector<double> expected = reference_convolution(p.shape, p.in, p.weight, p.bias);
  double weights = 0;  // the largest sum of |w| over a filter
  for (std::int64_t k = 0; k < p.shape.out_channels; ++k) {
    double sum = 0;
    for (std::int64_t i = 0; i < 9 * p.shape.in_channels; ++i)
      sum += std::abs(static_cast<double>(p.weight[k * 9 * p.shape.in_channels + i]));
    weights = std::max(weights, sum);
  }
  const double scale = std::numeric_limits<float>::epsilon() * (largest(p.in) * weights + largest(p.bias));
  REQUIRE(got.size() == expected.size());
  double worst = 0;
  std::size_t where = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double error = std::abs(static_cast<double>(got[i]) - expected[i]);
    if (!(error <= worst)) worst = error, where = i;
  }
  const ConvShape& s = p.shape;
  INFO(name_of(table.isa), " ", method.name, " C=", s.in_channels, " K=", s.out_channels, " H=", s.height,
       " W=", s.width, " pool=", s.pool, " planar=", s.planar_input, ": element ", where,
       ", error/(eps max|x| sum|w|)=", worst / scale);
  CHECK(worst <= factor * scale);
}

std::vector<Problem> problems() {
  std::vector<Problem> all;
  const std::int64_t sizes[][4] = {{1, 1, 1, 1},    {16, 16, 4, 4},   {17, 33, 5, 6},   {3, 5, 7, 9},
                                   {15, 31, 13, 2}, {32, 64, 14, 14}, {64, 65, 12, 18}, {33, 16, 29, 31},
                                   {5, 40, 1, 17},  {128, 32, 6, 8}};
  for (const auto& n : sizes)
    for (bool pool : {false, true})
      all.emplace_back(ConvShape{.in_channels = n[0],
                                 .out_channels = n[1],
                                 .height = n[2],
                                 .width = n[3],
                                 .relu = n[0] != 17,
                                 .pool = pool,
                                 .planar_input = n[0] == 3 || n[0] == 5},
                       pool ? 2 : 3);
  return all;
}

}  // namespace

TEST_CASE("every algorithm and instruction set agrees with the definition in double") {
  unsigned seed = 1;
  for (Problem& p : problems()) {
    fill_normal(p.in, seed++);
    fill_normal(p.weight, seed++);
    fill_normal(p.bias, seed++);
    for (const KernelTable* table : tables())
      for (const Method& method : kMethods) {
        if (p.shape.planar_input && method.options.algorithm != ConvAlgorithm::direct) continue;
        check_close(*table, method, p, method.factor);
      }
  }
}

TEST_CASE("integers come out exact where nothing is transformed") {
  unsigned seed = 100;
  for (Problem& p : problems()) {
    fill_integers(p.in, seed++);
    fill_integers(p.weight, seed++);
    fill_integers(p.bias, seed++);
    for (const KernelTable* table : tables())
      for (int m = 0; m < 2; ++m) {
        if (p.shape.planar_input && kMethods[m].options.algorithm != ConvAlgorithm::direct) continue;
        check_close(*table, kMethods[m], p, 0);
      }
  }
}

void check_same_bits(const ConvShape& shape, std::int64_t images) {
  Problem batch(shape, images);
  fill_normal(batch.in, 5);
  fill_normal(batch.weight, 6);
  fill_normal(batch.bias, 7);
  Problem alone(shape, 1);
  std::copy_n(batch.in.data() + alone.in.size(), alone.in.size(), alone.in.data());
  const int before = threads();
  for (const KernelTable* table : tables())
    for (const Method& method : kMethods) {
      const ConvPlan plan(shape, batch.weight, batch.bias, method.options, *table);
      set_threads(1);
      const std::vector<float> one = run(plan, batch);
      for (int n : {2, 3, 7}) {
        set_threads(n);
        CHECK(std::memcmp(one.data(), run(plan, batch).data(), one.size() * sizeof(float)) == 0);
      }
      const std::vector<float> single = run(plan, alone);
      CHECK(std::memcmp(one.data() + single.size(), single.data(), single.size() * sizeof(float)) == 0);
    }
  set_threads(before);
}

TEST_CASE("an image's result has the same bits for any number of threads and any other images") {
  check_same_bits({.in_channels = 48, .out_channels = 80, .height = 22, .width = 26, .pool = true}, 3);
  // Enough channels for int8 products: in two depth blocks, one of them of 16, and tiles in two panels.
  check_same_bits({.in_channels = 272, .out_channels = 40, .height = 10, .width = 14}, 6);
}

TEST_CASE("a large layer, with cooperative blocking, keeps the definition") {
  // 512 x 256 channels: F(4,3)'s transformed weights, 19 MB, are above the limit for
  // per-thread blocking.
  Problem p({.in_channels = 512, .out_channels = 256, .height = 7, .width = 9}, 1);
  fill_normal(p.in, 8);
  fill_normal(p.weight, 9);
  fill_normal(p.bias, 10);
  for (const KernelTable* table : tables())
    for (const Method& method : kMethods) check_close(*table, method, p, method.factor);
  CHECK(ConvPlan(p.shape, p.weight, p.bias, kMethods[2].options).info().cooperative);
  Problem deep({.in_channels = 272, .out_channels = 40, .height = 10, .width = 14}, 6);
  fill_normal(deep.in, 11);
  fill_normal(deep.weight, 12);
  fill_normal(deep.bias, 13);
  for (const KernelTable* table : tables())
    for (const Method& method : kMethods) check_close(*table, method, deep, method.factor);
}

TEST_CASE("no images and images without pixels are no work") {
  Problem p({.in_channels = 16, .out_channels = 16, .height = 4, .width = 4}, 0);
  for (const Method& method : kMethods)
    CHECK(run(ConvPlan(p.shape, p.weight, p.bias, method.options), p).empty());
  Problem flat({.in_channels = 16, .out_channels = 16, .height = 0, .width = 4}, 1);
  for (const Method& method : kMethods)
    CHECK(run(ConvPlan(flat.shape, flat.weight, flat.bias, method.options), flat).empty());
}

TEST_CASE("a plan refuses shapes that do not fit, and says what it will do") {
  Problem p({.in_channels = 16, .out_channels = 32, .height = 8, .width = 8}, 1);
  const ConvPlan plan(p.shape, p.weight, p.bias);
  CHECK(plan.info().algorithm == ConvAlgorithm::winograd);
  CHECK(method_name(plan.info()) == "winograd F(4,3)");  // 8 = 4 + 4
  const ConvShape deep{.in_channels = 16, .out_channels = 32, .height = 14, .width = 14};
  CHECK(method_name(ConvPlan(deep, p.weight, p.bias).info()) ==
        "winograd F(6,3) and F(4,3)");  // 14 = 6 + 4 + 4
  // 20 x 20 multiplications for 16 channels and 32 results.
  CHECK(ConvPlan(deep, p.weight, p.bias).info().product_flops == 2 * 20 * 20 * 16 * 32);
  CHECK(plan.info().flops == 2 * 9 * 16 * 32 * 64);
  CHECK(plan.info().product_flops < plan.info().flops);
  Tensor out(plan.out_shape(1)), in(plan.in_shape(1)), small({1});
  CHECK_THROWS_AS(plan.run(out, in, small), ContractError);
  CHECK_THROWS_AS(plan.run(in, in, Tensor({plan.workspace_size()})), ContractError);
  CHECK_THROWS_AS(ConvPlan(p.shape, p.bias, p.bias), ContractError);
  CHECK_THROWS_AS(conv_algorithm("fast"), UsageError);
  CHECK(conv_algorithm("im2col") == ConvAlgorithm::im2col);
}
