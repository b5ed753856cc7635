#pragma once

#include "text/bleu.h"

namespace plainsight {

/// ROUGE-L of each image, in [0,1], by pycocoevalcap's definition (docs/course/metrics.md). The corpus value
/// is the mean. Arguments and errors as those of bleu().
std::vector<double> rouge_l(const std::vector<std::string>& hypotheses, const References& references);

}  // namespace plainsight
