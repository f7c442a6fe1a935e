#!/usr/bin/env bash
# Sends a sound by RTP, in Opus or in uncompressed L16, to one receiver or to a multicast group, and writes the
# SDP file with which players open it.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: rtp-send.sh [OPTIONS] [GENOME] [PROPERTY=VALUE...]

GENOME is a genome file: JSON, gzipped JSON or a genome database. Without it the built-in one plays.
PROPERTY=VALUE goes to kromosrc: note-delta=-12, velocity=0.5 ... (gst-inspect-1.0 kromosrc lists them).

  --codec opus|l16     Opus, or 16 bit samples as they are (opus)
  --host ADDRESS       receiver, or multicast group: 224.0.0.0 to 239.255.255.255 (127.0.0.1)
  --port PORT          even; RTCP goes to the next one (5004)
  --sdp FILE           where to write the description (kromo.sdp)
  --describe           write the description only, for receivers that start before the sound
  --channels 1|2       (1)
  --bitrate BITS       of Opus, bits a second, 6000 to 256000; constant (96000)
  --ptime MS           of L16, milliseconds a packet: 1, 2, 4, 5, 10 or 20 (20); Opus always has 20
  --seconds S          length of the sound (4)
  --loops N            times to play, -1 for ever (1)
  --live               rendered as the clock goes instead of up to a second ahead
  --interface NAME     network interface of a multicast group (the one that routing chooses)
  --ttl N              hops that a multicast packet may take (1)

Ends with the sound, or with Ctrl-C; receivers are told (RTCP BYE).'

codec=opus host=127.0.0.1 port=5004 sdp=kromo.sdp channels=1 bitrate=96000 ptime=20 seconds=4 loops=1
live=no describe=no interface='' ttl=1 genome=''
properties=()
while [ $# -gt 0 ]; do
  case $1 in
    --codec | --host | --port | --sdp | --channels | --bitrate | --ptime | --seconds | --loops | --interface | --ttl)
      [ $# -ge 2 ] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --live) live=yes ;;
    --describe) describe=yes ;;
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

integer port "$port" 2 65534
[ $((port % 2)) -eq 0 ] || die "--port must be even, because RTCP takes the next one; $port is not"
integer channels "$channels" 1 2
integer bitrate "$bitrate" 6000 256000
bitrate=$((bitrate / 400 * 400)) # whole bytes in 20 ms
integer ptime "$ptime" 1 20
integer loops "$loops" -1 999999999
integer ttl "$ttl" 0 255
[ "$loops" -ne 0 ] || die "--loops must not be 0; -1 plays for ever"
[[ $seconds =~ ^[0-9]+(\.[0-9]+)?$ ]] || die "--seconds must be a number, not $seconds"
case $codec in opus | l16) ;; *) die "--codec must be opus or l16, not $codec" ;; esac
case $ptime in 1 | 2 | 4 | 5 | 10 | 20) ;; *) die "--ptime must be 1, 2, 4, 5, 10 or 20, not $ptime" ;; esac
[ "$codec" = l16 ] || [ "$ptime" = 20 ] || die "--ptime is for --codec l16; Opus has 20 ms a packet"
check_genome "$genome"

getent ahosts "$host" >/dev/null || die "No such host: $host"

# A multicast group has its scope in the description, and its packets are told where to leave.
connection=$host
network=()
if [[ $host =~ ^2(2[4-9]|3[0-9])\. ]]; then
  connection=$host/$ttl
  network=("ttl-mc=$ttl")
  [ -z "$interface" ] || network+=("multicast-iface=$interface")
elif [ -n "$interface" ]; then
  die "--interface is for multicast groups; $host is none"
fi

# 20 ms are 960 frames; chunks of that length and a queue keep packets steady while the next ones render.
# The queue is what is rendered ahead. Live, the chunks are paced by the clock already.
source=(kromosrc "loops=$loops")
ns=$(LC_ALL=C awk -v s="$seconds" 'BEGIN { printf "%.0f", s * 1e9 }')
source+=("duration=$ns")
[ -z "$genome" ] || properties+=("location=$genome")
if [ "$live" = yes ]; then
  source+=(is-live=true min-chunk-duration=20000000 max-chunk-duration=20000000)
  ahead=(queue)
else
  source+=(adaptive=false chunk-duration=20000000)
  ahead=(queue max-size-buffers=0 max-size-bytes=0 max-size-time=1000000000)
fi
launchable "${properties[@]}"
source+=("${launchable[@]}")

# opusenc gives the first packet 13.5 ms instead of 20, for what its decoders cut off, and by RTP nobody cuts: the
# second packet would be 648 ticks after the first. At a constant bit rate the bytes tell the time.
if [ "$codec" = opus ]; then
  payload=("audio/x-raw,rate=48000,channels=$channels" ! audioconvert ! "${ahead[@]}"
    ! opusenc frame-size=20 bitrate-type=cbr bitrate="$bitrate" ! identity datarate=$((bitrate / 8))
    ! rtpopuspay pt=96)
  # The clock and the channel count are these whatever is sent (RFC 7587, 4.1).
  map="opus/48000/2"
  format="a=fmtp:96 sprop-stereo=$((channels - 1));sprop-maxcapturerate=48000"$'\r\n'
else
  # 12 bytes of header before the samples; an MTU above the network's makes IP split the packet.
  payload=("audio/x-raw,format=S16BE,layout=interleaved,rate=48000,channels=$channels" ! "${ahead[@]}"
    ! rtpL16pay pt=96 min-ptime=$((ptime * 1000000)) max-ptime=$((ptime * 1000000))
    mtu=$((12 + 48 * ptime * 2 * channels)))
  map="L16/48000/$channels"
  format=
fi

title=kromo
[ -z "$genome" ] || title=$(basename -- "$genome" | tr -d '\000-\037')
printf '%s\r\n' v=0 "o=- $(date +%s) 1 IN IP4 $host" "s=$title" "c=IN IP4 $connection" "t=0 0" \
  "m=audio $port RTP/AVP 96" "a=rtpmap:96 $map" 2>/dev/null >"$sdp" || die "Cannot write the description to $sdp"
printf '%s%s\r\n' "$format" "a=ptime:$ptime" >>"$sdp"

if [ "$describe" = yes ]; then
  say "$sdp"
  exit 0
fi

need_packages "${packages[@]}" gstreamer1.0-plugins-bad
build_plugin

# rtpsession ends its RTCP only if the sound's end has quite passed it when the goodbye is out: it gets 50 ms.
say "$sdp describes the stream to $host port $port ($map, $ptime ms a packet)"
gst exec gst-launch-1.0 -q -e rtpbin name=rtp \
  "${source[@]}" ! "${payload[@]}" ! rtp.send_rtp_sink_0 \
  rtp.send_rtp_src_0 ! udpsink host="$host" port="$port" "${network[@]}" \
  rtp.send_rtcp_src_0 ! identity sleep-time=50000 ! udpsink host="$host" port=$((port + 1)) sync=false async=false "${network[@]}"
