#!/usr/bin/env bash
# Installs what is missing, builds kromo-station and the plugin, and runs it: genomes for ever, to an Icecast
# server or into a file. The options are kromo-station's: station.sh --help-all
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages "${packages[@]}"
build_program pipelines/station/kromo-station
# Not as a child: signals and the exit status are the program's own.
gst exec "$root/build/pipelines/station/kromo-station" "$@"
