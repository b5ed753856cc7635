#include "model/vgg16/image_encoder.h"

#include <algorithm>
#include <cmath>

#include "data/preprocess.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/io/fingerprint.h"
#include "engine/kernels/isa/engine.h"
#include "engine/plain/blas_kernels.h"
#include "model/vgg16/make_vgg16.h"

namespace plainsight {
namespace {

constexpr std::int64_t kSide = vgg16::kSide;

void require_finite(ConstView row, const std::filesystem::path& file) {
  if (std::all_of(row.data, row.data + row.size(), [](float v) { return std::isfinite(v); })) return;
  throw Error("cannot compute features", file.string(), "the network gave a value that is not finite",
              "The weights are damaged: convert them again");
}

}  // namespace

ImageEncoder::ImageEncoder(const std::filesystem::path& weights, const Vgg16Options& options)
    : weights_(std::make_unique<SafetensorsFile>(weights)), network_(make_vgg16(*weights_, options)) {
  source_ = {.encoder = "vgg16",
             .layer = name_of(options.layer),
             .preprocessing = kPreprocessing,
             .weights = fingerprint(*weights_),
             .engine = name_of(engine())};
  variant_ = engine() == Engine::tuned
                 ? std::string(name_of(options.conv.algorithm)) + ", " + name_of(kernels().isa)
                 : std::string("OpenBLAS ") + plain::blas_kernels_name();
}

ImageEncoder::ImageEncoder(FeatureSource source, std::string variant, std::unique_ptr<FeatureNetwork> network)
    : source_(std::move(source)), variant_(std::move(variant)), network_(std::move(network)) {}

std::string ImageEncoder::identity() const {
  std::string text = variant_ + '\n';
  for (const auto& [key, value] : source_.metadata()) text += key + '=' + value + '\n';
  return text + std::to_string(feature_dim());
}

EncodedFiles ImageEncoder::encode(View out, std::span<const std::filesystem::path> files) {
  const auto count = static_cast<std::int64_t>(files.size());
  require(out.shape == Shape({count, feature_dim()}),
          "ImageEncoder::encode: output must be [files,feature_dim()]");
  if (pixels_.size() < count * 3 * kSide * kSide) pixels_ = Tensor::uninitialized({count, 3, kSide, kSide});
  const auto pixels = [&](std::int64_t i) { return View(pixels_.view().row(i), {3, kSide, kSide}); };

  // Files to pixels. Each thread takes the next file when it has finished one: images differ in size.
  std::vector<std::string> reasons(files.size());
  parallel_tasks(count, [&](std::int64_t, std::int64_t i) {
    try {
      preprocess(pixels(i), files[i]);
    } catch (const Error& e) {
      reasons[i] = e.what();
    }
  });

  // Files that could not be decoded leave the batch; the others move up.
  EncodedFiles result;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!reasons[i].empty()) {
      result.skipped.push_back({static_cast<std::size_t>(i), std::move(reasons[i])});
      continue;
    }
    const auto row = static_cast<std::int64_t>(result.rows.size());
    if (row < i) std::copy_n(pixels(i).data, pixels(i).size(), pixels(row).data);
    result.rows.push_back(i);
  }

  // Pixels to features.
  const auto rows = static_cast<std::int64_t>(result.rows.size());
  if (rows > 0) network_->run(out.slice(0, rows), pixels_.view().slice(0, rows));
  for (std::int64_t r = 0; r < rows; ++r) require_finite(out.slice(r, r + 1), files[result.rows[r]]);
  return result;
}

}  // namespace plainsight
