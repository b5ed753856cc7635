#pragma once

#include "apps/common.h"
#include "model/decoder.h"

namespace plainsight {

/// --decode and the options that belong to it.
struct DecodeChoice {
  DecodeOptions options;
  std::string method = "beam";
  int max_length = 0;  ///< 0: the run's
};

/// `with_num`: offer --num, captions per image.
void add_decode_options(CLI::App& command, DecodeChoice& choice, bool with_num);

/// What was chosen, for a run whose captions have at most `run_max_length` ids. Throws UsageError.
DecodeOptions decode_options(const DecodeChoice& choice, int run_max_length);

}  // namespace plainsight
