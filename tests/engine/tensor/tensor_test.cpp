#include "engine/tensor/tensor.h"

#include <doctest/doctest.h>

#include <cstdint>

using namespace plainsight;

TEST_CASE("a shape prints as in every message, and multiplies") {
  CHECK(Shape{64, 12, 1024}.str() == "[64,12,1024]");
  CHECK(Shape{}.size() == 1);
  CHECK(Shape{3, 4, 5}.row_size() == 20);
  CHECK_THROWS_AS(Shape({1, 2, 3, 4, 5}), ContractError);
}

TEST_CASE("a tensor is aligned, zero, and copied only by clone") {
  Tensor t({3, 5});
  CHECK(reinterpret_cast<std::uintptr_t>(t.data()) % kAlignment == 0);
  for (std::int64_t i = 0; i < t.size(); ++i) CHECK(t[i] == 0.0f);
  t[7] = 2;
  Tensor c = t.clone();
  t[7] = 3;
  CHECK(c[7] == 2.0f);
  CHECK(t.view().slice(1, 3).data == t.data() + 5);
}
