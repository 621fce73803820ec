#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The check tool finds what it is for: every rule is shown a small tree with one fault planted, and the
same tree without it."""
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join("tools", "check.py")
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"


class Tree:
    """A throw-away tree with files {path: text}."""
    def __init__(self, files):
        self.files = files

    def __enter__(self):
        self.dir = tempfile.TemporaryDirectory()
        for path, text in self.files.items():
            full = os.path.join(self.dir.name, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)
        return self

    def __exit__(self, *_):
        self.dir.cleanup()

    def check(self, rule):
        return subprocess.run([sys.executable, TOOL, "--root", self.dir.name, "--build",
                               os.path.join(self.dir.name, "build"), rule], capture_output=True, text=True, check=False)


class Check(unittest.TestCase):
    def both(self, rule, good, bad, words):
        with Tree(good) as t:
            r = t.check(rule)
            self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        with Tree(bad) as t:
            r = t.check(rule)
            self.assertEqual(r.returncode, 1, r.stdout + r.stderr)
            self.assertIn(words, r.stdout)

    def test_spdx(self):
        self.both("spdx", {"src/a/x.c": SPDX}, {"src/a/x.c": "int x;\n"}, "no SPDX line")

    def test_fuzz(self):
        good = {"src/a/x.c": SPDX + "if (n > max)\n", "fuzz/a/meson.build": "", "fuzz/a/corpus_x/one": "1",
                "fuzz/a/fuzz_x.c": SPDX + "/* covers: src/a/x.c */\n/* planted: src/a/x.c | n > max | n >\n * max + 1\n */\n"}
        target = good["fuzz/a/fuzz_x.c"]
        for bad, words in (({"fuzz/a/fuzz_x.c": target.replace("covers", "reads")}, "no covers:"),
                           ({"fuzz/a/fuzz_x.c": target.replace("covers: src/a/x.c", "covers: src/a/y.c")}, "which is not there"),
                           ({"fuzz/a/fuzz_x.c": target.replace("planted", "bug")}, "no planted:"),
                           ({"fuzz/a/fuzz_x.c": target + target}, "more than one"),
                           ({"src/a/x.c": SPDX + "if (n >= max)\n"}, "does not hold once"),
                           ({"src/a/x.c": SPDX + "if (n > max)\nif (n > max)\n"}, "does not hold once"),
                           ({"fuzz/a/corpus_x/one": None}, "its corpus is empty")):
            self.both("fuzz", good, {k: v for k, v in {**good, **bad}.items() if v is not None}, words)

    def test_private_header(self):
        good = {"src/a/x.c": SPDX + '#include "a_int.h"\n', "src/a/a_int.h": SPDX}
        bad = {"src/b/x.c": SPDX + '#include "a_int.h"\n', "src/a/a_int.h": SPDX}
        self.both("layers", good, bad, "is private to src/a")

    def test_path_in_include(self):
        self.both("layers", {"src/a/x.c": SPDX + '#include "y.h"\n'},
                  {"src/a/x.c": SPDX + '#include "../b/y.h"\n'}, "by bare name")

    def test_second_owner_of_a_header(self):
        self.both("layers", {"src/conf/x.c": SPDX + "#include <yaml.h>\n"},
                  {"src/json/x.c": SPDX + "#include <yaml.h>\n"}, "belongs to src/conf")

    def test_system_call_outside_sys(self):
        self.both("layers", {"src/sys/x.c": SPDX + "#include <unistd.h>\n"},
                  {"src/json/x.c": SPDX + "#include <sys/mman.h>\n"}, "is for src/sys")

    def test_two_headers_of_one_name(self):
        self.both("layers", {"src/a/x.h": SPDX, "src/b/y.h": SPDX}, {"src/a/x.h": SPDX, "src/b/x.h": SPDX},
                  "stands in")

    def test_ceilings(self):
        long = "int f(void)\n{\n" + "    f();\n" * 61 + "}\n"
        self.both("ceilings", {"src/a/x.c": SPDX + "int f(void)\n{\n    return 0;\n}\n"},
                  {"src/a/x.c": SPDX + long}, "f has 61 lines")
        self.both("ceilings", {"src/a/x.c": SPDX}, {"src/a/x.c": SPDX + "int x;\n" * 600}, "601 lines")

    def test_mirror(self):
        self.both("mirror", {"src/a/x.c": SPDX, "test/a/test_x.c": SPDX}, {"src/a/x.c": SPDX}, "no test/a")
        self.both("mirror", {"src/a/x.h": SPDX}, {"src/a/x.h": SPDX, "fuzz/b/fuzz_x.c": SPDX}, "mirrors no folder")

    def test_broken_is_not_clean(self):
        with Tree({"src/a/x.h": SPDX}) as t:
            for rule in ("headers", "names", "licences"):
                with self.subTest(rule=rule):
                    self.assertEqual(t.check(rule).returncode, 2)
            self.assertEqual(t.check("no-such-rule").returncode, 2)


if __name__ == "__main__":
    unittest.main()
