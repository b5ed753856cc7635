#include "engine/kernels/gemm/packed_b.h"

#include <algorithm>

#include "engine/base/parallel.h"
#include "engine/base/round.h"

namespace plainsight {
namespace {

constexpr auto kB = PackedPanels::Operand::b;

std::int64_t depth_of(ConstView B, Trans trans) { return trans == Trans::yes ? B.cols() : B.rows(); }
std::int64_t columns_of(ConstView B, Trans trans) { return trans == Trans::yes ? B.rows() : B.cols(); }

std::int64_t size(const KernelTable& table, ConstView B, Trans trans) {
  return PackedPanels::size(table.gemm, kB, columns_of(B, trans), depth_of(B, trans));
}

}  // namespace

PackedB::PackedB(const KernelTable& table, ConstView B, Trans trans_b, float* memory)
    : table_(&table), panels_(table.gemm, kB, columns_of(B, trans_b), depth_of(B, trans_b), memory) {
  repack(B, trans_b);
}

PackedB::PackedB(const KernelTable& table, ConstView B, Trans trans_b) {
  FloatBuffer memory = allocate_floats_uninitialized(size(table, B, trans_b));
  *this = PackedB(table, B, trans_b, memory.get());
  owned_ = std::move(memory);
}

PackedB::PackedB(ConstView B, Trans trans_b, Arena& arena)
    : PackedB(kernels(), B, trans_b, arena.allocate_array<float>(size(kernels(), B, trans_b))) {}

void PackedB::repack(ConstView B, Trans trans_b) {
  require(table_ != nullptr && depth_of(B, trans_b) == K() && columns_of(B, trans_b) == N(),
          "PackedB::repack: another shape");
  const StridedOperand source =
      trans_b == Trans::yes ? StridedOperand::rows_of(B) : StridedOperand::columns_of(B);
  const std::int64_t nr = table_->gemm.nr, panels = ceil_div(N(), nr);
  // At least 64 KB a thread: below that, waking it costs more than it saves.
  const std::int64_t grain = ceil_div(16384, panels_.panel_stride(0) + 1);
  parallel_for(panels, grain, [&](std::int64_t begin, std::int64_t end) {
    panels_.pack(source, begin * nr, std::min(N(), end * nr));
  });
}

}  // namespace plainsight
