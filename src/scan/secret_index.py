#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile secret_rules.def into the tables that secret_rule.c looks tokens up in.

    secret_index.py secret_rules.def > secret_index_int.h

The shapes become items, the prefixes a bitmap and buckets over a hash of their first bytes; formats
without a prefix get a probe (a literal at a fixed place). A line that breaks the grammar stops the
build.
"""
import re
import string
import sys

LINE = re.compile(r'SECRET\((\w+),\s*"([^"]+)",\s*"([^"]*)",\s*"([^"]+)",\s*(\w+),\s*(\d+)\)$')
LETTERS, DIGITS = string.ascii_letters, string.digits
WORD = LETTERS + DIGITS
CLASSES = {
    "d": DIGITS, "x": DIGITS + "abcdef", "X": DIGITS + "abcdefABCDEF",
    "l": string.ascii_lowercase + DIGITS, "u": string.ascii_uppercase + DIGITS, "L": LETTERS,
    "w": WORD, "W": WORD + "_", "v": WORD + "-_", "b": WORD + "+/", "t": WORD + "-_~.",
    "e": WORD + "+/=", "q": string.ascii_uppercase + "234567", "Q": string.ascii_lowercase + "234567",
    "z": "".join(c for c in WORD if c not in "0OIl"),
    "p": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", "g": WORD + "-_.=", "%": WORD + "%",
}
BITS = {c: 1 << i for i, c in enumerate(CLASSES)}
HEAD_BITS = 14
BUCKETS = 256
PROBE_ROOM = 128


def head_hash(key):
    """Of the first three bytes of a token: the same arithmetic as secret_rule.c."""
    return key[0] * 1447 + key[1] * 229 + key[2] * 31


def heads(prefix, items):
    """The three bytes a token may begin with: of the prefix, or its two and what the shape allows."""
    if len(prefix) >= 3:
        return [prefix[:3].encode()]
    first = CLASSES[next(k for k, b in BITS.items() if b == items[0][0])]
    return [(prefix + c).encode() for c in first]


def parse_shape(shape, where):
    items = []
    pos = 0
    item = re.compile(r"'([^']+)'|([%s])(\d+)(?:-(\d+))?" % "".join(CLASSES))
    while pos < len(shape):
        m = item.match(shape, pos)
        if not m:
            sys.exit(f"{where}: bad shape at {shape[pos:]!r}")
        if m[1]:
            items.append((0, 0, 0, m[1]))
        else:
            low = int(m[3])
            high = int(m[4] or m[3])
            if not 0 < low <= high <= 4096:
                sys.exit(f"{where}: bad length in {shape!r}")
            items.append((BITS[m[2]], low, high, ""))
        pos = m.end()
    return items


def read(path):
    rules = []
    for number, line in enumerate(open(path), 1):
        line = line.strip()
        if line.startswith("SECRET("):
            m = LINE.match(line)
            if not m:
                sys.exit(f"{path}:{number}: not a rule: {line}")
            rules.append((m[1], m[3], parse_shape(m[4], f"{path}:{number}")))
    return rules


def probe(items):
    """(offset, literal) of the first literal at a fixed place."""
    at = 0
    for _, low, high, literal in items:
        if literal:
            return at, literal
        if low != high:
            return None
        at += low
    return None


def main():
    rules = read(sys.argv[1])
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* Made from secret_rules.def by secret_index.py. */")
    for name, bit in BITS.items():
        if name in "wdx":
            print(f"#define SHAPE_CLASS_{name} {bit:#x}U")
    rows = ", ".join(f"{sum(BITS[k] for k, v in CLASSES.items() if chr(b) in v):#x}" for b in range(256))
    print(f"static const uint32_t shape_class[256] = {{{rows}}};")
    flat, first = [], []
    for _, _, items in rules:
        first.append(len(flat))
        flat += items
    first.append(len(flat))
    print("static const struct shape_item shape_items[] = {")
    for bits, low, high, literal in flat:
        print(f'    {{{bits:#x}U, {low}, {high}, "{literal}"}},')
    print("};")
    print("static const uint16_t shape_first[] = {" + ", ".join(map(str, first)) + "};")

    head = [0] * ((1 << HEAD_BITS) // 64)
    buckets = [[] for _ in range(BUCKETS)]
    plain = []
    for number, (ident, prefix, items) in enumerate(rules, 1):
        if len(prefix) >= 2:
            for key in heads(prefix, items):
                h = head_hash(key)
                bit = h & ((1 << HEAD_BITS) - 1)
                head[bit // 64] |= 1 << (bit % 64)
                if number not in buckets[h % BUCKETS]:
                    buckets[h % BUCKETS].append(number)
        elif prefix:
            plain.append((number, 0, prefix))
        elif probe(items):
            at, literal = probe(items)
            plain.append((number, at, literal))
        # else: secret_run.c knows where to look (telegram)
    print(f"enum {{ BUCKET_MASK = {BUCKETS - 1} }};")
    print("const uint64_t secret_head_bits[SECRET_HEAD_WORDS] = {" + ", ".join(f"{x:#x}U" for x in head) + "};")
    starts, chain = [], []
    for b in buckets:
        starts.append(len(chain))
        chain += b
    starts.append(len(chain))
    print("static const uint16_t bucket_first[] = {" + ", ".join(map(str, starts)) + "};")
    print("static const uint16_t bucket_rules[] = {" + ", ".join(map(str, chain)) + "};")
    print("static const struct shape_probe shape_probes[] = {")
    places = sorted({at for _, at, _ in plain})
    for number, at, literal in plain:
        if at >= PROBE_ROOM:
            sys.exit(f"{literal}: a place past what secret_match_probe reads at once")
        print(f'    {{{number}, {at}, {len(literal)}, "{literal}"}},')
    print("};")
    if len(places) > 16 or len(plain) > 64:
        sys.exit("more places or probes than their bits")
    rows = [sum(1 << places.index(at) for at in {at for _, at, text in plain if text[0] == chr(b)}) for b in range(256)]
    probes = [sum(1 << i for i, (_, of, _) in enumerate(plain) if of == at) for at in places]
    print(f"enum {{ PROBE_PLACES = {len(places)}, PROBE_ROOM = {PROBE_ROOM} }};")
    print("static const uint8_t probe_place[] = {" + ", ".join(map(str, places)) + "};")
    print("static const uint64_t probes_at[] = {" + ", ".join(f"{x:#x}U" for x in probes) + "};")
    print("static const uint16_t probe_begins[256] = {" + ", ".join(map(str, rows)) + "};")


main()
