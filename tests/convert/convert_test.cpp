#include "weights-convert/convert.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>

#include "tests/support/data.h"

using namespace plainsight;
using namespace plainsight::convert;
namespace fs = std::filesystem;

namespace {

struct TemporaryFolder {
  fs::path path;
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "plainsight-convert-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path = name;
  }
  ~TemporaryFolder() { fs::remove_all(path); }
};

std::string read_bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string hex_of(const SourceTensor& tensor) {
  std::string hex;
  for_each_piece(tensor, [&](std::span<const std::byte> piece) {
    for (const std::byte b : piece) {
      constexpr char kDigits[] = "0123456789abcdef";
      hex += kDigits[static_cast<unsigned>(b) >> 4];
      hex += kDigits[static_cast<unsigned>(b) & 15];
    }
  });
  return hex;
}

std::string shape_of(const SourceTensor& tensor) {
  std::string text = "[";
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    text += (i ? "," : "") + std::to_string(tensor.shape[i]);
  return text + "]";
}

/// "DTYPE SHAPE HEX" by name.
using Contents = std::map<std::string, std::string>;

Contents contents_of(const Weights& weights) {
  Contents contents;
  for (const SourceTensor& t : weights.tensors)
    contents[t.name] = std::string(name_of(t.dtype)) + " " + shape_of(t) + " " + hex_of(t);
  return contents;
}

/// What PyTorch and numpy say each committed file holds.
std::map<std::string, Contents> expected_contents() {
  std::map<std::string, Contents> files;
  std::ifstream in(test::golden("convert/expected.txt"));
  for (std::string line; std::getline(in, line);) {
    // FILE, NAME, DTYPE, SHAPE, BYTES; a tab in a name stands as \t.
    const auto file_end = line.find('\t'), bytes_at = line.rfind('\t'),
               shape_at = line.rfind('\t', bytes_at - 1), type_at = line.rfind('\t', shape_at - 1);
    const auto part = [&](std::size_t from, std::size_t to) { return line.substr(from + 1, to - from - 1); };
    std::string name = part(file_end, type_at);
    if (const auto tab = name.find("\\t"); tab != std::string::npos) name.replace(tab, 2, "\t");
    files[line.substr(0, file_end)][name] =
        part(type_at, shape_at) + " " + part(shape_at, bytes_at) + " " + line.substr(bytes_at + 1);
  }
  return files;
}

std::string refusal(const fs::path& path) {
  try {
    read_weights(path);
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

const std::string kLegacyStart(
    "\x80\x02\x8a\x0al\xfc\x9c"
    "F\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.",
    21);

}  // namespace

TEST_CASE("files that PyTorch and numpy wrote hold what they say") {
  const auto expected = expected_contents();
  CHECK(expected.size() >= 10);
  for (const auto& entry : expected) {
    const auto& file = entry.first;
    const auto& contents = entry.second;
    CAPTURE(file);
    CHECK(contents_of(read_weights(test::golden("convert/" + file))) == contents);
  }
}

TEST_CASE("safetensors and .pth keep every tensor, there and back") {
  const TemporaryFolder folder;
  for (const auto& entry : expected_contents()) {
    const auto& file = entry.first;
    const auto& contents = entry.second;
    CAPTURE(file);
    const fs::path safetensors = folder.path / "a.safetensors", pth = folder.path / "a.pth";
    write_safetensors(read_weights(test::golden("convert/" + file)), safetensors, [](std::uint64_t) {});
    CHECK(contents_of(read_weights(safetensors)) == contents);
    const auto report = [](std::uint64_t) {};
    if (contents.contains("wide")) {  // U64: PyTorch has no storage for it
      CHECK_THROWS_AS(write_pth(read_weights(safetensors), pth, report), Error);
      CHECK(!fs::exists(pth));
      continue;
    }
    write_pth(read_weights(safetensors), pth, report);
    CHECK(contents_of(read_weights(pth)) == contents);
  }
}

TEST_CASE("a pickle that calls anything is refused by opcode, name and byte, and nothing runs") {
  const TemporaryFolder folder;
  const fs::path witness = folder.path / "executed", path = folder.path / "evil.pth";
  // pickle.dumps of an object whose __reduce__ is (os.system, ("touch ...",)), protocol 2.
  const std::string command = "touch " + witness.string();
  const std::string evil = std::string("\x80\x02") + "cposix\nsystem\nX" + static_cast<char>(command.size()) +
                           std::string(3, '\0') + command + "\x85R.";
  write_bytes(path, kLegacyStart + std::string("\x80\x02}X\x0d\0\0\0little_endian\x88s.", 24) + evil);
  const std::string legacy = refusal(path);
  CAPTURE(legacy);
  CHECK(legacy.find("posix.system") != std::string::npos);
  CHECK(legacy.find("byte") != std::string::npos);
  CHECK(legacy.find("Nothing was executed") != std::string::npos);
  write_bytes(path, evil);
  CHECK(refusal(path).find("posix.system") != std::string::npos);
  CHECK(!fs::exists(witness));
}

TEST_CASE("pickles that lie about their structure are refused") {
  const TemporaryFolder folder;
  const fs::path path = folder.path / "bad.pkl";
  const auto refused = [&](const std::string& pickle) {
    write_bytes(path, "\x80\x02" + pickle);
    return refusal(path);
  };
  const auto is_error = [](const std::string& what) {
    return what != "accepted" && what.find("cannot") == 0;
  };
  CHECK(is_error(refused("K\x01K\x02K\x03s.")));   // SETITEM on a number
  CHECK(is_error(refused("K\x01(K\x02K\x03u.")));  // SETITEMS on a number
  CHECK(
      is_error(refused("K\x01K\x02"
                       "a.")));                                          // APPEND to a number
  CHECK(is_error(refused(".")));                                         // STOP on an empty stack
  CHECK(is_error(refused("t.")));                                        // TUPLE without a mark
  CHECK(is_error(refused("h\x05.")));                                    // a memo entry that is not there
  CHECK(is_error(refused(std::string("X\xff\xff\xff\x7f", 5))));         // a string longer than the file
  CHECK(is_error(refused(std::string("r\xff\xff\xff\xff", 5) + "N.")));  // a memo of four billion entries
  CHECK(is_error(refused(std::string(100000, '('))));                    // marks without end
  CHECK(is_error(refused(std::string(200000, ']') + ".")));
  std::string nested = "]";
  for (int i = 0; i < 50000; ++i) nested += "\x85";
  CHECK(is_error(refused(nested + ".")));                                 // nesting without end
  CHECK(is_error(refused("\xff.")));                                      // no such opcode
  CHECK(refused("iposix\nsystem\n.").find("INST") != std::string::npos);  // an old opcode that calls
}

TEST_CASE(
    "truncated at any byte, or with any byte changed, a file gives an error or its tensors, never a crash") {
  const TemporaryFolder folder;
  const fs::path path = folder.path / "damaged";
  for (const auto& entry : expected_contents()) {
    const auto& file = entry.first;
    CAPTURE(file);
    const std::string good = read_bytes(test::golden("convert/" + file));
    const std::size_t step = std::max<std::size_t>(1, good.size() / 400);
    for (std::size_t size = 0; size < good.size(); size += step) {
      CAPTURE(size);
      write_bytes(path, good.substr(0, size));
      CHECK(refusal(path) != "accepted");
    }
    for (std::size_t at = 0; at < good.size(); at += step) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      write_bytes(path, bad);
      try {
        contents_of(read_weights(
            path));  // a flipped bit in a number of a container without checksums is still a number
      } catch (const Error&) {
      }
    }
  }
}

TEST_CASE("what is not a weights file is refused with its kind") {
  const TemporaryFolder folder;
  const fs::path path = folder.path / "x";
  for (const std::string& bytes : {std::string(), std::string("hello"), std::string(600, '\0'),
                                   std::string("\x89PNG\r\n\x1a\n") + std::string(100, 'x')}) {
    write_bytes(path, bytes);
    CHECK(refusal(path).find("cannot read weights") == 0);
  }
  std::string tar(1024, '\0');
  tar.replace(257, 5, "ustar");
  write_bytes(path, tar);
  CHECK(refusal(path).find("tar") != std::string::npos);
  CHECK(refusal(folder.path / "absent").find("cannot open file") == 0);
}

TEST_CASE("--expect vgg16 names what differs") {
  try {
    expect_vgg16(read_weights(test::golden("convert/model_zip.pth")));
    CHECK_MESSAGE(false, "a small model passed for VGG16");
  } catch (const Error& e) {
    CHECK(std::string(e.what()).find("features.0.weight") != std::string::npos);
  }
}
