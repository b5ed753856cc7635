#include "model/run/run_config.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"

using namespace plainsight;

namespace {

/// The message of the Error for a configuration whose text `from` is replaced by `to`; "" when it is taken.
std::string refusal(const std::string& from, const std::string& to) {
  std::string text = to_json(RunConfig());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  try {
    run_config_from_json(text.replace(at, from.size(), to), "config.json");
    return "";
  } catch (const Error& e) {
    return e.what();
  }
}

}  // namespace

TEST_CASE("a run's configuration comes back as it was written") {
  RunConfig config;
  config.max_length = 17;
  config.split = "official";
  config.features = {{"layer", "fc7"}};
  config.data = "d";
  config.train.recipe = Recipe::notebook;
  config.train.lr = 0.1;
  config.train.lr_schedule = LrSchedule::cosine;
  config.train.seed = ~std::uint64_t{0};
  config.shape.hidden = config.train.hidden = 7;
  config.shape.vocab = 70;
  const RunConfig back = run_config_from_json(to_json(config), "config.json");
  CHECK(to_json(back) == to_json(config));
  CHECK(back.train.seed == ~std::uint64_t{0});
  CHECK(back.shape == config.shape);
}

TEST_CASE("a field of another kind, or out of range, is refused with its name, never rounded or wrapped") {
  CHECK(refusal("\"epochs\": 10", "\"epochs\": 10") == "");
  for (const char* wrong : {"10.5", "1e300", "4294967306", "true", "\"10\"", "null", "-1"})
    CHECK_MESSAGE(refusal("\"epochs\": 10", std::string("\"epochs\": ") + wrong).find("config.json") !=
                      std::string::npos,
                  wrong);
  CHECK(refusal("\"epochs\": 10", "\"epochs\": 4294967306")
            .find("\"epochs\" is not an integer, or out of range") != std::string::npos);
  CHECK(refusal("\"seed\": 42", "\"seed\": -1").find("\"seed\"") != std::string::npos);
  CHECK(refusal("\"hidden\": 256", "\"hidden\": 1e300").find("\"hidden\"") != std::string::npos);
  CHECK(refusal("\"hidden\": 256", "\"hidden\": 255").find("\"model\" and \"train\" have other sizes") !=
        std::string::npos);
  CHECK(refusal("\"vocab\": 30524", "\"vocab\": 2147483648").find("a size of its \"model\"") !=
        std::string::npos);
  CHECK(refusal("\"max_length\": 31", "\"max_length\": 1").find("\"max_length\" is out of range") !=
        std::string::npos);
  CHECK(refusal("\"recipe\": \"full\"", "\"recipe\": \"half\"").find("\"half\" is unknown") !=
        std::string::npos);
  CHECK(refusal("\"version\": 1", "\"version\": 2").find("\"version\" is not 1") != std::string::npos);
  CHECK(refusal("\"lr\": 0.001", "\"lr\": 0").find("--lr") != std::string::npos);
  CHECK(refusal("\"split\"", "\"spilt\"").find("split") != std::string::npos);
}
