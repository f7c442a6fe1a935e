#!/usr/bin/env bash
# The station into files: bit for bit, gapless, over broken genomes, and for very long.
# packages: ffmpeg opus-tools
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/tones.sh
. "$(dirname "${BASH_SOURCE[0]}")/tones.sh"

# ---- bad input

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
[ -z "${KROMO_SLOW:-}" ] || n_sounds=10000
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
