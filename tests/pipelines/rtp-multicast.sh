#!/usr/bin/env bash
# Two receivers and a capture listen to one group. Run in a network of its own by rtp.sh: rtp-multicast.sh DIR GENOME
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
pipelines=$here/../../pipelines
genome=$2
cd "$1"

python3 "$here/rtp-capture.py" group 239.255.42.42 >group.port &
capture=$!
for _ in $(seq 200); do [ ! -s group.port ] || break; sleep 0.1; done
port=$(cat group.port)
options=(--codec l16 --host 239.255.42.42 --interface lo --ttl 0 --port "$port" --seconds 2)
bash "$pipelines/rtp-send.sh" --describe --sdp group.sdp "${options[@]}"
for n in 1 2; do
  bash "$pipelines/rtp-receive.sh" --output "group$n.wav" group.sdp &
  receivers[n]=$!
done
hex=$(printf %04X "$port")
for _ in $(seq 200); do
  [ "$(grep -c ":$hex 00000000:0000" /proc/net/udp)" -lt 3 ] || break
  sleep 0.1
done
bash "$pipelines/rtp-send.sh" --sdp group.again.sdp "${options[@]}" "$genome"
wait "$capture"
wait "${receivers[1]}"
wait "${receivers[2]}"
