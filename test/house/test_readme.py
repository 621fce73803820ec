#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every command in README's shell blocks runs; `make` lines are dry runs here (they are what runs this)."""
import os
import re
import subprocess
import unittest

BUILD = os.environ["SANCTUM_BUILD"]


def commands():
    with open("README.md", encoding="utf-8") as f:
        blocks = re.findall(r"```sh\n(.*?)```", f.read(), re.S)
    lines = [line.split("  #")[0].strip() for b in blocks for line in b.splitlines()]
    return [line for line in lines if line]


class Readme(unittest.TestCase):
    def test_commands(self):
        found = commands()
        self.assertIn("make run", found)
        self.assertIn("make check", found)
        for line in found:
            with self.subTest(command=line):
                run = line.replace("build/sanctum", os.path.join(BUILD, "sanctum"))
                if line.startswith("make "):
                    run = line.replace("make ", "make -n ", 1)
                r = subprocess.run(["sh", "-c", run], capture_output=True, text=True, check=False, timeout=60)
                self.assertEqual(r.returncode, 0, r.stdout + r.stderr)

    def test_links_lead_somewhere(self):
        with open("README.md", encoding="utf-8") as f:
            for target in re.findall(r"\]\(([^)#:]+)\)", f.read()):
                self.assertTrue(os.path.exists(target), target)


if __name__ == "__main__":
    unittest.main()
