#!/usr/bin/env bash
# Plays for very long and looks at all that comes. What is printed are the figures; fails if one is bad.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: [VARIABLE=VALUE...] soak.sh

KROMO_SOAK_SECONDS    of sound, as fast as it renders (86400, a day)
KROMO_SOAK_LIVE       seconds of real time, live in chunks of 10 ms (60; 0 leaves it out)
KROMO_SOAK_UNDERRUNS  how many live chunks may take longer than they last (0)
KROMO_SOAK_RUN        what the live run is started by, such as "chrt -f 10" (nothing)
KROMO_SOAK_GENOMES    genome files, one a word (a light one and an evolved one of the test data)
KROMO_BUILD           the build folder (build)

An hour, live, ahead of all else on the machine:
    KROMO_SOAK_SECONDS=0 KROMO_SOAK_LIVE=3600 KROMO_SOAK_RUN="chrt -f 10" tests/soak.sh'

[ $# -eq 0 ] || {
  say "$usage"
  [[ $1 == -h || $1 == --help ]]
  exit
}

build=${KROMO_BUILD:-$root/build}
seconds=${KROMO_SOAK_SECONDS:-86400}
live=${KROMO_SOAK_LIVE:-60}
read -ra run <<<"${KROMO_SOAK_RUN:-}"
data=$root/tests/data
read -ra genomes <<<"${KROMO_SOAK_GENOMES:-$data/gst/tone.json $data/parity/genomes/ev117_m50_pf.json.gz}"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export GST_PLUGIN_PATH=$build/gst GST_REGISTRY=$scratch/registry.bin
[ -x "$build/tests/soak/soak" ] || die "$build/tests/soak/soak is not built; -Dtests=true builds it."

failed=0
for genome in "${genomes[@]}"; do
  name=$(basename "$genome")
  if [ "$seconds" != 0 ]; then
    say "$name, as fast as it renders"
    "$build/tests/soak/soak" --location="$genome" --seconds="$seconds" || failed=1
  fi
  if [ "$live" != 0 ]; then
    say "$name, live"
    "${run[@]}" "$build/tests/soak/soak" --live --location="$genome" --seconds="$live" \
      --max-underruns="${KROMO_SOAK_UNDERRUNS:-0}" || failed=1
  fi
done
exit "$failed"
