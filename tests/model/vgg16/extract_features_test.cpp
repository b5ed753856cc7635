#include "model/vgg16/extract_features.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>
#include <utility>

#include "data/preprocess.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "tests/support/data.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;
using namespace plainsight::test;
namespace fs = std::filesystem;

namespace {

constexpr int kImages = 14;

/// A folder of small images, two of which cannot be decoded.
void fill(const fs::path& folder) {
  const char* sources[] = {"rgb-8.png", "rgb-420.jpg", "gray.jpg", "palette-4.png"};
  fs::create_directory(folder);
  for (int i = 0; i < kImages; ++i) {
    const std::string source = sources[i % 4];
    fs::copy_file(golden("images/" + source),
                  folder / ("p" + std::to_string(i) + fs::path(source).extension().string()));
  }
  fs::copy_file(golden("images/bad-checksum.png"), folder / "broken.png");
  fs::copy_file(golden("images/bad-text.jpg"), folder / "p10x.jpg");
  put(folder / "captions.txt", "not an image");
}

/// Three values that depend on all pixels of an image, and only on them.
class TinyNetwork : public FeatureNetwork {
 public:
  explicit TinyNetwork(int delay_us) : delay_us_(delay_us) {}
  std::int64_t feature_dim() const override { return 3; }
  void run(View out, ConstView images) override {
    for (std::int64_t n = 0; n < images.rows(); ++n)
      for (std::int64_t c = 0; c < 3; ++c) {
        double sum = 0;
        for (std::int64_t i = 0; i < 224 * 224; ++i)
          sum += static_cast<double>(images.row(n)[c * 224 * 224 + i]) * static_cast<double>(i % 1009);
        out.row(n)[c] = static_cast<float>(sum);
      }
    ::usleep(static_cast<useconds_t>(delay_us_));
  }

 private:
  int delay_us_;
};

/// A network whose weights are damaged.
class BrokenNetwork : public TinyNetwork {
 public:
  BrokenNetwork() : TinyNetwork(0) {}
  void run(View out, ConstView) override { std::fill_n(out.data, out.size(), std::nanf("")); }
};

const FeatureSource kSource{"tiny", "sum", kPreprocessing, "none"};

ImageEncoder tiny_encoder(int delay_us = 0) {
  return ImageEncoder(kSource, "variant", std::make_unique<TinyNetwork>(delay_us));
}

struct Scene {
  TempDir dir;
  fs::path images = dir / "images", out = dir / "features.safetensors",
           partial = dir / "features.safetensors.partial";
  std::string expected;  ///< bytes of an uninterrupted run

  Scene() {
    fill(images);
    ImageEncoder encoder = tiny_encoder();
    extract_features(list_images(images), dir / "whole", encoder);
    expected = get(dir / "whole");
  }
  ExtractResult run(ImageEncoder encoder = tiny_encoder(), ExtractOptions options = {}) {
    return extract_features(list_images(images), out, encoder, options);
  }
  /// Leaves a journal of `batches` batches of one.
  void stop_after(int batches) {
    int left = batches;
    CHECK(!run(tiny_encoder(), {.batch = 1, .stop = [&left] { return left-- == 0; }}).finished);
  }
  std::string refusal(ImageEncoder encoder = tiny_encoder()) {
    try {
      run(std::move(encoder));
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  }
};

}  // namespace

TEST_CASE("a store has a row per image, sorted by file name; what cannot be decoded is named") {
  Scene scene;
  std::vector<std::int64_t> steps;
  const ExtractResult result =
      scene.run(tiny_encoder(), {.batch = 4, .progress = [&](std::int64_t done, std::int64_t total) {
                                   CHECK(total == kImages + 2);
                                   steps.push_back(done);
                                 }});
  CHECK(result.finished);
  CHECK(result.rows == kImages);
  CHECK(result.resumed == 0);
  CHECK(steps == std::vector<std::int64_t>{0, 4, 8, 12, 16});
  REQUIRE(result.skipped.size() == 2);
  CHECK(result.skipped[0].file == "broken.png");
  CHECK(result.skipped[1].file == "p10x.jpg");
  CHECK(result.skipped[1].reason.find("neither JPEG nor PNG") != std::string::npos);
  const FeatureStore store(scene.out);
  CHECK(store.size() == kImages);
  CHECK(store.id(0) == "p0");
  CHECK(store.id(2) == "p10");
  CHECK(store.metadata().at("preprocessing") == kPreprocessing);
  CHECK(!fs::exists(scene.partial));
}

TEST_CASE("the bytes do not depend on batch or threads") {
  Scene scene;
  for (const int count : {1, 2, 5})
    for (const std::int64_t batch : {1, 3, 16, 100}) {
      set_threads(count);
      scene.run(tiny_encoder(), {.batch = batch});
      CHECK((get(scene.out) == scene.expected));
    }
  set_threads(2);
}

TEST_CASE("stopped between batches, the next call continues with what is there") {
  Scene scene;
  scene.stop_after(5);
  CHECK(!fs::exists(scene.out));
  const ExtractResult result = scene.run();
  CHECK(result.resumed == 3);  // broken.png and p10x.jpg were among the five
  CHECK((get(scene.out) == scene.expected));
}

TEST_CASE("stopped before its first row, it leaves nothing") {
  Scene scene;
  scene.stop_after(0);
  CHECK(!fs::exists(scene.out));
  CHECK(!fs::exists(scene.partial));
}

TEST_CASE(
    "killed with SIGKILL at random moments and repeated, the store has the bytes of an uninterrupted run") {
  Scene scene;
  std::mt19937 random(3);
  int kills = 0;
  for (int round = 0; round < 4; ++round) {
    fs::remove(scene.out);
    for (bool finished = false; !finished;) {
      const pid_t child = ::fork();
      if (child == 0) {
        set_threads(1);  // a forked child has none of its parent's threads
        scene.run(tiny_encoder(2000), {.batch = 1 + round});
        ::_exit(0);
      }
      ::usleep(static_cast<useconds_t>(random() % 30000));
      ::kill(child, SIGKILL);
      int status = 0;
      ::waitpid(child, &status, 0);
      finished = WIFEXITED(status);
      kills += finished ? 0 : 1;
    }
    CHECK((get(scene.out) == scene.expected));
  }
  CHECK(kills >= 4);
}

TEST_CASE("a journal torn at any byte, or damaged anywhere, is continued to the same bytes") {
  Scene scene;
  scene.stop_after(9);
  const std::string journal = get(scene.partial);
  for (std::size_t size = 0; size <= journal.size(); size += 5) {
    CAPTURE(size);
    put(scene.partial, journal.substr(0, size));
    scene.run();
    CHECK((get(scene.out) == scene.expected));
  }
  // Damage of the header is another matter: it is refused, as the journal of another extraction is.
  constexpr std::size_t kMagic = std::string_view("plainsight rows 1\n").size();
  std::uint64_t identity = 0;
  std::memcpy(&identity, journal.data() + kMagic, sizeof identity);
  const std::size_t header = kMagic + sizeof identity + identity;
  std::mt19937 random(5);
  for (int i = 0; i < 60; ++i) {
    std::string damaged = journal;
    const std::size_t at = header + random() % (damaged.size() - header);
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    put(scene.partial, damaged);
    scene.run();
    CHECK((get(scene.out) == scene.expected));
  }
}

TEST_CASE("an image that changed after its row was kept is computed anew, one that went is left out") {
  Scene scene;
  scene.stop_after(9);
  fs::remove(scene.images / "p1.jpg");
  fs::remove(scene.images / "p0.png");
  fs::copy_file(golden("images/rgba-8.png"), scene.images / "p0.png");
  const fs::path touched = scene.images / "p11.png";
  fs::last_write_time(touched, fs::last_write_time(touched) + std::chrono::seconds(1));
  const fs::path longer = scene.images / "p12.png";
  const auto time = fs::last_write_time(longer);
  fs::resize_file(longer, fs::file_size(longer) + 1);  // bytes after a PNG's end are no part of it
  fs::last_write_time(longer, time);
  // Of seven rows: p0 is another file, p1 is gone, p11 has another time, p12 another size.
  CHECK(scene.run().resumed == 3);
  fs::remove(scene.dir / "whole");
  ImageEncoder encoder = tiny_encoder();
  extract_features(list_images(scene.images), scene.dir / "whole", encoder);
  CHECK((get(scene.out) == get(scene.dir / "whole")));
  CHECK((get(scene.out) != scene.expected));
}

TEST_CASE("rows of another network, variant or layer are neither mixed nor lost") {
  Scene scene;
  scene.stop_after(3);
  const auto refusal = [&](const FeatureSource& source, const char* variant) {
    return scene.refusal(ImageEncoder(source, variant, std::make_unique<TinyNetwork>(0)));
  };
  CHECK(refusal(kSource, "other").find("other weights, layer, engine or options") != std::string::npos);
  FeatureSource other = kSource;
  other.weights = "changed";
  CHECK(refusal(other, "variant").find(".partial") != std::string::npos);
  other = kSource;
  other.engine = "plain";
  CHECK(refusal(other, "variant").find("other weights, layer, engine or options") != std::string::npos);
  CHECK(scene.run().resumed == 2);
}

TEST_CASE("a file of finished rows that is none is neither used nor deleted") {
  Scene scene;
  put(scene.partial, "garbage");
  CHECK(scene.refusal().find("it is damaged, or of another program. Delete it") != std::string::npos);
  CHECK(get(scene.partial) == "garbage");
}

TEST_CASE("what cannot work is refused: a second writer, a folder as target, no image that decodes, NaN") {
  Scene scene;
  bool tried = false;
  const auto nested = [&](std::int64_t, std::int64_t) {
    if (!std::exchange(tried, true))
      CHECK(scene.refusal().find("another process is writing it") != std::string::npos);
  };
  CHECK(scene.run(tiny_encoder(), {.progress = nested}).finished);
  fs::remove(scene.out);
  fs::create_directory(scene.out);
  CHECK(scene.refusal().find("it is a folder") != std::string::npos);
  fs::remove(scene.out);
  CHECK(
      scene.refusal(ImageEncoder(kSource, "variant", std::make_unique<BrokenNetwork>())).find("not finite") !=
      std::string::npos);
  for (int i = 0; i < kImages; ++i)
    for (const char* extension : {".png", ".jpg"})
      fs::remove(scene.images / ("p" + std::to_string(i) + extension));
  CHECK(scene.refusal().find("none of its images can be decoded, beginning with broken.png") !=
        std::string::npos);
  CHECK(!fs::exists(scene.out));
}
