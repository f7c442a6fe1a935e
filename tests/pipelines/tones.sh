# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # used by the tests; from common.sh
# What the tests of the station share: the program, tones for it, what it says. Sourced after common.sh.

build=${KROMO_BUILD:-$root/build}
export GST_PLUGIN_PATH=$build/gst GST_REGISTRY=$scratch/registry.bin
export KROMO_STATION_PASSWORD=secret LC_ALL=C.UTF-8
look=(python3 "$root/tests/pipelines/station.py")
tones=(tone-1 tone-2 tone-3 tone-4)
cd "$scratch" || exit

# In the background it is to be $program itself, so that signals go to it and not to a shell.
program=$build/pipelines/station/kromo-station
station () { timeout 60 "$program" "$@"; }

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

# refuses WORDS OPTION...: the station says these words, and that is its end.
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
