#include "engine/kernels/pointwise/sum_rows.h"

#include "engine/base/parallel.h"

namespace plainsight {

void sum_rows(View sum, ConstView x) {
  require(sum.size() == x.cols(), "sum_rows: sum[O], x[N,O] expected");
  // Threads share columns, never rows: each sum keeps its order for any number of threads.
  parallel_for(x.cols(), 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = 0; n < x.rows(); ++n) {
      const float* row = x.row(n);
      for (std::int64_t o = begin; o < end; ++o) sum[o] += row[o];
    }
  });
}

}  // namespace plainsight
