#include "engine/ops/row_sum.h"

#include "engine/base/parallel.h"

namespace plainsight {

void add_row_sum(View db, ConstView dy) {
  require(db.size() == dy.cols(), "add_row_sum: db[O], dy[N,O] expected");
  // Columns are shared out, never rows: each sum keeps its order for any number of threads.
  parallel_for(dy.cols(), 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = 0; n < dy.rows(); ++n) {
      const float* row = dy.row(n);
      for (std::int64_t o = begin; o < end; ++o) db[o] += row[o];
    }
  });
}

}  // namespace plainsight
