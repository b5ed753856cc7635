#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/feature_store.h"
#include "data/picture_folder.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The network as extraction sees it.
struct FeatureNetwork {
  FeatureSource source;
  /// What else decides the last bits of a row (convolution algorithm, instruction set):
  /// rows of another variant are not continued.
  std::string variant;
  std::int64_t dim = 0;
  /// out [N,dim] from normalised pictures [N,3,224,224]. A row must depend on its picture alone: neither on
  /// its companions in the batch nor on the number of threads.
  std::function<void(View out, ConstView pictures)> run;
};

struct ExtractOptions {
  std::int64_t batch = 16;
  std::function<void(std::int64_t done, std::int64_t total)> progress =
      {};                           ///< called at the start and after every batch
  std::function<bool()> stop = {};  ///< asked before every batch
};

struct ExtractResult {
  std::int64_t rows = 0;     ///< finished so far
  std::int64_t resumed = 0;  ///< of these, found from an earlier run
  std::vector<SkippedPicture> skipped;
  bool finished = false;  ///< false: stopped before the end; the same call continues
};

/// Writes the feature store of a folder of pictures: one row per picture that can be decoded, in the order of
/// the file names. Finished rows are kept beside the target (FeatureJournal): killed at any moment, the same
/// call continues, and the store has the bytes of an uninterrupted run. Pictures that changed meanwhile are
/// computed anew. Throws Error when the target cannot be written, no picture can be decoded, or the network
/// gives a number that is not finite.
ExtractResult extract_features(const PictureFolder& folder, const std::filesystem::path& target,
                               const FeatureNetwork& network, const ExtractOptions& options = {});

}  // namespace plainsight
