#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/error.h"

namespace plainsight {

/// A matrix of int32 token ids [rows, cols]: its own type, so that ids are never added to floats.
class Ids {
 public:
  Ids() = default;
  Ids(std::int64_t rows, std::int64_t cols, std::int32_t fill = 0)
      : values_(static_cast<std::size_t>(rows * cols), fill), rows_(rows), cols_(cols) {}
  /// One row of ids.
  explicit Ids(std::vector<std::int32_t> row)
      : values_(std::move(row)), rows_(1), cols_(static_cast<std::int64_t>(values_.size())) {}

  std::int64_t rows() const { return rows_; }
  std::int64_t cols() const { return cols_; }
  std::int32_t& operator()(std::int64_t r, std::int64_t c) {
    return values_[static_cast<std::size_t>(r * cols_ + c)];
  }
  std::int32_t operator()(std::int64_t r, std::int64_t c) const {
    return values_[static_cast<std::size_t>(r * cols_ + c)];
  }
  std::int32_t* data() { return values_.data(); }
  const std::int32_t* data() const { return values_.data(); }

 private:
  std::vector<std::int32_t> values_;
  std::int64_t rows_ = 0, cols_ = 0;
};

}  // namespace plainsight
