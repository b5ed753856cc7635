#!/bin/bash
# Compares VGG16's 13 convolutions, layer by layer, with oneDNN's Winograd and direct ones (Debian's libdnnl), alternating.
# Usage: bench/compare/vgg16_onednn.sh BUILD-FOLDER [BATCH [ROUNDS [THREADS]]]   (builds its program there)
# AVX2 against AVX2: PLAINSIGHT_ISA=avx2 ONEDNN_MAX_CPU_ISA=AVX2 bench/compare/vgg16_onednn.sh ...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/vgg16_onednn.sh BUILD-FOLDER [BATCH [ROUNDS [THREADS]]]}
[ -e /usr/include/dnnl.hpp ] || { [ "$(id -u)" = 0 ] && apt-get install -y --no-install-recommends libdnnl-dev; } ||
  fail "oneDNN is missing; apt-get install libdnnl-dev"
cmake -S "$here/../.." -B "$build" -DPLAINSIGHT_BENCH=ON > /dev/null && cmake --build "$build" --target compare_onednn > /dev/null ||
  fail "compare_onednn did not build"
threads=${4:-2}
export OMP_NUM_THREADS=$threads
print_versions "$build"
exec taskset -c "0-$((threads - 1))" "$build/bench/compare_onednn" "${2:-8}" "${3:-9}" "$threads"
