#!/bin/bash
# Compares the plain engine (Eigen on OpenBLAS) with the tuned one, alternating in one run: operations, layers, whole tasks.
# Usage: bench/compare/engines.sh BUILD-FOLDER [ROUNDS [THREADS [processor]]]    (builds its program there)
# "processor": times of the processors instead of elapsed ones, for a machine shared with other work; on one thread.
# For a processor without AVX2: PLAINSIGHT_ISA=baseline OPENBLAS_CORETYPE=Nehalem bench/compare/engines.sh ...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/engines.sh BUILD-FOLDER [ROUNDS [THREADS]]}
cmake -S "$here/../.." -B "$build" -DPLAINSIGHT_BENCH=ON > /dev/null &&
  cmake --build "$build" --target compare_engines vgg16_forward > /dev/null || fail "compare_engines did not build"
weights=$(mktemp --suffix=.safetensors)
trap 'rm "$weights"' EXIT
"$build/bench/vgg16_forward" random "$weights"
threads=${3:-2}
print_versions "$build"
OMP_NUM_THREADS=$threads taskset -c "0-$((threads - 1))" "$build/bench/compare_engines" "$weights" "${2:-7}" "${4:-}"
