#include "engine/io/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <unordered_map>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "engine/io/safetensors_header.h"

namespace plainsight {
namespace {

static_assert(std::endian::native == std::endian::little,
              "files hold little-endian numbers, which are used in place");

struct DtypeRow {
  std::string_view name;
  std::size_t size;
};
/// In the order of enum Dtype.
constexpr std::array<DtypeRow, 13> kDtypes = {{{"BOOL", 1},
                                               {"U8", 1},
                                               {"I8", 1},
                                               {"I16", 2},
                                               {"U16", 2},
                                               {"F16", 2},
                                               {"BF16", 2},
                                               {"I32", 4},
                                               {"U32", 4},
                                               {"F32", 4},
                                               {"F64", 8},
                                               {"I64", 8},
                                               {"U64", 8}}};
static_assert(static_cast<std::size_t>(Dtype::U64) + 1 == kDtypes.size());

constexpr std::size_t kLengthField = 8;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why,
                       const std::string& hint = "") {
  throw Error("cannot read safetensors file", path.string(), why, hint);
}

std::string quoted(const TensorInfo& info) { return "tensor \"" + printable(info.name, 80) + "\""; }

/// The JSON text, once the length field is known to fit into the file.
std::string_view header_text(std::span<const std::byte> file, const std::filesystem::path& path) {
  if (file.size() < kLengthField)
    fail(path, "it has " + std::to_string(file.size()) + " bytes, too few for any");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthField);
  const std::size_t rest = file.size() - kLengthField;
  const bool begins = rest > 0 && length > 0 && file[kLengthField] == std::byte{'{'};
  if (!begins && length > rest)
    fail(path, "it does not begin as a safetensors file", "Convert other formats with weights-convert");
  if (length > kMaxSafetensorsHeader)
    fail(path,
         "its header claims " + std::to_string(length) + " bytes, more than the format's limit of 100000000");
  if (length > rest)
    fail(path,
         "its header claims " + std::to_string(length) + " bytes, but only " + std::to_string(rest) +
             " follow",
         "The file was cut short: copy it again");
  if (!begins) fail(path, "its header does not begin with {");
  return {reinterpret_cast<const char*>(file.data()) + kLengthField, length};
}

/// Sorts by offset and checks that the tensors cover the data section from its first to its last byte,
/// without hole or overlap, each with just the bytes that its shape needs.
void check_layout(std::vector<TensorInfo>& tensors, std::uint64_t data_size,
                  const std::filesystem::path& path) {
  std::stable_sort(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t place = 0;
  for (const TensorInfo& t : tensors) {
    if (t.begin != place)
      fail(path, quoted(t) + " begins at data byte " + std::to_string(t.begin) + " where " +
                     std::to_string(place) + " is due (a hole or an overlap)");
    if (t.end < t.begin || t.end > data_size)
      fail(path,
           quoted(t) + " ends at data byte " + std::to_string(t.end) + ", outside the data section of " +
               std::to_string(data_size) + " bytes",
           "The file was cut short or damaged: copy it again");
    const std::optional<std::uint64_t> needed = byte_size(t.dtype, t.shape);
    if (!needed || *needed != t.end - t.begin)
      fail(path, quoted(t) + " has " + std::to_string(t.end - t.begin) + " bytes, which is not what " +
                     std::string(name_of(t.dtype)) + " " + shape_text(t.shape) + " needs");
    place = t.end;
  }
  if (place != data_size)
    fail(path, std::to_string(data_size - place) + " bytes at its end belong to no tensor");
}

}  // namespace

std::size_t size_of(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].size; }

std::string_view name_of(Dtype dtype) { return kDtypes[static_cast<std::size_t>(dtype)].name; }

std::optional<Dtype> dtype_named(std::string_view name) {
  for (std::size_t i = 0; i < kDtypes.size(); ++i)
    if (kDtypes[i].name == name) return static_cast<Dtype>(i);
  return std::nullopt;
}

std::optional<std::uint64_t> byte_size(Dtype dtype, std::span<const std::uint64_t> shape) {
  std::uint64_t size = size_of(dtype);
  for (const std::uint64_t dim : shape)
    if (__builtin_mul_overflow(size, dim, &size)) return std::nullopt;
  return size;
}

std::string shape_text(std::span<const std::uint64_t> shape) {
  std::string text = "[";
  for (const std::uint64_t dim : shape) text += (text.size() > 1 ? "," : "") + std::to_string(dim);
  return text + "]";
}

struct SafetensorsFile::State {
  MappedFile file;
  std::span<const std::byte> data;
  std::vector<TensorInfo> tensors;
  std::unordered_map<std::string_view, std::size_t>
      index;  // views of the names in `tensors`, which never changes
  Metadata metadata;
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.file = MappedFile(path);
  const std::string_view json = header_text(s.file.bytes(), path);
  s.data = s.file.bytes().subspan(kLengthField + json.size());
  detail::SafetensorsHeader header = detail::parse_safetensors_header(json, path.string());
  s.tensors = std::move(header.tensors);
  s.metadata = std::move(header.metadata);
  check_layout(s.tensors, s.data.size(), path);
  s.index.reserve(s.tensors.size());
  for (std::size_t i = 0; i < s.tensors.size(); ++i)
    if (!s.index.emplace(s.tensors[i].name, i).second) fail(path, quoted(s.tensors[i]) + " comes twice");
}

SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

const std::vector<TensorInfo>& SafetensorsFile::tensors() const { return state_->tensors; }
const Metadata& SafetensorsFile::metadata() const { return state_->metadata; }
const std::filesystem::path& SafetensorsFile::path() const { return state_->file.path(); }

const TensorInfo* SafetensorsFile::find(std::string_view name) const {
  const auto found = state_->index.find(name);
  return found == state_->index.end() ? nullptr : &state_->tensors[found->second];
}

std::span<const std::byte> SafetensorsFile::bytes(const TensorInfo& info) const {
  require(info.begin <= info.end && info.end <= state_->data.size(),
          "SafetensorsFile: a tensor of another file");
  return state_->data.subspan(info.begin, info.end - info.begin);
}

ConstView SafetensorsFile::f32(std::string_view name, std::optional<Shape> expected) const {
  const TensorInfo* info = find(name);
  if (info == nullptr)
    fail(path(), "it has no tensor \"" + std::string(name) + "\"", "Is it the right file?");
  if (info->dtype != Dtype::F32)
    fail(path(), quoted(*info) + " is " + std::string(name_of(info->dtype)) + ", not F32");
  const std::vector<std::uint64_t>& d = info->shape;
  if (d.size() > 4) fail(path(), quoted(*info) + " has more than 4 dimensions");
  // A dimension this large is possible only next to a dimension of 0: others are bounded by the file's size.
  for (const std::uint64_t dim : d)
    if (dim > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      fail(path(), quoted(*info) + " has a dimension of " + std::to_string(dim));
  const auto at = [&](int i) -> std::int64_t { return d[i]; };
  Shape shape;
  if (d.size() == 1) shape = {at(0)};
  if (d.size() == 2) shape = {at(0), at(1)};
  if (d.size() == 3) shape = {at(0), at(1), at(2)};
  if (d.size() == 4) shape = {at(0), at(1), at(2), at(3)};
  if (expected && shape != *expected)
    fail(path(), quoted(*info) + " is " + shape.str() + " where " + expected->str() + " is needed");
  const std::byte* data = bytes(*info).data();
  if (reinterpret_cast<std::uintptr_t>(data) % alignof(float) != 0)
    fail(path(), quoted(*info) + " does not begin at a multiple of 4 bytes",
         "Rewrite the file with weights-convert");
  return {reinterpret_cast<const float*>(data), shape};
}

}  // namespace plainsight
