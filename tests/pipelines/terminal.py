#!/usr/bin/env python3
"""Runs a command in a terminal and plays its user.

usage: pty.py STEP... -- COMMAND...

Steps, in order, each given 20 s:
  expect:REGEX  until it is in what has come since the last step that found something
  absent:REGEX  not in what has come since then
  send:KEYS     with Python's escapes, such as \\x1b[A
  signal:NAME   to the command, such as TERM
  sleep:S       seconds
  raw, cooked   until the terminal's line mode is off, on
  stopped       until the command is stopped
What the terminal showed is printed, and then "ended with N", the command's exit status, or 128 and the number of
the signal that ended it. The own exit status is 0 unless a step failed or the terminal was left otherwise than
it was found.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = 20


class Failed(Exception):
    pass


class Terminal:
    def __init__(self, command):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 160, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.shown = b""
        self.found = 0
        self.status = None
        self.process = subprocess.Popen(
            command, stdin=self.slave, stdout=self.slave, stderr=self.slave,
            start_new_session=True, preexec_fn=self.take_over)

    def take_over(self):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read(self, seconds=0.02):
        while select.select([self.master], [], [], seconds)[0]:
            data = os.read(self.master, 65536)
            if not data:
                return
            self.shown += data
            seconds = 0

    def until(self, what, condition):
        end = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > end:
                raise Failed(what)
            self.read()

    def is_raw(self):
        return not termios.tcgetattr(self.slave)[3] & termios.ICANON

    def is_stopped(self):
        with open("/proc/%d/stat" % self.process.pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "T"

    def expect(self, regex):
        match = re.compile(regex.encode()).search(self.shown, self.found)
        if match:
            self.found = match.end()
        return match

    def step(self, step):
        name, _, value = step.partition(":")
        if name == "expect":
            self.until(step, lambda: self.expect(value))
        elif name == "absent":
            self.read()
            if re.compile(value.encode()).search(self.shown, self.found):
                raise Failed(step)
        elif name == "send":
            self.read()
            self.found = len(self.shown)
            os.write(self.master, value.encode().decode("unicode_escape").encode("latin-1"))
        elif name == "signal":
            self.process.send_signal(getattr(signal, "SIG" + value))
        elif name == "sleep":
            end = time.monotonic() + float(value)
            while time.monotonic() < end:
                self.read()
        elif name == "raw":
            self.until(step, self.is_raw)
        elif name == "cooked":
            self.until(step, lambda: not self.is_raw())
        elif name == "stopped":
            self.until(step, self.is_stopped)
        else:
            raise Failed("no such step: " + step)

    def end(self):
        self.until("the command ends", lambda: self.process.poll() is not None)
        self.read()
        return self.process.returncode


def main():
    divide = sys.argv.index("--")
    terminal = Terminal(sys.argv[divide + 1:])
    failed = None
    try:
        for step in sys.argv[1:divide]:
            terminal.step(step)
        status = terminal.end()
        if termios.tcgetattr(terminal.slave) != terminal.before:
            failed = "the terminal is not as it was"
    except Failed as failure:
        failed = failure
    finally:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()
    print(terminal.shown.decode(errors="replace").replace("\r", "\n"))
    if failed:
        print("failed: %s" % failed)
        return 1
    print("ended with %d" % (status if status >= 0 else 128 - status))
    return 0


sys.exit(main())
