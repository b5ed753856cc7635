#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "apps/demo/scene.h"

namespace plainsight::demo {

/// A made-up image set as files: what a user's own images and captions look like to the other commands.
struct ImageSet {
  std::vector<Scene> scenes;
  std::vector<std::string> files;  ///< the scenes' images, names below images
  std::size_t train = 0,
              val =
                  0;  ///< scenes [0, train) are for training, the next `val` for validation, the rest unseen
  std::filesystem::path images;    ///< folder of PNG files
  std::filesystem::path captions;  ///< Kaggle's layout: image,caption; five an image
  std::filesystem::path vocab;     ///< BERT's layout, with the words that the captions use
  std::filesystem::path splits;    ///< folder of Flickr8k's three lists
};

/// Draws `count` images and writes everything below `folder`; the same files for the same count and seed.
/// 70 of 100 are for training, 10 for validation. `progress` hears how many images are written. Throws
/// Error when a file cannot be written.
ImageSet make_image_set(const std::filesystem::path& folder, int count, std::uint64_t seed,
                        const std::function<void(int)>& progress);

}  // namespace plainsight::demo
