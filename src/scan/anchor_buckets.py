#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Choose which of the scanner's keys share a bucket: the table `buckets` of anchor.c.

    anchor_buckets.py secret_word.c anchor.c TEXT... > table

A bucket lets through each place whose first four bytes stand, each for itself, at that position of one of its keys
(anchor.c): the fewer such places that begin no key, the faster the sweep. The keys are read out of the two sources;
where one is new or gone, the table is made again. Of
each text, one a kind (prose, notes, code, JSON, logs), as many bytes are taken; none of them should be a benchmark's.
The places let through are counted exactly, as bits of long integers, while simulated annealing moves and swaps keys;
the same input gives the same table. Standard error tells how many a kilobyte are left, by byte and by nibble (what
CPUs without a look-up of 128 bytes can tell apart), and of them the true ones.
"""
import math
import random
import re
import sys

BUCKETS, BYTES, TAKE, STEPS = 16, 4, 200_000, 12_000
HALF = 8  # the first eight are of keys of four letters, the others of three: their fourth byte is not looked at
NIBBLE_SHARE = 2  # what a place weighs that the test by nibbles lets through, beside one by byte


def keys_in(path, array):
    """The keys of a C array: the first string of each row."""
    body = re.search(array + r"\[[^=]*=\s*\{(.*?)\};", open(path).read(), re.S)[1]
    return [k.replace('\\"', '"').encode() for k in re.findall(r'\{"((?:[^"\\]|\\")+)"', body)]


def row_in(path):
    """The table there is: the search begins at it, too, where it has a number for each key."""
    return [int(n) for n in re.search(r"buckets\[\] = \{(.*?)\};", open(path).read(), re.S)[1].split(",")]


def sides(c):
    """A key's byte and its other case (as key_put of anchor.c)."""
    return {c, c - 32} if chr(c).islower() or c in b"{}" else {c}


class Places:
    """For each byte, where the text holds it: bit k of an integer for the k-th place from the end."""

    def __init__(self, text):
        self.size = len(text)
        self.all = (1 << self.size) - 1
        self.of = []
        for c in range(128):
            row = bytearray(b"0" * 256)
            row[c] = row[c | 128] = ord("1")
            self.of.append(int(text.translate(bytes(row)), 2))

    def union(self, some, shift):
        found = 0
        for c in some:
            found |= self.of[c]
        return found << shift & self.all

    def bucket(self, keys, by_nibble):
        """The places that the bucket of these keys lets through."""
        left = self.all
        for pos in range(BYTES):
            if any(pos >= len(k) for k in keys):
                continue
            some = set().union(*(sides(k[pos]) for k in keys))
            if by_nibble:
                low, high = {c & 15 for c in some}, {c >> 4 for c in some}
                some = [c for c in range(128) if c & 15 in low and c >> 4 in high]
            left &= self.union(some, pos)
        return left


class Choice:
    def __init__(self, places, keys):
        self.places, self.keys, self.known = places, keys, {}

    def cost(self, members):
        """What one bucket lets through."""
        if not members:
            return 0
        if members not in self.known:
            keys = [self.keys[i] for i in members]
            exact = self.places.bucket(keys, False).bit_count()
            self.known[members] = exact + NIBBLE_SHARE * self.places.bucket(keys, True).bit_count()
        return self.known[members]

    def anneal(self, rng, row):
        groups = [frozenset()] * BUCKETS
        for i, b in enumerate(row):
            groups[b] |= {i}
        cost = [self.cost(g) for g in groups]
        best, best_cost = list(groups), sum(cost)
        for step in range(STEPS):
            heat = best_cost * 0.02 * (1 - step / STEPS) ** 2
            half = HALF * rng.randrange(BUCKETS // HALF)
            a, b = rng.sample(range(half, half + HALF), 2)
            if not groups[a]:
                continue
            one = rng.choice(sorted(groups[a]))
            other = {rng.choice(sorted(groups[b]))} if groups[b] and rng.random() < 0.5 else set()
            new_a, new_b = groups[a] - {one} | other, groups[b] - other | {one}
            more = self.cost(new_a) + self.cost(new_b) - cost[a] - cost[b]
            if more > 0 and (heat <= 0 or rng.random() >= math.exp(-more / heat)):
                continue
            groups[a], groups[b] = new_a, new_b
            cost[a], cost[b] = self.cost(new_a), self.cost(new_b)
            if sum(cost) < best_cost:
                best, best_cost = list(groups), sum(cost)
        return best_cost, best


def tell(places, keys, groups):
    def rate(found):
        return found.bit_count() * 1024 / places.size

    let, nibble, true = 0, 0, 0
    for g in groups:
        let |= places.bucket([keys[i] for i in g], False)
        nibble |= places.bucket([keys[i] for i in g], True)
    for k in keys:
        true |= places.bucket([k], False)
    sys.stderr.write(f"in a kilobyte: {rate(let):.2f} by byte, {rate(nibble):.2f} by nibble, true {rate(true):.2f}\n")


def main():
    words, own, texts = sys.argv[1], sys.argv[2], sys.argv[3:]
    keys = keys_in(words, "secret_word_keys") + keys_in(own, "own_keys")
    taken = [open(t, "rb").read(TAKE) for t in texts]
    choice = Choice(Places(b"".join(taken)), keys)
    starts = [[i % HALF + (HALF if len(key) < BYTES else 0) for i, key in enumerate(keys)]]
    now = row_in(own)
    if len(now) == len(keys):
        starts.append(now)
    _, groups = min(choice.anneal(random.Random(n), row) for n, row in enumerate(starts))
    for name, text in zip(texts, taken):
        sys.stderr.write(f"{name}, ")
        tell(Places(text), keys, groups)
    tell(choice.places, keys, groups)
    row = [next(b for b, g in enumerate(groups) if i in g) for i in range(len(keys))]
    print(", ".join(map(str, row)))


main()
