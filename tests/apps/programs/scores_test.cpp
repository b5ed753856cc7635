#include <nlohmann/json.hpp>

#include "tests/apps/programs/program.h"
#include "tests/support/data.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

// Runs the program with `input` on stdin.
Ended with_input(const Workshop& w, const std::string& input, const std::string& arguments) {
  put(w / "input", input);
  const std::string command = std::string(PLAINSIGHT_PROGRAM) + " " + arguments + " < input";
  return run_program_in(w.folder(), {"/bin/sh", "-c", command});
}

using Json = nlohmann::ordered_json;

std::vector<Json> json_lines(const std::filesystem::path& path) {
  std::vector<Json> lines;
  const std::string text = get(path);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(Json::parse(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

void check_scores(const Json& actual, const Json& expected) {
  for (std::size_t n = 0; n < 4; ++n)
    CHECK(std::abs(actual["bleu"][n].get<double>() - expected["bleu"][n].get<double>()) < 1e-12);
  for (const char* name : {"rouge_l", "cider_d"})
    CHECK(std::abs(actual[name].get<double>() - expected[name].get<double>()) < 1e-12);
}

Ended score(const Workshop& w, Words more, const std::string& results = golden("scores_results.json"),
            const std::string& captions = golden("scores_captions.txt")) {
  Words words = {"score", "--results", results, "--captions", captions};
  words.insert(words.end(), more.begin(), more.end());
  return w.plainsight(words);
}

// Two images and the results `entries`.
Ended score_two(const Workshop& w, const std::string& entries, Words more = {}) {
  put(w / "two.txt", "image,caption\n7.jpg,A dog runs.\n7.jpg,the dog is running\n000000012.jpg,A cat\n");
  put(w / "r.json", "[" + entries + "]");
  return score(w, std::move(more), "r.json", "two.txt");
}

}  // namespace

TEST_CASE("tokenize --ptb prints the words that are scored, a line for a line, and needs no vocabulary") {
  const Workshop w;
  const Ended ended = with_input(w, "It's a dog (brown), Mr. Smith.\n...\nA T-shirt", "tokenize --ptb");
  CHECK(ended.code == 0);
  CHECK(ended.out == "it 's a dog -lrb- brown -rrb- mr. smith\n\na t-shirt\n");
  check_error(with_input(w, "a\xFF\n", "tokenize --ptb"), 1, {"standard input, line 1"});
  for (const char* other : {"--vocab vocab.txt", "--tokens", "--decode"})
    check_error(with_input(w, "", std::string("tokenize --ptb ") + other), 2, {"--ptb"});
  check_error(w.plainsight({"tokenize"}), 2, {"--vocab", "--ptb"});
}

TEST_CASE("score gives pycocoevalcap's scores, of all images and of each") {
  const Workshop w;
  const Json expected = Json::parse(get(golden("scores.json")));
  for (const std::string words : {"ptb", "notebook"}) {
    const Ended ended = score(w, {"--words", words, "--json", "--per-image", "images.jsonl"});
    REQUIRE(ended.code == 0);
    CHECK(ended.err == "");
    check_scores(Json::parse(ended.out), expected[words]);
    const auto images = json_lines(w / "images.jsonl");
    REQUIRE(images.size() == 40);
    for (std::size_t i = 0; i < 40; ++i) check_scores(images[i], expected[words]["images"][i]);
    CHECK(images[1]["image_id"] == 391902);
  }
  CHECK(Json::parse(score(w, {"--json"}).out)["words"] == "ptb");
  const Json j = Json::parse(score(w, {"--json"}).out);
  CHECK(j["images"] == 40);
  CHECK(j["distinct_captions"] == 37);
  CHECK(j["distinct_words"] == 52);
  CHECK(j["mean_length"] == doctest::Approx(8.65));
  const std::string lines = score(w, {}).out;
  for (const char* line : {"images\t40\n", "BLEU-4\t18.66\n", "ROUGE-L\t26.23\n", "CIDEr-D\t57.36\n",
                           "distinct captions\t37\n", "distinct words\t52\n", "mean length\t8.65\n"})
    CHECK(lines.find(line) != std::string::npos);
}

TEST_CASE("results name images by integer, by id or by file") {
  const Workshop w;
  for (const char* id : {"12", "\"000000012\"", "\"000000012.jpg\""}) {
    CAPTURE(id);
    const Ended ended =
        score_two(w, std::string("{\"image_id\":") + id +
                         ",\"caption\":\"a cat\"},{\"image_id\":7,\"caption\":\"a dog runs\"}");
    CHECK(ended.code == 0);
    CHECK(ended.out.find("BLEU-2\t100.00\n") != std::string::npos);
  }
  check_error(score_two(w, R"({"image_id":8,"caption":"a"})"), 1, {"image 8", "two.txt"});
  check_error(score_two(w, R"({"image_id":7,"caption":"a"},{"image_id":7,"caption":"b"})"), 1,
              {"r.json, entry 2", "second caption"});
  for (const char* other : {"\"7\"", "\"7.jpg\""})  // the same image under another id
    check_error(score_two(w, std::string(R"({"image_id":7,"caption":"a"},{"image_id":)") + other +
                                 R"(,"caption":"b"})"),
                1, {"r.json, entry 2", "second caption"});
  check_error(score_two(w, R"({"image_id":7})"), 1, {"r.json, entry 1", "`caption`"});
  check_error(score_two(w, R"({"image_id":-7,"caption":"a"})"), 1, {"r.json, entry 1", "`image_id`"});
  check_error(score_two(w, ""), 1, {"r.json", "no results"});
}

TEST_CASE("score --per-image keeps an integer id that no double holds") {
  const Workshop w;
  put(w / "big.txt", "image,caption\n9007199254740993.jpg,A dog\n");
  put(w / "r.json", R"([{"image_id":9007199254740993,"caption":"a dog"}])");
  CHECK(score(w, {"--per-image", "images.jsonl"}, "r.json", "big.txt").code == 0);
  CHECK(get(w / "images.jsonl").find("\"image_id\":9007199254740993,") != std::string::npos);
}

TEST_CASE("score says why CIDEr-D is 0 for one image, and how many images it scores") {
  const Workshop w;
  const std::string one = R"({"image_id":7,"caption":"a dog runs"})";
  const Ended ended = score_two(w, one);
  CHECK(ended.code == 0);
  CHECK(ended.out.find("CIDEr-D\t0.00\n") != std::string::npos);
  CHECK(ended.err.find("CIDEr-D is 0 for one image") != std::string::npos);
  CHECK(ended.err.find("the results, which have 1 of the 2 images") != std::string::npos);
  CHECK(score_two(w, one, {"--quiet"}).err.find("of the 2") == std::string::npos);
}

TEST_CASE("score --bootstrap adds the same intervals each time, which hold the scores") {
  const Workshop w;
  const Ended ended = score(w, {"--json", "--bootstrap", "300"});
  CHECK(ended.out == score(w, {"--json", "--bootstrap", "300"}).out);
  const Json j = Json::parse(ended.out);
  CHECK(j["intervals"]["resamples"] == 300);
  const auto check = [](const Json& interval, double value) {
    CHECK(interval[0].get<double>() < value);
    CHECK(interval[1].get<double>() > value);
    CHECK(interval[1].get<double>() - interval[0].get<double>() < 2 * value);
  };
  check(j["intervals"]["bleu"][0], j["bleu"][0]);
  check(j["intervals"]["rouge_l"], j["rouge_l"]);
  check(j["intervals"]["cider_d"], j["cider_d"]);
  CHECK(score(w, {"--bootstrap", "10"}).out.find("CIDEr-D, 95 %\t") != std::string::npos);
  check_error(score(w, {"--bootstrap", "0"}), 2, {"--bootstrap"});
}

TEST_CASE("score --write-references writes COCO's annotations of the scored images") {
  const Workshop w;
  const Ended ended =
      score_two(w, R"({"image_id":7,"caption":"a dog"})", {"--write-references", "refs.json"});
  CHECK(ended.code == 0);
  const Json j = Json::parse(get(w / "refs.json"));
  CHECK(j["images"] == Json::parse(R"([{"id":7,"file_name":"7.jpg"}])"));
  CHECK(j["annotations"] == Json::parse(R"([{"image_id":7,"id":1,"caption":"A dog runs."},
                                            {"image_id":7,"id":2,"caption":"the dog is running"}])"));
  CHECK(j["type"] == "captions");
  for (const char* option : {"--write-references", "--per-image"})
    check_error(score_two(w, R"({"image_id":7,"caption":"a"})", {option, "two.txt"}), 1, {"two.txt"});
  check_error(
      score_two(w, R"({"image_id":7,"caption":"a"})", {"--per-image", "x", "--write-references", "x"}), 2,
      {"--per-image"});
}

TEST_CASE("score warns of captions that hardly differ") {
  const Workshop w;
  std::string captions = "image,caption\n", same, different;
  for (int i = 0; i < 11; ++i) {
    captions += std::to_string(i) + ".jpg,a dog\n";
    const std::string head = (i > 0 ? "," : "") + ("{\"image_id\":" + std::to_string(i)) + ",\"caption\":\"";
    same += head + (i < 1 ? "a cat" : "a dog") + "\"}";
    different += head + (i < 2 ? "a cat" + std::to_string(i) : "a dog") + "\"}";
  }
  put(w / "c.txt", captions);
  put(w / "same.json", "[" + same + "]");
  put(w / "different.json", "[" + different + "]");
  const Ended collapsed = score(w, {}, "same.json", "c.txt");
  CHECK(collapsed.code == 0);
  CHECK(collapsed.err.find("only 2 distinct captions for 11 images") != std::string::npos);
  CHECK(score(w, {}, "different.json", "c.txt").err == "");  // 3 of 11
}

TEST_CASE("evaluate scores with either kind of words, as score does with its results") {
  const Workshop w;
  // "grass" is two pieces, so that there are fewer words than pieces.
  std::string vocab = get(w / "vocab.txt");
  vocab.replace(vocab.find("grass\n"), 6, "gra\n##ss\n");
  put(w / "pieces.txt", vocab);
  REQUIRE(w.train({"--vocab", "pieces.txt", "--epochs", "30", "--lr", "0.02", "--out", "run"}).code == 0);
  std::string raw = get(w / "captions.txt");
  for (std::size_t at = 0; (at = raw.find(" \n", at)) != std::string::npos;) raw.replace(at, 2, " a .\n");
  put(w / "raw.txt", raw);
  const auto evaluate = [&](Words more) {
    Words words = {"evaluate",   "--run",   "run", "--features", "features.safetensors",
                   "--captions", "raw.txt", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return w.plainsight(words);
  };
  Json found[2];
  for (const std::string words : {"notebook", "ptb"}) {
    const Ended ended = evaluate({"--words", words, "--json", "--results", "r.json"});
    CAPTURE(ended.err);
    REQUIRE(ended.code == 0);
    Json& j = found[words == "ptb"] = Json::parse(ended.out);
    CHECK(j["words"] == words);
    CHECK(j["cider"] == j["cider_d"]);
    const Json other = Json::parse(score(w, {"--words", words, "--json", "-q"}, "r.json", "raw.txt").out);
    check_scores(j, other);
    for (const char* name : {"distinct_captions", "distinct_words", "mean_length"})
      CHECK(j[name] == other[name]);
    const double per_word = j["perplexity_per_word"], per_piece = j["perplexity"];
    CHECK(per_word > 1.02 * per_piece);
    CHECK(per_word < per_piece * per_piece);
  }
  CHECK(found[0]["bleu"] != found[1]["bleu"]);  // "a" is a word for ptb only
  CHECK(Json::parse(evaluate({"--json"}).out)["words"] == "notebook");
  const std::string lines = evaluate({}).out;
  for (const char* name : {"\nCIDEr-D\t", "\nperplexity per word\t", "\ndistinct words\t", "\nmean length\t"})
    CHECK(lines.find(name) != std::string::npos);
}
