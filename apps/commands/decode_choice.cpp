#include "apps/commands/decode_choice.h"

#include <limits>

#include "apps/cli/number_option.h"
#include "engine/base/error.h"

namespace plainsight {
namespace {

void refuse_if_given(const std::vector<const CLI::Option*>& options, const std::string& method) {
  for (const CLI::Option* option : options)
    if (option->count() > 0)
      throw UsageError("cannot choose words", option->get_name(), "it is for --decode " + method + " only",
                       "Add that, or leave the option out");
}

}  // namespace

void add_decode_options(CLI::App& command, DecodeChoice& choice, bool with_num) {
  DecodeOptions& d = choice.options;
  command.option_defaults()->group("Choice of words");
  command.add_option("--decode", choice.method, "How words are chosen")
      ->check(CLI::IsMember({"greedy", "beam", "sample"}))
      ->capture_default_str();
  add_number(command, "--max-length", choice.max_length, Range<int>{2, 1000},
             "Longest caption, <SOS> counted (default: the run's)");
  if (with_num)
    add_number_with_default(command, "--num", d.count, Range<int>{1, 1000},
                            "Captions per image (greedy: 1; beam: at most --beam)");
  command.option_defaults()->group("With --decode beam");
  choice.beam_only = {
      add_number_with_default(command, "--beam", d.beam, Range<int>{1, 64}, "Captions kept in mind"),
      add_number_with_default(command, "--length-penalty", d.length_penalty, Range<double>{0, 10},
                              "Rank by log p / length^this")};
  command.option_defaults()->group("With --decode sample");
  choice.sample_only = {
      add_number_with_default(command, "--temperature", d.temperature, Range<double>{0, 100, true},
                              "Logits are divided by it"),
      add_number_with_default(command, "--top-k", d.top_k, Range<int>{0, 1'000'000},
                              "Only the k likeliest words; 0: all"),
      add_number_with_default(command, "--top-p", d.top_p, Range<double>{0, 1, true},
                              "Only the likeliest words up to this probability"),
      add_number_with_default(command, "--seed", d.seed,
                              Range<std::uint64_t>{0, std::numeric_limits<std::uint64_t>::max()},
                              "Of the draws")};
}

DecodeOptions decode_options(const DecodeChoice& choice, int run_max_length) {
  if (choice.method != "beam") refuse_if_given(choice.beam_only, "beam");
  if (choice.method != "sample") refuse_if_given(choice.sample_only, "sample");
  DecodeOptions options = choice.options;
  options.method = choice.method == "greedy" ? DecodeOptions::Method::greedy
                   : choice.method == "beam" ? DecodeOptions::Method::beam
                                             : DecodeOptions::Method::sample;
  options.max_length = choice.max_length != 0 ? choice.max_length : run_max_length;
  options.check();
  return options;
}

}  // namespace plainsight
