#!/usr/bin/env bash
# The ways to build: each is compiled with warnings as errors and passes the tests of the engine and of the
# element, among them those that compare hashes of samples with literals. What it installs, stripped, exports nothing
# more, and GStreamer takes it.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: builds.sh [BUILD...]

Without BUILD all of them, one after the other; --list names them. A name is a compiler, a minus and

O0        without any optimisation
O3        as a release
lto       as a release, optimised over all files at once
hardened  as distributions harden programs, with _FORTIFY_SOURCE=3'

builds=({gcc,clang}-{O0,O3,lto,hardened})

# options_of BUILD: the words for meson setup, one a line.
options_of () {
  case ${1#*-} in
    O0) say -Doptimization=0 ;;
    O3) say --buildtype=release ;;
    lto) printf '%s\n' --buildtype=release -Db_lto=true ;;
    hardened)
      # The level of _FORTIFY_SOURCE that a compiler has built in gives way.
      printf '%s\n' -Doptimization=2 -Db_pie=true \
        '-Dc_args=-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection' \
        '-Dc_link_args=-Wl,-z,relro -Wl,-z,now'
      ;;
  esac
}

# build NAME: clang's objects for link-time optimisation need its own archiver and linker.
build () {
  local name=$1 dir=$root/build-$1 compiler=${1%%-*}
  local -a options=() environment=("CC=$compiler")
  mapfile -t options < <(options_of "$name")
  [ "$name" != clang-lto ] || environment+=(AR=llvm-ar CC_LD=lld)
  [ -f "$dir/build.ninja" ] \
    || env "${environment[@]}" meson setup "$dir" "$root" -Dtests=true -Dwerror=true \
      -Dpipelines=disabled "${options[@]}" || return
  ninja -C "$dir" || return
  env GST_REGISTRY="$dir/registry.bin" CK_TIMEOUT_MULTIPLIER=4 meson test -C "$dir" --no-rebuild -t 4 \
    --print-errorlogs --suite engine --suite gst --suite parity || return
  rm -rf "$dir/installed"
  meson install -C "$dir" --no-rebuild --strip --destdir "$dir/installed" || return
  bash "$root/tests/gst/exports.sh" "$(find "$dir/installed" -name libgstkromo.so)"
}

case ${1:-} in
  -h | --help) say "$usage" && exit ;;
  --list) printf '%s\n' "${builds[@]}" && exit ;;
esac
[ $# -eq 0 ] || builds=("$@")
for name in "${builds[@]}"; do
  [[ $name =~ ^(gcc|clang)-(O0|O3|lto|hardened)$ ]] || die "No such build: $name"$'\n'"$usage"
done

needed=("${packages[@]}")
[[ ${builds[*]} != *clang* ]] || needed+=(clang)
[[ ${builds[*]} != *clang-lto* ]] || needed+=(lld llvm)
need_packages "${needed[@]}"

failed=0
for name in "${builds[@]}"; do
  if quietly "$name" build "$name"; then
    say "$name: passed"
  else
    failed=1
  fi
done
[ "$failed" -eq 0 ]
