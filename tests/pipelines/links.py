#!/usr/bin/env python3
"""Checks the links of README.md and docs/: what they lead to is there, headings too, every page is in the index
docs/README.md, and every picture is on a page.

usage: links.py ROOT

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import re
import sys
from pathlib import Path

LINK = re.compile(r"\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)")


def prose_of(page):
    """Without what is code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors_of(page):
    """As GitHub and GitLab make them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    titles = re.findall(r"^#+ +(.*)$", text, re.M)
    return {re.sub(r" ", "-", re.sub(r"[^\w\- ]", "", title.lower())) for title in titles}


def main():
    root = Path(sys.argv[1]).resolve()
    docs = root / "docs"
    index = docs / "README.md"
    pages = [root / "README.md", *sorted(docs.glob("*.md")), *sorted((docs / "reference").glob("*.md"))]
    bad, links, reached, count = [], {}, set(), 0
    for page in pages:
        for link in LINK.findall(prose_of(page)):
            if re.match(r"\w+:", link):
                continue
            count += 1
            name, _, anchor = link.partition("#")
            path = (page.parent / name).resolve() if name else page
            links.setdefault(page, set()).add(path)
            reached.add(path)
            if root not in path.parents or not path.exists():
                bad.append(f"{page.relative_to(root)}: {link} is not there")
            elif anchor and anchor not in anchors_of(path):
                bad.append(f"{page.relative_to(root)}: {name or page.name} has no heading #{anchor}")
    for page in docs.glob("*.md"):
        if page != index and page not in links[index]:
            bad.append(f"docs/README.md does not lead to {page.name}")
    for picture in (*docs.rglob("*.png"), *docs.rglob("*.svg")):
        if picture not in reached:
            bad.append(f"{picture.relative_to(root)} is on no page")
    print(*bad, f"{count} links on {len(pages)} pages", sep="\n")
    sys.exit(bool(bad) or count < 50)


main()
