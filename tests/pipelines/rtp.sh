#!/usr/bin/env bash
# pipelines/rtp-send.sh and rtp-receive.sh: what is on the wire, and what is heard at the other end.
# packages: gstreamer1.0-plugins-bad ffmpeg iproute2
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/sound.sh
. "$(dirname "${BASH_SOURCE[0]}")/sound.sh"

genome=$data/parity/genomes/ev023_m60.json.gz
tests=$root/tests/pipelines

send () { timeout 60 bash "$root/pipelines/rtp-send.sh" "$@"; }
receive () { timeout 60 bash "$root/pipelines/rtp-receive.sh" "$@"; }

# listening PORT: whether somebody receives UDP there.
listening () { grep -q ":$(printf %04X "$1") 00000000:0000" /proc/net/udp /proc/net/udp6; }

# captured NAME [OPTION...]: sends to a program that writes the packets down.
captured () {
  local name=$scratch/$1 status=0
  shift
  python3 "$tests/rtp-capture.py" "$name" >"$name.port" &
  wait_until 20 test -s "$name.port"
  send --port "$(cat "$name.port")" --sdp "$name.sdp" "$@" || status=$?
  wait "$!"
  return "$status"
}

# heard NAME PLAYER [OPTION...]: PLAYER NAME.sdp NAME.wav listens before the sender begins.
heard () {
  local name=$scratch/$1 player=$2 port status=0
  shift 2
  port=$(free_ports 1)
  send --describe --port "$port" --sdp "$name.sdp" "$@"
  "$player" "$name.sdp" "$name.wav" &
  wait_until 20 listening "$port"
  send --port "$port" --sdp "$name.again.sdp" "$@" || status=$?
  wait "$!" || status=$?
  return "$status"
}

ours () { receive --output "$2" "$1"; }
# ffmpeg knows no goodbye; it ends when so much has come.
theirs () {
  timeout 60 ffmpeg -nostdin -v error -protocol_whitelist file,udp,rtp -i "$1" -t 1.5 -y "$2"
}

render () { gst gst-launch-1.0 -q kromosrc location="$genome" duration="$1" ! "$2" ! filesink location="$3"; }

wire () { cat "$scratch/$1.log"; python3 "$tests/rtp-wire.py" "$scratch/$1.json" "${@:2}"; }

# The length that receivers see: frames of the WAV file.
frames () {
  local n
  n=$(soxi -s "$1")
  say "$n frames"
  [ "$n" -ge "$2" ] && [ "$n" -le "$3" ]
}

# apart COMMAND...: multicast, and the page's commands with their fixed ports, are in a network of their own.
apart () {
  local -a as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(-r)
  unshare "${as_root[@]}" -n -- bash -euc '
    ip link set lo up multicast on
    ip route add 224.0.0.0/4 dev lo
    "$@"' apart "$@"
}

# The page's commands in their order: the receiver waits for the sender.
in_page_order () {
  local wait_for_receiver="for i in \$(seq 200); do grep -q ':138C ' /proc/net/udp && break; sleep 0.1; done"
  say "set -euo pipefail; cd '$scratch/page'; genome='$genome'"
  pasted rtp.md describe
  say "{"
  pasted rtp.md receive
  say "} & $wait_for_receiver"
  pasted rtp.md send
  say "wait %1; mv heard.wav '$scratch/page.wav'"
  say "{"
  pasted rtp.md receive-pipeline
  say "} & $wait_for_receiver"
  pasted rtp.md send-pipeline
  say "wait %%; mv heard.wav '$scratch/page-pipeline.wav'"
}

# ---- all at once, because they mostly wait

build_plugin
declare -A job
start () {
  local name=$1
  shift
  "$@" >"$scratch/$name.log" 2>&1 </dev/null &
  job[$name]=$!
}
start l16 captured l16 --codec l16 --seconds 2 "$genome"
start l16-live captured l16-live --codec l16 --live --ptime 5 --channels 2 --seconds 1.9975 "$genome"
start opus captured opus --seconds 2 "$genome"
start opus-live captured opus-live --live --channels 2 --bitrate 64100 --loops 2 --seconds 1 "$genome"
cp "$genome" "$scratch/$odd_name.json"
start l16-ours heard l16-ours ours --codec l16 --seconds 2 "$scratch/$odd_name.json"
start opus-ours heard opus-ours ours --seconds 2 "$genome"
start opus-theirs heard opus-theirs theirs --seconds 4 "$genome"
start l16-theirs heard l16-theirs theirs --codec l16 --seconds 4 "$genome"
render 2000000000 audio/x-raw,format=S16BE,rate=48000,channels=1 "$scratch/sent.raw"
gst gst-launch-1.0 -q kromosrc location="$genome" duration=4000000000 ! audio/x-raw,format=S16LE,rate=48000 \
  ! wavenc ! filesink location="$scratch/long.wav"
sox -t raw -e signed-integer -b 16 -B -r 48000 -c 1 "$scratch/sent.raw" "$scratch/sent.wav"
linked_folder "$scratch/page"
in_page_order >"$scratch/page.sh"
if apart true 2>/dev/null; then
  start page apart timeout 60 bash "$scratch/page.sh"
  start group apart timeout 60 bash "$tests/rtp-multicast.sh" "$scratch" "$genome"
fi
ended () { cat "$scratch/$1.log"; wait "${job[$1]}"; }

for name in l16 l16-live opus opus-live l16-ours opus-ours opus-theirs l16-theirs; do
  check "$name: everybody ends by himself" ended "$name"
done

check "L16 on the wire: 20 ms, 960 ticks" wire l16 100 960 1920
check "L16 on the wire, to the bit what kromosrc renders" cmp "$scratch/l16.payload" "$scratch/sent.raw"
short_end () {
  # 1.9975 s: 399 packets of 5 ms and one of half that.
  python3 - "$scratch/l16-live.json" <<'PY'
import json, sys
with open(sys.argv[1]) as f:
    capture = json.load(f)
last = capture["packets"].pop()
assert last["size"] == 480, last
with open(sys.argv[1], "w") as f:
    json.dump(capture, f)
PY
  wire l16-live 399 240 960
}
check "L16 live on the wire: 5 ms, 240 ticks, the rest at the end" short_end
check "Opus on the wire: 20 ms, 960 ticks" wire opus 101 960 240
check "Opus live on the wire, two channels, over the end of a loop" wire opus-live 101 960 160

received_bits () { samples "$1" | cmp - <(samples "$2"); }
check "L16 received, to the bit" received_bits "$scratch/sent.wav" "$scratch/l16-ours.wav"
# What Opus received is 6.5 ms late and has a last packet that is padded.
check "Opus received: length" frames "$scratch/opus-ours.wav" 96000 97200
check "Opus received: level and octaves" same_sound "$scratch/sent.wav" "$scratch/opus-ours.wav" 1
check "another player opens Opus" same_sound "$scratch/long.wav" "$scratch/opus-theirs.wav" 1 0.1 1.2
from_the_start () {
  local n
  n=$(samples "$2" | wc -c)
  say "$n bytes"
  [ "$n" -ge 140000 ] && cmp -n "$n" <(samples "$2") <(samples "$1")
}
check "another player opens L16, to the bit" from_the_start "$scratch/long.wav" "$scratch/l16-theirs.wav"

# ---- multicast, and the page's commands

if [ -n "${job[page]:-}" ]; then
  check "multicast: everybody ends by himself" ended group
  check "multicast: on the wire" wire group 100 960 1920
  check "multicast: one receiver, to the bit" received_bits "$scratch/sent.wav" "$scratch/group1.wav"
  check "multicast: the other, to the bit" received_bits "$scratch/sent.wav" "$scratch/group2.wav"
  check "multicast: the description has the scope" grep -q '^c=IN IP4 239.255.42.42/0' "$scratch/group.sdp"
  check "the page's commands run" ended page
  check "the page's commands: what is heard" same_sound "$scratch/long.wav" "$scratch/page.wav" 1
  check "the page's pipelines: what is heard" received_bits "$scratch/long.wav" "$scratch/page-pipeline.wav"
else
  skip "multicast" "no network namespaces here"
  skip "the page's commands" "no network namespaces here"
fi

# ---- what goes wrong

# fails TEXT COMMAND...: a failure that says TEXT.
fails () {
  local text=$1 status=0
  shift
  "$@" >"$scratch/fails.log" 2>&1 || status=$?
  cat "$scratch/fails.log"
  [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -qF -- "$text" "$scratch/fails.log"
}
to=(--sdp "$scratch/x.sdp")
check "an odd port" fails "--port must be even" send "${to[@]}" --port 5005
check "an unknown codec" fails "--codec must be opus or l16, not mp3" send "${to[@]}" --codec mp3
check "a packet time for Opus" fails "--ptime is for --codec l16" send "${to[@]}" --ptime 5
check "no such genome" fails "No such genome file: $scratch/none.json" send "${to[@]}" "$scratch/none.json"
check "a genome that is none" fails "ERROR" send "${to[@]}" "$data/gst/not-json.json"
check "no such host" fails "No such host: no-such-host.invalid" send "${to[@]}" --host no-such-host.invalid
check "no such property" fails 'no property "notes"' send "${to[@]}" notes=3
check "a description that cannot be written" fails "Cannot write the description" send --sdp "$scratch/no/x.sdp"
check "no such description" fails "No such description: $scratch/none.sdp" receive "$scratch/none.sdp"
say nothing >"$scratch/nothing.sdp"
check "a description of nothing" fails "describes no audio stream" receive "$scratch/nothing.sdp"
nobody_sends () {
  send --describe --port "$(free_ports 1)" "${to[@]}" && fails "Could not receive any UDP packets" \
    receive --timeout 1 --output "$scratch/x.wav" "$scratch/x.sdp"
}
check "nobody sends" nobody_sends

interrupted () {
  python3 "$tests/rtp-capture.py" "$scratch/int" >"$scratch/int.port" &
  local capture=$! sender
  wait_until 20 test -s "$scratch/int.port"
  # A script's jobs in the background ignore Ctrl-C unless told not to.
  python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' bash "$root/pipelines/rtp-send.sh" --loops -1 \
    --port "$(cat "$scratch/int.port")" --sdp "$scratch/int.sdp" &
  sender=$!
  wait_until 20 test -s "$scratch/int.payload" || return
  kill -INT "$sender"
  wait "$sender" || { say "the sender's status is $?"; return 1; }
  wait "$capture"
  grep -q '"type": 203' "$scratch/int.json"
}
check "an endless sound ends with Ctrl-C, and says goodbye" interrupted
