#!/usr/bin/env bash
# The WebSocket server: its limits, with small ones, and what the program refuses.
# packages: libsoup-3.0-dev libgstreamer-plugins-base1.0-dev
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/websocket/server.sh
. "$(dirname "${BASH_SOURCE[0]}")/websocket/server.sh"

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

# ---- limits

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
