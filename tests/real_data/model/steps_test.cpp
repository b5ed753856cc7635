// Training at full size against PyTorch: tests/reference/notebook_steps.py and full_steps.py made the
// expected values.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "data/split.h"
#include "engine/base/random.h"
#include "model/training/learner.h"
#include "tests/support/data.h"

using namespace plainsight;

namespace {

/// A folder that is removed with the test.
struct TemporaryFolder {
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("plainsight-steps-" + std::to_string(::getpid()));
  TemporaryFolder() { std::filesystem::create_directories(path); }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

/// Row i is the feature of the i-th training image: torch.rand with seed 7, as captioner_reference.py
/// makes it.
FeatureStore made_up_features(const std::filesystem::path& path, std::span<const std::string> ids) {
  constexpr std::int64_t kDim = 4096;
  Tensor rows({static_cast<std::int64_t>(ids.size()), kDim});
  TorchGenerator(7).uniform({rows.data(), static_cast<std::size_t>(rows.size())}, 0, 1);
  FeatureStoreWriter writer(path, ids, kDim, {"made up", "fc7", "none", "none"});
  writer.append(rows);
  writer.commit();
  return FeatureStore(path);
}

/// A recipe on the real captions with made-up features for the first `count` training images.
struct Training {
  TemporaryFolder folder;
  std::vector<ImageCaptions> captions;
  std::vector<std::string> ids;
  WordPiece wordpiece;
  FeatureStore features;
  TrainingData data;
  RunConfig config;

  Training(Recipe recipe, std::size_t count)
      : captions(read_captions(test::data_dir() / "captions.txt", caption_format(recipe))),
        ids(train_ids()),
        wordpiece(test::data_dir() / "bert-base-uncased-vocab.txt"),
        features(made_up_features(folder.path / "features.safetensors",
                                  std::span(ids).first(std::min(count, ids.size())))) {
    const std::vector<std::string> some(ids.begin(),
                                        ids.begin() + static_cast<std::ptrdiff_t>(features.size()));
    config.train.recipe = recipe;
    config.max_length = max_caption_words(captions);
    data.train = encode_part(captions, some, recipe, config.max_length, wordpiece, features);
    data.train_images = static_cast<std::int64_t>(ids.size());
    data.pad = wordpiece.pad();
    data.features = &features;
  }

  std::vector<std::string> train_ids() const {
    std::vector<std::string> all;
    for (const ImageCaptions& image : captions) all.push_back(image.id);
    return random_split(all, 0.2, 42).train;
  }
};

nlohmann::json read_json(const char* name) {
  return nlohmann::json::parse(std::ifstream(test::golden(name)));
}

/// Bit j of a hash of i, as 1 or -1: the vectors of full_steps.py.
double sign_of(std::uint64_t i, int j) {
  std::uint64_t h = i * 0x9E3779B97F4A7C15u;
  h ^= h >> 31;
  h *= 0xD6E8FEB86659FD93u;
  h ^= h >> 32;
  return (h >> j & 1) != 0 ? -1.0 : 1.0;
}

/// The difference between `x` and the tensor that `expected` describes, relative to that tensor's norm,
/// estimated by the root mean square over the projections.
double relative_difference(ConstView x, const nlohmann::json& expected) {
  const double norm = expected.at("norm");
  const std::vector<double> projections = expected.at("projections");
  double sum = 0;
  for (std::size_t j = 0; j < projections.size(); ++j) {
    double dot = 0;
    for (std::int64_t i = 0; i < x.size(); ++i)
      dot += static_cast<double>(x[i]) * sign_of(static_cast<std::uint64_t>(i), static_cast<int>(j));
    sum += (dot - projections[j]) * (dot - projections[j]);
  }
  return std::sqrt(sum / static_cast<double>(projections.size())) / norm;
}

}  // namespace

TEST_CASE("the notebook recipe has PyTorch's loss at every one of its 101 steps") {
  const nlohmann::json expected = read_json("notebook_steps.json");
  const std::vector<double> losses = expected.at("losses");
  Training t(Recipe::notebook, 200);
  CHECK(t.config.max_length == expected.at("max_length"));
  Learner learner(t.config, t.data);
  CHECK(learner.steps_per_epoch() == std::ssize(losses));
  learner.init_weights();
  const std::vector<Sample> samples = learner.epoch_samples(1);
  Batch batch;
  double worst = 0;
  for (std::int64_t s = 0; s < std::ssize(losses); ++s) {
    learner.fill(batch, samples, s);
    const auto loss = static_cast<double>(learner.loss_and_gradients(batch, 1, s + 1));
    const double difference = std::abs(loss - losses[s]) / losses[s];
    INFO("step " << s << ": " << loss << ", PyTorch " << losses[s]);
    CHECK(difference <= 1e-4);
    worst = std::max(worst, difference);
    learner.update();
  }
  MESSAGE("worst relative difference of a loss: " << worst);
}

TEST_CASE("ten steps of the full recipe have PyTorch's losses, gradients and weights") {
  const nlohmann::json expected = read_json("full_steps.json");
  Training t(Recipe::full, 8091);
  Learner learner(t.config, t.data);
  learner.init_weights();
  const std::vector<Sample> samples = learner.epoch_samples(1);
  std::int64_t targets = 0;
  for (const Sample& s : samples) targets += s.inputs;
  CHECK(targets == expected.at("targets_per_epoch"));
  Batch batch;
  double worst = 0;
  const auto compare = [&](ConstView x, const nlohmann::json& described, const std::string& what) {
    const double difference = relative_difference(x, described);
    INFO(what << ": " << difference);
    CHECK(difference <= 1e-4);
    worst = std::max(worst, difference);
  };
  std::int64_t s = 0;
  for (const nlohmann::json& step : expected.at("steps")) {
    learner.fill(batch, samples, s++);
    CHECK(std::ssize(batch.targets) == step.at("targets"));
    const auto loss = static_cast<double>(learner.loss_and_gradients(batch, 1, s));
    CHECK(loss == doctest::Approx(step.at("loss").get<double>()).epsilon(1e-5));
    for (const Parameter& p : learner.parameters().parameters())
      compare(p.gradient, step.at("gradients").at(p.name),
              "step " + std::to_string(s) + ", gradient of " + p.name);
    learner.update();
  }
  for (const Parameter& p : learner.parameters().parameters())
    compare(p.value, expected.at("final").at(p.name), "final " + p.name);
  MESSAGE("worst relative difference of a tensor: " << worst);
}
