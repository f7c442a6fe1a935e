#!/usr/bin/env bash
# Renders every genome of a folder or of a genome database to an audio file, in parallel; run again, it
# goes on where it was interrupted.
# usage: render-batch.sh [OPTION...] GENOMES FOLDER; --help tells the rest.
# Installs what is missing and builds first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages "${packages[@]}" >&2 # --list is read by others
build_program pipelines/render/kromo-batch
gst exec "$root/build/pipelines/render/kromo-batch" "$@"
