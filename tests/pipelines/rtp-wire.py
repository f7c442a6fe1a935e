"""Checks what rtp-capture.py wrote down.

usage: rtp-wire.py CAPTURE.json PACKETS TICKS BYTES

As many packets as PACKETS, each BYTES of payload and TICKS after the one before, sequence numbers without a gap,
one SSRC, a marker on the first one only; a sender report and a goodbye; the packets neither earlier nor later than
their timestamps say. Other processes may hold any single packet up, so times are looked at as a whole.
"""
import json
import sys


def main():
    path, n_packets, ticks, size = sys.argv[1], *map(int, sys.argv[2:5])
    with open(path, encoding="utf-8") as f:
        capture = json.load(f)
    packets = capture["packets"]
    faults = []

    def check(what, good):
        if not good:
            faults.append(what)

    pairs = list(zip(packets, packets[1:]))
    check("%d packets, not %d" % (len(packets), n_packets), len(packets) == n_packets)
    check("steps of %s ticks" % {(b["timestamp"] - a["timestamp"]) % 2**32 for a, b in pairs},
          all((b["timestamp"] - a["timestamp"]) % 2**32 == ticks for a, b in pairs))
    check("a gap in the sequence numbers", all((b["sequence"] - a["sequence"]) % 2**16 == 1 for a, b in pairs))
    check("sizes %s" % sorted({p["size"] for p in packets}), all(p["size"] == size for p in packets))
    check("several SSRCs", len({p["ssrc"] for p in packets}) == 1)
    check("versions, payload types or extras",
          all(p["version"] == 2 and p["type"] == 96 and not p["padding"] and not p["extension"] and not p["csrcs"]
              for p in packets))
    check("markers", [p["marker"] for p in packets] == [True] + [False] * (len(packets) - 1))
    reports = [r["type"] for r in capture["rtcp"] if r["ssrc"] == packets[0]["ssrc"]] if packets else []
    check("RTCP %s" % reports, reports[:1] == [200] and reports[-1:] == [203])
    if packets:
        # How far each packet is from its place; the earliest says where the clock begins.
        late = [p["time"] - packets[0]["time"] - ticks / 48000 * i for i, p in enumerate(packets)]
        late = sorted(t - min(late) for t in late)
        median = late[len(late) // 2]
        print("%d packets, lateness: median %.1f ms, worst %.1f ms" % (len(packets), 1e3 * median, 1e3 * late[-1]))
        check("packets are %.0f ms late" % (1e3 * median), median < 0.1)
    print(*faults, sep="\n")
    return bool(faults)


sys.exit(main())
