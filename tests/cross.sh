#!/usr/bin/env bash
# Builds for 64 bit ARM and runs the tests of the engine and of the element in an emulator: the samples must
# have the same hashes as on any other machine.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: cross.sh [TEST...]

Without TEST the tests of the engine and of the element that are not about how time passes. What is
needed from the other architecture goes into build-aarch64-root/ (0.6 GB), not into the system.
Exit status 77: this machine has no cross compiler or emulator.'

case ${1:-} in
  -h | --help) say "$usage" && exit ;;
esac
tests=("$@")

dir=$root/build-aarch64
sysroot=$root/build-aarch64-root
# Those that are not about how time passes: an emulator is slow, and not evenly.
element_tests=(gst-{database,decoder,formats,kromosrc,presets,properties,scenarios,sound,typefind,uri})
triplet=aarch64-linux-gnu

# The packages are unpacked and not set up, so that nothing of the other architecture runs.
fetch () {
  [ ! -f "$sysroot/complete" ] || return 0
  local list
  rm -rf "$sysroot"
  list=$(IFS=, && say "$*")
  mmdebstrap --mode="$([ "$(id -u)" -eq 0 ] && say root || say unshare)" --variant=extract \
    --architectures=arm64 --include="$list" bookworm "$sysroot" && touch "$sysroot/complete"
}

configure () {
  [ ! -f "$dir/build.ninja" ] || return 0
  mkdir -p "$dir"
  cat >"$dir/cross.ini" <<EOF
[constants]
root = '$sysroot'

[binaries]
c = ['$triplet-gcc', '--sysroot=' + root]
ar = '$triplet-ar'
strip = '$triplet-strip'
pkgconfig = 'pkg-config'
glib-compile-resources = 'glib-compile-resources'
exe_wrapper = ['qemu-aarch64-static', '-L', root]

[properties]
sys_root = root
pkg_config_libdir = root + '/usr/lib/$triplet/pkgconfig:' + root + '/usr/share/pkgconfig'

[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'aarch64'
endian = 'little'
EOF
  meson setup "$dir" "$root" --cross-file "$dir/cross.ini" -Dtests=true -Dwerror=true
}

compile () {
  configure && ninja -C "$dir"
}

run () {
  CK_TIMEOUT_MULTIPLIER=40 meson test -C "$dir" --no-rebuild -t 40 --print-errorlogs "$@"
}

need_packages "${packages[@]}" mmdebstrap gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static || true
need_programs mmdebstrap "$triplet-gcc" qemu-aarch64-static
quietly "Fetching what is needed of arm64" fetch libc6-dev libgcc-12-dev libglib2.0-dev libjson-glib-dev \
  libsqlite3-dev libkissfft-dev libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev \
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good
quietly "Building" compile
if [ "${#tests[@]}" -gt 0 ]; then
  quietly "Tests" run "${tests[@]}"
else
  mapfile -t tests < <(tests_of "$dir" engine hostile)
  quietly "Tests of the engine" run "${tests[@]}"
  quietly "Tests of the element" run "${element_tests[@]}"
fi
say "passed"
