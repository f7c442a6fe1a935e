# shellcheck shell=bash
# What the tests of the WebSocket server share: genomes, a server, a client of our own. Sourced, not run.

# shellcheck disable=SC2154 # from common.sh
tests=$root/tests/pipelines/websocket
program=$KROMO_BUILD/pipelines/websocket/kromo-websocket
export GST_PLUGIN_PATH=$KROMO_BUILD/gst
export G_SLICE=always-malloc # as pipelines/websocket.sh does
genomes=$scratch/genomes

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

# start OPTION...: a server on a port of its own, unless told another; sets $port and $pid.
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
