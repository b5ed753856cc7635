#pragma once

#include <string>

#include "data/split.h"
#include "model/run/run_config.h"
#include "model/training/batch.h"

namespace plainsight {

/// The data of a run. `features` must outlive it.
struct TrainingData {
  DataPart train, val;
  std::int64_t train_images = 0;
  std::int32_t pad = 0;
  const FeatureStore* features = nullptr;
};

/// How a recipe reads the captions file.
CaptionFormat caption_format(Recipe recipe);

/// Takes the images that `captions`, read from `file`, lacks out of the split's lists, whose order stays, and
/// returns their ids: official lists may name more images than one has. Throws Error naming `file` when it
/// lacks all images of `train`, or all of `val`.
std::vector<std::string> drop_images_without_captions(Split& split,
                                                      const std::vector<ImageCaptions>& captions,
                                                      const std::string& file);

/// Takes the images that `features` lacks out of the split's lists, whose order stays, and returns their ids:
/// extract leaves out the images that cannot be decoded. Throws Error when it lacks all images of `train`,
/// or all of `val`, by which the best epoch is chosen.
std::vector<std::string> drop_images_without_features(Split& split, const FeatureStore& features);

/// Encodes the captions of `ids` and finds their features. `max_length` cuts captions (in tokens) as the
/// notebook does; the recipe `full` keeps them whole. Throws Error naming an id that has no
/// captions or no features.
DataPart encode_part(const std::vector<ImageCaptions>& captions, const std::vector<std::string>& ids,
                     Recipe recipe, int max_length, const WordPiece& wordpiece, const FeatureStore& features);

TrainingData encode_training_data(const std::vector<ImageCaptions>& captions, const Split& split,
                                  Recipe recipe, int max_length, const WordPiece& wordpiece,
                                  const FeatureStore& features);

/// Hash of the encoded captions and of the features of their images: equal for runs on the same data.
std::string fingerprint(const TrainingData& data);

}  // namespace plainsight
