#include "engine/infer/output_layer.h"

#include <algorithm>

namespace plainsight {

OutputLayer::OutputLayer(const KernelTable& table, const Sizes& sizes, Arena& memory)
    : sizes_(sizes),
      gemm_(table.gemm),
      workers_(std::min<std::int64_t>(threads(), kChunks)),
      x_memory_(memory.allocate_array<float>(
          PackedPanels::size(gemm_, PackedPanels::Operand::a, sizes.rows, sizes.hidden))) {
  sizes_.row_block = sizes.row_block / gemm_.mr * gemm_.mr;
  require(sizes.block_cols % gemm_.nr == 0 && sizes_.row_block > 0,
          "OutputLayer: a block holds whole micro-panels");
}

void OutputLayer::set_rows(ConstView x) {
  require(x.rows() <= sizes_.rows && x.cols() == sizes_.hidden,
          "OutputLayer: x[R,H] with R <= rows expected");
  x_ = PackedPanels(gemm_, PackedPanels::Operand::a, x.rows(), x.cols(), x_memory_);
  x_.pack(StridedOperand::rows_of(x));
}

}  // namespace plainsight
