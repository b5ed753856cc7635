#include "engine/kernels/gemm/pack_buffers.h"

#include "engine/kernels/gemm/packed_panels.h"

namespace plainsight {

PackBuffers& pack_buffers(const GemmKernels& g) {
  // Only tests use more than one table of kernels; then the buffers are allocated anew at each change.
  thread_local const GemmKernels* owner = nullptr;
  thread_local PackBuffers buffers;
  if (owner != &g) {
    using Operand = PackedPanels::Operand;
    buffers = {allocate_floats_uninitialized(PackedPanels::size(g, Operand::a, g.mc, g.kc)),
               allocate_floats_uninitialized(PackedPanels::size(g, Operand::b, g.nc, g.kc))};
    owner = &g;
  }
  return buffers;
}

}  // namespace plainsight
