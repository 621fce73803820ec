#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print, sorted, every folder below ROOT that holds a meson.build: the build asks this."""
import os
import sys

root = sys.argv[1]
found = [os.path.relpath(d, root) for d, _, files in os.walk(root) if "meson.build" in files]
print("\n".join(sorted(f for f in found if f != ".")))
