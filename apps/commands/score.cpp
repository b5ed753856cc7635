#include <cstdio>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "apps/cli/output_path.h"
#include "apps/commands/commands.h"
#include "apps/commands/scored_captions.h"
#include "data/coco_captions.h"
#include "engine/base/error.h"
#include "engine/io/atomic_file.h"
#include "text/bootstrap.h"

namespace plainsight {
namespace {

constexpr std::uint64_t kBootstrapSeed = 0;

struct Options {
  CommonOptions common;
  std::string results, captions, words = "ptb", per_image, references;
  int resamples = 0;
  bool json = false;
};

/// Finds the image of a result: by id or file name, integers by COCO's rule.
class ImageFinder {
 public:
  ImageFinder(const std::vector<ImageCaptions>& images, std::string file) : file_(std::move(file)) {
    for (const ImageCaptions& image : images) {
      by_name_.emplace(image.id, &image);
      by_name_.emplace(image.file, &image);
      if (const auto number = coco_image_id(image.id))
        if (!by_number_.emplace(*number, &image).second) twice_.emplace(*number, image.file);
    }
  }

  const ImageCaptions& find(const CocoResult& result) const {
    if (const auto found = by_name_.find(result.id); found != by_name_.end()) return *found->second;
    if (const auto number = coco_image_id(result.id); result.integer && number) {
      const auto found = by_number_.find(*number);
      if (const auto other = twice_.find(*number); other != twice_.end())
        throw Error("cannot score", "image " + result.id, "two images of " + file_ + " have this number",
                    found->second->file + " and " + other->second);
      if (found != by_number_.end()) return *found->second;
    }
    throw Error("cannot score", "image " + result.id, "it is in the results, but not in " + file_,
                "Give the captions file that has these images");
  }

 private:
  std::string file_;
  std::unordered_map<std::string, const ImageCaptions*> by_name_;
  std::unordered_map<std::uint64_t, const ImageCaptions*> by_number_;
  std::unordered_map<std::uint64_t, std::string> twice_;
};

void write_per_image(const std::string& path, const std::vector<CocoResult>& results,
                     const ScoredCaptions& scored) {
  std::string lines;
  for (std::size_t i = 0; i < results.size(); ++i) {
    nlohmann::ordered_json line = {{"image_id", results[i].id}, {"caption", results[i].caption}};
    if (results[i].integer) line["image_id"] = std::stoull(results[i].id);
    line.update(image_score_json(scored, i));
    lines += line.dump() + "\n";
  }
  write_file(path, lines);
}

nlohmann::ordered_json interval_json(const ScoreIntervals& intervals, int resamples) {
  const auto pair = [](const Interval& i) { return nlohmann::ordered_json{i.low, i.high}; };
  auto bleu = nlohmann::ordered_json::array();
  for (const Interval& i : intervals.bleu) bleu.push_back(pair(i));
  return {{"resamples", resamples},
          {"bleu", std::move(bleu)},
          {"rouge_l", pair(intervals.rouge_l)},
          {"cider_d", pair(intervals.cider)}};
}

void print_intervals(const ScoreIntervals& intervals) {
  const auto print = [](const std::string& name, const Interval& i) {
    std::printf("%s, 95 %%\t%.2f\t%.2f\n", name.c_str(), 100 * i.low, 100 * i.high);
  };
  for (std::size_t n = 0; n < 4; ++n) print("BLEU-" + std::to_string(n + 1), intervals.bleu[n]);
  print("ROUGE-L", intervals.rouge_l);
  print("CIDEr-D", intervals.cider);
}

/// Two outputs in one file would leave only the second.
void check_output_files(const Options& o) {
  for (const std::string& file : {o.per_image, o.references})
    if (!file.empty()) check_output_path(file, {o.results, o.captions});
  std::error_code unresolved;
  const auto place = [&](const std::string& file) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(file), unresolved);
  };
  if (!o.per_image.empty() && !o.references.empty() && place(o.per_image) == place(o.references))
    throw UsageError("cannot write both into one file", "--per-image",
                     "it names the same file as --write-references", "Name two files");
}

int score(const Options& o) {
  apply(o.common);
  check_output_files(o);
  const std::vector<CocoResult> results = read_coco_results(o.results);
  const std::vector<ImageCaptions> images = read_captions(o.captions, CaptionFormat::csv);
  const ImageFinder finder(images, o.captions);
  const ScoreWords words = parse_score_words(o.words);
  std::vector<std::string> hypotheses;
  std::vector<const ImageCaptions*> scored_images;
  References references;
  std::unordered_set<const ImageCaptions*> seen;
  for (const CocoResult& result : results) {
    const ImageCaptions& image = finder.find(result);
    if (!seen.insert(&image).second)  // perhaps under another id: dog and dog.jpg, 7 and 0007
      throw Error("cannot score", o.results + ", entry " + std::to_string(hypotheses.size() + 1),
                  "image " + result.id + " has a second caption", "Scores are of one caption for each image");
    hypotheses.push_back(score_words_of(result.caption, words));
    references.push_back(image.captions);
    scored_images.push_back(&image);
  }
  if (!o.common.quiet && results.size() < images.size())
    std::fprintf(stderr,
                 "plainsight: scoring the results, which have %zu of the %zu images in the captions file\n",
                 results.size(), images.size());
  const ScoredCaptions scored = score_word_texts(std::move(hypotheses), score_words_of(references, words));
  note_single_image(results.size());
  if (!o.per_image.empty()) write_per_image(o.per_image, results, scored);
  if (!o.references.empty()) write_coco_references(o.references, scored_images);
  ScoreIntervals intervals;
  if (o.resamples > 0) intervals = bootstrap(scored.images, o.resamples, kBootstrapSeed);
  if (o.json) {
    auto j = score_json(scored);
    j["words"] = o.words;
    if (o.resamples > 0) j["intervals"] = interval_json(intervals, o.resamples);
    std::printf("%s\n", j.dump(2).c_str());
  } else {
    std::printf("images\t%zu\n", results.size());
    print_score_lines(scored);
    if (o.resamples > 0) print_intervals(intervals);
  }
  warn_of_collapse(scored.distinct_captions, results.size());
  return kDone;
}

}  // namespace

void add_score(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("score", "Score any system's captions: BLEU, ROUGE-L, CIDEr-D as pycocoevalcap");
  command->add_option("--results", o->results, "COCO results file: [{\"image_id\": ..., \"caption\": ...}]")
      ->required()
      ->type_name("FILE");
  command->add_option("--captions", o->captions, "Captions file with the references")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--words", o->words,
                   "ptb: Penn Treebank words, as papers score; notebook: letters only, no one-letter words")
      ->check(CLI::IsMember({"ptb", "notebook"}))
      ->capture_default_str();
  command->add_flag("--json", o->json, "Scores as JSON, as fractions instead of percent");
  command->add_option("--per-image", o->per_image, "Write each image's scores, one JSON object a line")
      ->type_name("FILE");
  command->add_option("--bootstrap", o->resamples, "Add 95 % intervals from N resamples of the images")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  command
      ->add_option("--write-references", o->references,
                   "Write the scored images' references in COCO's format, for pycocotools")
      ->type_name("FILE");
  add_common(*command, o->common, "plainsight score --results results.json --captions captions.txt");
  command->callback([o, &action] { action = [o] { return score(*o); }; });
}

}  // namespace plainsight
