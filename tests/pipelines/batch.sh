#!/usr/bin/env bash
# pipelines/render-batch.sh: what it renders, interruptions, bad genomes, shards.
# packages: flac
set -euo pipefail

# In memory, where there is some: a busy disk takes its time for each file that is to last.
if [ -z "${TMPDIR:-}" ] && [ -w /dev/shm ] && [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 1000000 ]; then
  export TMPDIR=/dev/shm
fi

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

batch=$root/pipelines/render-batch.sh
program=$root/build/pipelines/render/kromo-batch
genomes=$data/parity/genomes

# says REGEX STATUS COMMAND...: what it prints has the regular expression in it, and its exit status is this
says () {
  local regex=$1 wanted=$2 status=0
  shift 2
  "$@" >"$scratch/said" 2>&1 || status=$?
  cat "$scratch/said"
  say "exit status $status, wanted $wanted; wanted is: $regex"
  [ "$status" -eq "$wanted" ] && grep -Eq -- "$regex" "$scratch/said"
}

# same_files A B: the same sounds under the same names, and nothing else but settings
same_files () {
  ls -A "$1" "$2"
  diff -r "$1" "$2"
}

# ---- a folder with bad ones

fill_mixed () {
  mkdir -p "$scratch/mixed/folder.json"
  cp "$genomes/t36_fm.json.gz" "$scratch/mixed/a.json.gz"
  cp "$data/gst/tone.json" "$scratch/mixed/b c.json"
  cp "$data/gst/tone.json" "$scratch/mixed/b"$'\n'"d%.json"
  cp "$data/gst/tone.json" "$scratch/mixed/a.json"
  cp "$data/gst/tone.json" "$scratch/mixed/"$'\xff.json'
  cp "$data/gst/warned.json" "$scratch/mixed/"
  cp "$data/gst/not-json.json" "$data/gst/no-patch.json" "$scratch/mixed/"
  ln -s nowhere "$scratch/mixed/dangling.json"
  head -c 300 "$genomes/t36_fm.json.gz" >"$scratch/mixed/cut.json.gz"
  : >"$scratch/mixed/empty.json"
  echo "not a genome" >"$scratch/mixed/notes.txt"
}

mixed () {
  fill_mixed
  says "^6 rendered .*, 0 were there, 5 failed, 1 not quite as written$" 1 \
    bash "$batch" --seconds 0.5 "$scratch/mixed" "$scratch/mixed out" || return
  [ "$(grep -c "^[a-z-]*.wav: " "$scratch/said")" -eq 5 ] || return
  for bad in cut dangling empty no-patch not-json; do
    grep -q "^$bad.wav: $scratch/mixed/$bad.json" "$scratch/said" || return
  done
  ls -A "$scratch/mixed out"
  [ "$(find "$scratch/mixed out" -name '*.wav' | wc -l)" -eq 6 ] \
    && [ -s "$scratch/mixed out/%FF.wav" ] && [ -s "$scratch/mixed out/b c.wav" ] && [ -s "$scratch/mixed out/b%0Ad%25.wav" ] \
    && [ "$(find "$scratch/mixed out" -name 'a-*.wav' | wc -l)" -eq 2 ]
}

again_after_failures () {
  says "^0 rendered, 6 were there, 5 failed" 1 bash "$batch" --seconds 0.5 "$scratch/mixed" "$scratch/mixed out"
}

tells_warnings () {
  says "^warned.wav: Not played as written" 1 \
    bash "$batch" --seconds 0.5 --again --verbose "$scratch/mixed" "$scratch/mixed out"
}

# ---- what is rendered is what render.sh renders, with each note

notes () {
  says "^51 rendered" 0 bash "$batch" -f flac -n -12,0,7.5 --seconds 0.5 --normalize peak \
    "$scratch/genomes" "$scratch/notes" || return
  for note in -12 0 7.5; do
    local suffix=
    [ "$note" = 0 ] || suffix=$(printf '_%+g' "$note")
    bash "$root/pipelines/render.sh" -q -n "$note" --seconds 0.5 --normalize peak \
      "$genomes/t40_wavetable3.json.gz" "$scratch/one.flac" \
      && cmp "$scratch/one.flac" "$scratch/notes/t40_wavetable3$suffix.flac" || return
  done
  find "$scratch/notes" -name '*.flac' -print0 | xargs -0 flac --silent --test
}

# Names that would lead out of the folder, or are none, become names.
database () {
  python3 - "$scratch/some.sqlite" "$data/gst/tone.json" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)")
tone = open(sys.argv[2], "rb").read()
for name in "../../out", "..", "a", "a/b", "ü", "x" * 400, "x" * 401, "100%":
    db.execute("INSERT INTO genomes VALUES (?, ?)", (name, tone))
db.execute("INSERT INTO genomes VALUES ('broken', '{}')")
db.commit()
PY
  says "^8 rendered .* 1 failed" 1 bash "$batch" --seconds 0.1 "$scratch/some.sqlite" "$scratch/deep/er/out" \
    || return
  grep -q "^broken.wav: $scratch/some.sqlite" "$scratch/said" || return
  find "$scratch/deep" -type f
  [ "$(find "$scratch/deep" -type f -name '*.wav' | wc -l)" -eq 8 ] \
    && says "^9	done	$scratch/deep/er/out/ü.wav" 0 env LC_ALL=C bash "$batch" --list "$scratch/some.sqlite" "$scratch/deep/er/out" \
    && [ "$(find "$scratch/deep/er/out" -type f -name '*.wav' | wc -l)" -eq 8 ] \
    && [ -s "$scratch/deep/er/out/%2E.%2F..%2Fout.wav" ] && [ -s "$scratch/deep/er/out/ü.wav" ]
}

too_many () {
  python3 - "$scratch/large.sqlite" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)")
db.executemany("INSERT INTO genomes VALUES (?, '{}')", (("%05d" % i,) for i in range(10001)))
db.commit()
PY
  says "large.sqlite: only its first 10000 genomes are taken" 0 bash "$batch" --list "$scratch/large.sqlite" \
    "$scratch/x" && [ "$(grep -c todo "$scratch/said")" -eq 10000 ]
}

# ---- interruptions

straight () {
  says "^17 rendered" 0 bash "$batch" --seconds 20 "$scratch/genomes" "$scratch/straight"
}

has_sounds () { [ "$(find "$scratch/stopped" -name '*.wav' | wc -l)" -ge "$1" ]; }
has_part () { [ -n "$(find "$scratch/stopped" -name '.*.part' -size +0)" ]; }

# All that has a name is whole.
all_whole () {
  local file
  for file in "$scratch/stopped"/*.wav; do
    cmp "$file" "$scratch/straight/${file##*/}" || return
  done
}

# stop_with SIGNAL SOUNDS: begins, and ends it when that many sounds are there and one is under way
stop_with () {
  local child status=0
  gst exec "$program" --jobs 1 --seconds 20 "$scratch/genomes" "$scratch/stopped" >"$scratch/said" 2>&1 &
  child=$!
  wait_until 30 has_sounds "$2" && wait_until 10 has_part || return
  kill "-$1" "$child"
  wait "$child" || status=$?
  cat "$scratch/said"
  ls -A "$scratch/stopped"
  say "exit status $status"
  [ "$status" -eq $((128 + $(kill -l "$1"))) ] && all_whole && ! has_sounds 17
}

interrupted () {
  stop_with INT 3 || return
  ! has_part && grep -q "interrupted with .* to go" "$scratch/said"
}

terminated () {
  stop_with TERM 6 && ! has_part
}

killed () {
  stop_with KILL 9 && has_part
}

finished () {
  local n
  n=$(find "$scratch/stopped" -name '*.wav' | wc -l)
  says "^$((17 - n)) rendered .*, $n were there, 0 failed" 0 \
    bash "$batch" --seconds 20 "$scratch/genomes" "$scratch/stopped" \
    && same_files "$scratch/straight" "$scratch/stopped"
}

# ---- shares of the work

shards () {
  local i
  says "^17 rendered" 0 bash "$batch" --seconds 1 "$scratch/genomes" "$scratch/short" || return
  says "^1	todo	$scratch/shards/ev016_m28.wav	ev016_m28.json.gz" 0 \
    bash "$batch" --list "$scratch/genomes" "$scratch/shards" || return
  [ "$(wc -l <"$scratch/said")" -eq 17 ] || return
  for i in 1 2 3; do
    bash "$batch" --seconds 1 --shard "$i/4" "$scratch/genomes" "$scratch/shards" || return
  done
  [ "$(find "$scratch/shards" -name '*.wav' | wc -l)" -eq 13 ] || return
  says "^4	todo	" 0 bash "$batch" --list --shard 4/4 "$scratch/genomes" "$scratch/shards" || return
  [ "$(cut -f 1-2 "$scratch/said" | grep -c todo)" -eq 4 ] || return
  for i in 4 8 12 16; do
    says "^1 rendered" 0 bash "$batch" --seconds 1 --item "$i" "$scratch/genomes" "$scratch/shards" || return
  done
  same_files "$scratch/short" "$scratch/shards"
}

# Two that do the same at once share it.
together () {
  local first second
  gst exec "$program" --seconds 1 "$scratch/genomes" "$scratch/together" >"$scratch/first" 2>&1 &
  first=$!
  gst exec "$program" --seconds 1 "$scratch/genomes" "$scratch/together" >"$scratch/second" 2>&1 &
  second=$!
  wait "$first" && wait "$second" || return
  cat "$scratch/first" "$scratch/second"
  [ "$(awk '{ n += $1 } END { print n }' "$scratch/first" "$scratch/second")" -eq 17 ] \
    && same_files "$scratch/short" "$scratch/together"
}

# ---- a terminal

bar () {
  gst python3 "$root/tests/pipelines/terminal.py" 'expect:\[ +\] 0/17' 'expect:\[#+ +\] \d+/17, 0 failed, \d+ s left' \
    'expect:\[#+\] 17/17' 'expect:17 rendered' -- "$program" --jobs 1 --seconds 8 "$scratch/genomes" "$scratch/bar" \
    >"$scratch/terminal.log"
  tail -n 8 "$scratch/terminal.log"
  grep -qx "ended with 0" "$scratch/terminal.log"
}

bar_and_ctrl_c () {
  gst python3 "$root/tests/pipelines/terminal.py" 'expect:\[#+ +\] \d+/17' 'send:\x03' 'expect:interrupted' \
    -- "$program" --seconds 150 "$scratch/genomes" "$scratch/bar 2" >"$scratch/terminal.log"
  tail -n 8 "$scratch/terminal.log"
  grep -qx "ended with 130" "$scratch/terminal.log"
}

# ---- the evolved genomes, where there are all: figures for the page

evolved () {
  bash "$batch" --format "$1" --seconds "$2" "$KROMO_PARITY_DATA/genomes.sqlite" "$scratch/evolved-$1-$2" \
    >"$scratch/said" || return
  cat "$scratch/said"
  grep -q "^39 rendered" "$scratch/said"
}

page () {
  pasted files.md batch >"$scratch/pasted.sh" || return
  cat "$scratch/pasted.sh"
  mkdir -p "$scratch/page"
  (cd "$scratch/page" && ln -sfn "$root/pipelines" pipelines && ln -sfn "$scratch/genomes" genomes \
    && cp -n "$scratch/good.sqlite" genomes.sqlite && bash -e "$scratch/pasted.sh") || return
  [ "$(find "$scratch/page/sounds" -name '*.wav' | wc -l)" -eq 17 ] \
    && [ "$(find "$scratch/page/songs" -name '*.opus' | wc -l)" -eq 3 ]
}

mkdir "$scratch/genomes"
cp "$genomes"/*.json.gz "$data/gst/tone.json" "$scratch/genomes/"
python3 - "$scratch/good.sqlite" "$data/gst/tone.json" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)")
db.execute("INSERT INTO genomes VALUES ('one', ?)", (open(sys.argv[2], "rb").read(),))
db.commit()
PY

check "a folder with bad ones" mixed
check "those that failed are tried again" again_after_failures
check "what is not played as written" tells_warnings
check "several notes" notes
check "a database, and names that are none" database
check "a straight run" straight
check "interrupted" interrupted
check "terminated" terminated
check "killed" killed
check "the same command goes on" finished
check "shards and items" shards
check "two at once" together
check "a bar" bar
check "a bar and Ctrl-C" bar_and_ctrl_c
check "other settings in the same folder" says "rendered with other settings \(bits=16 duration=20000000000; now" 2 \
  bash "$batch" --seconds 2 "$scratch/genomes" "$scratch/straight"
check "a database of more than can be listed" too_many
check "numbers right after short options" says "^1	todo	$scratch/x/one_-12.wav" 0 \
  bash "$batch" -l -j1 -n-12,.5 "$scratch/good.sqlite" "$scratch/x"
check "no such folder" says "no genome can be read there" 2 bash "$batch" "$scratch/nowhere" "$scratch/x"
check "no genomes in it" says "has no genomes in it" 2 bash "$batch" "$root/engine" "$scratch/x"
check "a file in the folder's place" says "the folder cannot be made: " 2 \
  bash "$batch" "$scratch/genomes" "$scratch/good.sqlite/x"
check "a bad shard" says "shard: wanted is I/N" 2 bash "$batch" --shard 5/4 "$scratch/genomes" "$scratch/x"
check "no such item" says "there is no item 18; there are items 1 to 17" 2 \
  bash "$batch" --item 18 "$scratch/genomes" "$scratch/x"
check "a bad note" says 'note-delta: "high" is not a number' 2 bash "$batch" -n 0,high "$scratch/genomes" "$scratch/x"
check "a note twice" says 'note-delta: 0 is there twice' 2 bash "$batch" -n 0,0 "$scratch/genomes" "$scratch/x"
check "too few arguments" says "wanted are GENOMES and a FOLDER" 2 bash "$batch" "$scratch/genomes"
check "the page's commands" page
if [ -n "${KROMO_SLOW:-}" ] && [ -f "${KROMO_PARITY_DATA:-}/genomes.sqlite" ]; then
  for what in "wav 4" "wav 60" "flac 60" "opus 60" "mp3 60"; do
    # shellcheck disable=SC2086 # two words
    check "the evolved genomes: $what s" evolved $what
    sed -n 's/^39/# 39/p' "$scratch/check.log"
  done
fi
