#!/usr/bin/env bash
# Writes a sound as HLS: segments of AAC, a playlist and a page that plays it; from any web server, to any number of
# listeners.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: hls.sh [OPTIONS] [GENOME] [PROPERTY=VALUE...]

GENOME is a genome file: JSON, gzipped JSON or a genome database. Without it the built-in one plays.
PROPERTY=VALUE goes to kromosrc: note-delta=-12, velocity=0.5 ... (gst-inspect-1.0 kromosrc lists them).

  --output DIR       for index.html, playlist.m3u8 and segments; made if it is not there (hls)
  --live             as the clock goes, with the newest segments only; without it the whole sound at once
  --seconds S        length of the sound (4)
  --loops N          times to play, -1 for ever, with --live only (1)
  --segment SECONDS  length of a segment, 1 to 60 (2)
  --list N           segments in a live playlist, 3 to 1000 (5); five more stay on the disk
  --bitrate BITS     a second (128000)
  --channels 1|2     (1)
  --serve PORT       serve DIR by HTTP on this machine, until Ctrl-C

Ends with the sound, or with Ctrl-C; the playlist then ends too.'

output=hls live=no seconds=4 loops=1 segment=2 list=5 bitrate=128000 channels=1 serve='' genome=''
properties=()
while [ $# -gt 0 ]; do
  case $1 in
    --output | --seconds | --loops | --segment | --list | --bitrate | --channels | --serve)
      [ $# -ge 2 ] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --live) live=yes ;;
    -h | --help)
      say "$usage"
      exit 0
      ;;
    -*) die "Unknown option $1"$'\n'"$usage" ;;
    *)
      if [[ $1 =~ ^[a-z-]+= ]]; then
        properties+=("$1")
      else
        [ -z "$genome" ] || die "Only one genome at a time"$'\n'"$usage"
        genome=$1
      fi
      ;;
  esac
  shift
done

integer loops "$loops" -1 999999999
integer segment "$segment" 1 60
integer list "$list" 3 1000
integer bitrate "$bitrate" 16000 512000
integer channels "$channels" 1 2
[ -z "$serve" ] || integer serve "$serve" 1 65535
[ "$loops" -ne 0 ] || die "--loops must not be 0; -1 plays for ever"
[ "$live" = yes ] || [ "$loops" -gt 0 ] || die "--loops -1 needs --live: without it everything is written at once"
[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "--seconds must be a number, not $seconds"
check_genome "$genome"
mkdir -p -- "$output" || die "Cannot make the folder $output"
[ -w "$output" ] || die "Cannot write to the folder $output"
output=$(cd -- "$output" && pwd)

need_packages "${packages[@]}" gstreamer1.0-plugins-bad gstreamer1.0-libav
build_plugin

playlist=$output/playlist.m3u8
rm -f -- "$playlist" "$output"/segment[0-9][0-9][0-9][0-9][0-9].ts
cp -- "$root/pipelines/hls/index.html" "$output/index.html"

source=(kromosrc "loops=$loops" "duration=$(LC_ALL=C awk -v s="$seconds" 'BEGIN { printf "%.0f", s * 1e9 }')")
[ -z "$genome" ] || properties+=("location=$genome")
launchable "${properties[@]}"
source+=("${launchable[@]}")
launchable "location=${output//%/%%}/segment%05d.ts" "playlist-location=$playlist"
# With each segment a sink in hlssink2 goes through its states. Unless that is hlssink2's own affair (async-handling),
# the end of the sound gets lost now and then, and the pipeline runs for ever (GStreamer 1.22).
sink=(hlssink2 name=hls async-handling=true "${launchable[@]}" "target-duration=$segment")
if [ "$live" = yes ]; then
  source+=(is-live=true)
  sink+=("playlist-length=$list" "max-files=$((list + 5))")
else
  sink+=(playlist-length=0 max-files=0)
fi

server='' encoder=''
end_all () {
  [ -z "$encoder" ] || kill "$encoder" 2>/dev/null || true
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
}
trap end_all EXIT
trap 'exit 143' TERM

if [ -n "$serve" ]; then
  log=$(mktemp)
  python3 -u -m http.server --bind 127.0.0.1 --directory "$output" "$serve" >"$log" 2>&1 &
  server=$!
  # Its first line says that it listens, or why not.
  until grep -q . "$log" || ! kill -0 "$server" 2>/dev/null; do sleep 0.05; done
  grep -q '^Serving' "$log" || { rm -f "$log"; die "Cannot serve on port $serve: it is taken, or not allowed"; }
  rm -f "$log"
  say "http://127.0.0.1:$serve/"
fi

# Linked to hlssink2's pad for audio by name: the first one that fits would be that for video.
# In a process group of its own, so that Ctrl-C comes from here, once, and the playlist is ended before this goes on.
set -m
gst exec gst-launch-1.0 -q -e "${source[@]}" ! "audio/x-raw,rate=48000,channels=$channels" \
  ! audioconvert ! queue ! avenc_aac bitrate="$bitrate" ! aacparse ! hls.audio "${sink[@]}" </dev/null &
encoder=$!
set +m
interrupted=no
trap 'interrupted=yes; kill -INT "$encoder" 2>/dev/null || true' INT
while :; do
  before=$interrupted status=0
  wait "$encoder" || status=$?
  [ "$interrupted" != "$before" ] || break
done
encoder=''
[ "$status" -eq 0 ] || die "The segments are not complete (exit status $status)"

# hlssink2 ends the last segment where its last packet begins.
LC_ALL=C awk '
  /^#EXTINF:/ { last = NR }
  { line[NR] = $0 }
  END {
    for (i = 1; i <= NR; i++)
      if (i == last) printf "#EXTINF:%.6f,\n", substr (line[i], 9) + 1024 / 48000
      else print line[i]
  }' "$playlist" >"$playlist.new"
mv -- "$playlist.new" "$playlist"
say "$playlist"

if [ -n "$server" ] && [ "$interrupted" = no ]; then
  trap 'exit 0' INT
  wait "$server" || true
fi
