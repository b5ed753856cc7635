#include "engine/io/safetensors_writer.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "engine/base/error.h"
#include "engine/base/printable.h"

namespace plainsight {
namespace {

constexpr std::size_t kLengthField = 8;
constexpr std::size_t kDataAlignment =
    64;  // a cache line: mapped rows of 16 floats never straddle one more than they must

/// `text` as a JSON string.
std::string json_text(const std::string& text, const std::filesystem::path& target) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw Error("cannot write safetensors file", target.string(),
                "the name or text \"" + printable(text, 80) + "\" is not UTF-8");
  }
}

std::string tensor_json(const TensorInfo& t, const std::filesystem::path& target) {
  return json_text(t.name, target) + ":{\"dtype\":\"" + std::string(name_of(t.dtype)) +
         "\",\"shape\":" + shape_text(t.shape) + ",\"data_offsets\":[" + std::to_string(t.begin) + "," +
         std::to_string(t.end) + "]}";
}

/// Length field and JSON, padded with spaces so that what follows is aligned.
std::string header(const std::vector<TensorInfo>& tensors, const Metadata& metadata,
                   const std::filesystem::path& target) {
  std::string json = "{";
  if (!metadata.empty()) {
    json += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata)
      json += (json.back() == '{' ? "" : ",") + json_text(key, target) + ":" + json_text(value, target);
    json += "}";
  }
  for (const TensorInfo& t : tensors) json += (json.size() == 1 ? "" : ",") + tensor_json(t, target);
  json += "}";
  while ((kLengthField + json.size()) % kDataAlignment != 0) json += ' ';
  if (json.size() > kMaxSafetensorsHeader)
    throw Error("cannot write safetensors file", target.string(),
                std::to_string(tensors.size()) +
                    " tensors need a header larger than the format's limit of 100000000 bytes");
  std::uint64_t length = json.size();
  std::string result;
  for (std::size_t i = 0; i < kLengthField; ++i, length >>= 8) result += static_cast<char>(length & 0xff);
  return result + json;
}

/// Sets begin and end of every tensor and returns the size of all.
std::uint64_t lay_out(std::vector<TensorInfo>& tensors) {
  std::uint64_t place = 0;
  std::unordered_set<std::string_view> names;
  for (TensorInfo& t : tensors) {
    require(t.name != "__metadata__" && names.insert(t.name).second,
            "SafetensorsWriter: a name that comes twice");
    const std::optional<std::uint64_t> size = byte_size(t.dtype, t.shape);
    require(size.has_value(), "SafetensorsWriter: a shape whose size overflows");
    require(place % size_of(t.dtype) == 0, "SafetensorsWriter: a misaligned tensor; give wider types first");
    t.begin = place;
    require(!__builtin_add_overflow(place, *size, &place), "SafetensorsWriter: sizes overflow");
    t.end = place;
  }
  return place;
}

}  // namespace

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& target, std::vector<TensorInfo> tensors,
                                     const Metadata& metadata)
    : file_(target), remaining_(lay_out(tensors)) {
  file_.write(header(tensors, metadata, target));
}

void SafetensorsWriter::append(std::span<const std::byte> bytes) {
  require(bytes.size() <= remaining_, "SafetensorsWriter: more bytes than declared");
  file_.write(bytes);
  remaining_ -= bytes.size();
}

void SafetensorsWriter::append(ConstView values) {
  append(std::as_bytes(std::span(values.data, values.size())));
}

void SafetensorsWriter::commit() {
  require(remaining_ == 0, "SafetensorsWriter: fewer bytes than declared");
  file_.commit();
}

}  // namespace plainsight
