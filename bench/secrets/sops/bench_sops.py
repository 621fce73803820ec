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

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
import beside  # noqa: E402


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", default="build")
    ap.add_argument("--sops", default="sops")
    args = ap.parse_args()
    beside.pin()
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
            ta, tb = (statistics.median(t) * 1000 for t in beside.by_turns(ours, theirs, repeat))
            ma, mb = beside.peak(ours), beside.peak(theirs)
            print(f"decrypt {keys:6} keys   sanctum {ta:8.2f} ms {ma:6.1f} MB   sops {tb:8.2f} ms {mb:6.1f} MB   ratio {ta / tb:.3f}")


if __name__ == "__main__":
    main()
