#!/bin/bash
# Compares WordPiece with HF tokenizers (Rust) on the Flickr8k captions and on mixed Unicode text: one thread each, pinned to
# the same processor, interleaved, after checking that the ids are identical.
# Usage: bench/compare/wordpiece.sh BUILD-FOLDER    (builds its programs there; npm fetches the peer)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/wordpiece.sh BUILD-FOLDER}
data=${PLAINSIGHT_DATA:-$here/../../../shared/data}
{ command -v node && command -v npm; } > /dev/null ||
  { [ "$(id -u)" = 0 ] && apt-get install -y --no-install-recommends nodejs npm; } ||
  fail "node or npm is missing; apt-get install nodejs npm"
for file in "$data/captions.txt" "$data/bert-base-uncased-vocab.txt"; do [ -e "$file" ] || fail "$file is missing"; done
cmake -S "$here/../.." -B "$build" -DPLAINSIGHT_BENCH=ON > /dev/null &&
  cmake --build "$build" --target bench_wordpiece plainsight > /dev/null || fail "bench_wordpiece or plainsight did not build"
print_versions "$build"
cpu=$(taskset -cp $$ | sed 's/.*[:,-] *//')
TOKENIZERS_PARALLELISM=false RAYON_NUM_THREADS=1 OMP_NUM_THREADS=1 \
  exec taskset -c "$cpu" node "$here/wordpiece.mjs" "$build/bench/bench_wordpiece" "$build/plainsight" "$data"
