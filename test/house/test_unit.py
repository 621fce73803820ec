#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/sanctum.service: systemd understands every line, and its filter lets a daemon confine itself."""
import re
import shutil
import subprocess
import sys
import unittest

UNIT = "examples/sanctum.service"


def analyze(*args):
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, check=False, timeout=60)


def group(name):
    """The calls of a group such as @system-service."""
    calls = set()
    for line in analyze("syscall-filter", name).stdout.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            calls |= group(word) if word.startswith("@") else {word}
    return calls


def allowed(lines):
    """What SystemCallFilter lines let through, in their order."""
    calls = set()
    for line in lines:
        value = line.split("=", 1)[1]
        named = set()
        for word in value.lstrip("~").split():
            named |= group(word) if word.startswith("@") else {word}
        calls = calls - named if value.startswith("~") else calls | named
    return calls


# What a daemon calls that is no part of @system-service, or is privileged (strace -f of one from start to end).
NEEDED = {"capset", "landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "memfd_secret", "seccomp"}


class Filter(unittest.TestCase):
    def test_it_lets_a_daemon_confine_itself(self):
        with open(UNIT, encoding="utf-8") as f:
            lines = [line.strip() for line in f if line.startswith("SystemCallFilter=")]
        self.assertEqual(NEEDED - allowed(lines), set())
        self.assertIn("capset", NEEDED - allowed(lines[:-1]))  # the control: without the last line it would not
        self.assertNotIn("mount", allowed(lines))


class Words(unittest.TestCase):
    def test_systemd_understands_it(self):
        said = [line for line in analyze("verify", "--man=no", UNIT).stderr.splitlines()
                if "sanctum.service" in line and "is not executable" not in line]
        self.assertEqual(said, [])
        level = re.search(r"exposure level for sanctum.service: ([0-9.]+)",
                          analyze("security", "--offline=true", UNIT).stdout)
        self.assertLess(float(level.group(1)), 2.0)


if __name__ == "__main__":
    if not shutil.which("systemd-analyze"):
        print("skipped: no systemd-analyze")
        sys.exit(77)
    unittest.main()
