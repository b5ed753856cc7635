#include "model/run/run_config.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/error.h"
#include "engine/io/json_file.h"

namespace plainsight {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxText = std::size_t{1} << 20;

template <class T>
void check_range(const char* option, T value, const Range<T>& range) {
  if (!range.contains(value)) throw UsageError("wrong option", option, "it must be " + range.text());
}

/// Reads a field into `out`; throws std::invalid_argument when it is missing, of another type, or a value
/// that `out` cannot hold: the library would round 2.7 to an integer, and wrap a value that is out of range.
template <class T>
void read(const Json& j, const char* name, T& out) {
  const auto field = j.find(name);
  if (field == j.end()) throw std::invalid_argument("it has no \"" + std::string(name) + "\"");
  if constexpr (std::is_integral_v<T>) {
    if (!field->is_number())
      throw std::invalid_argument("its \"" + std::string(name) + "\" is of the wrong type");
    const bool fits = field->is_number_unsigned() ? std::in_range<T>(field->template get<std::uint64_t>())
                                                  : field->is_number_integer() &&
                                                        std::in_range<T>(field->template get<std::int64_t>());
    if (!fits)
      throw std::invalid_argument("its \"" + std::string(name) + "\" is not an integer, or out of range");
  }
  try {
    field->get_to(out);
  } catch (const Json::exception&) {
    throw std::invalid_argument("its \"" + std::string(name) + "\" is of the wrong type");
  }
}

std::string text(const Json& j, const char* name) {
  std::string out;
  read(j, name, out);
  return out;
}

/// A nested object.
const Json& object(const Json& j, const char* name) {
  const auto found = j.find(name);
  if (found == j.end() || !found->is_object())
    throw std::invalid_argument("it has no part \"" + std::string(name) + "\"");
  return *found;
}

/// The index of `name` in `names`; throws std::invalid_argument.
template <class Enum, std::size_t N>
Enum parse_name(const std::string& name, const char* const (&names)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    if (name == names[i]) return static_cast<Enum>(i);
  throw std::invalid_argument("\"" + name + "\" is unknown");
}

/// Calls f(name, field) for the options that config.json has only where they are not off: those that runs of
/// older versions lack.
template <class Options, class F>
void visit_later_options(Options& t, F&& f) {
  f("label_smoothing", t.label_smoothing);
}

Json to_object(const TrainOptions& t) {
  Json j = {{"recipe", kRecipeNames[static_cast<int>(t.recipe)]},
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
  visit_later_options(t, [&](const char* name, const auto& value) {
    if (value != std::remove_cvref_t<decltype(value)>{}) j[name] = value;
  });
  return j;
}

TrainOptions train_options(const Json& j) {
  TrainOptions t;
  t.recipe = parse_name<Recipe>(text(j, "recipe"), kRecipeNames);
  read(j, "epochs", t.epochs);
  read(j, "batch_size", t.batch_size);
  read(j, "lr", t.lr);
  read(j, "hidden", t.hidden);
  read(j, "embed", t.embed);
  read(j, "dropout", t.dropout);
  read(j, "clip_norm", t.clip_norm);
  t.lr_schedule = parse_name<LrSchedule>(text(j, "lr_schedule"), kLrScheduleNames);
  read(j, "patience", t.patience);
  read(j, "weight_decay", t.weight_decay);
  read(j, "seed", t.seed);
  read(j, "init", t.init);
  visit_later_options(t, [&](const char* name, auto& value) {
    if (j.contains(name)) read(j, name, value);
  });
  t.check();
  return t;
}

}  // namespace

void TrainOptions::check() const {
  namespace limits = train_limits;
  check_range("--epochs", epochs, limits::kEpochs);
  check_range("--batch-size", batch_size, limits::kBatchSize);
  check_range("--lr", lr, limits::kLr);
  check_range("--hidden", hidden, limits::kHidden);
  check_range("--embed", embed, limits::kEmbed);
  check_range("--dropout", dropout, limits::kDropout);
  check_range("--clip-norm", clip_norm, limits::kClipNorm);
  check_range("--patience", patience, limits::kPatience);
  check_range("--weight-decay", weight_decay, limits::kWeightDecay);
  check_range("--label-smoothing", label_smoothing, limits::kLabelSmoothing);
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
                  {"engine", name_of(c.engine)},
                  {"train", to_object(c.train)},
                  {"features", c.features},
                  {"data", c.data}};
  return j.dump(2) + "\n";
}

RunConfig run_config_from_json(std::string_view text, const std::filesystem::path& where) {
  constexpr const char* kWhat = "cannot read the run's configuration";
  constexpr const char* kHint = "Restore the file, or train again into another folder";
  if (text.size() > kMaxText) throw Error(kWhat, where.string(), "it is larger than 1 MB", kHint);
  const Json j = parse_json(text, kWhat, where, kHint);
  try {
    if (!j.is_object()) throw std::invalid_argument("it is not an object");
    if (const auto version = j.find("version"); version == j.end() || *version != kVersion)
      throw std::invalid_argument("its \"version\" is not 1");
    RunConfig c;
    const Json& model = object(j, "model");
    read(model, "features", c.shape.features);
    read(model, "embed", c.shape.embed);
    read(model, "hidden", c.shape.hidden);
    read(model, "vocab", c.shape.vocab);
    read(j, "max_length", c.max_length);
    if (c.max_length < 2 || c.max_length > 1000)
      throw std::invalid_argument("\"max_length\" is out of range");
    read(j, "split", c.split);
    if (j.contains("engine")) {  // runs of older versions have no such field; the tuned engine trained them
      std::string engine;
      read(j, "engine", engine);
      c.engine = parse_engine(engine);
    }
    c.train = train_options(object(j, "train"));
    constexpr Range<std::int64_t> kSize{1, std::numeric_limits<std::int32_t>::max()};
    if (!kSize.contains(c.shape.features) || !kSize.contains(c.shape.vocab))
      throw std::invalid_argument("a size of its \"model\" is out of range");
    if (c.shape.embed != c.train.embed || c.shape.hidden != c.train.hidden)
      throw std::invalid_argument("its \"model\" and \"train\" have other sizes");
    read(j, "features", c.features);
    read(j, "data", c.data);
    return c;
  } catch (const std::invalid_argument& e) {
    throw Error(kWhat, where.string(), e.what(), kHint);
  } catch (const UsageError& e) {  // one of the training options
    throw Error(kWhat, where.string(), e.what(), kHint);
  }
}

}  // namespace plainsight
