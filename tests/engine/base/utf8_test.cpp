#include "engine/base/utf8.h"

#include <doctest/doctest.h>

using namespace plainsight;

TEST_CASE("the first byte that is not UTF-8 is found wherever it stands") {
  for (std::size_t at = 0; at < 20; ++at)
    for (const std::string bad : {"\xFF", "\xC3", "\xE2\x82", "\xF0\x9F\x90x"}) {
      const std::string before = (at % 2 == 0 ? "" : "\u00E9") + std::string(at, 'a');
      CAPTURE(at);
      CHECK(utf8_prefix(before + bad) == before.size());
      CHECK(utf8_prefix(before + bad + "aaaaaaaaaaaa") == before.size());
      CHECK(utf8_prefix(before) == before.size());
    }
  CHECK(utf8_complaint("caf\xE9") == "its byte 4, \\xe9, is not UTF-8");
}
