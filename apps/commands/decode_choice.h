#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "model/captioner/decode_options.h"

namespace plainsight {

/// --decode and the options that belong to it.
struct DecodeChoice {
  DecodeOptions options;
  std::string method = "beam";
  int max_length = 0;                                      ///< 0: the run's
  std::vector<const CLI::Option*> beam_only, sample_only;  ///< the options that one method alone uses
};

/// `with_num`: offer --num, captions per image.
void add_decode_options(CLI::App& command, DecodeChoice& choice, bool with_num);

/// The chosen options, for a run whose captions have at most `run_max_length` ids. Throws UsageError, also
/// for an option that the method does not use.
DecodeOptions decode_options(const DecodeChoice& choice, int run_max_length);

}  // namespace plainsight
