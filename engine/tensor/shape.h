#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>

namespace plainsight {

/// Up to four dimensions, kept inline. Row-major: the last dimension is contiguous. Prints as `[B,T,4H]`
/// does: `[64,12,1024]`.
class Shape {
 public:
  Shape() = default;
  /// Throws ContractError on more than four dimensions or a negative one.
  Shape(std::initializer_list<std::int64_t> dims);

  int rank() const { return rank_; }
  std::int64_t operator[](int i) const { return dims_[i]; }
  /// Product of the dimensions; 1 for rank 0.
  std::int64_t size() const;
  /// Product of all dimensions but the first (the length of one row); 1 for rank 0 and 1.
  std::int64_t row_size() const;
  bool operator==(const Shape&) const = default;
  std::string str() const;

 private:
  std::array<std::int64_t, 4> dims_{};
  int rank_ = 0;
};

}  // namespace plainsight
