#!/bin/bash
# Compares our matrix products with OpenBLAS (OpenMP build) on the same operands and processors, alternating in one run.
# Usage: bench/compare/gemm.sh BUILD-FOLDER [ROUNDS [THREADS]]    (builds its program there)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/gemm.sh BUILD-FOLDER [ROUNDS [THREADS]]}
cmake -S "$here/../.." -B "$build" -DPLAINSIGHT_BENCH=ON > /dev/null && cmake --build "$build" --target compare_gemm > /dev/null ||
  fail "compare_gemm did not build"
threads=${3:-2}
print_versions "$build"
export OMP_NUM_THREADS=$threads
exec taskset -c "0-$((threads - 1))" "$build/bench/compare_gemm" "${2:-9}"
