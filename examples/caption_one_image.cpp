// From an image file to a sentence: what `plainsight caption` does, for one image.
// usage: caption_one_image RUN WEIGHTS IMAGE
//   RUN      a folder that `plainsight train` made
//   WEIGHTS  VGG16's weights, the same file as for `plainsight extract`

#include <cstdio>

#include "model/run/loaded_run.h"
#include "model/vgg16/image_encoder.h"

using namespace plainsight;

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "usage: caption_one_image RUN WEIGHTS IMAGE\n");
    return 2;
  }
  const LoadedRun run{RunFolder(argv[1])};  // configuration, vocabulary, the decoder's weights

  // Image -> features [1,4096]: decode, resize to 224 x 224, normalise, VGG16 up to the run's layer.
  ImageEncoder encoder(argv[2], {.layer = feature_layer(run.feature_layer()), .conv = {}});
  run.check_features(encoder.feature_dim(), encoder.source().metadata(), argv[2]);
  Tensor features({1, encoder.feature_dim()});
  const std::filesystem::path image[] = {argv[3]};
  const EncodedFiles encoded = encoder.encode(features, image);
  if (!encoded.skipped.empty()) throw std::runtime_error(encoded.skipped[0].reason);

  // Features -> tokens, by beam search -> words. Row 0 is the image, hypothesis 0 its best caption.
  const auto captions = run.decoder().decode(features, {.max_length = run.config().max_length});
  std::printf("%s\n", run.text(captions[0][0]).c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "caption_one_image: error: %s\n", error.what());
  return 1;
}
