#!/usr/bin/env bash
# The tests of the engine and of the element under gcc's thread sanitizer.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: threads.sh [TEST...]

Without TEST all but those that have nothing to do with threads. GLib and GStreamer are those of the system, without the sanitizer in them:
tests/tsan/ordering.c tells it what they order, tests/tsan/reports.c which of its reports are about us.
Exit status 77: the sanitizer does not run on this machine.'

case ${1:-} in
  -h | --help) say "$usage" && exit ;;
esac
tests=("$@")
left_out=(hostile info) # what they look at happens in other processes, of one thread

dir=$root/build-tsan
need_packages "${packages[@]}"

compile () {
  setup_build "$dir" -Dtests=true -Dpipelines=disabled -Db_sanitize=thread -Db_lundef=false \
    && ninja -C "$dir"
}

# In one process a program, which is what the sanitizer can follow. GLib's slices would hide that memory was
# freed; the order of GStreamer's own locks is not ours to judge.
run () {
  know_plugins "$dir/tests/gst/registry.bin"
  [ "${#tests[@]}" -gt 0 ] \
    || mapfile -t tests < <(tests_of "$dir" engine "${left_out[@]}" && tests_of "$dir" gst "${left_out[@]}")
  env CK_FORK=no G_SLICE=always-malloc KROMO_SEEKS=8 TSAN_OPTIONS=detect_deadlocks=0 CK_TIMEOUT_MULTIPLIER=10 \
    meson test -C "$dir" --no-rebuild -t 10 --print-errorlogs "${tests[@]}"
}

runs_with -fsanitize=thread || cannot "the thread sanitizer does not run here"
quietly "Building" compile
quietly "Tests" run
say "passed"
