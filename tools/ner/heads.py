#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which letters the words of group.def and title.def begin with.

usage: heads.py > src/ner/group_heads.h
"""
import os, re

NER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../src/ner')
HEADER = '''/* SPDX-License-Identifier: Apache-2.0 */
/* Which second and which third letters the words of group.def and title.def have by their first
 * one: a bit and a row for each letter, by its lower five bits; and a bit for the first eight bytes
 * of each, by group_bit. Made by tools/ner/heads.py; test_group.c tells when it is out of date. */
#ifndef SANCTUM_GROUP_HEADS_H
#define SANCTUM_GROUP_HEADS_H

#include <stdint.h>

/* Of eight bytes as a number, the first the highest. */
static inline unsigned group_bit(uint64_t eight)
{
    return (unsigned)(eight * UINT64_C(0x%x) >> 52);
}
'''
FACTOR = 0x9e3779b97f4a7c15


def words(name):
    with open(os.path.join(NER, name), encoding='utf8') as f:
        return [w.encode() for w in re.findall(r'^[A-Z]+\("([^"]*)"', f.read(), re.M)]


def letters(groups, titles, at):
    """behind a title stands a blank or a point"""
    rows = [0] * 32
    for w in groups:
        assert len(w) > 2, w
        rows[w[0] & 31] |= 1 << (w[at] & 31)
    for w in titles:
        for c in w[at:at + 1] or (b' .' if len(w) == at else range(32)):
            rows[w[0] & 31] |= 1 << (c & 31)
    return rows


def beginnings(words):
    """seven of eight bits stay zero"""
    rows = [0] * 64
    for w in words:
        bit = int.from_bytes(w[:8].ljust(8, b'\0'), 'big') * FACTOR % 2**64 >> 52
        rows[bit // 64] |= 1 << bit % 64
    return rows


def main():
    groups, titles = words('group.def'), words('title.def')
    print(HEADER % FACTOR)
    for name, at in (('second', 1), ('third', 2)):
        rows = ['0x%08x' % v for v in letters(groups, titles, at)]
        lines = [', '.join(rows[i:i + 8]) for i in range(0, 32, 8)]
        print('static const uint32_t group_%s[32] = {\n    %s};' % (name, ',\n    '.join(lines)))
    rows = ['0x%016x' % v for v in beginnings(groups + titles)]
    lines = [', '.join(rows[i:i + 4]) for i in range(0, 64, 4)]
    print('static const uint64_t group_begins[64] = {\n    %s};' % ',\n    '.join(lines))
    print('\n#endif')


main()
