#!/usr/bin/env bash
# The tests of the engine and of the element under valgrind's memcheck: no access to memory that is not there, no decision
# on a value that nobody set, and in the end no memory that nobody points to.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: memcheck.sh [--list | TEST...]

Without TEST all but those that it has nothing to say about; --list names them. What it may find in GLib and
GStreamer is in tests/valgrind/suppressions.supp. It has no AVX-512: the kernels are those for AVX2.
Exit status 77: there is no valgrind on this machine.'

# Programs that are left out:
left_out=(
  fpmode                                               # flags and flushing to zero, of which it has none
  math                                                 # errors, seen by long doubles of 80 bits; no memory
  gst-exports                                          # a script
  hostile info                                         # what they look at happens in other processes
  no-memory gst-no-memory                              # stand in for malloc, as it does
  gst-{live,live-pipelines,pacing,stalls,backpressure} # measure time, or memory as malloc sees it
  random seek                                          # hours; the same code as in others, with more genomes
)
# Tests of others that are: those that need a long double of 80 bits, that flush to zero, that count allocations.
skipped=(
  /cppn/kernels/exp
  /graph/flush-to-zero /levels/denormals /threads/environment
  /renderer/allocations /take-over/allocations
)

dir=$root/build

build () {
  setup_build "$dir" -Dtests=true && ninja -C "$dir"
}

# run ARGUMENT...: fewer state changes and seeks, as everything is some thirty times slower. One process a program: where each test
# has its own, most of the time goes into looking for leaks. The programs that count allocations define malloc.
run () {
  local memcheck=(
    valgrind -q --fair-sched=try --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite
    --num-callers=30 --soname-synonyms=somalloc=NONE "--suppressions='$root/tests/valgrind/suppressions.supp'"
  )
  env CK_FORK=no G_SLICE=always-malloc KROMO_TORTURE_CHANGES=250 KROMO_SEEKS=8 CK_TIMEOUT_MULTIPLIER=30 \
    meson test -C "$dir" --no-rebuild -t 30 --print-errorlogs --logbase testlog-memcheck \
    --wrapper "${memcheck[*]}" "$@"
}

case ${1:-} in
  -h | --help) say "$usage" && exit ;;
esac
need_packages "${packages[@]}" valgrind || true
need_programs valgrind
quietly "Building" build
mapfile -t engine < <(tests_of "$dir" engine "${left_out[@]}" | grep -v '^fuzz-')
mapfile -t others < <(
  tests_of "$dir" engine "${left_out[@]}" | grep '^fuzz-'
  tests_of "$dir" gst "${left_out[@]}"
)
if [ "${1:-}" = --list ]; then
  printf '%s\n' "${engine[@]}" "${others[@]}"
  exit
elif [ $# -gt 0 ]; then
  quietly "Tests" run "$@"
else
  failed=0
  quietly "Tests of the engine" run "${engine[@]}" --test-args "${skipped[*]/#/-x }" || failed=1
  quietly "Tests of the element" run "${others[@]}" || failed=1
  [ "$failed" -eq 0 ] || exit 1
fi
say "passed"
