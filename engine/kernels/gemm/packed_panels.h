#pragma once

#include <cstdint>

#include "engine/kernels/gemm/gemm_kernels.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// Whether a product is added to C or replaces it.
enum class Accumulate : bool { no, yes };

/// An operand of a product before packing: element k of row i of A, or of column i of B, is
/// data[i * row_stride + k * depth_stride]. One of the strides is 1.
struct StridedOperand {
  const float* data;
  std::int64_t row_stride, depth_stride;

  /// The operand's rows are those of x: A as it is, or a B that is given transposed.
  static StridedOperand rows_of(ConstView x) { return {x.data, x.cols(), 1}; }
  /// The operand's rows are the columns of x: B as it is, or an A that is given transposed.
  static StridedOperand columns_of(ConstView x) { return {x.data, 1, x.cols()}; }

  const float* at(std::int64_t row, std::int64_t k) const {
    return data + row * row_stride + k * depth_stride;
  }
};

/// View of a packed operand: micro-panels of MR rows of A or NR columns of B, filled up with zeros. Below,
/// "row" means a row of A or a column of B. Blocks of KC and micro-panels are nested in two ways:
///
///   A   [block of KC][panel of MR rows]       multiply() takes the panels of one block, one after another
///   B   [panel of NR columns][block of KC]    a few columns are contiguous over the whole depth, so weights
///                                             that are packed once are read in one pass
class PackedPanels {
 public:
  enum class Operand { a, b };

  /// Floats of memory for such an operand, with the slack that packing A needs.
  static std::int64_t size(const GemmKernels& g, Operand operand, std::int64_t rows, std::int64_t depth);

  PackedPanels() = default;
  PackedPanels(const GemmKernels& g, Operand operand, std::int64_t rows, std::int64_t depth, float* memory);

  std::int64_t rows() const { return rows_; }
  std::int64_t depth() const { return depth_; }
  /// Rows of a panel: MR or NR.
  std::int64_t width() const { return operand_ == Operand::a ? g_->mr : g_->nr; }

  /// Packs all of `source`.
  void pack(StridedOperand source) const { pack(source, 0, rows_); }
  /// Packs rows [begin, end) of `source` into their panels; begin is a multiple of width(). Ranges of A must
  /// be packed in rising order (kPackSlack).
  void pack(StridedOperand source, std::int64_t begin, std::int64_t end) const;

  /// Depth k, a multiple of KC, of the panel that begins with `row`, a multiple of width().
  float* at(std::int64_t row, std::int64_t k) const;
  /// Floats from a panel to the next within the block of KC that begins at k.
  std::int64_t panel_stride(std::int64_t k) const { return width() * row_size(k); }

  /// The view of `count` rows from `begin`, a multiple of width().
  PackedPanels slice_rows(std::int64_t begin, std::int64_t count) const;
  /// The view of the block of KC that begins at k.
  PackedPanels depth_block(std::int64_t k) const;
  /// The view that counts the zeros which fill up the last panel as rows.
  PackedPanels padded() const;

  const GemmKernels& kernels() const { return *g_; }

 private:
  std::int64_t block_depth(std::int64_t k) const;
  std::int64_t row_size(std::int64_t k) const;

  const GemmKernels* g_ = nullptr;
  Operand operand_ = Operand::a;
  float* data_ = nullptr;
  std::int64_t first_row_ = 0, rows_ = 0, depth_ = 0;
  std::int64_t block_rows_ = 0;  // rows that a block of KC holds before the next one begins
  std::int64_t b_row_size_ = 0;  // of B: floats from a column to the next, over the whole depth
};

/// C[m,n] (+)= A B for the m rows and n columns of these views; rows of C lie ldc apart. The sum is taken in
/// blocks of KC, in their order.
void multiply_panels(float* c, std::int64_t ldc, const PackedPanels& A, const PackedPanels& B,
                     Accumulate accumulate);

}  // namespace plainsight
