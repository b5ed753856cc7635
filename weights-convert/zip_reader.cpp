#include "weights-convert/zip_reader.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/base/error.h"
#include "weights-convert/checksum.h"
#include "weights-convert/pickle_value.h"
#include "weights-convert/zip_format.h"

namespace plainsight::convert {
namespace {

using namespace zip;

constexpr std::uint64_t kMaxEntries = 65536, kMaxName = 4096;
constexpr const char* kDamaged = "The file was cut short or damaged: copy it again";

/// One entry of the central directory.
struct Entry {
  std::string_view name;
  std::uint16_t flags = 0, method = 0;
  std::uint32_t crc = 0;
  std::uint64_t size = 0, stored_size = 0, header = 0;  // header: offset of the local header
  std::uint64_t data = 0, end = 0;                      // of the data; end includes the descriptor
};

class Archive {
 public:
  Archive(std::span<const std::byte> file, const std::string& where) : file_(file), where_(where) {}

  std::vector<Entry> entries() const {
    const auto [count, begin, end] = directory();
    std::vector<Entry> result;
    std::uint64_t place = begin;
    for (std::uint64_t i = 0; i < count; ++i) result.push_back(central(place, end));
    if (place != end) fail("its central directory does not end where it should", kDamaged);
    for (Entry& e : result) locate(e, begin);
    check_overlap(result);
    return result;
  }

  [[noreturn]] void fail(const std::string& why, const std::string& hint = "") const {
    throw Error("cannot read zip file", where_, why, hint);
  }

 private:
  struct Directory {
    std::uint64_t count, begin, end;
  };

  std::uint64_t number(std::uint64_t place, std::size_t size) const {
    if (place > file_.size() || size > file_.size() - place)
      fail("it ends within an entry's description", kDamaged);
    std::uint64_t value = 0;
    std::memcpy(&value, file_.data() + place, size);
    return value;
  }
  std::uint64_t u16(std::uint64_t place) const { return number(place, 2); }
  std::uint64_t u32(std::uint64_t place) const { return number(place, 4); }
  std::uint64_t u64(std::uint64_t place) const { return number(place, 8); }

  /// The end record must be the last 22 bytes: a file with a comment after it can be read in two ways.
  Directory directory() const {
    if (file_.size() < kEndSize || u32(file_.size() - kEndSize) != kEndSignature ||
        u16(file_.size() - 2) != 0)
      fail("it has no end record at its end", kDamaged);
    const std::uint64_t end = file_.size() - kEndSize;
    Directory d{u16(end + 10), u32(end + 16), end};
    std::uint64_t size = u32(end + 12);
    if (end >= kLocator64Size + kEnd64Size && u32(end - kLocator64Size) == kLocator64Signature) {
      const std::uint64_t end64 = end - kLocator64Size - kEnd64Size;
      if (u64(end - kLocator64Size + 8) != end64 || u32(end64) != kEnd64Signature)
        fail("its 64-bit end record is not where it should be", kDamaged);
      const auto agree = [&](std::uint64_t narrow, std::uint64_t wide, std::uint64_t see_extra) {
        if (narrow != wide && narrow != see_extra) fail("its two end records differ");
        return wide;
      };
      d.count = agree(d.count, u64(end64 + 32), kSeeExtra16);
      size = agree(size, u64(end64 + 40), kSeeExtra32);
      d.begin = agree(d.begin, u64(end64 + 48), kSeeExtra32);
      d.end = end64;
    }
    if (d.begin > d.end || d.end - d.begin != size)
      fail("its central directory is not where it should be", kDamaged);
    if (d.count > kMaxEntries) fail("it has more than 65536 entries");
    return d;
  }

  /// Reads the central entry at `place` and moves `place` past it.
  Entry central(std::uint64_t& place, std::uint64_t end) const {
    const std::uint64_t at = place;
    if (end - at < kCentralSize || u32(at) != kCentralSignature)
      fail("its central directory is broken", kDamaged);
    const std::uint64_t name_size = u16(at + 28), extra_size = u16(at + 30), comment_size = u16(at + 32);
    if (end - at - kCentralSize < name_size + extra_size + comment_size)
      fail("its central directory is broken", kDamaged);
    Entry e;
    e.name = name(at + kCentralSize, name_size);
    e.flags = static_cast<std::uint16_t>(u16(at + 8));
    e.method = static_cast<std::uint16_t>(u16(at + 10));
    e.crc = static_cast<std::uint32_t>(u32(at + 16));
    e.stored_size = u32(at + 20);
    e.size = u32(at + 24);
    e.header = u32(at + 42);
    widen(at + kCentralSize + name_size, extra_size, {&e.size, &e.stored_size, &e.header});
    place = at + kCentralSize + name_size + extra_size + comment_size;

    const std::string entry = "entry \"" + shown(e.name) + "\" ";
    if ((e.flags & ~(kFlagDescriptor | kFlagUtf8)) != 0) fail(entry + "is encrypted or of an unknown kind");
    if (e.method != 0 || e.size != e.stored_size)
      fail(entry + "is compressed", "torch.save stores its entries as they are: save the file again with it");
    return e;
  }

  std::string_view name(std::uint64_t place, std::uint64_t size) const {
    if (size == 0 || size > kMaxName) fail("an entry's name has " + std::to_string(size) + " bytes");
    if (place > file_.size() || size > file_.size() - place)
      fail("it ends within an entry's description", kDamaged);
    return {reinterpret_cast<const char*>(file_.data()) + place, size};
  }

  /// Replaces the fields that say "see the extra field" by their 64-bit forms.
  void widen(std::uint64_t place, std::uint64_t size, std::initializer_list<std::uint64_t*> fields) const {
    const std::uint64_t end = place + size;
    while (end - place >= 4) {
      const std::uint64_t id = u16(place), length = u16(place + 2);
      place += 4;
      if (length > end - place) fail("an entry's extra field is broken", kDamaged);
      std::uint64_t wide = place;
      for (std::uint64_t* field : fields) {
        if (id != kExtra64 || *field != kSeeExtra32) continue;
        if (place + length - wide < 8) fail("an entry's 64-bit extra field is too short", kDamaged);
        *field = u64(wide);
        wide += 8;
      }
      place += length;
    }
  }

  /// Finds the data of an entry through its local header, which must agree with the central directory.
  void locate(Entry& e, std::uint64_t directory) const {
    const std::string entry = "entry \"" + shown(e.name) + "\": ";
    if (e.header > directory || directory - e.header < kLocalSize || u32(e.header) != kLocalSignature)
      fail(entry + "it has no local header where one should be", kDamaged);
    const std::uint64_t name_size = u16(e.header + 26), extra_size = u16(e.header + 28);
    std::uint64_t stored = u32(e.header + 18), size = u32(e.header + 22);
    e.data = e.header + kLocalSize + name_size + extra_size;
    if (e.data > directory || e.size > directory - e.data)
      fail(entry + "it reaches outside the file", kDamaged);
    widen(e.header + kLocalSize + name_size, extra_size, {&size, &stored});
    const std::uint64_t crc = u32(e.header + 14);
    const bool later = (e.flags & kFlagDescriptor) != 0 && crc == 0 && size == 0 && stored == 0;
    if (name(e.header + kLocalSize, name_size) != e.name || u16(e.header + 6) != e.flags ||
        u16(e.header + 8) != e.method || (!later && (crc != e.crc || size != e.size || stored != e.size)))
      fail(entry + "its local header and the central directory differ", "Do not trust this file");
    e.end = e.data + e.size;
    if ((e.flags & kFlagDescriptor) != 0) e.end = descriptor_end(e, entry);
  }

  /// Signature, CRC, stored size, size: of 32 bits, or of 64 in large archives.
  std::uint64_t descriptor_end(const Entry& e, const std::string& entry) const {
    const std::uint64_t at = e.end;
    const bool begins = u32(at) == 0x08074b50 && u32(at + 4) == e.crc;
    if (begins && u32(at + 8) == e.size && u32(at + 12) == e.size) return at + 16;
    if (begins && u64(at + 8) == e.size && u64(at + 16) == e.size) return at + 24;
    fail(entry + "what follows its data and the central directory differ", "Do not trust this file");
  }

  void check_overlap(std::vector<Entry> entries) const {
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.header < b.header; });
    for (std::size_t i = 1; i < entries.size(); ++i)
      if (entries[i].header < entries[i - 1].end)
        fail("entries \"" + shown(entries[i - 1].name) + "\" and \"" + shown(entries[i].name) + "\" overlap");
  }

  std::span<const std::byte> file_;
  const std::string& where_;
};

/// Neither absolute nor able to climb out of its folder.
bool is_plain(std::string_view name) {
  if (name.front() == '/' || name.find('\\') != std::string_view::npos) return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    if (name.substr(begin, end - begin) == "..") return false;
    begin = end + 1;
  }
  return true;
}

}  // namespace

ZipReader::ZipReader(std::span<const std::byte> file, const std::string& where) {
  const Archive archive(file, where);
  for (const Entry& e : archive.entries()) {
    const std::string entry = "entry \"" + shown(e.name) + "\" ";
    if (root_.empty()) root_ = e.name.substr(0, e.name.find('/'));
    if (!is_plain(e.name)) archive.fail(entry + "has a name that leads out of its folder");
    if (!e.name.starts_with(root_ + "/"))
      archive.fail(entry + "is not in the folder \"" + shown(root_) + "\"");
    const std::span<const std::byte> data = file.subspan(e.data, e.size);
    if (!records_.emplace(e.name, data).second) archive.fail(entry + "comes twice");
    if (crc32(data) != e.crc) archive.fail(entry + "does not match its checksum (CRC-32)", kDamaged);
  }
}

const std::span<const std::byte>* ZipReader::find(std::string_view name) const {
  const auto found = records_.find(root_ + "/" + std::string(name));
  return found == records_.end() ? nullptr : &found->second;
}

}  // namespace plainsight::convert
