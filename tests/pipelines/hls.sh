#!/usr/bin/env bash
# pipelines/hls.sh: playlists against what their segments hold, and what players make of them.
# packages: gstreamer1.0-plugins-bad gstreamer1.0-libav ffmpeg curl chromium
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/sound.sh
. "$(dirname "${BASH_SOURCE[0]}")/sound.sh"

genome=$data/parity/genomes/ev023_m60.json.gz
tests=$root/tests/pipelines

hls () { timeout 60 bash "$root/pipelines/hls.sh" "$@"; }
playlist () { gst python3 "$tests/hls-check.py" "$@"; }

# interruptible COMMAND...: a script's jobs in the background ignore Ctrl-C unless told not to.
interruptible () {
  exec python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

fails () {
  local text=$1 status=0
  shift
  "$@" >fails.log 2>&1 || status=$?
  cat fails.log
  [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -qF -- "$text" fails.log
}

build_plugin
cd "$scratch"
gst gst-launch-1.0 -q kromosrc location="$genome" duration=9300000000 ! audio/x-raw,format=S16LE,rate=48000 ! wavenc \
  ! filesink location=sent.wav

# ---- live, in the background: 1 s segments for ever, served, then Ctrl-C

port=$(free_ports 1)
interruptible bash "$root/pipelines/hls.sh" --output live --live --segment 1 --list 3 --seconds 2 \
  --loops -1 --serve "$port" "$genome" >live.log 2>&1 </dev/null &
live=$!

# ---- the whole sound at once

check "a finite sound" hls --output whole --seconds 9.3 "$genome"
check "a finite sound: playlist, segments, length" playlist whole/playlist.m3u8 ended 9.3
as_asked () { grep -c '^#EXTINF:1.98' whole/playlist.m3u8 | grep -qx 4; }
check "a finite sound: segments of 2 s, to one AAC frame" as_asked

# The browser takes as long as the sound does; it has a copy, and is asked in the end.
cp -r whole browsed
python3 "$tests/browse.py" /index.html "$tests/hls-page.js" browsed >page.json 2>browser.log &
browser=$!

by_ffmpeg () { ffmpeg -nostdin -v error -y -i whole/playlist.m3u8 ffmpeg.wav && same_sound sent.wav ffmpeg.wav 1; }
check "ffmpeg hears it" by_ffmpeg
by_gstreamer () {
  gst timeout 30 gst-launch-1.0 -q uridecodebin uri="file://$scratch/whole/playlist.m3u8" ! audioconvert \
    ! audio/x-raw,format=S16LE ! wavenc ! filesink location=gstreamer.wav
  same_sound sent.wav gstreamer.wav 1
}
check "GStreamer's hlsdemux hears it" by_gstreamer
lengths () {
  local file n
  for file in ffmpeg.wav gstreamer.wav; do
    n=$(soxi -s "$file")
    say "$file: $n frames of 446400"
    # One AAC frame before the sound, the last one filled up.
    [ "$n" -ge 446400 ] && [ "$n" -le $((446400 + 2 * 1024)) ] || return
  done
}
check "both hear all of it" lengths
check "again into the same folder: nothing old is left" hls --output whole --seconds 3 --channels 2 --bitrate 64000 \
  note-delta=-12
check "... and the playlist is the new one" playlist whole/playlist.m3u8 ended 3
cp "$genome" "$odd_name.json"
check "odd names" hls --output "$odd_name" --seconds 3 "$odd_name.json"
odd_playlist () { mv "$odd_name" odd && playlist odd/playlist.m3u8 ended 3; }
check "... and its playlist" odd_playlist
check "a folder for a genome" fails "whole is a folder" hls whole
only_new () { find whole -type f | sort | xargs; [ "$(find whole -type f | wc -l)" -eq 4 ]; }
check "... and so are the segments" only_new

# ---- the live one, some 15 s old by now

get () { curl -sSf --noproxy '*' "http://127.0.0.1:$port/$1"; }
far_enough () { [[ $(get playlist.m3u8) == *segment0000[89].ts* || $(get playlist.m3u8) == *segment000[1-9]* ]]; }
check "live: segments come" wait_until 30 far_enough
rolled () {
  local n
  n=$(find live -name 'segment*.ts' | wc -l)
  say "$n segments on the disk"
  [ "$n" -ge 4 ] && [ "$n" -le 9 ]
}
check "live: old segments go" rolled
check "live: the page is served" get index.html
snapshot () {
  mkdir -p snapshot
  get playlist.m3u8 >snapshot/playlist.m3u8
  sed -n '/^segment/p' snapshot/playlist.m3u8 | while read -r name; do get "$name" >"snapshot/$name"; done
  [ "$(find snapshot -name 'segment*' | wc -l)" -eq 3 ] && playlist snapshot/playlist.m3u8 live 0
}
check "live: a playlist of three segments, each as long as it says" snapshot
paced () {
  local before after
  before=$(sed -n 's/^#EXT-X-MEDIA-SEQUENCE://p' live/playlist.m3u8)
  sleep 4
  after=$(sed -n 's/^#EXT-X-MEDIA-SEQUENCE://p' live/playlist.m3u8)
  say "$((after - before)) segments in 4 s"
  [ $((after - before)) -ge 3 ] && [ $((after - before)) -le 5 ]
}
check "live: as the clock goes" paced
ends_with_ctrl_c () {
  kill -INT "$live"
  local status=0
  wait "$live" || status=$?
  cat live.log
  say "status $status"
  [ "$status" -eq 0 ] && playlist live/playlist.m3u8 ended 0
}
check "live: Ctrl-C ends the playlist" ends_with_ctrl_c
nobody_serves () { ! get index.html; }
check "live: nobody serves any more" nobody_serves

in_a_browser () {
  local status=0
  wait "$browser" || status=$?
  cat page.json browser.log
  [ "$status" -eq 0 ] || return
  python3 - <<'PY'
import json
page = json.load(open("page.json"))
assert page["native"] and page["error"] is None, page
assert page["ended"] and 9.3 <= page["time"] <= 9.35 and page["peak"] > 0.3, page
assert page["states"][-2:] == ["Playing 9.3 seconds", "The sound is over."], page
PY
}
check "the page plays in Chromium, to the end" in_a_browser

# ---- the page's commands

check "the page's pipeline runs" bash -euc "cd '$root'; genome='$genome'; folder='$scratch/pasted'
  mkdir '$scratch/pasted'
  $(pasted hls.md pipeline | sed 's/^GST_PLUGIN_PATH/timeout 60 env GST_PLUGIN_PATH/')"
pasted_playlist () { ffmpeg -nostdin -v error -y -i pasted/playlist.m3u8 pasted.wav && soxi -D pasted.wav \
  && grep -q ENDLIST pasted/playlist.m3u8; }
check "... and can be heard" pasted_playlist
page_command () {
  linked_folder page && cd page
  bash -euc "genome='$genome'; $(pasted hls.md whole)" && playlist hls/playlist.m3u8 ended 4
}
check "the page's command runs" page_command

# ---- what goes wrong

check "for ever, but not live" fails "--loops -1 needs --live" hls --loops -1
check "segments of no length" fails "--segment must be a whole number" hls --segment 0
check "no such genome" fails "No such genome file: none.json" hls none.json
check "a genome that is none" fails "The segments are not complete" hls --output bad "$data/gst/not-json.json"
touch file
check "a folder that cannot be made" fails "Cannot make the folder file/x" hls --output file/x
taken () {
  python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(60)' \
    >taken.port &
  local holder=$!
  wait_until 10 test -s taken.port
  fails "Cannot serve on port $(cat taken.port)" hls --output bad --serve "$(cat taken.port)" || return
  kill "$holder"
}
check "a port that is taken" taken
