#pragma once

#include <cstdint>
#include <string>

namespace plainsight {

enum class ConvAlgorithm {
  auto_,     ///< the fastest for the shape, by rule
  direct,    ///< the definition: nine taps, read in place
  winograd,  ///< F(4x4,3x3) or F(6x6,3x3): 4 or 5 times fewer multiplications, a little more rounding
  im2col,    ///< the nine taps gathered into a matrix, then one product
};

const char* name_of(ConvAlgorithm algorithm);
/// "auto", "direct", "winograd", "im2col"; throws UsageError for anything else.
ConvAlgorithm conv_algorithm(const std::string& name);

/// The decisions of a ConvPlan, as data: `explain` and the benchmarks print them.
struct ConvPlanInfo {
  ConvAlgorithm algorithm = ConvAlgorithm::direct;  ///< never auto_
  int tile = 0;                    ///< Winograd: 4 or 6 if all tiles are of that side, 0 if both occur
  std::int64_t block = 0;          ///< size of a block: tiles (Winograd) or output rows (direct, im2col)
  bool cooperative = false;        ///< all threads work on one block; otherwise each thread has its own
  bool int8 = false;               ///< products run in int8 on AMX
  std::int64_t weight_bytes = 0;   ///< of the transformed weights
  std::int64_t flops = 0;          ///< of the convolution as defined, per image: 2 * 9 * C * K * H * W
  std::int64_t product_flops = 0;  ///< of the products that are computed, per image
};

/// The algorithm with its tiles: "direct", "winograd F(4,3)", "winograd F(6,3) and F(4,3)".
std::string method_name(const ConvPlanInfo& info);

}  // namespace plainsight
