#!/bin/bash
# Our matrix products against OpenBLAS (OpenMP build), on the same operands and threads, taking turns in one run.
# Usage: bench/compare/gemm.sh BUILD-FOLDER [ROUNDS]    (built with -DPLAINSIGHT_BENCH=ON where libopenblas-openmp-dev is installed)
set -euo pipefail
build=${1:?usage: bench/compare/gemm.sh BUILD-FOLDER [ROUNDS]}
[ -x "$build/bench/compare_gemm" ] || { echo "gemm.sh: error: $build/bench/compare_gemm is missing; apt-get install libopenblas-openmp-dev, then build with -DPLAINSIGHT_BENCH=ON" >&2; exit 1; }
exec "$build/bench/compare_gemm" "${2:-9}"
