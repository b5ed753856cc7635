#include "weights-convert/checksum.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/base/round.h"
#include "engine/io/mapped_file.h"

namespace plainsight::convert {
namespace {

constexpr std::size_t kChunk = std::size_t{4} << 20;

}  // namespace

Crc32& Crc32::add(std::span<const std::byte> bytes) {
  sum_ = ::crc32_z(sum_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return *this;
}

std::uint32_t crc32(std::span<const std::byte> mapped) {
  const std::int64_t chunks = ceil_div(std::ssize(mapped), kChunk);
  const auto chunk = [&](std::int64_t i) {
    return mapped.subspan(i * kChunk, std::min(kChunk, mapped.size() - i * kChunk));
  };
  std::vector<uLong> sums(chunks);
  parallel_for(chunks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::span<const std::byte> part = chunk(i);
      sums[i] = Crc32().add(part).value();
      release_pages(part);
    }
  });
  uLong sum = 0;
  for (std::int64_t i = 0; i < chunks; ++i)
    sum = ::crc32_combine(sum, sums[i], static_cast<z_off_t>(chunk(i).size()));
  return static_cast<std::uint32_t>(sum);
}

std::string sha256(std::span<const std::byte> mapped) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  bool done = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (; done && !mapped.empty(); mapped = mapped.subspan(std::min(kChunk, mapped.size()))) {
    const std::span<const std::byte> part = mapped.first(std::min(kChunk, mapped.size()));
    done = EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    release_pages(part);
  }
  std::array<unsigned char, 32> digest{};
  done = done && EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  if (!done) throw Error("cannot compute SHA-256", "", "OpenSSL refuses it");
  std::string hex;
  for (const unsigned char byte : digest)
    for (const int digit : {byte >> 4, byte & 15}) hex += "0123456789abcdef"[digit];
  return hex;
}

}  // namespace plainsight::convert
