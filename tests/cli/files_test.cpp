// Run folders and files that are damaged, hostile or not what they should be.

#include <cstring>
#include <limits>

#include "data/feature_store.h"
#include "engine/base/printable.h"
#include "engine/io/safetensors.h"
#include "tests/cli/program.h"

using namespace plainsight;
using namespace plainsight::test;

TEST_CASE("training never goes over another run, nor begins one anew that was to be resumed") {
  const Workshop w;
  w.make_run("run");
  const auto before = w.listing();
  check_error(w.train({"--vocab", "vocab.txt", "--out", "run"}), 1, {"run", "config.json", "--resume"});
  check_error(w.train({"--out", "absent", "--resume"}), 1, {"absent", "config.json", "without --resume"});
  check_error(w.train({"--out", "run", "--resume", "--split-dir", "."}), 2, {"--split-dir"});
  check_error(w.train({"--out", "run", "--resume", "--vocab", "captions.txt"}), 2,
              {"--vocab", "differs from the run's run/vocab.txt", "if that copy is damaged"});
  CHECK(w.listing() == before);
  for (const char* name :
       {"checkpoint.safetensors", "model.safetensors", "metrics.jsonl", "vocab.txt", "split.json"}) {
    const auto file = w / "run" / name;
    const std::string bytes = get(file);
    std::filesystem::remove(file);
    const auto without = w.listing();
    CAPTURE(std::string(name));
    check_error(w.train({"--out", "run", "--resume", "--epochs", "3"}), 1, {name});
    CHECK(w.listing() == without);
    put(file, bytes);
  }
}

TEST_CASE("one process at a time trains into a folder, until it ends, however it ends") {
  const Workshop w;
  w.make_run("run");
  std::filesystem::create_directory(w / "new");
  const Words fresh = {"--vocab", "vocab.txt", "--epochs", "1", "--out", "new"};
  {
    const RunLock old_run(RunFolder(w / "run")), new_run(RunFolder(w / "new"));
    const auto before = w.listing();
    check_error(w.train({"--out", "run", "--resume", "--epochs", "3"}), 1,
                {"run", "another process is writing it"});
    check_error(w.train(fresh), 1, {"new", "another process is writing it"});
    CHECK(w.listing() == before);
  }
  CHECK(w.train({"--out", "run", "--resume", "--epochs", "3"}).code == 0);
  CHECK(w.train(fresh).code == 0);
  const std::string train = std::string(PLAINSIGHT_PROGRAM) +
                            " train --features features.safetensors --captions captions.txt --hidden 8 "
                            "--embed 8 -q --epochs 100000 --out killed ";
  const Ended r = run_program_in(
      w.folder(),
      {"/bin/sh", "-c",
       train +
           "--vocab vocab.txt >log 2>&1 & first=$!; until [ -s killed/config.json ]; do "
           "kill -0 $first || exit 99; sleep 0.01; done; " +
           "timeout 20 " + train + "--resume; second=$?; kill -9 $first; wait $first; exit $second"});
  CAPTURE(r.err);
  CHECK(r.code == 1);
  CHECK(r.err.find("cannot train (killed): another process is writing it") != std::string::npos);
  CHECK_NOTHROW(RunLock(RunFolder(w / "killed")));
}

TEST_CASE("what a killed run had begun to write goes when the run is continued, and nothing else") {
  const Workshop w;
  w.make_run("run");
  const char* const kept[] = {"features.safetensors.tmp7-1", "my.tmp"};
  for (const char* name : {"checkpoint.safetensors.tmp7-1", "model.safetensors.tmp7-2", kept[0], kept[1]})
    put(w / "run" / name, "unfinished");
  CHECK(w.train({"--out", "run", "--resume"}).code == 0);
  CHECK(!std::filesystem::exists(w / "run" / "checkpoint.safetensors.tmp7-1"));
  CHECK(!std::filesystem::exists(w / "run" / "model.safetensors.tmp7-2"));
  for (const char* name : kept) CHECK(std::filesystem::exists(w / "run" / name));
}

TEST_CASE("a run that failed while it began is begun again as the message says") {
  const Workshop w;
  const std::string train = std::string(PLAINSIGHT_PROGRAM) +
                            " train --features features.safetensors --captions captions.txt --hidden 8 "
                            "--embed 8 -q --out run --vocab vocab.txt";
  check_error(run_program_in(w.folder(), {"/bin/sh", "-c", "ulimit -f 2; exec " + train}), 1,
              {"checkpoint.safetensors"});
  CHECK(std::filesystem::exists(w / "run" / "split.json"));
  check_error(w.train({"--out", "run", "--resume"}), 1,
              {"run", "config.json", "begun again without --resume"});
  CHECK(w.train({"--out", "run", "--vocab", "vocab.txt", "--epochs", "1"}).code == 0);
}

TEST_CASE("a damaged vocabulary in the run is not laid on what was given") {
  const Workshop w;
  w.make_run("run");
  std::string damaged = get(w / "vocab.txt");
  put(w / "run" / "vocab.txt", damaged.replace(damaged.find("dog"), 3, "dig"));
  check_error(w.train({"--out", "run", "--resume"}), 1, {"the run's vocab.txt", "restore"});
  check_error(w.train({"--out", "run", "--resume", "--vocab", "vocab.txt"}), 2,
              {"run/vocab.txt", "if that copy is damaged, put the original in its place"});
  std::filesystem::copy_file(w / "vocab.txt", w / "run" / "vocab.txt",
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(w.train({"--out", "run", "--resume", "--vocab", "vocab.txt", "--epochs", "3"}).code == 0);
}

TEST_CASE("resuming a finished run says that nothing is left to do, and what continues it") {
  const Workshop w;
  w.make_run("run");
  Words resume = {"train", "--features", "features.safetensors", "--captions", "captions.txt", "--out",
                  "run",   "--resume"};
  const std::string said =
      "\nplainsight: nothing is left to do: the run has had its 2 epochs; a larger --epochs continues it\n";
  const Ended r = w.plainsight(resume);
  CHECK(r.code == 0);
  CHECK(r.err.find(said) != std::string::npos);
  resume.push_back("-q");
  CHECK(w.plainsight(resume).err.empty());
  resume.back() = "--epochs";
  resume.push_back("3");
  CHECK(w.plainsight(resume).err.find("nothing is left") == std::string::npos);
}

TEST_CASE("a resumed run may end sooner or later, but not before where it stands") {
  const Workshop w;
  w.make_run("run");
  const std::string config = get(w / "run" / "config.json");
  check_error(w.train({"--out", "run", "--resume", "--epochs", "1"}), 2,
              {"--epochs 1", "already begun epoch 2", "Give at least that"});
  CHECK(get(w / "run" / "config.json") == config);
  std::string longer = config;  // as when a run of nine epochs was stopped after the second
  put(w / "run" / "config.json", longer.replace(longer.find("\"epochs\": 2"), 11, "\"epochs\": 9"));
  CHECK(w.train({"--out", "run", "--resume", "--epochs", "3"}).code == 0);
  CHECK(w.train({"--vocab", "vocab.txt", "--epochs", "3", "--out", "whole"}).code == 0);
  for (const char* name : {"config.json", "checkpoint.safetensors", "model.safetensors"})
    CHECK(get(w / "run" / name) == get(w / "whole" / name));
}

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

TEST_CASE("sizes of a model that no file of the run confirms are refused before anything is allocated") {
  const Workshop w;
  w.make_run("run");
  const auto file = w / "run" / "config.json";
  const std::string bytes = get(file);
  const auto with = [&](const std::string& name, const std::string& value) {
    const auto at = bytes.find('"' + name + "\": ", bytes.find("\"model\"")) + name.size() + 4;
    put(file, std::string(bytes).replace(at, bytes.find_first_of(",\n", at) - at, value));
  };
  for (const char* name : {"features", "embed", "hidden", "vocab"})
    for (const char* value : {"1000000000", "4611686018427387904", "9", "0", "-5"}) {
      CAPTURE(name);
      CAPTURE(value);
      with(name, value);
      const Ended r = w.train({"--out", "run", "--resume"});
      check_error(r, 1, {"run", "Restore"});
    }
  put(file, bytes);
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
  put(w / "Flickr_8k.trainImages.txt", "picture0.jpg\n");
  put(w / "Flickr_8k.devImages.txt", "broken.jpg\nworse.jpg\n");
  put(w / "Flickr_8k.testImages.txt", "picture1.jpg\n");
  check_error(w.train({"--vocab", "vocab.txt", "--out", "other", "--split", "official", "--split-dir", "."}),
              1, {"features.safetensors", "none of the 2 validation images", "such as worse"});
  put(w / "captions.txt", "image,caption\na.jpg,the dog\nb.jpg,the dog\nc.jpg,the dog\n");
  check_error(w.train({"--vocab", "vocab.txt", "--out", "other"}), 1,
              {"features.safetensors", "none of the 2 training images"});
  CHECK(!std::filesystem::exists(w / "other"));
}

TEST_CASE("an image of the official lists without captions is left out of training and named") {
  const Workshop w;
  put(w / "Flickr_8k.trainImages.txt", "picture0.jpg\nabsent.jpg\npicture1.jpg\n");
  put(w / "Flickr_8k.devImages.txt", "picture2.jpg\n");
  put(w / "Flickr_8k.testImages.txt", "picture3.jpg\nmissing.jpg\n");
  std::string captions = get(w / "captions.txt");
  for (std::size_t at; (at = captions.find("picture3")) != std::string::npos;)
    captions.erase(at, captions.find('\n', at) + 1 - at);  // picture3 has features, but no captions
  put(w / "captions.txt", captions);
  const Words official = {"--out", "run", "--epochs", "1", "--split", "official", "--split-dir", "."};
  Words begin = official, resume = official;
  begin.insert(begin.end(), {"--vocab", "vocab.txt"});
  resume.push_back("--resume");
  const Ended r = w.train(begin);
  CHECK(r.code == 3);
  for (const char* id : {"absent", "missing", "picture3"})
    CHECK(r.err.find("plainsight: skipped: image " + std::string(id) +
                     " is in the split's lists, but has no captions in captions.txt\n") != std::string::npos);
  CHECK(r.err.find("no features") == std::string::npos);
  CHECK(w.train(resume).code == 0);
  put(w / "Flickr_8k.devImages.txt", "absent.jpg\n");
  put(w / "Flickr_8k.trainImages.txt", "picture0.jpg\n");
  begin[1] = "other";
  check_error(w.train(begin), 1, {"captions.txt", "none for the 1 validation images, such as absent"});
}

TEST_CASE("captions of which cleaning leaves nothing are counted, and refused when they are all") {
  const Workshop w;
  const std::string captions = get(w / "captions.txt");
  put(w / "captions.txt", captions + "picture0.jpg,\npicture1.jpg,\u0421\u043e\u0431\u0430\u043a\u0430 a\n");
  const Words dataset = {"dataset", "--captions", "captions.txt", "--vocab", "vocab.txt"};
  const std::string warning = ": 2 of 62, the first in captions.txt, line 62\n";
  const Ended counted = w.plainsight(dataset);
  CHECK(counted.code == 0);
  CHECK(counted.out.find("\nempty once cleaned\t2 captions\n") != std::string::npos);
  CHECK(counted.err.find(warning) != std::string::npos);
  const Ended trained = w.train({"--vocab", "vocab.txt", "--epochs", "1", "--out", "run"});
  CHECK(trained.code == 0);
  CHECK(trained.err.find(warning) != std::string::npos);
  put(w / "captions.txt", "image,caption\npicture0.jpg,\npicture1.jpg,A\n");
  for (const Ended& r : {w.plainsight(dataset), w.train({"--vocab", "vocab.txt", "--out", "other"})})
    check_error(r, 1, {"captions.txt, line 2", "nor of any other", "a to z"});
  CHECK(!std::filesystem::exists(w / "other"));
}

TEST_CASE("training that diverges says so, with what to do") {
  const Workshop w;
  const Ended r = w.train({"--vocab", "vocab.txt", "--epochs", "5", "--out", "run", "--lr", "3"});
  CAPTURE(r.err);
  CHECK(r.code == 0);
  const std::string warning = " learnt nothing: its mean loss is ";
  CHECK(r.err.starts_with("plainsight: warning: epoch "));
  CHECK(r.err.find(warning) != std::string::npos);
  CHECK(r.err.find(warning) == r.err.rfind(warning));  // once
  CHECK(r.err.find("and 2.83 that of a model that knows nothing. Train with a smaller --lr") !=
        std::string::npos);
  const Ended exploded =
      w.train({"--vocab", "vocab.txt", "--out", "exploded", "--lr", "10", "--epochs", "20"});
  CAPTURE(exploded.err);
  CHECK(exploded.code == 1);
  for (const char* part : {"\nplainsight: error: training stopped (epoch ", ", step ",
                           "the loss exploded to ", "exploded/checkpoint.safetensors", "smaller --lr"})
    CHECK(exploded.err.find(part) != std::string::npos);
}

TEST_CASE("a finished run is resumed only when its model is whole") {
  const Workshop w;
  w.make_run("run");
  const auto model = w / "run" / "model.safetensors";
  const std::string bytes = get(model);
  std::string flipped = bytes;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  const auto refused = [&](const std::string& content, const char* why) {
    put(model, content);
    check_error(w.train({"--out", "run", "--resume"}), 1, {"model.safetensors", why});
  };
  refused(flipped, "do not match their checksum");
  refused(bytes.substr(0, bytes.size() - 4), "cut short");
  refused("", "0 bytes");
  put(model, bytes);
  CHECK(w.train({"--out", "run", "--resume"}).code == 0);
}

TEST_CASE("a run is used only with files that belong to it") {
  const Workshop w;
  w.make_run("run");
  const auto refused = [&](const Words& parts, const std::string& features = "features.safetensors") {
    check_error(w.plainsight({"caption", "--run", "run", "--features", features, "-q"}), 1, parts);
    check_error(w.plainsight(
                    {"evaluate", "--run", "run", "--features", features, "--captions", "captions.txt", "-q"}),
                1, parts);
  };
  const auto put_features = [&](const std::string& name, std::int64_t dim, const FeatureSource& source) {
    FeatureStoreWriter writer(w / name, std::vector<std::string>{"picture0"}, dim, source);
    writer.append(Tensor({1, dim}));
    writer.commit();
  };
  put_features("narrow", 15, {"test", "fc7", "none", "none"});
  refused({"narrow", "they have 15 numbers an image, the run was trained on 16"}, "narrow");
  put_features("other", 16, {"test", "fc6", "none", "none"});
  refused({"other", "their layer is \"fc6\", the run was trained on \"fc7\""}, "other");

  const auto vocab = w / "run" / "vocab.txt", model = w / "run" / "model.safetensors";
  const std::string words = get(vocab), weights = get(model);
  put(vocab, words + "more\n");
  refused({"run/vocab.txt", "it has 18 tokens, the model has 17"});
  put(vocab, words);
  std::string flipped = weights;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  put(model, flipped);
  refused({"run/model.safetensors", "do not match their checksum"});
}

TEST_CASE("what a run was begun with is not changed when it is resumed") {
  const Workshop w;
  CHECK(w.train({"--vocab", "vocab.txt", "--epochs", "2", "--lr-schedule", "cosine", "--out", "run"}).code ==
        0);
  // scikit-learn's train_test_split(ids, test_size=0.2, random_state=42)
  CHECK(get(w / "run" / "split.json")
            .find("\"val\": [\n\"picture0\",\n\"picture17\",\n\"picture15\",\n\"picture1\"\n]") !=
        std::string::npos);
  const auto before = w.listing();
  for (const Words& change : {Words{"--patience", "7"}, Words{"--weight-decay", "0.1"},
                              Words{"--epochs", "3"}, Words{"--batch-size", "3"}, Words{"--seed", "1"}}) {
    Words words = {"--out", "run", "--resume"};
    words.insert(words.end(), change.begin(), change.end());
    check_error(w.train(words), 2, {change.front()});
  }
  CHECK(w.listing() == before);
  put(w / "Flickr_8k.trainImages.txt", "picture0.jpg\n");
  put(w / "Flickr_8k.devImages.txt", "picture1.jpg\n");
  check_error(w.train({"--out", "run", "--resume", "--split", "official", "--split-dir", "."}), 2,
              {"--split"});
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
