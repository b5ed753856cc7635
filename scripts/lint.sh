#!/usr/bin/env bash
# Checks formatting (clang-format, lines of at most 110 characters) and, unless --format is given, runs clang-tidy.
#
# usage: scripts/lint.sh [--format] [FILE...]
# clang-tidy looks at the FILEs, else at the .cpp files that differ from main. The compile commands are clang's, in build/tidy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

format_only=false
if [ "${1:-}" = --format ]; then format_only=true && shift; fi
scripts/install-packages.sh ci

git ls-files -z '*.h' '*.cpp' | xargs -0 clang-format --dry-run -Werror
# clang-format leaves comments and raw strings as they are. Characters count, not bytes: hence the locale.
if LC_ALL=C.UTF-8 git grep -nE '^.{111}' -- '*.h' '*.cpp'; then
  echo "lint: the lines above have more than 110 characters" >&2
  exit 1
fi
if $format_only; then exit 0; fi

if [ $# -eq 0 ]; then
  mapfile -t changed < <(git diff --name-only --diff-filter=d main -- '*.cpp')
  set -- "${changed[@]}"
fi
if [ $# -eq 0 ]; then echo "lint: formatted; no .cpp file differs from main" && exit 0; fi
cmake --preset clang -B build/tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON > /dev/null
printf '%s\0' "$@" | xargs -0 -n 4 -P "$(nproc)" clang-tidy -p build/tidy --quiet
