#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The policy of bench_cel here and in cel-go, in one run: python3 bench/cel/cel.py [BUILD]."""
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, "build")
POLICY = ('tool == "Bash" && !(host in ["a.com","b.com"]) && args.size() < 100 && '
          'args.exists(a, a.startsWith("rm"))')


def main():
    subprocess.run(["ninja", "-C", BUILD, "--quiet", "bench_cel"], check=True)
    ours = re.findall(r"([\d.]+) ns", subprocess.run([os.path.join(BUILD, "bench_cel")], check=True, text=True,
                                                     capture_output=True).stdout)
    theirs = None
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, "oracle")
        go = "/usr/local/go/bin/go" if os.path.exists("/usr/local/go/bin/go") else "go"
        try:
            subprocess.run([go, "build", "-o", path, "."], cwd=os.path.join(ROOT, "test", "cel", "oracle"), check=True,
                           capture_output=True)
            theirs = subprocess.run([path, POLICY], check=True, text=True, capture_output=True).stdout.split()
        except (OSError, subprocess.CalledProcessError):
            print("cel-go cannot be built here: our own figures only")
    for i, what in enumerate(["compile and check", "evaluate, cost limit on"]):
        line = f"{what:<26} {float(ours[i]):>8.0f} ns"
        if theirs:
            line += f"   cel-go {float(theirs[i]):>8.0f} ns   ratio {float(ours[i]) / float(theirs[i]):.3f}"
        print(line)


if __name__ == "__main__":
    main()
