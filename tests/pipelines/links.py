#!/usr/bin/env python3
"""Checks the links of README.md and docs/: what they lead to is there, and every page is in the index.

usage: links.py ROOT

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import re, sys
from pathlib import Path

LINK = re.compile(r"\]\(([^)#\s]+)")


def main():
    root = Path(sys.argv[1])
    pages = [root / "README.md", root / "docs" / "reference" / "README.md", *sorted((root / "docs").glob("*.md"))]
    bad, indexed = [], set()
    for page in pages:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)
        for target in LINK.findall(text):
            if "://" in target or target.startswith("mailto:"):
                continue
            path = (page.parent / target).resolve()
            if not path.exists():
                bad.append(f"{page.relative_to(root)}: {target} is not there")
            if page == root / "docs" / "README.md":
                indexed.add(path)
    for page in sorted((root / "docs").glob("*.md")):
        if page.name != "README.md" and page.resolve() not in indexed:
            bad.append(f"docs/README.md does not lead to {page.name}")
    print("\n".join(bad))
    sys.exit(bool(bad))


main()
