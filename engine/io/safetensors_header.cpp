#include "engine/io/safetensors_header.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/printable.h"

namespace plainsight::detail {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxDims = 8;
constexpr std::size_t kLengthField = 8;  // bytes before the JSON

/// A text of the header for a message: it may be as long as the file.
std::string in_quotes(const std::string& text) { return '"' + printable(text, 80) + '"'; }

/// Receives the parser's events. The position in
///   { "__metadata__": { KEY: TEXT, ... }, NAME: { "dtype": TEXT, "shape": [N, ...], "data_offsets": [N, N]
///   }, ... }
/// is one of a few states; an event that does not fit the state ends the parse.
class HeaderReader : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderReader(std::string path) : path_(std::move(path)) {}

  SafetensorsHeader result;

  bool key(string_t& text) override {
    if (place_ == Place::top) return open_entry(text);
    if (place_ == Place::metadata) {
      if (result.metadata.contains(text)) fail("metadata key " + in_quotes(text) + " comes twice");
      metadata_key_ = text;
      return true;
    }
    const auto found = std::find(kFields.begin(), kFields.end(), text);
    if (found == kFields.end()) fail(tensor() + " has an unknown field " + in_quotes(text));
    field_ = found - kFields.begin();
    if (seen_[field_]) fail(tensor() + ": field \"" + text + "\" comes twice");
    seen_[field_] = true;
    return true;
  }

  bool start_object(std::size_t) override {
    switch (place_) {
      case Place::start: place_ = Place::top; return true;
      case Place::top: place_ = in_metadata_ ? Place::metadata : Place::tensor; return true;
      default: return unexpected("an object");
    }
  }

  bool end_object() override {
    if (place_ == Place::tensor && (!seen_[kDtype] || !seen_[kShape] || !seen_[kOffsets]))
      fail(tensor() + " lacks dtype, shape or data_offsets");
    if (place_ == Place::tensor && offsets_ != 2) fail(tensor() + ": data_offsets must be two numbers");
    place_ = place_ == Place::top ? Place::start : Place::top;
    return true;
  }

  bool start_array(std::size_t) override {
    if (place_ != Place::tensor || field_ == kDtype) return unexpected("an array");
    place_ = Place::array;
    return true;
  }

  bool end_array() override {
    place_ = Place::tensor;
    return true;
  }

  bool string(string_t& text) override {
    if (place_ == Place::metadata) {
      result.metadata.emplace(std::move(metadata_key_), text);
      return true;
    }
    if (place_ != Place::tensor || field_ != kDtype) return unexpected("a text");
    const std::optional<Dtype> dtype = dtype_named(text);
    if (!dtype) fail(tensor() + ": unknown dtype " + in_quotes(text));
    result.tensors.back().dtype = *dtype;
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::array) return unexpected("a number");
    TensorInfo& info = result.tensors.back();
    if (field_ == kShape) {
      if (info.shape.size() == kMaxDims) fail(tensor() + " has more than 8 dimensions");
      info.shape.push_back(value);
    } else {
      if (offsets_ == 2) fail(tensor() + ": data_offsets must be two numbers");
      (offsets_++ == 0 ? info.begin : info.end) = value;
    }
    return true;
  }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("true or false"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return unexpected("a fraction or a number that is too large");
  }
  bool binary(binary_t&) override { return unexpected("binary data"); }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    fail("its header is not valid JSON at byte " +
         std::to_string(kLengthField + (position > 0 ? position - 1 : 0)));
  }

 private:
  enum class Place { start, top, metadata, tensor, array };
  static constexpr std::array<std::string_view, 3> kFields = {"dtype", "shape", "data_offsets"};
  static constexpr std::size_t kDtype = 0, kShape = 1, kOffsets = 2;

  [[noreturn]] void fail(const std::string& why) const {
    throw Error("cannot read safetensors file", path_, why);
  }

  std::string tensor() const { return "tensor " + in_quotes(result.tensors.back().name); }

  bool unexpected(const std::string& found) const {
    std::string where = "its header";
    if (place_ == Place::metadata) where = "__metadata__";
    if (place_ == Place::tensor || place_ == Place::array)
      where = tensor() + ", field \"" + std::string(kFields[field_]) + "\"";
    fail(where + ": " + found + " is not allowed there");
  }

  bool open_entry(const string_t& name) {
    in_metadata_ = name == "__metadata__";
    if (in_metadata_) {
      if (std::exchange(metadata_seen_, true)) fail("__metadata__ comes twice");
    } else {
      result.tensors.emplace_back().name = name;
      seen_ = {};
      offsets_ = 0;
      field_ = kDtype;
    }
    return true;
  }

  std::string path_, metadata_key_;
  Place place_ = Place::start;
  bool in_metadata_ = false, metadata_seen_ = false;
  std::array<bool, 3> seen_{};
  std::size_t field_ = kDtype;
  int offsets_ = 0;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& path) {
  HeaderReader reader(path);
  Json::sax_parse(json.begin(), json.end(), &reader);
  return std::move(reader.result);
}

}  // namespace plainsight::detail
