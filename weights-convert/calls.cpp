#include "weights-convert/calls.h"

#include <algorithm>
#include <optional>

namespace plainsight::convert {
namespace {

using Arguments = std::vector<Value*>;

constexpr std::size_t kMaxDims = 8;
constexpr std::size_t kMaxKey = 4096;

[[noreturn]] void refuse(const std::string& why, const std::string& hint = "") { throw Refusal{why, hint}; }

const Value& expect(const Value* value, Kind kind, const std::string& what) {
  if (value->kind != kind)
    refuse(what + " is a " + std::string(name_of(value->kind)) + " where a " + std::string(name_of(kind)) +
           " is due");
  return *value;
}

void expect_count(const Arguments& arguments, std::size_t least, std::size_t most, const std::string& what) {
  if (arguments.size() < least || arguments.size() > most)
    refuse(what + " with " + std::to_string(arguments.size()) + " arguments");
}

std::uint64_t natural(const Value* value, const std::string& what) {
  const std::int64_t number = expect(value, Kind::integer, what).integer;
  if (number < 0) refuse(what + " is negative");
  return static_cast<std::uint64_t>(number);
}

std::vector<std::uint64_t> naturals(const Value* tuple, const std::string& what) {
  std::vector<std::uint64_t> result;
  if (expect(tuple, Kind::tuple, what).items.size() > kMaxDims) refuse(what + " has more than 8 dimensions");
  for (const Value* item : tuple->items) result.push_back(natural(item, what));
  return result;
}

/// Product of the dimensions. Throws Refusal on overflow, of the bytes too.
std::uint64_t count_of(Dtype dtype, const std::vector<std::uint64_t>& shape) {
  const std::optional<std::uint64_t> bytes = byte_size(dtype, shape);
  if (!bytes) refuse("a tensor of shape " + shape_text(shape) + " is too large for any file");
  return *bytes / size_of(dtype);
}

/// The last element that offset, shape and strides reach must lie within `available` elements.
void check_extent(const TensorSpec& spec, std::uint64_t count, std::uint64_t available) {
  if (count == 0) return;
  if (count > available)
    refuse("a tensor of shape " + shape_text(spec.shape) + " in a storage of " + std::to_string(available) +
               " elements",
           "Expanded tensors are not supported: save tensor.contiguous()");
  std::uint64_t last = spec.offset;
  bool fits = true;
  for (std::size_t i = 0; i < spec.shape.size(); ++i) {
    std::uint64_t step = 0;
    fits = fits && !__builtin_mul_overflow(spec.shape[i] - 1, spec.strides[i], &step) &&
           !__builtin_add_overflow(last, step, &last);
  }
  if (!fits || last >= available)
    refuse("a tensor of shape " + shape_text(spec.shape) + ", strides " + shape_text(spec.strides) +
           ", offset " + std::to_string(spec.offset) + " reaches outside its storage of " +
           std::to_string(available) + " elements");
}

/// Strides of a whole array, in C or Fortran order.
std::vector<std::uint64_t> dense_strides(const std::vector<std::uint64_t>& shape, bool fortran) {
  std::vector<std::uint64_t> strides(shape.size());
  std::uint64_t step = 1;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t dim = fortran ? i : shape.size() - 1 - i;
    strides[dim] = step;
    step *= std::max<std::uint64_t>(shape[dim], 1);
  }
  return strides;
}

/// torch._utils._rebuild_tensor(storage, offset, size, stride);
/// _v2 adds requires_grad, backward_hooks and, in newer versions, metadata: none of them is a weight.
Value& rebuild_tensor(ValuePool& pool, const Arguments& a) {
  const Value& storage = expect(a[0], Kind::storage, "the storage of a tensor");
  TensorSpec spec;
  spec.dtype = storage.dtype;
  spec.data = &storage;
  spec.offset = natural(a[1], "a tensor's offset");
  spec.shape = naturals(a[2], "a tensor's shape");
  spec.strides = naturals(a[3], "a tensor's strides");
  if (spec.strides.size() != spec.shape.size()) refuse("a tensor with as many strides as dimensions is due");
  check_extent(spec, count_of(spec.dtype, spec.shape), static_cast<std::uint64_t>(storage.integer));
  return pool.make_tensor(std::move(spec));
}

/// OrderedDict(), or OrderedDict([(key, value), ...]) as Python 2 writes it.
Value& ordered_dict(ValuePool& pool, const Arguments& a) {
  expect_count(a, 0, 1, "OrderedDict");
  Value& dict = pool.make(Kind::dict);
  if (a.empty()) return dict;
  for (const Value* pair : expect(a[0], Kind::list, "the content of an OrderedDict").items) {
    if ((pair->kind != Kind::list && pair->kind != Kind::tuple) || pair->items.size() != 2)
      refuse("an OrderedDict whose items are not pairs");
    pool.charge(2);
    dict.items.insert(dict.items.end(), pair->items.begin(), pair->items.end());
  }
  return dict;
}

/// numpy.dtype('f4', False, True); its byte order comes with BUILD.
Value& numpy_dtype(ValuePool& pool, const Arguments& a) {
  expect_count(a, 1, 3, "numpy.dtype");
  constexpr std::pair<std::string_view, Dtype> kCodes[] = {
      {"f4", Dtype::F32}, {"f8", Dtype::F64}, {"f2", Dtype::F16}, {"i8", Dtype::I64},
      {"i4", Dtype::I32}, {"i2", Dtype::I16}, {"i1", Dtype::I8},  {"u8", Dtype::U64},
      {"u4", Dtype::U32}, {"u2", Dtype::U16}, {"u1", Dtype::U8},  {"b1", Dtype::BOOL}};
  const std::string_view code = expect(a[0], Kind::text, "a numpy dtype").text;
  for (const auto& [name, dtype] : kCodes)
    if (name == code) {
      Value& value = pool.make(Kind::dtype);
      value.dtype = dtype;
      return value;
    }
  refuse("numpy dtype '" + shown(code) + "' is not a plain number");
}

/// Number of characters of the text in UTF-8; refuses one that latin1 does not have (beyond 255).
std::int64_t latin1_size(std::string_view text) {
  std::int64_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i, ++size) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) continue;
    if ((byte != 0xc2 && byte != 0xc3) || i + 1 == text.size() ||
        (static_cast<unsigned char>(text[i + 1]) & 0xc0) != 0x80)
      refuse("a text that is not latin1");
    ++i;
  }
  return size;
}

/// Points `spec` at the bytes of a numpy array, which must be just as many as its shape needs.
void set_array(TensorSpec& spec, const Value* shape, const Value* dtype, bool fortran, const Value* data) {
  spec.dtype = expect(dtype, Kind::dtype, "the dtype of a numpy array").dtype;
  spec.shape = naturals(shape, "the shape of a numpy array");
  const std::uint64_t needed = count_of(spec.dtype, spec.shape) * size_of(spec.dtype);
  spec.strides = dense_strides(spec.shape, fortran);
  if (data->kind != Kind::latin1) expect(data, Kind::bytes, "the data of a numpy array");
  const std::uint64_t size =
      data->kind == Kind::latin1 ? static_cast<std::uint64_t>(data->integer) : data->text.size();
  if (size != needed)
    refuse("a numpy array of shape " + shape_text(spec.shape) + " needs " + std::to_string(needed) +
           " bytes and has " + std::to_string(size));
  spec.data = data;
}

/// numpy.core.numeric._frombuffer(bytes, dtype, shape, 'C' or 'F'): arrays in protocol 5.
Value& numpy_frombuffer(ValuePool& pool, const Arguments& a) {
  expect_count(a, 4, 4, "numpy _frombuffer");
  const std::string_view order = expect(a[3], Kind::text, "the order of a numpy array").text;
  if (order != "C" && order != "F") refuse("the order of a numpy array is neither C nor F");
  TensorSpec spec;
  set_array(spec, a[2], a[1], order == "F", a[0]);
  return pool.make_tensor(std::move(spec));
}

/// _codecs.encode(text, 'latin1')
Value& encode(ValuePool& pool, const Arguments& a) {
  expect_count(a, 2, 2, "_codecs.encode");
  if (expect(a[1], Kind::text, "an encoding").text != "latin1") refuse("an encoding other than latin1");
  expect(a[0], Kind::text, "the text of _codecs.encode");
  // A text is looked through once, however often a pickle has it encoded.
  Value& text = *a[0];
  if (text.items.empty()) {
    Value& value = pool.make(Kind::latin1);
    value.text = text.text;
    value.integer = latin1_size(text.text);
    text.items.push_back(&value);
  }
  return *text.items[0];
}

/// numpy.ndarray.__setstate__((version, shape, dtype, is_fortran, data))
void build_array(TensorSpec& spec, const Value& state) {
  if (spec.data != nullptr) refuse("a numpy array that is built twice");
  const Arguments& s = expect(&state, Kind::tuple, "the state of a numpy array").items;
  expect_count(s, 5, 5, "the state of a numpy array");
  const bool fortran = s[3]->integer != 0;
  if (s[3]->kind != Kind::integer) expect(s[3], Kind::boolean, "the order of a numpy array");
  set_array(spec, s[1], s[2], fortran, s[4]);
}

/// numpy.dtype.__setstate__((version, byte order, ...)): plain types differ in nothing but the byte order.
void build_dtype(const Value& state) {
  const Arguments& s = expect(&state, Kind::tuple, "the state of a numpy dtype").items;
  if (s.size() < 2) refuse("the state of a numpy dtype is too short");
  const std::string_view order = expect(s[1], Kind::text, "the byte order of a numpy dtype").text;
  if (order == ">") refuse("big-endian numbers", "Save array.astype('<f4') instead");
  if (order != "<" && order != "|" && order != "=") refuse("unknown byte order of a numpy dtype");
}

}  // namespace

Value& call(ValuePool& pool, const Value& name, const std::vector<Value*>& a) {
  switch (name.callable) {
    case Callable::ordered_dict: return ordered_dict(pool, a);
    case Callable::rebuild_tensor: expect_count(a, 4, 4, "_rebuild_tensor"); return rebuild_tensor(pool, a);
    case Callable::rebuild_tensor_v2:
      expect_count(a, 6, 7, "_rebuild_tensor_v2");
      return rebuild_tensor(pool, a);
    case Callable::rebuild_parameter:
      expect_count(a, 3, 3, "_rebuild_parameter");
      expect(a[0], Kind::tensor, "the data of a Parameter");
      return *a[0];
    case Callable::parameter:
      expect_count(a, 1, 2, "Parameter");
      expect(a[0], Kind::tensor, "the data of a Parameter");
      return *a[0];
    case Callable::numpy_reconstruct:
      expect_count(a, 3, 3, "numpy _reconstruct");
      if (a[0]->kind != Kind::name || a[0]->callable != Callable::numpy_ndarray)
        refuse("numpy _reconstruct of something else than numpy.ndarray");
      return pool.make_tensor({});
    case Callable::numpy_frombuffer: return numpy_frombuffer(pool, a);
    case Callable::numpy_dtype: return numpy_dtype(pool, a);
    case Callable::codecs_encode: return encode(pool, a);
    case Callable::builtin_bytes: expect_count(a, 0, 0, "bytes"); return pool.make(Kind::bytes);
    case Callable::storage_type:
    case Callable::numpy_ndarray: break;
  }
  refuse("it calls a type that is only a name here");
}

void build(ValuePool& pool, Value& object, const Value& state) {
  if (object.kind == Kind::dtype) return build_dtype(state);
  // Attributes of a state_dict (its _metadata) and of a Parameter (requires_grad, hooks) are not weights.
  if (object.kind == Kind::dict && state.kind == Kind::dict) return;
  if (object.kind == Kind::tensor) {
    TensorSpec& spec = pool.tensors[object.tensor];
    if (spec.data != nullptr && spec.data->kind == Kind::storage) return;
    return build_array(spec, state);
  }
  refuse("a " + std::string(name_of(object.kind)) + " has no state");
}

Value& storage_of(ValuePool& pool, const Value& id, std::size_t items) {
  const Arguments& a = expect(&id, Kind::tuple, "a persistent id").items;
  if (items == 0) refuse("persistent ids do not belong here");
  if (a.size() != items)
    refuse("a persistent id of " + std::to_string(a.size()) + " items where " + std::to_string(items) +
           " are due");
  if (expect(a[0], Kind::text, "the tag of a persistent id").text != "storage")
    refuse("a persistent id that is not a storage");
  if (expect(a[1], Kind::name, "a storage's type").callable != Callable::storage_type)
    refuse("a storage whose type is not a torch storage");
  Value& storage = pool.make(Kind::storage);
  storage.dtype = a[1]->dtype;
  storage.text = expect(a[2], Kind::text, "a storage's key").text;
  if (storage.text.size() > kMaxKey) refuse("a storage's key is longer than 4096 bytes");
  expect(a[3], Kind::text, "a storage's location");
  storage.whole = natural(a[4], "a storage's size");
  storage.integer = storage.whole;
  if (items < 6 || a[5]->kind == Kind::none) return storage;

  // (key, offset, size): the elements of the storage `key` that this view of it takes
  const Arguments& view = expect(a[5], Kind::tuple, "a storage's view").items;
  expect_count(view, 3, 3, "a storage's view");
  storage.offset = natural(view[1], "a view's offset");
  const std::uint64_t size = natural(view[2], "a view's size");
  if (storage.offset > storage.whole || size > storage.whole - storage.offset)
    refuse("a view that reaches outside its storage");
  storage.integer = size;
  return storage;
}

}  // namespace plainsight::convert
