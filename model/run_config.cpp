#include "model/run_config.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/error.h"

namespace plainsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;

void refuse(const char* option, const std::string& why) { throw UsageError("wrong option", option, why); }

/// The position of `name` among `names`; throws std::invalid_argument.
template <class Enum, std::size_t N>
Enum parse_name(const std::string& name, const char* const (&names)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    if (name == names[i]) return static_cast<Enum>(i);
  throw std::invalid_argument("unknown value \"" + name + "\"");
}

Json to_object(const TrainOptions& t) {
  return {{"recipe", kRecipeNames[static_cast<int>(t.recipe)]},
          {"epochs", t.epochs},
          {"batch_size", t.batch_size},
          {"lr", t.lr},
          {"hidden", t.hidden},
          {"embed", t.embed},
          {"dropout", t.dropout},
          {"clip_norm", t.clip_norm},
          {"lr_schedule", kLrScheduleNames[static_cast<int>(t.lr_schedule)]},
          {"patience", t.patience},
          {"weight_decay", t.weight_decay},
          {"seed", t.seed},
          {"init", t.init}};
}

TrainOptions train_options(const Json& j) {
  TrainOptions t;
  t.recipe = parse_name<Recipe>(j.at("recipe"), kRecipeNames);
  j.at("epochs").get_to(t.epochs);
  j.at("batch_size").get_to(t.batch_size);
  j.at("lr").get_to(t.lr);
  j.at("hidden").get_to(t.hidden);
  j.at("embed").get_to(t.embed);
  j.at("dropout").get_to(t.dropout);
  j.at("clip_norm").get_to(t.clip_norm);
  t.lr_schedule = parse_name<LrSchedule>(j.at("lr_schedule"), kLrScheduleNames);
  j.at("patience").get_to(t.patience);
  j.at("weight_decay").get_to(t.weight_decay);
  j.at("seed").get_to(t.seed);
  j.at("init").get_to(t.init);
  t.check();
  return t;
}

}  // namespace

void TrainOptions::check() const {
  if (epochs < 1 || epochs > 100000) refuse("--epochs", "it must be from 1 to 100000");
  if (batch_size < 1 || batch_size > 65536) refuse("--batch-size", "it must be from 1 to 65536");
  if (!(lr > 0 && lr <= 10)) refuse("--lr", "it must be above 0 and at most 10");
  if (hidden < 1 || hidden > 8192) refuse("--hidden", "it must be from 1 to 8192");
  if (embed < 1 || embed > 8192) refuse("--embed", "it must be from 1 to 8192");
  if (!(dropout >= 0 && dropout < 1)) refuse("--dropout", "it must be at least 0 and below 1");
  if (!(clip_norm >= 0 && std::isfinite(clip_norm))) refuse("--clip-norm", "it must not be negative");
  if (patience < 0) refuse("--patience", "it must not be negative");
  if (!(weight_decay >= 0 && weight_decay < 1)) refuse("--weight-decay", "it must be at least 0 and below 1");
}

std::string to_json(const RunConfig& c) {
  const Json j = {{"format", "plainsight captioner run"},
                  {"version", kVersion},
                  {"model",
                   {{"features", c.shape.features},
                    {"embed", c.shape.embed},
                    {"hidden", c.shape.hidden},
                    {"vocab", c.shape.vocab}}},
                  {"max_length", c.max_length},
                  {"split", c.split},
                  {"train", to_object(c.train)},
                  {"features", c.features},
                  {"data", c.data}};
  return j.dump(2) + "\n";
}

RunConfig run_config_from_json(const std::string& text, const std::filesystem::path& where) {
  try {
    const Json j = Json::parse(text);
    if (j.at("version") != kVersion) throw std::invalid_argument("\"version\" is not 1");
    RunConfig c;
    const Json& model = j.at("model");
    model.at("features").get_to(c.shape.features);
    model.at("embed").get_to(c.shape.embed);
    model.at("hidden").get_to(c.shape.hidden);
    model.at("vocab").get_to(c.shape.vocab);
    j.at("max_length").get_to(c.max_length);
    if (c.max_length < 2 || c.max_length > 1000)
      throw std::invalid_argument("\"max_length\" is out of range");
    j.at("split").get_to(c.split);
    c.train = train_options(j.at("train"));
    j.at("features").get_to(c.features);
    j.at("data").get_to(c.data);
    return c;
  } catch (const std::exception& e) {
    throw Error("cannot read the run's configuration", where.string(), e.what(),
                "Restore the file, or train again into another folder");
  }
}

}  // namespace plainsight
