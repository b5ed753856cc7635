// The options of training that change what is learnt.

#include "tests/apps/programs/program.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

/// An option with its value, and a value of a run that is refused: another one, and one out of range.
struct Choice {
  const char *option, *value, *another, *out_of_range;
};

constexpr Choice kChoices[] = {
    {"--label-smoothing", "0.1", "0.2", "1"},
};

}  // namespace

TEST_CASE("every option of the recipe changes the model, is stored, and a resumed run equals a whole one") {
  const Workshop w;
  const auto model = [&](const char* run) { return get(w / run / "model.safetensors"); };
  const Words fresh = {"--vocab", "vocab.txt", "--epochs", "3", "--out"};
  const auto with = [](Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  CHECK(w.train(with(fresh, {"base"})).code == 0);
  for (const Choice& c : kChoices) {
    CAPTURE(std::string(c.option));
    for (const char* run : {"whole", "parts"}) std::filesystem::remove_all(w / run);
    CHECK(w.train(with(fresh, {"whole", c.option, c.value})).code == 0);
    CHECK(model("whole") != model("base"));
    const Words begun = {"--vocab", "vocab.txt", "--out", "parts", "--epochs", "1"};
    CHECK(w.train(with(begun, {c.option, c.value})).code == 0);
    check_error(w.train({"--out", "parts", "--resume", c.option, c.another}), 2,
                {"cannot resume", c.option, "begun with another value"});
    CHECK(w.train({"--out", "parts", "--resume", "--epochs", "3"}).code == 0);
    for (const char* file : {"config.json", "model.safetensors", "checkpoint.safetensors"})
      CHECK(get(w / "parts" / file) == get(w / "whole" / file));
    check_error(w.train(with(fresh, {"refused", c.option, c.out_of_range})), 2, {c.option});
    CHECK(!std::filesystem::exists(w / "refused"));
  }
}
