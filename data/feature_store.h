#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/id_index.h"
#include "engine/io/safetensors_writer.h"

namespace plainsight {

/// The source of a store's features. Features of another encoder, layer, preprocessing or weights must not be
/// mixed with them; the engine is only recorded.
struct FeatureSource {
  std::string encoder;        ///< "vgg16"
  std::string layer;          ///< "fc7"
  std::string preprocessing;  ///< in words
  std::string weights;        ///< fingerprint of the encoder's weights
  std::string engine = {};    ///< "tuned" or "plain"; empty: not recorded

  /// The members as a store's metadata, under their names.
  Metadata metadata() const;
};

/// One vector of D values per image id, from a safetensors file in one of two forms: tensors `features`
/// F32 [N,D] and `ids` U8 (UTF-8, one per line); or one tensor F32 [D] per id, what Python's
/// `save_file(features)` writes from a dict. Rows stay in the mapped file: opening reads the ids, not the
/// values, and does not look for NaN. Immutable, safe to share between threads.
class FeatureStore {
 public:
  /// Throws Error naming the file and the id or line when it is none of these forms, is empty,
  /// or an id comes twice.
  explicit FeatureStore(const std::filesystem::path& path);

  std::size_t size() const { return ids_.size(); }
  std::int64_t dim() const { return dim_; }
  std::string_view id(std::size_t i) const { return ids_[i]; }
  std::optional<std::size_t> find(std::string_view id) const { return ids_.find(id); }
  /// The D values of image i, in the mapped file.
  std::span<const float> row(std::size_t i) const {
    return std::span(rows_.empty() ? matrix_ + i * dim_ : rows_[i], dim_);
  }
  /// The same. Throws Error when one of them is not finite, since every result would be NaN.
  std::span<const float> finite_row(std::size_t i) const;
  /// The members of FeatureSource, as extract writes them; empty in files from elsewhere.
  const Metadata& metadata() const { return file_.metadata(); }
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  void open_matrix(const TensorInfo& features, const TensorInfo& ids);
  void open_tensors();
  void add(std::string_view id, const std::string& place);
  [[noreturn]] void fail(const std::string& why, const std::string& hint = "") const;

  SafetensorsFile file_;
  std::int64_t dim_ = 0;
  IdIndex ids_;
  const float* matrix_ = nullptr;   ///< of the first form
  std::vector<const float*> rows_;  ///< of the second
};

/// Writes a store of the first form. The target is whole or absent.
class FeatureStoreWriter {
 public:
  /// `ids`: distinct, UTF-8, neither empty nor with a line break.
  /// Throws Error when the file cannot be written.
  FeatureStoreWriter(const std::filesystem::path& target, std::span<const std::string> ids, std::int64_t dim,
                     const FeatureSource& source);
  /// The next rows, [n,dim] or [dim], in the order of the ids.
  void append(ConstView rows) { writer_.append(rows); }
  void commit();

 private:
  std::string lines_;
  SafetensorsWriter writer_;
};

}  // namespace plainsight
