#!/usr/bin/env bash
# The WebSocket server: its protocol and its limits with a client of our own, its page in a browser.
# packages: libsoup-3.0-dev libgstreamer-plugins-base1.0-dev chromium nodejs
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tests=$root/tests/pipelines/websocket
program=$KROMO_BUILD/pipelines/websocket/kromo-websocket
export GST_PLUGIN_PATH=$KROMO_BUILD/gst
export G_SLICE=always-malloc # as pipelines/websocket.sh does
genomes=$scratch/genomes
max_bytes=300000
crowd_seconds=3
n_deaths=1
[ -z "${KROMO_SLOW:-}" ] || { crowd_seconds=60; n_deaths=5; }
playwright=1.65.1

make_genomes () {
  mkdir -p "$genomes/sub"
  cp "$data"/parity/genomes/*.json.gz "$data"/gst/{tone,no-patch,not-json,unknown-function}.json "$genomes"
  cp "$data/gst/tone.json" "$genomes/.hidden.json"
  cp "$data/gst/tone.json" "$genomes/sub/inner.json"
  cp "$data/gst/tone.json" "$scratch/outside.json"
  python3 - "$scratch/genomes.sqlite" "$data/gst/tone.json" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("CREATE TABLE genomes (id TEXT PRIMARY KEY, data BLOB)")
with open(sys.argv[2], "rb") as f:
    text = f.read()
db.executemany("INSERT INTO genomes VALUES (?, ?)", [("b/../c", text), ("a", text)])
db.commit()
PY
}

# start OPTION...: a server on a port of its own; sets $port and $pid.
start () {
  rm -f "$scratch/server.out" # the last one says where it listened
  "$program" --port=0 "$@" >"$scratch/server.out" 2>"$scratch/server.err" &
  pid=$!
  wait_until 20 grep -q '^Listening on ' "$scratch/server.out" || {
    cat "$scratch/server.err" >&2
    return 1
  }
  port=$(sed -n 's,^Listening on http://.*:\([0-9]*\)/$,\1,p' "$scratch/server.out")
}

# stop: ends it as Ctrl-C does; it must end soon, well, and without a complaint.
stop () {
  kill -INT "$pid" 2>/dev/null || true
  wait_until 10 has_ended || { kill -KILL "$pid"; say "it does not end"; return 1; }
  if ! wait "$pid" || [ -s "$scratch/server.err" ]; then
    cat "$scratch/server.err"
    return 1
  fi
}

has_ended () { [[ ! -e /proc/$pid || $(<"/proc/$pid/stat") == *") Z "* ]]; }

# try NAME TEST ARGUMENT...: a test of protocol.py; what it measured is shown.
try () {
  local name=$1
  shift
  check "$name" python3 "$tests/protocol.py" "$port" "$pid" "$@"
  sed 's/^/# /' "$scratch/check.log" | head -n 5
}

# render GENOME-FILE SECONDS OUTPUT: what the element renders
render () {
  gst-launch-1.0 -q kromosrc location="$1" duration="$(($2 * 1000000000))" \
    ! audio/x-raw,format=F32LE,channels=1,rate=48000 ! filesink location="$3"
}

# element_error GENOME: what the element says of that file, without the folder
element_error () {
  gst-launch-1.0 -q kromosrc location="$genomes/$1.json" ! fakesink 2>&1 \
    | sed -n "s,^ERROR: from element [^ ]*: $genomes/,,p"
}

references () {
  local genome
  for genome in ev016_m28 ev023_m60 ev103_m5_nz ev117_m50_pf t20_convolver t40_wavetable3; do
    render "$genomes/$genome.json.gz" 2 "$scratch/$genome.f32" || return
  done
  render "$genomes/ev117_m50_pf.json.gz" "$crowd_seconds" "$scratch/crowd.f32"
}

# refuses WORDS COMMAND...: fails, soon, and says these words.
refuses () {
  local words=$1 output
  shift
  if output=$(timeout 20 "$@" 2>&1); then
    say "it went well: $output"
    return 1
  fi
  [[ $output == *"$words"* ]] || { say "$output"; return 1; }
}

make_genomes
check "the element renders what is compared with" references

# ---- the protocol

start --folder="$genomes" --max-genome-bytes="$max_bytes" --rate=1000
pairs=()
for genome in ev016_m28 ev023_m60 ev103_m5_nz ev117_m50_pf t20_convolver t40_wavetable3; do
  pairs+=("$genome=$scratch/$genome.f32")
done
try "samples are the element's, to the bit" same_bits "${pairs[@]}"
try "messages have their fields" fields
try "a genome in the request" inline_genome "$data/gst/tone.json"
try "stays ahead of the position, no further" ahead 2
try "a new request replaces the old one" replaced
try "note and velocity change while it plays" changed
try "stop" stopped
try "the folder may change" folder_changes "$genomes"
try "the page's files, the list, nothing else" http_server
try "ids are no paths" no_paths
try "errors have the element's words" own_words \
  "no-patch=$(element_error no-patch)" \
  "unknown-function=$(element_error unknown-function)"
try "mistakes are told" mistakes 60
try "too large" oversized "$max_bytes"
try "hostile frames" hostile_frames "$max_bytes"
try "clients that leave cost nothing" leaving "$([ -z "${KROMO_SLOW:-}" ] && echo 100 || echo 2000)"
try "50 clients" crowd 50 "$crowd_seconds" "ev117_m50_pf=$scratch/crowd.f32"
# Killed under load, it is there again at once: at the same port, with the same sound.
for ((i = 0; i < n_deaths; i++)); do
  try "killed while 50 clients play" dies 50
  wait "$pid" 2>/dev/null || true
  check "started again at the same port" start --folder="$genomes" --max-genome-bytes="$max_bytes" \
    --rate=1000 --port="$port"
  try "50 clients after that" crowd 50 "$crowd_seconds" "ev117_m50_pf=$scratch/crowd.f32"
done
try "ends with Ctrl-C: the clients are told" goes_away
check "ends with Ctrl-C: soon and without a complaint" stop

start --database="$scratch/genomes.sqlite"
try "a database" database a b/../c
check "ends with SIGTERM too" stop

# ---- limits, with small ones

start --folder="$genomes" --max-clients=6 --timeout=1.5 --rate=50 --ahead=1 \
  --origin=https://kromo.example
try "origins" origins https://kromo.example
try "a client too many" too_many 6
try "too fast" too_fast 50
try "clients that stall" stalled 1.5
try "clients that do not answer" silent 1.5
check "the server is well after all that" stop

# ---- the program

check "nothing to serve" refuses "either --folder=FOLDER or --database=FILE" "$program"
check "no such folder" refuses "$scratch/none" "$program" --folder="$scratch/none"
mkdir "$scratch/empty"
check "an empty folder" refuses "There is no genome (*.json, *.json.gz) in" "$program" --folder="$scratch/empty"
check "no database" refuses "is no genome database" "$program" --database="$genomes/tone.json"
check "no such database" refuses "There is no file" "$program" --database="$scratch/none"
check "a bad option" refuses "Unknown option --loud" "$program" --folder="$genomes" --loud
check "a bad value" refuses "--ahead is 0; it must be between 0.1 and 60 seconds" \
  "$program" --folder="$genomes" --ahead=0
check "a bad address" refuses "is no IP address" "$program" --folder="$genomes" --address=here
check "without the plugin" refuses "set GST_PLUGIN_PATH" env GST_PLUGIN_PATH="$scratch/empty" \
  GST_REGISTRY="$scratch/empty.bin" "$program" --folder="$genomes"
start --folder="$genomes"
check "a port that is taken" refuses "--port=0 takes one that is free" \
  "$program" --folder="$genomes" --port="$port"
check "ends" stop

# ---- the script, as the documentation has it

# paste NAME WORDS...: pastes the commands into a shell of its own in the project's root, and then talks to what
# they started, which is on the port that they say.
paste () {
  local name=$1 commands
  shift
  commands=$(pasted websocket.md "$name") || return
  # Another port and the test's own genomes; all else as it stands there.
  [[ $commands == *--port=* ]] || commands+=" --port=8080"
  commands=${commands//8080/$port} commands=${commands//my-genomes/$genomes}
  commands=${commands//genomes.sqlite/$scratch/genomes.sqlite}
  say "$commands"
  (cd "$root" && exec setsid bash -c "$commands") >"$scratch/pasted.out" 2>&1 &
  pid=$!
  if ! wait_until 120 grep -q "^Listening on http://127.0.0.1:$port/" "$scratch/pasted.out"; then
    cat "$scratch/pasted.out"
    kill -TERM -- "-$pid"
    return 1
  fi
  python3 "$tests/protocol.py" "$port" "$pid" "$@" || { kill -TERM -- "-$pid"; return 1; }
  kill -INT -- "-$pid" && wait "$pid"
}

# The port was free a moment ago.
check "documentation: a folder" paste folder listed tone ev023_m60
check "documentation: random genomes" paste random listed random-1 random-12
check "documentation: a database" paste database listed a b/../c

# ---- the page

# The browser's driver is kept in the build folder.
get_playwright () {
  local dir=$KROMO_BUILD/playwright
  grep -qs "\"version\": \"$playwright\"" "$dir/node_modules/playwright-core/package.json" && return
  command -v npm >/dev/null || need_packages npm || return
  mkdir -p "$dir" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --prefix "$dir" --silent --no-audit \
    --no-fund --no-save "playwright-core@$playwright"
}

browse () {
  timeout 120 node "$tests/browser.mjs" "$KROMO_BUILD/playwright/node_modules/playwright-core" \
    "http://127.0.0.1:$port/" "$pid" ev117_m50_pf "$browser_seconds" "$scratch" \
    "$program" --folder="$genomes" --port="$port" >"$scratch/seen.json"
}

# seen EXPRESSION: something about what the browser saw
seen () {
  python3 - "$scratch/seen.json" "$1" <<'PY'
import json, sys
with open(sys.argv[1]) as f:
    seen = json.load(f)
print(seen)
sys.exit(not eval(sys.argv[2], {}, seen))
PY
}

browser_seconds=3
[ -z "${KROMO_SLOW:-}" ] || browser_seconds=60
check "the browser's driver" get_playwright
start --folder="$genomes"
check "the page in a browser" browse
if [ -s "$scratch/seen.json" ]; then
  sed 's/^/# /' "$scratch/seen.json"
  render "$genomes/ev117_m50_pf.json.gz" "$browser_seconds" "$scratch/page.f32"
  check "page: samples are the element's, to the bit" cmp "$scratch/samples.f32" "$scratch/page.f32"
  check "page: nothing is complained about" seen "errors == []"
  check "page: all sounds are listed" seen "listed == $(find "$genomes" -maxdepth 1 -name '[!.]*' -type f | wc -l)"
  check "page: samples come within 0.3 s" seen "0 < firstMs <= soundMs and sorted(clicks)[2] < 300"
  check "page: no gap" seen "gaps[-1] == 0"
  check "page: progress moves with the time" seen "0 < now < 3 and abs(progress - 100 * now / $browser_seconds) < 12"
  check "page: the wave and the spectrum move" seen "wave > 20 and spectrum > 20"
  check "page: the note changes, with the keyboard" seen "note == 12 and changed"
  check "page: fits a phone" seen "width == 390"
  check "page: Escape stops it" seen "afterStop == 0 and not alert"
  check "page: a genome that is none is told" seen "'is no genome' in broken"
  check "page: a server that went is told, and found again" seen "'does not answer' in gone and back and status == 0"
  [ -z "${KROMO_PICTURES:-}" ] || cp "$scratch"/{page,phone}.png "$KROMO_PICTURES"
fi
