// --config FILE: the same names as the options, the command line first, and nothing overlooked.

#include "tests/apps/programs/program.h"

using namespace plainsight::test;

namespace {

const Words kTrain = {"--vocab", "vocab.txt", "--out", "run", "--config", "train.toml"};

}  // namespace

TEST_CASE("a configuration gives what the command line leaves out") {
  const Workshop w;
  put(w / "train.toml", "# a comment\nepochs = 3\nlr = 0.02\nbatch-size = 7\nhidden = 16\n");
  const Ended r = w.train(kTrain);
  CAPTURE(r.err);
  REQUIRE(r.code == 0);
  const std::string config = get(w / "run" / "config.json");
  for (const char* part : {"\"epochs\": 3,", "\"lr\": 0.02,", "\"batch_size\": 7,", "\"hidden\": 8,"}) {
    CAPTURE(part);  // --hidden 8 was given
    CHECK(config.find(part) != std::string::npos);
  }
}

TEST_CASE("required options, flags and positional arguments may stand in it") {
  const Workshop w;
  put(w / "all.toml",
      "features = \"features.safetensors\"\ncaptions = 'captions.txt'\nvocab = vocab.txt\nout = run\n"
      "epochs = 1\nquiet = true\nhidden=8\nembed=8\n");
  const Ended r = w.plainsight({"train", "--config", "all.toml"});
  CAPTURE(r.err);
  CHECK(r.code == 0);
  CHECK(r.err.empty());
  put(w / "convert.ini", "IN = features.safetensors\nlist = true\nquiet = true\n");
  const Ended listed = w.convert({"--config", "convert.ini"});
  CHECK(listed.code == 0);
  CHECK(listed.out.find("features\tF32\t[20,16]") != std::string::npos);
}

TEST_CASE("what a resumed run cannot change counts as given when it comes from the file") {
  const Workshop w;
  w.make_run("run");
  put(w / "train.toml", "lr = 0.5\n");
  check_error(w.train({"--out", "run", "--resume", "--config", "train.toml"}), 2, {"--lr", "another value"});
  put(w / "train.toml", "epochs = 3\nresume = true\n");
  const Ended r = w.train({"--out", "run", "--config", "train.toml"});
  CAPTURE(r.err);
  CHECK(r.code == 0);
  CHECK(r.out.starts_with("epoch 3\t"));
}

TEST_CASE("a value in quotes is taken whole, and a flag that is false counts as not given") {
  const Workshop w;
  put(w / "c.toml", "captions = \"no #1.txt\"  # a comment\n");
  check_error(w.plainsight({"dataset", "--config", "c.toml"}), 1, {"(no #1.txt)"});
  std::filesystem::copy(w / "captions.txt", w / "no #1.txt");
  CHECK(w.plainsight({"dataset", "--config", "c.toml"}).code == 0);
  put(w / "c.toml", "vocab = vocab.txt\ntokens = false\ndecode = true\nquiet = false\n");
  CHECK(w.plainsight({"tokenize", "--config", "c.toml"}).code == 0);
  w.make_run("run");
  put(w / "c.toml", "IMAGE = [\"a #1.jpg\", b.jpg]\n");
  check_error(w.plainsight({"caption", "--run", "run", "--weights", "absent", "--config", "c.toml"}), 1,
              {"absent"});
  put(w / "c.toml", "id = [\"image3\", image7]\n");
  const Ended r =
      w.plainsight({"caption", "--run", "run", "--features", "features.safetensors", "--config", "c.toml"});
  CAPTURE(r.err);
  CHECK(r.out.starts_with("image3\t"));
  CHECK(r.out.find("\nimage7\t") != std::string::npos);
}

TEST_CASE("a file that is no configuration is refused by its size") {
  const Workshop w;
  put(w / "big.toml", std::string((1 << 20) + 1, '\n'));
  check_error(w.plainsight({"summary", "--config", "big.toml"}), 2, {"big.toml", "larger than 1 MB"});
  put(w / "big.toml", std::string(1 << 20, '\n'));
  CHECK(w.plainsight({"summary", "--config", "big.toml"}).code == 0);
}

TEST_CASE("a configuration that cannot be meant is refused with its name and the word") {
  const Workshop w;
  const auto files = [&](const std::string& text, const Words& parts) {
    put(w / "train.toml", text);
    CAPTURE(text);
    Words all = parts;
    all.push_back("train.toml");
    check_error(w.train(kTrain), 2, all);
    CHECK(!std::filesystem::exists(w / "run"));
  };
  files("epoch = 3\n", {"\"epoch\"", "--epochs"});
  files("epochs = 0\n", {"--epochs", "from 1 to 100000"});
  files("epochs = three\n", {"--epochs", "\"three\""});
  files("epochs = 3, 4\n", {"--epochs"});
  files("epochs = 1\nlr = 1\nepochs = 2\n", {"\"epochs\"", "twice"});
  files("[train]\nepochs = 3\n", {"section [train]"});
  files("config = other.toml\n", {"\"config\"", "command line"});
  files("help = true\n", {"\"help\"", "command line"});
  files("resume = perhaps\n", {"line 1", "\"resume\" is a flag", "\"perhaps\" is neither true nor false"});
  files("resume = [true, true]\n", {"\"resume\" is a flag"});
  files("\nlr 3\n", {"line 2", "\"lr 3\" is no `option = value`"});
  files("split = fair\n", {"--split", "fair"});
  const std::string cut = std::string(70, 'y'), longer = std::string(1000, 'y');
  for (const std::string& text : {longer + " = 3\n", "resume = " + longer + "\n"}) {
    files(text, {"\"" + cut, "...\""});
    CHECK(w.train(kTrain).err.size() < 300);
  }
  check_error(w.plainsight({"summary", "--config", "absent.toml"}), 2, {"absent.toml", "No such file"});
  check_error(w.plainsight({"summary", "--config", "."}), 2, {"--config .", "not a regular file"});
  check_error(w.convert({"x.pth", "--config", "absent.toml"}), 2, {"absent.toml"}, "weights-convert");
}
