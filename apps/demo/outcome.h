#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "apps/demo/image_set.h"

namespace plainsight::demo {

/// A captioner's captions of the unseen scenes, and their scores.
struct Outcome {
  std::vector<std::string> captions;          ///< one for each unseen scene
  double bleu4 = 0;                           ///< against the scene's own five sentences
  std::array<double, kAttributes> rightly{};  ///< share of captions that name_rightly() each attribute
};

/// Compares captions of the set's unseen scenes, in their order, with the sentences of the set's captions
/// file, cleaned as the training data were.
Outcome judge(const ImageSet& set, std::vector<std::string> captions);

/// One HTML page: both outcomes side by side, then every unseen image with its caption. It shows the
/// images by relative paths, so it belongs next to the folder of images.
/// Throws Error when it cannot be written.
void write_report(const std::filesystem::path& page, const ImageSet& set, const Outcome& own,
                  const Outcome& exchanged);

}  // namespace plainsight::demo
