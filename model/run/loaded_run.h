#pragma once

#include <memory>
#include <string>

#include "data/feature_store.h"
#include "model/captioner/decoder.h"
#include "model/run/run_folder.h"
#include "text/wordpiece.h"

namespace plainsight {

/// A finished run, ready to caption: its configuration, vocabulary and best weights.
class LoadedRun {
 public:
  /// Throws Error when a file of the run is missing, damaged or does not fit the others.
  explicit LoadedRun(const RunFolder& folder);

  const RunFolder& folder() const { return folder_; }
  const RunConfig& config() const { return config_; }
  const WordPiece& wordpiece() const { return wordpiece_; }
  const CaptionerWeights& weights() const { return weights_; }
  const Decoder& decoder() const { return *decoder_; }

  /// The layer of the image features that the run was trained on; fc7 where config.json does not say.
  std::string feature_layer() const;

  /// The words of a caption: its tokens joined, special tokens left out.
  std::string text(const Hypothesis& caption) const { return wordpiece_.decode(caption.tokens); }

  /// Throws Error unless the features are of the kind that the run was trained on.
  /// `where` names them in the message.
  void check_features(std::int64_t dim, const Metadata& metadata, const std::string& where) const;

 private:
  RunFolder folder_;
  RunConfig config_;
  WordPiece wordpiece_;
  SafetensorsFile file_;
  CaptionerWeights weights_;
  std::unique_ptr<Decoder> decoder_;
};

/// The entries of a feature file's metadata that describe its source: encoder, layer, preprocessing, weights.
std::map<std::string, std::string> feature_kind(const Metadata& metadata);

}  // namespace plainsight
