#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the word lists for ner-train from a data directory (gaz/ and lexicon/; models/MODEL_CARD.md).

usage: lists.py DATA OUT
       lists.py --known OUT    the words of lexicon/known.tsv alone, for ner-words

A line of OUT: word, first name 0-6, surname 0-3, plain word 0-5, city 0-5, kind of word (0-15, enum ner_lex).
The trainer folds case and accents and keeps the larger of two values.
"""
import gzip, os, re, sys, unicodedata

HERE = os.path.dirname(os.path.abspath(__file__))
KINDS = ['none', 'title', 'particle', 'suffix', 'company', 'street', 'unit', 'month', 'country', 'demonym', 'key', 'role', 'greeting',
         'assistant', 'orgword', 'speech']
# Where a word is of several kinds, the first of this order names it.
ORDER = ['assistant', 'month', 'particle', 'title', 'suffix', 'street', 'unit', 'company', 'country', 'demonym', 'greeting', 'key', 'role',
         'orgword', 'speech']


def rows(path):
    op = gzip.open if path.endswith('.gz') else open
    with op(path, 'rt', encoding='utf8') as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                yield line.rstrip('\n').split('\t')


# Vowel signs and accents that stand behind a letter belong to its word; re counts them as no part of one.
MARKS = ''.join(c for c in map(chr, range(0x300, 0x20000)) if unicodedata.category(c)[0] == 'M')
BETWEEN = re.compile(r"[^\w'’%s]+|_" % MARKS)


def parts(name):
    return [w for w in BETWEEN.split(name) if re.search(r'[^\W\d_]', w)]


def level(n, steps):
    return sum(n >= s for s in steps)


class Lists:
    def __init__(self):
        self.v = {}

    def put(self, word, col, value):
        e = self.v.setdefault(word.lower(), [0, 0, 0, 0])
        e[col] = max(e[col], value)


def names(d, out):
    for r in rows(d + '/gaz/us_births_first_names.tsv.gz'):
        n = int(r[1])
        if n >= 30:
            for w in parts(r[0]):
                out.put(w, 0, level(n, (30, 500, 4000, 30000, 150000, 600000)))
    for r in rows(d + '/gaz/popular_forenames.tsv'):
        for w in parts(r[0]):
            out.put(w, 0, 4)
    for r in rows(d + '/gaz/list_forenames.tsv.gz'):
        for w in parts(r[0]):
            out.put(w, 0, 3 if int(r[1]) > 1 else 2)
    for r in rows(d + '/gaz/popular_surnames.tsv'):
        for w in parts(r[0]):
            if len(w) > 2 or not w.isascii():
                out.put(w, 1, 3)
    for r in rows(d + '/gaz/list_surnames.tsv.gz'):
        if ' ' not in r[0]:
            out.put(r[0], 1, level(int(r[1]), (1, 2, 3)))
    for name, kind, locales in rows(d + '/gaz/faker_names.tsv.gz'):
        for w in parts(name):
            n = locales.count(',') + 1
            if kind == 'first':
                out.put(w, 0, 3 if n > 1 else 2)
            else:
                out.put(w, 1, 3 if n > 2 else 2)


def words(d, out):
    for w, size in rows(d + '/gaz/english_words.tsv.gz'):
        out.put(w.split("'")[0], 2, {10: 5, 20: 4, 35: 3, 40: 2, 50: 2}.get(int(size), 1))
    for _, text in rows(HERE + '/lexicon/words.tsv'):
        for w in text.split():
            out.put(w, 2, 3)
    for _, text in rows(HERE + '/lexicon/cities.tsv'):
        for w in text.split():
            out.put(w, 3, 4)
    for r in rows(d + '/gaz/cities.tsv.gz'):
        p = parts(r[0])
        n = int(r[1])
        if len(p) == 1:
            out.put(p[0], 3, level(n, (0, 15000, 60000, 250000, 1000000)))
        elif n > 100000:
            for w in p:
                if len(w) > 3:
                    out.put(w, 3, 1)


def lexicon(d):
    kind = {}
    for name, k in (('titles', 'title'), ('company_suffixes', 'company'), ('months', 'month'), ('street_words', 'street')):
        for r in rows('%s/lexicon/%s.tsv' % (d, name)):
            p = parts(r[0])
            if len(p) == 1:
                kind.setdefault(p[0].lower(), set()).add('unit' if r[-1] == 'unit' else k)
    for name, k in (('name_particles', 'particle'), ('name_suffixes', 'suffix')):
        for r in rows('%s/lexicon/%s.txt' % (d, name)):
            p = parts(r[0])
            if len(p) == 1:
                kind.setdefault(p[0].lower(), set()).add(k)
    for r in rows(d + '/lexicon/countries.tsv'):
        for name in re.split('[;,]', r[1]):
            p = parts(name)
            if len(p) == 1:
                kind.setdefault(p[0].lower(), set()).add('country')
        for name in re.split('[;,]', r[2]):
            for w in parts(name)[:1]:
                kind.setdefault(w.lower(), set()).add('demonym')
    for r in rows(d + '/lexicon/nrp.tsv'):
        kind.setdefault(parts(r[0])[0].lower(), set()).add('demonym')
    for k, text in rows(HERE + '/lexicon/en.tsv'):
        for w in text.split():
            kind.setdefault(w.lower(), set()).add(k)
    return {w: next(k for k in ORDER if k in s) for w, s in kind.items()}


def known(out):
    column = {'first': 0, 'last': 1, 'town': 3}
    with open(out, 'w', encoding='utf8') as f:
        for kind, level, text in rows(HERE + '/lexicon/known.tsv'):
            values = ['0'] * 5
            values[column[kind]] = level
            for w in text.split():
                f.write('\t'.join([w] + values) + '\n')


def main():
    d, out = sys.argv[1:3]
    if d == '--known':
        return known(out)
    lists = Lists()
    names(d, lists)
    words(d, lists)
    kind = lexicon(d)
    for w in kind:
        lists.put(w, 0, 0)
    with open(out, 'w', encoding='utf8') as f:
        for w in sorted(lists.v):
            e = lists.v[w]
            if len(w) > 40 or (e[0] < 2 and max(e[1:]) == 0 and w not in kind and e[0] == 0):
                continue
            f.write('%s\t%d\t%d\t%d\t%d\t%d\n' % (w, *e, KINDS.index(kind.get(w, 'none'))))


main()
