#!/bin/bash
# Compares VGG16 from image tensor to fc7, on both engines, with PyTorch (Debian's) and ONNX Runtime (npm's), alternating in
# one run.
# Usage: bench/compare/vgg16_frameworks.sh BUILD-FOLDER [BATCH [THREADS [ROUNDS]]]   (built with -DPLAINSIGHT_BENCH=ON)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/common.sh"
build=${1:?usage: bench/compare/vgg16_frameworks.sh BUILD-FOLDER [BATCH [THREADS [ROUNDS]]]}
shift
build=$(cd "$build" && pwd) || fail "no such folder"
[ -x "$build/bench/vgg16_forward" ] || fail "$build/bench/vgg16_forward is missing: build with -DPLAINSIGHT_BENCH=ON"
for tool in node npm taskset; do command -v "$tool" > /dev/null || fail "$tool is missing; apt-get install nodejs npm util-linux"; done
/usr/bin/python3 -c 'import torch, torchvision' 2> /dev/null ||
  { [ "$(id -u)" = 0 ] && apt-get install -y --no-install-recommends python3-torch python3-torchvision; } ||
  fail "PyTorch is missing; apt-get install python3-torch python3-torchvision"
modules=$build/compare-npm
mkdir -p "$modules"
[ -d "$modules/node_modules/onnxruntime-node" ] ||
  npm install --silent --ignore-scripts --prefix "$modules" onnxruntime-node || fail "npm could not install onnxruntime-node"
threads=${2:-2}
print_versions "$build"
same_blas_kernels "$build/bench/vgg16_forward"
exec taskset -c "0-$((threads - 1))" /usr/bin/python3 "$here/vgg16_frameworks.py" "$build/bench/vgg16_forward" "$modules" "$@"
