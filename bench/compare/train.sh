#!/bin/bash
# plainsight train against PyTorch on the same captions, batches of 64, two threads each, taking turns: targets (full) or
# samples (notebook) per second, and the ratio of neighbours with its quartiles.
# Usage: bench/compare/train.sh BUILD-FOLDER [ROUNDS]    (needs python3-torch and python3-numpy; real captions)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: bench/compare/train.sh BUILD-FOLDER [ROUNDS]}
data=${PLAINSIGHT_DATA:-$here/../../../shared/data}
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import numpy, torch' 2> /dev/null || { echo "train.sh: error: $python lacks torch or numpy; apt-get install python3-torch python3-numpy" >&2; exit 1; }
for file in "$build/plainsight" "$data/captions.txt" "$data/bert-base-uncased-vocab.txt"; do
  [ -e "$file" ] || { echo "train.sh: error: $file is missing" >&2; exit 1; }
done
exec "$python" "$here/train.py" "$build/plainsight" "$data" "${2:-5}"
