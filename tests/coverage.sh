#!/usr/bin/env bash
# How many lines of engine/ and gst/ the tests of the engine and of the element reach, by gcov.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: coverage.sh [LEAST]

Prints for engine/, gst/ and their folders the share of lines reached, then the lines that were not.
Fails where engine/ or gst/ is below LEAST per cent (95 when not given).'

case ${1:-} in
  -h | --help) say "$usage" && exit ;;
esac
least=${1:-95}
[[ $least =~ ^[0-9]+$ ]] || die "Not a percentage: $least"$'\n'"$usage"

dir=$root/build-coverage
need_packages "${packages[@]}" gcovr

# Counters that threads share must not lose counts. Without optimisation a line is a line.
run () {
  setup_build "$dir" -Dtests=true -Dpipelines=disabled -Db_coverage=true -Doptimization=0 -Dc_args=-fprofile-update=atomic \
    && ninja -C "$dir" || return
  find "$dir" -name '*.gcda' -delete
  env GST_REGISTRY="$dir/registry.bin" CK_TIMEOUT_MULTIPLIER=10 \
    meson test -C "$dir" --no-rebuild -t 10 --print-errorlogs --suite engine --suite gst --suite parity
}

quietly "The tests" run
gcovr --root "$root" --object-directory "$dir" --filter "$root/engine/" --filter "$root/gst/" \
  --json "$dir/coverage.json" >/dev/null
python3 - "$dir/coverage.json" "$least" <<'PY'
import collections, itertools, json, sys

with open(sys.argv[1]) as f:
    files = json.load(f)["files"]
least = float(sys.argv[2])
counts = collections.defaultdict(lambda: [0, 0])
missed = {}
for file in files:
    lines = collections.defaultdict(int)  # a line of a header or a kernel is compiled more than once
    for line in file["lines"]:
        if not line.get("gcovr/noncode"):
            lines[line["line_number"]] += line["count"]
    folders = file["file"].split("/")[:-1]
    for depth in range(1, len(folders) + 1):
        count = counts["/".join(folders[:depth]) + "/"]
        count[0] += sum(n > 0 for n in lines.values())
        count[1] += len(lines)
    missed[file["file"]] = sorted(n for n, count in lines.items() if count == 0)

def percent(count):
    return 100.0 * count[0] / count[1]

print("%-22s %6s %6s %6s" % ("", "lines", "missed", "%"))
for folder, count in sorted(counts.items()):
    print("%-22s %6d %6d %6.1f" % (folder, count[1], count[1] - count[0], percent(count)))
print("\nNot reached:")
for name, lines in sorted(missed.items()):
    ranges = []
    for _, run in itertools.groupby(enumerate(lines), lambda item: item[1] - item[0]):
        run = [line for _, line in run]
        ranges.append("%d-%d" % (run[0], run[-1]) if len(run) > 1 else str(run[0]))
    if ranges:
        print("%s: %s" % (name, ", ".join(ranges)))
low = [folder for folder in ("engine/", "gst/") if percent(counts[folder]) < least]
for folder in low:
    print("%s is below %g %%" % (folder, least), file=sys.stderr)
sys.exit(bool(low))
PY
