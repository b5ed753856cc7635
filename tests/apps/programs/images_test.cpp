// The commands that look at images, with VGG16's weights all zero: a file that is a hole takes no space.

#include <sys/stat.h>

#include "tests/apps/programs/program.h"
#include "tests/support/data.h"
#include "tests/support/vgg16_file.h"

using namespace plainsight;
using namespace plainsight::test;

TEST_CASE("from a folder with all that can be wrong to a sentence, and explained") {
  const Workshop w;
  put_zero_vgg16(w / "vgg16.safetensors");
  std::filesystem::create_directory(w / "images");
  std::string captions = "image,caption\n";
  for (const std::string id : {"a", "b", "c", "d", "broken"}) {
    std::filesystem::copy(golden("images/rgb-8.png"), w / "images" / (id + ".png"));
    captions += id + ".png,the red dog runs\n";
  }
  std::filesystem::resize_file(w / "images" / "broken.png", 100);
  std::filesystem::create_symlink("nowhere", w / "images" / "dangling.jpg");
  REQUIRE(::mkfifo((w / "images" / "pipe.jpg").c_str(), 0600) == 0);
  put(w / "images" / "notes.txt", "");
  put(w / "captions.txt", captions);
  const Ended extracted = w.plainsight(
      {"extract", "--images", "images", "--weights", "vgg16.safetensors", "--out", "features.safetensors"});
  CAPTURE(extracted.err);
  CHECK(extracted.code == 3);
  CHECK(extracted.out == "features.safetensors\t4 images\t4096 features each (fc7)\n");
  CHECK(extracted.err.starts_with(
      "plainsight: left out of images, hidden or ending in none of .jpg, .jpeg, .png: 1\n"));
  for (const char* skipped : {"cannot decode image (images/broken.png)",
                              "cannot use image (images/dangling.jpg): it is a link that leads nowhere",
                              "cannot use image (images/pipe.jpg): it is not a regular file"})
    CHECK(extracted.err.find("plainsight: skipped: " + std::string(skipped)) != std::string::npos);

  CHECK(w.train({"--vocab", "vocab.txt", "--epochs", "2", "--out", "run"}).code == 3);
  const Words of_run = {"--run", "run", "--weights", "vgg16.safetensors", "images/a.png"};
  const auto with_run = [&](const std::string& command) {
    Words words = {command};
    words.insert(words.end(), of_run.begin(), of_run.end());
    return w.plainsight(words);
  };
  const Ended caption = with_run("caption");
  REQUIRE(caption.out.starts_with("images/a.png\t"));
  const Ended explained = with_run("explain");
  CAPTURE(explained.out);
  CHECK(explained.code == 0);
  std::string sentence = caption.out.substr(caption.out.find('\t') + 1);
  sentence.pop_back();
  for (const std::string& part :
       {std::string("\nfeatures.28    [1,"), std::string("\nfc6            [1,4096]"),
        std::string("the file's own weights"), std::string(", weights 411.0 MB\n"),
        std::string("\nfc7            [1,4096]"), std::string(", weights 67.1 MB\n"),
        std::string("GB/s of weights\nfeatures "), std::string("\ngreedy: "),
        "\nbeam of 3, what caption says: " + sentence + "   ("}) {
    CAPTURE(part);
    CHECK(explained.out.find(part) != std::string::npos);
  }

  const auto example = [&](const std::string& image) {
    return run_program_in(w.folder(), {CAPTION_ONE_IMAGE_PROGRAM, "run", "vgg16.safetensors", image});
  };
  CHECK(example(of_run.back()).out == sentence + "\n");
  check_error(example("captions.txt"), 1, {"captions.txt"}, "caption_one_image");
}
