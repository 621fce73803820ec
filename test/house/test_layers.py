#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The build enforces the floors: with a folder's own compiler flags an include of its own floor or below
compiles, an upward one and a neighbour's do not."""
import json
import os
import shlex
import subprocess
import unittest

BUILD = os.environ["SANCTUM_BUILD"]


def flags(source):
    with open(os.path.join(BUILD, "compile_commands.json"), encoding="utf-8") as f:
        for c in json.load(f):
            path = os.path.normpath(os.path.join(c["directory"], c["file"]))
            if path == os.path.abspath(source):
                words = shlex.split(c["command"])
                return [w for i, w in enumerate(words) if w in ("-iquote",) or words[i - 1] == "-iquote"]
    raise AssertionError(f"{source} is not in the build")


def compiles(source, header):
    r = subprocess.run(["cc", "-std=gnu17", "-fsyntax-only", "-x", "c", *flags(source), "-"],
                       input=f'#include "{header}"\n', text=True, capture_output=True, check=False)
    return r.returncode == 0


class Layers(unittest.TestCase):
    def test_down_is_allowed(self):
        for source, header in (("src/json/json.c", "span.h"), ("src/tls/tls.c", "loop.h"),
                               ("src/traffic/mask/mask.c", "json.h"), ("src/role/gate/gate.c", "mask.h"),
                               ("src/traffic/mask/mask.c", "llm.h")):
            with self.subTest(source=source, header=header):
                self.assertTrue(compiles(source, header))

    def test_up_and_sideways_do_not_compile(self):
        for source, header in (("src/base/span.c", "file.h"), ("src/sys/file.c", "json.h"),
                               ("src/json/json.c", "http.h"), ("src/http/sse.c", "json.h"),
                               ("src/traffic/llm/read.c", "wire.h"), ("src/traffic/mask/mask.c", "wire.h"),
                               ("src/books/audit/audit_record.c", "llm.h"), ("src/role/gate/gate.c", "cmdkit.h")):
            with self.subTest(source=source, header=header):
                self.assertFalse(compiles(source, header))


if __name__ == "__main__":
    unittest.main()
