#pragma once

#include <span>
#include <string>
#include <string_view>

namespace plainsight {

/// HF tokenizers' WordPiece decoder with clean-up: blanks between pieces, none before ##, and in each piece
/// with its blank (a dot, a comma, n't ... standing alone) the blank removed.
std::string join_pieces(std::span<const std::string_view> pieces);

/// transformers' clean_up_tokenization, which `decode` applies to the whole text after the decoder: the same
/// replacements across pieces, so that "dog ' s" becomes "dog's".
std::string clean_up(std::string text);

}  // namespace plainsight
