#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/printable.h"
#include "engine/io/safetensors.h"

namespace plainsight::convert {

/// Thrown by the parts of the unpickler that do not know where in the file they are; the machine that runs
/// them adds opcode and byte offset and throws Error.
struct Refusal {
  std::string why;
  std::string hint;
};

/// The allowed names. None of them is code that a file could choose:
/// each is one of the calls in calls.cpp.
enum class Callable : std::uint8_t {
  ordered_dict,
  rebuild_tensor,
  rebuild_tensor_v2,
  rebuild_parameter,
  parameter,
  storage_type,
  numpy_reconstruct,
  numpy_ndarray,
  numpy_dtype,
  numpy_frombuffer,
  codecs_encode,
  builtin_bytes,
};

enum class Kind : std::uint8_t {
  none,
  boolean,
  integer,
  real,  // its value is not needed and not kept
  text,
  bytes,
  /// Bytes b that the file holds as the UTF-8 of the characters b: how pickles before protocol 3 write them.
  latin1,
  list,
  tuple,
  dict,
  name,
  storage,
  tensor,
  dtype,
};

std::string_view name_of(Kind kind);

/// A value that a pickle builds. Texts and bytes are parts of the mapped file, never copies.
struct Value {
  Kind kind = Kind::none;
  Callable callable{};       ///< name
  Dtype dtype{};             ///< dtype, storage, and the name of a storage type
  std::int64_t integer = 0;  ///< boolean, integer; storage: its number of elements; latin1: of bytes
  std::uint64_t offset = 0;  ///< storage: its first element, counted within the record that holds it
  std::uint64_t whole = 0;   ///< storage: number of elements of the record that holds it
  std::size_t tensor = 0;    ///< tensor: index into ValuePool::tensors
  std::string_view text;     ///< text, bytes, latin1; storage: its key
  std::vector<Value*>
      items;  ///< list, tuple; dict: key, value, key, value, ...; text: its latin1, once there is one
};

/// A tensor or a numpy array: which elements of which bytes. Strides and offset count elements.
struct TensorSpec {
  Dtype dtype = Dtype::F32;
  std::vector<std::uint64_t> shape, strides;
  std::uint64_t offset = 0;
  const Value* data =
      nullptr;  ///< a storage, bytes or latin1; nullptr: a numpy array that waits for its BUILD
};

/// Owns every value of one pickle and bounds their number, so that a small file cannot make this program
/// allocate much memory.
class ValuePool {
 public:
  // Values plus items, a tensor counting for as much as it takes: some 250,000 numpy arrays, under 1 GB.
  static constexpr std::size_t kBudget = 8'000'000;
  static constexpr std::size_t kTensorCost = 4;

  Value& make(Kind kind) {
    charge(1);
    Value& value = values_.emplace_back();
    value.kind = kind;
    return value;
  }
  Value& make_tensor(TensorSpec spec) {
    charge(kTensorCost);
    Value& value = make(Kind::tensor);
    value.tensor = tensors.size();
    tensors.push_back(std::move(spec));
    return value;
  }
  void charge(std::size_t count) {
    used_ += count;
    if (used_ > kBudget) throw Refusal{"it builds more than " + std::to_string(kBudget) + " values", ""};
  }

  std::vector<TensorSpec> tensors;

 private:
  std::deque<Value> values_;  // addresses stay
  std::size_t used_ = 0;
};

/// At most 80 bytes of a text from a file, for messages.
inline std::string shown(std::string_view text) { return printable(text, 80); }

}  // namespace plainsight::convert
