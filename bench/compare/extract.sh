#!/bin/bash
# Compares `plainsight extract` over a folder of 500 x 375 photographs with the bare network on prepared tensors,
# alternating: the share of the network's rate that remains when images are read, decoded and resized and features written.
# Usage: bench/compare/extract.sh BUILD-FOLDER [IMAGES [THREADS [ROUNDS]]]    (builds its program there)
# The photographs are made from the first of $PLAINSIGHT_DATA or ../shared/data, flickr8k_sample/Images.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/extract.sh BUILD-FOLDER [IMAGES [THREADS [ROUNDS]]]}
images=${PLAINSIGHT_DATA:-$here/../../../shared/data}/flickr8k_sample/Images
[ -d "$images" ] || fail "$images is missing: set PLAINSIGHT_DATA"
/usr/bin/python3 -c 'import numpy, PIL' 2> /dev/null ||
  { [ "$(id -u)" = 0 ] && apt-get install -y --no-install-recommends python3-pil python3-numpy; } ||
  fail "Pillow is missing; apt-get install python3-pil python3-numpy"
cmake -S "$here/../.." -B "$build" -DPLAINSIGHT_BENCH=ON > /dev/null &&
  cmake --build "$build" --target compare_extract > /dev/null || fail "compare_extract did not build"
photographs=$(mktemp -d)
trap 'rm -r "$photographs"' EXIT
/usr/bin/python3 "$here/photographs.py" "$images" "$photographs" "${2:-96}"
threads=${3:-2}
print_versions "$build"
echo "${2:-96} photographs of $(du -sb "$photographs" | awk -v n="${2:-96}" '{ printf "%.0f KB", $1 / n / 1000 }'), batch 16, $threads threads, medians"
taskset -c "0-$((threads - 1))" "$build/bench/compare_extract" "$photographs" "$threads" "${4:-5}"
