#include "text/wordpiece.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>

#include "engine/base/error.h"
#include "tests/support/temp_dir.h"
#include "tests/text/vocabulary.h"

using namespace plainsight;
using test::encode;
using test::vocabulary_of;
using Ids = std::vector<std::int32_t>;

namespace {

std::string message_of(const std::string& vocabulary) {
  try {
    WordPiece(vocabulary, "v.txt");
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("WordPiece takes the longest piece first, and all of a word or none") {
  const WordPiece w(vocabulary_of({"un", "##aff", "##able", "una", "##ff", "runn", "running", "##g"}), "v");
  CHECK(encode(w, "unaffable") == Ids{8, 9, 7});  // una ##ff ##able: greedy
  CHECK(encode(w, "running") == Ids{11});
  CHECK(encode(w, "unx") == Ids{1});
  CHECK(encode(w, "UN un") == Ids{5, 5});
  CHECK(w.size() == 15);
  CHECK(w.sos() == 13);
  CHECK(w.piece(6) == "##aff");
  CHECK(w.find("runn") == 10);
  CHECK(w.find("run") == -1);
}

TEST_CASE("words of every length near the block sizes give the same pieces") {
  // Words of n letters a: the vocabulary has a, ##a and words of 8, 16 and 17 letters.
  const std::string a8(8, 'a'), a16(16, 'a'), a17(17, 'a');
  const WordPiece w(vocabulary_of({"a", "##a", a8.c_str(), a16.c_str(), a17.c_str()}), "v");
  for (std::size_t n = 1; n <= 101; ++n) {
    const std::size_t head = n >= 17 ? 17 : n >= 16 ? 16 : n >= 8 ? 8 : 1;
    Ids expected{head == 17 ? 9 : head == 16 ? 8 : head == 8 ? 7 : 5};
    expected.resize(1 + n - head, 6);
    if (n > 100) expected = {1};
    const std::string word(n, n % 2 == 0 ? 'a' : 'A');
    CAPTURE(n);
    CHECK(encode(w, word) == expected);
    CHECK(encode(w, word + " ") == expected);
    CHECK(encode(w, "\t" + word + "\x01") == expected);
    CHECK(encode(w, word.substr(0, n / 2) + "\x7f" + word.substr(n / 2)) == expected);
    // The text alone in a heap block of its exact size, so that the address sanitizer sees any read past it.
    const std::vector<char> exact(word.begin(), word.end());
    CHECK(encode(w, {exact.data(), exact.size()}) == expected);
  }
}

TEST_CASE("special tokens are found in raw text, case and all, anywhere") {
  const WordPiece w(vocabulary_of({"dog", "<", ">", "sos", "["}), "v");
  const std::int32_t sos = w.sos(), eos = w.eos();
  CHECK(encode(w, "<SOS>dog<EOS>") == Ids{sos, 5, eos});
  CHECK(encode(w, "<sos>") == Ids{6, 8, 7});
  CHECK(encode(w, "<<SOS>") == Ids{6, sos});
  CHECK(encode(w, "[[PAD][UNK]") == Ids{9, 0, 1});
  CHECK(encode(w, "\u00E9<SOS>") == Ids{1, sos});
  CHECK(encode(w, "<SO") == Ids{6, 1});
  CHECK(w.is_special(0));
  CHECK(w.is_special(sos));
  CHECK_FALSE(w.is_special(5));
}

TEST_CASE("a vocabulary that has <SOS> and <EOS> keeps their ids") {
  const WordPiece w(vocabulary_of({"<EOS>", "<SOS>"}), "v");
  CHECK(w.size() == 7);
  CHECK(w.sos() == 6);
  CHECK(w.eos() == 5);
}

TEST_CASE("truncation keeps the first ids") {
  const WordPiece w(vocabulary_of({"a", "b"}), "v");
  CHECK(encode(w, "<SOS> a b a <EOS>", 3) == Ids{w.sos(), 5, 6});
  CHECK(encode(w, "a b", 0) == Ids{});
  Ids kept{42};
  w.encode("a b", kept, 1);
  CHECK(kept == Ids{42, 5});
}

TEST_CASE("a batch gives what its texts give one by one, for any number of threads") {
  const WordPiece w(vocabulary_of({"a", "##b", "c"}), "v");
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 1500; ++i)
    texts.push_back(std::string(i % 7, 'a') + "b c" + (i % 3 == 0 ? " ab" : ""));
  const EncodedTexts batch = w.encode_batch(std::span<const std::string>(texts), 3);
  REQUIRE(batch.size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i)
    CHECK(Ids(batch[i].begin(), batch[i].end()) == encode(w, texts[i], 3));
  CHECK(w.encode_batch(std::span<const std::string>()).size() == 0);
}

TEST_CASE("decode joins pieces and tidies as BERT's decoder") {
  const WordPiece w(vocabulary_of({"dog", "##s", ".", "'", "s", "-", "do", "not", "n't"}), "v");
  CHECK(w.decode(Ids{w.sos(), 5, 6, 7, w.eos(), 0}) == "dogs.");
  CHECK(w.decode(Ids{w.sos(), 5, 7}, false) == "<SOS> dog.");
  CHECK(w.decode(Ids{5, 8, 9, 10, 5}) == "dog's - dog");
  CHECK(w.decode(Ids{11, 12}) == "do not");  // the decoder tidies each piece alone
  CHECK(w.decode(Ids{11, 13}) == "don't");
  CHECK(w.decode(Ids{6, 6}) == "##ss");  // the first piece keeps its ##
  CHECK(w.decode(Ids{}) == "");
  CHECK_THROWS_AS(w.decode(Ids{99}), ContractError);
  CHECK_THROWS_AS(w.decode(Ids{-1}), ContractError);
}

TEST_CASE("a vocabulary whose pieces branch widely is read in time") {
  // Each goes on in 12 ways of 94: holes that such a node fits into are rare, and walking through them all
  // for each node takes 18 seconds.
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t random = 1;
  std::vector<std::string> level{""};
  for (int depth = 0; depth < 5; ++depth) {
    std::vector<std::string> next;
    for (const std::string& piece : level)
      for (int i = 0; i < 12; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        next.push_back(piece + static_cast<char>('!' + 7 * i + static_cast<int>(random >> 33) % 7));
      }
    level = std::move(next);
  }
  std::string text = "[PAD]\n[UNK]\n";
  for (const std::string& piece : level) text += piece + '\n';
  const WordPiece w(text, "v");
  CHECK(w.find(level.back()) == static_cast<std::int32_t>(level.size()) + 1);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
}

TEST_CASE("a bad vocabulary is refused with its line") {
  CHECK(message_of("") ==
        "cannot read vocabulary (v.txt): it is empty. Use BERT's vocab.txt: one piece a line");
  CHECK(message_of("[PAD]\r\n[UNK]\r\n")
            .starts_with("cannot read vocabulary (v.txt, line 1): it ends in CR LF."));
  CHECK(message_of("[PAD]\n[UNK]\na\n\nb\n")
            .starts_with("cannot read vocabulary (v.txt, line 4): the line is empty"));
  CHECK(message_of("[PAD]\n[UNK]\na\nb\na\n")
            .starts_with("cannot read vocabulary (v.txt, line 5): \"a\" stands on line 3"));
  CHECK(message_of("[PAD]\na\n").starts_with("cannot read vocabulary (v.txt): it has no [UNK]"));
  CHECK(message_of("[UNK]\na\n").starts_with("cannot read vocabulary (v.txt): it has no [PAD]"));
  CHECK(message_of("[PAD]\n[UNK]\n\xC3(\n")
            .starts_with("cannot read vocabulary (v.txt, line 3): its byte 1, \\xc3, is not UTF-8"));
  CHECK(message_of("[PAD]\n[UNK]\n" + std::string(1025, 'a'))
            .starts_with("cannot read vocabulary (v.txt, line 3): a piece of more"));
  CHECK_THROWS_AS(WordPiece(std::filesystem::path("/nonexistent/vocab.txt")), Error);
  const test::TempDir dir;
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);  // nobody will ever write to it
  CHECK_THROWS_WITH(WordPiece(dir / "pipe"), doctest::Contains("not a regular one"));
  CHECK_THROWS_WITH(WordPiece("/dev/zero"), doctest::Contains("not a regular one"));
  test::put(dir / "large", std::string((std::size_t{1} << 24) + 1, 'a'));
  CHECK_THROWS_WITH(WordPiece(dir / "large"), doctest::Contains("larger than 16 MB"));
  CHECK_THROWS_AS(WordPiece(std::filesystem::path("/")), Error);
  CHECK(message_of("[PAD]\n[UNK]") == "accepted");  // no line feed at the end
}
