#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make secret_pairs.def: what a pair of neighbouring characters costs in words and identifiers.

    secret_pairs.py TEXT-OR-SOURCE-FOLDER... > secret_pairs.def

Letters are folded to a..z (0..25), digits are 26, everything else and both ends 27. The cost of a
pair is -log2 of its share after the first character, in quarter bits, capped at 63. Only counts of
letter pairs leave the input. Standard error shows how well the table parts random strings from the
identifiers it was made from: the share of identifiers above the score that 99, 98, 95 and 90 % of
random strings reach.
"""
import math
import os
import random
import re
import sys


def classes(text):
    return [27] + [ord(c.lower()) - 97 if c.isascii() and c.isalpha() else 26 if c.isdigit() else 27
                   for c in text] + [27]


def identifiers(roots):
    found = set()
    for root in roots:
        for folder, _, files in os.walk(root):
            for name in files:
                if not name.endswith((".h", ".py", ".c", ".pm", ".txt", ".md", ".js", ".go")):
                    continue
                try:
                    with open(os.path.join(folder, name), errors="ignore") as f:
                        found.update(re.findall(r"[A-Za-z_][A-Za-z0-9_.-]{3,63}", f.read(200000)))
                except OSError:
                    pass
    return sorted(found)


def is_word(text):
    """Not a hash, not a number: what a person would call a name."""
    return sum(c.isdigit() for c in text) * 4 <= len(text) and len(text) <= 64


def kind(c):
    return 0 if c.islower() else 1 if c.isupper() else 2 if c.isdigit() else 3


def score(cost, text):
    """In quarter bits a character: the same arithmetic as secret_value.c."""
    k = classes(text)
    bits = sum(cost[k[i]][k[i + 1]] for i in range(len(k) - 1))
    changes = sum(kind(text[i]) != kind(text[i + 1]) for i in range(len(text) - 1))
    digits = sum(c.isdigit() for c in text)
    return (bits + 12 * changes + 12 * digits) / len(text)


def main():
    names = [n for n in identifiers(sys.argv[1:]) if is_word(n)]
    rng = random.Random(1)
    rng.shuffle(names)
    names = names[:400000]
    held, train = names[: len(names) // 5], names[len(names) // 5:]
    count = [[0.3] * 28 for _ in range(28)]
    for n in train:
        k = classes(n)
        for a, b in zip(k, k[1:]):
            count[a][b] += 1
    cost = [[min(63, round(-4 * math.log2(x / sum(row)))) for x in row] for row in count]
    alphabets = ["0123456789abcdef", "0123456789abcdefghijklmnopqrstuvwxyz",
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"]
    pos = sorted(score(cost, "".join(rng.choice(rng.choice(alphabets[i % 4:i % 4 + 1]))
                                     for _ in range(rng.randint(16, 48)))) for i in range(20000))
    neg = [score(cost, n) for n in held if len(n) >= 16]
    for recall in (0.99, 0.98, 0.95, 0.90):
        at = pos[int(len(pos) * (1 - recall))]
        print(f"{recall}: score {at:.1f}, identifiers above {sum(x >= at for x in neg) / len(neg):.4f}"
              f" of {len(neg)}", file=sys.stderr)
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made by secret_pairs.py from the identifiers of public source trees; see there. */")
    for row in cost:
        print("{" + ", ".join(map(str, row)) + "},")


main()
