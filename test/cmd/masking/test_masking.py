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

    def test_lines_are_cut_at_line_feeds(self):
        """Wherever the reading stops: short lines, long ones, an empty one, one without a line feed at the end."""
        texts = ["x" * n for n in (0, 1, 65535 - 12, 65536 - 12, 65537 - 12, 200000, 3)] + ["y" * 50] * 3000
        given = [json.dumps({"text": t}) for t in texts]
        given.insert(3, "")
        for end in ("", "\n", "\r\n\t\n"):
            out = subprocess.run([SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"], input="\n".join(given) + end,
                                 capture_output=True, text=True, check=False, timeout=60)
            rows = [json.loads(line) for line in out.stdout.splitlines()]
            self.assertEqual(rows.pop(3)["line"], 4)
            self.assertEqual(len(rows), len(texts) + (1 if "\t" in end else 0))
            self.assertEqual([r["masked"] for r in rows[:len(texts)]], texts)

    def test_who_waits_for_an_answer_has_it(self):
        for command, line in (("mask", b'{"id":1,"text":"x"}'), ("restore", b'{"id":1,"masked":"x","map":{}}')):
            with subprocess.Popen([SANCTUM, command, "--jsonl"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as tool:
                for _ in range(3):
                    tool.stdin.write(line + b"\n")
                    tool.stdin.flush()
                    self.assertIn(b'"id":1', tool.stdout.readline())
                tool.stdin.close()

    def test_what_cannot_be_written_is_told(self):
        if os.path.exists("/dev/full"):
            with open("/dev/full", "wb") as full:
                out = subprocess.run([SANCTUM, "mask", "--jsonl", "--entities", "EMAIL_ADDRESS"], input=b'{"text":"x"}\n',
                                     stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
            self.assertEqual((out.returncode, b"cannot read or write" in out.stderr), (2, True))

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
