#pragma once

#include <string>
#include <vector>

#include "data/captions.h"

namespace plainsight {

/// Warns on stderr of captions of `file` of which cleaning (text/clean.h) leaves no word: a model learns
/// to say nothing from them. Throws Error when all captions are empty.
void report_empty_captions(const std::string& file, const std::vector<ImageCaptions>& images);

}  // namespace plainsight
