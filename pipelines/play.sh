#!/usr/bin/env bash
# Plays a genome, a folder of genomes or a genome database to the default sound device.
# usage: play.sh [OPTION...] [GENOME] [SECONDS] [NOTE-DELTA] [LEVEL]; --help tells the rest.
# Installs what is missing and builds first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages "${packages[@]}"
sound=$(sound_package)
[ -z "$sound" ] || need_packages "$sound" || true # another sink may do
build_program pipelines/play/kromo-play
gst exec "$root/build/pipelines/play/kromo-play" "$@"
