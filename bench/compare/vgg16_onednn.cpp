// Compares VGG16's 13 convolutions, layer by layer, with oneDNN's Winograd and direct convolutions on the
// same shapes and values, alternating. oneDNN gets its preferred layouts (no reorder is timed) and a fused
// ReLU; it does no pooling, ours does. Run by compare/vgg16_onednn.sh.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/peak.h"
#include "model/vgg16/vgg16.h"

using namespace plainsight;

namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// A convolution of oneDNN with bias and ReLU; not available where oneDNN refuses the algorithm for
/// the shape.
struct Peer {
  dnnl::convolution_forward primitive;
  std::unordered_map<int, dnnl::memory> arguments;
  bool available = false;

  Peer(const dnnl::engine& engine, dnnl::stream& stream, const ConvShape& s, std::int64_t images,
       dnnl::algorithm algorithm, const Tensor& in, const Tensor& weight, const Tensor& bias) {
    using dnnl::memory;
    const auto any = [](const memory::dims& d) {
      return memory::desc(d, memory::data_type::f32, memory::format_tag::any);
    };
    const memory::dims x = {images, s.in_channels, s.height, s.width},
                       y = {images, s.out_channels, s.height, s.width};
    const memory::dims w = {s.out_channels, s.in_channels, 3, 3}, one = {1, 1};
    dnnl::post_ops relu;
    relu.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0, 0);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(relu);
    try {
      const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_inference, algorithm, any(x),
                                                 any(w), any({s.out_channels}), any(y), one, one, one);
      const dnnl::convolution_forward::primitive_desc chosen(desc, attributes, engine);
      memory from(chosen.src_desc(), engine), to(chosen.dst_desc(), engine),
          filter(chosen.weights_desc(), engine);
      reorder(engine, stream, in, x, memory::format_tag::nchw, from);
      reorder(engine, stream, weight, w, memory::format_tag::oihw, filter);
      memory offset({{s.out_channels}, memory::data_type::f32, memory::format_tag::x}, engine);
      std::memcpy(offset.get_data_handle(), bias.data(),
                  static_cast<std::size_t>(bias.size()) * sizeof(float));
      arguments = {
          {DNNL_ARG_SRC, from}, {DNNL_ARG_WEIGHTS, filter}, {DNNL_ARG_BIAS, offset}, {DNNL_ARG_DST, to}};
      primitive = dnnl::convolution_forward(chosen);
      available = true;
    } catch (const dnnl::error&) {  // no Winograd for this shape or instruction set
    }
  }

  static void reorder(const dnnl::engine& engine, dnnl::stream& stream, const Tensor& values,
                      const dnnl::memory::dims& dims, dnnl::memory::format_tag plain, dnnl::memory& to) {
    dnnl::memory from({dims, dnnl::memory::data_type::f32, plain}, engine, const_cast<float*>(values.data()));
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
  }
};

struct Layer {
  const char* name;
  ConvPlan plan;
  Tensor in, out;
  std::vector<Peer> peers;       // Winograd, direct
  double spent[3];               // seconds of this round: ours, Winograd, direct
  std::vector<double> times[3];  // ms per image of every round
};

/// Runs the network as Vgg16 does: the first four layers image by image, each on the output of the one
/// before, the other layers over the batch. The first two are fused; their time counts as the second's.
constexpr std::size_t kFront = 4;
void run_ours(std::vector<Layer>& layers, std::int64_t images, Tensor& workspace) {
  const auto run = [&](Layer& l, ConstView in) {
    const double start = seconds();
    l.plan.run(l.out.view().slice(0, in.rows()), in, workspace);
    l.spent[0] += seconds() - start;
  };
  for (Layer& l : layers) l.spent[0] = 0;
  for (std::int64_t n = 0; n < images; ++n) {
    const double start = seconds();
    FusedConvPair(layers[0].plan, layers[1].plan)
        .run(layers[1].out.view().slice(0, 1), layers[0].in.view().slice(n, n + 1), workspace);
    layers[1].spent[0] += seconds() - start;
    for (std::size_t i = 2; i < kFront; ++i) run(layers[i], layers[i - 1].out.view().slice(0, 1));
  }
  for (std::size_t i = kFront; i < layers.size(); ++i)
    run(layers[i], i == kFront ? layers[i].in : layers[i - 1].out);
}

double quantile(std::vector<double> v, double q) {
  std::sort(v.begin(), v.end());
  return v[static_cast<std::size_t>(q * static_cast<double>(v.size() - 1) + 0.5)];
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t images = argc > 1 ? std::atoi(argv[1]) : 8;
  const int repeats = argc > 2 ? std::atoi(argv[2]) : 7;
  set_threads(argc > 3 ? std::atoi(argv[3]) : 2);
  const int tile = argc > 4 ? std::atoi(argv[4]) : 0;
  const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");
  std::printf("oneDNN %d.%d.%d (%s), Plainsight %s; batch %ld, %d threads, median of %d\n",
              dnnl_version()->major, dnnl_version()->minor, dnnl_version()->patch,
              limit != nullptr ? limit : "every instruction set", name_of(kernels().isa),
              static_cast<long>(images), threads(), repeats);
  const double peak = fma_peak(kernels(), 0.2) * 1e9;
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  std::minstd_rand random(1);
  std::uniform_real_distribution<float> uniform(-1.7f, 1.7f);  // variance 1
  std::vector<Layer> layers;
  std::int64_t space = 0;
  for (const vgg16::ConvLayer& l : vgg16::conv_layers()) {
    const ConvShape& s = l.shape;
    Tensor weight({s.out_channels, s.in_channels, 3, 3}), bias({s.out_channels});
    for (std::int64_t i = 0; i < weight.size(); ++i)
      weight[i] = uniform(random) * std::sqrt(2.0f / (9.0f * static_cast<float>(s.in_channels)));
    ConvOptions options;
    if (!s.planar_input) options.winograd_tile = tile;
    ConvPlan plan(s, weight, bias, options);
    const Shape in_shape = plan.in_shape(images), out_shape = plan.out_shape(images);
    Tensor in(in_shape);
    for (std::int64_t i = 0; i < in.size(); ++i) in[i] = uniform(random);
    space = std::max(space, plan.workspace_size());
    if (layers.size() == 1) space = std::max(space, FusedConvPair(layers[0].plan, plan).workspace_size());
    Layer layer{l.name, std::move(plan), std::move(in), Tensor(out_shape), {}, {}, {}};
    for (dnnl::algorithm a : {dnnl::algorithm::convolution_winograd, dnnl::algorithm::convolution_direct})
      layer.peers.emplace_back(engine, stream, s, images, a, layer.in, weight, bias);
    layers.push_back(std::move(layer));
  }
  Tensor workspace({space});
  // A turn is two runs of the network, of which the second counts: the first begins with the other sides'
  // weights in the caches.
  for (int r = 0; r < repeats; ++r) {
    for (int run = 0; run < 2; ++run) run_ours(layers, images, workspace);
    for (int run = 2; run < 6; ++run)
      for (Layer& l : layers) {
        const int side = run / 2;
        // Without a Winograd (the first layer; AVX2), oneDNN's Winograd column has its direct time.
        Peer& peer = l.peers[side == 1 && l.peers[0].available ? 0 : 1];
        const double start = seconds();
        peer.primitive.execute(stream, peer.arguments);
        stream.wait();
        l.spent[side] = seconds() - start;
      }
    for (int side = 1; side < 3; ++side) layers[1].spent[side] += std::exchange(layers[0].spent[side], 0);
    for (Layer& l : layers)
      for (int side = 0; side < 3; ++side)
        l.times[side].push_back(l.spent[side] * 1e3 / static_cast<double>(images));
  }
  std::printf("%-12s %-43s %8s %9s %8s | %8s %8s | %6s\n", "layer", "plan", "ms/image", "products", "peak",
              "Winograd", "direct", "ratio");
  double total[3] = {}, low = 0, high = 0;
  for (Layer& l : layers) {
    if (&l == &layers[0]) continue;
    const ConvPlanInfo& info = l.plan.info();
    const bool joined = &l == &layers[1];
    double median[3];
    for (int side = 0; side < 3; ++side) total[side] += median[side] = quantile(l.times[side], 0.5);
    low += quantile(l.times[0], 0.1), high += quantile(l.times[0], 0.9);
    char plan[64];
    std::snprintf(plan, sizeof plan, "%s block %ld%s", method_name(info).c_str(),
                  static_cast<long>(info.block),
                  info.int8          ? " amx"
                  : info.cooperative ? " shared"
                                     : "");
    const double flops =
        static_cast<double>(info.product_flops + (joined ? layers[0].plan.info().product_flops : 0));
    const double rate = flops / (median[0] * 1e-3);
    std::printf("%-12s %-43s %8.3f %9.1f %7.0f%% | %8.3f%s %8.3f | %6.2f\n", joined ? "features.0+2" : l.name,
                plan, median[0], rate * 1e-9, 100 * rate / peak, median[1], l.peers[0].available ? " " : "*",
                median[2], median[1] / median[0]);
  }
  std::printf(
      "13 layers: ours %.1f ms/image (10..90 %%: %.1f..%.1f), oneDNN Winograd %.1f, direct %.1f; ratio %.2f, "
      "%.2f\n",
      total[0], low, high, total[1], total[2], total[1] / total[0], total[2] / total[0]);
  std::printf(
      "(products: GFLOP/s of the products really computed, over the time with transforms; peak %.0f GFLOP/s; "
      "* = oneDNN has no Winograd there: direct)\n",
      peak * 1e-9);
}
