#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "data/feature_store.h"
#include "engine/tensor/tensor.h"
#include "model/vgg16/feature_network.h"
#include "model/vgg16/vgg16.h"

namespace plainsight {

/// The features of the files that could be decoded: row r of the output is file rows[r].
struct EncodedFiles {
  struct Skipped {
    std::size_t file;    ///< its index
    std::string reason;  ///< a whole message that names the file
  };
  std::vector<std::size_t> rows;
  std::vector<Skipped> skipped;
};

/// From image files to features: decodes, resizes, normalises, runs a network. source() describes the
/// features, for the store that keeps them and the run that uses them.
class ImageEncoder {
 public:
  /// VGG16 of the engine in use, with the weights of a file that weights-convert wrote. Throws Error for
  /// another file, UsageError as make_vgg16() does.
  explicit ImageEncoder(const std::filesystem::path& weights, const Vgg16Options& options = {});
  /// Any network. `variant` is text that differs when the features may differ in their last bits.
  ImageEncoder(FeatureSource source, std::string variant, std::unique_ptr<FeatureNetwork> network);

  /// The description of the features that a feature store or a run keeps.
  const FeatureSource& source() const { return source_; }
  /// Everything that the bits of a row depend on, except the file; with the plain engine the last bits depend
  /// on the batch and the number of threads as well.
  std::string identity() const;
  std::int64_t feature_dim() const { return network_->feature_dim(); }
  FeatureNetwork& network() { return *network_; }

  /// Encodes files into the first rows of out [files.size(), feature_dim()]. A row depends on its file alone
  /// (with the plain engine to rounding). Throws Error when the network's output is not finite.
  EncodedFiles encode(View out, std::span<const std::filesystem::path> files);

 private:
  FeatureSource source_;
  std::string variant_;
  std::unique_ptr<const SafetensorsFile> weights_;  ///< which the network refers to
  std::unique_ptr<FeatureNetwork> network_;
  Tensor pixels_;  ///< [N,3,224,224] of a batch
};

}  // namespace plainsight
