#!/usr/bin/env bash
# Installs the Debian packages that Plainsight is built from. Does nothing when they are all there.
#
# usage: scripts/install-packages.sh [--list] [ci] [cross] [bench]
#   (nothing)  what building and testing needs
#   ci         and what .ci/run needs: a second compiler, format check, the benchmarks' library
#   cross      and what scripts/cross-aarch64.sh needs: a compiler for aarch64, QEMU
#   bench      and what the benchmarks compare with
#   --list     installs nothing and prints the packages, one a line
#
# As root, or through sudo, it installs what is missing; otherwise it prints what to ask for and ends with 1.
set -euo pipefail

packages=(g++ cmake ninja-build pkg-config libjpeg62-turbo-dev libstb-dev libutf8proc-dev
  libxxhash-dev zlib1g-dev libssl-dev libcli11-dev nlohmann-json3-dev doctest-dev libeigen3-dev libopenblas-openmp-dev)
list=false
for set in "$@"; do
  case $set in
    --list) list=true ;;
    ci) packages+=(clang libomp-dev clang-format clang-tidy git libbenchmark-dev) ;;
    cross) packages+=(g++-aarch64-linux-gnu qemu-user) ;;
    bench) packages+=(libbenchmark-dev) ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done

if $list; then printf '%s\n' "${packages[@]}" && exit 0; fi

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  echo "install-packages: this is no Debian system. Install the equivalents of these by hand, if you have not:"
  echo "  ${packages[*]}"
  exit 0
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

if [ "$(id -u)" -eq 0 ]; then
  as_root=(env)
elif command -v sudo > /dev/null && { sudo -n true 2> /dev/null || { [ -t 0 ] && [ -z "${CI:-}" ]; }; }; then
  as_root=(sudo env)
else
  cat >&2 << END
install-packages: ${#missing[@]} Debian packages are missing, and only root can install them (no sudo here).
Ask whoever administers this machine to run

  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}

and start this command again.
END
  exit 1
fi

echo "install-packages: installing ${missing[*]}"
apt=("${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${missing[@]}"
