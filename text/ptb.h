#pragma once

#include <string>
#include <string_view>

namespace plainsight {

/// A caption as coco-caption's PTBTokenizer prepares it for scoring (CoreNLP 3.4.1 with American spelling,
/// lower case, punctuation dropped): words joined by one blank. A reimplementation of the rules that occur in
/// caption English; docs/math/metrics.md lists them and what is left out. Any bytes in.
std::string ptb_tokenize(std::string_view caption);

}  // namespace plainsight
