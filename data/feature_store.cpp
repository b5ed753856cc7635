#include "data/feature_store.h"

#include <algorithm>
#include <cmath>

#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "engine/base/utf8.h"

namespace plainsight {
namespace {

// Messages name an id or tensor without filling the screen.
std::string shown(std::string_view id) { return printable(id, 80); }

std::string lines_of(std::span<const std::string> ids) {
  std::string lines;
  for (const std::string& id : ids) {
    require(!id.empty() && id.find('\n') == std::string::npos && is_utf8(id),
            "FeatureStoreWriter: an id that is empty, not UTF-8, or more than a line");
    lines += id + '\n';
  }
  return lines;
}

}  // namespace

Metadata FeatureSource::metadata() const {
  Metadata all = {
      {"encoder", encoder}, {"layer", layer}, {"preprocessing", preprocessing}, {"weights", weights}};
  if (!engine.empty()) all.emplace("engine", engine);
  return all;
}

FeatureStore::FeatureStore(const std::filesystem::path& path) : file_(path) {
  const TensorInfo* features = file_.find("features");
  const TensorInfo* ids = file_.find("ids");
  if (features != nullptr && ids != nullptr && features->shape.size() == 2)
    open_matrix(*features, *ids);
  else
    open_tensors();
  if (size() > 0 && dim_ == 0) fail("its rows have no numbers");
  if (size() == 0) fail("it holds no features", "Make it with plainsight extract");
}

std::span<const float> FeatureStore::finite_row(std::size_t i) const {
  const std::span<const float> values = row(i);
  if (!std::ranges::all_of(values, [](float v) { return std::isfinite(v); }))
    throw Error("cannot use features", path().string(),
                "those of image " + printable(std::string(id(i))) + " are not all finite numbers",
                "Extract them anew");
  return values;
}

void FeatureStore::open_matrix(const TensorInfo& features, const TensorInfo& ids) {
  const ConstView matrix = file_.f32(features.name);
  if (ids.dtype != Dtype::U8) fail("tensor ids is " + std::string(name_of(ids.dtype)) + ", not U8 text");
  const std::uint64_t count = features.shape[0];
  const auto bytes = file_.bytes(ids);
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto lines =
      text.empty() ? 0 : static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  if (lines != count)
    fail("it has " + std::to_string(count) + " rows of features, but " + std::to_string(lines) + " ids");
  dim_ = matrix.cols();
  matrix_ = matrix.data;
  ids_ = IdIndex(lines);
  for (std::uint64_t line = 1; line <= lines; ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    add(text.substr(0, end), "line " + std::to_string(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void FeatureStore::open_tensors() {
  const auto& tensors = file_.tensors();
  ids_ = IdIndex(tensors.size());
  rows_.reserve(tensors.size());
  for (const TensorInfo& t : tensors) {
    if (t.dtype != Dtype::F32 || t.shape.size() != 1)
      fail("tensor " + shown(t.name) + " is " + std::string(name_of(t.dtype)) + " " + shape_text(t.shape) +
               ", not one F32 vector",
           "A store has tensors features [N,D] and ids, or one F32 vector per image id");
    const ConstView row = file_.f32(t.name);
    if (rows_.empty()) dim_ = row.size();
    if (row.size() != dim_)
      fail("tensor " + shown(t.name) + " has " + std::to_string(row.size()) + " numbers, those before it " +
           std::to_string(dim_));
    add(t.name, "the tensors' names");
    rows_.push_back(row.data);
  }
}

void FeatureStore::add(std::string_view id, const std::string& place) {
  if (id.empty()) fail("an id is empty, in " + place);
  if (!is_utf8(id)) fail("the id in " + place + " is not UTF-8");
  if (const auto earlier = ids_.add(id))
    fail("the id " + shown(id) + " comes twice, as number " + std::to_string(*earlier + 1) + " and in " +
         place);
}

void FeatureStore::fail(const std::string& why, const std::string& hint) const {
  throw Error("cannot use feature store", file_.path().string(), why, hint);
}

FeatureStoreWriter::FeatureStoreWriter(const std::filesystem::path& target, std::span<const std::string> ids,
                                       std::int64_t dim, const FeatureSource& source)
    : lines_(lines_of(ids)),
      writer_(target,
              {{.name = "features", .shape = {ids.size(), static_cast<std::uint64_t>(dim)}},
               {.name = "ids", .dtype = Dtype::U8, .shape = {lines_.size()}}},
              source.metadata()) {}

void FeatureStoreWriter::commit() {
  writer_.append(std::as_bytes(std::span(lines_)));
  writer_.commit();
}

}  // namespace plainsight
