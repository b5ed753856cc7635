#!/usr/bin/env bash
# Checks formatting (clang-format) and, unless --format is given, runs clang-tidy.
#
# usage: scripts/lint.sh [--format] [FILE...]
# clang-tidy looks at the FILEs, else at the .cpp files that differ from main. The compile commands are clang's, in build/tidy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

format_only=false
if [ "${1:-}" = --format ]; then format_only=true && shift; fi
scripts/install-packages.sh ci

git ls-files -z '*.h' '*.cpp' | xargs -0 clang-format --dry-run -Werror
if $format_only; then exit 0; fi

if [ $# -eq 0 ]; then
  mapfile -t changed < <(git diff --name-only --diff-filter=d main -- '*.cpp')
  set -- "${changed[@]}"
fi
if [ $# -eq 0 ]; then echo "lint: formatted; no .cpp file differs from main" && exit 0; fi
cmake --preset clang -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON > /dev/null
printf '%s\0' "$@" | xargs -0 -n 4 -P "$(nproc)" clang-tidy -p build/tidy --quiet
