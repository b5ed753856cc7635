#include "weights-convert/zip_writer.h"

#include <limits>

#include "engine/base/error.h"
#include "weights-convert/checksum.h"
#include "weights-convert/zip_format.h"

namespace plainsight::convert {
namespace {

using namespace zip;

constexpr std::size_t kDataAlignment = 64;
constexpr std::size_t kExtraHeader = 4;  // id and length of an extra field

void put16(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 2; ++i, value >>= 8) out += static_cast<char>(value & 0xff);
}
void put32(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 4; ++i, value >>= 8) out += static_cast<char>(value & 0xff);
}

/// The fields that local and central header share: flags, method, a fixed time (1 January 1980, so that equal
/// weights give equal files), CRC, both sizes, length of the name.
std::string common(const std::string& name, std::uint32_t size, std::uint32_t crc) {
  std::string out;
  put16(out, 20);  // version needed
  put16(out, kFlagUtf8);
  put16(out, 0);           // stored
  put16(out, 0);           // time
  put16(out, 1 << 5 | 1);  // date
  put32(out, crc);
  put32(out, size);
  put32(out, size);
  put16(out, name.size());
  return out;
}

}  // namespace

std::uint32_t ZipWriter::checked(std::uint64_t size) const {
  if (size > std::numeric_limits<std::uint32_t>::max() - 1)
    throw Error("cannot write zip file", target_.string(), "it would be larger than 4 GiB",
                "Write .safetensors instead");
  return static_cast<std::uint32_t>(size);
}

void ZipWriter::write(const std::string& bytes) {
  file_.write(bytes);
  place_ += bytes.size();
}

void ZipWriter::begin(const std::string& name, std::uint64_t size, std::uint32_t crc) {
  require(due_ == 0, "ZipWriter: the entry before is not complete");
  if (++entries_ >= kSeeExtra16)
    throw Error("cannot write zip file", target_.string(), "it would have more than 65534 entries",
                "Write .safetensors instead");
  std::string local;
  put32(local, kLocalSignature);
  local += common(name, checked(size), crc);
  // The extra field that PyTorch pads with: 'FB', then as many Z as alignment needs.
  const std::uint64_t unpadded = place_ + kLocalSize + name.size() + kExtraHeader;
  const std::uint64_t padding = (kDataAlignment - unpadded % kDataAlignment) % kDataAlignment;
  put16(local, kExtraHeader + padding);
  local += name + "FB";
  put16(local, padding);
  local.append(padding, 'Z');

  put32(directory_, kCentralSignature);
  put16(directory_, 20);  // version made by
  directory_ += common(name, checked(size), crc);
  put16(directory_, 0);  // extra field
  put16(directory_, 0);  // comment
  put16(directory_, 0);  // disk
  put16(directory_, 0);  // internal attributes
  put32(directory_, 0);  // external attributes
  put32(directory_, checked(place_));
  directory_ += name;
  write(local);
  due_ = size;
}

void ZipWriter::append(std::span<const std::byte> bytes) {
  require(bytes.size() <= due_, "ZipWriter: more bytes than declared");
  file_.write(bytes);
  place_ += bytes.size();
  due_ -= bytes.size();
}

void ZipWriter::add(const std::string& name, const std::string& content) {
  const auto bytes = std::as_bytes(std::span(content));
  begin(name, content.size(), Crc32().add(bytes).value());
  append(bytes);
}

void ZipWriter::commit() {
  require(due_ == 0, "ZipWriter: fewer bytes than declared");
  const std::uint64_t begin = place_;
  write(directory_);
  std::string end;
  put32(end, kEndSignature);
  put32(end, 0);  // disks
  put16(end, entries_);
  put16(end, entries_);
  put32(end, checked(directory_.size()));
  put32(end, checked(begin));
  put16(end, 0);  // comment
  write(end);
  file_.commit();
}

}  // namespace plainsight::convert
