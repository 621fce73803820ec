#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum ledger` on files that no daemon writes: what is shown, what is found."""
import json
import os
import subprocess
import tempfile
import unittest

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")


class Ledger(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.state = os.path.join(self.dir.name, "state")

    def run_it(self, *args, given=""):
        return subprocess.run([SANCTUM, *args, "--state", self.state], capture_output=True, text=True, check=False,
                              timeout=30, input=given)

    def create(self, *args):
        out = self.run_it("key", "create", "--json", *args)
        self.assertEqual(out.returncode, 0, out.stderr)
        return json.loads(out.stdout)

    def test_records_of_keys_are_shown_and_verified(self):
        made = self.create("--name", "agent1")
        self.run_it("key", "revoke", "agent1")
        show = [json.loads(line) for line in self.run_it("ledger", "show", "--json").stdout.splitlines()]
        self.assertEqual([(r["seq"], r["kind"], r["key"], r["key_id"]) for r in show],
                         [(0, "key_created", "agent1", made["id"]), (1, "key_revoked", "agent1", made["id"])])
        last = self.run_it("ledger", "show", "--json", "--last", "1").stdout
        self.assertEqual(json.loads(last)["seq"], 1)
        self.assertEqual(len(self.run_it("ledger", "show").stdout.splitlines()), 3)
        self.assertEqual(self.run_it("ledger", "show", "--json", "--since", "2999-01-01").stdout, "")
        self.assertEqual(self.run_it("ledger", "show", "--last", "x").returncode, 64)
        self.assertEqual(json.loads(self.run_it("ledger", "verify", "--json").stdout), {"ok": True, "records": 2})

    def test_tampering_is_a_finding(self):
        self.create("--name", "agent1")
        self.create("--name", "agent2")
        folder = os.path.join(self.state, "ledger")
        path = os.path.join(folder, os.listdir(folder)[0])
        with open(path, "r+b") as f:
            data = f.read(4096)
            f.seek(data.index(b"agent1"))
            f.write(b"agent9")
        out = self.run_it("ledger", "verify")
        self.assertEqual(out.returncode, 1)
        self.assertRegex(out.stderr, r"record 0 .*altered")
        refused = self.run_it("key", "create", "--name", "z")
        self.assertEqual((refused.returncode, refused.stdout), (2, ""))
        os.unlink(path)
        out = self.run_it("ledger", "verify")
        self.assertEqual(out.returncode, 1)
        self.assertIn("missing: 2 records", out.stderr)


if __name__ == "__main__":
    unittest.main()
