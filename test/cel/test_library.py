#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libsanctum-cel as another program sees it: one header, one archive, and the example of the man page."""
import os
import re
import subprocess
import tempfile
import unittest

BUILD = os.environ["SANCTUM_BUILD"]
HERE = os.path.join(BUILD, "src", "cmd", "cel")


def compile_and_run(source, where):
    program = os.path.join(where, "program")
    os.makedirs(os.path.join(where, "sanctum-cel"), exist_ok=True)
    os.symlink(os.path.join(HERE, "cel.h"), os.path.join(where, "sanctum-cel", "cel.h"))
    done = subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-I",
                           os.path.join(where, "sanctum-cel"), "-I", where, "-o", program, source,
                           os.path.join(HERE, "libsanctum-cel.a"), "-lm"],
                          capture_output=True, text=True, check=False, timeout=60)
    if "__asan" in done.stderr or "__ubsan" in done.stderr:
        raise unittest.SkipTest("the library was built with sanitizers")
    assert done.returncode == 0, done.stderr
    return subprocess.run([program], capture_output=True, text=True, check=False, timeout=120)


class Library(unittest.TestCase):
    def test_the_example(self):
        with tempfile.TemporaryDirectory() as where:
            out = compile_and_run(os.path.abspath("examples/cel.c"), where)
            self.assertEqual((out.returncode, out.stdout), (0, "Read: 1\nBash ls: 1\nBash rm: 0\n"))

    def test_the_man_page(self):
        with open("docs/man/libsanctum-cel.3", encoding="utf-8") as f:
            body = re.search(r"\.SH EXAMPLE\n\.nf\n(.*?)\.fi", f.read(), re.S).group(1)
        with tempfile.TemporaryDirectory() as where:
            source = os.path.join(where, "man.c")
            with open(source, "w", encoding="utf-8") as f:
                f.write("#include <sanctum-cel/cel.h>\nint main(void)\n{\n" + body + "return yes ? 0 : 1;\n}\n")
            self.assertEqual(compile_and_run(source, where).returncode, 0)

    def test_the_shared_library_shows_no_other_names(self):
        out = subprocess.run(["nm", "-D", "--defined-only", os.path.join(HERE, "libsanctum-cel.so.0")],
                             capture_output=True, text=True, check=True)
        names = {line.split()[-1] for line in out.stdout.splitlines()}
        self.assertIn("cel_eval", names)
        self.assertEqual([n for n in names if not re.match(r"(cel|arena|buf|span|utf8)_|err_word", n)], [])


if __name__ == "__main__":
    unittest.main()
