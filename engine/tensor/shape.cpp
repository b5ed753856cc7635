#include "engine/tensor/shape.h"

#include "engine/base/error.h"

namespace plainsight {

Shape::Shape(std::initializer_list<std::int64_t> dims) {
  require(dims.size() <= 4, "Shape: at most four dimensions");
  for (std::int64_t d : dims) {
    require(d >= 0, "Shape: negative dimension");
    dims_[rank_++] = d;
  }
}

std::int64_t Shape::size() const {
  std::int64_t n = 1;
  for (int i = 0; i < rank_; ++i) n *= (*this)[i];
  return n;
}

std::int64_t Shape::row_size() const {
  std::int64_t n = 1;
  for (int i = 1; i < rank_; ++i) n *= (*this)[i];
  return n;
}

std::string Shape::str() const {
  std::string text = "[";
  for (int i = 0; i < rank_; ++i) text += (i ? "," : "") + std::to_string((*this)[i]);
  return text + "]";
}

}  // namespace plainsight
