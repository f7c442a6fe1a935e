#!/usr/bin/env bash
# pipelines/render.sh: WAV and FLAC files to the bit, Opus and MP3 by length, level and spectrum; tags; errors.
# packages: flac
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

render=$root/pipelines/render.sh
genome=$data/parity/genomes/ev023_m60.json.gz
stereo=$data/parity/genomes/t42_additive3.json.gz
title=$(gst gst-launch-1.0 -t kromosrc location="$genome" num-buffers=1 ! fakesink \
  | sed -n 's/^ *title: //p' | head -n 1)

# says REGEX STATUS COMMAND...: what it prints has the regular expression in it, and its exit status is this
says () {
  local regex=$1 wanted=$2 status=0
  shift 2
  "$@" >"$scratch/said" 2>&1 || status=$?
  cat "$scratch/said"
  say "exit status $status, wanted $wanted; wanted is: $regex"
  [ "$status" -eq "$wanted" ] && grep -Eq -- "$regex" "$scratch/said"
}

# element_gives FILE FORMAT PROPERTY=VALUE...: what kromosrc renders, without a header; after -- further caps
element_gives () {
  local file=$1 caps="audio/x-raw,format=$2"
  shift 2
  local -a properties=()
  while [ $# -gt 0 ]; do
    case $1 in
      --)
        caps+=,$2
        shift
        ;;
      *) properties+=("$1") ;;
    esac
    shift
  done
  quietly "Rendering" gst gst-launch-1.0 -q kromosrc "${properties[@]}" ! "$caps" ! filesink location="$file"
}

# The samples of a WAV or a FLAC file, by programs that have nothing of GStreamer in them.
samples_of () {
  case $1 in
    *.flac) flac --silent --decode --force --force-raw-format --endian=little --sign=signed -o "$2" "$1" ;;
    *) python3 -c '
import sys
data = open(sys.argv[1], "rb").read()
assert data[:4] == b"RIFF" and data[8:12] == b"WAVE" and int.from_bytes(data[4:8], "little") == len(data) - 8
at = 12
while data[at:at + 4] != b"data":
    at += 8 + int.from_bytes(data[at + 4:at + 8], "little")
size = int.from_bytes(data[at + 4:at + 8], "little")
assert at + 8 + size <= len(data)
open(sys.argv[2], "wb").write(data[at + 8:at + 8 + size])' "$1" "$2" ;;
  esac
}

# is_exact NAME FORMAT BYTES OPTION... -- WHAT THE ELEMENT IS TOLD...
is_exact () {
  local file=$scratch/$1 format=$2 size=$3
  local -a options=()
  shift 3
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  bash "$render" "${options[@]}" "$file" \
    && element_gives "$scratch/wanted.raw" "$format" "$@" \
    && samples_of "$file" "$scratch/got.raw" \
    && [ "$(wc -c <"$scratch/wanted.raw")" -eq "$size" ] \
    && cmp "$scratch/wanted.raw" "$scratch/got.raw"
}

decode () {
  quietly "Decoding" gst gst-launch-1.0 -q filesrc location="$1" ! decodebin ! audioconvert \
    ! audio/x-raw,format=S16LE ! wavenc ! filesink location="$2"
}

# level FILE sinc HZ-HZ: the level of a part of the spectrum, in dB
level () {
  local file=$1
  shift
  LC_ALL=C sox "$file" -n "$@" stat 2>&1 \
    | LC_ALL=C awk '/RMS *amplitude/ { printf "%.2f", 20 * log ($3 + 1e-9) / log (10) }'
}

# sounds_like FILE WANTED MIN MAX: between MIN and MAX frames more, and the level of each octave that is not 30 dB
# below the whole within 1 dB
sounds_like () {
  local decoded=$scratch/decoded.wav more all a b
  decode "$1" "$decoded" || return
  more=$(($(soxi -s "$decoded") - $(soxi -s "$2")))
  all=$(level "$2" sinc 100-11000) # codecs leave out what is below hearing
  say "$more frames more"
  [ "$more" -ge "$3" ] && [ "$more" -le "$4" ] || return
  for f in 125 250 500 1000 2000 4000; do
    a=$(level "$2" sinc "$f-$((2 * f))") b=$(level "$decoded" sinc "$f-$((2 * f))")
    say "$f Hz: $b dB for $a dB"
    awk -v a="$a" -v b="$b" -v all="$all" \
      'BEGIN { d = a - b; exit !(a < all - 30 || (d < 1 && d > -1)) }' || return
  done
}

# The genome has no constant part, which Opus does not keep.
# renders_lossy NAME MIN MAX ENCODER'S-OPTIONS OPTION...: compared with a WAV file with the options
renders_lossy () {
  local name=$1 min=$2 max=$3 encoder=$4
  shift 4
  # shellcheck disable=SC2086 # one word an option
  bash "$render" "$stereo" --seconds 3 "$@" $encoder "$scratch/$name" \
    && bash "$render" -q "$stereo" --seconds 3 "$@" "$scratch/wanted.wav" \
    && sounds_like "$scratch/$name" "$scratch/wanted.wav" "$min" "$max"
}

# has_tags FILE: the title and the comment, as a player sees them
has_tags () {
  bash "$render" "$genome" -n 3 --seconds 1 "$1" || return
  gst gst-launch-1.0 -t filesrc location="$1" ! decodebin ! fakesink >"$scratch/tags"
  cat "$scratch/tags"
  grep -q "title: $title\$" "$scratch/tags" && grep -q "note-delta 3, velocity 1, duration 1 s" "$scratch/tags"
}

says_nothing () {
  bash "$render" --quiet "$genome" "$scratch/quiet.wav" >"$scratch/said" 2>&1
  cat "$scratch/said"
  [ ! -s "$scratch/said" ]
}

# The scan for the peak raises it to full scale, and a softer sound is softer.
options_reach_the_sound () {
  local soft
  bash "$render" "$stereo" --normalize peak --seconds 1 "$scratch/peak.wav" \
    && bash "$render" "$stereo" --volume 0.1 --seconds 1 "$scratch/soft.wav" || return
  soft=$(peak_level "$scratch/soft.wav")
  say "$(peak_level "$scratch/peak.wav"), $soft"
  awk -v peak="$(peak_level "$scratch/peak.wav")" -v soft="$soft" \
    'BEGIN { exit !(peak > 0.999 && soft > 0.01 && soft < 0.11) }'
}

# A failure leaves no file, and an older one as it was.
failure_leaves_what_was () {
  mkdir -p "$scratch/kept"
  echo old >"$scratch/kept/x.wav"
  says "not JSON" 1 bash "$render" "$data/gst/not-json.json" "$scratch/kept/x.wav" || return
  says "not JSON" 1 bash "$render" "$data/gst/not-json.json" "$scratch/kept/y.wav" || return
  [ "$(ls -A "$scratch/kept")" = x.wav ] && [ "$(cat "$scratch/kept/x.wav")" = old ]
}

# A disk that is full, as far as a process can see: no file may be larger than 64 KiB.
full_disk () {
  mkdir -p "$scratch/full"
  says "x.wav: cannot be written: .*File too large" 1 bash -c 'trap "" XFSZ; ulimit -f 64; exec "$@"' - \
    env GST_PLUGIN_PATH="$root/build/gst" GST_REGISTRY_UPDATE=no GST_REGISTRY="$root/build/gst-registry.bin" \
    "$root/build/pipelines/render/kromo-render" --seconds 10 default "$scratch/full/x.wav" || return
  [ -z "$(ls -A "$scratch/full")" ]
}

# 24 h of sound, ended early
interrupted () {
  local child status=0
  mkdir -p "$scratch/early"
  gst exec "$root/build/pipelines/render/kromo-render" --seconds 86400 default "$scratch/early/x.flac" &
  child=$!
  wait_until 10 test -s "$scratch/early/.x.flac.part" || return
  kill -TERM "$child"
  wait "$child" || status=$?
  say "exit status $status"
  ls -A "$scratch/early"
  [ "$status" -eq 143 ] && [ -z "$(ls -A "$scratch/early")" ]
}

says_as_much () {
  pasted files.md "$1" >"$scratch/pasted.sh" || return
  cat "$scratch/pasted.sh"
}

# The page's commands, in a folder that has what they name.
as_in_the_page () {
  says_as_much "$1" || return
  mkdir -p "$scratch/page"
  (cd "$scratch/page" && ln -sfn "$root/pipelines" pipelines && cp -n "$stereo" genome.json \
    && GST_PLUGIN_PATH=$root/build/gst GST_REGISTRY=$root/build/gst-registry.bin bash -e "$scratch/pasted.sh")
}

page_renders () {
  local name
  as_in_the_page render || return
  for name in sound.wav sound.flac sound.opus sound.mp3 low.wav; do
    decode "$scratch/page/$name" "$scratch/decoded.wav" || return
    say "$name: peak $(peak_level "$scratch/decoded.wav")"
    awk -v peak="$(peak_level "$scratch/decoded.wav")" 'BEGIN { exit !(peak > 0.05) }' || return
  done
}

# The page's pipelines for gst-launch-1.0 give the script's files: the same samples.
page_launches () {
  as_in_the_page launch || return
  for name in sound.wav sound.flac; do
    samples_of "$scratch/page/$name" "$scratch/got.raw" \
      && samples_of "$scratch/page/launched-$name" "$scratch/wanted.raw" \
      && [ "$(wc -c <"$scratch/got.raw")" -eq 384000 ] \
      && cmp "$scratch/got.raw" "$scratch/wanted.raw" || return
  done
  cp "$scratch/page/sound.wav" "$scratch/wanted.wav"
  sounds_like "$scratch/page/launched-sound.opus" "$scratch/wanted.wav" 0 0 \
    && sounds_like "$scratch/page/launched-sound.mp3" "$scratch/wanted.wav" 0 3456
}

check "WAV, 16 bit" is_exact a.wav S16LE 384000 "$genome" -- location="$genome"
check "WAV, 24 bit, an octave down, 2 s" is_exact b.wav S24LE 288000 "$genome" --bits 24 -n -12 --seconds 2 \
  -- location="$genome" note-delta=-12 duration=2000000000
check "WAV, float, stereo, 44.1 kHz" is_exact c.wav F32LE 352800 "$stereo" -b 32 --channels 2 --rate 44100 \
  --seconds 1 --velocity 0.7 -- location="$stereo" duration=1000000000 velocity=0.7 -- rate=44100,channels=2
check "FLAC, 16 bit" is_exact a.flac S16LE 384000 "$genome" -- location="$genome"
check "FLAC, 24 bit, stereo, as the standard" is_exact b.flac S24LE 288000 "$stereo" --bits=24 --channels=2 \
  --seconds=1 --rendering=standard --set edge-fade=10000000 \
  -- location="$stereo" duration=1000000000 rendering=standard edge-fade=10000000 -- channels=2
check "FLAC, a file that is whole" flac --silent --test "$scratch/a.flac"
check "a genome of a database, by a URI" is_exact d.wav S16LE 48000 "kromo:random?seed=7&duration=0.5" \
  -- seed=7 duration=500000000
check "Opus" renders_lossy a.opus 0 0 ""
check "Opus, 24 kHz, 48 kbit/s" renders_lossy b.ogg 0 0 "--bitrate 64" --rate 24000
check "MP3" renders_lossy a.mp3 0 3456 ""
check "MP3, 44.1 kHz, stereo" renders_lossy b.mp3 0 3456 "--bitrate 320" --rate 44100 --channels 2
for type in wav flac opus mp3; do
  check "tags, $type" has_tags "$scratch/tagged $type.$type"
done
check "options reach the sound" options_reach_the_sound

check "quiet" says_nothing
check "a failure leaves what was" failure_leaves_what_was
check "a full disk" full_disk
check "interrupted" interrupted
check "no such kind of file" says '"xyz" is not a kind of file' 1 bash "$render" default "$scratch/x.xyz"
check "no extension" says 'is not a kind of file' 1 bash "$render" default "$scratch/x"
check "no such folder" says 'x.wav: cannot be written: No such file' 1 bash "$render" default "$scratch/no/x.wav"
check "a folder in its place" says 'cannot be written: Is a directory' 1 \
  bash -c "mkdir -p '$scratch/folder.wav' && bash '$render' default '$scratch/folder.wav'"
check "a folder of genomes" says 'render-batch.sh renders all' 1 bash "$render" "$data/gst" "$scratch/x.wav"
check "MP3 has two channels at most" says 'mp3 files cannot have 4 channels' 1 \
  bash "$render" --channels 4 default "$scratch/x.mp3"
check "Opus has its rates" says 'opus files cannot have 1 channel at 44100 Hz; Opus has' 1 \
  bash "$render" --rate 44100 default "$scratch/x.opus"
check "bits" says 'flac files have 16 or 24 bits, not 32' 1 bash "$render" -b 32 default "$scratch/x.flac"
check "bit rate" says 'mp3 files have 32, 40.* kbit/s, not 33' 1 bash "$render" -B 33 default "$scratch/x.mp3"
check "a velocity out of range" says '--velocity: "2" is not a number from 0 to 1' 1 \
  bash "$render" --velocity 2 default "$scratch/x.wav"
check "no such property" says '"loudness" is not a property of kromosrc' 1 \
  bash "$render" --set loudness=1 default "$scratch/x.wav"
check "too short a sound" says 'less than one sample' 1 bash "$render" --seconds 0 default "$scratch/x.wav"

# What somebody else has built is taken as it is; what he has not is told in a line.
# shellcheck disable=SC2016 # of that shell
others_build () {
  local -a as_other=()
  [ "$(id -u)" -ne 0 ] || as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  mkdir -p "$scratch/theirs/build/gst"
  cp "$root/pipelines/common.sh" "$scratch/theirs"
  touch "$scratch/theirs/build/build.ninja" "$scratch/theirs/build/gst/libgstkromo.so"
  chmod 755 "$scratch"
  chmod 555 "$scratch/theirs/build"
  as_other+=(bash -euc '. "$0/common.sh"; root=$0; build_program "$1"' "$scratch/theirs")
  says "build cannot be written to, and kromo-x is not in it" 1 "${as_other[@]}" kromo-x || return
  [ "$(wc -l <"$scratch/said")" -eq 1 ] && "${as_other[@]}" gst/libgstkromo.so
}
check "a build of somebody else" others_build

check "the page's commands" page_renders
check "the page's pipelines" page_launches
