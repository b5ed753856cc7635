#include "engine/check/check_op.h"

#include <doctest/doctest.h>

using namespace plainsight;

TEST_CASE("every operation equals its plain loop, forward and backward") {
  for (const OpCheck& op : all_op_checks()) {
    const OpReport report = check_op(op);
    for (const std::string& failure : report.failures) FAIL_CHECK(failure);
  }
}
