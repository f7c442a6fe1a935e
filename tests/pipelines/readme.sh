#!/usr/bin/env bash
# The README's commands, as they stand there. Sinks for the sound device become ones that drop it, what plays for ever
# plays twice; the demo and the tests themselves are run by tests/run.sh.
# packages: gstreamer1.0-plugins-base-apps python3 flac
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/sound.sh
. "$(dirname "${BASH_SOURCE[0]}")/sound.sh"

build_program pipelines/render/kromo-render pipelines/play/kromo-play
linked_folder "$scratch/root"
cd "$scratch/root"
export GST_REGISTRY=$scratch/registry.bin

# A database of two, the wanted one not the first by id.
python3 - "$data/gst/tone.json" genomes.sqlite <<'PY'
import sqlite3, sys
genome = open(sys.argv[1]).read()
with sqlite3.connect(sys.argv[2]) as db:
    db.execute("CREATE TABLE genomes (id TEXT PRIMARY KEY, data TEXT)")
    db.executemany("INSERT INTO genomes VALUES (?, ?)", [("AA", "{}"), ("ID", genome)])
PY

# One command a line, in the order of the page.
sed -n 's/^    //p' "$root/README.md" | sed -e ':more' -e '/\\$/ { N; s/\\\n *//; b more }' >commands

# What a machine without a sound device, and without end, makes of a command.
adapted () {
  sed -e 's/autoaudiosink/fakesink/; s/loops=-1/loops=2/g; s/duration=20&/duration=2\&/' \
    -e 's/^gst-play-1.0 /&--audiosink=fakesink --no-interactive /' \
    -e 's/^bash pipelines\/play.sh .*/& --sink "fakesink sync=true" --seconds 1/' <<<"$1"
}

# Players report errors and end well.
runs () {
  local line
  line=$(adapted "$1")
  say "$line"
  timeout 120 bash -euc "$setting
    $line" >said 2>&1 || { cat said; return 1; }
  cat said
  ! grep -qi "error" said
}

setting=
while read -r command; do
  case $command in
    "bash pipelines/demo.sh" | "bash tests/run.sh") check "$command: it is there" test -f "${command#bash }" ;;
    export\ *)
      setting=$command
      check "$command" bash -euc "$command"
      ;;
    *) check "$command" runs "$command" ;;
  esac
done <commands
check "there were commands" test "$n_checks" -ge 13
says_where () { [[ $setting == "export GST_PLUGIN_PATH="* ]]; }
check "... of which one tells where the plugin is" says_where

# What they left. The FLAC file and the WAV file have the length that the page says.
lasts () { soxi -D "$1" && [ "$(soxi -s "$1")" -eq "$2" ]; }
check "the FLAC file: 4 s" lasts sound.flac 192000
check "the WAV file: 20 s" lasts low.wav 960000
ogg_lasts () {
  quietly "Decoding" gst gst-launch-1.0 -q filesrc location=sound.ogg ! decodebin ! audioconvert ! wavenc \
    ! filesink location=ogg.wav && lasts ogg.wav 192000
}
check "the Ogg file: 4 s" ogg_lasts

# Every script that is named is there.
scripts_are_there () {
  local script
  while read -r script; do
    [ -f "$root/pipelines/$script" ] || [ -f "$root/tests/$script" ] || { say "$script"; return 1; }
  done < <(grep -oE '[a-z-]+\.sh' "$root/README.md" | sort -u)
}
check "the scripts that are named" scripts_are_there
