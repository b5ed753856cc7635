#include "engine/kernels/isa/engine.h"

#include <doctest/doctest.h>

#include "engine/base/error.h"

using namespace plainsight;

TEST_CASE("an engine is set by name, and another name is refused") {
  const Engine before = engine();
  for (const Engine e : {Engine::plain, Engine::tuned}) {
    CHECK(parse_engine(name_of(e)) == e);
    set_engine(e);
    CHECK(engine() == e);
  }
  set_engine(before);
  CHECK_THROWS_WITH_AS(parse_engine("eigen"),
                       "unknown engine (eigen): not a name known here. Use tuned or plain", UsageError);
  CHECK_THROWS_AS(parse_engine(""), UsageError);
}
