# shellcheck shell=bash
# What the tests of pipelines/ share: checks that print TAP, a folder of scratch, children that end with the
# test. Sourced, not run.
#
# KROMO_BUILD is the build folder whose plugin is tested. KROMO_SLOW is set where long runs are wanted.

# shellcheck source=pipelines/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../pipelines/common.sh"

# shellcheck disable=SC2034 # used by the tests
data=$root/tests/data
scratch=$(mktemp -d)
# shellcheck disable=SC2034 # a file's name that nobody would choose
odd_name="a 'b\" %s \$x_y\$ é;!=\\&"
n_checks=0
n_failed=0

end_test () {
  local status=$? children
  children=$(jobs -p)
  # shellcheck disable=SC2086 # one word a process
  [ -z "$children" ] || kill $children 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$scratch"
  if [ "$status" -ne 0 ]; then
    say "Bail out! exit status $status"
  else
    say "1..$n_checks"
    [ "$n_failed" -eq 0 ]
  fi
}
trap end_test EXIT

# check NAME COMMAND...: one test; what the command printed is shown when it fails.
check () {
  local name=$1 log=$scratch/check.log
  shift
  n_checks=$((n_checks + 1))
  if "$@" </dev/null >"$log" 2>&1; then
    say "ok $n_checks - $name"
  else
    n_failed=$((n_failed + 1))
    say "not ok $n_checks - $name"
    sed 's/^/# /' "$log" | tail -n 60
  fi
}

# skip NAME REASON
skip () {
  n_checks=$((n_checks + 1))
  say "ok $n_checks - $1 # SKIP $2"
}

# wait_until SECONDS COMMAND...: until it succeeds; fails when that takes longer.
wait_until () {
  local tries=$(($1 * 20))
  shift
  while ! "$@" >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.05
  done
}

# free_ports N: that many even ports which nobody has, nor the next ones, for TCP or UDP. They are below those that
# the kernel gives away by itself, so that they stay free until they are wanted, whatever else runs.
free_ports () {
  python3 - "$1" <<'PY'
import random, socket, sys

def free(port):
    try:
        for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
            with socket.socket(socket.AF_INET, kind) as s:
                s.bind(("", port))
        return True
    except OSError:
        return False

ports = (port for port in random.sample(range(10000, 32000, 2), 11000) if free(port) and free(port + 1))
print(*(next(ports) for _ in range(int(sys.argv[1]))))
PY
}

# pasted PAGE NAME: the commands of a page in docs/ that follow the line `<!-- NAME -->`, as a reader would
# paste them.
pasted () {
  awk -v mark="<!-- $2 -->" '
    $0 == mark { wanted = 1 }
    /^```/ { if (inside) exit; if (wanted) { inside = found = 1; next } }
    inside
    END { exit !found }' "$root/docs/$1"
}
