#include "model/training/batch.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "engine/base/random.h"
#include "model/training/captioner.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;
using Ids = std::vector<std::int32_t>;

namespace {

/// Four captions of one image: 4, 2, 1 and 4 ids.
const DataPart kPart{
    .captions = {.image = {0, 0, 0, 0},
                 .tokens = {.ids = {1, 5, 6, 2, 1, 2, 1, 1, 7, 8, 2}, .begins = {0, 4, 6, 7, 11}}},
    .feature_row = {0}};

FeatureStore one_image(const std::filesystem::path& path) {
  FeatureStoreWriter writer(path, std::vector<std::string>{"a"}, 3, {"made up", "fc7", "none", "none"});
  writer.append(Tensor({1, 3}));
  writer.commit();
  return FeatureStore(path);
}

}  // namespace

TEST_CASE("a caption of its two markers has one target, one of a single id none") {
  Ids rows, inputs;
  for (const Sample& s : whole_captions(kPart)) rows.push_back(s.row), inputs.push_back(s.inputs);
  CHECK(rows == Ids{0, 1, 3});
  CHECK(inputs == Ids{3, 1, 3});
  rows.clear(), inputs.clear();
  for (const Sample& s : prefixes(kPart)) rows.push_back(s.row), inputs.push_back(s.inputs);
  CHECK(rows == Ids{0, 0, 0, 1, 3, 3, 3});
  CHECK(inputs == Ids{1, 2, 3, 1, 1, 2, 3});
}

TEST_CASE("a batch has its samples longest first, equal ones in their order, and goes step after step") {
  const test::TempDir dir;
  const FeatureStore features = one_image(dir / "f");
  Batch batch;
  fill_batch(batch, std::vector<Sample>{{1, 1}, {0, 3}, {3, 3}}, Targets::every_step, kPart, features);
  CHECK(batch.batch_sizes == std::vector<std::int64_t>{3, 2, 2});
  CHECK(batch.inputs == Ids{1, 1, 1, 5, 7, 6, 8});
  CHECK(batch.targets == Ids{5, 7, 2, 6, 8, 2, 2});
  CHECK(batch.last.empty());
  fill_batch(batch, std::vector<Sample>{{1, 1}, {0, 2}, {3, 3}}, Targets::last_step, kPart, features);
  CHECK(batch.inputs == Ids{1, 1, 1, 7, 5, 8});
  CHECK(batch.last == Ids{5, 4, 2});
  CHECK(batch.targets == Ids{2, 6, 2});
}

TEST_CASE("dropout falls on the embeddings and on the LSTM's outputs") {
  const test::TempDir dir;
  const FeatureStore features = one_image(dir / "f");
  Batch batch;
  fill_batch(batch, whole_captions(kPart), Targets::every_step, kPart, features);
  Captioner model({.features = 3, .embed = 8, .hidden = 5, .vocab = 9}, /*pad=*/0);
  ParameterSet parameters(model);
  model.init(1);
  const auto loss = [&](float p) {
    parameters.zero_gradients();
    Tape tape;
    TorchGenerator random(1);
    const Var l = model.loss(tape, batch, {p, &random});
    tape.backward(l);
    return l.value[0];
  };
  const auto zeros = [&] {  // of the gradient of a word that came once
    const float* row = model.embedding.weight.gradient.row(5);
    return std::count(row, row + 8, 0.0f);
  };
  const float whole = loss(0);
  CHECK(zeros() == 0);
  CHECK(loss(0.5f) != whole);
  CHECK(zeros() > 0);
  const View W_ih = model.lstm.p.weight_ih.value;
  std::fill_n(W_ih.data, W_ih.size(), 0.0f);  // the embeddings do not count any more
  const float deaf = loss(0);
  CHECK(loss(0.5f) != deaf);
}
