#!/usr/bin/env python3
"""Compares the drawing of docs/architecture.md with the sources: each arrow between rooms of the engine is an include,
and each include goes along arrows.

usage: rooms.py ROOT

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import os
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path


def includes(root):
    """Pairs of rooms, and one file for each, of which the first includes something of the second."""
    rooms = {path.name for path in (root / "engine").iterdir() if path.is_dir()}
    found = {}
    for source in (root / "engine").glob("*/**/*.[ch]"):
        for name in re.findall(r'^#include "([^"]+)"', source.read_text(), re.M):
            for base in (source.parent, root / "engine"):
                path = Path(os.path.normpath(base / name))
                if path.is_file() and path.parent.parent == root / "engine" and path.parent.name in rooms:
                    pair = source.relative_to(root / "engine").parts[0], path.parent.name
                    if pair[0] != pair[1]:
                        found.setdefault(pair, source.name)
                    break
    return found


def main():
    root = Path(sys.argv[1]).resolve()
    drawing = xml.parse(root / "docs" / "architecture.svg").getroot()
    arrows, bad = set(), []
    for element in drawing.iter():
        room = element.get("data-room")
        if room and not (root / room).exists():
            bad.append(f"{room} is not there")
        if element.get("data-from"):
            arrows.add((element.get("data-from"), element.get("data-to")))
    drawn = {element.get("data-room") for element in drawing.iter()}
    for folder in (*(path for path in (root / "engine").iterdir() if path.is_dir()), root / "gst", root / "pipelines"):
        if folder.relative_to(root).as_posix() not in drawn:
            bad.append(f"{folder.relative_to(root)} is not drawn")

    reach = {arrow[0]: set() for arrow in arrows}
    for _ in reach:
        for first, second in arrows:
            reach[first] |= {second} | reach.get(second, set())
    found = includes(root)
    bad += [f"{first} -> {second} is drawn, but no include" for first, second in arrows - found.keys()]
    bad += [f"{source} in {first} includes {second}, against the arrows" for (first, second), source in found.items()
            if second not in reach.get(first, ())]
    print(*bad, f"{len(arrows)} arrows, {len(found)} pairs of rooms: {sorted(found)}", sep="\n")
    sys.exit(bool(bad) or not arrows)


main()
