#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/safetensors.h"

namespace plainsight::convert {

/// One tensor of a file, still in the file.
struct SourceTensor {
  std::string name;
  Dtype dtype = Dtype::F32;
  std::vector<std::uint64_t> shape, strides;  ///< strides in elements
  std::span<const std::byte> data;            ///< from the first element on, in the mapping
  bool latin1 = false;  ///< the bytes are stored as UTF-8 of the characters of these codes

  std::uint64_t count() const { return *byte_size(dtype, shape) / size_of(dtype); }
  std::uint64_t bytes() const { return *byte_size(dtype, shape); }
};

/// The tensors of a file of any container, checked, with their bytes still in the mapped file. Copying them
/// out touches a few megabytes at a time.
struct Weights {
  std::string container;  ///< "torch zip file", "torch legacy file", "pickle", "safetensors file"
  std::filesystem::path path;
  std::vector<SourceTensor> tensors;  ///< in the order of the file
  Metadata metadata;                  ///< of a safetensors file
  std::shared_ptr<const void> file;   ///< keeps the mapping

  const SourceTensor* find(std::string_view name) const;
};

/// Opens a state_dict saved by PyTorch (zip or legacy container), a pickled dict of numpy arrays, or a
/// safetensors file. The kind is told by the content, never by the name.
/// Nothing in a file is executed. Throws Error.
Weights read_weights(const std::filesystem::path& path);

/// Gives the tensor's bytes in row-major order to `sink`, in chunks of at most 4 MiB,
/// and releases the pages it has passed.
void for_each_chunk(const SourceTensor& tensor, const std::function<void(std::span<const std::byte>)>& sink);

/// Copies the F32 tensor `name` to `out`. Throws Error when it is absent,
/// of another dtype or of another shape.
void load_f32(const Weights& weights, std::string_view name, View out);

}  // namespace plainsight::convert
