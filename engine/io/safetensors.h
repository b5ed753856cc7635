#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/mapped_file.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// The format: u64 little-endian header length, JSON header, then the tensors'
/// bytes. https://github.com/huggingface/safetensors#format
enum class Dtype { BOOL, U8, I8, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64 };

std::size_t size_of(Dtype dtype);
std::string_view name_of(Dtype dtype);
std::optional<Dtype> dtype_named(std::string_view name);

struct TensorInfo {
  std::string name;
  Dtype dtype = Dtype::F32;
  std::vector<std::uint64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes, from the start of the data section
};

using Metadata = std::map<std::string, std::string>;

/// A safetensors file, mapped: opening it costs its header, not its data. Immutable, safe to share
/// between threads.
class SafetensorsFile {
 public:
  /// Checks everything that the format promises before trusting any of it: header length against the file,
  /// dtypes, shapes with overflow-checked products, offsets contiguous from 0 to the end, no duplicate names.
  /// Throws Error with the path, what is wrong and where.
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&&) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

  /// All tensors, in the order of their data.
  const std::vector<TensorInfo>& tensors() const;
  const Metadata& metadata() const;
  const std::filesystem::path& path() const;

  /// nullptr when there is none of that name.
  const TensorInfo* find(std::string_view name) const;
  std::span<const std::byte> bytes(const TensorInfo& info) const;

  /// The values of an F32 tensor of at most four dimensions, in the mapped file.
  /// Throws Error naming file and tensor when it is absent, of another dtype, of another shape than
  /// `expected` (if given), or not aligned to 4 bytes.
  ConstView f32(std::string_view name, std::optional<Shape> expected = std::nullopt) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The format's own limit: a header takes at most this many bytes.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// Bytes of a tensor of this type and shape; nullopt when they do not fit into 64 bits.
std::optional<std::uint64_t> byte_size(Dtype dtype, std::span<const std::uint64_t> shape);

/// `[64,3,3,3]`, for messages.
std::string shape_text(std::span<const std::uint64_t> shape);

}  // namespace plainsight
