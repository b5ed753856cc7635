// Results that cannot be written: to standard output, or to a file.

#include "tests/apps/programs/program.h"

using namespace plainsight::test;

TEST_CASE("results that cannot be written are a failure of every command") {
  const Workshop w;
  w.make_run("run");
  for (const std::string to : {"/dev/full", "-"}) {
    for (const Words& words :
         {Words{"summary"}, Words{"--help"}, Words{"--version"}, Words{"train", "--help"},
          Words{"dataset", "--captions", "captions.txt"},
          Words{"caption", "--run", "run", "--features", "features.safetensors", "-q"},
          Words{"caption", "--run", "run", "--features", "features.safetensors", "--json", "-q"},
          Words{"evaluate", "--run", "run", "--features", "features.safetensors", "--captions",
                "captions.txt", "-q"},
          Words{"train", "--features", "features.safetensors", "--captions", "captions.txt", "--vocab",
                "vocab.txt", "--epochs", "1", "--hidden", "8", "--embed", "8", "-q", "--out", "other"}}) {
      CAPTURE(words.front());
      // Also for output larger than a buffer (the summary): the reason, and a hint where there is one.
      check_error(w.plainsight(words, to), 1,
                  {to == "-" ? "(standard output): it is closed\n"
                             : "(standard output): No space left on device. Is the disk full?\n"});
      // A file that is opened while stdout is closed must not get its number, and the results with it.
      CHECK(get(w / "other" / "metrics.jsonl").find("kept") == std::string::npos);
      std::filesystem::remove_all(w / "other");
    }
  }
}

TEST_CASE("a run's files do not get the numbers of closed standard streams, nor what is printed to these") {
  const Workshop w;
  const std::string command = std::string(PLAINSIGHT_PROGRAM) +
                              " train --features features.safetensors --captions captions.txt --vocab "
                              "vocab.txt --epochs 1 --hidden 8 --embed 8 -q --out run <&- >&-";
  check_error(run_program_in(w.folder(), {"/bin/sh", "-c", command}), 1, {"(standard output): it is closed"});
  CHECK(get(w / "run" / "metrics.jsonl").find("kept") == std::string::npos);
}

TEST_CASE("a command that left something out, and whose results are lost, failed") {
  const Workshop w;
  put(w / "captions.txt", get(w / "captions.txt") + "broken.jpg,the dog runs\n");
  const Ended r = w.train({"--vocab", "vocab.txt", "--epochs", "1", "--out", "run"});
  CHECK(r.code == 3);
  CHECK(w.plainsight({"train", "--features", "features.safetensors", "--captions", "captions.txt", "--vocab",
                      "vocab.txt", "--epochs", "1", "--hidden", "8", "--embed", "8", "--out", "other"},
                     "/dev/full")
            .code == 1);
}

TEST_CASE("a standard input that is closed is said to be") {
  const Workshop w;
  const std::string command = std::string(PLAINSIGHT_PROGRAM) + " tokenize --vocab vocab.txt <&-";
  check_error(run_program_in(w.folder(), {"/bin/sh", "-c", command}), 1,
              {"(standard input): it is closed. Give it text"});
}

TEST_CASE("a reader that goes away ends a program quietly") {
  const Workshop w;
  w.make_run("run");
  const std::string command =
      std::string(PLAINSIGHT_PROGRAM) +
      " caption --run run --features features.safetensors --decode sample --num 1000 -q | head -n 1";
  for (const std::string before : {"", "trap '' PIPE; "}) {  // the second as under some services
    const Ended r = run_program_in(w.folder(), {"/bin/sh", "-c", before + command});
    CHECK(r.err.empty());
    CHECK(std::count(r.out.begin(), r.out.end(), '\n') == 1);
  }
}

TEST_CASE("a target that cannot be written is refused before the work, and nothing is left") {
  const Workshop w;
  w.make_run("run");
  std::filesystem::create_directory(w / "folder");
  std::filesystem::create_directory(w / "images");
  put(w / "images" / "a.jpg", "no image");
  put(w / "file", "");
  const auto refused = [&](const Words& words, const std::string& name) {
    CAPTURE(words.front());
    CAPTURE(name);
    const auto before = w.listing();
    const Ended r = w.plainsight(words);
    check_error(r, 1, {name});
    CHECK(r.out.empty());
    CHECK(w.listing() == before);
  };
  for (const std::string target : {"folder", "absent/x", "file/x", "/dev/null"}) {
    // The weights do not exist: the target is looked at before.
    refused({"extract", "--images", "images", "--weights", "absent", "--out", target}, target);
    const Words evaluate = {"evaluate",   "--run",        "absent",    "--features", "features.safetensors",
                            "--captions", "captions.txt", "--results", target};
    refused(evaluate, target);
    const Words html = {"evaluate",   "--run",        "absent", "--features", "features.safetensors",
                        "--captions", "captions.txt", "--html", target,       "--images",
                        "."};
    refused(html, target);
  }
  for (const std::string target : {"file", "file/x"}) {
    refused({"dataset", "--captions", "captions.txt", "--write-splits", target}, target);
    refused({"train", "--features", "absent", "--captions", "captions.txt", "--vocab", "vocab.txt", "--out",
             target},
            target);
    refused({"demo", "--out", target}, target);
  }
  check_error(w.convert({"absent.pth", "folder/absent/x.safetensors"}), 1, {"folder/absent/x.safetensors"},
              "weights-convert");
}

TEST_CASE("--max-length is the longest caption's, <SOS> counted") {
  const Workshop w;
  w.make_run("run");
  const Ended r = w.plainsight({"caption", "--run", "run", "--features", "features.safetensors",
                                "--max-length", "2", "--decode", "sample", "--num", "20", "-q"});
  CHECK(r.code == 0);
  CHECK(r.out.find('\t') != std::string::npos);
  CHECK(r.out.find(' ') == std::string::npos);  // one word at most
}

TEST_CASE("a report's images must be there") {
  const Workshop w;
  w.make_run("run");
  std::filesystem::create_directory(w / "images");
  const auto report = [&](const std::string& images) {
    return w.plainsight({"evaluate", "--run", "run", "--features", "features.safetensors", "--captions",
                         "captions.txt", "-q", "--html", "page.html", "--images", images});
  };
  for (const std::string images : {"absent", "captions.txt"})
    check_error(report(images), 1, {images, "there is no such folder", "--images"});
  check_error(report("images"), 1, {"images", "it has none of them, such as image", "--images"});
  CHECK(!std::filesystem::exists(w / "page.html"));
  for (int i = 0; i < 20; ++i) put(w / "images" / ("image" + std::to_string(i) + ".jpg"), "");
  CHECK(report("images").code == 0);
}

TEST_CASE("weights-convert says on stdout what it wrote, or lists") {
  const Workshop w;
  const Ended r = w.convert({"features.safetensors", "x.pth", "--quiet"});
  CHECK(r.code == 0);
  CHECK(r.err.empty());
  CHECK(r.out.starts_with("x.pth\t2 tensors\t"));
  CHECK(std::count(r.out.begin(), r.out.end(), '\n') == 1);
  const Ended listed = w.convert({"x.pth", "--list"});
  CHECK(listed.err.empty());
  CHECK(listed.out == "features\tF32\t[20,16]\nids\tU8\t[150]\n");
}

TEST_CASE("a file beyond the shell's limit is an error, not the program's death, and nothing is left") {
  const Workshop w;
  const auto before = w.listing();
  const std::string command =
      "ulimit -f 1; " + std::string(WEIGHTS_CONVERT_PROGRAM) + " features.safetensors x.pth";
  check_error(run_program_in(w.folder(), {"/bin/sh", "-c", command}), 1, {"x.pth", "File too large"},
              "weights-convert");
  CHECK(w.listing() == before);
}

TEST_CASE("extract leaves nothing when it fails before its first row") {
  const Workshop w;
  std::filesystem::create_directory(w / "images");
  put(w / "images" / "a.jpg", "no image");
  const auto before = w.listing();
  check_error(
      w.plainsight({"extract", "--images", "images", "--weights", "features.safetensors", "--out", "out"}), 1,
      {"features.safetensors"});
  CHECK(w.listing() == before);
}
