#include "weights-convert/readers.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_set>

#include "engine/base/error.h"
#include "weights-convert/zip_reader.h"

namespace plainsight::convert {
namespace {

constexpr std::size_t kMaxTensorName = 4096;

[[noreturn]] void fail(const std::string& where, const std::string& why, const std::string& hint = "") {
  throw Error("cannot read weights", where, why, hint);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// The bytes of one tensor from its first element on. The pickle's statements were checked when the tensor
/// was built; this looks up the record that holds it.
SourceTensor resolve(std::string_view name, const TensorSpec& spec, const FindStorage& find) {
  SourceTensor t{std::string(name), spec.dtype, spec.shape, spec.strides, {}, false};
  const Value& data = *spec.data;
  if (data.kind == Kind::storage) {
    const std::span<const std::byte> record = find(data);
    const bool any = t.bytes() > 0;
    t.data = any ? record.subspan((data.offset + spec.offset) * size_of(spec.dtype)) : record.first(0);
  } else {
    t.latin1 = data.kind == Kind::latin1;
    t.data = bytes_of(data.text);
  }
  return t;
}

/// Storages by key, with the size that every mention of them must agree on.
std::map<std::string_view, const Value*> storages_by_key(const Unpickled& pickle, const std::string& where) {
  std::map<std::string_view, const Value*> result;
  for (const Value* s : pickle.storages) {
    const Value* first = result.emplace(s->text, s).first->second;
    if (first->whole != s->whole || first->dtype != s->dtype)
      fail(where, "storage \"" + shown(s->text) + "\" is described in two ways");
  }
  return result;
}

/// Bytes of the record that holds a storage; throws when they cannot be counted.
std::uint64_t record_size(const Value& storage, const std::string& where) {
  const std::uint64_t count = storage.whole;
  const std::optional<std::uint64_t> bytes = byte_size(storage.dtype, std::span(&count, 1));
  if (!bytes)
    fail(where, "storage \"" + shown(storage.text) + "\" claims " + std::to_string(count) + " elements");
  return *bytes;
}

// --- the legacy container: four pickles, the sorted list of keys, then the storages ---

/// The dict that describes the writer's machine: only little-endian values can be read.
void check_system(const Value& info, const std::string& where) {
  for (std::size_t i = 0; info.kind == Kind::dict && i + 1 < info.items.size(); i += 2)
    if (info.items[i]->text == "little_endian") {
      if (info.items[i + 1]->kind == Kind::boolean && info.items[i + 1]->integer == 1) return;
      fail(where, "its numbers are big-endian");
    }
  fail(where, "it does not say in which byte order its numbers are");
}

/// Reads the storages after the list of keys; each is preceded by its number of elements.
std::map<std::string_view, std::span<const std::byte>> legacy_records(
    std::span<const std::byte> file, std::size_t place, const Value& keys,
    const std::map<std::string_view, const Value*>& storages, const std::string& where) {
  if (keys.kind != Kind::list) fail(where, "the list of its storages is missing");
  std::map<std::string_view, std::span<const std::byte>> records;
  for (const Value* key : keys.items) {
    const auto storage = storages.find(key->text);
    if (key->kind != Kind::text || storage == storages.end())
      fail(where, "it lists a storage \"" + shown(key->text) + "\" that no tensor uses");
    const std::string name = "storage \"" + shown(key->text) + "\" ";
    std::uint64_t count = 0;
    if (file.size() - place < sizeof count)
      fail(where, "it ends before " + name, "The file was cut short: copy it again");
    std::memcpy(&count, file.data() + place, sizeof count);
    place += sizeof count;
    if (count != storage->second->whole)
      fail(where, name + "has " + std::to_string(count) + " elements where its tensors need " +
                      std::to_string(storage->second->whole) + " (byte " +
                      std::to_string(place - sizeof count) + ")");
    const std::uint64_t size = record_size(*storage->second, where);
    if (size > file.size() - place)
      fail(where, "it ends within " + name, "The file was cut short: copy it again");
    if (!records.emplace(key->text, file.subspan(place, size)).second) fail(where, name + "is listed twice");
    place += size;
  }
  if (place != file.size())
    fail(where, std::to_string(file.size() - place) + " bytes follow its last storage");
  return records;
}

}  // namespace

std::vector<SourceTensor> tensors_of(const Unpickled& pickle, const FindStorage& find,
                                     const std::string& where) {
  const Value& root = *pickle.root;
  const std::string hint = "Save model.state_dict(), or a dict of numpy arrays";
  if (root.kind != Kind::dict)
    fail(where, "it holds a " + std::string(name_of(root.kind)) + ", not a dict of tensors", hint);
  std::vector<SourceTensor> result;
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < root.items.size(); i += 2) {
    const Value& key = *root.items[i];
    const Value& value = *root.items[i + 1];
    if (key.kind != Kind::text || key.text.size() > kMaxTensorName)
      fail(where, "its dict has a key that is not a text, or one longer than 4096 bytes", hint);
    const std::string name = "\"" + shown(key.text) + "\" ";
    if (value.kind != Kind::tensor || pickle.pool->tensors[value.tensor].data == nullptr)
      fail(where, name + "is a " + std::string(name_of(value.kind)) + ", not a tensor", hint);
    if (!names.insert(key.text).second) fail(where, name + "comes twice");
    result.push_back(resolve(key.text, pickle.pool->tensors[value.tensor], find));
  }
  return result;
}

std::vector<SourceTensor> read_torch_zip(std::span<const std::byte> file, const std::string& where) {
  const ZipReader zip(file, where);
  const std::span<const std::byte>* pickle = zip.find("data.pkl");
  if (pickle == nullptr) fail(where, "a zip file without data.pkl", "Is it a file that torch.save wrote?");
  if (pickle->size() > kMaxObjectPickle) fail(where, "data.pkl is larger than 16 MB");
  if (const auto* order = zip.find("byteorder"); order != nullptr) {
    const std::string_view text(reinterpret_cast<const char*>(order->data()), order->size());
    if (text != "little")
      fail(where, "its numbers are in byte order \"" + shown(text) + "\"", "Only little can be read");
  }
  const std::string inside = where + ", " + zip.root() + "/data.pkl";
  const Unpickled state = unpickle(*pickle, {.where = inside, .persistent_items = 5});
  if (state.end != pickle->size())
    fail(inside, std::to_string(pickle->size() - state.end) + " bytes follow the pickle");
  const auto storages = storages_by_key(state, inside);
  const FindStorage find = [&](const Value& storage) {
    const std::string name = "data/" + std::string(storage.text);
    const std::span<const std::byte>* record = zip.find(name);
    if (record == nullptr) fail(where, "entry \"" + shown(name) + "\" is missing");
    if (record->size() != record_size(storage, where))
      fail(where, "entry \"" + shown(name) + "\" has " + std::to_string(record->size()) + " bytes where " +
                      std::to_string(storage.whole) + " elements of " +
                      std::string(plainsight::name_of(storage.dtype)) + " are due");
    return *record;
  };
  for (const auto& [key, storage] : storages) find(*storage);
  return tensors_of(state, find, where);
}

std::vector<SourceTensor> read_torch_legacy(std::span<const std::byte> file, const std::string& where) {
  // 1 magic number, which told this container from others; 2 protocol version 1001; 3 the machine;
  // 4 the object; 5 keys
  const std::span<const std::byte> version =
      file.subspan(15).first(std::min<std::size_t>(file.size() - 15, 6));
  constexpr std::string_view kVersion = "\x80\x02M\xe9\x03.";
  if (!std::ranges::equal(version, bytes_of(kVersion)))
    fail(where, "its legacy container is not of version 1001 (byte 15)");
  const auto read = [&](std::size_t begin, std::size_t items) {
    const std::size_t end = begin + std::min(kMaxObjectPickle, file.size() - begin);
    return unpickle(file.first(end), {.where = where, .begin = begin, .persistent_items = items});
  };
  const Unpickled system = read(15 + kVersion.size(), 0);
  check_system(*system.root, where);
  const Unpickled state = read(system.end, 6);
  const Unpickled keys = read(state.end, 0);
  const auto storages = storages_by_key(state, where);
  const auto records = legacy_records(file, keys.end, *keys.root, storages, where);
  const FindStorage find = [&](const Value& storage) {
    const auto record = records.find(storage.text);
    if (record == records.end())
      fail(where, "storage \"" + shown(storage.text) + "\" is missing from its list");
    return record->second;
  };
  return tensors_of(state, find, where);
}

std::vector<SourceTensor> read_numpy_pickle(std::span<const std::byte> file, const std::string& where) {
  const Unpickled dict = unpickle(file, {.where = where});
  if (dict.end != file.size())
    fail(where, std::to_string(file.size() - dict.end) + " bytes follow the pickle");
  return tensors_of(dict, nullptr, where);
}

}  // namespace plainsight::convert
