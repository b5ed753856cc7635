#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plainsight {

/// The ids of many texts, one after the other.
struct EncodedTexts {
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> begins{0};  ///< text i is ids[begins[i], begins[i+1])

  std::size_t size() const { return begins.size() - 1; }
  std::span<const std::int32_t> operator[](std::size_t i) const {
    return std::span(ids.data() + begins[i], begins[i + 1] - begins[i]);
  }
};

/// BERT's uncased tokenizer with <SOS> and <EOS> as added special tokens: the ids and texts of HF tokenizers
/// (the fast one, `AutoTokenizer.from_pretrained("bert-base-uncased")`). docs/course/wordpiece.md derives it.
/// Immutable after construction, safe to share between threads. Takes any bytes and never throws on text;
/// invalid UTF-8 counts as U+FFFD, which BERT drops.
class WordPiece {
 public:
  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

  /// Throws Error on a bad vocabulary file (vocabulary.h lists the reasons).
  explicit WordPiece(const std::filesystem::path& vocab);
  /// Reads the content of a vocabulary file; `name` is the file's name in messages.
  WordPiece(std::string vocabulary, const std::string& name);
  ~WordPiece();
  WordPiece(WordPiece&&) noexcept;
  WordPiece& operator=(WordPiece&&) noexcept;

  /// Number of ids, the added tokens included: 30,524 for bert-base-uncased.
  std::int32_t size() const;
  std::int32_t pad() const;
  std::int32_t unk() const;
  std::int32_t sos() const;
  std::int32_t eos() const;
  /// [PAD] [UNK] [CLS] [SEP] [MASK] <SOS> <EOS>, as far as the vocabulary has them.
  bool is_special(std::int32_t id) const;

  /// The piece as the vocabulary writes it (## marks a continuation). 0 <= id < size().
  std::string_view piece(std::int32_t id) const;
  /// -1 when there is no such piece.
  std::int32_t find(std::string_view piece) const;

  /// Appends the ids of `text`, at most `max_length` of them (the rest is cut off, as `truncation=True`).
  /// Adds no [CLS] and [SEP] (`add_special_tokens=False`); special tokens in the text are found.
  void encode(std::string_view text, std::vector<std::int32_t>& out,
              std::size_t max_length = kUnlimited) const;
  /// The same for many texts, in parallel; the result does not depend on the number of threads.
  EncodedTexts encode_batch(std::span<const std::string_view> texts,
                            std::size_t max_length = kUnlimited) const;
  EncodedTexts encode_batch(std::span<const std::string> texts, std::size_t max_length = kUnlimited) const;

  /// Equals `tokenizer.decode(ids, skip_special_tokens)`: pieces joined, then blanks before punctuation
  /// and in contractions removed. Throws ContractError for an id out of range.
  std::string decode(std::span<const std::int32_t> ids, bool skip_special_tokens = true) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace plainsight
