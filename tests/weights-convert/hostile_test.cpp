// Files that lie to weights-convert. Every expected message names the reason, so that no case can pass
// for another.

#include <doctest/doctest.h>

#include <chrono>

#include "tests/support/data.h"
#include "tests/weights-convert/pickles.h"

using namespace plainsight;
using namespace plainsight::convert;
using namespace plainsight::test;

namespace {

struct Case {
  std::string bytes;
  const char* reason;
};

void check_refused(const std::filesystem::path& path, const char* reason) {
  const std::string message = refusal(path);
  CAPTURE(message);
  CAPTURE(reason);
  CHECK(message.find(reason) != std::string::npos);
  CHECK(message.size() < 600);
}

std::string repeat(std::size_t count, const std::string& text) {
  std::string all;
  all.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

const std::string kFour = std::string(16, '\1');  // four floats

}  // namespace

TEST_CASE("pickles that lie about their structure are refused for that") {
  const TempDir dir;
  const Case cases[] = {
      {"K\1K\2K\3s.", "SETITEM at byte 8: on a number instead of a dict"},
      {"K\1(K\2K\3u.", "SETITEMS at byte 9: on a number instead of a dict"},
      {"K\1K\2a.", "APPEND at byte 6: on a number instead of a list"},
      {"}(K\1u.", "a key without a value"},
      {".", "STOP at byte 2: it leaves 0 values"},
      {"K\1K\1.", "it leaves 2 values"},
      {"K\1(.", "it leaves 1 values"},
      {"t.", "TUPLE at byte 2: there is no mark"},
      {"(0.", "POP at byte 3: not an allowed opcode"},
      {"K\1(\x85.", "TUPLE1 at byte 5: the stack is too short"},  // not across the mark
      {"h\5.", "memo entry 5 does not exist"},
      {"K\1r\xff\xff\xff\xffN.", "more than 4000000 memo entries"},
      {"q\1.", "BINPUT at byte 2: the stack is empty"},
      {std::string("X\xff\xff\xff\x7f", 5), "BINUNICODE at byte 2: the file ends within it"},
      {"\x8d" + little_endian(~0ull, 8), "BINUNICODE8 at byte 2: the file ends within it"},
      {"\x95" + little_endian(100, 8), "FRAME at byte 2: the file ends within it"},
      {"\x8a\x09" + std::string(9, '\1'), "an integer of more than 64 bits"},
      {"ccollections", "a name does not end"},
      {repeat(2'000'000, "("), "more than 1000000 marks"},
      {repeat(2'000'000, "]"), "more than 1000000 values on the stack"},
      {"]" + repeat(50'000, "\x85") + ".",
       "it holds a tuple, not a dict of tensors"},  // deep, and no deeper for us
      {"]q\1h\1a.", "it holds a list"},             // a list within itself
      {"]q\1(" + repeat(999'990, "h\1") + "e(h\1h\1h\1h\1h\1h\1h\1h\1h\1l.", "LIST at byte"},
      {"\xff.", "opcode 0xff at byte 2: not an allowed opcode"},
      {"iposix\nsystem\n.", "INST at byte 2: not an allowed opcode"},
      {"cposix\nsystem\n.", "GLOBAL of posix.system at byte 2: not an allowed name. Nothing was executed"},
      {text("posix") + text("system") + "\x93.", "STACK_GLOBAL of posix.system"},
      {"\x80\1.", "pickle protocol 1 is not supported"},
      {"\x80\6.", "pickle protocol 6 is not supported"},
      {"cnumpy\ndtype\n(" + text("f4") + "tR(K\3" + text(">") + "tb.",
       "BUILD at byte 35: big-endian numbers"},
      {"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + tuple({0}) + text("b") + "tR" +
           repeat(2, "(K\1" + tuple({1}) + "cnumpy\ndtype\n(" + text("u1") +
                         "tR\x89"
                         "c_codecs\nencode\n(" +
                         text("x") + text("latin1") + "tRtb"),
       "a numpy array that is built twice"},
      {"K\1)R.", "a call of a number with a tuple"},
      {"ctorch\nFloatStorage\n)R.", "it calls a type that is only a name here"},
      {"]K\1b.", "a list has no state"},
      {storage("0", 4) + ".", "persistent ids do not belong here"},
      {"}" + text("a") + "K\1s.", "\"a\" is a number, not a tensor"},
      {"}K\1K\1s.", "a key that is not a text"},
  };
  for (const Case& c : cases) {
    put(dir / "x.pkl", "\x80\x02" + c.bytes);
    check_refused(dir / "x.pkl", c.reason);
  }
}

TEST_CASE("tensors reach no byte outside their storage") {
  const TempDir dir;
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  const Case cases[] = {
      {tensor(storage("0", 4), 0, {5}, {1}), "shape [5] in a storage of 4 elements"},
      {tensor(storage("0", 4), 1, {4}, {1}), "offset 1 reaches outside its storage of 4"},
      {tensor(storage("0", 4), 0, {2, 2}, {3, 1}), "strides [3,1], offset 0 reaches outside"},
      {tensor(storage("0", 4), kHuge, {1}, {1}), "reaches outside"},
      {tensor(storage("0", 4), 0, {2}, {kHuge}), "reaches outside"},
      {tensor(storage("0", 4), kHuge, {3}, {kHuge}), "reaches outside"},  // the sum overflows to less than 4
      {tensor(storage("0", 4), 0, {kHuge, kHuge}, {1, 1}), "too large for any file"},
      {tensor(storage("0", 4), -1, {1}, {1}), "a tensor's offset is negative"},
      {tensor(storage("0", 4), 0, {-1}, {1}), "a tensor's shape is negative"},
      {tensor(storage("0", 4), 0, {2}, {-1}), "a tensor's strides is negative"},
      {tensor(storage("0", 4), 0, {2, 2}, {1}), "as many strides as dimensions"},
      {tensor(storage("0", 4), 0, {1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}),
       "more than 8 dimensions"},
      {tensor(storage("0", -4), 0, {1}, {1}), "a storage's size is negative"},
      {tensor(storage("0", kHuge), 0, {1}, {1}), "claims 4611686018427387904 elements"},
      {tensor(storage("0", 5), 0, {4}, {1}), "has 16 bytes where 5 elements of F32 are due"},
      {tensor(storage("0", 3), 0, {3}, {1}), "has 16 bytes where 3 elements of F32 are due"},
      {tensor(storage("1", 4), 0, {4}, {1}), "entry \"data/1\" is missing"},
      {tensor(storage("0", 4, "N"), 0, {4}, {1}), "a persistent id of 6 items where 5 are due"},
      {tensor("K\1", 0, {4}, {1}), "the storage of a tensor is a number"},
  };
  for (const Case& c : cases) {
    put_zip(dir / "x.pth", {{"a/data.pkl", dict("t", c.bytes)}, {"a/data/0", kFour}});
    check_refused(dir / "x.pth", c.reason);
  }
  put_zip(dir / "x.pth",
          {{"a/data.pkl", dict("t", tensor(storage("0", 4), 1, {3}, {1}))}, {"a/data/0", kFour}});
  CHECK(read_weights(dir / "x.pth").tensors.at(0).data.size() == 12);
}

TEST_CASE("legacy containers: the records must be those that the pickle names, to the last byte") {
  const TempDir dir;
  const std::string object = dict("t", tensor(storage("0", 4, "N"), 0, {4}, {1}));
  const std::string keys = "\x80\x02]" + text("0") + "a.", record = little_endian(4, 8) + kFour;
  const std::string two = "\x80\x02](" + text("0") + text("0") + "e.", other = "\x80\x02]" + text("1") + "a.";
  const auto view = [](std::int64_t begin, std::int64_t size) {
    return dict("t",
                tensor(storage("0", 4, "(" + text("v") + integer(begin) + integer(size) + "t"), 0, {2}, {1}));
  };
  const Case cases[] = {
      {legacy_start() + object + keys + record, "accepted"},
      {legacy_start(false) + object + keys + record, "big-endian"},
      {legacy_start().substr(0, 21) + "\x80\x02}." + object + keys + record,
       "does not say in which byte order"},
      {legacy_start() + object + keys + little_endian(5, 8) + kFour,
       "has 5 elements where its tensors need 4"},
      {legacy_start() + object + keys + little_endian(~0ull, 8) + kFour, "elements where its tensors need 4"},
      {legacy_start() + object + keys + record.substr(0, 20), "it ends within storage \"0\""},
      {legacy_start() + object + keys + record.substr(0, 5), "it ends before storage \"0\""},
      {legacy_start() + object + keys + record + "x", "1 bytes follow its last storage"},
      {legacy_start() + object + two + record + record, "listed twice"},
      {legacy_start() + object + other + record, "lists a storage \"1\" that no tensor uses"},
      {legacy_start() + object + "\x80\x02].", "storage \"0\" is missing from its list"},
      {legacy_start() + object + "\x80\x02K\1." + record, "the list of its storages is missing"},
      {legacy_start() + "\x80\x02}(" + text("t") + tensor(storage("0", 4, "N"), 0, {4}, {1}) + text("u") +
           tensor(storage("0", 5, "N"), 0, {5}, {1}) + "u." + keys + record,
       "storage \"0\" is described in two ways"},
      {legacy_start() + view(2, 2) + keys + record, "accepted"},
      {legacy_start() + view(3, 2) + keys + record, "a view that reaches outside its storage"},
      {legacy_start() + view(2, 1) + keys + record, "in a storage of 1 elements"},
  };
  for (const Case& c : cases) {
    put(dir / "x.pth", c.bytes);
    check_refused(dir / "x.pth", c.reason);
  }
}

TEST_CASE("archives whose parts contradict each other, or whose names lead elsewhere, are refused") {
  const TempDir dir;
  const std::filesystem::path path = dir / "x.pth";
  const std::string pickle = dict("t", tensor(storage("0", 4), 0, {4}, {1}));
  const std::pair<std::string, const char*> names[] = {{"/etc/data.pkl", "leads out of its folder"},
                                                       {"a/../data.pkl", "leads out of its folder"},
                                                       {"a\\..\\x", "leads out of its folder"},
                                                       {"b/data/0", "is not in the folder \"a\""},
                                                       {"a/data.pkl", "comes twice"}};
  for (const auto& [name, reason] : names) {
    put_zip(path, {{"a/data.pkl", pickle}, {name, kFour}});
    check_refused(path, reason);
  }
  put_zip(path, {{"a/data.pkl", pickle}, {"a/data/0", kFour}, {"a/byteorder", "big"}});
  check_refused(path, "byte order \"big\"");
  put_zip(path, {{"a/data.pkl", pickle + "N."}, {"a/data/0", kFour}});
  check_refused(path, "2 bytes follow the pickle");
  put_zip(path, {{"a/data/0", kFour}});
  check_refused(path, "without data.pkl");

  put_zip(path, {{"a/data.pkl", pickle}, {"a/data/0", kFour}});
  const std::string whole = get(path);
  REQUIRE(refusal(path) == "accepted");
  const std::size_t local = whole.find("PK\3\4", 4), central = whole.find("PK\1\2"),
                    second = whole.find("PK\1\2", central + 4), end = whole.find("PK\5\6");
  struct Damage {
    std::size_t at;  // of a byte that is changed
    const char* reason;
  };
  const Damage damages[] = {
      {whole.find(kFour), "does not match its checksum"},
      {local + 14, "its local header and the central directory differ"},  // CRC
      {local + 22, "its local header and the central directory differ"},  // size
      {local + 30, "its local header and the central directory differ"},  // name
      {local + 8, "its local header and the central directory differ"},   // method
      {local, "no local header"},
      {second + 8, "encrypted or of an unknown kind"},
      {second + 10, "is compressed"},
      {second + 16, "differ"},             // CRC
      {second + 24, "is compressed"},      // size, of the two sizes one
      {second + 42, "no local header"},    // offset
      {second + 28, "central directory"},  // length of the name
      {end + 10, "central directory"},     // number of entries
      {end + 12, "central directory is not where"},
      {end + 16, "central directory is not where"},
      {end + 20, "no end record"},  // length of the comment
  };
  for (const Damage& d : damages) {
    std::string bytes = whole;
    bytes[d.at] = static_cast<char>(bytes[d.at] ^ 1);
    put(path, bytes);
    CAPTURE(d.at);
    check_refused(path, d.reason);
  }
  std::string shared = whole;  // both entries are the first one's bytes
  shared.replace(second + 42, 4, whole, central + 42, 4);
  put(path, shared);
  check_refused(path, "local header and the central directory differ");
  std::string fewer = whole;
  fewer[end + 10] = 1;
  put(path, fewer);
  check_refused(path, "central directory does not end where it should");
  // With 64-bit records before the end, as large archives have them.
  const auto put_wide = [&](std::uint64_t count) {
    std::string wide = whole;
    put(path, wide.insert(end, "PK\6\6" + little_endian(44, 8) + little_endian(45, 2) + little_endian(45, 2) +
                                   little_endian(0, 8) + little_endian(count, 8) + little_endian(count, 8) +
                                   little_endian(end - central, 8) + little_endian(central, 8) + "PK\6\7" +
                                   little_endian(0, 4) + little_endian(end, 8) + little_endian(1, 4)));
  };
  put_wide(2);
  CHECK(refusal(path) == "accepted");
  put_wide(3);
  check_refused(path, "two end records differ");
  // The second entry, header and all, within the first one's data.
  put_zip(path, {{"a/data.pkl", whole.substr(local, central - local)}, {"a/data/0", kFour}});
  std::string nested = get(path);
  const std::size_t last = nested.rfind("PK\1\2");
  put(path, nested.replace(last + 42, 4, little_endian(nested.find("PK\3\4", 4), 4)));
  check_refused(path, "entries \"a/data.pkl\" and \"a/data/0\" overlap");
  put(path, whole + "comment");
  check_refused(path, "no end record at its end");
}

TEST_CASE("a small file takes neither long nor much disk") {
  const TempDir dir;
  const auto start = std::chrono::steady_clock::now();
  // One text of two megabytes, encoded anew for each of 40,000 arrays: reading it each time takes most of
  // a minute.
  constexpr std::size_t kBytes = 2'000'000;
  std::string arrays = "\x80\x02}(" + text("first") +
                       "cnumpy._core.multiarray\n_reconstruct\nq\1(cnumpy\nndarray\n" + tuple({0}) +
                       text("b") + "tq\2R(K\1" + tuple({kBytes}) + "q\3cnumpy\ndtype\n(" + text("u1") +
                       "\x89\x88tRq\4\x89" + "c_codecs\nencode\nq\5(" + text(std::string(kBytes, 'x')) +
                       text("latin1") + "tq\6Rtb";
  for (int i = 0; i < 40'000; ++i) arrays += text(std::to_string(i)) + "h\1h\2R(K\1h\3h\4\x89h\5h\6Rtb";
  put(dir / "x.pkl", arrays + "u.");
  check_refused(dir / "x.pkl", "over 16 times the file's size");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));

  // Tensors that share one storage, each in itself in order.
  std::string state = "\x80\x02}(";
  for (int i = 0; i < 2000; ++i)
    state += text(std::to_string(i)) + tensor(storage("0", 100'000), 0, {100'000}, {1});
  put_zip(dir / "x.pth", {{"a/data.pkl", state + "u."}, {"a/data/0", std::string(400'000, 'x')}});
  check_refused(dir / "x.pth", "over 16 times the file's size");
}

TEST_CASE("a tensor that safetensors has no name for is an error, not a broken file") {
  const TempDir dir;
  put_zip(dir / "x.pth",
          {{"a/data.pkl", dict("__metadata__", tensor(storage("0", 4), 0, {4}, {1}))}, {"a/data/0", kFour}});
  const Weights weights = read_weights(dir / "x.pth");
  CHECK_THROWS_WITH(write_safetensors(weights, dir / "y", [](std::uint64_t) {}),
                    doctest::Contains("a tensor is called __metadata__"));
  CHECK_FALSE(std::filesystem::exists(dir / "y"));
}
