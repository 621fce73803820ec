#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sanctum age beside age, in one run, both pinned to one core: 1 GiB each way (best of three, peak memory)
and 1 KB from process start to exit (median of 300).

usage: bench_age.py [--build DIR] [--age PROGRAM] [--mib N]"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def run(cmd):
    """Seconds of one run, its output thrown away."""
    start = time.perf_counter()
    p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL)
    if p.wait():
        sys.exit(f"{cmd}: status {p.returncode}")
    return time.perf_counter() - start


def peak(cmd):
    """Peak KiB, read while it runs (what wait4 tells counts this script's own pages too)."""
    p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL)
    most = 0
    while p.poll() is None:
        try:
            with open(f"/proc/{p.pid}/status", encoding="ascii") as f:
                lines = dict(line.split(":", 1) for line in f)
        except OSError:
            continue
        name = lines.get("Name", "").strip()
        if "python" not in name and "VmHWM" in lines:
            most = max(most, int(lines["VmHWM"].split()[0]))
        time.sleep(0.002)
    return most


def row(what, ours, theirs, repeat, pick):
    a, b = [], []
    for _ in range(repeat):  # interleaved, so that both see the same machine
        a.append(run(ours))
        b.append(run(theirs))
    ta, tb = pick(a), pick(b)
    ma, mb = (peak(c) / 1024 if repeat < 10 else 0 for c in (ours, theirs))
    print(f"{what:24} sanctum {ta * 1000:9.2f} ms {ma:6.1f} MB   age {tb * 1000:9.2f} ms {mb:6.1f} MB   ratio {ta / tb:.2f}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default="build")
    ap.add_argument("--age", default="age")
    ap.add_argument("--mib", type=int, default=1024)
    args = ap.parse_args()
    os.sched_setaffinity(0, {1})  # children inherit it
    sanctum = [os.path.join(args.build, "sanctum"), "age"]
    peer = [args.age]
    print(subprocess.run([args.age, "--version"], capture_output=True, text=True, check=True).stdout.strip())
    shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=shm) as d:
        key, big, small = (os.path.join(d, n) for n in ("key", "big", "small"))
        subprocess.run([*sanctum, "keygen", "-o", key], stderr=subprocess.DEVNULL, check=True)
        to = subprocess.run([*sanctum, "keygen", "-y", key], capture_output=True, text=True, check=True).stdout.strip()
        with open(big, "wb") as f:
            for _ in range(args.mib):
                f.write(os.urandom(1 << 20))
        with open(small, "wb") as f:
            f.write(os.urandom(1024))
        for f in (big, small):
            subprocess.run([*sanctum, "-r", to, "-o", f + ".age", f], check=True)
        best, middle = min, statistics.median
        row(f"encrypt {args.mib} MiB", [*sanctum, "-r", to, big], [*peer, "-r", to, big], 3, best)
        row(f"decrypt {args.mib} MiB", [*sanctum, "-d", "-i", key, big + ".age"], [*peer, "-d", "-i", key, big + ".age"], 3, best)
        row("encrypt 1 KB, whole run", [*sanctum, "-r", to, small], [*peer, "-r", to, small], 300, middle)
        row("decrypt 1 KB, whole run", [*sanctum, "-d", "-i", key, small + ".age"], [*peer, "-d", "-i", key, small + ".age"], 300, middle)


if __name__ == "__main__":
    main()
