#include "engine/base/memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "engine/base/round.h"

namespace plainsight {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

void AlignedFree::operator()(void* p) const noexcept { std::free(p); }

FloatBuffer allocate_floats_uninitialized(std::size_t count) {
  if (count == 0) count = 1;
  constexpr std::size_t kMost = (std::numeric_limits<std::ptrdiff_t>::max() - kHugePage) / sizeof(float);
  if (count > kMost) throw std::bad_alloc();
  const bool huge = count * sizeof(float) >= 2 * kHugePage;
  const std::size_t alignment = huge ? kHugePage : kAlignment;
  const std::size_t bytes = round_up(count * sizeof(float), alignment);
  void* p = std::aligned_alloc(alignment, bytes);
  if (p == nullptr) throw std::bad_alloc();
  // A hint to the system: reading hundreds of megabytes of weights would otherwise wait for TLB misses.
  if (huge) madvise(p, bytes, MADV_HUGEPAGE);
  return FloatBuffer(static_cast<float*>(p));
}

FloatBuffer allocate_floats(std::size_t count) {
  FloatBuffer buffer = allocate_floats_uninitialized(count);
  std::memset(buffer.get(), 0, (count == 0 ? 1 : count) * sizeof(float));
  return buffer;
}

}  // namespace plainsight
