"""Receives an RTP stream and its RTCP with plain sockets, and writes down what is on the wire.

usage: rtp-capture.py OUT [GROUP]

Prints the even port that it listens on, in one line, then receives until the sender says goodbye (or for 20 s).
OUT.json has the packets (time, sequence number, timestamp, payload type, marker, SSRC, size, CSRCs and extension
or not) and the RTCP packets' types and SSRCs; OUT.payload has all payloads, one after the other.
"""
import json
import select
import socket
import struct
import sys
import time


def udp_socket(group):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # Any number may listen to a group.
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(bool(group)))
    return s


def bind_pair(group):
    """An even port that is free, and the one after it."""
    address = group or "127.0.0.1"
    while True:
        rtp = udp_socket(group)
        rtp.bind((address, 0))
        port = rtp.getsockname()[1]
        if port % 2 == 0:
            rtcp = udp_socket(group)
            try:
                rtcp.bind((address, port + 1))
                return rtp, rtcp, port
            except OSError:
                rtcp.close()
        rtp.close()


def parse_rtp(data, now):
    first, second, sequence, timestamp, ssrc = struct.unpack(">BBHII", data[:12])
    n_csrc = first & 15
    return {"time": now, "version": first >> 6, "padding": bool(first & 32), "extension": bool(first & 16),
            "csrcs": n_csrc, "marker": bool(second & 128), "type": second & 127, "sequence": sequence,
            "timestamp": timestamp, "ssrc": ssrc, "size": len(data) - 12}, data[12:]


def parse_rtcp(data):
    """Types and SSRCs of the packets in one datagram."""
    while len(data) >= 8:
        _, kind, length, ssrc = struct.unpack(">BBHI", data[:8])
        yield {"type": kind, "ssrc": ssrc}
        data = data[4 * (length + 1):]


def said_goodbye(packets, reports):
    """Whether the sender did; receivers of a group report and leave too."""
    return any(r["type"] == 203 and r["ssrc"] == p["ssrc"] for p in packets[:1] for r in reports)


def main():
    out = sys.argv[1]
    group = sys.argv[2] if len(sys.argv) > 2 else ""
    rtp, rtcp, port = bind_pair(group)
    if group:
        for s in rtp, rtcp:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                         socket.inet_aton(group) + socket.inet_aton("127.0.0.1"))
    rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    print(port, flush=True)

    packets, reports, end = [], [], time.monotonic() + 20
    with open(out + ".payload", "wb") as payloads:
        while time.monotonic() < end and not said_goodbye(packets, reports):
            for s in select.select([rtp, rtcp], [], [], 0.2)[0]:
                data = s.recv(65536)
                if s is rtp:
                    packet, payload = parse_rtp(data, time.monotonic())
                    packets.append(packet)
                    payloads.write(payload)
                else:
                    reports += parse_rtcp(data)
        # What was sent before the goodbye may lie behind it.
        while select.select([rtp], [], [], 0.2)[0]:
            packet, payload = parse_rtp(rtp.recv(65536), time.monotonic())
            packets.append(packet)
            payloads.write(payload)
    with open(out + ".json", "w", encoding="utf-8") as f:
        json.dump({"packets": packets, "rtcp": reports}, f)


main()
