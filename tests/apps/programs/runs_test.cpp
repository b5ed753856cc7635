// Runs that are resumed, shared, interrupted or damaged.

#include "data/feature_store.h"
#include "tests/apps/programs/program.h"

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
    FeatureStoreWriter writer(w / name, std::vector<std::string>{"image0"}, dim, source);
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
            .find("\"val\": [\n\"image0\",\n\"image17\",\n\"image15\",\n\"image1\"\n]") != std::string::npos);
  const auto before = w.listing();
  for (const Words& change : {Words{"--patience", "7"}, Words{"--weight-decay", "0.1"},
                              Words{"--epochs", "3"}, Words{"--batch-size", "3"}, Words{"--seed", "1"}}) {
    Words words = {"--out", "run", "--resume"};
    words.insert(words.end(), change.begin(), change.end());
    check_error(w.train(words), 2, {change.front()});
  }
  CHECK(w.listing() == before);
  put(w / "Flickr_8k.trainImages.txt", "image0.jpg\n");
  put(w / "Flickr_8k.devImages.txt", "image1.jpg\n");
  check_error(w.train({"--out", "run", "--resume", "--split", "official", "--split-dir", "."}), 2,
              {"--split"});
}
