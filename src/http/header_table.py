#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the look-up table of well-known field names: header_table.py header_names.def OUTPUT.

A name's slot is (length*A + first*B + middle*C + last) mod SLOTS, with lower-case bytes. The constants are
searched so that no two names share a slot; the search is deterministic."""
import re
import sys

SLOTS = 256


def slots_of(names, a, b, c):
    return [(len(n) * a + ord(n[0]) * b + ord(n[len(n) // 2]) * c + ord(n[-1])) % SLOTS for n in names]


def constants(names):
    for a in range(1, 64, 2):
        for b in range(1, 64, 2):
            for c in range(1, 64, 2):
                if len(set(slots_of(names, a, b, c))) == len(names):
                    return a, b, c
    return None


source, target = sys.argv[1:]
with open(source, encoding="utf-8") as f:
    names = re.findall(r'^HEADER\(\w+, "([a-z0-9-]+)", [01]\)$', f.read(), re.M)
if not 0 < len(names) <= 62:
    sys.exit("header_names.def: no names, or more than 62")
found = constants(names)
if not found:
    sys.exit("header_names.def: no collision-free constants; raise SLOTS or hash another letter")
a, b, c = found
table = {s: i + 1 for i, s in enumerate(slots_of(names, a, b, c))}
with open(target, "w", encoding="ascii") as f:
    f.write("/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by header_table.py. */\n")
    f.write(f"enum {{ SLOT_LENGTH = {a}, SLOT_FIRST = {b}, SLOT_MIDDLE = {c}, SLOTS = {SLOTS} }};\n")
    f.write("static const uint8_t slot_id[SLOTS] = {")
    f.write(", ".join(f"[{s}] = {i}" for s, i in sorted(table.items())) + "};\n")
