#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "tests/support/data.h"
#include "tests/weights-convert/pickles.h"
#include "weights-convert/expect_vgg16.h"
#include "weights-convert/write_pth.h"
#include "weights-convert/write_safetensors.h"

using namespace plainsight;
using namespace plainsight::convert;
using namespace plainsight::test;
namespace fs = std::filesystem;

namespace {

std::string hex_of(const SourceTensor& tensor) {
  std::string hex;
  for_each_chunk(tensor, [&](std::span<const std::byte> chunk) {
    for (const std::byte b : chunk) {
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

/// The contents of each committed file, as PyTorch and numpy gave them.
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
  const TempDir folder;
  for (const auto& entry : expected_contents()) {
    const auto& file = entry.first;
    const auto& contents = entry.second;
    CAPTURE(file);
    const fs::path safetensors = folder / "a.safetensors", pth = folder / "a.pth";
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

TEST_CASE("a name that is not UTF-8 is written into no file: their readers would refuse it") {
  const TempDir folder;
  const fs::path path = folder / "a.pth", out = folder / "out.pth";
  // A pickle of Python 2 may hold any bytes.
  const std::string value = tensor(storage("0", 1, "N"), 0, {1}, {1});
  put(path, legacy_start() + dict("caf\xE9", value) + "\x80\x02]" + text("0") + "a." + little_endian(1, 8) +
                std::string(4, '\0'));
  const Weights weights = read_weights(path);
  REQUIRE(weights.tensors.size() == 1);
  const auto report = [](std::uint64_t) {};
  CHECK_THROWS_WITH_AS(write_pth(weights, out, report), doctest::Contains("\"caf\\xe9\" is not UTF-8"),
                       Error);
  CHECK_THROWS_WITH_AS(write_safetensors(weights, out, report),
                       doctest::Contains("\"caf\\xe9\" is not UTF-8"), Error);
  CHECK(!fs::exists(out));
}

TEST_CASE("a safetensors file whose header length begins as a pickle does is one all the same") {
  const TempDir folder;
  const fs::path path = folder / "a.safetensors";
  for (int length : {0x0280, 0x0380, 0x0480, 0x0580}) {
    std::string header = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    header.resize(static_cast<std::size_t>(length), ' ');
    const std::string bytes = {'\x80', static_cast<char>(length >> 8), 0, 0, 0, 0, 0, 0};
    put(path, bytes + header + std::string(4, '\0'));
    CHECK(read_weights(path).tensors.size() == 1);
  }
}

TEST_CASE("a pickle that calls anything is refused by opcode, name and byte, and nothing runs") {
  const TempDir folder;
  const fs::path witness = folder / "executed", path = folder / "evil.pth";
  // pickle.dumps of an object whose __reduce__ is (os.system, ("touch ...",)), protocol 2.
  const std::string command = "touch " + witness.string();
  const std::string evil = std::string("\x80\x02") + "cposix\nsystem\nX" + static_cast<char>(command.size()) +
                           std::string(3, '\0') + command + "\x85R.";
  put(path, legacy_start() + evil);
  const std::string legacy = refusal(path);
  CAPTURE(legacy);
  CHECK(legacy.find("posix.system") != std::string::npos);
  CHECK(legacy.find("byte") != std::string::npos);
  CHECK(legacy.find("Nothing was executed") != std::string::npos);
  put(path, evil);
  CHECK(refusal(path).find("posix.system") != std::string::npos);
  CHECK(!fs::exists(witness));
}

TEST_CASE(
    "truncated at any byte, or with any byte changed, a file gives an error or its tensors, never a crash") {
  const TempDir folder;
  const fs::path path = folder / "damaged";
  for (const auto& entry : expected_contents()) {
    const auto& file = entry.first;
    CAPTURE(file);
    const std::string good = get(test::golden("convert/" + file));
    const std::size_t step = std::max<std::size_t>(1, good.size() / 400);
    for (std::size_t size = 0; size < good.size(); size += step) {
      CAPTURE(size);
      put(path, good.substr(0, size));
      CHECK(refusal(path) != "accepted");
    }
    for (std::size_t at = 0; at < good.size(); at += step) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      put(path, bad);
      try {
        contents_of(read_weights(
            path));  // a flipped bit in a number of a container without checksums is still a number
      } catch (const Error&) {
      }
    }
  }
}

TEST_CASE("what is not a weights file is refused with its kind") {
  const TempDir folder;
  const fs::path path = folder / "x";
  for (const std::string& bytes : {std::string(), std::string("hello"), std::string(600, '\0'),
                                   std::string("\x89PNG\r\n\x1a\n") + std::string(100, 'x')}) {
    put(path, bytes);
    CHECK(refusal(path).find("cannot read weights") == 0);
  }
  std::string tar(1024, '\0');
  tar.replace(257, 5, "ustar");
  put(path, tar);
  CHECK(refusal(path).find("tar") != std::string::npos);
  CHECK(refusal(folder / "absent").find("cannot open file") == 0);
  for (const std::string& bytes : {std::string("\2\0\0\0\0\0\0\0{}", 10), std::string("\x80\2}.")}) {
    put(path, bytes);
    CHECK(refusal(path).find("it holds no tensors") != std::string::npos);
  }
}

TEST_CASE("--expect vgg16 names what differs") {
  try {
    expect_vgg16(read_weights(test::golden("convert/model_zip.pth")));
    CHECK_MESSAGE(false, "a small model passed for VGG16");
  } catch (const Error& e) {
    CHECK(std::string(e.what()).find("features.0.weight") != std::string::npos);
  }
}
