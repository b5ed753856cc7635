// One side of compare/vgg16_frameworks.py: VGG16 from image tensor to fc7, timed on request.
//   vgg16_forward random FILE                     writes random weights (seed 7)
//   vgg16_forward serve FILE BATCH THREADS ENGINE for each line on stdin: runs once, prints the milliseconds

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <random>
#include <string>

#include "engine/base/parallel.h"
#include "engine/kernels/isa/engine.h"
#include "model/vgg16/make_vgg16.h"
#include "model/vgg16/write_random_vgg16.h"

using namespace plainsight;

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "random") == 0) {
    write_random_vgg16(argv[2], 7);
    return 0;
  }
  if (argc != 6 || std::strcmp(argv[1], "serve") != 0) return 2;
  const std::int64_t batch = std::atoi(argv[3]);
  set_threads(std::atoi(argv[4]));
  set_engine(parse_engine(argv[5]));
  const SafetensorsFile weights{std::filesystem::path(argv[2])};
  const auto network = make_vgg16(weights);
  Tensor images({batch, 3, vgg16::kSide, vgg16::kSide}), out({batch, network->feature_dim()});
  std::minstd_rand random(1);
  for (std::int64_t i = 0; i < images.size(); ++i)
    images[i] = static_cast<float>(random() % 4001) / 1000.0f - 2.0f;
  for (std::string line; std::getline(std::cin, line);) {
    const auto start = std::chrono::steady_clock::now();
    network->run(out, images);
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    std::printf("%.4f\n", spent.count());
    std::fflush(stdout);
  }
}
