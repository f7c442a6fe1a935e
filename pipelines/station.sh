#!/usr/bin/env bash
# Installs what is missing, builds kromo-station and the plugin, and runs it: genomes for ever, to an Icecast
# server or into a file. The options are kromo-station's: station.sh --help-all
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages "${packages[@]}"
setup_build "$root/build" -Dtests=false
quietly "Building kromo-station" \
  ninja -C "$root/build" gst/libgstkromo.so pipelines/station/kromo-station

export GST_PLUGIN_PATH=$root/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH}
export GST_REGISTRY=$root/build/gst-registry.bin
# Not as a child: signals and the exit status are the program's own.
exec "$root/build/pipelines/station/kromo-station" "$@"
