#!/usr/bin/env bash
# The station: into files, and to a real Icecast server that dies and comes back, heard by a real client.
# packages: icecast2 curl ffmpeg opus-tools
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build=${KROMO_BUILD:-$root/build}
export GST_PLUGIN_PATH=$build/gst GST_REGISTRY=$scratch/registry.bin
export KROMO_STATION_PASSWORD=secret LC_ALL=C.UTF-8
look=(python3 "$root/tests/pipelines/station.py")
tones=(tone-1 tone-2 tone-3 tone-4)
chmod 755 "$scratch" # the server is somebody else
cd "$scratch"

# In the background it is to be $program itself, so that signals go to it and not to a shell.
program=$build/pipelines/station/kromo-station
station () { timeout 60 "$program" "$@"; }

free_port () {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# single FILE DURATION [PROPERTY=VALUE...]: what kromosrc makes of one genome alone.
single () {
  local file=$1 duration=$2
  shift 2
  gst-launch-1.0 -q kromosrc location="$file" duration="$duration" "$@" \
    ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! filesink location=single.raw
  cat single.raw
}

equal () {
  [ "$1" = "$2" ] || {
    printf 'is:\n%s\nshould be:\n%s\n' "$1" "$2"
    return 1
  }
}

# ---- genomes: sounds from their first sample to their last one, and what cannot be played

mkdir tones
python3 - "$data/gst/tone.json" <<'PY'
import copy, json, sys
tone = json.load(open(sys.argv[1]))
for i in range(1, 5):
    g = copy.deepcopy(tone)
    g["_id"] = "tone-%d" % i
    wave = g["genome"]["waveNetwork"]["offspring"]
    wave["connections"] = [dict(c, weight=0.4 + 0.1 * i) for c in wave["connections"] if c["sourceID"] == "1"]
    json.dump(g, open("tones/%d.json" % i, "w"))
PY
cp "$data/gst/not-json.json" tones/2b.json
cp "$data/gst/unknown-function.json" tones/3b.json
cp "$data/gst/tone.json" tones/.hidden.json
mkdir tones/4b.json
echo "no genome, and not called one" >tones/README
n_broken=2

# ---- bad input

refuses () {
  local words=$1
  shift
  if station "$@" >refused.out 2>&1; then
    cat refused.out
    say "was not refused: $*"
    return 1
  fi
  if grep -q CRITICAL refused.out || ! grep -qF -- "$words" refused.out; then
    cat refused.out
    say "does not say: $words"
    return 1
  fi
}

bad_options () {
  refuses "either --folder DIR or --database FILE" --output x \
    && refuses "either --folder DIR or --database FILE" --output x --folder tones --database y \
    && refuses "no folder nowhere" --folder nowhere --output x \
    && refuses "no genome database nowhere" --database nowhere --output x \
    && refuses "opus or mp3, not wav" --folder tones --output x --format wav \
    && refuses "6 to 510" --folder tones --output x --bitrate 5 \
    && refuses "32, 40" --folder tones --output x --format mp3 --bitrate 129 \
    && refuses "from 0.05 to 86400" --folder tones --output x --duration 0 \
    && refuses "from 0.05 to 86400" --folder tones --output x --duration nan \
    && refuses "seed" --folder tones --output x --shuffle yes \
    && refuses "--crossfade is none" --folder tones --output x --crossfade 2 \
    && refuses "--channels is 1 or 2" --folder tones --output x --channels 3 \
    && refuses "--set" --folder tones --output x --set velocity=7 \
    && refuses "a property of kromosrc" --folder tones --output x --set nothing=7 \
    && refuses "Unknown option --nothing" --folder tones --output x --nothing \
    && refuses "nowhere/x cannot be written: No such file" --folder tones --output nowhere/x \
    && refuses "nowhere/x cannot be written: No such file" --folder tones --output x --raw nowhere/x \
    && refuses "No space left on device" --folder tones --output /dev/full --once \
    && refuses "--port" --folder tones --port 70000 \
    && refuses "--password-file: " --folder tones --password-file nowhere \
    && (unset KROMO_STATION_PASSWORD && refuses "KROMO_STATION_PASSWORD" --folder tones) \
    && GST_PLUGIN_PATH='' refuses "GST_PLUGIN_PATH" --folder tones --output x
}
check "bad options are refused with a reason" bad_options

nothing () {
  mkdir -p empty broken
  cp "$data/gst/not-json.json" broken/
  refuses "nothing that can be played" --folder empty --output x --once \
    && refuses "nothing that can be played" --folder broken --output x \
    && refuses "nothing that can be played" --database broken/not-json.json --output x
}
check "nothing to play is an error" nothing

# ---- to files

for i in 1 2 3 4; do single tones/$i.json 1010000000; done >expected.raw
single tones/1.json 777000000 note-delta=5 >expected-one.raw

to_file () {
  local format=$1
  station --folder tones --once --duration 1.01 --format "$format" --output "out.$format" \
    --raw "$format.raw" --crossfade none >out.txt 2>err.txt || return
  cmp "$format.raw" expected.raw \
    && equal "$(grep -c ^skipped err.txt)" "$n_broken" \
    && equal "$(wc -l <err.txt)" "$n_broken" \
    && grep -q "^skipped 2b.json: .*JSON" err.txt \
    && equal "$(grep ^playing out.txt)" "$(printf 'playing %s\n' "${tones[@]}")"
}
check "Ogg/Opus file: bit for bit before the encoder, broken genomes skipped with a line each" to_file opus
check "MP3 file: bit for bit before the encoder" to_file mp3
check "Ogg/Opus file: a stream a genome, each as long as its sound" \
  equal "$("${look[@]}" ogg out.opus)" "$(printf '%s 48480\n' "${tones[@]}")"

decoded () {
  opusdec --quiet --no-dither --rate 48000 out.opus opusdec.wav \
    && sox opusdec.wav -t raw -e signed -b 16 opusdec.raw \
    && gst-launch-1.0 -q playbin uri="file://$scratch/out.opus" \
      audio-sink="audioconvert ! audio/x-raw,format=S16LE ! filesink location=$scratch/playbin.raw" \
    && "${look[@]}" joins expected.raw opusdec.raw 48480 \
    && "${look[@]}" joins expected.raw playbin.raw 48480
}
check "Ogg/Opus file: opusdec and playbin hear no gap" decoded

mp3_decoded () {
  ffmpeg -v error -y -i out.mp3 -f s16le mp3.dec.raw && "${look[@]}" level mp3.dec.raw \
    && python3 - <<'PY'
import os
extra = os.path.getsize("mp3.dec.raw") - os.path.getsize("expected.raw")
assert 0 <= extra <= 2 * 1152 * 3, extra
PY
}
check "MP3 file: plays through" mp3_decoded

settings () {
  mkdir -p one && cp tones/1.json one/
  station --quiet --folder one --once --duration 0.777 --set note-delta=5 --output one.opus --raw one.raw \
    >one.out && cmp one.raw expected-one.raw && [ ! -s one.out ] \
    && station --quiet --folder one --once --use-metadata --output one.opus --raw one.raw \
    && gst-launch-1.0 -q kromosrc location=tones/1.json use-metadata=true \
      ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! filesink location=meta.raw \
    && cmp one.raw meta.raw && equal "$(wc -c <one.raw)" 240000
}
check "properties and metadata" settings

order () {
  station --folder tones --once --duration 0.1 --output x.opus "$@" 2>/dev/null | grep ^playing
}
shuffled () {
  local a b c
  a=$(order --shuffle 7) && b=$(order --shuffle 7) && c=$(order --shuffle 3) || return
  equal "$a" "$b" && [ "$a" != "$c" ] \
    && equal "$(sort <<<"$a")" "$(printf 'playing %s\n' "${tones[@]}")"
}
check "shuffled: the seed decides, each genome plays once" shuffled

database () {
  python3 - <<'PY' || return
import glob, sqlite3
db = sqlite3.connect("genomes.sqlite")
db.execute("CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)")
for i in 4, 2, 1, 3:
    db.execute("INSERT INTO genomes VALUES (?, ?)", ("id-%d" % i, open("tones/%d.json" % i, "rb").read()))
db.execute("INSERT INTO genomes VALUES ('id-2b', 'broken')")
db.commit()
PY
  station --database genomes.sqlite --once --duration 1.01 --output db.opus --raw db.raw >db.txt 2>db.err \
    && cmp db.raw expected.raw && equal "$(grep -c ^playing db.txt)" 4 && equal "$(wc -l <db.err)" 1 \
    && grep -q '^skipped genomes.sqlite#id-2b: ' db.err
}
check "a genome database" database

# A file that goes away between the trial and the playing ends kromosrc's stream, not the station.
vanishing () {
  local i watcher n status=0
  rm -rf vanish
  mkdir vanish
  for i in {1..9}; do cp tones/1.json "vanish/$i.json"; done
  python3 - <<'PY' &
import ctypes, os, struct
libc = ctypes.CDLL(None)
fd = libc.inotify_init()
libc.inotify_add_watch(fd, b"vanish", 0x10)  # closed, was not written
while True:
    data = os.read(fd, 4096)
    while data:
        length = struct.unpack("iIII", data[:16])[3]
        name = data[16 : 16 + length].rstrip(b"\0")
        data = data[16 + length :]
        if name and int(name[:1]) % 2 == 0:
            try:
                os.unlink(b"vanish/" + name)
            except FileNotFoundError:
                pass
PY
  watcher=$!
  sleep 0.5
  # Slower than who takes the files away.
  nice -n 19 "$program" --folder vanish --once --duration 0.3 --output v.opus >v.txt 2>v.err || status=$?
  kill "$watcher"
  cat v.txt v.err
  n=$(grep -c ^playing v.txt)
  [ "$status" -eq 0 ] && [ "$n" -ge 5 ] && [ "$n" -lt 9 ]
}
# It is a race: whether there was one to lose is up to the machine.
vanishing_sometime () { vanishing || vanishing || vanishing; }
check "files that go away do not stop it" vanishing_sometime

# ---- memory

n_sounds=600
n_deaths=1
[ -z "${KROMO_SLOW:-}" ] || { n_sounds=10000; n_deaths=10; }
mkdir many
for i in {1..50}; do "$build/engine/tools/kromo-info" --seed="$i" --save="many/0-$i.json" >/dev/null; done
for ((i = 50; i < n_sounds; i++)); do ln "many/0-$((i % 50 + 1)).json" "many/$((i / 50))-$((i % 50 + 1)).json"; done

memory () {
  local format=$1 pid
  # One heap, so that what is free shows as free.
  MALLOC_ARENA_MAX=1 "$program" --folder many --once --duration 0.05 --format "$format" --output /dev/null >many.txt &
  pid=$!
  while sleep 0.1 && [ -r "/proc/$pid/status" ]; do
    echo "$(grep -c ^playing many.txt) $(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")"
  done >"memory.$format"
  wait "$pid" && equal "$(tail -n 1 many.txt)" "$n_sounds sounds played, 0 genomes skipped" \
    && "${look[@]}" flat "memory.$format" 150 | sed "s/^/# $format: /" >&3
}
exec 3>&1
check "memory is flat over $n_sounds genomes, Ogg/Opus" memory opus
check "memory is flat over $n_sounds genomes, MP3" memory mp3

# ---- to a server

port=$(free_port)
mkdir server
start_server () {
  bash "$root/pipelines/icecast.sh" --port "$port" --dir server >server.out 2>&1 &
  server=$!
  wait_until 20 grep -q listens server.out
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

goes_on_air () { wait_until 20 on_air opus "$1" && wait_until 20 on_air mp3 "$1"; }
check "on air" goes_on_air 1
listen 1 5
for ((i = 1; i <= n_deaths; i++)); do
  kill -KILL "$(cat server/icecast.pid)"
  wait "$server" || true
  sleep 1
  start_server
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
check "genomes come and go while it plays" rescans

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

kill "$server"
stops () { wait "$server" || true; ! pgrep -f "$scratch/server/icecast.xml"; }
check "the server ends with its script" stops
