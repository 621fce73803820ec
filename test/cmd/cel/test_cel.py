#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`sanctum cel`: values, types, where an expression is wrong, exit statuses, help."""
import json
import os
import re
import subprocess
import tempfile
import unittest

SANCTUM = os.path.join(os.environ["SANCTUM_BUILD"], "sanctum")


def run(*args, stdin=""):
    return subprocess.run([SANCTUM, "cel", *args], input=stdin, capture_output=True, text=True, check=False,
                          timeout=120)


class Cel(unittest.TestCase):
    def test_values(self):
        for expr, value in [("1 + 2", "3"), ("'a' + 'b'", '"ab"'), ("[1, 2u, 2.5]", "[1, 2, 2.5]"),
                            ("{'b': 1, 'a': null}", "{a: null, b: 1}"), ("duration('90s')", "90s"),
                            ("timestamp('2024-01-01T00:00:00Z')", "2024-01-01T00:00:00Z"),
                            ("timestamp('2024-07-01T00:00:00Z').getHours('Europe/Berlin')", "2")]:
            out = run("eval", expr)
            self.assertEqual((out.returncode, out.stdout, out.stderr), (0, value + "\n", ""), expr)

    def test_variables(self):
        out = run("eval", "--var", 'args=["rm", "-rf"]', "--var", "n=2",
                  "args.exists(a, a.startsWith('rm')) && args.size() == n")
        self.assertEqual((out.returncode, out.stdout), (0, "true\n"))
        self.assertEqual(run("eval", "--var", "args", "1").returncode, 64)
        self.assertEqual(run("eval", "--declare", "x=lits(int)", "1").returncode, 64)

    def test_an_error_is_a_finding_with_a_place(self):
        out = run("eval", "1 + (2 / 0)")
        self.assertEqual((out.returncode, out.stdout), (1, ""))
        self.assertIn("byte 7: division by zero", out.stderr)
        out = run("eval", "--json", "1 + 'a'")
        self.assertEqual(out.returncode, 1)
        self.assertEqual(json.loads(out.stdout)["at"], 2)

    def test_check(self):
        out = run("check", "--declare", "tools=list(string)", "tools.map(t, t.size())")
        self.assertEqual((out.returncode, out.stdout), (0, "list(int)\n"))
        out = run("check", "--json", "[1].all(x, x > 'a')")
        self.assertEqual(out.returncode, 1)
        self.assertEqual(sorted(json.loads(out.stdout)), ["at", "error"])

    def test_json(self):
        out = run("eval", "--json", "[1.5, b'a']", "null")
        first, second = map(json.loads, out.stdout.splitlines())
        self.assertEqual(first, {"value": {"t": "list", "v": [{"t": "double", "v": "1.5", "bits": "3ff8000000000000"},
                                                              {"t": "bytes", "v": "61"}]}})
        self.assertEqual(second, {"value": {"t": "null"}})

    def test_message_types(self):
        types = {"messages": {"t.Point": {"syntax": "proto3", "fields": {
            "x": {"number": 1, "label": "implicit", "type": "int32"},
            "next": {"number": 2, "label": "implicit", "type": "t.Point"}}}}, "enums": {}, "extensions": {}}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as f:
            json.dump(types, f)
            f.flush()
            out = run("eval", "--messages", f.name, "--container", "t", "--json", "Point{x: 3, next: Point{x: 4}}")
            self.assertEqual(json.loads(out.stdout)["value"],
                             {"t": "message", "type": "t.Point", "fields": {"x": "3", "next": {"x": "4"}},
                              "wire": "080312020804"})
            self.assertEqual(run("eval", "--messages", f.name, "t.Point{x: 'a'}").returncode, 1)

    def test_usage(self):
        self.assertEqual(run("eval").returncode, 64)
        self.assertEqual(run("eval", "--jsonl", "1").returncode, 64)
        self.assertEqual(run("eval", "--nope").returncode, 64)
        self.assertIn("--jsonl", run("eval", "--help").stdout)

    def test_every_command_of_the_guide(self):
        with open("docs/guides/cel.md", encoding="utf-8") as f:
            blocks = re.findall(r"```console\n(.*?)```", f.read(), re.S)
        pairs = [p for block in blocks for p in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)]
        self.assertGreaterEqual(len(pairs), 6)
        for command, expected in pairs:
            out = subprocess.run(["sh", "-c", command.replace("sanctum ", SANCTUM + " ", 1)], capture_output=True,
                                 text=True, check=False, timeout=120)
            self.assertEqual(out.stdout + out.stderr, expected, command)


if __name__ == "__main__":
    unittest.main()
