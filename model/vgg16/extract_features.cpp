#include "model/vgg16/extract_features.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <span>

#include "engine/base/error.h"
#include "model/vgg16/feature_journal.h"

namespace plainsight {
namespace {

using Images = std::vector<const ImageFile*>;

/// Lets the system read files while the network computes. It may ignore that: reading then waits for
/// the disk.
void read_ahead(std::span<const std::filesystem::path> files) {
  for (const std::filesystem::path& file : files) {
    // Not blocking: by now the file may have become a pipe.
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) continue;
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
    ::close(fd);
  }
}

void write_store(const ImageFolder& folder, const FeatureJournal& journal, const std::filesystem::path& store,
                 const ImageEncoder& encoder) {
  std::vector<std::string> ids;
  for (const ImageFile& p : folder.images)
    if (journal.has(p)) ids.push_back(p.id);
  FeatureStoreWriter writer(store, ids, encoder.feature_dim(), encoder.source());
  Tensor row({encoder.feature_dim()});
  for (const ImageFile& p : folder.images) {
    if (!journal.has(p)) continue;
    journal.read(p, row);
    writer.append(row);
  }
  writer.commit();
}

/// Encodes one batch and appends its rows to the journal.
void encode_batch(ImageEncoder& encoder, std::span<const ImageFile* const> images,
                  std::span<const std::filesystem::path> files, View features, FeatureJournal& journal,
                  ExtractResult& result) {
  const EncodedFiles encoded = encoder.encode(features, files);
  Images done;
  for (const std::size_t i : encoded.rows) done.push_back(images[i]);
  for (const auto& [i, reason] : encoded.skipped) result.skipped.push_back({images[i]->file, reason});
  const auto rows = static_cast<std::int64_t>(done.size());
  journal.append(done, features.slice(0, rows));
  result.rows += rows;
}

}  // namespace

ExtractResult extract_features(const ImageFolder& folder, const std::filesystem::path& store,
                               ImageEncoder& encoder, const ExtractOptions& options) {
  require(options.batch >= 1, "extract_features: a batch of at least one");
  FeatureJournal journal(store, encoder.identity(), encoder.feature_dim());
  ExtractResult result;
  result.skipped = folder.skipped;
  Images pending;
  std::vector<std::filesystem::path> files;  // of those
  for (const ImageFile& p : folder.images) {
    if (journal.has(p)) continue;
    pending.push_back(&p);
    files.push_back(folder.file(p));
  }
  const std::size_t total = folder.images.size(), before = total - pending.size();
  result.rows = result.resumed = static_cast<std::int64_t>(before);
  const auto report = [&](std::size_t done) {
    if (options.progress)
      options.progress(static_cast<std::int64_t>(before + done), static_cast<std::int64_t>(total));
  };
  report(0);
  Tensor features({options.batch, encoder.feature_dim()});
  for (std::size_t begin = 0, end = 0; begin < pending.size(); begin = end) {
    if (options.stop && options.stop()) return result;
    end = std::min<std::size_t>(begin + options.batch, pending.size());
    const std::size_t count = end - begin, ahead = std::min<std::size_t>(options.batch, pending.size() - end);
    read_ahead(std::span(files).subspan(end, ahead));
    encode_batch(encoder, std::span(pending).subspan(begin, count), std::span(files).subspan(begin, count),
                 features.view().slice(0, static_cast<std::int64_t>(count)), journal, result);
    report(end);
  }
  if (result.rows == 0)
    throw Error("cannot extract features", folder.path.string(),
                "none of its images can be decoded, beginning with " + result.skipped.front().file,
                result.skipped.front().reason);
  write_store(folder, journal, store, encoder);
  journal.remove();
  result.finished = true;
  return result;
}

}  // namespace plainsight
