#include "data/caption_rows.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "engine/base/error.h"
#include "text/clean.h"

namespace plainsight {

int max_caption_words(const std::vector<ImageCaptions>& images) {
  int longest = 0;
  for (const ImageCaptions& image : images)
    for (const std::string& caption : image.captions)
      longest = std::max(longest, words_with_markers(clean_caption(caption)));
  return longest;
}

EmptyCaptions empty_captions(const std::vector<ImageCaptions>& images) {
  EmptyCaptions found;
  for (const ImageCaptions& image : images) {
    found.captions += image.captions.size();
    for (std::size_t i = 0; i < image.captions.size(); ++i) {
      if (!clean_caption(image.captions[i]).empty()) continue;
      found.first_line = found.empty == 0 ? image.lines[i] : std::min(found.first_line, image.lines[i]);
      ++found.empty;
    }
  }
  return found;
}

CaptionRows encode_captions(const std::vector<ImageCaptions>& images, const std::vector<std::string>& ids,
                            const WordPiece& wordpiece, std::size_t max_length) {
  std::unordered_map<std::string_view, const ImageCaptions*> by_id;
  for (const ImageCaptions& image : images) by_id.emplace(image.id, &image);
  CaptionRows rows;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = by_id.find(ids[i]);
    if (found == by_id.end())
      throw Error("cannot encode captions", ids[i], "the captions file has none for this image",
                  "Use the captions that belong to the split");
    for (const std::string& caption : found->second->captions) {
      texts.push_back(with_markers(clean_caption(caption)));
      rows.image.push_back(static_cast<std::int32_t>(i));
    }
  }
  rows.tokens = wordpiece.encode_batch(std::span<const std::string>(texts), max_length);
  return rows;
}

}  // namespace plainsight
