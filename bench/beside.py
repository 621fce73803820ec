# SPDX-License-Identifier: Apache-2.0
"""Whole runs of sanctum beside another program's, on one core, by turns, so that both see the same machine."""
import os
import subprocess
import sys
import time


def pin():
    """To one core, with every program that is started from here."""
    os.sched_setaffinity(0, {1})


def seconds(cmd):
    """From start to exit, its output thrown away."""
    start = time.perf_counter()
    p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL)
    if p.wait():
        sys.exit(f"{cmd}: status {p.returncode}")
    return time.perf_counter() - start


def by_turns(ours, theirs, repeat):
    """The seconds of `repeat` runs of each."""
    both = [(seconds(ours), seconds(theirs)) for _ in range(repeat)]
    return [a for a, _ in both], [b for _, b in both]


def peak(cmd):
    """Peak MiB, read while it runs (what wait4 tells counts this script's own pages too)."""
    p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL)
    most = 0
    while p.poll() is None:
        try:
            with open(f"/proc/{p.pid}/status", encoding="ascii") as f:
                lines = dict(line.split(":", 1) for line in f)
        except OSError:
            continue
        if "python" not in lines.get("Name", "") and "VmHWM" in lines:
            most = max(most, int(lines["VmHWM"].split()[0]))
        time.sleep(0.001)
    return most / 1024
