#include "model/run_config.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

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

/// j[key]. The library itself would round 2.7 to an integer, and take what does not fit for something else.
template <class T>
void read(const Json& j, const char* key, T& value) {
  const Json& field = j.at(key);
  if constexpr (std::is_integral_v<T>) {
    const bool fits = field.is_number_unsigned()
                          ? std::in_range<T>(field.get<std::uint64_t>())
                          : field.is_number_integer() && std::in_range<T>(field.get<std::int64_t>());
    if (!fits)
      throw std::invalid_argument("\"" + std::string(key) + "\" is not a whole number, or out of range");
  }
  field.get_to(value);
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
  read(j, "epochs", t.epochs);
  read(j, "batch_size", t.batch_size);
  read(j, "lr", t.lr);
  read(j, "hidden", t.hidden);
  read(j, "embed", t.embed);
  read(j, "dropout", t.dropout);
  read(j, "clip_norm", t.clip_norm);
  t.lr_schedule = parse_name<LrSchedule>(j.at("lr_schedule"), kLrScheduleNames);
  read(j, "patience", t.patience);
  read(j, "weight_decay", t.weight_decay);
  read(j, "seed", t.seed);
  read(j, "init", t.init);
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
    read(model, "features", c.shape.features);
    read(model, "embed", c.shape.embed);
    read(model, "hidden", c.shape.hidden);
    read(model, "vocab", c.shape.vocab);
    read(j, "max_length", c.max_length);
    if (c.max_length < 2 || c.max_length > 1000)
      throw std::invalid_argument("\"max_length\" is out of range");
    read(j, "split", c.split);
    c.train = train_options(j.at("train"));
    read(j, "features", c.features);
    read(j, "data", c.data);
    return c;
  } catch (const std::exception& e) {
    throw Error("cannot read the run's configuration", where.string(), e.what(),
                "Restore the file, or train again into another folder");
  }
}

}  // namespace plainsight
