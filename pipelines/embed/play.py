#!/usr/bin/env python3
"""Plays genomes, one after the other, without a gap.

usage: GST_PLUGIN_PATH=build/gst python3 play.py [--sink SINK] [GENOME...]

SINK is a launch description of where to (autoaudiosink). Needs Debian's python3-gi and gir1.2-gstreamer-1.0.
"""
import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402 (the version comes first)


def main():
    parser = argparse.ArgumentParser(description="Plays genomes, one after the other, without a gap.")
    parser.add_argument("--sink", default="autoaudiosink", help="a launch description of where to (%(default)s)")
    parser.add_argument("genomes", nargs="*", metavar="GENOME", help="a genome file (the built-in one)")
    options = parser.parse_args()

    Gst.init(None)
    try:
        pipeline = Gst.parse_launch("kromosrc name=source ! audioconvert ! audioresample ! " + options.sink)
    except GLib.Error as error:
        sys.exit(error.message)
    source = pipeline.get_by_name("source")
    genomes = iter(options.genomes)
    source.set_property("location", next(genomes, None))

    # Some two seconds before the end: what is set here plays on at the very next frame.
    def on_about_to_finish(source):
        genome = next(genomes, None)
        if genome:
            source.set_property("location", genome)

    source.connect("about-to-finish", on_about_to_finish)

    status = 0
    title = None
    pipeline.set_state(Gst.State.PLAYING)
    while True:
        message = pipeline.get_bus().timed_pop_filtered(
            Gst.CLOCK_TIME_NONE,
            Gst.MessageType.EOS | Gst.MessageType.ERROR | Gst.MessageType.WARNING | Gst.MessageType.TAG)
        if message.type == Gst.MessageType.TAG:
            known, new = message.parse_tag().get_string(Gst.TAG_TITLE)
            if known and new != title:
                title = new
                print(title, flush=True)
        elif message.type == Gst.MessageType.WARNING:
            print(message.parse_warning()[0].message, file=sys.stderr)
        else:
            if message.type == Gst.MessageType.ERROR:
                print(message.parse_error()[0].message, file=sys.stderr)
                status = 1
            break
    pipeline.set_state(Gst.State.NULL)
    return status


sys.exit(main())
