#!/usr/bin/python3
"""Draws a sound as a PNG: its waveform, and below, on the same time axis, its spectrogram.

usage: draw.py FILE.wav FILE.png TITLE [FILE.wav FILE.png TITLE...]

The sounds are WAV files, 16 bit; of several channels the first is drawn. The frequency axis is logarithmic, as the ear is:
an octave is as high as any other. Colours are levels, from -90 dB to 0 dB, which is a sine of full scale.

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import io
import sys
import wave

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

WIDTH, HEIGHT, DPI = 960, 400, 100  # pixels
LOWEST, HIGHEST = 40, 16000  # Hz
FLOOR = -90  # dB
WINDOWS = 8192, 4096, 2048, 1024  # samples, from the lowest frequencies to the highest
PERIODS = 20  # of a frequency in the window it is looked at with, about
BACKGROUND, TEXT, GRID, LINE = "#10121a", "#c8ccd8", "#39405a", "#5cc8ff"
LEVELS = 80  # colours of the spectrogram


def read(path):
    with wave.open(path) as file:
        if file.getsampwidth() != 2:
            sys.exit(f"{path}: not 16 bit")
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples[:: file.getnchannels()] / 32768, file.getframerate()


def levels_with(samples, size, columns):
    """The levels in dB at the columns' middles, a row for each bin of a window of this size."""
    middles = (np.arange(columns) + 0.5) * len(samples) / columns
    padded = np.pad(samples, size)
    window = np.hanning(size)
    places = (middles + size / 2).astype(int)[:, None] + np.arange(size)
    spectrum = np.abs(np.fft.rfft(padded[places] * window, axis=1)) * 2 / window.sum()
    return 20 * np.log10(np.maximum(spectrum, 1e-9)).T


def spectrogram(samples, rate, rows, columns):
    """Rows are evenly spaced in octaves. Long windows tell low notes apart, short ones high beats."""
    frequencies = LOWEST * (HIGHEST / LOWEST) ** (np.arange(rows) / (rows - 1))
    wanted = np.clip(np.log2(WINDOWS[0] * frequencies / (PERIODS * rate)), 0, len(WINDOWS) - 1)
    step = (HIGHEST / LOWEST) ** (1 / (rows - 1))
    picture = np.zeros((rows, columns))
    for number, size in enumerate(WINDOWS):
        levels = levels_with(samples, size, columns)
        bins = frequencies * size / rate
        below = np.minimum(bins.astype(int), len(levels) - 2)
        # Where rows are wider than bins, the loudest of those that a row covers; else between two bins.
        share = np.maximum(0, 1 - np.abs(wanted - number))  # of this window in each row
        for row in np.flatnonzero(share):
            low, high = int(np.ceil(bins[row] / step ** 0.5)), int(bins[row] * step ** 0.5)
            if high >= low:
                values = levels[low : high + 1].max(axis=0)
            else:
                part = bins[row] - below[row]
                values = levels[below[row]] * (1 - part) + levels[below[row] + 1] * part
            picture[row] += share[row] * values
    return picture


def decorate(axes):
    axes.set_facecolor(BACKGROUND)
    axes.tick_params(colors=TEXT, labelsize=8, length=3)
    for side in axes.spines.values():
        side.set_color(GRID)


def palette():
    """The colours of all pictures: those of the levels, and of the soft edges of text and lines."""
    colors = [tuple(color[:3]) for color in plt.get_cmap("inferno")(np.linspace(0, 1, LEVELS))]
    background, *others = (np.array(matplotlib.colors.to_rgb(color)) for color in (BACKGROUND, TEXT, GRID, LINE))
    colors += [tuple(background + (color - background) * part) for color in others for part in np.linspace(0, 1, 10)]
    image = Image.new("P", (1, 1))
    image.putpalette([round(value * 255) for color in colors for value in color])
    return image


def draw(samples, rate, title, path):
    seconds = len(samples) / rate
    figure, (top, bottom) = plt.subplots(2, 1, sharex=True, figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI,
                                         facecolor=BACKGROUND, height_ratios=(1, 2.4))
    figure.subplots_adjust(left=0.06, right=0.98, top=0.925, bottom=0.085, hspace=0.06)
    top.set_title(title, color=TEXT, fontsize=10, loc="left", parse_math=False)
    box = bottom.get_position()
    columns, rows = round(box.width * WIDTH), round(box.height * HEIGHT)

    edges = np.linspace(0, len(samples), columns + 1).astype(int)[:-1]
    times = (np.arange(columns) + 0.5) * seconds / columns
    top.axhline(0, color=GRID, linewidth=0.8)
    top.fill_between(times, np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges),
                     color=LINE, linewidth=0.8)
    top.set(xlim=(0, seconds), ylim=(-1.05, 1.05), yticks=(-1, 0, 1))

    picture = spectrogram(samples, rate, rows, columns)
    octaves = np.log2(HIGHEST / LOWEST)
    bottom.imshow(picture, origin="lower", aspect="auto", cmap="inferno", vmin=FLOOR, vmax=0, interpolation="nearest",
                  extent=(0, seconds, 0, octaves))
    marks = 50, 100, 200, 500, 1000, 2000, 5000, 10000
    bottom.set(yticks=[np.log2(f / LOWEST) for f in marks],
               yticklabels=[f"{f // 1000} kHz" if f >= 1000 else f"{f} Hz" for f in marks])
    for axes in (top, bottom):
        decorate(axes)
    bottom.xaxis.set_major_formatter(lambda x, _: f"{x:g} s")

    png = io.BytesIO()
    figure.savefig(png, facecolor=BACKGROUND)
    plt.close(figure)
    Image.open(png).convert("RGB").quantize(palette=palette(), dither=Image.Dither.NONE).save(path, optimize=True)


def main():
    arguments = sys.argv[1:]
    if not arguments or len(arguments) % 3:
        sys.exit(__doc__.split("\n\n")[1])
    for wav, png, title in zip(*[iter(arguments)] * 3):
        draw(*read(wav), title, png)


main()
