#pragma once

#include <string>
#include <string_view>

namespace plainsight {

/// American spelling of a British word, by the rules that CoreNLP's tokenizer applied until its version 4: a
/// list of words, `programme`, and words in -our that are no exceptions. Case-sensitive:
/// "grey" changes, "Grey" does not.
std::string americanize(std::string_view word);

}  // namespace plainsight
