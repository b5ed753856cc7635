#pragma once

#include "engine/tensor/view.h"

namespace plainsight {

/// Adds the rows of dy [N,O] to db [O], from the first row to the last: the gradient of a bias that every row
/// shares.
void add_row_sum(View db, ConstView dy);

}  // namespace plainsight
