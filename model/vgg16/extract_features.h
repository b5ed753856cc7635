#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/image_folder.h"
#include "model/vgg16/image_encoder.h"

namespace plainsight {

struct ExtractOptions {
  std::int64_t batch = 16;
  std::function<void(std::int64_t done, std::int64_t total)> progress =
      {};                           ///< called at the start and after every batch
  std::function<bool()> stop = {};  ///< polled before every batch
};

struct ExtractResult {
  std::int64_t rows = 0;     ///< finished so far
  std::int64_t resumed = 0;  ///< those among them that an earlier call had finished
  std::vector<SkippedImage> skipped;
  bool finished = false;  ///< false: stopped before the end; the same call continues
};

/// Writes the feature store of a folder of images: one row per image that can be decoded, in the order of the
/// file names. Finished rows are kept next to the store (FeatureJournal): killed at any moment, the same call
/// continues, and the store has the bytes of an uninterrupted run (with the plain engine its values, to
/// rounding: the batches differ). Images that changed meanwhile are computed anew. Throws Error when the
/// store cannot be written, no image can be decoded, or the network gives a value that is not finite.
ExtractResult extract_features(const ImageFolder& folder, const std::filesystem::path& store,
                               ImageEncoder& encoder, const ExtractOptions& options = {});

}  // namespace plainsight
