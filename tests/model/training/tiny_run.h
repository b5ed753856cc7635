#pragma once

#include <unistd.h>

#include <fstream>

#include "engine/io/atomic_file.h"
#include "model/training/trainer.h"

namespace plainsight::test {

/// A whole small training set as files below a temporary folder: 20 images with three captions each.
class TinySet {
 public:
  TinySet()
      : folder_(make_folder()),
        wordpiece_(write_vocab()),
        captions_(read_captions(write_captions(), CaptionFormat::csv)),
        features_(write_features()) {
    Split split;
    for (std::size_t i = 0; i < captions_.size(); ++i)
      (i % 5 == 4 ? split.val : split.train).push_back(captions_[i].id);
    split_ = split;
  }
  ~TinySet() { std::filesystem::remove_all(folder_); }
  TinySet(const TinySet&) = delete;
  TinySet& operator=(const TinySet&) = delete;

  std::filesystem::path folder() const { return folder_; }
  std::filesystem::path vocab() const { return folder_ / "vocab.txt"; }
  const Split& split() const { return split_; }
  TrainingData data(Recipe recipe) const {
    return encode_training_data(captions_, split_, recipe, 9, wordpiece_, features_);
  }
  RunConfig config(Recipe recipe) const {
    RunConfig c;
    c.train.recipe = recipe;
    c.train.epochs = 4;
    c.train.batch_size = 7;
    c.train.lr = 0.01;
    c.train.embed = 12;
    c.train.hidden = 20;
    c.shape = {features_.dim(), c.train.embed, c.train.hidden, wordpiece_.size()};
    c.max_length = 9;
    c.split = "random";
    return c;
  }

 private:
  static constexpr const char* kWords[] = {"red",  "blue", "dog",   "cat",  "runs",
                                           "sits", "on",   "grass", "sand", "the"};

  static std::filesystem::path make_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "plainsight-model-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    return name;
  }
  std::filesystem::path write_vocab() const {
    std::string text = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (const char* word : kWords) text += std::string(word) + "\n";
    write_file(vocab(), text);
    return vocab();
  }
  std::filesystem::path write_captions() const {
    TorchGenerator random(3);
    std::string text = "image,caption\n";
    for (int image = 0; image < 20; ++image)
      for (int c = 0; c < 3; ++c) {
        text += "image" + std::to_string(image) + ".jpg,";
        const std::uint32_t words = 2 + random.random() % 5;
        for (std::uint32_t w = 0; w < words; ++w) text += std::string(kWords[random.random() % 10]) + " ";
        text += "\n";
      }
    write_file(folder_ / "captions.txt", text);
    return folder_ / "captions.txt";
  }
  std::filesystem::path write_features() const {
    std::vector<std::string> ids;
    for (const ImageCaptions& image : captions_) ids.push_back(image.id);
    Tensor rows({static_cast<std::int64_t>(ids.size()), 16});
    TorchGenerator(5).normal({rows.data(), static_cast<std::size_t>(rows.size())}, 0, 1);
    FeatureStoreWriter writer(folder_ / "features.safetensors", ids, 16, {"test", "fc7", "none", "none"});
    writer.append(rows);
    writer.commit();
    return folder_ / "features.safetensors";
  }

  std::filesystem::path folder_;
  WordPiece wordpiece_;
  std::vector<ImageCaptions> captions_;
  FeatureStore features_;
  Split split_;
};

/// A file's bytes.
inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// metrics.jsonl without the two fields that a clock decides.
inline std::string without_times(std::string lines) {
  for (std::size_t at; (at = lines.find(",\"seconds\":")) != std::string::npos;)
    lines.erase(at, lines.find('}', at) - at);
  return lines;
}

}  // namespace plainsight::test
