#!/bin/bash
# Compares plainsight train, on both engines, with PyTorch on the same captions and processors, batches of 64, alternating: targets (full) or
# samples (notebook) per second, and the ratio of neighbouring turns with its quartiles.
# Usage: bench/compare/train.sh BUILD-FOLDER [ROUNDS [THREADS]]    (builds plainsight there; needs real captions)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/train.sh BUILD-FOLDER [ROUNDS [THREADS]]}
data=${PLAINSIGHT_DATA:-$here/../../../shared/data}
/usr/bin/python3 -c 'import numpy, torch' 2> /dev/null ||
  { [ "$(id -u)" = 0 ] && apt-get install -y --no-install-recommends python3-torch python3-numpy; } ||
  fail "PyTorch is missing; apt-get install python3-torch python3-numpy"
for file in "$data/captions.txt" "$data/bert-base-uncased-vocab.txt"; do [ -e "$file" ] || fail "$file is missing"; done
cmake -S "$here/../.." -B "$build" > /dev/null && cmake --build "$build" --target plainsight > /dev/null || fail "plainsight did not build"
threads=${3:-2}
print_versions "$build"
same_blas_kernels "$build/plainsight"
exec taskset -c "0-$((threads - 1))" /usr/bin/python3 "$here/train.py" "$build/plainsight" "$data" "${2:-5}" "$threads"
