#include "model/training/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "engine/base/error.h"
#include "engine/io/fingerprint.h"
#include "engine/io/safetensors_writer.h"
#include "model/training/parameter_file.h"

namespace plainsight {
namespace {

constexpr const char* kHint = "Train again into another folder, or restore the file";
constexpr const char* kFormat = "plainsight checkpoint 1";

/// A flat buffer of the checkpoint, and the prefix of its tensors' names.
struct Section {
  const char* prefix;
  View buffer;
};

std::vector<Section> sections(ParameterSet& parameters, Adam& adam) {
  return {{"", parameters.values()}, {"adam.m.", adam.m()}, {"adam.v.", adam.v()}};
}

/// The section's tensor of parameter `p`.
View tensor(const Section& s, const ParameterSet& parameters, const Parameter& p) {
  return {s.buffer.data + parameters.offset_of(p), p.value.shape};
}

template <class T>
std::string text(T x) {
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, x);  // shortest that reads back the same
  return {buffer, result.ptr};
}

/// Calls f(name, field) for every field of a position: one list for writing and reading.
template <class P, class F>
void visit(P& p, F&& f) {
  f("epoch", p.epoch);
  f("step", p.step);
  f("loss_sum", p.loss_sum);
  f("targets", p.targets);
  f("metrics_lines", p.metrics_lines);
  f("lr", p.lr);
  f("best_val_loss", p.best.val_loss);
  f("best_epoch", p.best.epoch);
  f("epochs_since_best", p.best.epochs_since);
  f("plateau_best", p.plateau.best);
  f("plateau_bad_epochs", p.plateau.bad_epochs);
}

template <class T>
void parse(const SafetensorsFile& file, const std::string& name, T& value) {
  const auto found = file.metadata().find(name);
  if (found != file.metadata().end()) {
    const std::string& s = found->second;
    const auto result = std::from_chars(s.data(), s.data() + s.size(), value);
    if (result.ec == std::errc() && result.ptr == s.data() + s.size()) return;
  }
  throw Error("cannot read the checkpoint", file.path().string(),
              "its metadata has no valid \"" + name + "\"", kHint);
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, ParameterSet& parameters, Adam& adam,
                      const Position& position) {
  std::vector<TensorInfo> tensors;
  Metadata metadata{{"format", kFormat}, {"adam_steps", text(adam.steps())}};
  visit(position, [&](const char* name, const auto& value) { metadata[name] = text(value); });
  for (const Section& s : sections(parameters, adam)) {
    metadata[std::string("checksum.") + s.prefix] = fingerprint(s.buffer);
    for (const Parameter& p : parameters.parameters()) {
      tensors.push_back(tensor_info(s.prefix + p.name, p.value.shape));
    }
  }
  SafetensorsWriter writer(path, std::move(tensors), metadata);
  for (const Section& s : sections(parameters, adam))
    for (const Parameter& p : parameters.parameters()) writer.append(tensor(s, parameters, p));
  writer.commit();
}

Position read_checkpoint(const std::filesystem::path& path, ParameterSet& parameters, Adam& adam) {
  const SafetensorsFile file(path);
  const auto format = file.metadata().find("format");
  if (format == file.metadata().end() || format->second != kFormat)
    throw Error("cannot read the checkpoint", path.string(), "it is not a checkpoint of this program", kHint);
  Position position;
  visit(position, [&](const char* name, auto& value) { parse(file, name, value); });
  std::int64_t adam_steps = 0;
  parse(file, "adam_steps", adam_steps);
  for (const Section& s : sections(parameters, adam)) {
    for (const Parameter& p : parameters.parameters()) {
      const ConstView saved = file.f32(s.prefix + p.name, p.value.shape);
      std::copy_n(saved.data, saved.size(), tensor(s, parameters, p).data);
    }
    const auto expected = file.metadata().find(std::string("checksum.") + s.prefix);
    if (expected == file.metadata().end() || expected->second != fingerprint(s.buffer)) {
      throw Error("cannot read the checkpoint", path.string(), "its values do not match their checksum",
                  kHint);
    }
  }
  adam.set_steps(adam_steps);
  return position;
}

}  // namespace plainsight
