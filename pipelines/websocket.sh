#!/usr/bin/env bash
# Plays evolved sounds in browsers: installs what is missing, builds the server, runs it, says where the page is.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: websocket.sh [FOLDER | DATABASE] [OPTION...]

FOLDER has genome files (.json, .json.gz); DATABASE is a genome database (SQLite). Without either, a dozen
random genomes are made. Options go to the server; --help-server lists them. Most wanted:
  --port=N        port of the page (default: 8080; 0: any that is free)
  --address=IP    address to listen on (default: 127.0.0.1, which is this machine alone)
Ctrl-C ends it.'

server=$root/build/pipelines/websocket/kromo-websocket

# build_server: a folder that was configured before libsoup was there has no server.
build_server () {
  if [ -f "$root/build/build.ninja" ] \
    && [ -z "$(ninja -C "$root/build" -t query pipelines/websocket/kromo-websocket 2>/dev/null)" ]; then
    quietly "Configuring" meson setup --reconfigure "$root/build" || return
  fi
  build_program pipelines/websocket/kromo-websocket engine/tools/kromo-info
}

# Some are loud and some are not; which ones are there does not change.
make_genomes () {
  local folder=$root/build/random-genomes seed
  mkdir -p "$folder"
  for seed in {1..12}; do
    [ -s "$folder/random-$seed.json" ] \
      || quietly "Making a genome" "$root/build/engine/tools/kromo-info" --seed="$seed" \
        --save="$folder/random-$seed.json" || return
  done
  what=(--folder="$folder")
}

what=()
options=()
for argument in "$@"; do
  case $argument in
    -h | --help)
      say "$usage"
      exit 0
      ;;
    --help-server) options+=(--help) ;;
    -*) options+=("$argument") ;;
    *)
      [ "${#what[@]}" -eq 0 ] || die "Only one folder or database at a time"$'\n'"$usage"
      if [ -d "$argument" ]; then
        what=(--folder="$argument")
      elif [ -f "$argument" ]; then
        what=(--database="$argument")
      else
        die "No such folder or database: $argument"
      fi
      ;;
  esac
done

need_packages "${packages[@]}" libsoup-3.0-dev
build_server
[ "${#what[@]}" -gt 0 ] || make_genomes
export GST_PLUGIN_PATH=$root/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH} GST_REGISTRY=$root/build/gst-registry.bin
# GLib 2.74 has an allocator of its own, which gives nothing back to the system.
export G_SLICE=${G_SLICE:-always-malloc}
exec "$server" "${what[@]}" "${options[@]}"
