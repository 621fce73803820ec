#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sanctum sops decrypt beside sops, in one run, both pinned to one core: median of whole runs, peak memory.

usage: bench_sops.py [--build DIR] [--sops PROGRAM]"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time


def seconds(cmd):
    start = time.perf_counter()
    p = subprocess.Popen(cmd, stdout=subprocess.DEVNULL)
    if p.wait():
        sys.exit(f"{cmd}: status {p.returncode}")
    return time.perf_counter() - start


def peak(cmd):
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
    return most / 1024


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default="build")
    ap.add_argument("--sops", default="sops")
    args = ap.parse_args()
    os.sched_setaffinity(0, {1})  # children inherit it
    sanctum = os.path.join(args.build, "sanctum")
    with tempfile.TemporaryDirectory() as d:
        key = os.path.join(d, "key")
        subprocess.run([sanctum, "age", "keygen", "-o", key], stderr=subprocess.DEVNULL, check=True)
        to = subprocess.run([sanctum, "age", "keygen", "-y", key], capture_output=True, text=True, check=True).stdout.strip()
        os.environ["SOPS_AGE_KEY_FILE"] = key
        for keys, repeat in ((50, 101), (10000, 7)):
            path = os.path.join(d, f"{keys}.yaml")
            with open(path, "w", encoding="utf-8") as f:
                for i in range(keys):
                    f.write(f"key{i}: value number {i * 7919}\n")
            subprocess.run([sanctum, "sops", "encrypt", "--age", to, "-i", path], check=True)
            ours, theirs = [sanctum, "sops", "decrypt", path], [args.sops, "decrypt", path]
            a, b = [], []
            for _ in range(repeat):
                a.append(seconds(ours))
                b.append(seconds(theirs))
            ta, tb = statistics.median(a) * 1000, statistics.median(b) * 1000
            print(f"decrypt {keys:6} keys   sanctum {ta:8.2f} ms {peak(ours):6.1f} MB   sops {tb:8.2f} ms {peak(theirs):6.1f} MB"
                  f"   ratio {ta / tb:.3f}")


if __name__ == "__main__":
    main()
