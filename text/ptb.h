#pragma once

#include <string>
#include <string_view>

namespace plainsight {

/// A caption as pycocoevalcap prepares it for scoring: the tokens of CoreNLP 3.4.1's PTBTokenizer in lower
/// case, punctuation dropped, joined by one blank. Accepts any bytes. docs/course/metrics.md has the rules.
std::string ptb_tokenize(std::string_view caption);

}  // namespace plainsight
