#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/tensor/view.h"

namespace plainsight {

/// One layer of a network, for one image: `explain` runs, times and describes it.
struct NetworkLayer {
  std::string name;
  Shape output;
  std::string method;          ///< how it is computed, in words
  double flops = 0;            ///< as the layer is defined
  double executed_flops = 0;   ///< in the matrix products of that method
  double weight_bytes = 0;     ///< as they are read, after any transformation
  double workspace_bytes = 0;  ///< of scratch memory
  std::function<void(View out, ConstView in)> run;
};

/// A network from normalised pixels to features, for inference only.
class FeatureNetwork {
 public:
  virtual ~FeatureNetwork() = default;

  virtual std::int64_t feature_dim() const = 0;
  /// out [N,feature_dim()] = the features of images [N,3,224,224].
  virtual void run(View out, ConstView images) = 0;
  /// Its layers in order; each reads the output of the one before. They refer to this network.
  virtual std::vector<NetworkLayer> layers() { return {}; }
};

}  // namespace plainsight
