#include "engine/io/fingerprint.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "engine/base/parallel.h"

namespace plainsight {
namespace {

/// Tensors are hashed in chunks of this size: small enough to spread a file over threads, and fixed, since
/// the result depends on it.
constexpr std::size_t kChunk = std::size_t{4} << 20;

using Digest = std::array<unsigned char, sizeof(XXH128_canonical_t)>;

Digest digest(const void* data, std::size_t size) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, size));
  Digest result;
  std::copy(std::begin(canonical.digest), std::end(canonical.digest), result.begin());
  return result;
}

/// The tensors sorted by name, so that their order in the file does not count.
std::vector<const TensorInfo*> by_name(const SafetensorsFile& file) {
  std::vector<const TensorInfo*> tensors;
  for (const TensorInfo& t : file.tensors()) tensors.push_back(&t);
  std::sort(tensors.begin(), tensors.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  return tensors;
}

}  // namespace

std::string fingerprint(const SafetensorsFile& file) {
  // Hash of: for each tensor its description (lengths first, so that no two lists of tensors give the same
  // text), then the digests of its chunks.
  std::string description;
  std::vector<std::span<const std::byte>> chunks;
  for (const TensorInfo* t : by_name(file)) {
    description += std::to_string(t->name.size()) + ":" + t->name + ":" + std::string(name_of(t->dtype)) +
                   shape_text(t->shape) + ";";
    for (auto rest = file.bytes(*t); !rest.empty(); rest = rest.subspan(chunks.back().size()))
      chunks.push_back(rest.first(std::min(kChunk, rest.size())));
  }
  std::vector<Digest> digests(chunks.size());
  parallel_for(std::ssize(chunks), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) digests[i] = digest(chunks[i].data(), chunks[i].size());
  });
  for (const Digest& d : digests) description.append(d.begin(), d.end());
  return fingerprint(std::as_bytes(std::span(description)));
}

std::string fingerprint(std::span<const std::byte> bytes) {
  std::string hex;
  for (const unsigned char byte : digest(bytes.data(), bytes.size())) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::string fingerprint(ConstView values) {
  return fingerprint(std::as_bytes(std::span(values.data, values.size())));
}

}  // namespace plainsight
