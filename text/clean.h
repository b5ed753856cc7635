#pragma once

#include <string>
#include <string_view>

namespace plainsight {

/// The notebook's cleaning: lower case as Python's, every character that is not a letter a-z becomes a blank,
/// words of one letter are dropped, words are joined by one blank. Any bytes in; the result is ASCII.
std::string clean_caption(std::string_view caption);

/// "<SOS> " + cleaned + " <EOS>": what the notebook trains on.
std::string with_markers(std::string_view cleaned);

/// max_length counts words as the notebook does: those of the cleaned caption and both markers.
int words_with_markers(std::string_view cleaned);

}  // namespace plainsight
