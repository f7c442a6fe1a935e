"""Checks a playlist: what it says of each segment against what is decoded from it.

usage: hls-check.py PLAYLIST live|ended SECONDS

Prints the sum of the lengths. Segments decode each for itself, to as many frames as EXTINF says to 1 ms; none is
longer than TARGETDURATION, rounded; together they are SECONDS long, to one AAC frame, unless SECONDS is 0.
"""
import os
import subprocess
import sys
import tempfile


def decoded_seconds(path):
    """By GStreamer: ffprobe 5.1 crashes on segments of less than a few frames."""
    with tempfile.NamedTemporaryFile() as raw:
        subprocess.run(["gst-launch-1.0", "-q", "filesrc", "location=" + path, "!", "tsdemux", "!", "aacparse", "!",
                        "avdec_aac", "!", "audioconvert", "!", "audio/x-raw,format=S16LE,channels=1", "!",
                        "filesink", "location=" + raw.name], check=True, timeout=20)
        return os.path.getsize(raw.name) / 2 / 48000


def main():
    path, kind, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    target = next(int(line.split(":")[1]) for line in lines if line.startswith("#EXT-X-TARGETDURATION:"))
    first = next(int(line.split(":")[1]) for line in lines if line.startswith("#EXT-X-MEDIA-SEQUENCE:"))
    segments = [(float(line.split(":")[1].rstrip(",")), lines[i + 1])
                for i, line in enumerate(lines) if line.startswith("#EXTINF:")]
    faults = []
    if lines[0] != "#EXTM3U" or not segments:
        faults.append("no playlist")
    if ("#EXT-X-ENDLIST" in lines) != (kind == "ended"):
        faults.append("it is %s" % ("not ended" if kind == "ended" else "ended"))
    for i, (said, name) in enumerate(segments):
        decoded = decoded_seconds(os.path.join(os.path.dirname(path), name))
        if abs(said - decoded) > 0.001:
            faults.append("%s: EXTINF %f, decoded %f" % (name, said, decoded))
        if round(said) > target:
            faults.append("%s: %f is longer than %d" % (name, said, target))
        if name != "segment%05d.ts" % (first + i):
            faults.append("%s is number %d" % (name, first + i))
    total = sum(said for said, _ in segments)
    # What the encoder puts before the sound is one AAC frame, and the last one is filled up.
    if seconds and not 1024 / 48000 - 0.001 <= total - seconds <= 2 * 1024 / 48000 + 0.001:
        faults.append("%f s in all, not %f and one or two AAC frames" % (total, seconds))
    print("%d segments from %d, %f s" % (len(segments), first, total))
    print(*faults, sep="\n")
    return bool(faults)


sys.exit(main())
