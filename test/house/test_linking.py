#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each executable is made of: shared objects counted, and the gate without database, YAML or store."""
import os
import subprocess
import sys
import unittest

LIBEXEC = os.path.join(os.environ["SANCTUM_BUILD"], "libexec")
CEILINGS = {"sanctum-gate": 10, "sanctum-main": 1, "sanctum-resolve": 6}


def objects(exe):
    out = subprocess.run(["ldd", os.path.join(LIBEXEC, exe)], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in out.splitlines() if "=>" in line]


class Linking(unittest.TestCase):
    def test_shared_objects(self):
        for exe in sorted(os.listdir(LIBEXEC)):
            if exe.startswith("sanctum-") and os.path.isfile(os.path.join(LIBEXEC, exe)):
                print(f"{exe}: {len(objects(exe))} {' '.join(objects(exe))}", file=sys.stderr)
        for exe, most in CEILINGS.items():
            self.assertLessEqual(len(objects(exe)), most, exe)

    def test_the_gate_holds_no_database_config_or_store(self):
        out = subprocess.run(["nm", os.path.join(LIBEXEC, "sanctum-gate")], capture_output=True, text=True,
                             check=True).stdout
        names = {line.split()[-1] for line in out.splitlines()}
        self.assertIn("mask_request", names)  # the list is not empty
        for prefix in ("yaml_", "sqlite3_", "conf_", "store_", "settings_load", "key_file_", "file_replace"):
            self.assertEqual([n for n in names if n.startswith(prefix)], [], prefix)


if __name__ == "__main__":
    unittest.main()
