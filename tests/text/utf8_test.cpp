#include "text/utf8.h"

#include <doctest/doctest.h>

#include "engine/base/utf8.h"
#include "tests/support/text_golden.h"

using namespace plainsight;

TEST_CASE("invalid UTF-8 is replaced as Python's errors='replace' does") {
  const unsigned char bytes[] = {0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
                                 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  std::string all;
  for (const unsigned char a : bytes)
    for (const unsigned char b : bytes)
      for (const unsigned char c : bytes)
        for (const unsigned char d : bytes) {
          const std::string text{static_cast<char>(a), static_cast<char>(b), static_cast<char>(c),
                                 static_cast<char>(d)};
          const std::string replaced = replace_invalid_utf8(text);
          const bool valid = replaced == text;
          if (is_utf8(text) != valid) FAIL_CHECK(text);
          all += replaced + '\n';
        }
  CHECK(test::fnv1a(all) == "5fd0111d");  // tests/reference/utf8.py
  CHECK(is_utf8("\uFFFD"));
  CHECK(replace_invalid_utf8("") == "");
}
