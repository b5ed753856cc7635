#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "data/split.h"
#include "model/run/run_config.h"

namespace plainsight {

/// The folder that training leaves and everything else starts from:
///   config.json             sizes, options, where the features come from
///   split.json              image ids of train, val and test
///   vocab.txt               a copy of the vocabulary
///   model.safetensors       the best weights; names as the notebook's state_dict
///   checkpoint.safetensors  the last weights, Adam's state and the position: what --resume needs
///   metrics.jsonl           a line per step and per epoch
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config_file() const { return path_ / "config.json"; }
  std::filesystem::path split_file() const { return path_ / "split.json"; }
  std::filesystem::path vocab_file() const { return path_ / "vocab.txt"; }
  std::filesystem::path model_file() const { return path_ / "model.safetensors"; }
  std::filesystem::path checkpoint_file() const { return path_ / "checkpoint.safetensors"; }
  std::filesystem::path metrics_file() const { return path_ / "metrics.jsonl"; }

  /// Throws Error when a run was begun here.
  void require_unused() const;

  /// Makes the folder if there is none. Throws Error.
  void make() const;

  /// Makes the folder with split.json and vocab.txt, a copy of `vocab`. The run has begun once there is a
  /// checkpoint and then config.json (Trainer::begin). Throws Error as require_unused() does,
  /// or when writing fails.
  void create(const Split& split, const std::filesystem::path& vocab) const;

  /// Throw Error when a file is missing or damaged.
  RunConfig read_config() const;
  Split read_split() const;

  /// Writes config.json, also anew: a resumed run may be given more epochs.
  void write_config(const RunConfig& config) const;

 private:
  std::filesystem::path path_;
};

/// The right to write into a run folder, held by one process at a time. The lock is on the folder itself
/// (flock): it leaves no file, and ends with the process, even a killed one. Reading needs no lock. Taking
/// the lock removes weight files that a killed process left unfinished. Move-only.
class RunLock {
 public:
  /// Makes the folder if there is none. Throws Error when another process has the lock.
  explicit RunLock(const RunFolder& folder);
  ~RunLock();
  RunLock(RunLock&& other) noexcept : folder_(std::move(other.folder_)), fd_(std::exchange(other.fd_, -1)) {}
  RunLock& operator=(RunLock&&) = delete;

  const RunFolder& folder() const { return folder_; }

 private:
  RunFolder folder_;
  int fd_ = -1;
};

}  // namespace plainsight
