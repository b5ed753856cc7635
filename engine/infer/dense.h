#pragma once

#include "engine/kernels/isa/table.h"
#include "engine/tensor/view.h"

namespace plainsight {

/// y = x W^T + b, then max(0, y) if `relu`, for inference: x [N,I], W [O,I] and b [O] as PyTorch stores them,
/// y [N,O]. W is read in place, once for all N rows: a mapped file will do. A row's result depends neither on
/// the others nor on the threads. Throws ContractError when the shapes do not fit.
void dense(View y, ConstView x, ConstView W, ConstView b, bool relu, const KernelTable& table = kernels());

}  // namespace plainsight
