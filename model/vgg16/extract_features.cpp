#include "model/vgg16/extract_features.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "data/image.h"
#include "engine/base/error.h"
#include "engine/base/parallel.h"
#include "engine/tensor/tensor.h"
#include "model/vgg16/feature_journal.h"

namespace plainsight {
namespace {

using Pictures = std::vector<const Picture*>;

/// A batch of preprocessed pictures: the first `pictures.size()` rows of `values` [batch,3,224,224].
struct Batch {
  Pictures pictures;
  Tensor values;
};

// Asks the system to read files while the network computes. It may ignore that:
// reading then waits for the disk.
void read_ahead(const PictureFolder& folder, std::span<const Picture* const> pictures) {
  for (const Picture* p : pictures) {
    const int fd = ::open(folder.file(*p).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe by now?
    if (fd < 0) continue;
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
    ::close(fd);
  }
}

// Dynamic scheduling, because pictures differ in size. A picture that cannot be decoded leaves the batch.
void preprocess_batch(const PictureFolder& folder, std::span<const Picture* const> pictures, Batch& batch,
                      std::vector<SkippedPicture>& skipped) {
  const auto count = static_cast<std::int64_t>(pictures.size());
  std::vector<std::string> reasons(pictures.size());
  parallel_tasks(count, [&](std::int64_t, std::int64_t i) {
    try {
      preprocess(batch.values.view().slice(i, i + 1).reshaped({3, 224, 224}), folder.file(*pictures[i]));
    } catch (const Error& e) {
      reasons[i] = e.what();
    }
  });
  batch.pictures.clear();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (!reasons[at].empty()) {
      skipped.push_back({pictures[at]->file, reasons[at]});
      continue;
    }
    const auto place = static_cast<std::int64_t>(batch.pictures.size());
    if (place < i) std::copy_n(batch.values.view().row(i), 3 * 224 * 224, batch.values.view().row(place));
    batch.pictures.push_back(pictures[at]);
  }
}

void require_finite(const Pictures& pictures, ConstView rows) {
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    const float* row = rows.row(static_cast<std::int64_t>(i));
    if (!std::all_of(row, row + rows.cols(), [](float v) { return std::isfinite(v); }))
      throw Error("cannot extract features", pictures[i]->file,
                  "the network gave a number that is not finite",
                  "The weights are damaged: convert them again");
  }
}

void write_store(const Pictures& pictures, const FeatureJournal& journal, const std::filesystem::path& target,
                 const FeatureNetwork& network) {
  std::vector<std::string> ids;
  for (const Picture* p : pictures) ids.push_back(p->id);
  FeatureStoreWriter writer(target, ids, network.dim, network.source);
  Tensor row({network.dim});
  for (const Picture* p : pictures) {
    journal.read(*p, row);
    writer.append(row);
  }
  writer.commit();
}

std::string identity(const FeatureNetwork& network) {
  std::string text = network.variant + '\n';
  for (const auto& [key, value] : network.source.metadata()) text += key + '=' + value + '\n';
  return text + std::to_string(network.dim);
}

}  // namespace

ExtractResult extract_features(const PictureFolder& folder, const std::filesystem::path& target,
                               const FeatureNetwork& network, const ExtractOptions& options) {
  require(options.batch >= 1, "extract_features: a batch of at least one");
  FeatureJournal journal(target, identity(network), network.dim);
  ExtractResult result;
  result.skipped = folder.skipped;
  Pictures pending;
  for (const Picture& p : folder.pictures) {
    if (!journal.has(p)) pending.push_back(&p);
  }
  const auto total = static_cast<std::int64_t>(folder.pictures.size());
  std::int64_t seen = total - static_cast<std::int64_t>(pending.size());
  result.rows = result.resumed = seen;
  const auto report = [&] {
    if (options.progress) options.progress(seen, total);
  };
  report();
  Batch batch{{}, Tensor::uninitialized({options.batch, 3, 224, 224})};
  Tensor rows({options.batch, network.dim});
  const auto take = [&](std::size_t begin) {
    return std::span(pending).subspan(
        begin, std::min(pending.size() - begin, static_cast<std::size_t>(options.batch)));
  };
  for (std::size_t begin = 0; begin < pending.size();) {
    if (options.stop && options.stop()) return result;
    const auto now = take(begin);
    begin += now.size();
    preprocess_batch(folder, now, batch, result.skipped);
    read_ahead(folder, take(begin));
    const auto n = static_cast<std::int64_t>(batch.pictures.size());
    if (n > 0) network.run(rows.view().slice(0, n), batch.values.view().slice(0, n));
    require_finite(batch.pictures, rows);
    journal.append(batch.pictures, rows.view().slice(0, n));
    result.rows += n;
    seen += static_cast<std::int64_t>(now.size());
    report();
  }
  if (result.rows == 0)
    throw Error("cannot extract features", folder.path.string(),
                "none of its pictures can be decoded, beginning with " + result.skipped.front().file,
                result.skipped.front().reason);
  Pictures done;
  for (const Picture& p : folder.pictures) {
    if (journal.has(p)) done.push_back(&p);
  }
  write_store(done, journal, target, network);
  journal.remove();
  result.finished = true;
  return result;
}

}  // namespace plainsight
