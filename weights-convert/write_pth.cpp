#include "weights-convert/write_pth.h"

#include <string>

#include "engine/base/error.h"
#include "engine/base/printable.h"
#include "engine/base/utf8.h"
#include "weights-convert/checksum.h"
#include "weights-convert/opcodes.h"
#include "weights-convert/zip_writer.h"

namespace plainsight::convert {
namespace {

constexpr const char* kRoot = "archive/";

/// Writes the pickle (protocol 2) of
///   OrderedDict([(name, torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False,
///                                                       OrderedDict())), ...])
/// with one storage for each tensor.
class StateDictPickle {
 public:
  explicit StateDictPickle(const std::filesystem::path& target) : target_(target) {
    put(op::PROTO), put(2);
    ordered_dict();
    put(op::MARK);
  }

  void add(const SourceTensor& tensor, const std::string& key) {
    if (!is_utf8(tensor.name))  // Python 2 wrote names of any bytes; torch.load reads this text as UTF-8
      throw Error("cannot write state_dict", target_.string(),
                  "the tensor name \"" + printable(tensor.name, 80) + "\" is not UTF-8",
                  "Rename it where the file was made");
    text(tensor.name);
    global("torch._utils", "_rebuild_tensor_v2");
    put(op::MARK);
    storage(tensor, key);
    integer(0);
    shape(tensor.shape);
    shape(row_major(tensor.shape));
    put(op::NEWFALSE);
    ordered_dict();
    put(op::TUPLE), put(op::REDUCE);
  }

  std::string finish() {
    put(op::SETITEMS), put(op::STOP);
    return std::move(out_);
  }

 private:
  void put(unsigned char byte) { out_ += static_cast<char>(byte); }
  void number(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i, value >>= 8) put(static_cast<unsigned char>(value & 0xff));
  }
  void text(const std::string& text) {
    put(op::BINUNICODE), number(text.size(), 4);
    out_ += text;
  }
  void integer(std::uint64_t value) {
    if (value < 0x80000000)
      put(op::BININT), number(value, 4);
    else  // nine bytes: the last is the sign
      put(op::LONG1), put(9), number(value, 8), put(0);
  }
  void global(const std::string& module, const std::string& name) {
    put(op::GLOBAL);
    out_ += module + "\n" + name + "\n";
  }
  void ordered_dict() {
    global("collections", "OrderedDict");
    put(op::EMPTY_TUPLE), put(op::REDUCE);
  }
  void shape(const std::vector<std::uint64_t>& dims) {
    put(op::MARK);
    for (const std::uint64_t dim : dims) integer(dim);
    put(op::TUPLE);
  }
  static std::vector<std::uint64_t> row_major(const std::vector<std::uint64_t>& dims) {
    std::vector<std::uint64_t> strides(dims.size(), 1);
    for (std::size_t i = dims.size(); i-- > 1;)
      strides[i - 1] = strides[i] * std::max<std::uint64_t>(dims[i], 1);
    return strides;
  }

  /// ('storage', torch.FloatStorage, key, 'cpu', count) as a persistent id
  void storage(const SourceTensor& tensor, const std::string& key) {
    put(op::MARK);
    text("storage");
    global("torch", storage_type(tensor));
    text(key);
    text("cpu");
    integer(tensor.count());
    put(op::TUPLE), put(op::BINPERSID);
  }

  std::string storage_type(const SourceTensor& tensor) const {
    switch (tensor.dtype) {
      case Dtype::BOOL: return "BoolStorage";
      case Dtype::U8: return "ByteStorage";
      case Dtype::I8: return "CharStorage";
      case Dtype::I16: return "ShortStorage";
      case Dtype::I32: return "IntStorage";
      case Dtype::I64: return "LongStorage";
      case Dtype::F16: return "HalfStorage";
      case Dtype::BF16: return "BFloat16Storage";
      case Dtype::F32: return "FloatStorage";
      case Dtype::F64: return "DoubleStorage";
      case Dtype::U16:
      case Dtype::U32:
      case Dtype::U64: break;
    }
    throw Error("cannot write state_dict", target_.string(),
                "tensor \"" + printable(tensor.name, 80) + "\" is " + std::string(name_of(tensor.dtype)) +
                    ", which PyTorch has no storage for",
                "Write .safetensors instead");
  }

  const std::filesystem::path& target_;
  std::string out_;
};

std::uint32_t crc_of(const SourceTensor& tensor) {
  Crc32 crc;
  for_each_chunk(tensor, [&](std::span<const std::byte> chunk) { crc.add(chunk); });
  return crc.value();
}

}  // namespace

void write_pth(const Weights& weights, const std::filesystem::path& target, const WriteReport& report) {
  StateDictPickle pickle(target);
  for (std::size_t i = 0; i < weights.tensors.size(); ++i) pickle.add(weights.tensors[i], std::to_string(i));

  const std::string root = kRoot;
  ZipWriter zip(target);
  zip.add(root + "data.pkl", pickle.finish());
  zip.add(root + "byteorder", "little");
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < weights.tensors.size(); ++i) {
    const SourceTensor& t = weights.tensors[i];
    zip.begin(root + "data/" + std::to_string(i), t.bytes(), crc_of(t));
    for_each_chunk(t, [&](std::span<const std::byte> chunk) {
      zip.append(chunk);
      report(done += chunk.size());
    });
  }
  zip.add(root + "version", "3\n");
  zip.commit();
}

}  // namespace plainsight::convert
