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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import beside  # noqa: E402


def row(what, ours, theirs, repeat, pick):
    ta, tb = map(pick, beside.by_turns(ours, theirs, repeat))
    ma, mb = (beside.peak(c) if repeat < 10 else 0 for c in (ours, theirs))
    print(f"{what:24} sanctum {ta * 1000:9.2f} ms {ma:6.1f} MB   age {tb * 1000:9.2f} ms {mb:6.1f} MB   ratio {ta / tb:.2f}")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default="build")
    ap.add_argument("--age", default="age")
    ap.add_argument("--mib", type=int, default=1024)
    args = ap.parse_args()
    beside.pin()
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
