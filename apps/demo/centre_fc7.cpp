#include "apps/demo/centre_fc7.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/io/safetensors_writer.h"
#include "engine/tensor/tensor.h"

namespace plainsight {
namespace {

/// z' = (z - mean) / deviation; units that are not known keep 0 and 1.
struct Centre {
  std::vector<float> mean, deviation;
};

Centre centre_of(const FeatureStore& features) {
  const std::size_t D = features.dim();
  const auto N = static_cast<double>(features.size());
  Centre centre{std::vector<float>(D, 0.0f), std::vector<float>(D, 1.0f)};
  for (std::size_t j = 0; j < D; ++j) {
    double sum = 0, squares = 0;
    bool always = true;
    for (std::size_t i = 0; i < features.size(); ++i) {
      always = always && features.row(i)[j] > 0;
      sum += static_cast<double>(features.row(i)[j]);
    }
    for (std::size_t i = 0; i < features.size(); ++i)
      squares += std::pow(static_cast<double>(features.row(i)[j]) - sum / N, 2);
    if (!always || squares == 0) continue;
    centre.mean[j] = static_cast<float>(sum / N);
    centre.deviation[j] = static_cast<float>(std::sqrt(squares / N));
  }
  return centre;
}

}  // namespace

void centre_fc7(const std::filesystem::path& weights, const FeatureStore& features,
                const std::filesystem::path& target) {
  const Centre centre = centre_of(features);
  const SafetensorsFile in(weights);
  const ConstView weight = in.f32("classifier.3.weight", Shape{features.dim(), 4096});
  const ConstView bias = in.f32("classifier.3.bias", Shape{features.dim()});
  Metadata metadata = in.metadata();
  metadata["fc7"] = "centred on " + std::to_string(features.size()) + " images";
  SafetensorsWriter out(target, in.tensors(), metadata);
  for (const TensorInfo& t : in.tensors()) {
    const bool is_weight = t.name == "classifier.3.weight", is_bias = t.name == "classifier.3.bias";
    if (!is_weight && !is_bias) {
      out.append(in.bytes(t));
      continue;
    }
    const ConstView from = is_weight ? weight : bias;
    Tensor row({from.cols()});
    for (std::int64_t j = 0; j < from.rows(); ++j) {
      const std::size_t u = j;
      for (std::int64_t k = 0; k < from.cols(); ++k)
        row[k] = (from.row(j)[k] - (is_bias ? centre.mean[u] : 0.0f)) / centre.deviation[u];
      out.append(row.view());
    }
  }
  out.commit();
}

}  // namespace plainsight
