#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "weights-convert/pickle_value.h"

namespace plainsight::convert {

struct UnpickleOptions {
  std::string where;      ///< names the file (and the record in it) in messages
  std::size_t begin = 0;  ///< byte of `bytes` at which the pickle begins; offsets in messages count from 0
  std::size_t persistent_items =
      0;  ///< items of a persistent id: 5 in zip containers, 6 in legacy ones, 0 for none
};

/// The contents of one pickle. Valid as long as the bytes it was read from.
struct Unpickled {
  std::unique_ptr<ValuePool> pool;
  const Value* root = nullptr;
  std::vector<const Value*> storages;  ///< every storage that was named, in order, with repetitions
  std::size_t end = 0;                 ///< byte after the pickle
};

/// Reads a pickle (protocol 2 to 5) without executing anything: only the opcodes and names that state_dicts
/// and dicts of numpy arrays need are known, and each of them only builds values. Anything else throws Error
/// that names opcode and byte.
Unpickled unpickle(std::span<const std::byte> bytes, const UnpickleOptions& options);

}  // namespace plainsight::convert
