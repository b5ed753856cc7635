#include "apps/commands/train_options.h"

#include <algorithm>
#include <limits>

#include "apps/cli/number_option.h"
#include "engine/base/error.h"

namespace plainsight {
namespace {

/// An option whose value is one of `names`, which are in the order of the enumeration.
template <class Enum, std::size_t N>
void add_choice(CLI::App& command, const char* option, Enum& value, const char* const (&names)[N],
                const char* description) {
  const auto convert = [&value, &names](const std::string& name) {
    value = static_cast<Enum>(std::find(std::begin(names), std::end(names), name) - std::begin(names));
  };
  command.add_option_function<std::string>(option, convert, description)
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(names), std::end(names))))
      ->default_str(names[static_cast<int>(value)]);
}

}  // namespace

void add_train_options(CLI::App& command, TrainArguments& o) {
  namespace limits = train_limits;
  TrainOptions& t = o.train;
  command.add_option("--features", o.features, "Feature store, as extract writes it")
      ->required()
      ->type_name("FILE");
  command.add_option("--captions", o.captions, "Captions file: image,caption with a header")
      ->required()
      ->type_name("FILE");
  command.add_option("--vocab", o.vocab, "BERT's vocab.txt (not needed with --resume)")->type_name("FILE");
  command.add_option("--out", o.out, "Run folder to make")->required()->type_name("DIR");
  command.add_flag("--resume", o.resume, "Continue the run in --out where it stopped");
  command
      .add_option("--init", o.init, "Start from these weights (.safetensors or .pth, the notebook's names)")
      ->type_name("FILE");
  add_split_options(command, o.split);
  command.option_defaults()->group("Training");
  add_choice(command, "--recipe", t.recipe, kRecipeNames,
             "full: every caption, every word; notebook: as the notebook does");
  add_number_with_default(command, "--epochs", t.epochs, limits::kEpochs,
                          "Passes over the training captions");
  add_number_with_default(command, "--batch-size", t.batch_size, limits::kBatchSize,
                          "Captions (notebook: prefixes) a step");
  add_number_with_default(command, "--lr", t.lr, limits::kLr, "Adam's learning rate");
  add_number_with_default(command, "--hidden", t.hidden, limits::kHidden, "LSTM units");
  add_number_with_default(command, "--embed", t.embed, limits::kEmbed, "Size of a token's embedding");
  add_number_with_default(command, "--dropout", t.dropout, limits::kDropout,
                          "On embeddings and LSTM outputs; 0: none");
  add_number_with_default(command, "--clip-norm", t.clip_norm, limits::kClipNorm,
                          "Largest gradient norm; 0: no limit");
  add_choice(command, "--lr-schedule", t.lr_schedule, kLrScheduleNames,
             "constant, cosine to 0, or halved on a plateau");
  add_number_with_default(command, "--patience", t.patience, limits::kPatience,
                          "Stop after so many epochs without a better validation loss; 0: never");
  add_number_with_default(command, "--weight-decay", t.weight_decay, limits::kWeightDecay, "Adam's L2 term");
  add_number_with_default(command, "--label-smoothing", t.label_smoothing, limits::kLabelSmoothing,
                          "Share of each target spread over the whole vocabulary; 0: none");
  add_number_with_default(command, "--seed", t.seed,
                          Range<std::uint64_t>{0, std::numeric_limits<std::uint64_t>::max()},
                          "Of the initial weights, the order and the dropout");
}

void refuse_to_change(const std::string& option) {
  throw UsageError("cannot resume", option, "the run was begun with another value",
                   "Leave the option out, or train into another folder");
}

TrainOptions resumed_options(const TrainOptions& run, const TrainOptions& given, const CLI::App& command) {
  const auto same = [&](const char* option, bool equal) {
    if (command.count(option) > 0 && !equal) refuse_to_change(option);
  };
  same("--recipe", given.recipe == run.recipe);
  same("--batch-size", given.batch_size == run.batch_size);
  same("--lr", given.lr == run.lr);
  same("--hidden", given.hidden == run.hidden);
  same("--embed", given.embed == run.embed);
  same("--dropout", given.dropout == run.dropout);
  same("--clip-norm", given.clip_norm == run.clip_norm);
  same("--lr-schedule", given.lr_schedule == run.lr_schedule);
  same("--patience", given.patience == run.patience);
  same("--weight-decay", given.weight_decay == run.weight_decay);
  same("--label-smoothing", given.label_smoothing == run.label_smoothing);
  same("--seed", given.seed == run.seed);
  same("--init", given.init == run.init);
  TrainOptions options = run;
  if (command.count("--epochs") > 0) {
    // The cosine schedule is a function of the last epoch: it cannot be moved afterwards.
    same("--epochs", run.lr_schedule != LrSchedule::cosine || given.epochs == run.epochs);
    options.epochs = given.epochs;
  }
  return options;
}

}  // namespace plainsight
