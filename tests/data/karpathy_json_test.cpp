#include "data/karpathy_json.h"

#include <doctest/doctest.h>

#include "data/split.h"
#include "engine/base/error.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;
using test::TempDir;

namespace {

const std::string kImage = R"({"filename":"a.jpg","split":"train"})";
const std::string kGood = R"({"images":[)" + kImage + "]}";

std::string message_of(const std::string& json) {
  const TempDir dir;
  test::put(dir / "k.json", json);
  try {
    karpathy_split(dir / "k.json");
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

void check_message(const std::string& json, const std::string& part) {
  CAPTURE(json);
  const std::string message = message_of(json);
  CHECK_MESSAGE(message.find(part) != std::string::npos, message);
}

}  // namespace

TEST_CASE("Karpathy's JSON: names count only where they belong, in any order") {
  const TempDir dir;
  test::put(dir / "k.json", R"({
    "filename": "x", "split": "x", "info": {"images": [3], "split": "x"}, "before": [{"filename": 1}],
    "images": [
      {"split": "train", "sentences": [{"filename": 2, "split": "val", "images": [{"split": []}]}, "x",
        ["x"]], "filename": "a.jpg"},
      {"\u0066ilename": "b.jpg", "more": {"filename": {}, "split": "x", "images": {}}, "split": "v\u0061l"},
      {"images": [{"filename": "x.jpg", "split": "train"}], "filename": "c.jpg", "split": "test", "last": "x"}
    ],
    "after": [{"filename": 4, "split": "x"}, ["x", {"split": 5}]], "filename": "x", "end": "x"})");
  const Split split = karpathy_split(dir / "k.json");
  CHECK(split.train == std::vector<std::string>{"a"});
  CHECK(split.val == std::vector<std::string>{"b"});
  CHECK(split.test == std::vector<std::string>{"c"});
}

TEST_CASE("Karpathy's JSON: every image is reported once, in order, with its place") {
  const TempDir dir;
  test::put(dir / "k.json", R"({"images":[{"filename":"a.jpg","split":"x"},{"split":"","filename":""}]})");
  std::string seen;
  read_karpathy_json(dir / "k.json", [&](const auto& filename, const auto& split, const auto& where) {
    seen += filename + "|" + split + "|" + where.substr(dir.path().string().size()) + "\n";
  });
  CHECK(seen == "a.jpg|x|/k.json, images[0]\n||/k.json, images[1]\n");
}

TEST_CASE("Karpathy's JSON: another kind of value is not taken for the one expected") {
  for (const std::string root : {"3", "null", "\"images\"", "[]", "{}"})
    check_message(root, "k.json): it has no list `images`");
  check_message("[" + kGood + "]", "no list `images`");
  check_message("[[" + kImage + "]]", "no list `images`");
  check_message("{\"x\":" + kGood + "}", "no list `images`");
  for (const std::string images : {"3", "-3", "1.5", "true", "null", "\"a\"", "{}", "{\"a\":[]}"})
    check_message("{\"images\":" + images + "}", "k.json): it has no list `images`");
  check_message("{\"images\":" + kImage + "}", "no list `images`");
  for (const std::string image : {"3", "-3", "1.5", "true", "null", "\"a\"", "[]", "{}"})
    check_message("{\"images\":[" + kImage + "," + image + "]}",
                  "images[1]): it has no `filename` and `split`. Expected");
  check_message("{\"images\":[[" + kImage + "]]}", "images[0]): it has no `filename` and `split`");
  for (const std::string value :
       {"3", "-3", "1.5", "true", "null", "[]", "[\"a\"]", "{}", "{\"split\":\"val\"}"}) {
    check_message("{\"images\":[{\"filename\":" + value + ",\"split\":\"train\"}]}",
                  "images[0]): it has no `filename` and `split`");
    check_message("{\"images\":[{\"filename\":\"a.jpg\",\"split\":" + value + "}]}",
                  "images[0]): it has no `filename` and `split`");
  }
}

TEST_CASE("Karpathy's JSON: an image has nothing from the one before it") {
  for (const std::string half : {R"({"filename":"b.jpg"})", R"({"split":"train"})"})
    check_message("{\"images\":[" + kImage + "," + half + "]}",
                  "images[1]): it has no `filename` and `split`");
}

TEST_CASE("Karpathy's JSON: a name that comes twice is refused") {
  check_message("{\"images\":[],\"images\":[" + kImage + "]}", "k.json): it has `images` twice");
  check_message(R"({"images":[{"filename":"a","filename":"a","split":"val"}]})",
                "images[0]): it has `filename` twice");
  check_message(R"({"images":[{"split":"val","filename":"a","split":"train"}]})",
                "images[0]): it has `split` twice");
}

TEST_CASE("Karpathy's JSON: all of the file must be JSON, read or not") {
  CHECK(message_of(kGood + " \r\n\t") == "accepted");
  const std::string end =
      "line 1, column " + std::to_string(kGood.size() + 1) + "): it is not valid JSON there";
  for (const std::string garbage : {"x", "}", "]", ",", "{}", "[]", "0", "\xff"})
    check_message(kGood + garbage, end);
  check_message("{\"images\":[" + kImage + "],\n\"x\":\"caf\xe9\"}",
                "line 2, column 10): it is not valid JSON");
  check_message("{\"x\":1e999,\"images\":[" + kImage + "]}", "it has a number that is too large");
  check_message("", "it is empty");
}

TEST_CASE("Karpathy's JSON: a file cut anywhere is refused at its end") {
  const std::string whole = R"({"images":[{"filename":"caf\u00e9 )"
                            "\xc3\xa9"
                            R"(.jpg","n":-1.5e3,"split":"train","s":[{"t":null}]}],"d":true})";
  REQUIRE(message_of(whole) == "accepted");
  for (std::size_t size = 1; size < whole.size(); ++size)
    check_message(whole.substr(0, size), "it is not valid JSON there. Expected");
}

TEST_CASE("Karpathy's JSON: brackets within brackets take no stack") {
  const std::size_t depth = 1'000'000;
  CHECK(message_of("{\"x\":" + std::string(depth, '[') + std::string(depth, ']') + "," + kGood.substr(1)) ==
        "accepted");
  check_message("{\"x\":" + std::string(depth, '['), "it is not valid JSON");
}
