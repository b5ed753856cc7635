#include "model/vgg16/feature_journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "engine/base/error.h"
#include "engine/io/mapped_file.h"

namespace plainsight {
namespace {

constexpr std::string_view kMagic = "plainsight rows 1\n";

/// The fixed part of a record.
struct RecordHead {
  std::uint64_t name_length;
  std::uint64_t bytes;
  std::int64_t modified;
};

template <class T>
void put(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string journal_header(const std::string& identity) {
  std::string header(kMagic);
  put(header, std::uint64_t{identity.size()});
  return header + identity;
}

}  // namespace

FeatureJournal::FeatureJournal(const std::filesystem::path& target, const std::string& identity,
                               std::int64_t dim)
    : path_(target.string() + ".partial"), dim_(dim) {
  if (std::filesystem::is_directory(target))
    throw Error("cannot write features", target.string(), "it is a folder",
                "Name a file, for example features.safetensors");
  // The file begins with the header of this identity, or with a part of it, or it belongs to another.
  open();
  const std::string header = journal_header(identity);
  std::size_t end = 0;
  {
    const MappedFile file(path_);
    const std::string_view content(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
    if (content.starts_with(header)) {
      end = header.size();
    } else if (!header.starts_with(content)) {  // a kill while it was written leaves a part: begin anew
      if (!content.starts_with(kMagic))
        fail("it is damaged, or of another program", "Delete it, or choose another --out");
      fail("it holds rows of an extraction with other weights, layer, engine or options",
           "Repeat the command with those to finish it, or delete it");
    }
  }
  // Begin anew, or keep the whole records and cut off what follows them.
  if (end == 0) {
    if (::ftruncate(file_.fd, 0) != 0 ||
        ::pwrite(file_.fd, header.data(), header.size(), 0) != static_cast<ssize_t>(header.size())) {
      const int error = errno;
      remove();
      fail(std::strerror(error), error == ENOSPC ? "Free some space and repeat the command" : "");
    }
    end = header.size();
  } else {
    end = read_records(end);
    if (::ftruncate(file_.fd, static_cast<off_t>(end)) != 0) fail(std::strerror(errno));
  }
  size_ = end;
}

FeatureJournal::~FeatureJournal() {
  if (entries_.empty()) remove();
}

FeatureJournal::Descriptor::~Descriptor() {
  if (fd >= 0) ::close(fd);
}

void FeatureJournal::open() {
  file_.fd = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_.fd < 0) fail(std::strerror(errno));
  // The lock goes with the process, also when it is killed.
  if (::flock(file_.fd, LOCK_EX | LOCK_NB) != 0)
    fail("another process is writing it", "Wait for its end, or choose another --out");
}

std::size_t FeatureJournal::read_records(std::size_t begin) {
  const MappedFile file(path_);
  const auto bytes = file.bytes();
  const std::size_t row = dim_ * sizeof(float);
  const std::size_t fixed = sizeof(RecordHead) + row + sizeof(XXH64_hash_t);
  // Each length is compared with the bytes that remain before it is used; the hash decides whether the record
  // is whole.
  for (;;) {
    RecordHead head;
    if (bytes.size() - begin < fixed) return begin;
    std::memcpy(&head, &bytes[begin], sizeof head);
    if (head.name_length > bytes.size() - begin - fixed) return begin;
    const std::size_t hashed = sizeof head + head.name_length + row;
    XXH64_hash_t hash;
    std::memcpy(&hash, &bytes[begin + hashed], sizeof hash);
    if (XXH3_64bits(&bytes[begin], hashed) != hash) return begin;
    const std::string name(reinterpret_cast<const char*>(&bytes[begin + sizeof head]), head.name_length);
    entries_[name] = {head.bytes, head.modified, begin + sizeof head + head.name_length};
    begin += hashed + sizeof hash;
  }
}

bool FeatureJournal::has(const ImageFile& image) const {
  const auto found = entries_.find(image.file);
  return found != entries_.end() && found->second.bytes == image.bytes &&
         found->second.modified == image.modified;
}

void FeatureJournal::append(const std::vector<const ImageFile*>& images, ConstView rows) {
  require(rows.shape == Shape{static_cast<std::int64_t>(images.size()), dim_},
          "FeatureJournal::append: rows [n,dim]");
  std::string out;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const ImageFile& p = *images[i];
    const std::size_t begin = out.size();
    put(out, RecordHead{p.file.size(), p.bytes, p.modified});
    out += p.file;
    entries_[p.file] = {p.bytes, p.modified, size_ + out.size()};
    out.append(reinterpret_cast<const char*>(rows.row(static_cast<std::int64_t>(i))), dim_ * sizeof(float));
    put(out, XXH3_64bits(out.data() + begin, out.size() - begin));
  }
  for (std::size_t done = 0; done < out.size();) {
    const ssize_t n =
        ::pwrite(file_.fd, out.data() + done, out.size() - done, static_cast<off_t>(size_ + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(std::strerror(errno), "The rows so far are kept: free some space and repeat the command");
    done += n;
  }
  size_ += out.size();
}

void FeatureJournal::read(const ImageFile& image, View row) const {
  require(has(image) && row.size() == dim_, "FeatureJournal::read: no such row");
  const std::size_t bytes = dim_ * sizeof(float);
  const auto offset = static_cast<off_t>(entries_.at(image.file).offset);
  if (::pread(file_.fd, row.data, bytes, offset) != static_cast<ssize_t>(bytes)) fail("cannot read it back");
}

void FeatureJournal::remove() { ::unlink(path_.c_str()); }

void FeatureJournal::fail(const std::string& why, const std::string& hint) const {
  throw Error("cannot use the file of finished rows", path_.string(), why, hint);
}

}  // namespace plainsight
