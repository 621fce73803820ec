#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The dispatcher: its table, its exit statuses, and that every command in it answers --help, gives a
man page and completion words."""
import os
import re
import subprocess
import tempfile
import unittest

BUILD = os.environ["SANCTUM_BUILD"]
SANCTUM = os.path.join(BUILD, "sanctum")


def run(*args):
    return subprocess.run([SANCTUM, *args], capture_output=True, text=True, check=False, timeout=120,
                          stdin=subprocess.DEVNULL)


class Dispatcher(unittest.TestCase):
    def names(self):
        with open("src/cmd/main/commands.def", encoding="utf-8") as f:
            return re.findall(r'^COMMAND\("([^"]+)"', f.read(), re.M)

    def test_help_lists_every_command(self):
        out = run("--help")
        self.assertEqual(out.returncode, 0)
        for name in self.names():
            self.assertIn(f"\n  {name} ", out.stdout)

    def test_wrong_usage_is_64(self):
        self.assertEqual(run().returncode, 64)
        self.assertEqual(run("no-such-command").returncode, 64)
        self.assertIn("unknown command", run("no-such-command").stderr)

    def test_places_before_the_command(self):
        with tempfile.TemporaryDirectory() as d:
            made = run("--state", os.path.join(d, "s"), "key", "create", "--name", "a", "--json")
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertIn('"a"', run("key", "list", "--json", "--state", os.path.join(d, "s")).stdout)
            with open(os.path.join(d, "c.yaml"), "w", encoding="utf-8") as f:
                f.write("version: 1\n")
            good = run(f"--config={d}/c.yaml", f"--state={d}/s", "config", "check")
            self.assertEqual((good.returncode, good.stdout.split(":")[0]), (0, f"{d}/c.yaml"))
        for args in (("--state",), ("--state=", "key", "list"), ("--stat", "x", "key", "list"), ("--config", "x")):
            self.assertEqual(run(*args).returncode, 64, args)

    def test_version(self):
        self.assertRegex(run("--version").stdout, r"^sanctum \d+\.\d+\.\d+\n$")

    def test_every_command_describes_itself(self):
        for name in self.names():
            with self.subTest(command=name):
                for args in ((name, "--help"), ("help", name)):
                    out = run(*args)
                    self.assertEqual(out.returncode, 0, out.stderr)
                    self.assertIn(f"sanctum {name}", out.stdout)
                man = run(name, "--help-man")
                self.assertTrue(man.stdout.startswith(".TH "), man.stdout[:80])
                self.assertEqual(run(name, "--help-complete").returncode, 0)
                self.assertEqual(run(name, "--no-such-option").returncode, 64)

    def test_man_pages(self):
        for name in ["", *self.names()]:
            page = run("man", *name.split()).stdout
            self.assertTrue(page.startswith(f".TH SANCTUM{chr(92) + '-' + name if name else ''} 1 "), page[:60])
            for line in page.splitlines():
                if line.startswith("."):
                    self.assertIn(line.split()[0], (".TH", ".SH", ".SS", ".TP", ".B", ".BR", ".I", ".br"), line)
            with open(os.path.join(BUILD, "man", f"sanctum{'-' + name if name else ''}.1"), encoding="utf-8") as f:
                self.assertEqual(f.read(), page)
        self.assertIn("\n.BR sanctum\\-age (1)\n", run("man").stdout)
        self.assertEqual(run("man", "nothing").returncode, 64)

    def complete(self, *words):
        """What bash offers for the last of these words."""
        script = run("completion", "bash").stdout + 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _sanctum\n' \
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        out = subprocess.run(["bash", "-c", script, "bash", SANCTUM, *words], capture_output=True, text=True,
                             check=True, cwd="/", timeout=120)
        return out.stdout.split()

    def test_completion(self):
        self.assertEqual(self.complete("ma"), ["man", "mask"])
        self.assertEqual(self.complete("mask", "--js"), ["--jsonl"])
        self.assertEqual(self.complete("key", "cr"), ["create"])
        self.assertEqual(self.complete("key", "create", "--sc"), ["--scope"])
        self.assertEqual(self.complete("mask", "--nothing-begins-so"), [])
        for shell in ("bash", "zsh"):
            script = run("completion", shell).stdout
            self.assertIn("complete -F _sanctum sanctum", script)
            self.assertEqual(subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode, 0)
        self.assertIn("complete -c sanctum", run("completion", "fish").stdout)
        for args in ((), ("csh",)):
            self.assertEqual(run("completion", *args).returncode, 64)


if __name__ == "__main__":
    unittest.main()
