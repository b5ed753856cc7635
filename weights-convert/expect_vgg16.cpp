#include "weights-convert/expect_vgg16.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "engine/io/mapped_file.h"
#include "weights-convert/checksum.h"

namespace plainsight::convert {
namespace {

struct Expected {
  std::string name;
  std::vector<std::uint64_t> shape;
};

/// torchvision's configuration D: convolutions 3x3 with these output channels, 0 for a max-pool, then three
/// linear layers. The index in a name counts every module: convolution, ReLU, pool.
std::vector<Expected> vgg16() {
  constexpr std::uint64_t kLayers[] = {64, 64,  0,   128, 128, 0,   256, 256, 256,
                                       0,  512, 512, 512, 0,   512, 512, 512, 0};
  std::vector<Expected> result;
  const auto layer = [&](const std::string& name, std::vector<std::uint64_t> weight) {
    const std::uint64_t outputs = weight[0];
    result.push_back({name + ".weight", std::move(weight)});
    result.push_back({name + ".bias", {outputs}});
  };
  std::uint64_t channels = 3;
  int index = 0;
  for (const std::uint64_t out : kLayers) {
    if (out > 0) layer("features." + std::to_string(index), {out, channels, 3, 3});
    if (out > 0) channels = out;
    index += out > 0 ? 2 : 1;
  }
  layer("classifier.0", {4096, 512 * 7 * 7});
  layer("classifier.3", {4096, 4096});
  layer("classifier.6", {1000, 4096});
  return result;
}

[[noreturn]] void fail(const Weights& weights, const std::string& why, const std::string& hint) {
  throw Error("not the weights of VGG16", weights.path.string(), why, hint);
}

/// PyTorch's hub puts the first eight digits of the SHA-256 into the name: vgg16-397923af.pth.
void check_hash_in_name(const Weights& weights) {
  const std::string stem = weights.path.stem().string();
  const auto dash = stem.rfind('-');
  if (dash == std::string::npos || weights.path.extension() != ".pth") return;
  const std::string digits = stem.substr(dash + 1);
  if (digits.size() != 8 || digits.find_first_not_of("0123456789abcdef") != std::string::npos) return;
  const std::string hash = sha256(MappedFile(weights.path).bytes());
  if (!hash.starts_with(digits))
    fail(weights,
         "its SHA-256 begins with " + hash.substr(0, 8) + ", not with " + digits + " as its name says",
         "The file is damaged or another: get it again");
}

}  // namespace

void expect_vgg16(const Weights& weights) {
  const std::string hint =
      "Expected is the state_dict of torchvision.models.vgg16 (no batch normalisation, 1000 classes)";
  const std::vector<Expected> expected = vgg16();
  for (const Expected& e : expected) {
    const SourceTensor* t = weights.find(e.name);
    if (t == nullptr) fail(weights, "tensor \"" + e.name + "\" is missing", hint);
    if (t->shape != e.shape || t->dtype != Dtype::F32)
      fail(weights,
           "tensor \"" + e.name + "\" is " + std::string(name_of(t->dtype)) + " " + shape_text(t->shape) +
               " where F32 " + shape_text(e.shape) + " is due",
           hint);
  }
  for (const SourceTensor& t : weights.tensors)
    if (std::none_of(expected.begin(), expected.end(), [&](const Expected& e) { return e.name == t.name; }))
      fail(weights, "tensor \"" + printable(t.name, 80) + "\" does not belong to it", hint);
  check_hash_in_name(weights);
}

}  // namespace plainsight::convert
