#include "engine/base/parallel.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <vector>

using namespace plainsight;

TEST_CASE("parallel_for covers every index once, for any size and thread count") {
  for (int t : {1, 2, 3, 8}) {
    set_threads(t);
    for (std::int64_t n : {0, 1, 2, 7, 1000}) {
      std::vector<int> hits(static_cast<std::size_t>(n), 0);
      parallel_for(n, 1, [&](std::int64_t b, std::int64_t e) {
        for (std::int64_t i = b; i < e; ++i) ++hits[static_cast<std::size_t>(i)];
      });
      for (int h : hits) CHECK(h == 1);
    }
  }
}

TEST_CASE("parallel_for carries an exception to its caller") {
  set_threads(2);
  CHECK_THROWS_AS(parallel_for(10, 1, [](std::int64_t, std::int64_t) { throw std::runtime_error("x"); }),
                  std::runtime_error);
}

TEST_CASE("parallel_tasks runs every task once, and no worker runs two at a time") {
  for (int t : {1, 2, 3, 8}) {
    set_threads(t);
    for (std::int64_t n : {0, 1, 2, 7, 1000}) {
      std::vector<int> hits(n, 0);
      std::vector<std::atomic<int>> busy(t);
      std::atomic<bool> apart = true;
      parallel_tasks(n, [&](std::int64_t worker, std::int64_t task) {
        if (worker >= std::min<std::int64_t>(t, n) || busy[worker]++ > 0) apart = false;
        ++hits[task];
        --busy[worker];
      });
      CHECK(apart);
      for (int h : hits) CHECK(h == 1);
    }
  }
}

TEST_CASE("parallel_tasks inside parallel_for runs on the calling thread") {
  set_threads(3);
  std::vector<int> hits(3 * 10, 0);
  parallel_for(3, 1, [&](std::int64_t b, std::int64_t e) {
    for (std::int64_t i = b; i < e; ++i)
      parallel_tasks(10, [&](std::int64_t, std::int64_t task) { ++hits[i * 10 + task]; });
  });
  for (int h : hits) CHECK(h == 1);
}
