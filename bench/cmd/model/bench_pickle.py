#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum model inspect` on pickles of 7 MB, of many shapes and protocols, as Python writes them.

For each: milliseconds of CPU from process start to exit (best of the rounds, so that a busy neighbour is not
measured) and peak memory, as `time` tells it. numpy is used where it is installed.

usage: bench_pickle.py [BUILD] [--rounds N] [--bytes N]
"""
import argparse
import os
import pickle
import resource
import shutil
import subprocess
import tempfile

SHAPES = {
    "dicts of an id and a name": lambda n: [{"id": i, "name": f"w{i:06}"} for i in range(n)],
    "dicts in dicts": lambda n: {i: {"a": [i, (i,)], "b": None} for i in range(n)},
    "a vocabulary": lambda n: {f"tok{i}": i for i in range(n)},
    "pairs of integers": lambda n: [(i, i + 1) for i in range(n)],
    "a tuple of tuples": lambda n: tuple((i,) for i in range(n)),
    "a tuple of everything": lambda n: tuple(x for i in range(n) for x in (i, str(i), None, 1.5)),
    "sets": lambda n: [{i, i + 1} for i in range(n)],
    "empty lists": lambda n: [[] for _ in range(n)],
    "bytes": lambda n: [b"x%d" % i for i in range(n)],
}
try:
    import numpy
    SHAPES["numpy scalars"] = lambda n: [numpy.float64(i) for i in range(n)]
    SHAPES["numpy arrays of four"] = lambda n: [numpy.arange(4) for _ in range(n)]
except ImportError:
    pass


def dump(make, protocol, size):
    n, data = 1000, b""
    while len(data) < 0.98 * size:
        data = pickle.dumps(make(n), protocol)
        n = int(n * min(4, max(1.02, size / len(data)))) + 1
    return data


def measure(program, path, rounds):
    best, peak = 1e9, 0
    for _ in range(rounds):
        out = subprocess.run([shutil.which("time"), "-f", "%U %S %M", program, "model", "inspect", path],
                             capture_output=True, text=True, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "model", "inspect", path], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        peak = max(peak, int(out.stderr.split()[-1]))
    return best * 1000, peak / 1024


def main():
    args = argparse.ArgumentParser()
    args.add_argument("build", nargs="?", default="build")
    args.add_argument("--rounds", type=int, default=7)
    args.add_argument("--bytes", type=int, default=7_000_000)
    args = args.parse_args()
    program = os.path.join(args.build, "sanctum")
    print(f"pickles of {args.bytes / 1e6:.0f} MB, ms of CPU and MB at most, by protocol")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.pkl")
        for name, make in SHAPES.items():
            row = f"{name:<28}"
            for protocol in (0, 2, 4):
                with open(path, "wb") as f:
                    f.write(dump(make, protocol, args.bytes))
                row += "  {}: {:5.1f} ms {:4.1f} MB".format(protocol, *measure(program, path, args.rounds))
            print(row, flush=True)


if __name__ == "__main__":
    main()
