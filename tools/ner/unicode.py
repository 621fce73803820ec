#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/ner/letters_table.h: what the tagger needs to know of Unicode, as two small tables.

usage: unicode.py > src/ner/letters_table.h

A table entry is 0 for a code point that is no letter, else its folded code point (lower case, accents
off, so that most Latin letters become ASCII), with bit 15 set when the letter is upper case.
Ranges that are no letters outside the tables are listed with them.
"""
import unicodedata

SPECIAL = {'ß': 's', 'ẞ': 's', 'æ': 'a', 'Æ': 'a', 'œ': 'o', 'Œ': 'o', 'ø': 'o', 'Ø': 'o', 'đ': 'd', 'Đ': 'd', 'ð': 'd', 'Ð': 'd',
           'þ': 't', 'Þ': 't', 'ł': 'l', 'Ł': 'l', 'ħ': 'h', 'Ħ': 'h', 'ı': 'i', 'İ': 'i', 'ŋ': 'n', 'Ŋ': 'n', 'ə': 'e', 'Ə': 'e'}
TABLES = (('low', 0x80, 0x600), ('more', 0x1e00, 0x2000))


def entry(cp):
    c = chr(cp)
    cat = unicodedata.category(c)
    if cat[0] not in 'LM':
        return 0
    low = c.lower()[:1]
    base = SPECIAL.get(c) or SPECIAL.get(low) or unicodedata.normalize('NFD', low)[:1]
    f = ord(base)
    if f >= 0x8000 or not f:
        raise SystemExit('no room for U+%04X' % cp)
    return f | (0x8000 if cat in ('Lu', 'Lt') else 0)


def others():
    """ranges of non-letters outside the tables, below U+20000 (above: letters, planes of ideographs)"""
    covered = lambda cp: cp < 0x80 or any(a <= cp < b for _, a, b in TABLES)
    out = []
    for cp in range(0x80, 0x20000):
        if covered(cp) or 0xd800 <= cp < 0xe000:
            continue
        cat = unicodedata.category(chr(cp))
        no = cat[0] not in 'LM' and cat != 'Cn'
        if no:
            if out and cp - out[-1][1] <= 3 and not any(unicodedata.category(chr(x))[0] in 'LM' for x in range(out[-1][1] + 1, cp)):
                out[-1][1] = cp
            else:
                out.append([cp, cp])
    return [r for r in out if r[1] - r[0] >= 0]


def main():
    print('/* SPDX-License-Identifier: Apache-2.0 */')
    print('/* Made by tools/ner/unicode.py from Unicode %s; letters.c explains it. */' % unicodedata.unidata_version)
    print('#ifndef SANCTUM_NER_LETTERS_TABLE_H\n#define SANCTUM_NER_LETTERS_TABLE_H\n\n#include <stdint.h>\n')
    print('// clang-format off')
    for name, a, b in TABLES:
        print('static const uint16_t letters_%s[0x%x - 0x%x] = {' % (name, b, a))
        row = ['0x%04x' % entry(cp) for cp in range(a, b)]
        for i in range(0, len(row), 12):
            print('    ' + ', '.join(row[i:i + 12]) + ',')
        print('};')
    print('static const uint32_t letters_not[][2] = {')
    r = ['{0x%x, 0x%x}' % (a, b) for a, b in others()]
    for i in range(0, len(r), 5):
        print('    ' + ', '.join(r[i:i + 5]) + ',')
    print('};')
    print('// clang-format on\n\n#endif')


main()
