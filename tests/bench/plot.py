"""Draws real-time factors as an SVG: a bar for each genome, on a logarithmic axis.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import math, statistics
from html import escape

WIDTH, LABELS, RIGHT, TOP, STEP, BAR = 760, 130, 70, 64, 15, 9
LOW, HIGH = 1e-4, 1e-1
INK, FAINT, BARS, GOAL = "#222222", "#d9d9d9", "#3b6fa5", "#b5482a"


def x_of(rtf):
    share = math.log(min(max(rtf, LOW), HIGH) / LOW) / math.log(HIGH / LOW)
    return LABELS + share * (WIDTH - LABELS - RIGHT)


def text(x, y, content, anchor="start", fill=INK, size=11, weight="normal"):
    """With a white rim, to be read over lines."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}" '
        f'font-weight="{weight}" paint-order="stroke" stroke="#ffffff" stroke-width="3">{escape(content)}</text>'
    )


def line(x, top, bottom, colour, dashes=""):
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="{colour}"{dashed}/>'


def draw(factors, goals):
    """The SVG's text. factors: {genome: RTF}; goals: [(name, RTF)], drawn as lines."""
    rows = sorted(factors.items(), key=lambda row: row[1])
    bottom = TOP + STEP * len(rows) + 4
    median = statistics.median(factors.values())
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 34}" '
        'font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{bottom + 34}" fill="#ffffff"/>',
        text(LABELS, 20, "Seconds of rendering for a second of sound", size=14, weight="bold"),
        text(LABELS, 36, f"{len(rows)} evolved genomes, 48 kHz, mono, one core; median {median:.4f}", fill="#666666"),
    ]
    for exponent in range(-4, 0):
        x = x_of(10.0**exponent)
        parts += [line(x, TOP, bottom, FAINT), text(x, bottom + 16, f"{10.0 ** exponent:g}", "middle")]
    for name, rtf in goals:
        parts += [line(x_of(rtf), TOP - 6, bottom, GOAL, "4 3"), text(x_of(rtf), TOP - 10, name, "middle", GOAL)]
    for i, (genome, rtf) in enumerate(rows):
        y, x = TOP + STEP * i + 3, x_of(rtf)
        parts += [
            text(LABELS - 6, y + BAR, genome, "end"),
            f'<rect x="{LABELS}" y="{y}" width="{x - LABELS:.1f}" height="{BAR}" rx="1.5" fill="{BARS}"/>',
            text(x + 5, y + BAR, f"{rtf:.4f}", fill="#666666", size=10),
        ]
    return "\n".join([*parts, "</svg>", ""])
