#pragma once

#include <cstddef>
#include <memory>

namespace plainsight {

/// Alignment of every float buffer: a cache line, which is also the widest vector (AVX-512).
inline constexpr std::size_t kAlignment = 64;

struct AlignedFree {
  void operator()(void* p) const noexcept;
};

/// Owning, 64-byte aligned array of floats; move-only.
using FloatBuffer = std::unique_ptr<float[], AlignedFree>;

/// Allocates `count` floats, set to zero. Requests huge pages for large buffers. Throws std::bad_alloc.
FloatBuffer allocate_floats(std::size_t count);

/// The same without touching the memory: for buffers that are written in full before they are read.
FloatBuffer allocate_floats_uninitialized(std::size_t count);

}  // namespace plainsight
