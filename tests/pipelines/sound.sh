# shellcheck shell=bash
# What the tests that listen to a received sound share. Sourced after common.sh.

# band_levels FILE [START SECONDS]: the RMS level of each octave from 62.5 Hz to 8 kHz, in dB, and of all above
# some 40 Hz. What is below, encoders take away as they please; evolved sounds may have much of it.
band_levels () {
  local file=$1 low
  shift
  local -a part=()
  [ $# -eq 0 ] || part=(trim "$1" "$2")
  for low in 62.5 125 250 500 1000 2000 4000 0; do
    local -a band=()
    [ "$low" = 0 ] || band=(sinc "$low-$(LC_ALL=C awk -v l="$low" 'BEGIN { print 2 * l }')")
    LC_ALL=C sox "$file" -c 1 -r 48000 -n highpass 40 highpass 40 "${part[@]}" "${band[@]}" stats 2>&1 \
      | awk '/^RMS lev dB/ { print $4 == "-inf" ? -200 : $4 }'
  done
}

# same_sound FILE FILE DB [START SECONDS]: levels of octaves that matter (less than 40 dB below the loudest)
# agree to DB, and that of the whole.
same_sound () {
  local a b
  a=$(band_levels "$1" "${@:4}")
  b=$(band_levels "$2" "${@:4}")
  LC_ALL=C awk -v a="$a" -v b="$b" -v most="$3" 'BEGIN {
    n = split (a, x, "\n"); m = split (b, y, "\n")
    if (n != 8 || m != 8) { print "no levels:", a, b; exit 1 }
    for (i = 1; i < n; i++) if (i == 1 || x[i] > loudest) loudest = x[i]
    if (x[n] < -60) { print "silence is nothing to compare with"; bad = 1 }
    for (i = 1; i <= n; i++) {
      d = x[i] - y[i]
      printf "%s %.2f dB, %.2f dB\n", i < n ? "octave " i : "all", x[i], y[i]
      if (x[i] > loudest - 40 && (d > most || d < -most)) { print "  differ by more than", most; bad = 1 }
    }
    exit bad
  }'
}

# samples FILE: the samples of a WAV file, as 16 bit little-endian bytes.
samples () {
  sox "$1" -t raw -e signed-integer -b 16 -L -
}

# linked_folder DIR: where a page's commands run as in the root of the repository, and what they write is no trouble.
linked_folder () {
  mkdir -p "$1"
  # shellcheck disable=SC2154 # from common.sh
  ln -s "$root"/* "$1"
}
