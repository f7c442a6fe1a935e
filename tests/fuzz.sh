#!/usr/bin/env bash
# Fuzzing: the targets of tests/fuzz with clang's libFuzzer, address and undefined behaviour sanitizers.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: fuzz.sh [--minutes N | --fixed | --merge] [TARGET...]

Without TARGET all of them, one after the other; --list names them. Each starts from the files in tests/data/fuzz.

--minutes N  N minutes of processor time each (60). Inputs that reach new code are kept in build-fuzz/corpus/TARGET,
             from where the next time goes on. A target ends at its first finding, which is then in build-fuzz/findings/.
--fixed      the same each time: a number of executions from a fixed seed, KROMO_FUZZ_FACTOR (1) times as many; nothing is
             kept
--merge      of what is kept in build-fuzz/corpus, the fewest files that reach all that it reaches go into tests/data/fuzz
Exit status 77: a target was not built, as a library that it needs is not there.'

targets=(genome database render uri element message websocket)
minutes=60
how=for_minutes
while [[ ${1:-} == -* ]]; do
  case $1 in
    --minutes) integer minutes "${2:-}" 1 100000 && minutes=$2 && shift ;;
    --fixed) how=fixed ;;
    --merge) how=merge ;;
    --list) printf '%s\n' "${targets[@]}" && exit ;;
    -h | --help) say "$usage" && exit ;;
    *) die "Unknown option $1"$'\n'"$usage" ;;
  esac
  shift
done
for target in "$@"; do
  [[ " ${targets[*]} " == *" $target "* ]] || die "No such target: $target"$'\n'"$usage"
done
[ $# -eq 0 ] || targets=("$@")

dir=$root/build-fuzz
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The WebSocket server's libraries are those of two targets.
need_packages "${packages[@]}" clang libclang-rt-14-dev libsoup-3.0-dev libgstreamer-plugins-base1.0-dev || true

compile () {
  CC=clang setup_build "$dir" -Dtests=true -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false \
    -Doptimization=1 && ninja -C "$dir" gst/libgstkromo.so fuzzers
}

# run TARGET OPTION-OR-FOLDER...: adds to the first folder.
run () {
  local target=$1
  mkdir -p "$dir/findings"
  env G_SLICE=always-malloc GST_PLUGIN_PATH="$dir/gst" GST_REGISTRY="$dir/registry.bin" GST_REGISTRY_FORK=no \
    KROMO_TEST_DATA="$root/tests/data" UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=0 \
    "$dir/tests/fuzz/fuzz-$target" -timeout=60 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$dir/findings/$target-" "${@:2}"
}

# executions TARGET: of a fixed run. All targets together take some 40 s.
executions () {
  local -A count=(
    [genome]=20000 [database]=2000 [render]=1500 [uri]=40000 [element]=60 [message]=20000 [websocket]=300
  )
  local -a seeds=("$root/tests/data/fuzz/$1"/*) # which libFuzzer counts as well
  say $((count[$1] * ${KROMO_FUZZ_FACTOR:-1} + ${#seeds[@]}))
}

run_fixed () {
  mkdir -p "$scratch/$1"
  quietly "$1" run "$1" -seed=1 -runs="$(executions "$1")" "$scratch/$1" "$root/tests/data/fuzz/$1"
}

run_merge () {
  mkdir -p "$dir/corpus/$1"
  quietly "$1" run "$1" -set_cover_merge=1 "$root/tests/data/fuzz/$1" "$dir/corpus/$1"
}

# run_for_minutes TARGET: until it has had them, as near as is worth another start. Some targets wait more than they work.
run_for_minutes () {
  local target=$1 used=0 executions=0 left count edges status user system TIMEFORMAT='%0U %0S'
  mkdir -p "$dir/corpus/$target"
  while left=$((minutes * 60 - used)) && [ "$left" -gt $((minutes * 2)) ]; do
    status=0
    { time run "$target" -max_total_time="$left" "$dir/corpus/$target" "$root/tests/data/fuzz/$target" \
      </dev/null >"$scratch/output" 2>&1; } 2>"$scratch/time" || status=$?
    read -r user system <"$scratch/time"
    used=$((used + user + system + 1))
    count=$(sed -n 's/^stat::number_of_executed_units: *//p' "$scratch/output")
    executions=$((executions + ${count:-0}))
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$scratch/output" | tail -n 1)
    [ "$status" -eq 0 ] || break
  done
  [ "$status" -eq 0 ] || tail -n 100 "$scratch/output" >&2
  say "$target: $used s of processor time, $executions executions, ${edges:-0} edges$([ "$status" -eq 0 ] || say ", a finding")"
  return "$status"
}

quietly "Building" compile
# Programs without the sanitizers cannot load the plugin, and those with them look for new ones by themselves.
[ -f "$dir/registry.bin" ] || know_plugins "$dir/registry.bin"
result=0
for target in "${targets[@]}"; do
  if [ ! -x "$dir/tests/fuzz/fuzz-$target" ]; then
    complain "$target is not built, as a library that it needs is not there"
    [ "$result" -ne 0 ] || result=77
  else
    "run_$how" "$target" || result=1
  fi
done
[ "$result" -eq 0 ] || exit "$result"
