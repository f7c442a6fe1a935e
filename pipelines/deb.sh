#!/usr/bin/env bash
# Builds a Debian package of the plugin, gstreamer1.0-kromo. Installs what is missing first.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: deb.sh [--output DIR]

Writes the package to DIR (the current folder). The packaging itself is in docs/debian.'

output=.
while [ $# -gt 0 ]; do
  case $1 in
    --output)
      [ $# -ge 2 ] || die "--output needs a folder"
      output=$2
      shift
      ;;
    -h | --help)
      say "$usage"
      exit 0
      ;;
    *) die "Unknown option $1"$'\n'"$usage" ;;
  esac
  shift
done
mkdir -p -- "$output" || die "Cannot make the folder $output"
output=$(cd -- "$output" && pwd)

need_packages "${packages[@]}" dpkg-dev debhelper fakeroot

# A copy, because dpkg-buildpackage wants debian/ at the root and leaves much behind.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/kromo"
for item in LICENSE README.md meson.build meson_options.txt engine gst pipelines; do
  cp -r -- "$root/$item" "$scratch/kromo"
done
cp -r -- "$root/docs/debian" "$scratch/kromo/debian"
build () { cd "$scratch/kromo" && dpkg-buildpackage -us -uc -b; }
quietly "Building the package" build
for file in "$scratch"/*.deb; do
  mv -- "$file" "$output"
  say "$output/$(basename "$file")"
done
