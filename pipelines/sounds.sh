#!/usr/bin/env bash
# Makes the pictures of docs/sounds.md: waveform and spectrogram of fifteen sounds. Installs what is missing
# and builds the plugin first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: sounds.sh [DIR]
       sounds.sh --one FILE.png TITLE [PROPERTY=VALUE...]

Writes a PNG file for each sound of docs/sounds.md to DIR (default: docs/sounds), or one picture of whatever
kromosrc plays with these properties (times in nanoseconds).'

genomes=$root/tests/data/parity/genomes
scratch=
pictures=() # for each: the sound, the picture, its title

# picture FILE TITLE PROPERTY=VALUE...
picture () {
  local wav=$scratch/${#pictures[@]}.wav
  [ -w "$(dirname -- "$1")" ] || die "Cannot write to the folder $(dirname -- "$1")"
  pictures+=("$wav" "$1" "$2")
  render_wav "$wav" "${@:3}"
}

# Debian's Python, as the packages are Debian's.
draw () {
  local i
  quietly "Drawing" /usr/bin/python3 "$root/pipelines/sounds/draw.py" "${pictures[@]}" || return
  for ((i = 1; i < ${#pictures[@]}; i += 3)); do say "${pictures[i]}"; done
}

prepare () {
  need_packages "${packages[@]}" python3-matplotlib python3-numpy python3-pil
  build_plugin
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
}

case ${1:-} in
  -h | --help)
    say "$usage"
    exit 0
    ;;
  --one)
    [ $# -ge 3 ] || die "--one needs a file and a title"$'\n'"$usage"
    prepare
    picture "${@:2}"
    draw
    exit
    ;;
  -*) die "Unknown option $1"$'\n'"$usage" ;;
esac
[ $# -le 1 ] || die "Only one folder"$'\n'"$usage"

output=${1:-$root/docs/sounds}
prepare
mkdir -p -- "$output"
# name NAME TITLE PROPERTY=VALUE...; bred NAME TITLE GENOME PROPERTY=VALUE...
name () { picture "$output/$1.png" "${@:2}"; }
bred () { name "$1" "$2" "location=$genomes/$3.json.gz" "${@:4}"; }

name builtin "The built-in genome"
name builtin-20s "The built-in genome, 20 s" duration=20000000000
for seed in 3 5 11 12; do name "seed-$seed" "Random genome, seed $seed" "seed=$seed"; done
bred ev023 "ev023_m60" ev023_m60
bred ev117 "ev117_m50_pf" ev117_m50_pf
bred ev117-octave-down "ev117_m50_pf, note-delta -12" ev117_m50_pf note-delta=-12
bred ev016 "ev016_m28" ev016_m28
bred ev016-standard "ev016_m28, standard rendering" ev016_m28 rendering=standard
bred ev103 "ev103_m5_nz" ev103_m5_nz
bred curve "t53_buffer_playbackRate_curve" t53_buffer_playbackRate_curve
bred additive "t42_additive3" t42_additive3
bred deep "t80_cppn_deep" t80_cppn_deep
draw
