#!/usr/bin/env bash
# From a fresh Debian 12 to captions: installs what is missing, builds, runs `plainsight demo`.
# Downloads nothing but Debian packages. Run it as often as you like. Arguments go to `plainsight demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh
cmake --preset release > /dev/null
cmake --build --preset release --target plainsight weights-convert

build/release/plainsight demo "$@"
