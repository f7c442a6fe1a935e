#!/usr/bin/env bash
# Renders a genome to an audio file.
# usage: render.sh [OPTION...] GENOME OUTPUT.{wav,flac,opus,mp3}; --help tells the rest.
# Installs what is missing and builds first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

need_packages "${packages[@]}"
build_program pipelines/render/kromo-render
gst exec "$root/build/pipelines/render/kromo-render" "$@"
