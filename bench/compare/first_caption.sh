#!/bin/bash
# Time from starting `plainsight caption` to its first caption, with all files in the page cache: VGG16 at full size (random
# weights), a captioner with BERT's whole vocabulary (trained for one epoch on a few images).
# Usage: bench/compare/first_caption.sh BUILD-FOLDER [RUNS [THREADS]]   (built with -DPLAINSIGHT_BENCH=ON)
# Needs flickr8k_sample, captions.txt and bert-base-uncased-vocab.txt in $PLAINSIGHT_DATA or ../shared/data.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/first_caption.sh BUILD-FOLDER [RUNS [THREADS]]}
data=${PLAINSIGHT_DATA:-$here/../../../shared/data}
for file in "$data/flickr8k_sample/Images" "$data/captions.txt" "$data/bert-base-uncased-vocab.txt"; do
  [ -e "$file" ] || fail "$file is missing: set PLAINSIGHT_DATA"
done
for program in plainsight bench/vgg16_forward; do
  [ -x "$build/$program" ] || fail "$build/$program is missing: build with -DPLAINSIGHT_BENCH=ON"
done
for tool in python3 taskset; do command -v "$tool" > /dev/null || fail "$tool is missing; apt-get install python3 util-linux"; done
threads=${3:-2}
print_versions "$build"
exec taskset -c "0-$((threads - 1))" python3 "$here/first_caption.py" "$build" "$data" "${2:-15}" "$threads"
