#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/range.h"
#include "engine/kernels/isa/engine.h"
#include "model/captioner/captioner_shape.h"

namespace plainsight {

/// full: every caption a row, a loss on every next token, shuffled each epoch.
/// notebook: what the notebook's code does, to the step; docs/training.md.
enum class Recipe { full, notebook };
enum class LrSchedule { constant, cosine, plateau };

/// The options of training: with the inputs, everything that a run's results depend on. Defaults are
/// the notebook's.
struct TrainOptions {
  Recipe recipe = Recipe::full;
  int epochs = 10;
  int batch_size = 64;
  double lr = 1e-3;
  std::int64_t hidden = 256;
  std::int64_t embed = 256;
  double dropout = 0;  ///< on the embeddings and on the LSTM's outputs
  double clip_norm = 0;
  LrSchedule lr_schedule = LrSchedule::constant;
  int patience = 0;  ///< stop after so many epochs without a better validation loss; 0: never
  double weight_decay = 0;
  double label_smoothing = 0;  ///< share of each target that is spread over the whole vocabulary
  std::uint64_t seed = 42;
  std::string init;  ///< fingerprint of the weights to start from; empty: drawn from the seed

  /// Throws UsageError naming the option that is out of range.
  void check() const;
};

/// Limits of the training options: a value beyond them is a slip or exhausts the machine.
namespace train_limits {
inline constexpr Range<int> kEpochs{1, 100000}, kBatchSize{1, 65536}, kPatience{0, 100000};
inline constexpr Range<std::int64_t> kHidden{1, 8192}, kEmbed{1, 8192};
inline constexpr Range<double> kLr{0, 10, true}, kDropout{0, 1, false, true}, kClipNorm{0, 1e6},
    kWeightDecay{0, 1, false, true}, kLabelSmoothing{0, 1, false, true};
}  // namespace train_limits

/// The content of RUN/config.json.
struct RunConfig {
  TrainOptions train;
  CaptionerShape shape;
  int max_length = 31;  ///< longest caption in words, <SOS> and <EOS> included: where decoding stops
  std::string split;    ///< random, official or karpathy
  Engine engine = Engine::tuned;  ///< the engine that trains it, also when it is resumed
  /// The source of the features (encoder, layer, preprocessing, weights), from their file's metadata.
  std::map<std::string, std::string> features;
  std::string data;  ///< fingerprint of captions, vocabulary, split and features together
};

/// The text of config.json, and back. from_json throws Error naming `where` when a field is missing or wrong.
std::string to_json(const RunConfig& config);
RunConfig run_config_from_json(std::string_view text, const std::filesystem::path& where);

/// Names of the values on the command line, in the order of the enumeration.
inline constexpr const char* kRecipeNames[] = {"full", "notebook"};
inline constexpr const char* kLrScheduleNames[] = {"constant", "cosine", "plateau"};

}  // namespace plainsight
