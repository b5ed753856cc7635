#include "model/training/training_data.h"

#include <string_view>
#include <unordered_set>

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
    const std::span<const float> feature = features.row(row);
    text += fingerprint_of(feature);
  }
  return fingerprint_of(std::span<const char>(text));
}

/// Takes the images that are not `present` out of the lists and returns their ids. Throws what `lacking`
/// makes of "the N training images, such as ID" when nothing is left to train or to validate on.
template <class Present, class Lacking>
std::vector<std::string> drop_images(Split& split, Present present, Lacking lacking) {
  std::vector<std::string> dropped;
  const auto drop_from = [&](std::vector<std::string>& ids) {
    return std::erase_if(ids, [&](const std::string& id) {
      const bool absent = !present(id);
      if (absent) dropped.push_back(id);
      return absent;
    });
  };
  const auto drop_some_from = [&](std::vector<std::string>& ids, const char* use) {
    const std::size_t count = drop_from(ids);
    if (count > 0 && ids.empty())
      throw lacking("the " + std::to_string(count) + " " + use + " images, such as " + dropped.back());
  };
  drop_some_from(split.train, "training");
  drop_some_from(split.val, "validation");
  drop_from(split.test);
  return dropped;
}

}  // namespace

CaptionFormat caption_format(Recipe recipe) {
  return recipe == Recipe::full ? CaptionFormat::csv : CaptionFormat::notebook;
}

std::vector<std::string> drop_images_without_captions(Split& split,
                                                      const std::vector<ImageCaptions>& captions,
                                                      const std::string& file) {
  std::unordered_set<std::string_view> captioned;
  for (const ImageCaptions& image : captions) captioned.insert(image.id);
  return drop_images(
      split, [&](const std::string& id) { return captioned.contains(id); },
      [&](const std::string& images) {
        return Error("cannot use captions", file, "the file has none for " + images,
                     "Use the captions that belong to the split");
      });
}

std::vector<std::string> drop_images_without_features(Split& split, const FeatureStore& features) {
  return drop_images(
      split, [&](const std::string& id) { return features.find(id).has_value(); },
      [&](const std::string& images) {
        return Error("cannot use feature store", features.path().string(), "it has none of " + images,
                     "Extract the features of the images that the captions file names");
      });
}

DataPart encode_part(const std::vector<ImageCaptions>& captions, const std::vector<std::string>& ids,
                     Recipe recipe, int max_length, const WordPiece& wordpiece,
                     const FeatureStore& features) {
  const std::size_t limit = recipe == Recipe::full ? WordPiece::kUnlimited : max_length;
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
          .train_images = std::ssize(split.train),
          .pad = wordpiece.pad(),
          .features = &features};
}

std::string fingerprint(const TrainingData& data) {
  const std::string both =
      fingerprint_of(data.train, *data.features) + fingerprint_of(data.val, *data.features);
  return fingerprint_of(std::span<const char>(both));
}

}  // namespace plainsight
