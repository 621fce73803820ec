#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum vault`: values by descriptor only, sealed at rest, refused when anything is off."""
import json
import os
import subprocess
import tempfile
import unittest

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")
CANARY = "canary-7f1e-value"


class Vault(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)
        self.state = os.path.join(self.dir.name, "state")

    def run_it(self, *args, given="", **env):
        return subprocess.run([SANCTUM, "vault", *args, "--state", self.state], capture_output=True, text=True,
                              check=False, timeout=60, input=given, env={**os.environ, **env})

    def test_set_get_list_rm(self):
        self.assertEqual(self.run_it("set", "openrouter", given=CANARY + "\n").returncode, 0)
        self.assertEqual(self.run_it("get", "openrouter").stdout, CANARY + "\n")
        self.assertEqual(self.run_it("set", "openrouter", given="second").returncode, 0)
        self.assertEqual(self.run_it("get", "openrouter").stdout, "second\n")
        one, = [json.loads(line) for line in self.run_it("list", "--json").stdout.splitlines()]
        self.assertEqual((one["name"], one["version"]), ("openrouter", 2))
        self.assertEqual(self.run_it("rm", "openrouter").returncode, 0)
        gone = self.run_it("get", "openrouter")
        self.assertEqual((gone.returncode, gone.stdout), (2, ""))
        self.assertEqual(self.run_it("list").stdout, "")

    def records(self):
        out = subprocess.run([SANCTUM, "ledger", "show", "--json", "--state", self.state], capture_output=True,
                             text=True, check=True)
        self.assertNotIn(CANARY, out.stdout)
        return [(r["kind"], r["actor"], r["object"]) for r in map(json.loads, out.stdout.splitlines())]

    def test_what_is_done_with_a_secret_is_recorded(self):
        name = "n" * 96  # the longest
        self.run_it("set", name, given=CANARY)
        self.run_it("get", name)
        self.run_it("list")
        self.run_it("get", "none")
        self.run_it("rm", name)
        self.run_it("rm", name)
        self.assertEqual(self.records(), [(f"secret_{deed}", "command", "vault:" + name)
                                          for deed in ("set", "read", "removed")])

    def test_what_cannot_be_recorded_is_not_done(self):
        self.run_it("set", "a", given=CANARY)
        segment, = (os.path.join(self.state, "ledger", n) for n in os.listdir(os.path.join(self.state, "ledger")))
        os.rename(segment, segment + "-away")  # the log lost what its pin remembers
        for args in (["get", "a"], ["set", "a"], ["set", "b"], ["rm", "a"]):
            out = self.run_it(*args, given="second")
            self.assertEqual((out.returncode, out.stdout), (2, ""), args)
            self.assertIn("cannot be recorded: missing", out.stderr)
        os.rename(segment + "-away", segment)
        self.assertEqual(self.run_it("get", "a").stdout, CANARY + "\n")
        self.assertEqual([json.loads(line)["name"] for line in self.run_it("list", "--json").stdout.splitlines()], ["a"])

    def test_nothing_on_disk_shows_a_value(self):
        self.run_it("set", "a", given=CANARY)
        for folder, _, names in os.walk(self.state):
            for name in names:
                path = os.path.join(folder, name)
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600, path)
                with open(path, "rb") as f:
                    self.assertNotIn(CANARY.encode(), f.read())

    def test_a_value_is_never_an_argument(self):
        for args in (["set", "a", CANARY], ["set"], ["set", ".masking-root"], ["get", "a b"], ["list", "x"]):
            out = self.run_it(*args)
            self.assertEqual((out.returncode, out.stdout), (64, ""), args)
            self.assertNotIn(CANARY, out.stderr)

    def test_the_masking_root_cannot_be_read(self):
        self.run_it("set", "a", given="x")
        self.assertEqual(self.run_it("get", ".masking-root").returncode, 64)

    def test_a_passphrase_from_a_private_file(self):
        path = os.path.join(self.dir.name, "passphrase")
        with open(path, "w", encoding="utf-8") as f:
            f.write("correct horse\n")
        os.chmod(path, 0o600)
        self.assertEqual(self.run_it("set", "a", given=CANARY, SANCTUM_PASSPHRASE_FILE=path).returncode, 0)
        self.assertEqual(self.run_it("get", "a", SANCTUM_PASSPHRASE_FILE=path).stdout, CANARY + "\n")
        os.chmod(path, 0o644)
        self.assertEqual(self.run_it("get", "a", SANCTUM_PASSPHRASE_FILE=path).returncode, 2)
        os.chmod(path, 0o600)
        with open(path, "w", encoding="utf-8") as f:
            f.write("wrong horse\n")
        wrong = self.run_it("get", "a", SANCTUM_PASSPHRASE_FILE=path)
        self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))

    def test_damage_is_a_finding(self):
        self.run_it("set", "a", given=CANARY)
        path = os.path.join(self.state, "vault", "store")
        with open(path, "r+b") as f:
            f.seek(-40, os.SEEK_END)
            byte = f.read(1)
            f.seek(-40, os.SEEK_END)
            f.write(bytes([byte[0] ^ 1]))
        out = self.run_it("get", "a")
        self.assertEqual((out.returncode, out.stdout), (1, ""))

    def test_an_open_key_file_is_refused(self):
        self.run_it("set", "a", given=CANARY)
        os.chmod(os.path.join(self.state, "vault", "key"), 0o640)
        self.assertEqual(self.run_it("get", "a").returncode, 2)


if __name__ == "__main__":
    unittest.main()
