#!/usr/bin/env bash
# The WebSocket server: its protocol, with a client of our own, and its page's commands.
# packages: libsoup-3.0-dev libgstreamer-plugins-base1.0-dev
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/websocket/server.sh
. "$(dirname "${BASH_SOURCE[0]}")/websocket/server.sh"

max_bytes=300000
crowd_seconds=3
n_deaths=1
[ -z "${KROMO_SLOW:-}" ] || { crowd_seconds=60; n_deaths=5; }

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

make_genomes
check "the element renders what is compared with" references

# ---- the protocol

start --folder="$genomes" --max-genome-bytes="$max_bytes" --rate=1000 --port="$(free_ports 1)"
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
try "clients that leave cost nothing" leaving "$([ -z "${KROMO_SLOW:-}" ] && echo 60 || echo 2000)"
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

port=$(free_ports 1)
check "documentation: a folder" paste folder listed tone ev023_m60
check "documentation: random genomes" paste random listed random-1 random-12
check "documentation: a database" paste database listed a b/../c
