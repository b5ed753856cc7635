#include "text/wordpiece.h"

#include <algorithm>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "text/clean_up.h"
#include "text/encoder.h"
#include "text/vocabulary.h"

namespace plainsight {

struct WordPiece::State {
  Vocabulary vocabulary;
  std::int32_t pad, unk, sos, eos;
  std::vector<std::int32_t> special;
  Encoder encoder;

  explicit State(Vocabulary v)
      : vocabulary(std::move(v)),
        pad(vocabulary.find("[PAD]")),
        unk(vocabulary.find("[UNK]")),
        sos(vocabulary.add("<SOS>")),
        eos(vocabulary.add("<EOS>")),
        encoder(vocabulary, unk, special_tokens()) {}

  std::vector<SpecialToken> special_tokens() {
    std::vector<SpecialToken> tokens;
    for (const char* token : {"<SOS>", "<EOS>", "[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"})
      if (const std::int32_t id = vocabulary.find(token); id >= 0) {
        tokens.push_back({token, id});
        special.push_back(id);
      }
    return tokens;
  }
};

WordPiece::WordPiece(const std::filesystem::path& vocab)
    : state_(std::make_unique<State>(Vocabulary::read(vocab))) {}
WordPiece::WordPiece(std::string vocabulary, const std::string& name)
    : state_(std::make_unique<State>(Vocabulary::parse(std::move(vocabulary), name))) {}
WordPiece::~WordPiece() = default;
WordPiece::WordPiece(WordPiece&&) noexcept = default;
WordPiece& WordPiece::operator=(WordPiece&&) noexcept = default;

std::int32_t WordPiece::size() const { return state_->vocabulary.size(); }
std::int32_t WordPiece::pad() const { return state_->pad; }
std::int32_t WordPiece::unk() const { return state_->unk; }
std::int32_t WordPiece::sos() const { return state_->sos; }
std::int32_t WordPiece::eos() const { return state_->eos; }
std::string_view WordPiece::piece(std::int32_t id) const { return state_->vocabulary.piece(id); }
std::int32_t WordPiece::find(std::string_view piece) const { return state_->vocabulary.find(piece); }

bool WordPiece::is_special(std::int32_t id) const {
  return std::find(state_->special.begin(), state_->special.end(), id) != state_->special.end();
}

void WordPiece::encode(std::string_view text, std::vector<std::int32_t>& out, std::size_t max_length) const {
  const std::size_t before = out.size();
  out.resize(before + text.size());
  const std::int32_t* const end = state_->encoder.encode(text, out.data() + before);
  out.resize(before + std::min<std::size_t>(max_length, end - (out.data() + before)));
}

EncodedTexts WordPiece::encode_batch(std::span<const std::string_view> texts, std::size_t max_length) const {
  // Each task encodes a block of texts by itself; then the blocks are joined in their order.
  constexpr std::int64_t kBlock = 512;
  const std::int64_t n = std::ssize(texts);
  std::vector<EncodedTexts> blocks(ceil_div(n, kBlock));
  parallel_for(std::ssize(blocks), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b)
      for (std::int64_t i = b * kBlock; i < std::min(n, (b + 1) * kBlock); ++i) {
        encode(texts[i], blocks[b].ids, max_length);
        blocks[b].begins.push_back(std::ssize(blocks[b].ids));
      }
  });
  EncodedTexts all;
  all.begins.reserve(texts.size() + 1);
  for (const EncodedTexts& block : blocks) {
    const std::int64_t before = all.begins.back();
    for (std::size_t i = 1; i < block.begins.size(); ++i) all.begins.push_back(before + block.begins[i]);
  }
  all.ids.reserve(all.begins.back());
  for (const EncodedTexts& block : blocks) all.ids.insert(all.ids.end(), block.ids.begin(), block.ids.end());
  return all;
}

EncodedTexts WordPiece::encode_batch(std::span<const std::string> texts, std::size_t max_length) const {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  return encode_batch(std::span<const std::string_view>(views), max_length);
}

std::string WordPiece::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  std::vector<std::string_view> pieces;
  for (const std::int32_t id : ids)
    if (!skip_special_tokens || !is_special(id)) pieces.push_back(piece(id));
  return clean_up(join_pieces(pieces));
}

}  // namespace plainsight
