// Compares extract_features() over a folder with the bare network on prepared tensors, alternating in one
// process.
//   compare_extract FOLDER THREADS ROUNDS
// A round is half of the network's runs, the folder, the other half, so a drift of the machine affects both.
// The first batch of the folder and the first run of each half are not counted.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "engine/base/parallel.h"
#include "model/vgg16/extract_features.h"
#include "model/vgg16/write_random_vgg16.h"

using namespace plainsight;

namespace {

constexpr std::int64_t kBatch = 16;  // extract's default

double milliseconds() {
  const std::chrono::duration<double, std::milli> t = std::chrono::steady_clock::now().time_since_epoch();
  return t.count();
}

void print(const char* name, std::vector<double> v, const char* unit) {
  std::sort(v.begin(), v.end());
  std::printf("%-42s %6.2f %s (%.2f .. %.2f)\n", name, v[v.size() / 2], unit, v.front(), v.back());
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc == 4 ? std::atoi(argv[3]) : 0;
  if (rounds < 1 || std::atoi(argv[2]) < 1) return 2;
  set_threads(std::atoi(argv[2]));
  const ImageFolder folder = list_images(argv[1]);
  const std::int64_t files = std::ssize(folder.images), batches = files / kBatch;
  if (files % kBatch != 0 || batches < 3) {
    std::fprintf(stderr, "compare_extract: error: needs a multiple of %ld images, at least three batches\n",
                 static_cast<long>(kBatch));
    return 2;
  }
  const std::filesystem::path weights_path = folder.path / "vgg16.safetensors",
                              target = folder.path / "features";
  write_random_vgg16(weights_path, 7);
  ImageEncoder encoder(weights_path);
  FeatureNetwork& network = encoder.network();
  Tensor images({kBatch, 3, vgg16::kSide, vgg16::kSide}), out({kBatch, network.feature_dim()});
  for (std::int64_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i * 7919 % 4001) / 1000 - 2;

  std::vector<double> bare, under_way, rate;
  for (int r = 0; r < rounds; ++r) {
    double spent = 0;
    const auto half = [&](std::int64_t runs) {
      network.run(out, images);
      const double start = milliseconds();
      for (std::int64_t i = 0; i < runs; ++i) network.run(out, images);
      spent += milliseconds() - start;
    };
    const std::int64_t runs = batches - 1;
    half(runs / 2);
    std::vector<double> reports;
    extract_features(folder, target, encoder, {.batch = kBatch, .progress = [&](std::int64_t, std::int64_t) {
                                                 reports.push_back(milliseconds());
                                               }});
    half(runs - runs / 2);
    const auto counted = static_cast<double>(runs * kBatch);
    bare.push_back(spent / counted);
    under_way.push_back((reports.back() - reports[1]) / counted);
    rate.push_back(100 * bare.back() / under_way.back());
    std::filesystem::remove(target);
  }
  print("bare network", bare, "ms an image");
  print("extract, after its first batch", under_way, "ms an image");
  print("rate of extract / bare network", rate, "%");
}
