#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "text/scores.h"

namespace plainsight {

/// How captions become the words that are compared.
enum class ScoreWords {
  ptb,       ///< Penn Treebank tokens, as pycocoevalcap scores
  notebook,  ///< the notebook's cleaning: letters only, words of one letter dropped
};
ScoreWords parse_score_words(const std::string& name);

/// The words of a caption, joined by blanks.
std::string score_words_of(const std::string& caption, ScoreWords words);

/// Captions with their scores, of each image and of all.
struct ScoredCaptions {
  std::vector<std::string> hypotheses;  ///< words joined by blanks
  ImageScores images;
  Scores corpus;
  std::size_t distinct_captions = 0, distinct_words = 0;
  double mean_length = 0;  ///< in words
};

/// The raw references of each image as words.
References score_words_of(const References& references, ScoreWords words);

/// Scores texts whose words are separated by blanks.
ScoredCaptions score_word_texts(std::vector<std::string> hypotheses, const References& references);

/// The scores as lines `name<TAB>value` in percent on stdout, and as JSON in fractions.
void print_score_lines(const ScoredCaptions& scored);
nlohmann::ordered_json score_json(const ScoredCaptions& scored);

/// One image's line of --per-image.
nlohmann::ordered_json image_score_json(const ScoredCaptions& scored, std::size_t image);

/// Warns on stderr when fewer than a fifth of the captions are distinct.
void warn_of_collapse(std::size_t distinct, std::size_t images);

/// Prints on stderr that CIDEr-D is 0 for one image, and the reason.
void note_single_image(std::size_t images);

}  // namespace plainsight
