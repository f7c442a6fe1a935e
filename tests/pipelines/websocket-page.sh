#!/usr/bin/env bash
# The WebSocket server's page, used in a browser as people do.
# packages: libsoup-3.0-dev libgstreamer-plugins-base1.0-dev chromium nodejs
set -euo pipefail

# shellcheck source=tests/pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/pipelines/websocket/server.sh
. "$(dirname "${BASH_SOURCE[0]}")/websocket/server.sh"

playwright=1.65.1

# The browser's driver is kept in the build folder.
get_playwright () {
  local dir=$KROMO_BUILD/playwright
  grep -qs "\"version\": \"$playwright\"" "$dir/node_modules/playwright-core/package.json" && return
  command -v npm >/dev/null || need_packages npm || return
  mkdir -p "$dir" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --prefix "$dir" --silent --no-audit \
    --no-fund --no-save "playwright-core@$playwright"
}

browse () {
  timeout 120 node "$tests/browser.mjs" "$KROMO_BUILD/playwright/node_modules/playwright-core" \
    "http://127.0.0.1:$port/" "$pid" ev117_m50_pf "$browser_seconds" "$scratch" "$genomes" \
    "$program" --folder="$genomes" --port="$port" >"$scratch/seen.json"
}

# seen EXPRESSION: something about what the browser saw
seen () {
  python3 - "$scratch/seen.json" "$1" <<'PY'
import json, sys
with open(sys.argv[1]) as f:
    seen = json.load(f)
print(seen)
sys.exit(not eval(sys.argv[2], {}, seen))
PY
}

browser_seconds=3
[ -z "${KROMO_SLOW:-}" ] || browser_seconds=60
make_genomes
check "the browser's driver" get_playwright
start --folder="$genomes" --port="$(free_ports 1)"
pasted websocket.md client | sed "s/8080/$port/; s/duration: 10/duration: 1/" >"$scratch/client.js"
check "the page in a browser" browse
if [ -s "$scratch/seen.json" ]; then
  sed 's/^/# /' "$scratch/seen.json"
  render "$genomes/ev117_m50_pf.json.gz" "$browser_seconds" "$scratch/page.f32"
  check "page: samples are the element's, to the bit" cmp "$scratch/samples.f32" "$scratch/page.f32"
  check "page: nothing is complained about" seen "errors == []"
  check "page: all sounds are listed" seen "listed == $(find "$genomes" -maxdepth 1 -name '[!.]*' -type f | wc -l)"
  check "page: samples come within 0.3 s" seen "0 < firstMs <= soundMs and sorted(clicks)[2] < 300"
  check "page: no gap" seen "gaps[-1] == 0"
  check "page: progress moves with the time" seen "0 < now < 3 and abs(progress - 100 * now / $browser_seconds) < 12"
  check "page: the wave and the spectrum move" seen "wave > 20 and spectrum > 20"
  check "page: the note changes, with the keyboard" seen "note == 12 and changed"
  check "page: fits a phone" seen "width == 390"
  check "page: Escape stops it" seen "afterStop == 0 and not alert"
  check "page: the search, with the keyboard" seen "found == 1 and focused == 'ev117_m50_pf' and afterEscape == 'true'"
  check "page: nothing found is told" seen "none.startswith('No sound has')"
  check "page: on a phone what plays stays in sight" seen "inSight"
  check "page: an empty folder is told" seen "empty.startswith('There are no sounds yet') and not emptyPlay"
  check "page: a genome that is none is told, in sight" seen "'is no genome' in broken and alertInSight"
  check "documentation: a client in JavaScript" seen "client == 48000"
  check "page: a server that went is told, and found again" seen "'does not answer' in gone and back and status == 0"
  [ -z "${KROMO_PICTURES:-}" ] || cp "$scratch"/{page,phone}.png "$KROMO_PICTURES"
fi
