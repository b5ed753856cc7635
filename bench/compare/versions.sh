#!/bin/bash
# The first line of a comparison: processor, compiler and our version. The peer states its own.
# Usage: bench/compare/versions.sh BUILD-FOLDER
set -euo pipefail
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
build=${1:?usage: bench/compare/versions.sh BUILD-FOLDER}
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
echo "${processor:-$(uname -m)}; $("$(cached CMAKE_CXX_COMPILER)" --version | head -n 1), $(cached CMAKE_BUILD_TYPE); plainsight $(cached CMAKE_PROJECT_VERSION)"
