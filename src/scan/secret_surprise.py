#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The table of secret_surprise (secret_value.c): one look a character.

    secret_surprise.py secret_pairs.def > secret_surprise_int.h

secret_pairs.def says what a pair of characters costs whatever their case. Here each case has a row and column of its
own, and what a change of class and a digit cost besides is added. Two more classes stand for the start and the end.
"""
import re
import sys

CLASSES, DIGIT, OTHER, START, END = 56, 52, 53, 54, 55
CHANGE = 12  # a change of class, or a digit, in quarter bits


def class_of(byte):
    c = chr(byte)
    if byte >= 128 or not c.isalnum():
        return OTHER
    return DIGIT if c.isdigit() else ord(c) - 97 if c.islower() else ord(c) - 65 + 26


def pair_class(k):
    return k % 26 if k < DIGIT else 26 if k == DIGIT else 27


def kind(k):
    return k // 26 if k < DIGIT else k


def cost(pairs, a, b):
    bits = pairs[pair_class(a)][pair_class(b)]
    if b == END:
        return bits
    return bits + CHANGE * ((a != START and kind(a) != kind(b)) + (b == DIGIT))


def main():
    pairs = [[int(n) for n in row.split(",")] for row in re.findall(r"\{([\d, ]+)\}", open(sys.argv[1]).read())]
    if len(pairs) != 28 or any(len(row) != 28 for row in pairs):
        sys.exit(f"{sys.argv[1]}: 28 rows of 28 costs expected")
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made from secret_pairs.def by secret_surprise.py. */")
    print(f"enum {{ SURPRISE_START = {START}, SURPRISE_END = {END} }};")
    print("static const uint8_t surprise_class[256] = {" + ", ".join(str(class_of(c)) for c in range(256)) + "};")
    print(f"static const uint8_t surprise_cost[{CLASSES}][64] = {{")
    for a in range(CLASSES):
        print("{" + ", ".join(str(cost(pairs, a, b)) for b in range(CLASSES)) + "},")
    print("};")


main()
