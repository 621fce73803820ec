#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum key` and `sanctum ledger` on a state directory that no daemon uses."""
import json
import os
import re
import subprocess
import tempfile
import unittest
import zlib

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def check_digits(text):
    crc = zlib.crc32(text.encode())
    return "".join(ALPHABET[crc >> (5 * i) & 31] for i in range(6, -1, -1))


class Keys(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.state = os.path.join(self.dir.name, "state")

    def run_it(self, *args, given=""):
        return subprocess.run([SANCTUM, *args, "--state", self.state], capture_output=True, text=True, check=False,
                              timeout=120, input=given)

    def create(self, *args):
        out = self.run_it("key", "create", "--json", *args)
        self.assertEqual(out.returncode, 0, out.stderr)
        return json.loads(out.stdout)

    def listed(self):
        out = self.run_it("key", "list", "--json")
        self.assertEqual((out.returncode, out.stderr), (0, ""))
        return [json.loads(line) for line in out.stdout.splitlines()]

    def test_a_key_is_shown_once_and_kept_as_a_hash(self):
        made = self.create("--name", "agent1", "--expires", "90d", "--scope", "usage")
        self.assertEqual(list(made), ["id", "name", "key"])
        self.assertRegex(made["key"], r"^sk-sanctum-[0-9a-z]{8}-[0-9a-z]{33}$")
        self.assertEqual(made["key"][-7:], check_digits(made["key"][:-7]))
        one, = self.listed()
        self.assertEqual((one["id"], one["name"], one["state"], one["scopes"]), (made["id"], "agent1", "active", "usage"))
        self.assertRegex(one["expires"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        secret = made["key"].split("-")[3].encode()
        for folder, _, names in os.walk(self.state):
            self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700, folder)
            for name in names:
                path = os.path.join(folder, name)
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600, path)
                with open(path, "rb") as f:
                    self.assertNotIn(secret, f.read(), path)

    def test_revoking_by_id_and_by_name(self):
        a, b = self.create("--name", "x"), self.create("--name", "x")
        self.create("--name", "y")
        self.assertEqual(self.run_it("key", "revoke", a["id"]).stdout, "1 revoked\n")
        self.assertEqual({k["id"]: k["state"] for k in self.listed() if k["name"] == "x"},
                         {a["id"]: "revoked", b["id"]: "active"})
        self.assertEqual(self.run_it("key", "revoke", "x").stdout, "1 revoked\n")
        again = self.run_it("key", "revoke", "x")
        self.assertEqual((again.returncode, again.stdout), (2, ""))
        self.assertEqual([k["state"] for k in self.listed() if k["name"] == "y"], ["active"])

    def test_wrong_usage(self):
        for args in (["create"], ["create", "--name", "a b"], ["create", "--name", "a", "--expires", "yesterday"],
                     ["create", "--name", "a", "--expires", "0d"], ["create", "--name", "a", "--expires", "2001-01-01"],
                     ["create", "--name", "a", "--scope", "root"], ["revoke"], ["list", "x"], ["check", "sk-x"]):
            out = self.run_it("key", *args) if args[0] != "check" else subprocess.run(
                [SANCTUM, "key", *args], capture_output=True, text=True, check=False, timeout=120)
            self.assertEqual((out.returncode, out.stdout), (64, ""), args)

    def test_a_mistyped_key_is_told_offline(self):
        key = self.create("--name", "z")["key"]
        ask = lambda text: subprocess.run([SANCTUM, "key", "check"], input=text, capture_output=True, text=True,
                                          check=False, timeout=120)
        self.assertEqual(ask(key + "\n").returncode, 0)
        wrong = key[:30] + ("0" if key[30] != "0" else "1") + key[31:]
        self.assertEqual(ask(wrong).returncode, 1)
        self.assertNotIn(wrong[20:], ask(wrong).stderr)

    def test_a_state_directory_of_others_is_refused(self):
        self.create("--name", "agent1")
        os.chmod(os.path.join(self.state, "keys", "list"), 0o644)
        out = self.run_it("key", "list")
        self.assertEqual((out.returncode, out.stdout), (2, ""))
        self.assertTrue(re.search("others may read", out.stderr))


if __name__ == "__main__":
    unittest.main()
