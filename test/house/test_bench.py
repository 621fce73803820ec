#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of benchmarks says so when a figure is not reached, when a peer is missing, and when a benchmark
broke: it is shown a build whose benchmark prints what the test wants."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join("tools", "bench")
GOOD = "SHA-256 of the record alone  4.80\nappend, tiles  3.46  0.72x\nverify from bundles  3.42  0.71x\n"


class Bench(unittest.TestCase):
    def run_it(self, said, *more, status=0):
        with tempfile.TemporaryDirectory() as build:
            path = os.path.join(build, "bench_merkle")
            with open(path, "w", encoding="utf-8") as f:
                f.write(f"#!/bin/sh\ncat <<'E'\n{said}E\nexit {status}\n")
            os.chmod(path, 0o755)
            return subprocess.run([sys.executable, TOOL, build, *more], capture_output=True, text=True, check=False)

    def test_reached(self):
        r = self.run_it(GOOD, "--only", "merkle")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(r.stdout.count("reached"), 2)
        self.assertNotIn("NOT REACHED", r.stdout)

    def test_not_reached(self):
        r = self.run_it(GOOD.replace("3.46", "2.89"), "--only", "merkle")
        self.assertEqual(r.returncode, 1)
        self.assertIn("NOT REACHED", r.stdout)

    def test_json(self):
        rows = json.loads(self.run_it(GOOD, "--only", "merkle", "--json").stdout)
        self.assertEqual([(r["asked"], r["measured"], r["reached"]) for r in rows],
                         [(">= 2.9", 3.46, True), (">= 2", 3.42, True)])

    def test_broken(self):
        for said, status in ((GOOD, 3), ("nothing of use\n", 0)):
            r = self.run_it(said, "--only", "merkle", status=status)
            self.assertEqual(r.returncode, 2)
            self.assertIn("broken", r.stderr)

    def test_a_peer_that_is_missing_is_skipped(self):
        r = self.run_it(GOOD, "--only", "age,merkle")
        self.assertEqual(r.returncode, 0)
        self.assertIn("age: skipped: age is not installed", r.stderr)

    def test_no_such_benchmark(self):
        self.assertNotEqual(self.run_it(GOOD, "--only", "merkel").returncode, 0)


if __name__ == "__main__":
    unittest.main()
