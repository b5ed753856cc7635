// Files that are damaged, hostile or not what they should be.

#include <cstring>
#include <limits>

#include "data/feature_store.h"
#include "engine/base/printable.h"
#include "engine/io/safetensors_writer.h"
#include "tests/apps/programs/program.h"

using namespace plainsight;
using namespace plainsight::test;

TEST_CASE("damaged JSON is named with its place, in our words") {
  const Workshop w;
  w.make_run("run");
  const auto damaged = [&](const char* name, const std::string& text, const Words& parts) {
    const auto file = w / "run" / name;
    const std::string bytes = get(file);
    put(file, text);
    CAPTURE(text);
    Words all = parts;
    all.push_back(name);
    check_error(w.train({"--out", "run", "--resume"}), 1, all);
    put(file, bytes);
  };
  damaged("config.json", "", {"it is empty"});
  damaged("config.json", "{\n \"version\": 1,\n oops }", {"line 3, column 2", "not valid JSON"});
  damaged("config.json", "[1]", {"not an object"});
  damaged("config.json", "{\"version\": 1}", {"no part \"model\""});
  damaged("split.json", "{\"train\": [", {"line 1, column 12", "not valid JSON"});
  damaged("split.json", "{\"train\": [1], \"val\": [], \"test\": []}", {"\"train\""});
  damaged("split.json", "7", {"\"train\""});
  std::string config = get(w / "run" / "config.json");
  damaged("config.json", config.replace(config.find("\"epochs\": 2"), 11, "\"epochs\": \"x\""),
          {"\"epochs\"", "wrong type"});
  put(w / "karpathy.json", "{\"images\": [}");
  check_error(w.plainsight({"dataset", "--captions", "captions.txt", "--split", "karpathy", "--karpathy-json",
                            "karpathy.json"}),
              1, {"karpathy.json, line 1, column 13", "not valid JSON"});
}

TEST_CASE("names from files have no power over the terminal") {
  const Workshop w;
  const std::string name = "a\x1b[31m\nb\xc2\x9b\xe2\x80\xae";
  {
    SafetensorsWriter writer(w / "names.safetensors", {{.name = name, .shape = {1}}}, {});
    const float value = 1;
    writer.append(ConstView{&value, {1}});
    writer.commit();
  }
  const std::string safe = "a\\x1b[31m\\nb\\xc2\\x9b\\xe2\\x80\\xae";
  CHECK(printable(name) == safe);
  const Ended listed = w.convert({"names.safetensors", "--list", "--quiet"});
  CHECK(listed.code == 0);
  CHECK(listed.out == safe + "\tF32\t[1]\n");
  CHECK(w.convert({"names.safetensors", "x.safetensors", "--quiet"}).out.find("\t1 tensor\t") !=
        std::string::npos);
  const Ended r = w.convert({"names.safetensors", "--expect", "vgg16"});
  check_error(r, 1, {"names.safetensors"}, "weights-convert");
  CHECK(r.err.find('\x1b') == std::string::npos);
  check_error(w.plainsight({"dataset", "--captions", "no\n\x1b\xff.txt"}), 1, {"no\\n\\x1b\\xff.txt"});
}

TEST_CASE("wrong files are named with what to do") {
  const Workshop w;
  w.make_run("run");
  put(w / "empty", "");
  put(w / "one.txt", "[PAD]\n");
  put(w / "binary", std::string("\x7f"
                                "ELF\0\1\2",
                                7));
  std::filesystem::create_symlink("nowhere", w / "dangling");
  for (const std::string wrong : {"empty", "binary", "dangling", ".", "absent", "/dev/null"}) {
    CAPTURE(wrong);
    check_error(w.plainsight({"dataset", "--captions", wrong}), 1, {wrong});
    check_error(w.plainsight({"tokenize", "--vocab", wrong}), 1, {wrong});
    check_error(w.plainsight({"summary", "--weights", wrong}), 1, {wrong});
    check_error(w.plainsight({"summary", "--run", wrong}), 1, {wrong});
    check_error(w.plainsight({"extract", "--images", wrong, "--weights", wrong, "--out", "out"}), 1, {wrong});
    check_error(w.plainsight({"caption", "--run", "run", "--features", wrong}), 1, {wrong});
    check_error(w.plainsight({"caption", "--run", "run", "--weights", wrong, "a.jpg"}), 1, {wrong});
    check_error(w.plainsight({"explain", "--run", "run", "--weights", wrong, "a.jpg"}), 1, {wrong});
    check_error(w.convert({wrong, "--list"}), 1, {wrong}, "weights-convert");
    CHECK(!std::filesystem::exists(w / "out"));
  }
  check_error(
      w.plainsight({"dataset", "--captions", "captions.txt", "--split", "official", "--split-dir", "absent"}),
      1, {"(absent/", "No such file or directory. Look for a mistake in its path"});
  check_error(w.plainsight({"summary", "--weights", "."}), 1,
              {"(.): it is not a regular file. It is a folder: name a file in it"});
  const Ended vocabulary = w.plainsight({"dataset", "--captions", "captions.txt", "--vocab", "one.txt"});
  check_error(vocabulary, 1, {"one.txt", "[UNK]"});
  CHECK(vocabulary.out.empty());
}

TEST_CASE("text that is not UTF-8 is named with its place, in files and on standard input") {
  const Workshop w;
  put(w / "latin1", "image,caption\na.jpg,A caf\xe9 .\n");
  const Words byte = {"latin1, line 2", "its byte 12, \\xe9, is not UTF-8", "iconv"};
  for (const std::string recipe : {"full", "notebook"})
    check_error(w.plainsight({"dataset", "--captions", "latin1", "--recipe", recipe}), 1, byte);
  put(w / "vocab", "[PAD]\n[UNK]\ncaf\xe9\n");
  check_error(w.plainsight({"tokenize", "--vocab", "vocab"}), 1,
              {"vocab, line 3", "its byte 4, \\xe9, is not UTF-8"});
  put(w / "k.json", "{\"images\": [{\"filename\": \"caf\xe9.jpg\", \"split\": \"val\"}]}");
  check_error(w.plainsight({"dataset", "--captions", "captions.txt", "--split", "karpathy", "--karpathy-json",
                            "k.json"}),
              1, {"k.json, line 1, column 31", "not valid JSON"});
  for (const char* name : {"Flickr_8k.trainImages.txt", "Flickr_8k.devImages.txt"})
    put(w / name, "a.jpg\ncaf\xe9.jpg\n");
  check_error(
      w.plainsight({"dataset", "--captions", "captions.txt", "--split", "official", "--split-dir", "."}), 1,
      {"trainImages.txt, line 2", "its byte 4, \\xe9"});
  const std::string filter = "printf 'the dog\\nred \\351\\nsand\\n' | " + std::string(PLAINSIGHT_PROGRAM) +
                             " tokenize --tokens --vocab vocab.txt";
  const Ended r = run_program_in(w.folder(), {"/bin/sh", "-c", filter});
  check_error(r, 1, {"standard input, line 2", "its byte 5, \\xe9"});
  CHECK(r.out == "the dog\n");
}

TEST_CASE("JSON of any size is refused before it fills the memory") {
  const Workshop w;
  w.make_run("run");
  std::filesystem::resize_file(w / "run" / "config.json", (1 << 20) + 1);  // a hole takes no space
  check_error(w.train({"--out", "run", "--resume"}), 1, {"config.json", "larger than 1 MB"});
  put(w / "k.json", "{}");
  std::filesystem::resize_file(w / "k.json", (std::uintmax_t{256} << 20) + 1);
  check_error(w.plainsight({"dataset", "--captions", "captions.txt", "--split", "karpathy", "--karpathy-json",
                            "k.json"}),
              1, {"k.json", "larger than 256 MB"});
}

TEST_CASE("an image without features is left out of training and named, as extract left it out") {
  const Workshop w;
  std::string captions = get(w / "captions.txt");
  put(w / "captions.txt", captions + "broken.jpg,the dog runs\nworse.jpg,the cat\n");
  const Ended r = w.train({"--vocab", "vocab.txt", "--epochs", "1", "--out", "run"});
  CHECK(r.code == 3);
  for (const char* id : {"broken", "worse"})
    CHECK(r.err.find("plainsight: skipped: image " + std::string(id) +
                     " has captions, but no features in features.safetensors\n") != std::string::npos);
  CHECK(get(w / "run" / "split.json").find("broken") == std::string::npos);
  const Words evaluate = {"evaluate",   "--run",        "run", "--features", "features.safetensors",
                          "--captions", "captions.txt", "-q"};
  CHECK(w.plainsight(evaluate).code == 0);
  CHECK(w.train({"--out", "run", "--resume", "--epochs", "2", "--split", "random"}).code == 0);
  put(w / "Flickr_8k.trainImages.txt", "image0.jpg\n");
  put(w / "Flickr_8k.devImages.txt", "broken.jpg\nworse.jpg\n");
  put(w / "Flickr_8k.testImages.txt", "image1.jpg\n");
  check_error(w.train({"--vocab", "vocab.txt", "--out", "other", "--split", "official", "--split-dir", "."}),
              1, {"features.safetensors", "none of the 2 validation images", "such as worse"});
  put(w / "captions.txt", "image,caption\na.jpg,the dog\nb.jpg,the dog\nc.jpg,the dog\n");
  check_error(w.train({"--vocab", "vocab.txt", "--out", "other"}), 1,
              {"features.safetensors", "none of the 2 training images"});
  CHECK(!std::filesystem::exists(w / "other"));
}

TEST_CASE("an image of the official lists without captions is left out of training and named") {
  const Workshop w;
  put(w / "Flickr_8k.trainImages.txt", "image0.jpg\nabsent.jpg\nimage1.jpg\n");
  put(w / "Flickr_8k.devImages.txt", "image2.jpg\n");
  put(w / "Flickr_8k.testImages.txt", "image3.jpg\nmissing.jpg\n");
  std::string captions = get(w / "captions.txt");
  for (std::size_t at; (at = captions.find("image3")) != std::string::npos;)
    captions.erase(at, captions.find('\n', at) + 1 - at);  // image3 has features, but no captions
  put(w / "captions.txt", captions);
  const Words official = {"--out", "run", "--epochs", "1", "--split", "official", "--split-dir", "."};
  Words begin = official, resume = official;
  begin.insert(begin.end(), {"--vocab", "vocab.txt"});
  resume.push_back("--resume");
  const Ended r = w.train(begin);
  CHECK(r.code == 3);
  for (const char* id : {"absent", "missing", "image3"})
    CHECK(r.err.find("plainsight: skipped: image " + std::string(id) +
                     " is in the split's lists, but has no captions in captions.txt\n") != std::string::npos);
  CHECK(r.err.find("no features") == std::string::npos);
  CHECK(w.train(resume).code == 0);
  put(w / "Flickr_8k.devImages.txt", "absent.jpg\n");
  put(w / "Flickr_8k.trainImages.txt", "image0.jpg\n");
  begin[1] = "other";
  check_error(w.train(begin), 1, {"captions.txt", "none for the 1 validation images, such as absent"});
}

TEST_CASE("captions of which cleaning leaves nothing are counted, and refused when they are all") {
  const Workshop w;
  const std::string captions = get(w / "captions.txt");
  put(w / "captions.txt", captions + "image0.jpg,\nimage1.jpg,\u0421\u043e\u0431\u0430\u043a\u0430 a\n");
  const Words dataset = {"dataset", "--captions", "captions.txt", "--vocab", "vocab.txt"};
  const std::string warning = ": 2 of 62, the first in captions.txt, line 62\n";
  const Ended counted = w.plainsight(dataset);
  CHECK(counted.code == 0);
  CHECK(counted.out.find("\nempty once cleaned\t2 captions\n") != std::string::npos);
  CHECK(counted.err.find(warning) != std::string::npos);
  const Ended trained = w.train({"--vocab", "vocab.txt", "--epochs", "1", "--out", "run"});
  CHECK(trained.code == 0);
  CHECK(trained.err.find(warning) != std::string::npos);
  put(w / "captions.txt", "image,caption\nimage0.jpg,\nimage1.jpg,A\n");
  for (const Ended& r : {w.plainsight(dataset), w.train({"--vocab", "vocab.txt", "--out", "other"})})
    check_error(r, 1, {"captions.txt, line 2", "nor of any other", "a to z"});
  CHECK(!std::filesystem::exists(w / "other"));
}

TEST_CASE("no command writes over a file that it reads, or writes twice") {
  const Workshop w;
  w.make_run("run");
  const auto before = w.listing();
  const auto refused = [&](const Words& arguments, const char* target) {
    CAPTURE(std::string(target));
    const std::string bytes = get(w / target);
    check_error(w.plainsight(arguments), 1, {target, "the same command reads it"});
    CHECK(w.listing() == before);
    CHECK(get(w / target) == bytes);
  };
  const Words evaluate = {"evaluate",   "--run",        "run",      "--features", "features.safetensors",
                          "--captions", "captions.txt", "--results"};
  for (const char* target :
       {"captions.txt", "features.safetensors", "run/model.safetensors", "run/config.json"}) {
    Words all = evaluate;
    all.push_back(target);
    refused(all, target);
  }
  refused(
      {"extract", "--images", ".", "--weights", "features.safetensors", "--out", "./features.safetensors"},
      "features.safetensors");
  Words twice = evaluate;
  twice.insert(twice.end(), {"page", "--html", "./page", "--images", "."});
  check_error(w.plainsight(twice), 2, {"--html", "the same file as --results"});
  CHECK(w.listing() == before);
}

TEST_CASE("features that are not numbers are named, not computed with") {
  const Workshop w;
  w.make_run("run");
  std::string bytes = get(w / "features.safetensors");
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const FeatureStore store(w / "features.safetensors");
  for (const float odd : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (std::size_t i = 0; i < store.size(); ++i)  // the rows are the first that follows the header
      std::memcpy(&bytes[8 + header + i * store.row(0).size_bytes()], &odd, sizeof odd);
    put(w / "odd.safetensors", bytes);
    const Words data = {"--features", "odd.safetensors", "--captions", "captions.txt"};
    for (Words arguments :
         {Words{"evaluate", "--run", "run"}, Words{"train", "--vocab", "vocab.txt", "--out", "new"}}) {
      arguments.insert(arguments.end(), data.begin(), data.end());
      check_error(w.plainsight(arguments), 1, {"odd.safetensors", "are not all finite"});
    }
    check_error(w.plainsight({"caption", "--run", "run", "--features", "odd.safetensors"}), 1,
                {"odd.safetensors", "are not all finite"});
  }
}
