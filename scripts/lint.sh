#!/usr/bin/env bash
# Checks formatting (clang-format) and, unless --format is given, runs clang-tidy.
#
# usage: scripts/lint.sh [--format] [FILE...]
# clang-tidy looks at the FILEs, else at the .cpp files that differ from main. It reads build/dev's compile commands.
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
[ -f build/dev/compile_commands.json ] || cmake --preset dev > /dev/null
clang-tidy -p build/dev --quiet "$@"
