#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/captions.h"
#include "text/wordpiece.h"

namespace plainsight {

/// The captions as training reads them: one row per caption, images in the order of the list, captions in
/// file order.
struct CaptionRows {
  std::vector<std::int32_t> image;  ///< row i belongs to ids[image[i]] of encode_captions
  EncodedTexts tokens;              ///< row i: <SOS> pieces <EOS>, cut off at max_length

  std::size_t size() const { return image.size(); }
};

/// The longest cleaned caption in words, <SOS> and <EOS> counted: the notebook's max_length.
int max_caption_words(const std::vector<ImageCaptions>& images);

/// How many captions there are, of how many cleaning leaves no word, and the first of those in the file.
struct EmptyCaptions {
  std::size_t captions = 0, empty = 0, first_line = 0;
};
EmptyCaptions empty_captions(const std::vector<ImageCaptions>& images);

/// Cleans and encodes the captions of `ids`. Truncation counts pieces, not words: it can cut <EOS> off, as it
/// does in the notebook. Throws Error for an id without captions.
CaptionRows encode_captions(const std::vector<ImageCaptions>& images, const std::vector<std::string>& ids,
                            const WordPiece& wordpiece, std::size_t max_length);

}  // namespace plainsight
