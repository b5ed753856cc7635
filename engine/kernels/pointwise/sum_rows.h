#pragma once

#include "engine/tensor/view.h"

namespace plainsight {

/// sum[O] += Σₙ x[n]  for x[N,O], from the first row to the last: the gradient of a bias that every
/// row shares.
void sum_rows(View sum, ConstView x);

}  // namespace plainsight
