#!/usr/bin/env bash
# Static analysis. Nothing may be found; what is suppressed has its reason here, in .clang-tidy and in
# tests/.clang-tidy.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../pipelines/common.sh"

usage='usage: lint.sh [PART...]

Looks through engine/, gst/, pipelines/ and tests/. Without PART all of them; --list names them.

analyzer   that of gcc 12
clang-tidy clang-tidy 14, as .clang-tidy says
scripts    shellcheck

Exit status 77: one of the programs is not there, or of another version.'

parts=(analyzer clang-tidy scripts)

# What the analyzer of gcc 12, made for C but young, cannot follow:
# - arrays that a loop or a function of this file fills, and pointers that a function sets through an
#   argument, are uninitialised to it. valgrind and the compilers' own warnings look for that.
# - a GError is NULL to it after a function has failed.
suppressed=(
  -Wno-analyzer-use-of-uninitialized-value
  -Wno-analyzer-null-dereference
)

analyzer () {
  local dir=$root/build-analyzer
  setup_build "$dir" -Dtests=true -Dwerror=true -Doptimization=1 \
    -Dc_args="-fanalyzer ${suppressed[*]}" && ninja -C "$dir" --quiet -k 0
}

clang_tidy () {
  local dir=$root/build-clang
  # Built, for the headers that are made.
  CC=clang setup_build "$dir" -Dtests=true -Dwerror=true && ninja -C "$dir" --quiet \
    && python3 - "$root" "$dir/compile_commands.json" <<'PY' \
    | xargs -d '\n' -n 4 -P "$(nproc)" clang-tidy-14 -p "$dir" --quiet
import json, os, sys
root, path = sys.argv[1:]
with open(path) as f:
    files = {os.path.realpath(os.path.join(c["directory"], c["file"])) for c in json.load(f)}
names = (os.path.relpath(f, os.path.realpath(root)) for f in files)
print(*sorted(n for n in names if not n.startswith("build")), sep="\n")
PY
}

scripts () {
  git ls-files -z -- '*.sh' | xargs -0 -r shellcheck -x
}

case ${1:-} in
  -h | --help) say "$usage" && exit ;;
  --list) printf '%s\n' "${parts[@]}" && exit ;;
esac
[ $# -eq 0 ] || parts=("$@")

need_packages "${packages[@]}" clang clang-tidy shellcheck || true
cd "$root"
for part in "${parts[@]}"; do
  case $part in
    analyzer)
      [[ $(gcc -dumpversion) =~ ^12 ]] || cannot "the analyzer is not that of gcc 12"
      quietly "The analyzer" analyzer
      ;;
    clang-tidy)
      need_programs clang-tidy-14
      quietly "clang-tidy" clang_tidy
      ;;
    scripts)
      need_programs shellcheck
      quietly "shellcheck" scripts
      ;;
    *) die "No such part: $part"$'\n'"$usage" ;;
  esac
  say "$part: nothing found"
done
