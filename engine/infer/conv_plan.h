#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/kernels/isa/table.h"
#include "engine/tensor/tensor.h"

namespace plainsight {

/// A 3x3 convolution of stride 1 and padding 1 over pictures of one size, with what follows it.
struct ConvShape {
  std::int64_t in_channels = 0, out_channels = 0;
  std::int64_t height = 0, width = 0;  ///< of the input, and of the output before the pool
  bool relu = true;                    ///< y = max(0, conv(x) + bias)
  bool pool = false;                   ///< then the largest of each 2x2 window
  bool planar_input = false;           ///< input is NCHW (a network's first layer) instead of channel-blocked
};

enum class ConvAlgorithm {
  auto_,     ///< the fastest for the shape, by rule
  direct,    ///< nine taps summed in place: the trusted path
  winograd,  ///< F(4x4,3x3) or F(6x6,3x3): 4 or 5 times fewer multiplications, a little more rounding
  im2col,    ///< the nine taps gathered, then one product
};

const char* name_of(ConvAlgorithm algorithm);
/// "auto", "direct", "winograd", "im2col"; throws UsageError for anything else.
ConvAlgorithm conv_algorithm(const std::string& name);

/// What is asked of a plan.
struct ConvOptions {
  ConvAlgorithm algorithm = ConvAlgorithm::auto_;
  int winograd_tile = 0;  ///< 4 or 6; 0: by rule
};

/// What a plan decided, for people: `explain` and the benches print it.
struct ConvPlanInfo {
  ConvAlgorithm algorithm = ConvAlgorithm::direct;  ///< never auto_
  int tile = 0;            ///< the side of Winograd's tiles when all are alike, otherwise 0
  std::int64_t block = 0;  ///< tiles (Winograd) or output rows (direct, im2col) that are worked on at a time
  bool threads_share_block =
      false;  ///< the threads divide one block's channels, instead of having blocks of their own
  bool matrix_unit = false;        ///< whose whole numbers the products are made of
  std::int64_t weight_bytes = 0;   ///< transformed weights
  std::int64_t flops = 0;          ///< of the convolution as defined, per image: 2 * 9 * C * K * H * W
  std::int64_t product_flops = 0;  ///< of the products that are really computed, per image
};

/// The algorithm with its tiles: "direct", "winograd F(4,3)", "winograd F(6,3) and F(4,3)".
std::string method_name(const ConvPlanInfo& info);

/// How to compute one convolution: immutable after it is built, safe to share between threads.
/// Owns the transformed weights; `run` allocates nothing.
class ConvPlan {
 public:
  /// @param weight  [K,C,3,3] and `bias` [K], PyTorch's order; read now, not kept.
  /// Throws ContractError when shapes do not fit, or for a planar input with another algorithm than direct.
  ConvPlan(const ConvShape& shape, ConstView weight, ConstView bias, const ConvOptions& options = {},
           const KernelTable& table = kernels());
  ~ConvPlan();
  ConvPlan(ConvPlan&&) noexcept;
  ConvPlan& operator=(ConvPlan&&) noexcept;

  /// [N, ceil(C/16), H*W, 16], or [N,C,H,W] if planar.
  Shape in_shape(std::int64_t images) const;
  /// [N, ceil(K/16), H'*W', 16], with H' = H/2 (down) after a pool.
  Shape out_shape(std::int64_t images) const;
  /// Floats that run() needs in `workspace`, for the present number of threads and any number of images.
  std::int64_t workspace_size() const;
  /// out = pool(relu(conv(in) + bias)). An image's result depends neither on the other images nor on the
  /// threads.
  void run(View out, ConstView in, View workspace) const;

  /// Whether this layer can take `first`'s results piece by piece, as they are computed.
  bool can_follow(const ConvPlan& first) const;
  /// out = this(first(in)), the same bits as one after the other, but the activations between them exist only
  /// in pieces that stay in a core's cache. Needs can_follow(first) and a workspace of
  /// workspace_size_after(first).
  void run_after(const ConvPlan& first, View out, ConstView in, View workspace) const;
  std::int64_t workspace_size_after(const ConvPlan& first) const;

  /// For measurements: Winograd's multiplications of run() alone, on what the workspace holds.
  void run_products(std::int64_t images, View workspace) const {
    require(workspace.size() >= workspace_size(), "ConvPlan::run_products: workspace too small");
    method_->run_products(images, workspace.data);
  }

  const ConvShape& shape() const { return shape_; }
  const ConvPlanInfo& info() const { return info_; }

  /// A rectangle of a layer's results, which may reach beyond the picture by one pixel.
  struct Piece {
    std::int64_t y, x, rows, columns;
  };

  /// One way to compute it: winograd_method.cpp, tap_method.cpp.
  class Method {
   public:
    virtual ~Method() = default;
    virtual std::int64_t workspace_size() const = 0;
    virtual void run(float* out, const float* in, std::int64_t images, float* workspace) const = 0;
    virtual void run_products(std::int64_t, float*) const {}
    virtual void describe(ConvPlanInfo& info) const = 0;

    /// For the first of two layers: out [channel block][rows][columns][16] = a piece of one image's results,
    /// zeros outside of the picture, on the calling thread.
    virtual bool computes_pieces() const { return false; }
    virtual std::int64_t piece_workspace_size() const { return 0; }
    virtual std::int64_t image_size() const { return 0; }  ///< floats of one image of the input
    virtual void run_piece(float*, const float*, const Piece&, float*) const {}
    /// For the second: the same as run() on the results of `first`.
    virtual bool takes_pieces() const { return false; }
    virtual std::int64_t workspace_size_after(const Method&) const { return 0; }
    virtual void run_after(const Method&, float*, const float*, std::int64_t, float*) const {}
  };

 private:
  ConvShape shape_;
  ConvPlanInfo info_;
  std::unique_ptr<const Method> method_;
};

}  // namespace plainsight
