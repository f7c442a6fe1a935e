#!/usr/bin/env bash
# pipelines/webrtc: a sender and receivers in processes of their own, and a browser.
# packages: gstreamer1.0-plugins-bad gstreamer1.0-nice libgstreamer-plugins-bad1.0-dev libsoup-3.0-dev curl chromium
# packages: iproute2
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/sound.sh
. "$(dirname "${BASH_SOURCE[0]}")/sound.sh"

genome=$data/parity/genomes/ev023_m60.json.gz
tests=$root/tests/pipelines
programs=$KROMO_BUILD/pipelines/webrtc
cd "$scratch"

# The build may be older than the packages that these programs need.
built () {
  [ -x "$programs/kromo-webrtc-send" ] && [ -x "$programs/kromo-webrtc-receive" ] && return
  meson setup --reconfigure "$KROMO_BUILD" \
    && ninja -C "$KROMO_BUILD" pipelines/webrtc/kromo-webrtc-send pipelines/webrtc/kromo-webrtc-receive
}
check "the programs are built" built

receive () { gst exec timeout 60 "$programs/kromo-webrtc-receive" "$@"; }

# serve NAME [OPTION...]: a sender in the background, which says its address in NAME.log; $sender is its process
serve () {
  local name=$1
  shift
  gst exec timeout 120 "$programs/kromo-webrtc-send" --port 0 "$@" >"$name.log" 2>&1 </dev/null &
  sender=$!
  wait_until 30 grep -q '^http' "$name.log"
}
address_of () { sed -n 's/^\(http.*\)$/\1/p' "$1.log"; }
ended () {
  local status=0
  wait "$2" || status=$?
  cat "$1"
  return "$status"
}

for channels in 1 2; do
  gst gst-launch-1.0 -q kromosrc location="$genome" duration=3000000000 \
    ! audio/x-raw,format=S16LE,rate=48000,channels=$channels ! wavenc ! filesink location=sent$channels.wav
done

# ---- the page's commands, with their fixed port, in a network of their own; they are asked in the end

apart () {
  local -a as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(-r)
  unshare "${as_root[@]}" -n -- bash -euc 'ip link set lo up; "$@"' apart "$@"
}
linked_folder page
{
  say "set -euo pipefail; cd '$scratch/page'; genome='$genome'"
  say "{"
  pasted webrtc.md send | sed 's/--seconds 20/--seconds 3 --once/'
  say "} & for i in \$(seq 200); do grep -q ':1F90 ' /proc/net/tcp && break; sleep 0.1; done"
  pasted webrtc.md receive
  say "wait %1"
} >page.sh
apart=no
if apart true 2>/dev/null; then
  apart timeout 60 bash page.sh >apart.log 2>&1 </dev/null &
  apart=$!
fi

# ---- one listener; meanwhile, in another sender, several and a browser

serve once --once --seconds 3 "$genome"
once=$sender
serve many --seconds 3 --channels 2 --bitrate 64000 --listeners 3 "$genome"

receive "$(address_of once)listen" one.wav >one.log 2>&1 &
one=$!
receive "$(address_of many)listen" two.wav >two.log 2>&1 &
two=$!
receive "$(address_of many)listen" three.wav >three.log 2>&1 &
three=$!
browse () {
  { say "const STOP_AFTER = $1;"; cat "$tests/webrtc-page.js"; } >"page$1.js"
  python3 "$tests/browse.py" "$(address_of many)" "page$1.js" >"page$1.json"
}
browse 0 &
browser=$!

check "the receiver ends by itself" ended one.log "$one"
check "the sender ends by itself, and says that all was heard" ended once.log "$once"
check "... in so many words" grep -q '^listener 1 heard it all$' once.log
# 150 packets of 20 ms and one for the encoder's look-ahead; a packet or two may come too late on a busy machine.
all_seconds () {
  local n
  n=$(soxi -s "$1")
  say "$n frames"
  [ "$n" -ge 142080 ] && [ "$n" -le 144960 ]
}
check "all of the sound arrives" all_seconds one.wav
check "its level and octaves are those of what was sent" same_sound sent1.wav one.wav 1
check "two listeners at once: one" ended two.log "$two"
check "two listeners at once: the other" ended three.log "$three"
check "... hear all of it" all_seconds two.wav
check "... as well" all_seconds three.wav
check "... as it is" same_sound sent2.wav two.wav 1
check "... and as it is" same_sound sent2.wav three.wav 1

# page_says PYTHON: what the page reported, as `page`
page_says () {
  cat "$1"
  python3 -c "import json; page = json.load(open('$1')); assert $2, page"
}
check "the page plays in Chromium" ended /dev/null "$browser"
check "... with every packet" page_says page0.json "page['packets'] == 151 and page['lost'] == 0"
check "... aloud" page_says page0.json "0.3 < page['peak'] <= 1.5"
check "... and says what it does" page_says page0.json \
  "page['states'] == ['Connecting', 'Playing', 'The sound is over.']"

# ---- who leaves

serve long --seconds 60 --loops -1 --listeners 2 "$genome"
long=$sender
interrupted () {
  local status=0
  python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' "$programs/kromo-webrtc-receive" \
    "$(address_of long)listen" int.wav >int.log 2>&1 &
  local receiver=$!
  wait_until 30 grep -q connected int.log || return
  sleep 1.5
  kill -INT "$receiver"
  wait "$receiver" || status=$?
  cat int.log long.log
  say "status $status"
  [ "$status" -eq 0 ] && wait_until 5 grep -q '^listener 1 left' long.log
}
check "Ctrl-C at the receiver" interrupted
file_is_whole () { soxi int.wav 2>&1 && [ "$(soxi -s int.wav)" -ge 24000 ] && ! soxi int.wav 2>&1 | grep WARN; }
check "... leaves a whole file" file_is_whole

# ---- what goes wrong

fails () {
  local text=$1 status=0
  shift
  gst timeout 60 "$@" >fails.log 2>&1 </dev/null || status=$?
  cat fails.log
  [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -qF -- "$text" fails.log
}
# answers STATUS CURL-ARGUMENT...
answers () {
  local status
  status=$(curl -s --noproxy '*' -m 20 -o body -w '%{http_code}' "${@:2}")
  say "$status: $(head -c 300 body)"
  [ "$status" = "$1" ]
}
url=$(address_of long)
check "an offer that is none" answers 400 -d nothing "${url}listen"
printf 'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n' >pcmu.sdp
check "an offer without Opus" answers 400 --data-binary @pcmu.sdp "${url}listen"
printf '%s\r\n' v=0 'o=- 1 1 IN IP4 0.0.0.0' s=- 't=0 0' 'm=audio 9 UDP/TLS/RTP/SAVPF 96' 'a=rtpmap:96 opus/48000/2' >broken.sdp
check "an offer that is broken" answers 400 --data-binary @broken.sdp "${url}listen"
head -c 100000 /dev/zero >zeros
check "an offer that is too long" answers 413 --data-binary @zeros "${url}listen"
check "a page that is not there" answers 404 "${url}nothing"
check "a listener who is not there" answers 404 -X DELETE "${url}listen/77"
check "no such listener" answers 404 -X DELETE "${url}listen/-1"
check "the page is there" answers 200 "$url"

crowded () {
  local first second
  receive "${url}listen" first.wav >first.log 2>&1 &
  first=$!
  receive "${url}listen" second.wav >second.log 2>&1 &
  second=$!
  wait_until 30 grep -q connected first.log && wait_until 30 grep -q connected second.log \
    && fails "503" "$programs/kromo-webrtc-receive" "${url}listen" third.wav
  local status=$?
  kill "$first" "$second"
  wait "$first" "$second" || true
  return "$status"
}
check "more than may" crowded
both_left () { [ "$(grep -c '^listener [0-9]* left' long.log)" -eq 3 ]; }
check "... and when they have left there is room" wait_until 10 both_left

check "the sender is killed" kill "$long"
check "... and ends well" ended long.log "$long"

check "no such genome" fails "no such genome file" "$programs/kromo-webrtc-send" none.json
check "a genome that is none" fails "not-json.json" "$programs/kromo-webrtc-send" --port 0 "$data/gst/not-json.json"
check "a port that is taken" fails "Cannot listen on 127.0.0.1 port" "$programs/kromo-webrtc-send" \
  --port "$(address_of many | sed 's/.*:\([0-9]*\).*/\1/')"
check "an address that is none" fails "not a numeric address" "$programs/kromo-webrtc-send" --address nowhere
check "too many channels" fails "one or two channels" "$programs/kromo-webrtc-send" --channels 3
check "no sender there" fails "refused" "$programs/kromo-webrtc-receive" "http://127.0.0.1:1/listen" x.wav
check "a server that is none of ours" fails "404" "$programs/kromo-webrtc-receive" "$(address_of many)other" x.wav
check "no such interface" fails "no numeric address" "$programs/kromo-webrtc-receive" --address here \
  "$(address_of many)listen" x.wav
check "no address at all" fails "Usage" "$programs/kromo-webrtc-receive"

if [ -n "${KROMO_SLOW:-}" ]; then
  # RTCP reports that stay away tell of it, after half a minute.
  killed () {
    serve killed --loops -1 "$genome"
    gst exec "$programs/kromo-webrtc-receive" "$(address_of killed)listen" killed.wav >k.log 2>&1 &
    local receiver=$!
    wait_until 30 grep -q connected k.log || return
    kill -KILL "$receiver"
    wait_until 90 grep -q '^listener 1 left' killed.log
  }
  check "a receiver who is gone without a word" killed
  vanished () {
    serve vanished --loops -1 "$genome"
    receive "$(address_of vanished)listen" vanished.wav >v.log 2>&1 &
    local receiver=$! status=0
    wait_until 30 grep -q connected v.log || return
    sleep 1
    pkill -KILL -P "$sender"
    wait "$receiver" || status=$?
    cat v.log
    [ "$status" -eq 1 ] && grep -q "nothing has come for 5 seconds" v.log && [ "$(soxi -s vanished.wav)" -gt 24000 ]
  }
  check "a sender who is gone without a word" vanished
fi

# ---- the page's commands

if [ "$apart" != no ]; then
  check "the page's commands run" ended apart.log "$apart"
  check "... and what is heard is right" same_sound sent1.wav page/heard.wav 1
else
  skip "the page's commands" "no network namespaces here"
fi
