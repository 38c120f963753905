# SPDX-License-Identifier: BSD-3-Clause
#
# Shared by the tools: where the repository is, and how its needs are met. To be sourced.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What a build needs, and what the tests need besides.
build_packages=(g++ cmake ninja-build pkg-config libunicorn-dev libcapstone-dev libspdlog-dev libfmt-dev libcli11-dev
  nlohmann-json3-dev libdw-dev libelf-dev python3 u-boot-tools gcc-arm-none-eabi libnewlib-arm-none-eabi libstdc++-arm-none-eabi-newlib)
qemu_packages=(qemu-system-arm)
test_packages=(libgtest-dev libgmock-dev python3-jsonschema "${qemu_packages[@]}" gdb-multiarch clang clang-tidy clang-format libclang-rt-dev git)

# need PACKAGE... : install what is missing, with apt, as root or by sudo. Silent when nothing is.
need() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "missing packages, and neither root nor sudo to install them: ${missing[*]}" >&2; exit 2; }
    as_root=(sudo)
  fi
  echo "installing: ${missing[*]}" >&2
  local log
  log=$(mktemp)
  # A package list that is too old names versions that are gone, so it is always brought up to date first.
  if ! { "${as_root[@]}" apt-get update -qq && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "apt could not install: ${missing[*]}" >&2
    exit 2
  fi
  rm -f "$log"
}

# build PRESET [TARGET...] : configure once, build what changed; says nothing unless something fails.
build() {
  local preset=$1
  shift
  local log=$root/build/$preset.log targets=()
  mkdir -p "$root/build"
  [ $# -eq 0 ] || targets=(--target "$@")
  if [ ! -f "$root/build/$preset/build.ninja" ]; then
    echo "configuring build/$preset" >&2
    (cd "$root" && cmake --preset "$preset") >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
    echo "building build/$preset (the first time takes a few minutes)" >&2
  fi
  (cd "$root" && cmake --build --preset "$preset" "${targets[@]}" -- --quiet) >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
