#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace plainsight {

/// Image ids by use, in the order of each list; no id is in two lists.
struct Split {
  std::vector<std::string> train, val, test;
  bool operator==(const Split&) const = default;
};

/// numpy's `RandomState(seed).permutation(n)`: MT19937 and the legacy shuffle.
std::vector<std::size_t> numpy_permutation(std::size_t n, std::uint32_t seed);

/// scikit-learn's `train_test_split(ids, test_size=..., random_state=seed)`: the same lists in the same
/// order. Its test part is `val`, as in the notebook; `test` is empty. 0 < test_size < 1. Throws Error when
/// one of the parts would be empty.
Split random_split(const std::vector<std::string>& ids, double test_size, std::uint32_t seed);

/// Flickr8k's own lists, one file name a line: Flickr_8k.trainImages.txt, .devImages.txt, .testImages.txt in
/// `folder`. The last may be missing. Throws Error naming file and line:
/// another list missing or empty, a name twice.
Split official_split(const std::filesystem::path& folder);

/// Karpathy's dataset_flickr8k.json: images[].filename and images[].split (train, restval, val, test; restval
/// is added to train). Throws Error naming the file and what is wrong where.
Split karpathy_split(const std::filesystem::path& json);

}  // namespace plainsight
