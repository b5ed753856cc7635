#include <doctest/doctest.h>

#include <map>

#include "data/captions.h"
#include "tests/support/data.h"
#include "tests/support/text_golden.h"
#include "text/clean.h"
#include "text/clean_up.h"
#include "text/utf8.h"
#include "text/wordpiece.h"

using namespace plainsight;
using Lines = std::vector<std::string>;

namespace {

Lines block_hashes(const Lines& lines) {
  Lines hashes;
  for (std::size_t i = 0; i < lines.size(); i += 1000) {
    std::string block;
    for (std::size_t j = i; j < std::min(lines.size(), i + 1000); ++j) block += lines[j] + '\n';
    hashes.push_back(test::fnv1a(block));
  }
  return hashes;
}

using Golden = std::map<std::string, Lines>;

// "set what" -> one hash for each thousand lines.
Golden read_golden() {
  Golden golden;
  for (const std::string& line : test::read_lines(test::golden("wordpiece_data.txt"))) {
    if (line.starts_with("#")) continue;
    Lines words = test::split(line, ' ');
    golden[words[0] + " " + words[1]] = Lines(words.begin() + 2, words.end());
  }
  return golden;
}

void check_blocks(const Golden& golden, const std::string& key, const Lines& lines) {
  const Lines hashes = block_hashes(lines);
  const Lines& expected = golden.at(key);
  REQUIRE(hashes.size() == expected.size());
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    CAPTURE(key);
    CAPTURE(i);  // lines 1000 i to 1000 i + 999
    CHECK(hashes[i] == expected[i]);
  }
}

void check_set(const WordPiece& w, const Golden& golden, const std::string& name, const Lines& texts) {
  check_blocks(golden, name + " texts", texts);
  const EncodedTexts batch = w.encode_batch(std::span<const std::string>(texts));
  Lines ids, library, decoded;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::string line;
    std::vector<std::string_view> pieces;
    for (const std::int32_t id : batch[i]) {
      line += (line.empty() ? "" : " ") + std::to_string(id);
      if (!w.is_special(id)) pieces.push_back(w.piece(id));
    }
    ids.push_back(line);
    library.push_back(join_pieces(pieces));
    decoded.push_back(w.decode(batch[i]));
  }
  check_blocks(golden, name + " ids", ids);
  check_blocks(golden, name + " library", library);
  check_blocks(golden, name + " decoded", decoded);
}

Lines all_captions(CaptionFormat format) {
  Lines captions;
  for (const ImageCaptions& image : read_captions(test::data_dir() / "captions.txt", format))
    captions.insert(captions.end(), image.captions.begin(), image.captions.end());
  return captions;
}

Lines cleaned(Lines captions) {
  for (std::string& caption : captions) caption = with_markers(clean_caption(caption));
  return captions;
}

}  // namespace

// The texts are hashed as well: the notebook's reading and cleaning, run by Python, gave them.
TEST_CASE("all captions, raw and cleaned, get the ids and texts of HF tokenizers") {
  const WordPiece w(test::data_dir() / "bert-base-uncased-vocab.txt");
  const Golden golden = read_golden();
  check_set(w, golden, "raw_csv", all_captions(CaptionFormat::csv));
  check_set(w, golden, "cleaned_csv", cleaned(all_captions(CaptionFormat::csv)));
  check_set(w, golden, "cleaned_notebook", cleaned(all_captions(CaptionFormat::notebook)));
}

TEST_CASE("every code point between neighbours gets the ids and texts of HF tokenizers") {
  const WordPiece w(test::data_dir() / "bert-base-uncased-vocab.txt");
  Lines texts;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    char bytes[4];
    const std::string character(bytes, encode_utf8(c, bytes));
    texts.push_back("a" + character + "b " + character + " the");
  }
  check_set(w, read_golden(), "code_points", texts);
}
