#pragma once

#include <cstdint>
#include <span>

#include "engine/autograd/tape.h"

namespace plainsight {

// Rows of a matrix by index, for example each sequence's last hidden state:
//   yₙ = x[rₙ]        dx[rₙ] += dyₙ
// rows[N], each in [0,R)   x[R,D]   y[N,D]. Saved: rows. The pair of functions is embedding's, with x for W.

Var select_rows(Tape& tape, Var x, std::span<const std::int32_t> rows);

}  // namespace plainsight
