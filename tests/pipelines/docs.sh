#!/usr/bin/env bash
# The documentation: its links, the reference of properties, its pictures, the README's commands.
# packages: sox
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

export GST_PLUGIN_PATH=$KROMO_BUILD/gst GST_REGISTRY=$scratch/registry.bin
cd "$scratch"

check "links" python3 "$root/tests/pipelines/links.py" "$root"

properties_are_those_of_the_element () {
  gst-inspect-1.0 kromosrc | python3 "$root/tests/pipelines/properties.py" >table
  sed -n '/^| property /,/^$/p' "$root/docs/properties.md" | sed '$d' >page
  [ "$(wc -l <table)" -gt 30 ] && diff table page
}
check "properties.md says what the element says" properties_are_those_of_the_element

stats_are_told () {
  local field
  for field in $(gst-inspect-1.0 kromosrc | sed -n '/^  stats /,/^$/s/^ \{20,\}\([a-z-]*\): .*/\1/p'); do
    gst-inspect-1.0 kromosrc | grep -A 1 '^  stats ' | grep -q -e "$field" || { say "stats: $field"; return 1; }
  done
}
check "the description of stats names its fields" stats_are_told

pictures () {
  local picture
  bash "$root/pipelines/sounds.sh" "$scratch/sounds"
  for picture in "$root"/docs/sounds/*.png; do
    [ "$(wc -c <"sounds/${picture##*/}")" -gt 500 ] || return 1
  done
  [ "$(find sounds -name '*.png' | wc -l)" -eq "$(find "$root/docs/sounds" -name '*.png' | wc -l)" ]
}
check "the pictures can be made" pictures

# The pipelines of the README, as they stand there, with a genome of that name and nothing to hear them by.
cp "$data/gst/tone.json" genome.json
gzip -k genome.json
readme_pipelines () {
  python3 - "$root/README.md" >commands <<'PY'
import re, sys
text = open(sys.argv[1]).read()
for block in re.findall(r"(?:^    [^\n]*\n)+", text, re.M):
    command = re.sub(r"\\\n", "", "".join(line[4:] for line in block.splitlines(True)))
    for line in command.splitlines():
        if re.match(r"gst-launch-1\.0 (?!.*(sqlite|loops=-1|-m ))", line):
            print(line.replace("autoaudiosink", "fakesink"))
PY
  [ "$(wc -l <commands)" -ge 3 ] || { cat commands; return 1; }
  local line
  while read -r line; do
    say "$line"
    timeout 60 bash -c "$line" </dev/null || return 1
  done <commands
}
check "the README's pipelines run" readme_pipelines
