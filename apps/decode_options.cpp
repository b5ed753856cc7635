#include "apps/decode_options.h"

namespace plainsight {

void add_decode_options(CLI::App& command, DecodeChoice& choice, bool with_num) {
  DecodeOptions& d = choice.options;
  command.add_option("--decode", choice.method, "How words are chosen")
      ->check(CLI::IsMember({"greedy", "beam", "sample"}))
      ->capture_default_str();
  command.add_option("--beam", d.beam, "beam: captions kept in mind")->capture_default_str();
  command.add_option("--length-penalty", d.length_penalty, "beam: rank by log p / length^this")
      ->capture_default_str();
  command.add_option("--temperature", d.temperature, "sample: logits are divided by it")
      ->capture_default_str();
  command.add_option("--top-k", d.top_k, "sample: only the k likeliest words; 0: all")->capture_default_str();
  command.add_option("--top-p", d.top_p, "sample: only the likeliest words up to this probability")
      ->capture_default_str();
  command.add_option("--seed", d.seed, "sample: of the draws")->capture_default_str();
  command.add_option("--max-length", choice.max_length,
                     "Longest caption, <SOS> counted (default: the run's)");
  if (with_num) command.add_option("--num", d.count, "Captions per image")->capture_default_str();
}

DecodeOptions decode_options(const DecodeChoice& choice, int run_max_length) {
  DecodeOptions options = choice.options;
  options.method = choice.method == "greedy" ? DecodeOptions::Method::greedy
                   : choice.method == "beam" ? DecodeOptions::Method::beam
                                             : DecodeOptions::Method::sample;
  options.max_length = choice.max_length != 0 ? choice.max_length : run_max_length;
  options.check();
  return options;
}

}  // namespace plainsight
