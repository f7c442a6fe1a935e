#!/usr/bin/env bash
# Runs an Icecast server for this machine alone, to try the station with. Installs it first. Ends with
# Ctrl-C.
set -euo pipefail

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage='usage: icecast.sh [--port PORT] [--dir DIR]

--port PORT  on 127.0.0.1 (8000)
--dir DIR    keeps its configuration and its logs there; without it, in a folder that goes away with it

Sources give the password in KROMO_STATION_PASSWORD; without that, it is "hackme".'

port=8000
dir=
while [ $# -gt 0 ]; do
  case $1 in
    --port | --dir)
      [ $# -ge 2 ] || die "$1 needs a value"$'\n'"$usage"
      if [ "$1" = --port ]; then port=$2; else dir=$2; fi
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
if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || [ "$port" -gt 65535 ]; then
  die "--port takes a number from 1 to 65535, not $port"
fi

need_packages icecast2

remove=
if [ -z "$dir" ]; then
  dir=$(mktemp -d)
  remove=$dir
fi
mkdir -p -- "$dir"
dir=$(cd -- "$dir" && pwd -P)

escape () {
  local text=${1//&/&amp;}
  text=${text//</&lt;}
  printf '%s' "${text//>/&gt;}"
}

# Icecast does not run as root; it becomes somebody else, who has to get at its folder.
owner=
if [ "$(id -u)" -eq 0 ]; then
  owner='<changeowner><user>nobody</user><group>nogroup</group></changeowner>'
  chown nobody:nogroup "$dir"
fi
umask 077
cat >"$dir/icecast.xml" <<XML
<icecast>
  <hostname>localhost</hostname>
  <limits>
    <clients>100</clients>
    <sources>10</sources>
    <queue-size>524288</queue-size>
    <source-timeout>10</source-timeout>
    <burst-size>65536</burst-size>
  </limits>
  <authentication>
    <source-password>$(escape "${KROMO_STATION_PASSWORD:-hackme}")</source-password>
    <admin-user>admin</admin-user>
    <admin-password>$(escape "${KROMO_STATION_PASSWORD:-hackme}")</admin-password>
  </authentication>
  <listen-socket>
    <port>$port</port>
    <bind-address>127.0.0.1</bind-address>
  </listen-socket>
  <paths>
    <logdir>$dir</logdir>
    <webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot>
    <pidfile>$dir/icecast.pid</pidfile>
  </paths>
  <logging>
    <accesslog>access.log</accesslog>
    <errorlog>error.log</errorlog>
    <loglevel>3</loglevel>
  </logging>
  <security>
    <chroot>0</chroot>
    $owner
  </security>
</icecast>
XML

child=
# shellcheck disable=SC2317 # by the trap
end () {
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  wait || true
  [ -z "$remove" ] || rm -rf "$remove"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

answers () { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
! answers || die "Port $port is taken; --port takes another one."

icecast2 -c "$dir/icecast.xml" >"$dir/output.log" 2>&1 &
child=$!
for _ in {1..300}; do
  kill -0 "$child" 2>/dev/null || break
  if answers; then
    say "Icecast listens at http://127.0.0.1:$port/"
    wait "$child" || true
    exit 0
  fi
  sleep 0.1
done
tail -n 5 "$dir/output.log" "$dir/error.log" >&2 2>/dev/null || true
die "Icecast does not run at port $port."
