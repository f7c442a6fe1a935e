#!/usr/bin/env bash
# Makes the pictures of docs/sounds.md: the waveform and the spectrogram of a dozen sounds. Installs what is
# missing and builds the plugin first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: sounds.sh [DIR]

Writes NAME-wave.png and NAME-spectrum.png for each sound to DIR (default: docs/sounds).'

case ${1:-} in
  -h | --help)
    say "$usage"
    exit 0
    ;;
  -*) die "Unknown option $1"$'\n'"$usage" ;;
esac
output=${1:-$root/docs/sounds}
genomes=$root/tests/data/parity/genomes

need_packages "${packages[@]}"
build_plugin
mkdir -p -- "$output"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# draw NAME PROPERTY=VALUE...: both pictures of one sound, 4 s long.
draw () {
  local name=$1 wav=$scratch/$1.wav
  shift
  render_wav "$wav" "$@"
  python3 "$root/pipelines/lib/waveform.py" "$wav" "$output/$name-wave.png"
  # The lower half of the spectrum, where most of it is.
  quietly "Drawing $name" sox "$wav" -n rate 24k spectrogram -r -x 640 -y 160 -z 90 -o "$output/$name-spectrum.png"
}

draw builtin
for seed in 1 2 3 5 8; do draw "seed-$seed" "seed=$seed"; done
draw ev103 "location=$genomes/ev103_m5_nz.json.gz"
draw ev016 "location=$genomes/ev016_m28.json.gz"
draw ev023 "location=$genomes/ev023_m60.json.gz"
draw ev117 "location=$genomes/ev117_m50_pf.json.gz"
draw ev117-octave-down "location=$genomes/ev117_m50_pf.json.gz" note-delta=-12
draw ev016-standard "location=$genomes/ev016_m28.json.gz" rendering=standard
say "$output"
