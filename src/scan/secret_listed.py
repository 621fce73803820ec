#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which lists of secret_name.c may hold a word, by the hash of its first four bytes.

    secret_listed.py secret_name.c > secret_listed_int.h

Most words of a text are in none of the lists: one look says so. A list that is not found stops the build.
"""
import re
import sys

BITS = 10
LIST = re.compile(r"static const listed (\w+)\[\] = \{(.*?)\};", re.S)
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')


def head_hash(word):
    """Of a word's first four bytes, zeros behind its end: the same arithmetic as secret_name.c."""
    head = int.from_bytes(word[:4].ljust(4, b"\0"), "little")
    return (head * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - BITS)


def main():
    lists = LIST.findall(open(sys.argv[1], encoding="utf-8").read())
    if not 1 <= len(lists) <= 8:
        sys.exit(f"{sys.argv[1]}: {len(lists)} lists do not fit the bits of a byte")
    rows = [0] * (1 << BITS)
    for bit, (_, words) in enumerate(lists):
        for word in WORD.findall(words):
            rows[head_hash(word.encode().decode("unicode_escape").encode("latin1"))] |= 1 << bit
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made from secret_name.c by secret_listed.py. */")
    print(f"enum {{ LISTED_BITS = {BITS} }};")
    for bit, (name, _) in enumerate(lists):
        print(f"#define LISTED_{name} {1 << bit:#x}U")
    print("static const uint8_t listed_in[1 << LISTED_BITS] = {" + ", ".join(map(str, rows)) + "};")


main()
