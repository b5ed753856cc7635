#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "engine/io/atomic_file.h"
#include "engine/io/safetensors.h"

namespace plainsight {

/// Writes a safetensors file in two steps: declare all tensors, then append their bytes in the same order.
/// The data section starts at a multiple of 64 bytes. The target is whole or absent (AtomicFile).
class SafetensorsWriter {
 public:
  /// Computes `begin` and `end` of each tensor; the given ones are ignored. The format has no gaps, and each
  /// tensor must begin at a multiple of its element size: pass tensors of wider types first. Throws Error
  /// when the file cannot be written or a name is not UTF-8, ContractError when a name occurs twice or a
  /// tensor would be misaligned.
  SafetensorsWriter(const std::filesystem::path& target, std::vector<TensorInfo> tensors,
                    const Metadata& metadata = {});
  /// Appends the next bytes; a tensor may be split over several calls.
  void append(std::span<const std::byte> bytes);
  void append(ConstView values);
  /// Throws ContractError unless exactly the declared number of bytes was appended.
  void commit();

 private:
  AtomicFile file_;
  std::uint64_t remaining_ = 0;
};

}  // namespace plainsight
