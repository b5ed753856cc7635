#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "apps/cli/interrupts.h"
#include "apps/cli/output_path.h"
#include "apps/cli/progress.h"
#include "apps/commands/commands.h"
#include "apps/commands/decode_choice.h"
#include "apps/commands/html_report.h"
#include "apps/commands/scored_captions.h"
#include "data/coco_captions.h"
#include "engine/base/error.h"
#include "model/run/loaded_run.h"
#include "model/training/parameter_file.h"
#include "model/training/training_data.h"
#include "model/training/validation_loss.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  DecodeChoice decode;
  std::string run, features, captions, split = "val", results, html, images, words = "notebook";
  bool json = false;
};

/// The images that are judged, and what is known of each.
struct Cases {
  std::vector<std::string> ids, files;
  References references;  ///< as words
};

struct Evaluation {
  double loss = 0, loss_per_word = 0;
  ScoredCaptions scored;
  std::vector<std::string> captions;
};

Cases collect(const Split& split, const std::string& part, const std::vector<ImageCaptions>& images,
              ScoreWords words) {
  const std::vector<std::string>& ids = part == "train" ? split.train
                                        : part == "val" ? split.val
                                                        : split.test;
  if (ids.empty())
    throw UsageError("cannot evaluate", "--split " + part, "the run's split has no images there");
  std::unordered_map<std::string, const ImageCaptions*> by_id;
  for (const ImageCaptions& image : images) by_id.emplace(image.id, &image);
  Cases cases;
  for (const std::string& id : ids) {
    const auto found = by_id.find(id);
    if (found == by_id.end())
      throw Error("cannot evaluate", id, "this image of the run's split is not in the captions file",
                  "Give the captions file that the run was trained with");
    cases.ids.push_back(id);
    cases.files.push_back(found->second->file);
    cases.references.emplace_back();
    for (const std::string& caption : found->second->captions)
      cases.references.back().push_back(score_words_of(caption, words));
  }
  return cases;
}

/// Mean cross-entropy of the references under the run's model.
double loss_of(const LoadedRun& run, const DataPart& part, const FeatureStore& features) {
  Captioner model(run.config().shape, run.wordpiece().pad());
  const ParameterSet parameters(model);
  load_parameters(parameters, SafetensorsFile(run.folder().model_file()));
  Tape tape;
  return validation_loss(model, part, features, tape);
}

void refuse_if_interrupted(const LoadedRun& run) {
  if (interrupted())
    throw Error("evaluation was interrupted", run.folder().path().string(), "nothing is written");
}

std::vector<std::string> captions_of(const LoadedRun& run, const DataPart& part, const FeatureStore& features,
                                     const DecodeOptions& options, bool quiet) {
  constexpr std::size_t kGroup = 64;
  const std::size_t n = part.feature_row.size();
  Progress progress("evaluate", "images", static_cast<std::int64_t>(n), quiet);
  std::vector<std::string> captions;
  for (std::size_t begin = 0; begin < n; begin += kGroup) {
    refuse_if_interrupted(run);
    const std::size_t count = std::min(kGroup, n - begin);
    Tensor x({static_cast<std::int64_t>(count), features.dim()});
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = features.row(part.feature_row[begin + i]);
      std::copy(row.begin(), row.end(), x.view().row(static_cast<std::int64_t>(i)));
    }
    for (const auto& found : run.decoder().decode(x, options, static_cast<std::int64_t>(begin)))
      captions.push_back(run.text(found.front()));
    progress.update(static_cast<std::int64_t>(begin + count));
  }
  return captions;
}

/// Words for each target of the references, <EOS> counted as one: pieces that do not continue a word.
double words_per_target(const DataPart& part, const WordPiece& wordpiece) {
  std::size_t words = 0, targets = 0;
  for (std::size_t i = 0; i < part.captions.size(); ++i) {
    const auto ids = part.captions.tokens[i];
    for (std::size_t t = 1; t < ids.size(); ++t) words += !wordpiece.piece(ids[t]).starts_with("##");
    targets += ids.empty() ? 0 : ids.size() - 1;
  }
  return targets > 0 ? static_cast<double>(words) / static_cast<double>(targets) : 1;
}

void print_json(const Evaluation& r, const std::string& words) {
  nlohmann::ordered_json j = {{"images", r.captions.size()},
                              {"loss", r.loss},
                              {"perplexity", std::exp(r.loss)},
                              {"perplexity_per_word", std::exp(r.loss_per_word)}};
  j.update(score_json(r.scored));
  j["cider"] = r.scored.corpus.cider;  // the same; older scripts read it
  j["words"] = words;
  std::printf("%s\n", j.dump(2).c_str());
}

void print_table(const Evaluation& r) {
  std::printf("images\t%zu\nloss\t%.4f\nperplexity\t%.3f\nperplexity per word\t%.3f\n", r.captions.size(),
              r.loss, std::exp(r.loss), std::exp(r.loss_per_word));
  print_score_lines(r.scored);
}

/// A page of images that are not there would be of no use.
void require_images(const Cases& cases, const std::filesystem::path& folder) {
  std::error_code unreachable;
  if (std::ranges::any_of(cases.files, [&](const std::string& file) {
        return std::filesystem::exists(folder / file, unreachable);
      }))
    return;
  throw Error("cannot show the images", folder.string(),
              "it has none of them, such as " + cases.files.front(),
              "Give --images the folder that holds the captions' images");
}

/// The files to be written, before any work.
void check_output_files(const Options& o) {
  const RunFolder run(o.run);
  const std::vector<std::filesystem::path> inputs = {
      o.features,       o.captions,       run.config_file(),  run.split_file(),
      run.vocab_file(), run.model_file(), run.metrics_file(), run.checkpoint_file()};
  for (const std::string& file : {o.results, o.html})
    if (!file.empty()) check_output_path(file, inputs);
  const auto place_of = [](const std::string& file) {
    std::error_code unresolved;  // then check_output_path has refused it already
    return std::filesystem::weakly_canonical(std::filesystem::absolute(file), unresolved);
  };
  if (!o.results.empty() && !o.html.empty() && place_of(o.results) == place_of(o.html))
    throw UsageError("cannot write both into one file", "--html", "it names the same file as --results",
                     "Name two files");
}

int evaluate(const Options& o) {
  apply(o.common);
  if (!o.html.empty() && o.images.empty())
    throw UsageError("cannot write the report", "--images",
                     "it is missing: the folder of the images to show");
  if (o.html.empty() && !o.images.empty())
    throw UsageError("cannot evaluate", "--images", "it is for --html, which is missing",
                     "Add that, or leave the option out");
  check_output_files(o);
  if (!o.images.empty() && !std::filesystem::is_directory(o.images))
    throw Error("cannot show the images", o.images, "there is no such folder",
                "Give --images the folder that holds them");
  const LoadedRun run{RunFolder(o.run)};
  const RunConfig& config = run.config();
  const DecodeOptions options = decode_options(o.decode, config.max_length);
  const FeatureStore features{std::filesystem::path(o.features)};
  run.check_features(features.dim(), features.metadata(), o.features);
  const std::vector<ImageCaptions> images = read_captions(o.captions, caption_format(config.train.recipe));
  const ScoreWords words = parse_score_words(o.words);
  const Cases cases = collect(run.folder().read_split(), o.split, images, words);
  if (!o.images.empty()) require_images(cases, o.images);
  const DataPart part =
      encode_part(images, cases.ids, config.train.recipe, config.max_length, run.wordpiece(), features);

  watch_interrupts();
  Evaluation outcome;
  outcome.captions = captions_of(run, part, features, options, o.common.quiet);
  outcome.loss = loss_of(run, part, features);
  refuse_if_interrupted(run);
  outcome.loss_per_word = outcome.loss / words_per_target(part, run.wordpiece());
  std::vector<std::string> hypotheses = outcome.captions;  // of cleaned training captions: words already
  if (words == ScoreWords::ptb)
    for (std::string& text : hypotheses) text = score_words_of(text, words);
  outcome.scored = score_word_texts(std::move(hypotheses), cases.references);
  note_single_image(cases.ids.size());
  if (!o.results.empty()) write_coco_results(o.results, cases.ids, outcome.captions);
  if (!o.html.empty()) {
    std::vector<ReportRow> rows;
    for (std::size_t i = 0; i < cases.ids.size(); ++i)
      rows.push_back({cases.files[i], outcome.captions[i], cases.references[i]});
    write_html_report(o.html, o.images, rows, outcome.scored.corpus, std::exp(outcome.loss));
  }
  if (o.json)
    print_json(outcome, o.words);
  else
    print_table(outcome);
  warn_of_collapse(outcome.scored.distinct_captions, cases.ids.size());
  return kDone;
}

}  // namespace

void add_evaluate(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("evaluate", "Score a run: loss, perplexity, BLEU, ROUGE-L, CIDEr-D");
  command->add_option("--run", o->run, "Run folder of train")->required()->type_name("DIR");
  command->add_option("--features", o->features, "Feature store that the run was trained on")
      ->required()
      ->type_name("FILE");
  command->add_option("--captions", o->captions, "Captions file that the run was trained on")
      ->required()
      ->type_name("FILE");
  command->add_option("--split", o->split, "Which part of the run's split")
      ->check(CLI::IsMember({"train", "val", "test"}))
      ->capture_default_str();
  command
      ->add_option(
          "--words", o->words,
          "ptb: raw references and Penn Treebank words, as papers score; notebook: cleaned references")
      ->check(CLI::IsMember({"ptb", "notebook"}))
      ->capture_default_str();
  command->add_flag("--json", o->json, "Scores as JSON, as fractions instead of percent");
  command->add_option("--results", o->results, "Write the captions in COCO's results format")
      ->type_name("FILE");
  command->add_option("--html", o->html, "Write a page of images with their captions")->type_name("FILE");
  command->add_option("--images", o->images, "Folder of the images, for --html")->type_name("DIR");
  add_decode_options(*command, o->decode, /*with_num=*/false);
  add_engine_option(*command, o->common);
  add_common(*command, o->common,
             "plainsight evaluate --run run --features features.safetensors --captions captions.txt");
  command->callback([o, &action] { action = [o] { return evaluate(*o); }; });
}

}  // namespace plainsight
