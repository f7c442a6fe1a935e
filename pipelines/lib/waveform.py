#!/usr/bin/env python3
"""Draws the waveform of a 16 bit WAV file as a PNG: for each column the least and the greatest sample.

usage: waveform.py FILE.wav FILE.png

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import array, struct, sys, wave, zlib

WIDTH, HEIGHT = 640, 120
BACKGROUND, LINE, AXIS = b"\x10\x10\x18", b"\x5c\xc8\xff", b"\x40\x40\x50"


def read(path):
    with wave.open(path) as f:
        if f.getsampwidth() != 2:
            sys.exit(f"{path}: not 16 bit")
        samples = array.array("h", f.readframes(f.getnframes()))
        if sys.byteorder == "big":
            samples.byteswap()
        return samples[:: f.getnchannels()]


def columns(samples):
    for x in range(WIDTH):
        part = samples[x * len(samples) // WIDTH : max((x + 1) * len(samples) // WIDTH, x * len(samples) // WIDTH + 1)]
        yield [round((1 - value / 32768) * (HEIGHT - 1) / 2) for value in (max(part), min(part))]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.split("\n\n")[1])
    ranges = list(columns(read(sys.argv[1])))
    rows = []
    for y in range(HEIGHT):
        empty = AXIS if y == HEIGHT // 2 else BACKGROUND
        rows.append(b"\0" + b"".join(LINE if top <= y <= bottom else empty for top, bottom in ranges))
    with open(sys.argv[2], "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(b"".join(rows), 9)) + chunk(b"IEND", b""))


main()
