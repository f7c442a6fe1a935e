#!/usr/bin/env bash
# Runs every test. Installs what is missing and builds first. The last line is the count.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: run.sh [--quick] [--slow]

--quick  leaves out the sanitizers, valgrind, the fuzzers, clang, the pipelines and the demo
--slow   adds the benchmarks, the long runs of the pipelines, long torture, the soak, static analysis, coverage, all ways
         to build, and all tests under memcheck and the thread sanitizer'

quick=no
slow=no
for option in "$@"; do
  case $option in
    --quick) quick=yes ;;
    --slow) slow=yes ;;
    -h | --help)
      say "$usage"
      exit 0
      ;;
    *) die "Unknown option $option"$'\n'"$usage" ;;
  esac
done

passed=0
failed=0
skipped=0
failures=()
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A registry of our own, so that no plugin but the one just built is remembered.
test_environment=(GST_REGISTRY="$scratch/registry.bin")

# check NAME COMMAND...: one test; its output is shown only when it fails.
check () {
  local name=$1
  if quietly "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    failures+=("$name")
    return 1
  fi
}

skip () {
  say "skipped: $*"
  skipped=$((skipped + 1))
}

# configure DIR -DOPTION=VALUE...: a build folder with these options, whatever it had before.
configure () {
  local dir=$1 changed
  shift
  [ -f "$dir/build.ninja" ] || { setup_build "$dir" "$@" && return || return; }
  changed=$(python3 - "$dir" "$@" <<'PY'
import json, sys
with open(sys.argv[1] + "/meson-info/intro-buildoptions.json") as f:
    now = {o["name"]: str(o["value"]) for o in json.load(f)}
for option in sys.argv[2:]:
    name, _, value = option[2:].partition("=")
    if now.get(name, "").lower() != value:
        print(option)
PY
  ) || return
  # shellcheck disable=SC2086 # one word an option
  [ -z "$changed" ] || meson configure "$dir" $changed
}

# build DIR OPTION...: configures and compiles everything.
build () {
  configure "$@" && ninja -C "$1"
}

# count NAME LOG: adds up the tests in meson's log, TAP subtests and GStreamer's checks one by one.
count () {
  local name=$1 log=$2 p f s line
  python3 - "$name" "$log" >"$scratch/count" <<'PY' || true
import json, re, sys

def result_of(test):
    """(passed, failed, skipped, names of what failed) of one program."""
    out, result, counts, names = test.get("stdout") or "", test["result"], [0, 0, 0], []
    for bad, rest in re.findall(r"^(not )?ok\b(.*)$", out, re.M):
        which = 2 if re.search(r"#\s*(skip|todo)", rest, re.I) else 1 if bad else 0
        counts[which] += 1
        if which == 1:
            names.append(re.sub(r"^[\s\d-]*", "", rest))
    for checks, failures, errors in re.findall(r"Checks: (\d+), Failures: (\d+), Errors: (\d+)", out):
        bad = int(failures) + int(errors)
        counts[0] += int(checks) - bad
        counts[1] += bad
    good = result in ("OK", "EXPECTEDFAIL")
    if result == "SKIP" and not any(counts):
        counts[2] = 1
    elif not good and result != "SKIP" and not counts[1]:
        counts[1] = 1
        names.append(result.lower())
    elif good and not any(counts):
        counts[0] = 1
    return counts, names

total, failures = [0, 0, 0], []
title, path = sys.argv[1:]
with open(path) as f:
    for test in map(json.loads, f):
        counts, names = result_of(test)
        total = [a + b for a, b in zip(total, counts)]
        if counts[1]:
            failures.append("%s: %s%s" % (title, test["name"], "".join(", " + n for n in names)))
            print("---- %s (%s)" % (failures[-1], test["result"]), file=sys.stderr)
            for stream in "stdout", "stderr":
                text = (test.get(stream) or "").splitlines()[-100:]
                print("\n".join(text), file=sys.stderr)
print(*total)
print(*failures, sep="\n", end="\n" if failures else "")
PY
  if ! read -r p f s <"$scratch/count"; then
    failed=$((failed + 1))
    failures+=("$name: unreadable test log")
    return 0
  fi
  say "$name: $p passed, $f failed, $s skipped, after $SECONDS s"
  passed=$((passed + p))
  failed=$((failed + f))
  skipped=$((skipped + s))
  while read -r line; do failures+=("$line"); done < <(tail -n +2 "$scratch/count")
}

# run_meson DIR ARGUMENT...: runs meson's tests in a build folder; its log is there afterwards.
run_meson () {
  local dir=$1
  shift
  rm -f "$dir/meson-logs/${log_name:-testlog}.json"
  env "${test_environment[@]}" meson test -C "$dir" --no-rebuild "$@" </dev/null
}

# count_meson NAME DIR OUTPUT: adds up what run_meson did.
count_meson () {
  local log=$2/meson-logs/${log_name:-testlog}.json
  if [ -f "$log" ]; then
    count "$1" "$log"
  else
    tail -n 50 "$3" >&2
    failed=$((failed + 1))
    failures+=("$1: no tests")
  fi
}

# meson_test NAME DIR ARGUMENT...: both.
meson_test () {
  local name=$1 dir=$2
  shift 2
  run_meson "$dir" "$@" >"$scratch/output" 2>&1 || true
  count_meson "$name" "$dir" "$scratch/output"
}

# sources: the C files of the project, each ended by a NUL.
sources () (
  cd "$root" || exit
  if ! git ls-files -z -- engine gst tests pipelines >"$scratch/tracked" 2>/dev/null; then
    find engine gst tests pipelines -type f -print0 >"$scratch/tracked"
  fi
  mapfile -d '' -t files <"$scratch/tracked"
  for file in "${files[@]}"; do
    [[ $file == *.[ch] && -f $file ]] && printf '%s\0' "$file"
  done
  exit 0
)

format_check () {
  sources | (cd "$root" && xargs -0 -r clang-format --dry-run --Werror --ferror-limit=3)
}

# The demo as a newcomer runs it, in a folder with a space in its name.
demo () {
  mkdir -p "$scratch/a folder" \
    && (cd "$scratch/a folder" && bash "$root/pipelines/demo.sh" --no-play --output "the demo")
}

# 4 s of 16 bit mono at 48 kHz
demo_length () {
  [ "$(soxi -s "$1") $(soxi -r "$1") $(soxi -c "$1") $(soxi -b "$1")" = "192000 48000 1 16" ] \
    || { soxi "$1"; return 1; }
}

demo_level () {
  local level
  level=$(peak_level "$1")
  say "peak level $level"
  LC_ALL=C awk -v level="$level" 'BEGIN { exit !(level > 0.02) }'
}

demo_picture () {
  [ "$(head -c 4 "$1" | tail -c 3)" = PNG ] && [ "$(wc -c <"$1")" -gt 5000 ]
}

# ---- what is needed

wanted=("${packages[@]}" clang-format)
[ "$quick" = yes ] || wanted+=(clang libclang-rt-14-dev valgrind)
need_packages "${wanted[@]}" || {
  failed=$((failed + 1))
  failures+=("installing packages")
}

# Parity data beside the project is used when no other is given.
if [ -z "${KROMO_PARITY_DATA:-}" ] && [ -f "$root/../shared/parity/index.json" ]; then
  KROMO_PARITY_DATA=$(cd "$root/../shared/parity" && pwd -P)
  export KROMO_PARITY_DATA
fi

# ---- the tests

if check "build" build "$root/build" -Dtests=true -Dwerror=true; then
  meson_test "tests" "$root/build" --no-suite pipelines
  [ "$slow" = no ] || meson_test "benchmarks" "$root/build" --benchmark
fi

# The parity data comes with a script of its own, which goes through the element.
if [ -f "${KROMO_PARITY_DATA:-}/check.py" ]; then
  check "parity through the element" env "${test_environment[@]}" \
    python3 "$KROMO_PARITY_DATA/check.py" --plugins "$root/build/gst" || true
else
  skip "parity through the element: KROMO_PARITY_DATA is not set"
fi

# Versions of clang-format differ in what they make of the same style.
if [[ $(clang-format --version 2>/dev/null) != *" 14."* ]]; then
  skip "format: needs clang-format 14"
else
  check "format" format_check || true
fi

sanitizers () {
  local leaks=0
  check "sanitizer build" build "$root/build-asan" -Dtests=true -Dpipelines=disabled \
    -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=2 || return 0
  # It cannot look for leaks where processes may not be traced.
  if ASAN_OPTIONS=detect_leaks=1 runs_with -fsanitize=address; then leaks=1; fi
  # Only programs that have the sanitizer in them can load the plugin: no scanner, no parity script.
  # Leaks are looked for in the engine; GStreamer keeps too much of its own until the end.
  local -a test_environment=(
    -u KROMO_PARITY_DATA G_SLICE=always-malloc
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS="detect_leaks=$leaks"
  )
  know_plugins "$root/build-asan/tests/gst/registry.bin"
  meson_test "tests, sanitizers" "$root/build-asan" -t 4 --suite engine
  test_environment+=(ASAN_OPTIONS=detect_leaks=0 KROMO_TORTURE_CHANGES=500 KROMO_SEEKS=8)
  meson_test "element, sanitizers" "$root/build-asan" -t 4 --suite gst
}

build_torture () {
  configure "$1" -Dtests=true -Db_sanitize=thread -Db_lundef=false \
    && ninja -C "$1" gst/libgstkromo.so tests/gst/test-gst-torture tests/gst/test-gst-threads
}

# GLib's slices would hide from the sanitizers that memory was freed; the order of GStreamer's own locks is
# not ours to judge.
torture_threads () {
  local -a test_environment=(
    CK_FORK=no G_SLICE=always-malloc KROMO_TORTURE_CHANGES=800
    TSAN_OPTIONS=detect_deadlocks=0
  )
  run_meson "$root/build-tsan" -t 4 gst-torture gst-threads
}

# Fewer state changes: everything is some thirty times slower. It does not know of AVX-512, so the kernels
# are those for AVX2 or the plain ones.
torture_memory () {
  local -a test_environment=(
    G_SLICE=always-malloc KROMO_TORTURE_CHANGES=120
    CK_TIMEOUT_MULTIPLIER=5
  )
  local log_name=testlog-valgrind
  run_meson "$root/build" -t 4 gst-torture --wrapper \
    "valgrind -q --fair-sched=try --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite --num-callers=30 --suppressions='$root/tests/valgrind/suppressions.supp'"
}

# State changes, seeks, queries and property writes at once, watched in two ways; each of them waits more
# than it works.
torture () {
  local threads=no
  if ! runs_with -fsanitize=thread; then
    skip "torture, thread sanitizer: it does not run here"
  elif check "thread sanitizer build" build_torture "$root/build-tsan"; then
    threads=yes
    know_plugins "$root/build-tsan/tests/gst/registry.bin"
    torture_threads >"$scratch/output-threads" 2>&1 &
  fi
  torture_memory >"$scratch/output-memory" 2>&1 || true
  wait
  log_name=testlog-valgrind count_meson "torture, valgrind" "$root/build" "$scratch/output-memory"
  [ "$threads" = no ] \
    || count_meson "torture, thread sanitizer" "$root/build-tsan" "$scratch/output-threads"
}

# Every variant with ten thousand state changes, and a day of sound.
long_runs () {
  local -x KROMO_TORTURE_CHANGES=10000 CK_TIMEOUT_MULTIPLIER=15
  meson_test "torture, long" "$root/build" -t 20 gst-torture
  check "soak" "$root/tests/soak.sh" || true
}

# thorough SCRIPT [PART]: a script beside this one, as one test. It says by exit status 77 that this machine cannot run it.
thorough () {
  local status=0
  "$root/tests/$1.sh" "${@:2}" </dev/null >"$scratch/output" 2>&1 || status=$?
  case $status in
    0)
      passed=$((passed + 1))
      say "$*: passed, after $SECONDS s"
      ;;
    77) skip "$*: $(tail -n 1 "$scratch/output")" ;;
    *)
      failed=$((failed + 1))
      failures+=("$*")
      tail -n 200 "$scratch/output" >&2
      ;;
  esac
}

thorough_runs () {
  local part
  for part in $("$root/tests/lint.sh" --list); do thorough lint "$part"; done
  thorough coverage
  for part in $("$root/tests/builds.sh" --list); do thorough builds "$part"; done
  thorough cross
  thorough memcheck
  thorough threads
}

# A fixed number of executions from a fixed seed.
fuzzers () {
  local target
  for target in $("$root/tests/fuzz.sh" --list); do thorough fuzz --fixed "$target"; done
}

# The tests that compare bits; builds.sh runs all of them.
clang_build () {
  CC=clang check "clang build" build "$root/build-clang" -Dtests=true -Dwerror=true || return 0
  meson_test "tests, clang" "$root/build-clang" bits cppn fpmode instruction-sets kernels math ops parity
}

# What a pipeline's test needs beyond the build, from its own line.
pipeline_packages () {
  sed -n 's/^# packages: //p' "$root"/tests/pipelines/*.sh | tr ' ' '\n' | sort -u
}

build_again () {
  meson setup --reconfigure "$root/build" && ninja -C "$root/build"
}

pipelines () {
  local -a needed
  mapfile -t needed < <(pipeline_packages)
  if [ "${#needed[@]}" -gt 0 ] && ! need_packages "${needed[@]}"; then
    failed=$((failed + 1))
    failures+=("installing what the pipelines need")
    return 0
  fi
  # Their programs are built where what they need is there, which it may not have been before.
  check "build of the pipelines" build_again || return 0
  [ "$slow" = no ] || local -x KROMO_SLOW=1
  # They wait more than they work.
  meson_test "pipelines" "$root/build" --suite pipelines --num-processes $((2 * $(nproc))) \
    -t "$([ "$slow" = yes ] && echo 20 || echo 1)"
}

demo_checks () {
  local wav="$scratch/a folder/the demo/kromo-demo.wav"
  check "demo" demo || return 0
  check "demo: length" demo_length "$wav" || true
  check "demo: level" demo_level "$wav" || true
  check "demo: picture" demo_picture "${wav%.wav}.png" || true
}

if [ "$quick" = no ]; then
  sanitizers
  torture
  fuzzers
  clang_build
  pipelines
  demo_checks
fi

if [ "$slow" = yes ]; then
  long_runs
  thorough_runs
fi

# ---- the result

for name in "${failures[@]}"; do say "FAILED: $name"; done
if [ $((passed + failed)) -eq 0 ]; then
  say "Nothing ran."
fi
say "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
