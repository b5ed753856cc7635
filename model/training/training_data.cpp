#include "model/training/training_data.h"

#include "engine/base/error.h"
#include "engine/io/fingerprint.h"

namespace plainsight {
namespace {

template <class T>
std::string fingerprint_of(std::span<const T> values) {
  return fingerprint(std::as_bytes(values));
}

std::string fingerprint_of(const DataPart& part, const FeatureStore& features) {
  const EncodedTexts& tokens = part.captions.tokens;
  std::string text = fingerprint_of(std::span(tokens.ids)) + fingerprint_of(std::span(tokens.begins)) +
                     fingerprint_of(std::span(part.captions.image));
  for (const std::int32_t row : part.feature_row) {
    const std::span<const float> feature = features.row(static_cast<std::size_t>(row));
    text += fingerprint_of(feature);
  }
  return fingerprint_of(std::span<const char>(text));
}

}  // namespace

CaptionFormat caption_format(Recipe recipe) {
  return recipe == Recipe::full ? CaptionFormat::csv : CaptionFormat::notebook;
}

std::vector<std::string> drop_images_without_features(Split& split, const FeatureStore& features) {
  std::vector<std::string> dropped;
  const auto drop_from = [&](std::vector<std::string>& ids) {
    return std::erase_if(ids, [&](const std::string& id) {
      const bool absent = !features.find(id);
      if (absent) dropped.push_back(id);
      return absent;
    });
  };
  const auto drop_some_from = [&](std::vector<std::string>& ids, const char* use) {
    const std::size_t count = drop_from(ids);
    if (count > 0 && ids.empty())
      throw Error(
          "cannot use feature store", features.path().string(),
          "it has none of the " + std::to_string(count) + " " + use + " images, such as " + dropped.back(),
          "Extract the features of the pictures that the captions file names");
  };
  drop_some_from(split.train, "training");
  drop_some_from(split.val, "validation");
  drop_from(split.test);
  return dropped;
}

DataPart encode_part(const std::vector<ImageCaptions>& captions, const std::vector<std::string>& ids,
                     Recipe recipe, int max_length, const WordPiece& wordpiece,
                     const FeatureStore& features) {
  const std::size_t limit =
      recipe == Recipe::full ? WordPiece::kUnlimited : static_cast<std::size_t>(max_length);
  DataPart part{encode_captions(captions, ids, wordpiece, limit), {}};
  for (const std::string& id : ids) {
    const auto row = features.find(id);
    if (!row) {
      throw Error("cannot find an image's features", id,
                  "the feature file has none for this image of the split",
                  "Give the feature file that the run was trained on");
    }
    features.finite_row(*row);
    part.feature_row.push_back(static_cast<std::int32_t>(*row));
  }
  return part;
}

TrainingData encode_training_data(const std::vector<ImageCaptions>& captions, const Split& split,
                                  Recipe recipe, int max_length, const WordPiece& wordpiece,
                                  const FeatureStore& features) {
  return {.train = encode_part(captions, split.train, recipe, max_length, wordpiece, features),
          .val = encode_part(captions, split.val, recipe, max_length, wordpiece, features),
          .train_images = static_cast<std::int64_t>(split.train.size()),
          .pad = wordpiece.pad(),
          .features = &features};
}

std::string fingerprint(const TrainingData& data) {
  const std::string both =
      fingerprint_of(data.train, *data.features) + fingerprint_of(data.val, *data.features);
  return fingerprint_of(std::span<const char>(both));
}

}  // namespace plainsight
