#!/usr/bin/env bash
# The station and a real Icecast server that dies and comes back, heard by a real client.
# packages: icecast2 curl ffmpeg
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/tones.sh
. "$(dirname "${BASH_SOURCE[0]}")/tones.sh"

chmod 755 "$scratch" # the server is somebody else
n_deaths=1
[ -z "${KROMO_SLOW:-}" ] || n_deaths=10

port=$(free_ports 1)
mkdir server
start_server () {
  rm -f server.out # the last one says that it listens, too
  bash "$root/pipelines/icecast.sh" --port "$port" --dir server >server.out 2>&1 &
  server=$!
  wait_until 60 grep -q listens server.out || {
    cat server.out
    return 1
  }
}

no_server () {
  refuses "http://localhost:$port/kromo.opus: Could not connect to localhost: Connection refused; --wait" \
    --folder tones --port "$port"
}
check "no server at the start is an error" no_server

# libshout would lose one with each attempt.
keeps_no_sockets () {
  local pid before after
  "$program" --wait --quiet --folder tones --port "$port" 2>wait.err &
  pid=$!
  wait_until 10 grep -q "again in 1 s" wait.err || return
  before=$(find "/proc/$pid/fd" | wc -l)
  wait_until 10 grep -q "again in 4 s" wait.err || return
  after=$(find "/proc/$pid/fd" | wc -l)
  kill -INT "$pid"
  wait "$pid" && equal "$after" "$before"
}
check "attempts without a server keep no sockets" keeps_no_sockets
check "the server runs" start_server

second_server () {
  ! bash "$root/pipelines/icecast.sh" --port "$port" >second.out 2>&1 && grep -q "Port $port is taken" second.out
}
check "a second server at the same port is an error" second_server

wrong_password () {
  KROMO_STATION_PASSWORD=wrong refuses "are user and password right" --folder tones --port "$port"
}
check "a wrong password is an error" wrong_password

# Both formats at once, each heard by somebody before and after the server's death.
echo secret >password
mkdir live && cp tones/[1-4].json tones/2b.json live
"$program" --folder live --duration 0.7 --port "$port" --name "The station" --genre tones \
  --url http://example.org/ --raw live-opus.raw >live-opus.txt 2>live-opus.err &
opus=$!
env -u KROMO_STATION_PASSWORD "$program" --folder live --duration 0.7 \
  --port "$port" --format mp3 --mount live.mp3 --name "The station" --password-file password --wait \
  --raw live-mp3.raw >live-mp3.txt 2>live-mp3.err &
mp3=$!

on_air () { [ "$(cat live-"$1".txt live-"$1".err | grep -c 'on air')" -ge "$2" ]; }
listen () {
  local n=$1 seconds=$2 first second
  curl -s -m "$seconds" -o "heard-$n.opus" "http://127.0.0.1:$port/kromo.opus" &
  first=$!
  curl -s -m "$seconds" -H 'Icy-MetaData: 1' -D "header-$n.txt" -o "heard-$n.icy" \
    "http://127.0.0.1:$port/live.mp3" &
  second=$!
  if [ "$n" = 1 ]; then sleep 1; curl -s -o status.json "http://127.0.0.1:$port/status-json.xsl"; fi
  wait "$first" || true
  wait "$second" || true
}

goes_on_air () { wait_until 60 on_air opus "$1" && wait_until 60 on_air mp3 "$1"; }
check "on air" goes_on_air 1
listen 1 5
for ((i = 1; i <= n_deaths; i++)); do
  kill -KILL "$(cat server/icecast.pid)"
  wait "$server" || true
  sleep 1
  check "the server runs again" start_server
  check "on air again after the server was killed" goes_on_air $((i + 1))
done
listen 2 4
n_played=$(grep -c ^playing live-opus.txt)
kill -INT "$opus"
kill -TERM "$mp3"
ends () { wait "$opus" && wait "$mp3"; }
check "ends when told to" ends

rounds () {
  for i in 1 2 3 4; do single tones/$i.json 700000000; done >round.raw
  "${look[@]}" repeats live-opus.raw round.raw 3 && "${look[@]}" repeats live-mp3.raw round.raw 3 \
    && [ "$n_played" -ge 12 ]
}
check "live: bit for bit before the encoder, round after round, while the server was away" rounds

heard_opus () {
  local n=$1 seconds=$2
  ffprobe -v error -show_entries stream=codec_name,sample_rate,channels -of csv=p=0 "heard-$n.opus" \
    | tee probe.txt
  equal "$(sed -n 1p probe.txt)" "opus,48000,1" || return
  grep -qa "CONTACT=http://example.org/" "heard-$n.opus" || return
  "${look[@]}" ogg "heard-$n.opus" >titles.txt && "${look[@]}" ogg_packets "heard-$n.opus" || return
  cat titles.txt
  # One after the other, in order, beginning anywhere.
  equal "$(cut -d' ' -f1 titles.txt)" \
    "$(for _ in {1..20}; do printf '%s\n' "${tones[@]}"; done | sed -n "/$(head -n 1 titles.txt | cut -d' ' -f1)/,\$p" \
      | head -n "$(wc -l <titles.txt)")" || return
  gst-launch-1.0 -q playbin uri="file://$scratch/heard-$n.opus" \
    audio-sink="audioconvert ! audio/x-raw,format=S16LE ! filesink location=$scratch/heard-$n.raw" || true
  "${look[@]}" level "heard-$n.raw" && [ "$(wc -c <"heard-$n.raw")" -ge $(((seconds - 1) * 96000)) ]
}
check "Ogg/Opus as heard: titles in order, no hole" heard_opus 1 5
check "Ogg/Opus as heard after the server came back" heard_opus 2 4

heard_mp3 () {
  local n=$1 seconds=$2 interval
  interval=$(tr -d '\r' <"header-$n.txt" | sed -n 's/^icy-metaint://p')
  "${look[@]}" icy "heard-$n.icy" "$interval" "heard-$n.mp3" >titles.txt || return
  cat titles.txt
  [ "$(wc -l <titles.txt)" -ge 3 ] || return
  ! grep -qv "^StreamTitle='The station - tone-[1-4]';$" titles.txt || return
  ffmpeg -v error -y -i "heard-$n.mp3" -f s16le "heard-$n.mp3.raw" || return
  "${look[@]}" level "heard-$n.mp3.raw" && [ "$(wc -c <"heard-$n.mp3.raw")" -ge $(((seconds - 1) * 96000)) ]
}
check "MP3 as heard: titles, no hole" heard_mp3 1 5
check "MP3 as heard after the server came back, titles again" heard_mp3 2 4

status () {
  python3 - <<'PY'
import json
sources = json.load(open("status.json"))["icestats"]["source"]
opus = next(s for s in sources if s["listenurl"].endswith("/kromo.opus"))
mp3 = next(s for s in sources if s["listenurl"].endswith("/live.mp3"))
assert opus["server_name"] == mp3["server_name"] == "The station", sources
assert opus["genre"] == "tones" , opus
assert mp3["title"].startswith("The station - tone-"), mp3
PY
}
check "the server knows name, genre and title" status

# A round looks at the folder anew; a folder without anything is looked at again until there is something.
rescans () {
  local pid
  mkdir -p changing && cp tones/1.json changing/
  "$program" --folder changing --duration 0.3 --port "$port" --mount changing.opus >changing.txt 2>changing.err &
  pid=$!
  wait_until 10 grep -q "playing tone-1" changing.txt && cp tones/2.json changing/ \
    && wait_until 15 grep -q "playing tone-2" changing.txt && rm changing/*.json \
    && wait_until 15 grep -q "nothing can be played now" changing.err && cp tones/3.json changing/ \
    && wait_until 15 grep -q "playing tone-3" changing.txt && kill -INT "$pid" && wait "$pid"
}
rescans >rescans.log 2>&1 &
rescans=$! # asked in the end, because it mostly waits

# A machine that stood still does not send in a rush what it has missed.
stands_still () {
  local pid before after
  "$program" --folder live --duration 0.5 --port "$port" --mount still.opus >still.txt 2>still.err &
  pid=$!
  wait_until 20 grep -q "on air" still.txt || return
  kill -STOP "$pid"
  sleep 8
  before=$(grep -c ^playing still.txt)
  kill -CONT "$pid"
  sleep 3
  after=$(grep -c ^playing still.txt)
  kill -INT "$pid"
  wait "$pid" || return
  cat still.err
  say "$((after - before)) sounds of 0.5 s in 3 s"
  # 8 s missed would be 16 more; what was late before it was noticed is a chunk.
  grep -q "s late; going on from there" still.err && [ $((after - before)) -le 10 ]
}
if [ -n "${KROMO_SLOW:-}" ]; then
  check "no rush after standing still" stands_still
else
  skip "no rush after standing still" "a long run"
fi

# ---- the commands of the page

paste_page () {
  cp tones/1.json genome.json
  pasted icecast.md "$1" | sed "s,8000,$port,g; s,hackme,secret,g; s, genomes, $scratch/live,g;
    s,genome\.json,$scratch/genome.json,g; s,programme,$scratch/programme,g; s,20000000000,3000000000,g" >page.sh
  cat page.sh
  (cd "$root" && bash -e "$scratch/page.sh")
}

hear () {
  local mount=$1 name=$2 status=0 pid
  paste_page "$name" >page.txt 2>&1 &
  pid=$!
  wait_until 10 curl -sf -m 20 -o page.heard "http://127.0.0.1:$port/$mount"
  cat page.txt
  ffprobe -v error -show_entries stream=codec_name -of csv=p=0 page.heard | head -n 1 | tee codec.txt
  wait "$pid" || status=$?
  [ -s codec.txt ] && equal "$status" 0
}

programme () {
  paste_page programme && "${look[@]}" ogg programme.opus >titles.txt && cat titles.txt \
    && equal "$(cut -d' ' -f1 titles.txt)" "$(printf '%s\n' "${tones[@]}")"
}
check "pasted: one genome with gst-launch, MP3" hear one.mp3 one-mp3
check "pasted: one genome with gst-launch, Ogg/Opus" hear one.opus one-opus
check "pasted: a programme in a file" programme

for_ever () {
  local pid status=0
  paste_page station >page.txt 2>&1 &
  pid=$!
  wait_until 30 grep -q "on air" page.txt || status=$?
  cat page.txt
  # The script becomes the program.
  kill -TERM "$(pgrep -P "$(pgrep -P "$pid")")" && wait "$pid" && [ "$status" -eq 0 ]
}
check "pasted: the station" for_ever

rescanned () { cat rescans.log; wait "$rescans"; }
check "genomes come and go while it plays" rescanned

kill "$server"
stops () { wait "$server" || true; ! pgrep -f "$scratch/server/icecast.xml"; }
check "the server ends with its script" stops
