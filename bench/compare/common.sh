# Sourced by the comparisons: the error when something is missing, and the line that names versions and machine.

fail() { echo "$(basename "$0"): error: $1" >&2; exit 1; }

# print_versions BUILD: Plainsight's version and build type, its compiler, the processor.
print_versions() {
  cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
  local build=$1
  echo "plainsight $(cached CMAKE_PROJECT_VERSION), $(cached CMAKE_BUILD_TYPE); $("$(cached CMAKE_CXX_COMPILER)" --version | sed -n 1p);" \
    "$(sed -n '/^model name/{s/[^:]*: //p;q}' /proc/cpuinfo)"
}

# same_blas_kernels PROGRAM: all sides use the OpenBLAS kernels that the plain engine chooses. Left to itself, an OpenBLAS
# older than the processor takes its oldest ones.
same_blas_kernels() {
  export OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-$(OPENBLAS_VERBOSE=2 "$1" --version 2>&1 | sed -n 's/^Core: //p' | tail -n 1)}
}
