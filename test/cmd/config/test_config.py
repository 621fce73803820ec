#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum config`: exit statuses, where the file is looked for, and that the examples are good."""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from broken import BROKEN, V  # noqa: E402

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")


def run(*args, **env):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SANCTUM_CONFIG")}
    return subprocess.run([SANCTUM, "config", *args], capture_output=True, text=True, check=False,
                          timeout=120, stdin=subprocess.DEVNULL, env={**clean, **env})


class Config(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory()
        self.addCleanup(self.dir.cleanup)

    def write(self, text):
        path = os.path.join(self.dir.name, "sanctum.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def test_every_example_is_good(self):
        examples = glob.glob("examples/*.yaml")
        self.assertGreaterEqual(len(examples), 3)
        for path in examples:
            out = run("check", path)
            self.assertEqual((out.returncode, out.stderr), (0, ""), path)

    def test_a_finding_names_file_line_and_expectation(self):
        path = self.write("version: 1\nlisen: x\n")
        words = 'expected a setting of the config, found "lisen"; did you mean listen?'
        for args in (("check", path), ("check", "--config", path), ("show", path)):
            out = run(*args)
            self.assertEqual(out.returncode, 1)
            self.assertEqual(out.stderr, f"{path}:2: {words}\n")
            self.assertEqual(out.stdout, "")
        out = run("check", "--json", path)
        self.assertEqual(out.returncode, 1)
        self.assertEqual(json.loads(out.stdout), {"file": path, "ok": False, "line": 2, "column": 1,
                                                  "error": words})

    def test_every_broken_config_names_its_line_and_what_was_expected(self):
        for text, line, words in BROKEN:
            path = self.write(text)
            out = run("check", path)
            self.assertEqual((out.returncode, out.stdout, out.stderr), (1, "", f"{path}:{line}: {words}\n"), text)
        out = run("check", self.write(V + "providers:\n  a: {kind: openai, key: sk-canary-4f1d9b20}\n"))
        self.assertNotIn("canary", out.stderr)  # a key that stands there is not said again
        for text in (V, V + "gates: 256\n", V + "providers: {a: {kind: echo}}\nmodels: {x: [a/b]}\n"):
            self.assertEqual(run("check", self.write(text)).returncode, 0, text)  # the table's neighbours that are right

    def test_nothing_starts_with_a_broken_config(self):
        path = self.write(V + "gates: many\n")
        out = subprocess.run([SANCTUM, "serve", "--config", path, "--state", os.path.join(self.dir.name, "state")],
                             capture_output=True, text=True, check=False, timeout=120, stdin=subprocess.DEVNULL)
        self.assertEqual((out.returncode, out.stdout), (2, ""), out)
        self.assertIn(f'{path}:2: expected a number from 0 to 256 for gates, found "many"', out.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.dir.name, "state", "control.sock")))

    def test_a_missing_file_is_an_error(self):
        out = run("check", os.path.join(self.dir.name, "none.yaml"))
        self.assertEqual(out.returncode, 2)
        self.assertIn("expected a readable file", out.stderr)
        self.assertEqual(run("check", "a", "b").returncode, 64)

    def test_the_environment_names_a_file(self):
        path = self.write("version: 1\ngates: 3\n")
        self.assertEqual(json.loads(run("show", "--json", SANCTUM_CONFIG=path).stdout)["gates"], 3)

    def test_a_key_file_that_others_may_read(self):
        key = os.path.join(self.dir.name, "key")
        with open(key, "w", encoding="utf-8") as f:
            f.write("k")
        path = self.write(f"{V}providers:\n  p:\n    kind: openai\n    key: file:{key}\n")
        for mode, said in ((0o644, "open to group or others"), (0o640, "open to group or others"), (0o600, "")):
            os.chmod(key, mode)
            out = run("check", path)
            self.assertEqual(out.returncode, 0, out.stderr)
            self.assertEqual("warning" in out.stderr, said != "", out.stderr)
            self.assertIn(said, out.stderr)

    def test_show_reads_back_as_itself(self):
        for path in glob.glob("examples/*.yaml"):
            shown = run("show", path).stdout
            self.assertEqual(run("show", self.write(shown)).stdout, shown)

    def test_reference_is_the_page(self):
        with open("docs/CONFIG.md", encoding="utf-8") as f:
            self.assertEqual(run("reference").stdout, f.read())


if __name__ == "__main__":
    unittest.main()
