#include "data/split.h"

#include <cmath>
#include <numeric>
#include <random>
#include <unordered_map>

#include "data/captions.h"
#include "data/karpathy_json.h"
#include "engine/base/error.h"
#include "engine/base/utf8.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

// Gathers ids of a split and refuses the second occurrence of one.
class Unique {
 public:
  void add(std::vector<std::string>& list, std::string_view file, const std::string& where) {
    std::string id = image_id(file);
    if (id.empty()) throw Error("cannot read split", where, "the image has no name", "");
    if (!is_utf8(file)) throw Error("cannot read split", where, utf8_complaint(file), kUtf8Hint);
    const auto [before, is_new] = places_.try_emplace(id, where);
    if (!is_new)
      throw Error("cannot read split", where, "\"" + id + "\" was listed before (" + before->second + ")",
                  "An image belongs to one list, once");
    list.push_back(std::move(id));
  }

 private:
  std::unordered_map<std::string, std::string> places_;
};

void read_list(const std::filesystem::path& path, std::vector<std::string>& list, Unique& seen) {
  const MappedFile file(path);
  std::string_view rest = file.text();
  for (std::size_t line = 1; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view name = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
    while (!name.empty() && (name.back() == '\r' || name.back() == ' ')) name.remove_suffix(1);
    if (!name.empty()) seen.add(list, name, path.string() + ", line " + std::to_string(line));
  }
}

}  // namespace

std::vector<std::size_t> numpy_permutation(std::size_t n, std::uint32_t seed) {
  require(n <= 0xFFFFFFFFu, "numpy_permutation: at most 2^32 - 1 elements");
  std::mt19937 generator(seed);
  std::vector<std::size_t> x(n);
  std::iota(x.begin(), x.end(), std::size_t{0});
  for (std::size_t i = n; i-- > 1;) {
    // A number in [0, i]: bits of the smallest mask that covers i, drawn again until they fit.
    const std::size_t mask = std::bit_ceil(i + 1) - 1;
    std::size_t j;
    do j = generator() & mask;
    while (j > i);
    std::swap(x[i], x[j]);
  }
  return x;
}

Split random_split(const std::vector<std::string>& ids, double test_size, std::uint32_t seed) {
  require(test_size > 0 && test_size < 1, "random_split: 0 < test_size < 1");
  const auto n_test = static_cast<std::size_t>(std::ceil(test_size * static_cast<double>(ids.size())));
  if (n_test == 0 || n_test >= ids.size())
    throw Error(
        "cannot split", std::to_string(ids.size()) + (ids.size() == 1 ? " image" : " images"),
        std::to_string(std::lround(100 * test_size)) +
            " % of the images, rounded up, are for validation, the others for training: one part would "
            "be empty",
        "At least 2 images are needed");
  const std::vector<std::size_t> order = numpy_permutation(ids.size(), seed);
  Split split;
  for (std::size_t i = 0; i < order.size(); ++i)
    (i < n_test ? split.val : split.train).push_back(ids[order[i]]);
  return split;
}

Split official_split(const std::filesystem::path& folder) {
  Split split;
  Unique seen;
  const auto read = [&](const char* name, std::vector<std::string>& list) {
    read_list(folder / name, list, seen);
    if (list.empty()) throw Error("cannot read split", (folder / name).string(), "the list is empty");
  };
  read("Flickr_8k.trainImages.txt", split.train);
  read("Flickr_8k.devImages.txt", split.val);
  if (std::filesystem::exists(folder / "Flickr_8k.testImages.txt"))
    read_list(folder / "Flickr_8k.testImages.txt", split.test, seen);
  return split;
}

Split karpathy_split(const std::filesystem::path& path) {
  const auto fail = [](const std::string& where, const std::string& why) {
    throw Error("cannot read split", where, why, kKarpathyHint);
  };
  Split split;
  Unique seen;
  read_karpathy_json(
      path, [&](const std::string& filename, const std::string& use, const std::string& where) {
        std::vector<std::string>* const list = use == "train" || use == "restval" ? &split.train
                                               : use == "val"                     ? &split.val
                                               : use == "test"                    ? &split.test
                                                                                  : nullptr;
        if (list == nullptr) fail(where, "`split` is \"" + use + "\", not train, restval, val or test");
        seen.add(*list, filename, where);
      });
  if (split.train.empty()) fail(path.string(), "it lists no training images");
  return split;
}

}  // namespace plainsight
