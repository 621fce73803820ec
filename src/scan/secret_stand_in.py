#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The words and marks of secret_stand_in.def, and a table that rules them out four bytes deep.

    secret_stand_in.py secret_stand_in.def > secret_stand_in_int.h

They are in GROUPS groups of words that begin alike. Bit 16 k + g of stand_in_bars[c] is set when c is
not the byte number k of one of group g, case ignored. A word shorter than DEPTH has any bytes behind
it, stand_in_end beyond the text's end.
"""
import re
import sys

GROUPS, DEPTH = 16, 4
ENTRY = re.compile(r'^(WORD|MARK|LAST)\("((?:[^"\\]|\\.)*)"\)', re.M)
ANY = frozenset(range(256))


def sets_of(word):
    """What each of its first bytes may be."""
    heads = [frozenset((chr(b).lower() + chr(b).upper()).encode("latin1")) if b < 128 else frozenset((b,))
             for b in word[:DEPTH]]
    return heads + [ANY] * (DEPTH - len(heads))


def weight(sets):
    """How often chance gets through, but for a factor."""
    product = 1
    for s in sets:
        product *= len(s)
    return product


def grouped(words):
    """The words' sets in GROUPS groups: again and again the two that lose least by being one."""
    groups = sorted((sets_of(w) for w in words), key=lambda g: [sorted(s) for s in g])
    while len(groups) > GROUPS:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a)]
        both = {(a, b): [x | y for x, y in zip(groups[a], groups[b])] for a, b in pairs}
        a, b = min(pairs, key=lambda p: weight(both[p]) - weight(groups[p[0]]) - weight(groups[p[1]]))
        groups[b] = both[a, b]
        del groups[a]
    return groups


def bars(groups, c):
    """The bits of byte c; of the text's end where c is None."""
    bits = 0
    for g, sets in enumerate(groups):
        for k, allowed in enumerate(sets):
            if (c not in allowed) if c is not None else len(allowed) < 256:
                bits |= 1 << (GROUPS * k + g)
    return bits


def main():
    entries = ENTRY.findall(open(sys.argv[1], encoding="utf-8").read())
    raw = {text: text.encode().decode("unicode_escape").encode("latin1") for _, text in entries}
    words = sorted((text for kind, text in entries if kind == "WORD"), key=lambda t: (raw[t][0] & 31, -len(raw[t]), t))
    groups = grouped(list(raw.values()))
    shortest = min(map(len, raw.values()))
    marks = [(text, kind == "LAST") for kind, text in entries if kind != "WORD"]
    if shortest < 2 or any(len(raw[m]) != 2 for m, _ in marks):
        sys.exit(f"{sys.argv[1]}: a word of one byte, or a mark not of two")
    first = [sum((raw[w][0] & 31) < row for w in words) for row in range(33)]
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made from secret_stand_in.def by secret_stand_in.py. */")
    print("/* How many bytes rule a group out, where the bits of the last begin, and how many of them may lie behind the")
    print(" * text's end. */")
    print(f"enum {{ STAND_IN_DEPTH = {DEPTH}, STAND_IN_LAST = {GROUPS * (DEPTH - 1)}, STAND_IN_BEHIND = {DEPTH - shortest} }};")
    print("static const uint64_t stand_in_bars[256] = {")
    for c in range(256):
        print(f"    {bars(groups, c):#x},")
    print("};")
    print(f"static const uint64_t stand_in_end = {bars(groups, None):#x};")
    print("/* Those whose first byte has the low five bits r are stand_in_words[stand_in_first[r]] and on. */")
    print("static const uint8_t stand_in_first[33] = {" + ", ".join(map(str, first)) + "};")
    print("static const char *const stand_in_words[] = {" + ", ".join(f'"{w}"' for w in words) + "};")
    print("/* `last`: where no letter or digit follows. */")
    print("static const struct { char text[3]; bool last; } stand_in_marks[] = {")
    print("    " + ", ".join(f'{{"{text}", {str(last).lower()}}}' for text, last in marks) + "};")


main()
