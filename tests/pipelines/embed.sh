#!/usr/bin/env bash
# pipelines/embed: programs that have kromosrc in them; installing, uninstalling, packaging.
# packages: python3-gi gir1.2-gstreamer-1.0 debhelper dpkg-dev fakeroot lintian
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/sound.sh
. "$(dirname "${BASH_SOURCE[0]}")/sound.sh"

genome=$data/parity/genomes/ev023_m60.json.gz
another=$data/gst/tone.json
export GST_REGISTRY=$scratch/registry.bin

build_plugin
linked_folder "$scratch/page"
cd "$scratch/page"

# page_commands NAME [VARIABLE=VALUE...]: as a reader pastes them into a shell, in the root of the repository.
page_commands () {
  local name=$1
  shift
  env genome="$genome" another="$another" "$@" timeout 120 bash -euc "$(pasted embedding.md "$name")"
}
to_file () { say "audioconvert ! audio/x-raw,format=F32LE ! filesink location=$1"; }

# render FILE [PROPERTY=VALUE...]: 32 bit float, one channel, 48 kHz
render () {
  gst gst-launch-1.0 -q kromosrc "${@:2}" ! audio/x-raw,format=F32LE,rate=48000,channels=1 ! filesink location="$1"
}
render one.raw location="$genome"
render two.raw location="$another"
cat one.raw two.raw >both.raw

# fails TEXT COMMAND...: a failure that says TEXT.
fails () {
  local text=$1 status=0
  shift
  timeout 60 "$@" >fails.log 2>&1 || status=$?
  cat fails.log
  [ "$status" -ne 0 ] && [ "$status" -ne 124 ] && grep -qF -- "$text" fails.log
}

# ---- C

check "play.c" page_commands play sink="$(to_file play.raw)"
check "play.c plays what kromosrc renders, to the bit" cmp one.raw play.raw
plugin=$root/build/gst/libgstkromo.so
check "play.c: no such plugin" fails "none.so" ./play none.so
check "play.c: no such genome" fails "none.json" ./play "$plugin" none.json fakesink
check "play.c: no such sink" fails 'no element "nonesuch"' ./play "$plugin" - nonesuch
check "play.c: no arguments" fails "usage:" ./play

samples () {
  page_commands samples >samples.log
  cat samples.log
  tail -n 1 samples.log | grep -qx '96000 samples'
}
check "samples.c takes all samples" samples
same_peaks () {
  render low.raw location="$genome" note-delta=-12 duration=2000000000
  python3 - <<'PY'
import array
data = array.array("f", open("low.raw", "rb").read())
rows = open("samples.log").read().splitlines()[:-1]
assert len(data) == 96000 and len(rows) == 20
for i, row in enumerate(rows):
    peak = max(map(abs, data[4800 * i:4800 * (i + 1)]))
    assert row.split()[2] == "%.4f" % peak, (row, peak)
assert max(map(abs, data)) > 0.1
PY
}
check "samples.c has the right ones" same_peaks
check "samples.c: no such genome" fails "none.json" env GST_PLUGIN_PATH="$root/build/gst" ./samples none.json
check "samples.c: no plugin" fails 'no element "kromosrc"' env GST_PLUGIN_PATH= GST_REGISTRY="$scratch/none.bin" ./samples

# ---- Python

python_plays () {
  page_commands python sink="$(to_file python.raw)" >python.log
  cat python.log
  [ "$(wc -l <python.log)" -eq 2 ]
}
check "play.py, which names both" python_plays
check "play.py plays both without a gap, to the bit" cmp both.raw python.raw
run_python=(env "GST_PLUGIN_PATH=$root/build/gst" /usr/bin/python3 "$root/pipelines/embed/play.py")
check "play.py: no such genome" fails "none.json" "${run_python[@]}" --sink fakesink none.json
next_fails () { timeout 60 "${run_python[@]}" --sink fakesink "$another" none.json 2>&1 | grep none.json; }
check "play.py: a next one that is not there is told of" next_fails

# ---- several at once

check "the page's chord" page_commands chord
sum_of_notes () {
  local note
  for note in 0 4 7; do render "note$note.raw" location="$genome" note-delta=$note volume=0.333333; done
  sox "$1" -t raw -e floating-point -b 32 -L chord.raw 2>/dev/null
  python3 - <<'PY'
import array
chord, *notes = (array.array("f", open(name + ".raw", "rb").read()) for name in ("chord", "note0", "note4", "note7"))
assert len(chord) == 192000 == len(notes[0])
worst = max(abs(c - a - b - d) for c, a, b, d in zip(chord, *notes))
print("largest difference from the sum of the notes", worst, "peak", max(map(abs, chord)))
assert worst <= 2e-7 and 0.1 < max(map(abs, chord)) <= 1
PY
}
check "a chord is the sum of its notes" sum_of_notes chord.wav
check "chord.sh" bash "$root/pipelines/embed/chord.sh" --genome "$genome" --output script.wav
check "chord.sh does the same" sum_of_notes script.wav
cp "$genome" "$scratch/$odd_name.json"
check "chord.sh: odd names" bash "$root/pipelines/embed/chord.sh" --genome "$scratch/$odd_name.json" --output "$odd_name.wav"
check "... for the same sound" cmp script.wav "$odd_name.wav"
check "chord.sh: what is no note" fails "A note delta is a number" bash "$root/pipelines/embed/chord.sh" C4
check "chord.sh: no such genome" fails "No such genome file" bash "$root/pipelines/embed/chord.sh" --genome none.json

# ---- players

check "playbin" page_commands playbin
playbin_sound () {
  gst gst-launch-1.0 -q kromosrc location="$genome" note-delta=-12 duration=2000000000 \
    ! audio/x-raw,format=S16LE ! wavenc ! filesink location=wanted.wav
  same_sound wanted.wav playbin.wav 0.1 && [ "$(soxi -D playbin.wav)" = "$(soxi -D wanted.wav)" ]
}
check "playbin: what is heard" playbin_sound

# ---- seeing the plugin: not installed, installed, packaged

devenv () { page_commands devenv GST_PLUGIN_PATH= GST_REGISTRY= >devenv.log; grep -q 'Kromo source' devenv.log; }
check "meson devenv sees the plugin" devenv

installed () {
  DESTDIR=$scratch/stage timeout 60 meson install -C "$KROMO_BUILD" --no-rebuild --quiet
  (cd "$scratch/stage" && find . -type f | sort) >installed
  cat installed
  {
    say kromo-info
    say libgstkromo.so
  } >wanted
  sed 's#.*/##' installed | cmp - wanted && grep -q '/gstreamer-1.0/libgstkromo.so$' installed
}
check "what is installed" installed
staged_plugin () {
  GST_PLUGIN_PATH=$(dirname "$scratch/stage/$(grep libgstkromo installed)") GST_REGISTRY=$scratch/stage.bin \
    gst-inspect-1.0 kromosrc >inspect
  grep -F "$scratch/stage/" inspect && env GST_REGISTRY="$scratch/stage.bin" gst-inspect-1.0 -b >blacklist
  ! grep -i kromo blacklist
}
check "GStreamer finds what is installed" staged_plugin
uninstalled () {
  DESTDIR=$scratch/stage timeout 60 ninja -C "$KROMO_BUILD" uninstall
  [ -z "$(find "$scratch/stage" -type f 2>/dev/null)" ]
}
check "nothing is left after uninstalling" uninstalled

if [ -n "${KROMO_SLOW:-}" ]; then
  mkdir copy
  for item in LICENSE meson.build meson_options.txt engine gst pipelines; do cp -r "$root/$item" copy; done
  page_install () {
    (cd copy && DESTDIR=$scratch/root timeout 900 bash -euc "$(pasted embedding.md install)") \
      && [ "$(find "$scratch/root" -name libgstkromo.so | wc -l)" -eq 1 ]
  }
  check "the page's installation" page_install
  page_uninstall () {
    (cd copy && DESTDIR=$scratch/root timeout 60 bash -euc "$(pasted embedding.md uninstall)") \
      && [ -z "$(find "$scratch/root" -type f 2>/dev/null)" ]
  }
  check "... and the other way" page_uninstall

  check "a Debian package" timeout 900 bash "$root/pipelines/deb.sh" --output deb
  package_works () {
    dpkg-deb -x deb/gstreamer1.0-kromo_*.deb unpacked
    dpkg-deb -I deb/gstreamer1.0-kromo_*.deb
    GST_PLUGIN_PATH=$(dirname "$(find unpacked -name libgstkromo.so)") GST_REGISTRY=$scratch/deb.bin \
      gst-launch-1.0 -q kromosrc location="$genome" ! audio/x-raw,format=F32LE,rate=48000,channels=1 \
      ! filesink location=deb.raw
    cmp one.raw deb.raw && unpacked/usr/bin/kromo-info "$genome" >/dev/null
  }
  check "... whose plugin renders the same bits" package_works
  # Of a package for an archive: the first upload closes a bug, and programs have manual pages.
  check "... with which lintian is content" lintian --fail-on error,warning \
    --suppress-tags initial-upload-closes-no-bugs,no-manual-page deb/gstreamer1.0-kromo_*.deb
else
  skip "a Debian package" "it is built in the slow run"
fi
