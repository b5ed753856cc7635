#include "apps/commands/scored_captions.h"

#include <cstdio>
#include <set>

#include "text/clean.h"
#include "text/ngrams.h"
#include "text/ptb.h"

namespace plainsight {
ScoreWords parse_score_words(const std::string& name) {
  return name == "notebook" ? ScoreWords::notebook : ScoreWords::ptb;
}

std::string score_words_of(const std::string& caption, ScoreWords words) {
  return words == ScoreWords::ptb ? ptb_tokenize(caption) : clean_caption(caption);
}

References score_words_of(const References& references, ScoreWords words) {
  References prepared;
  for (const auto& texts : references) {
    prepared.emplace_back();
    for (const std::string& text : texts) prepared.back().push_back(score_words_of(text, words));
  }
  return prepared;
}

ScoredCaptions score_word_texts(std::vector<std::string> hypotheses, const References& references) {
  ScoredCaptions scored;
  scored.hypotheses = std::move(hypotheses);
  scored.images = score(scored.hypotheses, references);
  scored.corpus = scored.images.corpus();

  const std::set<std::string> distinct(scored.hypotheses.begin(), scored.hypotheses.end());
  scored.distinct_captions = distinct.size();
  WordNumbers numbers;
  std::set<std::int32_t> vocabulary;
  for (const std::string& hypothesis : distinct)
    for (const std::int32_t word : numbers.split(hypothesis)) vocabulary.insert(word);
  scored.distinct_words = vocabulary.size();
  double length = 0;
  for (const BleuCounts& image : scored.images.bleu) length += image.length;
  if (length > 0) scored.mean_length = length / static_cast<double>(scored.hypotheses.size());
  return scored;
}

void print_score_lines(const ScoredCaptions& scored) {
  for (std::size_t n = 0; n < 4; ++n) std::printf("BLEU-%zu\t%.2f\n", n + 1, 100 * scored.corpus.bleu[n]);
  std::printf("ROUGE-L\t%.2f\nCIDEr-D\t%.2f\n", 100 * scored.corpus.rouge_l, 100 * scored.corpus.cider);
  std::printf("distinct captions\t%zu\ndistinct words\t%zu\nmean length\t%.2f\n", scored.distinct_captions,
              scored.distinct_words, scored.mean_length);
}

nlohmann::ordered_json score_json(const ScoredCaptions& scored) {
  return {{"images", scored.hypotheses.size()},
          {"bleu", scored.corpus.bleu},
          {"rouge_l", scored.corpus.rouge_l},
          {"cider_d", scored.corpus.cider},
          {"distinct_captions", scored.distinct_captions},
          {"distinct_words", scored.distinct_words},
          {"mean_length", scored.mean_length}};
}

nlohmann::ordered_json image_score_json(const ScoredCaptions& scored, std::size_t image) {
  return {{"words", scored.hypotheses[image]},
          {"bleu", scored.images.bleu[image].bleu()},
          {"rouge_l", scored.images.rouge_l[image]},
          {"cider_d", scored.images.cider[image]}};
}

void warn_of_collapse(std::size_t distinct, std::size_t images) {
  if (5 * distinct >= images) return;
  std::fprintf(
      stderr,
      "plainsight: warning: only %zu distinct captions for %zu images: the model hardly looks at the "
      "image. Likely causes: too few epochs, too high a learning rate, or features of another encoder "
      "or other images\n",
      distinct, images);
}

void note_single_image(std::size_t images) {
  if (images != 1) return;
  std::fprintf(stderr,
               "plainsight: note: CIDEr-D is 0 for one image: it weighs words by the share of images that "
               "have them, and here each word is in all. Score more images at once\n");
}

}  // namespace plainsight
