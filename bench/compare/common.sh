# Sourced by the comparisons: how they end when something is missing, and the line that says what was measured where.

fail() { echo "$(basename "$0"): error: $1" >&2; exit 1; }

# Plainsight's version, the compiler of this build folder, the processor.
print_versions() {
  local compiler
  compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$1/CMakeCache.txt")
  echo "$("$1/plainsight" --version); $("$compiler" --version | head -n 1); $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
}
