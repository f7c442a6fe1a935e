#!/usr/bin/env python3
"""Prints the table of properties of docs/properties.md, from what gst-inspect-1.0 kromosrc prints.

usage: gst-inspect-1.0 kromosrc | properties.py [--write PAGE]

With --write the table replaces that of the page.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import re, sys

# Of every source, and told of in GStreamer's own documentation.
INHERITED = {"blocksize", "do-timestamp", "name", "num-buffers", "parent", "typefind"}
TABLE = re.compile(r"^\| property \|.*?(?=\n\n|\Z)", re.S | re.M)
LIMITS = {"18446744073709551615": "2^64 - 1", "2147483647": "2^31 - 1", "1.797693e+308": "any"}


def blocks(text):
    lines = text[text.index("Element Properties:") :].splitlines()[1:]
    block = []
    for line in lines:
        if not line.startswith("  ") and line.strip():
            break
        if re.match(r"  [a-z][a-z-]* +: ", line):
            if block:
                yield block
            block = []
        block.append(line)
    yield block


def row(block):
    name, meaning = re.match(r"  ([a-z-]+) +: (.*)", block[0]).groups()
    flags, kind = block[1].strip(), re.sub(r" +", " ", block[2].strip())
    limits, default = re.search(r"Range: (\S+) - (\S+)", kind), re.search(r"Default: (.+)$", kind)
    values = [m[1] for m in (re.match(r" +\(\d+\): (\S+)", line) for line in block[3:]) if m]
    type_name = re.match(r"[A-Za-z0-9 ]+", kind)[0].replace("pointer of type", "").strip()
    if "GstStructure" in kind:
        type_name = "structure"
    elif "GStrv" in kind:
        type_name = "strings"
    span = ", ".join(values) if values else " to ".join(LIMITS.get(x, x) for x in limits.groups()) if limits else ""
    when = ("read-only" if "writable" not in flags else "any time" if "PLAYING" in flags else "NULL, READY")
    if "controllable" in flags:
        when += ", controllable"
    value = re.sub(r'^\d+, "(.*)"$', r"\1", default[1].strip()) if default and "read-only" not in when else ""
    cells = [f"`{name}`", type_name.lower(), span, value.replace("null", "NULL"), when, meaning.replace("|", "\\|")]
    return name, "| " + " | ".join(cells) + " |"


def main():
    rows = dict(row(block) for block in blocks(sys.stdin.read()))
    table = "| property | type | range | default | may change | meaning |\n| --- | --- | --- | --- | --- | --- |\n"
    table += "\n".join(rows[name] for name in sorted(rows) if name not in INHERITED)
    if sys.argv[1:2] != ["--write"]:
        print(table)
        return
    with open(sys.argv[2]) as f:
        page = f.read()
    with open(sys.argv[2], "w") as f:
        f.write(TABLE.sub(lambda match: table, page))


main()
