#!/usr/bin/env bash
# Makes the README's picture: the spectrogram of the built-in genome.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case $#:${1:-} in
  1:-*) die "usage: picture.sh [FILE.png], by default docs/builtin.png" ;;
  [01]:*) file=${1:-$root/docs/builtin.png} ;;
  *) die "Only one file" ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

need_packages "${packages[@]}"
build_plugin
render_wav "$scratch/builtin.wav"
# 24 kHz: the upper octave of a 48 kHz spectrogram is mostly empty.
quietly "Drawing the spectrogram" sox "$scratch/builtin.wav" -n rate 24k \
  spectrogram -o "$file" -x 900 -y 257 -z 90 -w Kaiser -t "The built-in genome" -c ""
say "$file"
