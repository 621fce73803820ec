#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum model sign` on cached folders of 2 GiB, beside OpenSSL's SHA-256 on as many cores, in one run.

For each folder, in turn: `openssl speed -evp sha256` in one process (its rate per second of CPU), in as many
as there are cores (its rate by the clock), and a signing. Two ratios, medians of the rounds: bytes per second of
CPU, and bytes per second of the clock. On a machine that has other work only the first says something.

usage: bench_sign.py [BUILD] [--rounds N] [--size BYTES]
"""
import argparse
import os
import re
import resource
import statistics
import subprocess
import tempfile
import time

CORES = len(os.sched_getaffinity(0))
# name: each file's share of the folder
FOLDERS = {
    "8 equal files": [1 / 8] * 8,
    "4 equal files": [1 / 4] * 4,
    "2 equal files": [1 / 2] * 2,
    "5 shards, the last shorter, small files": [0.22] * 4 + [0.119] + [0.0001] * 10,
    "one of 40 %, small files": [0.4] + [0.01] * 60,
    "one file": [1.0],
}


def fill(folder, shares, size):
    block = os.urandom(1 << 22)
    for i, share in enumerate(shares):
        left = int(size * share)
        with open(os.path.join(folder, f"part-{i:03}.safetensors"), "wb") as f:
            while left > 0:
                left -= f.write(block[:left])


def openssl(*more):
    out = subprocess.run(["openssl", "speed", "-evp", "sha256", "-bytes", "16384", "-seconds", "1", *more],
                         capture_output=True, text=True, check=True).stdout
    return float(re.findall(r"^(?:evp|sha256)\s+([\d.]+)k", out, re.M | re.I)[-1]) * 1000


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def sign(build, folder, key, out):
    before, start = cpu(), time.monotonic()
    subprocess.run([os.path.join(build, "sanctum"), "model", "sign", "--key", key, "--signature", out, folder],
                   check=True, capture_output=True)
    return cpu() - before, time.monotonic() - start


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", nargs="?", default="build")
    args.add_argument("--rounds", type=int, default=5)
    args.add_argument("--size", type=int, default=2 << 30)
    args = args.parse_args()
    with tempfile.TemporaryDirectory() as base:
        key, out = os.path.join(base, "key.pem"), os.path.join(base, "model.sig")
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key],
                       check=True, capture_output=True)
        print(f"model sign, {args.size / 2**30:.2f} GiB cached, {CORES} cores, beside OpenSSL's SHA-256; GB/s")
        print(f"{'folder':<42}{'per CPU second':>22}{'by the clock':>22}")
        for name, shares in FOLDERS.items():
            with tempfile.TemporaryDirectory(dir=base) as folder:
                fill(folder, shares, args.size)
                rounds = []
                for _ in range(args.rounds):
                    one, all_cores = openssl(), openssl("-elapsed", "-multi", str(CORES))
                    used, wall = sign(args.build, folder, key, out)
                    rounds.append((args.size / used / one, args.size / wall / all_cores, args.size / used, args.size / wall))
                a, b, c, d = (statistics.median(x) for x in zip(*rounds))
                print(f"{name:<42}{c / 1e9:>12.2f} = {a:.2f} x{d / 1e9:>13.2f} = {b:.2f} x", flush=True)


if __name__ == "__main__":
    main()
