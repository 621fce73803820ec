#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The words of secret_listed.def by their hash, each with the lists it is in, a bit each.

    secret_listed.py secret_listed.def > secret_listed_int.h

The words of hash h are listed_words[listed_first[h]] and on, up to where those of the next begin.
"""
import re
import sys

BITS = 10
WORD_MAX = 15
LIST = re.compile(r"^LIST\((\w+),(.*?)\)$", re.S | re.M)
WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')


def word_hash(word):
    """The same arithmetic as in secret_name.c, of the word with zeros behind it."""
    word = word.ljust(16, b"\0")
    low, high = (int.from_bytes(word[i:i + 8], "little") for i in (0, 8))
    return ((low ^ high * 3) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> (64 - BITS)


def main():
    lists = LIST.findall(open(sys.argv[1], encoding="utf-8").read())
    if not 1 <= len(lists) <= 32:
        sys.exit(f"{sys.argv[1]}: {len(lists)} lists do not fit 32 bits")
    of = {}
    for bit, (_, words) in enumerate(lists):
        for word in WORD.findall(words):
            if len(word.encode().decode("unicode_escape")) > WORD_MAX:
                sys.exit(f"{sys.argv[1]}: {word} is longer than {WORD_MAX} bytes")
            of[word] = of.get(word, 0) | 1 << bit
    rows = sorted((word_hash(w.encode().decode("unicode_escape").encode("latin1")), w) for w in of)
    first = [0] * ((1 << BITS) + 1)
    for head, _ in rows:
        first[head + 1] += 1
    for head in range(1 << BITS):
        first[head + 1] += first[head]
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made from secret_listed.def by secret_listed.py. */")
    print(f"enum {{ LISTED_BITS = {BITS} }};")
    for bit, (name, _) in enumerate(lists):
        print(f"#define LISTED_{name} {1 << bit:#x}U")
    print("static const uint16_t listed_first[(1 << LISTED_BITS) + 1] = {" + ", ".join(map(str, first)) + "};")
    print("static const struct {\n    char word[16];\n    uint32_t of;\n} listed_words[] = {")
    for _, word in rows:
        print(f'    {{"{word}", {of[word]:#x}U}},')
    print("};")


main()
