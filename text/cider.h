#pragma once

#include "text/bleu.h"

namespace plainsight {

/// CIDEr-D of each image, in [0,10], by pycocoevalcap's definition (docs/course/metrics.md). Document
/// frequencies come from the given references, so a score belongs to its corpus. The corpus value is the
/// mean. Arguments and errors as those of bleu().
std::vector<double> cider(const std::vector<std::string>& hypotheses, const References& references);

}  // namespace plainsight
