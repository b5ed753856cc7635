#include "model/training/parameter_file.h"

#include <algorithm>

#include "engine/io/safetensors_writer.h"
#include "model/captioner/captioner_weights.h"

namespace plainsight {

TensorInfo tensor_info(std::string name, const Shape& shape) {
  TensorInfo info;
  info.name = std::move(name);
  for (int d = 0; d < shape.rank(); ++d) info.shape.push_back(static_cast<std::uint64_t>(shape[d]));
  return info;
}

void load_parameters(const ParameterSet& parameters, const SafetensorsFile& file) {
  for (const Parameter& p : parameters.parameters()) {
    const ConstView saved = file.f32(p.name, p.value.shape);
    std::copy_n(saved.data, saved.size(), p.value.data);
  }
}

void save_parameters(const std::filesystem::path& path, const ParameterSet& parameters) {
  std::vector<TensorInfo> tensors;
  std::vector<ConstView> values;
  for (const Parameter& p : parameters.parameters()) {
    tensors.push_back(tensor_info(p.name, p.value.shape));
    values.push_back(p.value);
  }
  SafetensorsWriter writer(path, std::move(tensors), {{"format", "pt"}, {"checksum", checksum(values)}});
  for (const ConstView& v : values) writer.append(v);
  writer.commit();
}

}  // namespace plainsight
