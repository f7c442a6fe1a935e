#!/usr/bin/env bash
# The documentation: its links, the reference of properties, the drawings, the pictures of sounds. The README's commands are
# tested by readme.sh, those of the pages about pipelines by the tests of these.
# packages: sox flac python3-gi gir1.2-gstreamer-1.0 python3-matplotlib python3-numpy python3-pil
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/sound.sh
. "$(dirname "${BASH_SOURCE[0]}")/sound.sh"

here=$root/tests/pipelines
page=$root/docs/properties.md
build_program pipelines/play/kromo-play
export GST_PLUGIN_PATH=$root/build/gst GST_REGISTRY=$scratch/registry.bin
linked_folder "$scratch/root"
cd "$scratch/root"
cp "$data/gst/tone.json" genome.json

fails_with () { ! "${@:2}" >said 2>&1 && cat said && grep -qF -- "$1" said; }

check "links lead somewhere, and the index to every page" python3 "$here/links.py" "$root"

# ---- properties.md

properties () { gst-inspect-1.0 --no-colors kromosrc | python3 "$here/properties.py" element "$page"; }
check "properties, stats and signals are those of the element" properties

# Chunks of 5 us, which no rendering of a quantum keeps up with, so that both messages come.
messages () {
  gst-launch-1.0 -m kromosrc is-live=true min-chunk-duration=1 max-chunk-duration=1 num-buffers=300 \
    ! audio/x-raw,rate=192000 ! fakesink >messages.log 2>&1 && python3 "$here/properties.py" messages "$page" <messages.log
}
check "messages and their fields are those that come" messages

keys () {
  ! gst-launch-1.0 uridecodebin uri="kromo:default?nonesuch=1" ! fakesink >keys.log 2>&1 \
    && python3 "$here/properties.py" keys "$page" <keys.log
}
check "keys of URIs are those that it takes" keys

# The comparison itself: each of these faults is found.
# shellcheck disable=SC2016 # backquotes of the page
faults_are_found () {
  local fault
  gst-inspect-1.0 --no-colors kromosrc >inspected
  for fault in 's/| 4000000000 (4 s)/| 4000000001/' 's/(8 MiB)/(9 MiB)/' 's/`mute`/`mutes`/' '/^| `oversample`/d' \
    's/any state, controllable/any state/' 's/guint | 0 to 1024/gint | 0 to 1024/' '/^| `cpu`/d' \
    's/^`about-to-finish`, without/`about`, without/' '/^| `do-timestamp`/d' 's/-128 to 128/-127 to 128/'; do
    sed "$fault" "$page" >faulty.md
    ! cmp -s "$page" faulty.md || { say "nothing to do for $fault"; return 1; }
    ! python3 "$here/properties.py" element faulty.md <inspected >/dev/null 2>&1 || { say "not found: $fault"; return 1; }
  done
  sed '/`stream-time`/d' "$page" >faulty.md
  ! python3 "$here/properties.py" messages faulty.md <messages.log >/dev/null || { say "not found: a field"; return 1; }
  sed 's/`edge-fade` | seconds/`edge` | seconds/' "$page" >faulty.md
  ! python3 "$here/properties.py" keys faulty.md <keys.log >/dev/null || { say "not found: a key"; return 1; }
}
check "... and what differs is found" faults_are_found

pasted_messages () { bash -eo pipefail -c "$(pasted properties.md messages)" >pasted.log && [ "$(wc -l <pasted.log)" -ge 4 ]; }
check "properties.md: the messages, as pasted" pasted_messages
pasted_kromodec () { timeout 60 bash -euc "$(pasted properties.md kromodec | sed 's/autoaudiosink/fakesink/')"; }
check "properties.md: kromodec, as pasted" pasted_kromodec

# ---- threads.md, live-coding.md

threads () { bash -euc "$(pasted threads.md flac | sed 's/=600/=2/')" && [ "$(soxi -D long.flac)" = 2.000000 ]; }
check "threads.md: a long sound, as pasted" threads

plays_on () {
  pasted live-coding.md python | sed 's/autoaudiosink/audio\/x-raw,format=S16LE ! filesink location=on.raw/' >on.py
  timeout 60 /usr/bin/python3 on.py genome.json genome.json && [ "$(wc -c <on.raw)" -eq 768000 ]
}
check "live-coding.md: playing on in Python, as pasted" plays_on

# Functions before main (), statements in it.
in_c () {
  {
    cat <<'C'
#include <gst/gst.h>
#include <gst/controller/controller.h>
typedef struct { const char *next; } Playlist;
static const char *playlist_take (Playlist *playlist)
{ const char *next = playlist->next; playlist->next = NULL; return next; }
C
    pasted live-coding.md about-to-finish | sed '/^}/q'
    cat <<'C'
int main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  Playlist list = {"genome.json"}, *playlist = &list;
  GstElement *pipeline = gst_parse_launch ("kromosrc name=src ! audio/x-raw,format=S16LE ! filesink location=c.raw", NULL);
  GstElement *src = gst_bin_get_by_name (GST_BIN (pipeline), "src");
C
    pasted live-coding.md about-to-finish | sed '1,/^}/d'
    pasted live-coding.md controller
    cat <<'C'
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline), GST_CLOCK_TIME_NONE, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  return gst_element_set_state (pipeline, GST_STATE_NULL) == GST_STATE_CHANGE_FAILURE;
}
C
  } >on.c
  # shellcheck disable=SC2046 # one word an option
  cc -Wall -Werror -o on on.c $(pkg-config --cflags --libs gstreamer-controller-1.0) && timeout 60 ./on \
    && [ "$(wc -c <c.raw)" -eq 768000 ]
}
check "live-coding.md: playing on and a controller in C, as pasted" in_c

# ---- options

# options PAGE COMMAND...: every option that its help names is on the page, or, where that leads there, in files.md.
options () {
  local page=$1 option untold=0
  shift
  "$@" >help.txt 2>&1 || { cat help.txt; return 1; }
  grep -oE -- '(^|[[ ,])--[a-z][a-z-]+' help.txt | tr -d '[ ,' | grep -vE -- '^--(help|gst-|version)' | sort -u >options.txt
  [ -s options.txt ] || { cat help.txt; return 1; }
  while read -r option; do
    grep -qE -- "$option\b" "$root/docs/$page" \
      || { grep -qF '(files.md)' "$root/docs/$page" && grep -qE -- "$option\b" "$root/docs/files.md"; } \
      || { say "$page does not tell of $option"; untold=1; }
  done <options.txt
  return "$untold"
}
all_options () {
  local pipelines=$root/pipelines
  options playing.md "$KROMO_BUILD/pipelines/play/kromo-play" --help \
    && options files.md "$KROMO_BUILD/pipelines/render/kromo-render" --help \
    && options files.md "$KROMO_BUILD/pipelines/render/kromo-batch" --help \
    && options icecast.md "$KROMO_BUILD/pipelines/station/kromo-station" --help-all \
    && options icecast.md bash "$pipelines/icecast.sh" --help \
    && options websocket.md "$KROMO_BUILD/pipelines/websocket/kromo-websocket" --help \
    && options websocket.md bash "$pipelines/websocket.sh" --help \
    && options webrtc.md "$KROMO_BUILD/pipelines/webrtc/kromo-webrtc-send" --help \
    && options webrtc.md "$KROMO_BUILD/pipelines/webrtc/kromo-webrtc-receive" --help \
    && options rtp.md bash "$pipelines/rtp-send.sh" --help \
    && options rtp.md bash "$pipelines/rtp-receive.sh" --help \
    && options hls.md bash "$pipelines/hls.sh" --help \
    && options embedding.md bash "$pipelines/embed/chord.sh" --help \
    && options embedding.md bash "$pipelines/deb.sh" --help \
    && options sounds.md bash "$pipelines/sounds.sh" --help \
    && options kromo-info.md "$KROMO_BUILD/engine/tools/kromo-info" --help
}
check "options are told" all_options

# ---- architecture.md

check "the rooms and their includes are as they are drawn" python3 "$here/rooms.py" "$root"
drawings () {
  local file
  for file in "$root"/docs/*.svg; do
    python3 -c 'import sys, xml.etree.ElementTree as xml
root = xml.parse(sys.argv[1]).getroot()
assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("viewBox"), root.tag' "$file" || { say "$file"; return 1; }
  done
}
check "the drawings are SVG" drawings

# ---- sounds.md

# Those on the page are of what is played now. Other versions of the libraries may draw a line a little differently.
pictures () {
  bash "$root/pipelines/sounds.sh" "$scratch/sounds" \
    && diff <(cd "$root/docs/sounds" && ls) <(cd "$scratch/sounds" && ls) \
    && /usr/bin/python3 - "$root/docs/sounds" "$scratch/sounds" <<'PY'
import pathlib, sys
import numpy as np
from PIL import Image

bad, size = 0, 0
kept, made = (sorted(pathlib.Path(folder).glob("*.png")) for folder in sys.argv[1:])
for first, second in zip(kept, made, strict=True):
    a, b = (np.asarray(Image.open(path).convert("RGB"), float) for path in (first, second))
    difference = abs(a - b).mean() if a.shape == b.shape else 255
    contrast = a.std()
    print(f"{first.name} {a.shape[1]}x{a.shape[0]}: {difference:.2f} of 255 from the one on the page, contrast {contrast:.0f}")
    bad += difference > 1 or contrast < 25
    size += first.stat().st_size
print(f"{len(kept)} pictures, {size} bytes")
sys.exit(bad > 0 or len(kept) < 12 or size > 1500000)
PY
}
check "the pictures are of what is played now" pictures

pasted_picture () {
  bash -euc "$(pasted sounds.md pictures | grep -- --one)" && [ "$(head -c 4 my.png | tail -c 3)" = PNG ]
}
check "sounds.md: a picture of one's own, as pasted" pasted_picture
odd_picture () {
  cp genome.json "$odd_name.json"
  bash "$root/pipelines/sounds.sh" --one "$odd_name.png" "\$x_y^\$" location="$odd_name.json" \
    && [ "$(head -c 4 "$odd_name.png" | tail -c 3)" = PNG ]
}
check "a picture with odd names" odd_picture
no_picture () {
  local status=0
  bash "$root/pipelines/sounds.sh" --one none.png "None" location=none.json >said 2>&1 || status=$?
  cat said
  [ "$status" -ne 0 ] && grep -q "none.json: No such file" said && [ ! -e none.png ]
}
check "no picture without a sound" no_picture
check "picture.sh: what is no file" fails_with "usage: picture.sh" bash "$root/pipelines/picture.sh" --nope
check "sounds.md: to hear them, as pasted" bash -euc \
  "$(pasted sounds.md play | sed "s/\$/ --no-keys --seconds 0.5 --sink fakesink/")"
