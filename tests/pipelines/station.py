"""Looks into what the station sends: chained Ogg streams, MP3 with titles in between, samples."""
import array
import math
import struct
import sys


def fail(text):
    sys.exit(text)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def samples(path):
    a = array.array("h")
    data = read(path)
    a.frombytes(data[: len(data) // 2 * 2])
    return a


# ---- Ogg

def pages(data):
    at = 0
    while at + 27 <= len(data):
        if data[at : at + 4] != b"OggS":
            fail("no page at byte %d" % at)
        flags = data[at + 5]
        granule, serial = struct.unpack("<qI", data[at + 6 : at + 18])
        table = data[at + 27 : at + 27 + data[at + 26]]
        begin = at + 27 + data[at + 26]
        at = begin + sum(table)
        if at <= len(data):  # whoever listens leaves at any byte
            yield flags, granule, serial, data[begin:at]


def comment(body, name):
    at = 12 + struct.unpack("<I", body[8:12])[0]
    n = struct.unpack("<I", body[at : at + 4])[0]
    at += 4
    for _ in range(n):
        length = struct.unpack("<I", body[at : at + 4])[0]
        key, _, value = body[at + 4 : at + 4 + length].decode().partition("=")
        if key.upper() == name:
            return value
        at += 4 + length
    return None


def streams(path):
    """Title, frames (of 48 kHz) and whether it has ended, for each logical stream, which follow one another."""
    found = []
    for flags, granule, serial, body in pages(read(path)):
        if body.startswith(b"OpusHead"):
            if not flags & 2:
                fail("headers within a stream")
            if found and not found[-1]["ended"]:
                fail("a stream begins before the one before has ended")
            skip = struct.unpack("<H", body[10:12])[0]
            found.append({"serial": serial, "title": None, "frames": 0, "ended": False, "skip": skip})
        elif not found or serial != found[-1]["serial"]:
            fail("a page of no stream")
        elif body.startswith(b"OpusTags"):
            found[-1]["title"] = comment(body, "TITLE")
            found[-1]["artist"] = comment(body, "ARTIST")
        else:
            found[-1]["frames"] = granule - found[-1]["skip"]
            found[-1]["ended"] = bool(flags & 4)
    return found


def ogg(path):
    for s in streams(path):
        print(s["title"], s["frames"] if s["ended"] else "unended")


def ogg_packets(path):
    """Every stream that has ended does so where a packet ends, so that libshout's pace is right."""
    ended = [s for s in streams(path) if s["ended"]]
    odd = [s for s in ended if (s["frames"] + s["skip"]) % 960]
    if not ended or odd:
        fail("%d streams ended, not where a packet ends: %s" % (len(ended), odd))


# ---- MP3 with titles (Icy-MetaData: 1)

def icy(path, interval, audio):
    data, at, interval = read(path), 0, int(interval)
    with open(audio, "wb") as f:
        while at < len(data):
            f.write(data[at : at + interval])
            at += interval
            if at >= len(data):
                break
            length = data[at] * 16
            text = data[at + 1 : at + 1 + length].rstrip(b"\0").decode()
            at += 1 + length
            if text:
                print(text)


# ---- samples

def repeats(path, round_path, least):
    """What was played is the round, again and again, to the bit."""
    played, once = read(path), read(round_path)
    if len(played) < int(least) * len(once):
        fail("only %d bytes of a round of %d" % (len(played), len(once)))
    whole = once * (len(played) // len(once) + 1)
    if played != whole[: len(played)]:
        first = next(i for i in range(len(played)) if played[i] != whole[i])
        fail("differs from byte %d of %d on" % (first, len(played)))


def rms(x):
    return math.sqrt(sum(v * v for v in x) / max(1, len(x)))


def joins(raw_path, decoded_path, length):
    """The error of the decoded sound around the joins, against that elsewhere, in dB."""
    raw, decoded, length = samples(raw_path), samples(decoded_path), int(length)
    if len(raw) != len(decoded):
        fail("%d samples became %d" % (len(raw), len(decoded)))
    error = [a - b for a, b in zip(raw, decoded)]
    window = 480
    near, far = [], []
    for at in range(length, len(raw) - length // 2, length):
        near += error[at - window : at + window]
        far += error[at + length // 4 : at + length // 4 + 10 * window]
    level = 20 * math.log10(rms(near) / rms(raw)), 20 * math.log10(rms(far) / rms(raw))
    print("error around joins %.1f dB, elsewhere %.1f dB" % level)
    if level[0] > level[1] + 12 or level[0] > -15:  # a lost sample would be an error as loud as the sound
        fail("joins are heard")


def level(path):
    """A sound, without a hole of more than 0.2 s."""
    x = samples(path)
    if max(map(abs, x), default=0) < 1000:
        fail("silent")
    run = longest = 0
    for v in x:
        run = run + 1 if v == 0 else 0
        longest = max(longest, run)
    print("%.2f s, peak %d, longest run of zeros %d" % (len(x) / 48000, max(map(abs, x)), longest))
    if longest > 9600:
        fail("a hole of %d samples" % longest)


def flat(path, least):
    """Lines of "genomes kilobytes": the second half does not need more than the first one, but for noise."""
    points = [tuple(map(int, line.split())) for line in open(path)]
    points = [p for p in points if len(p) == 2 and p[0] >= int(least)]
    half = (points[0][0] + points[-1][0]) / 2
    first = [kb for n, kb in points if n <= half]
    second = [kb for n, kb in points if n > half]
    mean = lambda x: sum(x) / len(x)
    growth = (mean(second) - mean(first)) / ((points[-1][0] - points[0][0]) / 2)
    print("%d to %d genomes: %.0f, then %.0f KiB; %.3f KiB a genome"
          % (points[0][0], points[-1][0], mean(first), mean(second), growth))
    if mean(second) > mean(first) + 2000:
        fail("memory grows")


globals()[sys.argv[1]](*sys.argv[2:])
