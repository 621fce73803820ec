#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The guides of masking: every command in them says what the guide says it does. And what the commands share: lines
that cannot be read, key files."""
import json
import os
import re
import subprocess
import tempfile
import unittest

BUILD = os.environ["SANCTUM_BUILD"]
SANCTUM = os.path.join(BUILD, "sanctum")


def shell(command, folder):
    env = {**os.environ, "PATH": BUILD + os.pathsep + os.environ["PATH"], "HOME": folder}
    env.pop("SANCTUM_CONFIG", None)
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=60,
                          env=env)


class Guides(unittest.TestCase):
    def follow(self, guide, least):
        with open(f"docs/guides/{guide}.md", encoding="utf-8") as f:
            text = f.read()
        pairs = [p for block in re.findall(r"```console\n(.*?)```", text, re.S)
                 for p in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)]
        self.assertGreaterEqual(len(pairs), least)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "sanctum.yaml"), "w", encoding="utf-8") as f:
                f.write(re.search(r"```yaml\n(.*?)```", text, re.S)[1])
            for command, expected in pairs:
                out = shell(command, folder)
                self.assertEqual(out.stdout + out.stderr, expected, command)

    def test_operators(self):
        self.follow("operators", 9)

    def test_recognisers(self):
        self.follow("recognisers", 3)


class Shared(unittest.TestCase):
    def test_long_lines_are_named_and_the_others_done(self):
        for command, good in (("mask", {"text": "x"}), ("restore", {"masked": "x", "map": {}})):
            text = json.dumps(good) + "\n" + "x" * (33 << 20) + "\n" + json.dumps(good) + "\n"
            out = subprocess.run([SANCTUM, command, "--jsonl"], input=text, capture_output=True, text=True, check=False,
                                 timeout=60)
            rows = [json.loads(line) for line in out.stdout.splitlines()]
            self.assertEqual((out.returncode, len(rows)), (2, 3), out.stderr)
            self.assertEqual(rows[0], rows[2])
            self.assertEqual(rows[1], {"line": 2, "error": "the line is longer than 32 MiB"})

    def test_key_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for content, says in ((b"12", "expected 64 hexadecimal digits"), (b"z" * 64, "expected 64"),
                                  (b"1" * 66, "expected 64"), (b"1" * 400, "k")):
                with open(os.path.join(folder, "k"), "wb") as f:
                    f.write(content)
                os.chmod(os.path.join(folder, "k"), 0o600)
                for command in ("mask", "restore"):
                    out = shell(f"echo x | sanctum {command} --key-file k", folder)
                    self.assertEqual((out.returncode, out.stdout), (2, ""), content)
                    self.assertIn(says, out.stderr)
            out = shell("echo x | sanctum restore --key-file none; ls", folder)
            self.assertNotIn("none\n", out.stdout)  # restoring makes no key
            self.assertEqual(shell("chmod 644 k; echo x | sanctum restore --key-file k", folder).returncode, 2)


if __name__ == "__main__":
    unittest.main()
