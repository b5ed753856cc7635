#include "weights-convert/weights.h"

#include <algorithm>
#include <cstring>

#include "engine/base/error.h"
#include "weights-convert/readers.h"

namespace plainsight::convert {
namespace {

constexpr std::size_t kChunk = std::size_t{4} << 20;
constexpr std::uint64_t kMaxSharing = 16;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& why,
                       const std::string& hint = "") {
  throw Error("cannot read weights", path.string(), why, hint);
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Weights read_safetensors(const std::filesystem::path& path) {
  const auto file = std::make_shared<SafetensorsFile>(path);
  Weights weights{"safetensors file", path, {}, file->metadata(), file};
  for (const TensorInfo& t : file->tensors()) {
    SourceTensor& s =
        weights.tensors.emplace_back(SourceTensor{t.name, t.dtype, t.shape, {}, file->bytes(t), false});
    s.strides.assign(s.shape.size(), 1);
    for (std::size_t i = s.shape.size(); i-- > 1;)
      s.strides[i - 1] = s.strides[i] * std::max<std::uint64_t>(s.shape[i], 1);
  }
  return weights;
}

/// True when the elements lie in row-major order without gaps. Dimensions of size 1 are never stepped along.
bool is_contiguous(const SourceTensor& t) {
  std::uint64_t step = 1;
  for (std::size_t i = t.shape.size(); i-- > 0;) {
    if (t.shape[i] != 1 && t.strides[i] != step) return false;
    step *= t.shape[i];
  }
  return true;
}

/// Collects bytes and hands them on in chunks.
class ChunkBuffer {
 public:
  explicit ChunkBuffer(const std::function<void(std::span<const std::byte>)>& sink) : sink_(sink) {
    buffer_.reserve(kChunk);
  }
  void add(std::span<const std::byte> bytes) {
    if (buffer_.size() + bytes.size() > kChunk) flush();
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  }
  void flush() {
    if (!buffer_.empty()) sink_(buffer_);
    buffer_.clear();
  }

 private:
  const std::function<void(std::span<const std::byte>)>& sink_;
  std::vector<std::byte> buffer_;
};

/// Walks the elements in row-major order, whatever their strides.
void gather(const SourceTensor& t, ChunkBuffer& chunks) {
  const std::size_t size = size_of(t.dtype);
  std::vector<std::uint64_t> index(t.shape.size());
  std::uint64_t place = 0;  // in elements
  for (std::uint64_t left = t.count(); left > 0; --left) {
    chunks.add(t.data.subspan(place * size, size));
    for (std::size_t d = t.shape.size(); d-- > 0;) {
      place += t.strides[d];
      if (++index[d] < t.shape[d]) break;
      place -= t.strides[d] * t.shape[d];
      index[d] = 0;
    }
  }
}

/// The bytes whose values are the code points of `data`, which the pickle's reader has checked.
void decode_latin1(std::span<const std::byte> data, std::vector<std::byte>& out) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(data[i]);
    const unsigned value =
        byte < 0x80 ? byte : (byte & 3) << 6 | (std::to_integer<unsigned>(data[++i]) & 0x3f);
    out.push_back(static_cast<std::byte>(value));
  }
}

}  // namespace

const SourceTensor* Weights::find(std::string_view name) const {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const SourceTensor& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

Weights read_weights(const std::filesystem::path& path) {
  const auto file = std::make_shared<MappedFile>(path);
  const std::span<const std::byte> bytes = file->bytes();
  const std::string_view head = text_of(bytes.first(std::min<std::size_t>(bytes.size(), 512)));
  constexpr std::string_view kLegacyMagic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
  // A safetensors header's length may begin as a pickle does; its upper half is 0,
  // which a pickle has nowhere before a '{'.
  constexpr std::string_view kNoLength("\0\0\0\0", 4);
  Weights weights{"", path, {}, {}, file};
  if (head.starts_with("PK\3\4")) {
    weights.container = "torch zip file";
    weights.tensors = read_torch_zip(bytes, path.string());
  } else if (head.starts_with(kLegacyMagic)) {
    weights.container = "torch legacy file";
    weights.tensors = read_torch_legacy(bytes, path.string());
  } else if (head.size() >= 262 && head.substr(257, 5) == "ustar") {
    fail(path, "it is a tar file, the container of PyTorch before 0.1.10, which is not supported",
         "Load it with an old PyTorch and save its state_dict again");
  } else if (head.size() > 8 && head[8] == '{' && (head[0] != '\x80' || head.substr(4, 4) == kNoLength)) {
    weights = read_safetensors(path);
  } else if (head.size() > 1 && head[0] == '\x80') {
    weights.container = "pickle";
    weights.tensors = read_numpy_pickle(bytes, path.string());
  } else {
    fail(path,
         "it is no file of weights that is known here: neither a torch zip or legacy file, nor a pickle of "
         "protocol 2 "
         "to 5, nor a safetensors file");
  }
  if (weights.tensors.empty()) fail(path, "it holds no tensors", "Save model.state_dict()");
  // Tensors may share a storage. A small file in which thousands share a large one would fill the disk.
  std::uint64_t total = 0;
  for (const SourceTensor& t : weights.tensors)
    if (__builtin_add_overflow(total, t.bytes(), &total) || total / kMaxSharing > bytes.size())
      fail(path, "its tensors share storages so much that they would take over 16 times the file's size");
  return weights;
}

void for_each_chunk(const SourceTensor& t, const std::function<void(std::span<const std::byte>)>& sink) {
  if (t.latin1 || !is_contiguous(t)) {
    SourceTensor decoded = t;
    std::vector<std::byte> bytes;
    if (t.latin1) {
      bytes.reserve(t.bytes());
      decode_latin1(t.data, bytes);
      decoded.data = bytes;
    }
    ChunkBuffer chunks(sink);
    gather(decoded, chunks);
    chunks.flush();
    return release_pages(t.data);
  }
  for (std::span<const std::byte> rest = t.data.first(t.bytes()); !rest.empty();) {
    const std::span<const std::byte> chunk = rest.first(std::min(kChunk, rest.size()));
    sink(chunk);
    release_pages(chunk);
    rest = rest.subspan(chunk.size());
  }
}

void load_f32(const Weights& weights, std::string_view name, View out) {
  const SourceTensor* t = weights.find(name);
  const std::string tensor = "tensor \"" + std::string(name) + "\"";
  if (t == nullptr) fail(weights.path, "it has no " + tensor, "Is it the right file?");
  std::vector<std::uint64_t> shape;
  for (int i = 0; i < out.shape.rank(); ++i) shape.push_back(static_cast<std::uint64_t>(out.shape[i]));
  if (t->dtype != Dtype::F32 || t->shape != shape)
    fail(weights.path, tensor + " is " + std::string(name_of(t->dtype)) + " " + shape_text(t->shape) +
                           " where F32 " + out.shape.str() + " is needed");
  auto* place = reinterpret_cast<std::byte*>(out.data);
  for_each_chunk(*t, [&](std::span<const std::byte> chunk) {
    std::memcpy(place, chunk.data(), chunk.size());
    place += chunk.size();
  });
}

}  // namespace plainsight::convert
