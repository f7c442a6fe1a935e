#!/usr/bin/env bash
# pipelines/play.sh: what it plays, how soon, and its keys, in a terminal of our own.
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

play=$root/pipelines/play.sh
terminal=$root/tests/pipelines/terminal.py
clocked="fakesink sync=true"
tone=$data/gst/tone.json
up='\x1b[A' down='\x1b[B' right='\x1b[C' left='\x1b[D' page_up='\x1b[5~' page_down='\x1b[6~'

# says REGEX STATUS COMMAND...: what it prints has the regular expression in it, and its exit status is this
says () {
  local regex=$1 wanted=$2 status=0
  shift 2
  "$@" >"$scratch/said" 2>&1 || status=$?
  cat "$scratch/said"
  say "exit status $status, wanted $wanted; wanted is: $regex"
  [ "$status" -eq "$wanted" ] && grep -Eq -- "$regex" "$scratch/said"
}

# What comes out is what the element renders, to the bit.
plays_the_element () {
  bash "$play" "$tone" 1.5 -12 0.25 --sink "filesink location=$scratch/played.raw" \
    && quietly "Rendering" gst gst-launch-1.0 -q kromosrc location="$tone" duration=1500000000 \
      note-delta=-12 volume=0.25 ! audio/x-raw,format=F32LE ! filesink location="$scratch/wanted.raw" \
    && [ "$(wc -c <"$scratch/wanted.raw")" -eq 288000 ] \
    && cmp "$scratch/played.raw" "$scratch/wanted.raw"
}

# Seconds are seconds, and the first sound comes at once; three tries, as others may use the machine.
plays_in_time () {
  local start end ms
  for _ in 1 2 3; do
    start=$(date +%s%N)
    bash "$play" default 1 --sink "$clocked" >"$scratch/said" || return
    end=$(date +%s%N)
    ms=$(sed -n 's/.*first sound after \([0-9.]*\) ms.*/\1/p' "$scratch/said")
    say "first sound after $ms ms; all in $(((end - start) / 1000000)) ms"
    awk -v ms="$ms" -v all="$((end - start))" \
      'BEGIN { exit !(ms > 0 && ms < 300 && all >= 1e9 && all < 3e9) }' && return
  done
  return 1
}

plays_a_folder () {
  says "two.json \(3 of 3\): first sound" 1 bash "$play" "$scratch/a folder" 0.1 --sink "$clocked" || return
  [ "$(grep -c "first sound" "$scratch/said")" -eq 2 ] && grep -q "bad.json: .*not JSON" "$scratch/said"
}

plays_a_database () {
  python3 - "$scratch/some.sqlite" "$tone" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)")
for name in "b", "a":
    db.execute("INSERT INTO genomes VALUES (?, ?)", (name, open(sys.argv[2], "rb").read()))
db.commit()
PY
  says "some.sqlite#b \(2 of 2\)" 0 bash "$play" "$scratch/some.sqlite" 0.1 --sink "$clocked" || return
  says "some.sqlite#b \(1 of 1\)" 0 bash "$play" "$scratch/some.sqlite" 0.1 -i b --sink "$clocked"
}

# in_terminal STATUS STEP... -- ARGUMENT...: play.sh's program in a terminal
in_terminal () {
  local wanted=$1
  local -a steps=()
  shift
  while [ "$1" != -- ]; do
    steps+=("$1")
    shift
  done
  shift
  gst python3 "$terminal" "${steps[@]}" -- "$root/build/pipelines/play/kromo-play" "$@" \
    >"$scratch/terminal.log" || {
    cat "$scratch/terminal.log"
    return 1
  }
  cat "$scratch/terminal.log"
  say "wanted is $wanted"
  grep -qx "ended with $wanted" "$scratch/terminal.log"
}

# The frequency of the sound in a part of a file of floats, by its zero crossings; seconds from the start, or
# from the end when negative.
frequency () {
  python3 - "$@" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
samples = struct.unpack("<%df" % (len(data) // 4), data)
start = int(float(sys.argv[2]) * 48000) % len(samples)
part = samples[start:start + 9600]
mean = sum(part) / len(part)
print(round(sum(a < mean <= b for a, b in zip(part, part[1:])) / 0.2))
PY
}

# An octave up while it plays, and a second back before: the sound follows.
keys_change_the_sound () {
  local first last
  in_terminal 0 "expect:first sound" sleep:0.5 "send:$page_up" 'expect:note \+12' sleep:1 send:q -- \
    "$tone" 20 --sink "clocksync ! audio/x-raw,format=F32LE ! filesink location=$scratch/keys.raw" || return
  first=$(frequency "$scratch/keys.raw" 0.1)
  last=$(frequency "$scratch/keys.raw" -0.25)
  say "$first Hz, then $last Hz"
  awk -v a="$first" -v b="$last" 'BEGIN { exit !(a > 100 && b / a > 1.95 && b / a < 2.05) }'
}

# The page's commands, to a sink that the test can have, and shorter.
page () {
  pasted playing.md play | sed "s/json 10/json 0.2/; s/\$/ --sink '$clocked' --loops 1 --seconds 0.2/" >"$scratch/pasted.sh" || return
  cat "$scratch/pasted.sh"
  mkdir -p "$scratch/page"
  (cd "$scratch/page" && ln -sfn "$root/pipelines" pipelines && ln -sfn "$scratch/good" genomes \
    && cp -n "$tone" genome.json && cp -n "$scratch/some.sqlite" genomes.sqlite && bash -e "$scratch/pasted.sh" >"$scratch/said" 2>&1)
  cat "$scratch/said"
  [ "$(grep -c "first sound" "$scratch/said")" -eq 8 ]
}

page_sink () {
  pasted playing.md sink >"$scratch/pasted.sh" || return
  (cd "$scratch/page" && bash -e "$scratch/pasted.sh") && [ "$(soxi -s "$scratch/page/as-played.wav")" -eq 192000 ]
}

mkdir "$scratch/a folder" "$scratch/good"
cp "$tone" "$scratch/good/one.json"
cp "$tone" "$scratch/good/two.json"
cp "$data/gst/not-json.json" "$scratch/a folder/bad.json"
cp "$tone" "$scratch/a folder/one.json"
cp "$tone" "$scratch/a folder/two.json"
cp "$tone" "$scratch/a folder/no genome.txt"

check "plays what the element renders" plays_the_element
check "in time, and at once" plays_in_time
sed -n 's/^first/# first/p' "$scratch/check.log"
check "a folder, with one that cannot be played" plays_a_folder
check "a database" plays_a_database
if [ -n "$(sound_package)" ]; then
  skip "no sound device" "there is one"
else
  check "no sound device" says "no sound device here" 1 bash "$play" default 0.1
fi
check "no such genome" says "nowhere.json: no genome can be read there: No such file" 1 \
  bash "$play" "$scratch/nowhere.json"
check "a bad genome" says "is no genome" 1 bash "$play" "$data/gst/no-patch.json" --sink "$clocked"
check "an empty folder" says "has no genomes in it" 1 bash "$play" "$root/engine"
check "no such sink" says 'no element "nosuchsink"' 1 bash "$play" --sink nosuchsink
check "a sink that takes no sound" says "^--sink: " 1 bash "$play" --sink "filesrc location=/dev/null"
check "a sink that cannot be opened" says "cannot be used: Could not open" 1 \
  bash "$play" --sink "filesink location=$scratch/nowhere/x"
check "a bad length" says 'SECONDS: "long" is not a number of seconds' 2 bash "$play" default long
check "a bad note" says 'NOTE-DELTA: "200" is not a number from -128 to 128' 2 bash "$play" default 1 200
check "a bad level" says 'LEVEL: "-1" is not a number from 0 to 10' 2 bash "$play" default 1 0 -1
check "too many arguments" says "too many arguments" 2 bash "$play" default 1 0 1 1
check "the page's commands" page
check "the page's sink" page_sink
check "help" says "up/down: note" 0 bash "$play" --help

check "keys: note" in_terminal 0 "expect:first sound" raw "send:$up$up" 'expect:note \+2,' "send:$down" \
  'expect:note \+1,' "send:$page_down" 'expect:note -11,' 'send:\x1bOA' 'expect:note -10,' send:q -- \
  default 20 --sink "$clocked"
check "keys: volume" in_terminal 0 "expect:first sound" send:--- "expect:volume 85 %," send:+ \
  "expect:volume 90 %," send:m "expect:\\(mute\\)" send:m "expect:90 %, RTF" send:q -- \
  default 20 --sink "$clocked"
check "keys: pause" in_terminal 0 "expect:first sound" "send: " "expect:paused  (\\S+)" sleep:0.3 \
  "send: " "expect:playing (\\S+)" send:q -- default 20 --sink "$clocked"
check "keys: seek, in a pause" in_terminal 0 "expect:first sound" "send: " "expect:paused " 'send:\x1b[H' \
  "expect:paused  0:00.0" "send:$right$right$right" "expect:paused  0:03.0" "send:$left" "expect:paused  0:02.0" \
  'send:\x1b[1~' "expect:paused  0:00.0" "send: " expect:playing send:q -- default 20 --sink "$clocked"
check "keys: seek, while it plays, to the end" in_terminal 0 "expect:first sound" \
  "send:$right$right$right$right$right$right" -- default 6 --sink "$clocked"
check "keys: next, previous, and beyond the last" in_terminal 1 "expect:one.json \\(2 of 3\\)" send:n \
  "expect:two.json \\(3 of 3\\): first sound" send:p "expect:one.json \\(2 of 3\\): first sound" send:n \
  "expect:two.json \\(3 of 3\\): first sound" send:n -- "$scratch/a folder" 20 --sink "$clocked"
check "keys: again from the beginning" in_terminal 0 "expect:1 of 1.: first sound" \
  "expect:1 of 1.: first sound" "expect:1 of 1.: first sound" send:q -- "$tone" 0.3 --repeat --sink "$clocked"
check "keys: help, and those that mean nothing" in_terminal 0 "expect:first sound" 'send:xyz\x1b[99~\x1bz?' \
  "expect:up/down: note" 'send:\x04' -- default 20 --sink "$clocked"
check "keys change the sound" keys_change_the_sound
check "without keys the terminal is left alone" in_terminal 0 "expect:first sound" cooked -- \
  default 0.5 --no-keys --sink "$clocked"
check "Ctrl-C" in_terminal 130 "expect:first sound" raw 'send:\x03' -- default 20 --sink "$clocked"
check "SIGTERM" in_terminal 143 "expect:first sound" raw signal:TERM -- default 20 --sink "$clocked"
check "SIGHUP" in_terminal 129 "expect:first sound" raw signal:HUP -- default 20 --sink "$clocked"
check "a crash" in_terminal 139 "expect:first sound" raw signal:SEGV -- default 20 --sink "$clocked"
check "Ctrl-Z and back" in_terminal 0 "expect:first sound" raw 'send:\x1a' stopped cooked signal:CONT raw \
  "send:$up" 'expect:note \+1,' send:q -- default 20 --sink "$clocked"
check "an error gives the terminal back" in_terminal 1 "expect:is no genome" -- \
  "$data/gst/no-patch.json" --sink "$clocked"
