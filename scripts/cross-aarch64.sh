#!/usr/bin/env bash
# Builds Plainsight for aarch64 on another Debian machine, and runs the tests under QEMU.
#
# usage: scripts/cross-aarch64.sh [--targets "TARGET..."] [CTEST-ARGUMENT...]
#   (nothing)                                      builds everything in build/aarch64 and runs all tests
#   --targets "test_kernels test_ops" -R "kernels|ops"    builds two test programs and runs them
#
# Needs root or sudo only when packages are missing. The arm64 libraries are unpacked into build/aarch64-sysroot; the
# machine's own package database does not change.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
targets=(all)
case ${1:-} in
  --help | -h) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
  --targets) read -ra targets <<< "${2:?--targets wants names}" && shift 2 ;;
esac

sysroot=build/aarch64-sysroot

# apt-get for arm64, with its own lists, status and cache: dpkg --add-architecture would change the whole machine.
apt_arm64() {
  apt-get -q -y -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Sandbox::User=root \
    -o Dir::State="$apt" -o Dir::State::Status="$apt/status" -o Dir::Cache="$apt" "$@"
}

# Fills the sysroot with the arm64 packages named, and everything that they depend on.
make_sysroot() {
  local apt=$PWD/$sysroot.apt package link
  rm -rf "$sysroot" "$apt"
  mkdir -p "$sysroot" "$apt/lists/partial" "$apt/archives/partial"
  touch "$apt/status"  # no package is installed there
  apt_arm64 update
  apt_arm64 install --no-install-recommends --download-only "$@"
  for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$sysroot"; done
  # Links to /lib/... would leave the sysroot.
  find "$sysroot" -type l -lname '/*' -print0 | while IFS= read -r -d '' link; do
    ln -sfrn "$sysroot$(readlink "$link")" "$link"
  done
  # On an installed system these are links that update-alternatives makes.
  if [ -d "$sysroot/usr/lib/aarch64-linux-gnu/openblas-openmp" ]; then
    ln -sf openblas-openmp/libopenblas.so openblas-openmp/libopenblas.so.0 "$sysroot/usr/lib/aarch64-linux-gnu"
  fi
  rm -rf "$apt"
  echo "$*" > "$sysroot/packages"
}

scripts/install-packages.sh cross
mapfile -t libraries < <(scripts/install-packages.sh --list | grep -e '-dev$')
libraries+=(libgomp1 libstdc++6)
[ "$(cat "$sysroot/packages" 2> /dev/null)" = "${libraries[*]}" ] || make_sysroot "${libraries[@]}"

cmake --preset aarch64 --no-warn-unused-cli > /dev/null
cmake --build --preset aarch64 --target "${targets[@]}"
ctest --preset aarch64 "$@"
