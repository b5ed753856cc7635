#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "tests/support/data.h"

bool plainsight_test_needs_data();

// Exit code 77 means "skipped" to CTest: a program without its data must not look as if it had passed.
int main(int argc, char** argv) {
  if (plainsight_test_needs_data() && plainsight::test::data_dir().empty()) {
    std::printf("skipped: no real data in $PLAINSIGHT_DATA or ../shared/data\n");
    return 77;
  }
  return doctest::Context(argc, argv).run();
}
