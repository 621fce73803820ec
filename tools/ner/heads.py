#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which letters the words of group.def and title.def begin with.

usage: heads.py > src/ner/group_heads.h
"""
import os, re

NER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../src/ner')
HEADER = '''/* SPDX-License-Identifier: Apache-2.0 */
/* Which second and which third letters the words of group.def and title.def have by their first
 * one: a bit and a row for each letter, by its lower five bits. Made by tools/ner/heads.py;
 * test_group.c tells when it is out of date. */
#ifndef SANCTUM_GROUP_HEADS_H
#define SANCTUM_GROUP_HEADS_H

#include <stdint.h>
'''


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


def main():
    groups, titles = words('group.def'), words('title.def')
    print(HEADER)
    for name, at in (('second', 1), ('third', 2)):
        rows = ['0x%08x' % v for v in letters(groups, titles, at)]
        lines = [', '.join(rows[i:i + 8]) for i in range(0, 32, 8)]
        print('static const uint32_t group_%s[32] = {\n    %s};' % (name, ',\n    '.join(lines)))
    print('\n#endif')


main()
