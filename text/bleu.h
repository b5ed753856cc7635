#pragma once

#include <array>
#include <string>
#include <vector>

namespace plainsight {

/// The reference captions of each image, at least one.
using References = std::vector<std::vector<std::string>>;

/// BLEU-1 to BLEU-4 of a corpus with one hypothesis per image, in [0,1], by pycocoevalcap's definition
/// (docs/course/metrics.md). Words are separated by blanks. Throws ContractError when the two sizes differ or
/// an image has no reference.
std::array<double, 4> bleu(const std::vector<std::string>& hypotheses, const References& references);

}  // namespace plainsight
