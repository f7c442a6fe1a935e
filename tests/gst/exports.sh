#!/usr/bin/env bash
# exports.sh PLUGIN: the plugin's symbols are GStreamer's two and no others, and GStreamer takes it. Speaks TAP; fails if
# one of them does.
set -euo pipefail

plugin=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# This plugin alone, which the scanner loads, as it does everywhere but in these tests.
export GST_REGISTRY=$scratch/registry.bin GST_PLUGIN_PATH=${plugin%/*} GST_PLUGIN_SYSTEM_PATH=$scratch
export GST_REGISTRY_FORK=yes
number=0
failed=0

# is WHAT FOUND EXPECTED: one test.
is () {
  number=$((number + 1))
  if [ "$2" = "$3" ]; then
    printf 'ok %d - %s\n' "$number" "$1"
  else
    failed=1
    printf 'not ok %d - %s\n' "$number" "$1"
    printf '# %s\n' "${2//$'\n'/$'\n# '}"
  fi
}

printf '1..3\n'
is 'exported symbols' "$(nm --dynamic --defined-only --format=just-symbols "$plugin" | sort)" \
  'gst_plugin_kromo_get_desc
gst_plugin_kromo_register'
is 'blacklist' "$(gst-inspect-1.0 -b | sed '/^$/d')" 'Blacklisted files:
Total count: 0 blacklisted files'
is 'its features' "$(gst-inspect-1.0 kromo | sed -n 's/^  \(kromo[^:]*\): .*/\1/p' | sort | tr '\n' ' ')" \
  'kromodec kromosrc '
exit "$failed"
