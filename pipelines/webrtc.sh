#!/usr/bin/env bash
# Serves a sound by WebRTC, or listens to one: webrtc.sh send|receive [OPTION...]; --help after either tells the rest.
# Installs what is missing and builds first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case ${1:-} in
  send | receive) what=$1 ;;
  *) die "usage: webrtc.sh send|receive [OPTION...]" ;;
esac
shift

need_packages "${packages[@]}" gstreamer1.0-plugins-bad gstreamer1.0-nice libgstreamer-plugins-bad1.0-dev libsoup-3.0-dev
# A build folder that is older than these packages knows nothing of the programs.
if [ -f "$root/build/build.ninja" ] && ! grep -q kromo-webrtc-send "$root/build/build.ninja"; then
  quietly "Configuring" meson setup --reconfigure "$root/build"
fi
build_program "pipelines/webrtc/kromo-webrtc-$what"
gst exec "$root/build/pipelines/webrtc/kromo-webrtc-$what" "$@"
