#!/usr/bin/env python3
"""Compares docs/properties.md with what the element says of itself.

usage: gst-inspect-1.0 kromosrc | properties.py element PAGE
       gst-launch-1.0 -m ... | properties.py messages PAGE
       gst-launch-1.0 uridecodebin uri="kromo:default?nonesuch=1" ... 2>&1 | properties.py keys PAGE

Prints what one has and the other has not; the exit status is 1 then. The first compares properties (type, range,
default, where they may be set, whether they are controllable), the fields of stats, and signals.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import re
import sys

TYPES = {"Boolean": "gboolean", "String": "gchararray", "Integer": "gint", "Unsigned Integer": "guint",
         "Unsigned Integer64": "guint64", "Double": "gdouble"}
LIMITS = {"18446744073709551615": "2^64 - 1", "4294967295": "2^32 - 1", "2147483647": "2^31 - 1", "1.797693e+308": "any"}
UNITS = {"ns": {"s": 10**9}, "bytes": {"MiB": 2**20, "GiB": 2**30}}


def section(text, title):
    """The lines below a title, up to the next one."""
    match = re.search(rf"^{title}:\n(.*?)(?=^\S|\Z)", text, re.M | re.S)
    return match[1] if match else sys.exit(f"no {title} in what was read")


def property_of(name, lines):
    flags, kind = lines[0].strip(), re.sub(r" +", " ", lines[1].strip())
    word = kind.split(".")[0]
    quoted = re.search(r'(?:Enum|of type) "(\w+)"', kind)
    limits, default = re.search(r"Range: (\S+) - (\S+)", kind), re.search(r"Default: (.+)$", kind)
    values = [match[1] for match in (re.match(r" +\(\d+\): (\S+)", line) for line in lines[2:]) if match]
    value = re.sub(r'^(?:\d+, )?"(.*)"$', r"\1", default[1]) if default else ""
    where = ("any state" if "PLAYING" in flags else "NULL, READY" if "READY" in flags
             else "read only" if "writable" not in flags else "-")
    return {
        "type": quoted[1] if quoted else TYPES[word],
        "range": ", ".join(values) or (" to ".join(LIMITS.get(x, x) for x in limits.groups()) if limits else ""),
        "default": {"null": "NULL"}.get(value, value),
        "set in": where + (", controllable" if "controllable" in flags else ""),
    }


def properties_of_element(text):
    blocks = re.split(r"^  ([a-z][a-z-]*) +: .*\n", section(text, "Element Properties"), flags=re.M)[1:]
    return {name: property_of(name, block.splitlines()) for name, block in zip(blocks[::2], blocks[1::2])}


def tables(page, first, second=None):
    """The rows of all tables whose first columns have these titles, as dictionaries."""
    titles = None
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else None
        if cells is None:
            titles = None
        elif titles is None:
            titles = cells
        elif set("".join(cells)) != {"-", " "} and set("".join(cells)) != {"-"}:
            if titles[0] == first and second in (None, titles[1]):
                yield dict(zip(titles, cells, strict=True))


def without_readings(cell, unit):
    """A number's plain form, after its reading in brackets was found to be the same."""
    match = re.search(r"(\d+) \(([\d.]+) (\w+)\)$", cell)
    if not match:
        return cell
    if round(float(match[2]) * UNITS[unit][match[3]]) != int(match[1]):
        sys.exit(f"{cell} {unit}: the two are not the same")
    return cell[: match.end(1)]


def properties_of_page(page):
    found = {}
    for row in tables(page, "property"):
        name = row["property"].strip("`")
        if name in found:
            sys.exit(f"{name} is there twice")
        found[name] = {key: without_readings(row[key], row["unit"]) for key in ("type", "range", "default", "set in")}
        if not row["meaning"]:
            sys.exit(f"{name} has no meaning")
    return found


def names(found):
    return {name: "it" for name in found}


def compare(what, said, written):
    for name in sorted(said.keys() | written.keys()):
        if said.get(name) != written.get(name):
            print(f"{what} {name}: the page has {written.get(name, 'none')}, the element {said.get(name, 'none')}")
    return said == written and len(said) > 0


def check_element(page, text):
    stats = re.findall(r"^ {30,}([a-z-]+): ", section(text, "Element Properties"), re.M)
    signals = re.findall(r'^  "([a-z-]+)" : ', section(text, "Element Signals"), re.M)
    part = page[page.index("## The signal") : page.index("## Messages")]
    return all([
        compare("property", properties_of_element(text), properties_of_page(page)),
        compare("field of stats", names(stats), names(row["field"].strip("`") for row in tables(page, "field"))),
        compare("signal", names(signals), names(re.findall(r"^`([a-z-]+)`, without arg", part, re.M))),
    ])


def check_messages(page, text):
    said, written, name = {}, {}, None
    for message, fields in re.findall(r"\(element\): (kromosrc-\w+), (.*);$", text, re.M):
        said[message] = {field: kind for field, kind in re.findall(r"([a-z-]+)=\((\w+)\)", fields)}
    kinds = {"guint64": "guint64", "gdouble": "double"}
    for row in tables(page, "message", "field"):
        name = row["message"].strip("`") or name
        written.setdefault(name, {})[row["field"].strip("`")] = kinds[row["type"]]
    return compare("message", said, written)


def check_keys(page, text):
    said = re.search(r'There is no key "nonesuch"; there are ([a-z, -]*[a-z])', text)[1].split(", ")
    written = [key for row in tables(page, "key") for key in re.findall(r"`([a-z-]+)`", row["key"])]
    return compare("URI key", names(said), names(written))


def main():
    checks = {"element": check_element, "messages": check_messages, "keys": check_keys}
    if len(sys.argv) != 3 or sys.argv[1] not in checks:
        sys.exit(__doc__.split("\n\n")[1])
    with open(sys.argv[2], encoding="utf-8") as file:
        page = file.read()
    sys.exit(not checks[sys.argv[1]](page, sys.stdin.read()))


main()
