#!/usr/bin/env python3
"""Copies the small part of the parity data that the tests keep for themselves.

usage: subset.py PARITY_DATA tests/data/parity

SPDX-License-Identifier: LGPL-2.1-or-later
"""
import gzip, json, os, sys

RENDERS = """
t10_biquad_lowpass.d1 t20_convolver.d1 t21_waveshaper.d1 t22_compressor.ch2 t25_delay_frac.rev
t36_fm.nd7 t40_wavetable3.ch2 t42_additive3.r44 t53_buffer_playbackRate_curve.d1 t61_cycle_delay.d1
t80_cppn_deep.d1 t90_percppn.nd-12 ev016_m28.d1 ev023_m60.d1 ev103_m5_nz.d1 ev117_m50_pf.rev
""".split()


def pack(source, target):
    data = open(source, "rb").read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as f:
        f.write(gzip.compress(data, 9, mtime=0))


source, target = sys.argv[1:]
index = []
for genome in json.load(open(os.path.join(source, "index.json"))):
    genome["renders"] = [r for r in genome["renders"] if genome["id"] + "." + r["variant"] in RENDERS]
    if not genome["renders"]:
        continue
    name = "genomes/%s.json.gz" % genome["id"]
    pack(os.path.join(source, genome["genome"]), os.path.join(target, name))
    genome["genome"] = name
    for r in genome["renders"]:
        pack(os.path.join(source, r["file"]), os.path.join(target, r["file"] + ".gz"))
        norm = r["file"][:-4] + ".norm.f32"
        if os.path.exists(os.path.join(source, norm)):
            pack(os.path.join(source, norm), os.path.join(target, norm + ".gz"))
    index.append(genome)
for name in sorted(os.listdir(os.path.join(source, "webaudio"))):
    if name.endswith(".f32"):
        pack(os.path.join(source, "webaudio", name), os.path.join(target, "webaudio", name + ".gz"))
with open(os.path.join(target, "index.json"), "w") as f:
    json.dump(index, f, indent=1)
    f.write("\n")
