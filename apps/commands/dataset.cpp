#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <set>
#include <unordered_map>

#include "apps/cli/counted.h"
#include "apps/cli/output_path.h"
#include "apps/commands/captions_report.h"
#include "apps/commands/commands.h"
#include "apps/commands/split_options.h"
#include "data/caption_rows.h"
#include "engine/base/error.h"
#include "engine/io/atomic_file.h"

namespace plainsight {
namespace {

struct Options {
  CommonOptions common;
  SplitOptions split;
  std::string captions, vocab, recipe = "full", write_splits;
};

using Images = std::vector<ImageCaptions>;

void print_captions(const Images& images) {
  std::size_t captions = 0, fewest = images.front().captions.size(), most = 0;
  for (const ImageCaptions& image : images) {
    captions += image.captions.size();
    fewest = std::min(fewest, image.captions.size());
    most = std::max(most, image.captions.size());
  }
  std::printf("images\t%zu\ncaptions\t%zu\ncaptions per image\t%zu to %zu\n", images.size(), captions, fewest,
              most);
  std::printf("empty once cleaned\t%zu captions\n", empty_captions(images).empty);
  std::printf("max_length\t%d words, <SOS> and <EOS> counted\n", max_caption_words(images));
}

void print_tokens(const Images& images, const WordPiece& wordpiece) {
  const CaptionRows rows = encode_captions(images, ids_of(images), wordpiece, WordPiece::kUnlimited);
  const std::size_t limit = max_caption_words(images);
  std::size_t longest = 0, cut = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    longest = std::max(longest, rows.tokens[i].size());
    cut += rows.tokens[i].size() > limit;
  }
  const auto& ids = rows.tokens.ids;
  const auto unknown = std::count(ids.begin(), ids.end(), wordpiece.unk());
  const std::set<std::int32_t> used(ids.begin(), ids.end());
  std::printf("tokens per caption\t%.2f on average, at most %zu, <SOS> and <EOS> counted\n",
              static_cast<double>(ids.size()) / static_cast<double>(rows.size()), longest);
  std::printf("cut at max_length\t%zu of %zu captions, at the cost of <EOS>\n", cut, rows.size());
  std::printf("unknown\t%td of %zu tokens (%.4f %%)\n", unknown, ids.size(),
              100.0 * static_cast<double>(unknown) / static_cast<double>(ids.size()));
  std::printf("vocabulary used\t%zu of %d ids\n", used.size(), wordpiece.size());
}

void print_split(const Options& o, const Split& split, const Images& images) {
  std::printf("split %s\t%zu train, %zu validation, %zu test\n", o.split.kind.c_str(), split.train.size(),
              split.val.size(), split.test.size());
  std::set<std::string> listed;
  for (const auto* list : {&split.train, &split.val, &split.test}) listed.insert(list->begin(), list->end());
  std::size_t without_list = 0;
  for (const ImageCaptions& image : images) without_list += listed.erase(image.id) == 0;
  if (without_list > 0) std::printf("in no list\t%s\n", counted(without_list, "image").c_str());
  if (!listed.empty())
    std::printf("listed, but without captions\t%s\n", counted(listed.size(), "image").c_str());
}

// Writes the lists in the form of the official ones, so that --split official --split-dir reads them.
void write_splits(const Split& split, const Images& images, const std::filesystem::path& folder) {
  std::unordered_map<std::string, std::string> file_of;
  for (const ImageCaptions& image : images) file_of.emplace(image.id, image.file);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw Error("cannot write splits", folder.string(), error.message());
  const auto write = [&](const char* name, const std::vector<std::string>& ids) {
    std::string text;
    for (const std::string& id : ids)
      if (const auto found = file_of.find(id); found != file_of.end()) text += found->second + '\n';
    write_file(folder / name, text);
  };
  write("Flickr_8k.trainImages.txt", split.train);
  write("Flickr_8k.devImages.txt", split.val);
  write("Flickr_8k.testImages.txt", split.test);
}

int dataset(const Options& o) {
  apply(o.common);
  check(o.split);
  if (!o.write_splits.empty()) check_output_folder(o.write_splits);
  const Images images =
      read_captions(o.captions, o.recipe == "notebook" ? CaptionFormat::notebook : CaptionFormat::csv);
  report_empty_captions(o.captions, images);
  const Split split = make_split(o.split, images);
  std::optional<WordPiece> wordpiece;
  if (!o.vocab.empty()) wordpiece.emplace(std::filesystem::path(o.vocab));
  print_captions(images);
  if (wordpiece) print_tokens(images, *wordpiece);
  print_split(o, split, images);
  if (!o.write_splits.empty()) write_splits(split, images, o.write_splits);
  return kDone;
}

}  // namespace

void add_dataset(CLI::App& app, Action& action) {
  auto o = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("dataset", "Counts and splits of a captions file");
  command->add_option("--captions", o->captions, "Captions file in the Kaggle layout: image,caption")
      ->required()
      ->type_name("FILE");
  command->add_option("--vocab", o->vocab, "BERT's vocab.txt: adds tokens per caption and the unknown rate")
      ->type_name("FILE");
  command
      ->add_option("--recipe", o->recipe,
                   "How captions are read: full = CSV, notebook = up to the first comma")
      ->check(CLI::IsMember({"full", "notebook"}))
      ->capture_default_str();
  add_split_options(*command, o->split);
  command->add_option("--write-splits", o->write_splits, "Write the three lists into this folder")
      ->type_name("DIR");
  add_common(*command, o->common, "plainsight dataset --captions captions.txt --vocab vocab.txt");
  command->callback([o, &action] { action = [o] { return dataset(*o); }; });
}

}  // namespace plainsight
