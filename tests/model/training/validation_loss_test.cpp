#include "model/training/validation_loss.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/model/training/tiny_run.h"

using namespace plainsight;
using namespace plainsight::test;

TEST_CASE("the validation loss is the tape's, to the bit, and leaves gradients and recorder as they were") {
  const TinySet set;
  const TrainingData data = set.data(Recipe::full);
  Captioner model(set.config(Recipe::full).shape, data.pad);
  ParameterSet parameters(model);
  model.init(3);
  std::vector<Sample> samples = whole_captions(data.val);
  REQUIRE(samples.size() <= 64);  // one batch, in which the order of equal lengths is kept
  Batch batch;
  fill_batch(batch, samples, Targets::every_step, data.val, *data.features);
  Tape tape;
  const double loss = validation_loss(model, data.val, *data.features, tape);
  const View gradients = parameters.gradients();
  CHECK(std::count(gradients.data, gradients.data + gradients.size(), 0.0f) == gradients.size());
  CHECK(tape.records());
  const Var recorded = model.loss(tape, batch);
  CHECK(static_cast<float>(loss) == recorded.value[0]);  // one batch: loss * n / n, in double
  tape.backward(recorded);
  CHECK(std::count(gradients.data, gradients.data + gradients.size(), 0.0f) < gradients.size());
  CHECK(validation_loss(model, DataPart{}, *data.features, tape) == 0);
}
