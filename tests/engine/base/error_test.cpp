#include "engine/base/error.h"

#include <doctest/doctest.h>

using namespace plainsight;

TEST_CASE("an error prints as one line that no name from a file can break") {
  CHECK(std::string(Error("cannot read image", "dog.jpg", "it is empty", "Copy it again").what()) ==
        "cannot read image (dog.jpg): it is empty. Copy it again");
  CHECK(std::string(Error("what", "", "why").what()) == "what: why");
  // Line ends, escape sequences in both their forms; text in any script stays.
  CHECK(std::string(Error("what", "a\nb\r\x1b[2J\x7f", "x\u009by \u00e9 \u4e2d").what()) ==
        "what (a\\nb\\x0d\\x1b[2J\\x7f): x\\xc2\\x9by \u00e9 \u4e2d");
}
