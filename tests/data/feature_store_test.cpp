#include "data/feature_store.h"

#include <doctest/doctest.h>
#include <xxhash.h>

#include <cmath>

#include "engine/base/error.h"
#include "engine/io/safetensors_writer.h"
#include "engine/tensor/tensor.h"
#include "tests/support/temp_dir.h"

using namespace plainsight;
using namespace plainsight::test;

namespace {

const FeatureSource kSource{"vgg16", "fc7", "squashed", "0123abcd"};

std::vector<std::string> numbered_ids(int count) {
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back(std::to_string(i * 7919) + "_é");
  return ids;
}

Tensor counting(Shape shape) {
  Tensor t(shape);
  for (std::int64_t i = 0; i < t.size(); ++i) t[i] = static_cast<float>(i);
  return t;
}

/// A store in the first form with any text as ids.
void put_store(const std::filesystem::path& path, std::uint64_t rows, std::string_view ids,
               std::uint64_t dim = 2) {
  SafetensorsWriter writer(path, {{.name = "features", .shape = {rows, dim}},
                                  {.name = "ids", .dtype = Dtype::U8, .shape = {ids.size()}}});
  writer.append(counting({static_cast<std::int64_t>(rows), static_cast<std::int64_t>(dim)}));
  writer.append(std::as_bytes(std::span(ids)));
  writer.commit();
}

/// A store in the second form; tensors of different shapes.
void put_tensors(const std::filesystem::path& path, const std::vector<TensorInfo>& tensors) {
  SafetensorsWriter writer(path, tensors);
  for (const TensorInfo& t : tensors)
    writer.append(std::vector<std::byte>(byte_size(t.dtype, t.shape).value()));
  writer.commit();
}

std::string refusal(const std::filesystem::path& path) {
  try {
    const FeatureStore store(path);
  } catch (const Error& e) {
    const std::string text = e.what();
    CHECK(text.find(path.string()) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  return "";
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a store gives back the rows that were written, by number and by id, at any size") {
  const TempDir dir;
  for (const int count : {1, 2, 3, 1000, 5000}) {
    CAPTURE(count);
    const auto ids = numbered_ids(count);
    const Tensor values = counting({count, 3});
    FeatureStoreWriter writer(dir / "store", ids, 3, kSource);
    writer.append(values.view().slice(0, 1));
    writer.append(values.view().slice(1, count));
    writer.commit();
    const FeatureStore store(dir / "store");
    REQUIRE(store.size() == ids.size());
    CHECK(store.dim() == 3);
    CHECK(store.metadata() == kSource.metadata());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      CHECK(store.id(i) == ids[i]);
      CHECK(store.find(ids[i]) == i);
      CHECK(store.row(i)[2] == values[static_cast<std::int64_t>(i) * 3 + 2]);
    }
    CHECK(!store.find("absent"));
    CHECK(!store.find(""));
  }
}

TEST_CASE("ids are told apart though the index takes them for one by their hashes") {
  const std::string a = "dog68999", b = "dog76665";
  const XXH64_hash_t of_a = XXH3_64bits(a.data(), a.size()), of_b = XXH3_64bits(b.data(), b.size());
  REQUIRE((of_a >> 32) == (of_b >> 32));  // the half that is kept
  REQUIRE(of_a % 8 == of_b % 8);          // the slot, of the eight that two ids get
  IdIndex index(2);
  CHECK(!index.add(a));
  CHECK(!index.find(b));
  CHECK(!index.add(b));
  CHECK(index.find(a) == 0u);
  CHECK(index.find(b) == 1u);
}

TEST_CASE("one tensor per id is read as well, in the order of the file") {
  const TempDir dir;
  SafetensorsWriter writer(dir / "dict", {{.name = "b", .shape = {2}}, {.name = "a", .shape = {2}}});
  writer.append(counting({2, 2}));
  writer.commit();
  const FeatureStore store(dir / "dict");
  REQUIRE(store.size() == 2);
  CHECK(store.id(0) == "b");
  CHECK(store.find("a") == 1);
  CHECK(store.row(1)[0] == 2.0f);
  CHECK(store.metadata().empty());
}

TEST_CASE("ids may lack the last line's end; NaN passes, opening does not read the numbers") {
  const TempDir dir;
  put_store(dir / "s", 2, "a\nb");
  CHECK(FeatureStore(dir / "s").find("b") == 1);
  Tensor nan({1, 1});
  nan[0] = std::nanf("");
  FeatureStoreWriter writer(dir / "n", std::vector<std::string>{"a"}, 1, kSource);
  writer.append(nan);
  writer.commit();
  CHECK(std::isnan(FeatureStore(dir / "n").row(0)[0]));
}

TEST_CASE("a bad store is refused with its file, the place and the reason") {
  const TempDir dir;
  put_store(dir / "few", 3, "a\nb\n");
  CHECK(has(refusal(dir / "few"), "3 rows of features, but 2 ids"));
  put_store(dir / "none", 1, "");
  CHECK(has(refusal(dir / "none"), "1 rows of features, but 0 ids"));
  put_store(dir / "twice", 3, "a\nb\na\n");
  CHECK(has(refusal(dir / "twice"), "the id a comes twice, as number 1 and in line 3"));
  put_store(dir / "blank", 3, "a\n\nb\n");
  CHECK(has(refusal(dir / "blank"), "an id is empty, in line 2"));
  put_store(dir / "latin", 2, "a\nb\xE9\n");
  CHECK(has(refusal(dir / "latin"), "line 2 is not UTF-8"));
  put_store(dir / "empty", 0, "");
  CHECK(has(refusal(dir / "empty"), "holds no features"));
  put_store(dir / "flat", 2, "a\nb\n", 0);
  CHECK(has(refusal(dir / "flat"), "no numbers"));
  put_tensors(dir / "mixed", {{.name = "a", .shape = {4}}, {.name = "b", .shape = {5}}});
  CHECK(has(refusal(dir / "mixed"), "tensor b has 5 numbers, those before it 4"));
  put_tensors(dir / "weights", {{.name = "features.0.weight", .shape = {4, 3, 3, 3}}});
  CHECK(has(refusal(dir / "weights"), "tensor features.0.weight is F32 [4,3,3,3], not one F32 vector"));
  put_tensors(dir / "half", {{.name = "a", .dtype = Dtype::F16, .shape = {4}}});
  CHECK(has(refusal(dir / "half"), "tensor a is F16 [4]"));
  put_tensors(dir / "words", {{.name = "ids", .shape = {4}}, {.name = "features", .shape = {4, 1}}});
  CHECK(has(refusal(dir / "words"), "tensor ids is F32, not U8 text"));
}

TEST_CASE("the writer refuses ids that would not come back") {
  const TempDir dir;
  for (const std::string id : {"", "a\nb", "\xFF"})
    CHECK_THROWS_AS(FeatureStoreWriter(dir / "s", std::vector<std::string>{id}, 1, kSource), ContractError);
}
