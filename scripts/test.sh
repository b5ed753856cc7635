#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test. Run it as often as you like.
# Arguments go to CMake, for example: scripts/test.sh -DPLAINSIGHT_WERROR=ON
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install-packages.sh
cmake --preset release "$@"
cmake --build --preset release

if ctest --preset release --output-junit ctest.xml; then result=0; else result=$?; fi
echo
if grep -q 'status="notrun"' build/release/ctest.xml; then
  echo "The skipped tests want real data: the folder \$PLAINSIGHT_DATA, or ../shared/data (docs/architecture.md says what is in it)."
fi
if [ $result -eq 0 ]; then
  echo "Built in build/release, and all tests that ran passed. Next: scripts/demo.sh, or build/release/plainsight --help"
else
  echo "Some tests failed; their output is above. One of them alone: ctest --preset release -R NAME" >&2
fi
exit $result
