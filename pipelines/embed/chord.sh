#!/usr/bin/env bash
# Plays one genome at several notes at once: a chord from as many kromosrc and one audiomixer.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage='usage: chord.sh [--output FILE.wav] [--seconds S] [--genome FILE] [NOTE-DELTA...]

NOTE-DELTA is in semitones; without any, 0 4 7: a major triad. Together they are as loud as one alone may be.

  --output FILE.wav  write 32 bit float WAV instead of playing
  --seconds S        length (4)
  --genome FILE      a genome file (the built-in one)'

output='' seconds=4 genome=''
notes=()
while [ $# -gt 0 ]; do
  case $1 in
    --output | --seconds | --genome)
      [ $# -ge 2 ] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    -h | --help)
      say "$usage"
      exit 0
      ;;
    *)
      [[ $1 =~ ^-?[0-9]+(\.[0-9]+)?$ ]] || die "A note delta is a number of semitones, not $1"$'\n'"$usage"
      notes+=("$1")
      ;;
  esac
  shift
done
[ "${#notes[@]}" -gt 0 ] || notes=(0 4 7)
[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "--seconds must be a number, not $seconds"
check_genome "$genome"

need_packages "${packages[@]}"
build_plugin

duration=$(LC_ALL=C awk -v s="$seconds" 'BEGIN { printf "%.0f", s * 1e9 }')
volume=$(LC_ALL=C awk -v n="${#notes[@]}" 'BEGIN { printf "%.6f", 1 / n }')
launchable "location=$output" "location=$genome"
voices=()
for note in "${notes[@]}"; do
  voices+=(kromosrc note-delta="$note" duration="$duration" volume="$volume")
  [ -z "$genome" ] || voices+=("${launchable[1]}")
  voices+=(! mix.)
done
if [ -n "$output" ]; then
  sink=(wavenc ! filesink "${launchable[0]}")
else
  sink=(audioconvert ! audioresample ! autoaudiosink)
fi
gst exec gst-launch-1.0 -q -e audiomixer name=mix \
  ! "audio/x-raw,format=F32LE,rate=48000,channels=1" ! "${sink[@]}" "${voices[@]}"
