#!/bin/bash
# `plainsight extract` over a folder of photographs beside the bare network on tensors that are ready, in turns: how much of
# the network's rate is left when pictures are read, decoded and resized and features are written.
# Usage: bench/compare/extract.sh BUILD-FOLDER [PICTURES [THREADS [ROUNDS]]]   (built with -DPLAINSIGHT_BENCH=ON)
# The pictures are the first of $PLAINSIGHT_DATA or ../shared/data, flickr8k_sample/Images.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/extract.sh BUILD-FOLDER [PICTURES [THREADS [ROUNDS]]]}
images=${PLAINSIGHT_DATA:-$here/../../../shared/data}/flickr8k_sample/Images
[ -d "$images" ] || fail "$images is missing: set PLAINSIGHT_DATA"
for program in plainsight bench/vgg16_forward; do
  [ -x "$build/$program" ] || fail "$build/$program is missing: build with -DPLAINSIGHT_BENCH=ON"
done
for tool in python3 taskset; do command -v "$tool" > /dev/null || fail "$tool is missing; apt-get install python3 util-linux"; done
threads=${3:-2}
print_versions "$build"
exec taskset -c "0-$((threads - 1))" python3 "$here/extract.py" "$build" "$images" "${2:-80}" "$threads" "${4:-5}"
