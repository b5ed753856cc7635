#include "model/captioner/captioner_weights.h"

#include <tuple>

#include "engine/base/error.h"
#include "engine/io/fingerprint.h"

namespace plainsight {
namespace {

constexpr const char* kHint =
    "Give a run's model.safetensors, or the notebook's state_dict converted by weights-convert";

/// Dimensions of the tensor `name`, which must be a matrix.
std::pair<std::int64_t, std::int64_t> matrix_shape(const SafetensorsFile& file, const std::string& name) {
  const TensorInfo* info = file.find(name);
  if (info == nullptr)
    throw Error("not a captioner", file.path().string(), "it has no tensor " + name, kHint);
  if (info->shape.size() != 2 || info->shape[0] == 0 || info->shape[1] == 0) {
    throw Error("not a captioner", file.path().string(), name + " is not a matrix", kHint);
  }
  return {static_cast<std::int64_t>(info->shape[0]), static_cast<std::int64_t>(info->shape[1])};
}

}  // namespace

std::vector<NamedShape> captioner_parameters(const CaptionerShape& s) {
  return {{"img_to_h.weight", {s.hidden, s.features}},
          {"img_to_h.bias", {s.hidden}},
          {"img_to_c.weight", {s.hidden, s.features}},
          {"img_to_c.bias", {s.hidden}},
          {"embedding.weight", {s.vocab, s.embed}},
          {"lstm.weight_ih_l0", {4 * s.hidden, s.embed}},
          {"lstm.weight_hh_l0", {4 * s.hidden, s.hidden}},
          {"lstm.bias_ih_l0", {4 * s.hidden}},
          {"lstm.bias_hh_l0", {4 * s.hidden}},
          {"fc.weight", {s.vocab, s.hidden}},
          {"fc.bias", {s.vocab}}};
}

CaptionerShape captioner_shape(const SafetensorsFile& file) {
  CaptionerShape shape;
  std::tie(shape.hidden, shape.features) = matrix_shape(file, "img_to_h.weight");
  std::tie(shape.vocab, shape.embed) = matrix_shape(file, "embedding.weight");
  for (const NamedShape& p : captioner_parameters(shape)) file.f32(p.name, p.shape);
  return shape;
}

CaptionerWeights captioner_weights(const SafetensorsFile& file) {
  CaptionerWeights w;
  w.shape = captioner_shape(file);
  w.img_to_h_weight = file.f32("img_to_h.weight");
  w.img_to_h_bias = file.f32("img_to_h.bias");
  w.img_to_c_weight = file.f32("img_to_c.weight");
  w.img_to_c_bias = file.f32("img_to_c.bias");
  w.embedding = file.f32("embedding.weight");
  w.weight_ih = file.f32("lstm.weight_ih_l0");
  w.weight_hh = file.f32("lstm.weight_hh_l0");
  w.bias_ih = file.f32("lstm.bias_ih_l0");
  w.bias_hh = file.f32("lstm.bias_hh_l0");
  w.fc_weight = file.f32("fc.weight");
  w.fc_bias = file.f32("fc.bias");
  return w;
}

std::string checksum(std::span<const ConstView> tensors) {
  std::string all;
  for (const ConstView& t : tensors) all += fingerprint(t);
  return fingerprint(std::as_bytes(std::span(all)));
}

void verify_model(const SafetensorsFile& file, const CaptionerShape& shape) {
  if (!(captioner_shape(file) == shape)) {
    throw Error("the run's files do not belong together", file.path().string(),
                "its sizes differ from those in config.json",
                "Restore the file, or train again into another folder");
  }
  const auto expected = file.metadata().find("checksum");
  if (expected == file.metadata().end()) return;
  std::vector<ConstView> tensors;
  for (const NamedShape& p : captioner_parameters(shape)) tensors.push_back(file.f32(p.name, p.shape));
  if (checksum(tensors) == expected->second) return;
  throw Error("the model is damaged", file.path().string(), "its numbers do not match their checksum",
              "Copy it again, or train again");
}

}  // namespace plainsight
