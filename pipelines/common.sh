# shellcheck shell=bash
# What the scripts share: packages, quiet steps, building, rendering. Sourced, not run.

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# shellcheck disable=SC2034 # used by the scripts that source this file
packages=(
  meson ninja-build pkg-config python3 gcc libc6-dev
  libglib2.0-dev libjson-glib-dev libsqlite3-dev libkissfft-dev
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  sox
)

say () { printf '%s\n' "$*"; }
complain () { printf '%s\n' "$*" >&2; }
die () { complain "$*"; exit 1; }
# cannot REASON: this machine is not one for it, which is no failure.
cannot () { complain "$*"; exit 77; }
# need_programs NAME...: what a package would have brought.
need_programs () {
  local name
  for name in "$@"; do command -v "$name" >/dev/null || cannot "there is no $name"; done
}

# integer NAME VALUE MIN MAX: the value of the option --NAME is one.
integer () {
  if ! [[ $2 =~ ^-?[0-9]{1,9}$ ]] || [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
    die "--$1 must be a whole number from $3 to $4, not $2"
  fi
}

# check_genome FILE: that it can be read; none is the built-in genome.
check_genome () {
  [ ! -d "$1" ] || die "$1 is a folder; a genome file is needed"
  [ -z "$1" ] || [ -r "$1" ] || die "No such genome file: $1"
}

# quietly WHAT COMMAND...: runs it and shows what it printed only when it fails.
quietly () {
  local what=$1 log status=0
  shift
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 || status=$?
  if [ "$status" -ne 0 ]; then
    complain "$what failed (exit status $status):"
    tail -n 200 "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

apt_install () {
  local -a as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  # An outdated index is no reason to give up: the install says whether it was good enough.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 update || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 \
    install --no-install-recommends "$@"
}

# need_packages PACKAGE...: installs those that are missing. Says nothing when none is.
need_packages () {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    complain "This is not a Debian system; going on with what is installed. Needed are the equivalents of: $*"
    return 0
  fi
  local present package
  local -a missing=()
  present=" $(dpkg-query -W -f '${Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
  for package in "$@"; do
    [[ $present == *" $package=installed "* ]] || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    complain "Missing packages. Install them as root, then run this again:"
    complain "  apt-get install --no-install-recommends ${missing[*]}"
    return 1
  fi
  say "Installing ${missing[*]}"
  quietly "Installing packages" apt_install "${missing[@]}"
}

# The GStreamer package for the sound system that runs here, or nothing.
sound_package () {
  local runtime=${XDG_RUNTIME_DIR:-/run/user/$(id -u)}
  if [ -n "${PULSE_SERVER:-}" ] || [ -S "$runtime/pulse/native" ]; then
    say gstreamer1.0-pulseaudio
  elif [ -S "$runtime/pipewire-0" ]; then
    say gstreamer1.0-pipewire
  elif compgen -G '/dev/snd/pcm*p' >/dev/null; then
    say gstreamer1.0-alsa
  fi
}

# setup_build DIR OPTION...: configures a build folder that is not configured yet.
setup_build () {
  local dir=$1
  shift
  [ ! -f "$dir/build.ninja" ] || return 0
  rm -rf "$dir/meson-private" # what an interrupted configuration left
  quietly "Configuring $dir" meson setup "$dir" "$root" "$@"
}

# build_program TARGET...: builds these and the plugin, in build/, with whatever options build/ has. One at
# a time: a batch may begin on many machines at once.
build_program () (
  local target
  # What belongs to somebody else is taken as it is, as far as it was built.
  if [ -f "$root/build/build.ninja" ] && [ ! -w "$root/build" ]; then
    for target in gst/libgstkromo.so "$@"; do
      [ -f "$root/build/$target" ] \
        || die "$root/build cannot be written to, and $target is not in it. Who may: ninja -C '$root/build' $target"
    done
    return 0
  fi
  exec 9<"$root"
  flock 9 2>/dev/null || true # some file systems of the network have no locks on folders
  setup_build "$root/build" -Dtests=false || return
  quietly "Building" ninja -C "$root/build" gst/libgstkromo.so "$@"
)

# build_plugin: builds the plugin alone.
build_plugin () { build_program gst/libgstkromo.so; }

# gst COMMAND...: runs a GStreamer program that sees the plugin in build/. The registry of its own
# keeps the user's from learning about a plugin that may go away.
gst () {
  GST_PLUGIN_PATH=$root/build/gst${GST_PLUGIN_PATH:+:$GST_PLUGIN_PATH} \
    GST_REGISTRY=$root/build/gst-registry.bin "$@"
}

# runs_with OPTION...: whether a program that is compiled so runs here. The thread sanitizer does not where addresses are
# more random than it knows of.
runs_with () {
  local probe status=0
  probe=$(mktemp -d)
  printf 'int main (void) { return 0; }\n' >"$probe/probe.c"
  { cc "$@" -o "$probe/probe" "$probe/probe.c" && "$probe/probe"; } >/dev/null 2>&1 || status=$?
  rm -rf "$probe"
  return "$status"
}

# know_plugins REGISTRY: fills it with the system's plugins. A program with a sanitizer in it must look for new ones by
# itself, as the scanner cannot load ours, and would find faults in whatever else is installed.
know_plugins () {
  mkdir -p "$(dirname "$1")"
  rm -f "$1"
  GST_REGISTRY="$1" gst-inspect-1.0 >/dev/null 2>&1 || true
}

# launchable PROPERTY=VALUE...: sets the array of that name to these as gst-launch-1.0 wants them, which reads its
# arguments a second time: whatever else is in a value, such as quotes in a file's name, has a backslash.
launchable () {
  local property value
  launchable=()
  for property in "$@"; do
    value=$(printf '%s' "${property#*=}" | LC_ALL=C sed 's|[^A-Za-z0-9_.,:/+-]|\\&|g')
    launchable+=("${property%%=*}=\"$value\"")
  done
}

# tests_of DIR SUITE LEFT-OUT...: the names of meson's tests, one a line.
tests_of () {
  meson test -C "$1" --list --suite "$2" 2>/dev/null | sed -n 's|^kromo:[a-z]* / ||p' \
    | grep -vxF -f <(printf '%s\n' "${@:3}")
}

# render_wav FILE [PROPERTY=VALUE...]: renders with kromosrc to a 16 bit WAV file.
render_wav () {
  local file=$1
  local -a launchable
  shift
  launchable "location=$file" "$@"
  quietly "Rendering" gst gst-launch-1.0 -q kromosrc "${launchable[@]:1}" ! audio/x-raw,format=S16LE ! wavenc \
    ! filesink "${launchable[0]}" && [ -s "$file" ]
}

# sox_stat FILE NAME: one figure of sox's statistics, such as "Maximum amplitude".
sox_stat () {
  LC_ALL=C sox "$1" -n stat 2>&1 | LC_ALL=C awk -F ':' -v name="$2" '
    { key = $1; gsub (/ +/, " ", key) }
    key == name { gsub (/ /, "", $2); print $2 }'
}

# peak_level FILE: the largest absolute sample, 0..1.
peak_level () {
  LC_ALL=C awk -v a="$(sox_stat "$1" "Maximum amplitude")" -v b="$(sox_stat "$1" "Minimum amplitude")" \
    'BEGIN { b = -b; printf "%.4f\n", (a > b) ? a : b }'
}
