#!/bin/bash
# WordPiece against HF tokenizers (Rust) on the Flickr8k captions and on mixed Unicode text: one thread each, pinned to
# the same processor, interleaved, after checking that the ids are identical.
# Usage: bench/compare/wordpiece.sh BUILD-FOLDER    (built with -DPLAINSIGHT_BENCH=ON; needs node and npm)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: bench/compare/wordpiece.sh BUILD-FOLDER}
data=${PLAINSIGHT_DATA:-$here/../../../shared/data}
for tool in node npm taskset; do
  command -v "$tool" > /dev/null || { echo "wordpiece.sh: error: $tool is missing; apt-get install nodejs npm util-linux" >&2; exit 1; }
done
for file in "$build/bench/bench_wordpiece" "$build/plainsight" "$data/captions.txt" "$data/bert-base-uncased-vocab.txt"; do
  [ -e "$file" ] || { echo "wordpiece.sh: error: $file is missing" >&2; exit 1; }
done
cpu=$(taskset -cp $$ | sed 's/.*[:,-] *//')
TOKENIZERS_PARALLELISM=false RAYON_NUM_THREADS=1 OMP_NUM_THREADS=1 \
  exec taskset -c "$cpu" node "$here/wordpiece.mjs" "$build/bench/bench_wordpiece" "$build/plainsight" "$data"
