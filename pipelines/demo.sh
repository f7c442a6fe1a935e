#!/usr/bin/env bash
# Renders the built-in genome to a WAV file and a spectrogram, and plays it where there is a sound
# device. Installs what is missing and builds the plugin first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: demo.sh [--no-play] [--output DIR] [GENOME]

Writes kromo-demo.wav and kromo-demo.png to DIR (default: the current folder).
GENOME is a genome file: JSON, gzipped JSON or a genome database. Without it the built-in one plays.'

play=yes
output=.
genome=
while [ $# -gt 0 ]; do
  case $1 in
    --no-play) play=no ;;
    --output)
      [ $# -ge 2 ] || die "--output needs a folder"
      output=$2
      shift
      ;;
    --output=*) output=${1#--output=} ;;
    -h | --help)
      say "$usage"
      exit 0
      ;;
    -*) die "Unknown option $1"$'\n'"$usage" ;;
    *)
      [ -z "$genome" ] || die "Only one genome at a time"$'\n'"$usage"
      genome=$1
      ;;
  esac
  shift
done
check_genome "$genome"

need_packages "${packages[@]}"
build_plugin

properties=()
[ -z "$genome" ] || properties+=("location=$genome")
mkdir -p -- "$output"
output=$(cd -- "$output" && pwd)
wav=$output/kromo-demo.wav
png=$output/kromo-demo.png
render_wav "$wav" "${properties[@]}"
quietly "Drawing the spectrogram" sox "$wav" -n spectrogram -o "$png" -t "${genome:-The built-in genome}" -c ""

say "$wav"
say "$png"
say "length $(soxi -D "$wav") s, $(soxi -r "$wav") Hz, peak level $(peak_level "$wav")"

[ "$play" = yes ] || exit 0
sound=$(sound_package)
if [ -z "$sound" ]; then
  say "No sound device here, so nothing is played."
  exit 0
fi
need_packages "$sound" || exit 0
say "Playing"
launchable "${properties[@]}"
quietly "Playing" gst gst-launch-1.0 -q kromosrc "${launchable[@]}" \
  ! audioconvert ! audioresample ! autoaudiosink \
  || say "The sound device could not be used; the WAV file is complete."
