#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The published clients for Node (node_cases.mjs), one test a case; nothing planted reaches the stub."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import harness  # noqa: E402

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node_cases.mjs")


def node(*args, **env):
    return subprocess.run(["node", SCRIPT, *args], capture_output=True, text=True, check=False, timeout=120,
                          env={**os.environ, "CLIENTS": harness.CLIENTS, **env})


class Node(harness.Served):
    def case(self, name):
        at = len(self.s.stub.requests)
        r = node(name, SANCTUM_URL=self.s.url, SANCTUM_KEY=self.s.key)
        self.assertEqual(r.returncode, 0, r.stderr[-2000:])
        sent = b"".join(q.raw for q in self.s.stub.requests[at:]).decode()
        for value in ("Kowalska", "anna.kowalska@example.com", "415 555 2671", "@example.com"):
            self.assertNotIn(value, sent)


def add_cases():
    if not os.path.isdir(os.path.join(harness.CLIENTS, "node_modules")):
        print("the client packages are not installed (make check-deps)")
        sys.exit(77)
    for name in node("--list", SANCTUM_URL="http://127.0.0.1", SANCTUM_KEY="none").stdout.split():
        setattr(Node, "test_" + name, lambda self, n=name: self.case(n))


if __name__ == "__main__":
    add_cases()
    unittest.main()
