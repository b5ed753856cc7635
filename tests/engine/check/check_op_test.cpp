#include "engine/check/check_op.h"

#include <doctest/doctest.h>

using namespace plainsight;

TEST_CASE("every operation equals the plain engine in double, and its complex-step derivative") {
  for (const OpCheck& op : all_op_checks()) {
    const OpReport report = check_op(op);
    for (const std::string& failure : report.failures) FAIL_CHECK(failure);
  }
}
