#include "apps/demo/image_set.h"

#include <cstdio>

#include "apps/demo/draw.h"
#include "engine/io/atomic_file.h"

namespace plainsight::demo {
namespace {

constexpr int kCaptions = 5;

std::string csv_field(const std::string& text) {
  return text.find(',') == std::string::npos ? text : '"' + text + '"';  // the sentences have no quotes
}

std::string captions_csv(const ImageSet& set) {
  std::string text = "image,caption\n";
  for (std::size_t i = 0; i < set.scenes.size(); ++i) {
    TorchGenerator random(derive_seed(set.scenes[i].seed, 1));
    for (int k = 0; k < kCaptions; ++k)
      text += set.files[i] + "," + csv_field(describe(set.scenes[i], random)) + "\n";
  }
  return text;
}

// BERT's form: special tokens, words, and single characters from which any other word can be put together.
std::string vocabulary() {
  std::string text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
  for (const std::string& word : all_words())
    if (word.size() > 1) text += word + "\n";
  for (char c = 'a'; c <= 'z'; ++c) text += std::string(1, c) + "\n";
  for (char c = 'a'; c <= 'z'; ++c) text += std::string("##") + c + "\n";
  return text;
}

std::string lines(const ImageSet& set, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += set.files[i] + "\n";
  return text;
}

}  // namespace

ImageSet make_image_set(const std::filesystem::path& folder, int count, std::uint64_t seed,
                        const std::function<void(int)>& progress) {
  ImageSet set;
  set.scenes = make_scenes(count, seed);
  set.images = folder / "Images";
  set.captions = folder / "captions.txt";
  set.vocab = folder / "vocab.txt";
  set.splits = folder / "splits";
  set.train = set.scenes.size() * 7 / 10;
  set.val = set.scenes.size() / 10;
  std::filesystem::create_directories(set.images);
  std::filesystem::create_directories(set.splits);
  for (std::size_t i = 0; i < set.scenes.size(); ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "scene%03zu.png", i);
    set.files.push_back(name);
    write_png(set.images / name, draw(set.scenes[i]));
    progress(static_cast<int>(i) + 1);
  }
  write_file(set.captions, captions_csv(set));
  write_file(set.vocab, vocabulary());
  write_file(set.splits / "Flickr_8k.trainImages.txt", lines(set, 0, set.train));
  write_file(set.splits / "Flickr_8k.devImages.txt", lines(set, set.train, set.train + set.val));
  write_file(set.splits / "Flickr_8k.testImages.txt", lines(set, set.train + set.val, set.files.size()));
  return set;
}

}  // namespace plainsight::demo
