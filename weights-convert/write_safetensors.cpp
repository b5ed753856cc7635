#include "weights-convert/write_safetensors.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/io/safetensors_writer.h"

namespace plainsight::convert {

void write_safetensors(const Weights& weights, const std::filesystem::path& target,
                       const WriteReport& report) {
  // The format leaves no gaps, so wider types go first to keep every tensor aligned.
  std::vector<const SourceTensor*> order;
  for (const SourceTensor& t : weights.tensors) order.push_back(&t);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return size_of(a->dtype) > size_of(b->dtype); });
  std::vector<TensorInfo> infos;
  for (const SourceTensor* t : order) {
    if (t->name == "__metadata__")
      throw Error("cannot write safetensors file", target.string(),
                  "a tensor is called __metadata__, a name that the format keeps for itself",
                  "Write .pth instead");
    infos.push_back({t->name, t->dtype, t->shape});
  }
  Metadata metadata = weights.metadata;
  metadata.emplace("format", "pt");  // Python's readers require it
  SafetensorsWriter writer(target, std::move(infos), metadata);
  std::uint64_t done = 0;
  for (const SourceTensor* t : order)
    for_each_chunk(*t, [&](std::span<const std::byte> chunk) {
      writer.append(chunk);
      report(done += chunk.size());
    });
  writer.commit();
}

}  // namespace plainsight::convert
