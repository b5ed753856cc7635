#include <doctest/doctest.h>

#include "engine/base/parallel.h"
#include "tests/support/data.h"
#include "tests/support/text_golden.h"
#include "tests/text/vocabulary.h"
#include "text/bert_characters.h"
#include "text/clean_up.h"
#include "text/utf8.h"

using namespace plainsight;

namespace {

std::string hex(std::uint32_t value) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%x", value);
  return digits;
}

// The words of "x" c "y" as the reference script writes them.
std::string words_of(char32_t c) {
  const CharacterRule& rule = character_rule(c);
  std::string inside;
  for (const char* p = rule.utf8; p < rule.utf8 + rule.bytes;) {
    const DecodedCodePoint part = decode_utf8(p, rule.utf8 + rule.bytes);
    inside += (inside.empty() ? "" : ".") + hex(part.value);
    p += part.bytes;
  }
  switch (rule.kind) {
    case CharacterRule::kDrop: return "78.79";
    case CharacterRule::kSpace: return "78 79";
    case CharacterRule::kPunctuation: return "78 " + inside + " 79";
    case CharacterRule::kWord: return "78." + inside + ".79";
  }
  return "";
}

}  // namespace

TEST_CASE("every code point is normalised and split as HF tokenizers does") {
  for (const std::string& line : test::read_lines(test::golden("bert_characters.txt"))) {
    const auto first = static_cast<char32_t>(std::stoul(line, nullptr, 16));
    std::string block;
    for (char32_t c = first; c < first + 4096; ++c)
      if (c < 0xD800 || c >= 0xE000) block += hex(c) + " " + words_of(c) + "\n";
    CAPTURE(line);
    CHECK(test::fnv1a(block) == line.substr(line.find(' ') + 1));
  }
}

TEST_CASE("no byte of text gives more than one id") {
  // The encoder reserves this much: each code point of a word can be one piece.
  for (char32_t c = 0; c < 0x110000; ++c) {
    char bytes[4];
    if (character_rule(c).code_points > encode_utf8(c, bytes) - bytes) FAIL_CHECK(hex(c));
  }
}

TEST_CASE("ids and decoded texts of the torture file are those of HF tokenizers") {
  const WordPiece w(test::golden("wordpiece_vocab.txt"));
  std::vector<std::string> texts, expected;
  for (const std::string& line : test::read_lines(test::golden("wordpiece_torture.tsv"))) {
    const auto fields = test::split(line, '\t');
    REQUIRE(fields.size() == 4);
    texts.push_back(test::unescape(fields[0]));
    expected.push_back(fields[1]);
    const auto ids = test::encode(w, texts.back());
    std::string printed;
    std::vector<std::string_view> pieces;
    for (const std::int32_t id : ids) {
      printed += (printed.empty() ? "" : " ") + std::to_string(id);
      if (!w.is_special(id)) pieces.push_back(w.piece(id));
    }
    CAPTURE(fields[0]);
    CHECK(printed == fields[1]);
    CHECK(join_pieces(pieces) == test::unescape(fields[2]));
    CHECK(w.decode(ids) == test::unescape(fields[3]));
  }
  REQUIRE(texts.size() > 1900);
  set_threads(3);
  const EncodedTexts batch = w.encode_batch(std::span<const std::string>(texts));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::string printed;
    for (const std::int32_t id : batch[i]) printed += (printed.empty() ? "" : " ") + std::to_string(id);
    CHECK(printed == expected[i]);
  }
}
