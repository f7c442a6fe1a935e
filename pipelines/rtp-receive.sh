#!/usr/bin/env bash
# Plays what rtp-send.sh sends, or writes it to a WAV file.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: rtp-receive.sh [--output FILE.wav] [--latency MS] [--timeout SECONDS] [SDP]

SDP is the description that the sender wrote (kromo.sdp). Ends when the sender does, or with Ctrl-C.

  --output FILE      write 16 bit WAV instead of playing
  --latency MS       how long packets may be under way before they count as lost (200)
  --timeout SECONDS  give up when nothing comes for so long, 0 for never (10)'

output='' latency=200 timeout=10 sdp=''
while [ $# -gt 0 ]; do
  case $1 in
    --output | --latency | --timeout)
      [ $# -ge 2 ] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    -h | --help)
      say "$usage"
      exit 0
      ;;
    -*) die "Unknown option $1"$'\n'"$usage" ;;
    *)
      [ -z "$sdp" ] || die "Only one description at a time"$'\n'"$usage"
      sdp=$1
      ;;
  esac
  shift
done
sdp=${sdp:-kromo.sdp}
[[ $latency =~ ^[0-9]{1,5}$ ]] || die "--latency must be a whole number of milliseconds, not $latency"
[[ $timeout =~ ^[0-9]{1,5}$ ]] || die "--timeout must be a whole number of seconds, not $timeout"
[ -r "$sdp" ] || die "No such description: $sdp. rtp-send.sh writes it; copy it here, or name it."
grep -q '^m=audio ' "$sdp" || die "$sdp describes no audio stream (it has no line m=audio)"

need_packages "${packages[@]}" gstreamer1.0-plugins-bad

launchable "location=$sdp" "location=$output"
if [ -n "$output" ]; then
  sink=("audio/x-raw,format=S16LE" ! wavenc ! filesink "${launchable[1]}")
else
  sink=(audioresample ! autoaudiosink)
fi
gst exec gst-launch-1.0 -q -e filesrc "${launchable[0]}" \
  ! sdpdemux latency="$latency" timeout=$((timeout * 1000000)) \
  ! decodebin ! audioconvert ! "${sink[@]}"
