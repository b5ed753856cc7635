#include "data/stb_decode.h"

#include <cstdlib>
#include <cstring>

#include "engine/base/error.h"

namespace plainsight {
namespace {

// Memory of the decoder: counted per thread against a limit, so that a small file cannot claim the machine;
// and zeroed, so that a damaged file gives the same pixels every time.
struct Budget {
  std::size_t limit = 0;
  std::size_t used = 0;
};
thread_local Budget budget;

constexpr std::size_t kHeader = 16;  // the block's size, and malloc's alignment kept

void* stb_allocate(std::size_t size) {
  if (size > budget.limit - budget.used) return nullptr;
  auto* block = static_cast<std::byte*>(std::calloc(1, size + kHeader));
  if (block == nullptr) return nullptr;
  std::memcpy(block, &size, sizeof size);
  budget.used += size;
  return block + kHeader;
}

void stb_release(void* p) {
  if (p == nullptr) return;
  std::byte* block = static_cast<std::byte*>(p) - kHeader;
  std::size_t size = 0;
  std::memcpy(&size, block, sizeof size);
  budget.used -= size;
  std::free(block);
}

void* stb_reallocate(void* p, std::size_t old_size, std::size_t new_size) {
  void* grown = stb_allocate(new_size);
  if (grown == nullptr || p == nullptr) return grown;
  std::memcpy(grown, p, old_size < new_size ? old_size : new_size);
  stb_release(p);
  return grown;
}

}  // namespace
}  // namespace plainsight

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_ONLY_PNG
#define STBI_NO_HDR
#define STBI_NO_LINEAR
#define STBI_NO_STDIO
#define STBI_MALLOC(size) plainsight::stb_allocate(size)
#define STBI_REALLOC_SIZED(p, old_size, new_size) plainsight::stb_reallocate(p, old_size, new_size)
#define STBI_FREE(p) plainsight::stb_release(p)
// Refuses the image when the decoder meets a state that it holds impossible, instead of going on or aborting.
#define STBI_ASSERT(condition) \
  ((condition) ? void()        \
               : throw plainsight::Error("cannot decode image", "", "the decoder met an impossible state"))
#include <stb/stb_image.h>

namespace plainsight {

void StbFree::operator()(std::uint8_t* p) const noexcept { stb_release(p); }

StbPixels stb_decode(std::span<const std::byte> bytes, std::size_t memory, int& width, int& height) {
  budget = {memory, 0};
  int channels = 0;
  return StbPixels(stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()),
                                         static_cast<int>(bytes.size()), &width, &height, &channels, 3));
}

const char* stb_reason() {
  const char* reason = stbi_failure_reason();
  return reason != nullptr ? reason : "unknown";
}

}  // namespace plainsight
