#pragma once

#include "engine/io/mapped_file.h"
#include "weights-convert/unpickler.h"
#include "weights-convert/weights.h"

/// One reader per container; read_weights() chooses.
namespace plainsight::convert {

/// A pickle that is not a dict of arrays may hold this much at most: names and shapes, no values.
inline constexpr std::size_t kMaxObjectPickle = std::size_t{16} << 20;

/// Finds the bytes of the record that holds a storage; throws Error when they are missing or of another size.
using FindStorage = std::function<std::span<const std::byte>(const Value& storage)>;

/// The tensors of an unpickled dict, by name.
std::vector<SourceTensor> tensors_of(const Unpickled& pickle, const FindStorage& find,
                                     const std::string& where);

std::vector<SourceTensor> read_torch_zip(std::span<const std::byte> file, const std::string& where);
std::vector<SourceTensor> read_torch_legacy(std::span<const std::byte> file, const std::string& where);
std::vector<SourceTensor> read_numpy_pickle(std::span<const std::byte> file, const std::string& where);

}  // namespace plainsight::convert
