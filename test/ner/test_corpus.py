#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the training texts are made of: labels put right, pieces of programs without a name, templates that fill."""
import gzip, os, random, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools/ner'))
import code_pieces, corpus, generate, texts


def labelled(text):
    return [tuple(w.split('/')) for w in text.split()]


def repair():
    with tempfile.TemporaryDirectory() as d:
        os.makedirs(d + '/gaz')
        os.makedirs(d + '/lexicon')
        with open(d + '/lexicon/countries.tsv', 'w') as f:
            f.write('IQ\tIraq\tIraqi,Iraqis\nUS\tUnited States;USA\tAmerican\n')
        with gzip.open(d + '/gaz/cities.tsv.gz', 'wt') as f:
            f.write('Jaipur\t2711758\t1\tIN\nNice\t338620\t1\tFR\nLom\t30000\t1\tBG\n')
        with gzip.open(d + '/gaz/english_words.tsv.gz', 'wt') as f:
            f.write('nice\t10\n')
        places = corpus.Places(d)
    before = labelled('Iraqi/B-LOC men/O in/O the/O United/O States/O saw/O Jaipur/O Nice/O and/O Lom/O')
    after = labelled('Iraqi/O men/O in/O the/O United/B-LOC States/I-LOC saw/O Jaipur/B-LOC Nice/O and/O Lom/O')
    assert places.repair(before, True) == after
    assert places.repair(before, False) == labelled('Iraqi/O men/O in/O the/O United/O States/O saw/O Jaipur/O Nice/O and/O Lom/O')
    for kept in ('Bank/B-ORG of/I-ORG Jaipur/I-ORG', 'American/B-LOC Samoa/I-LOC'):
        assert places.repair(labelled(kept), True) == labelled(kept)


def pieces():
    one, two = (code_pieces.piece(random.Random(seed), texts.WORDS) for seed in (1, 2))
    assert one == code_pieces.piece(random.Random(1), texts.WORDS) and one != two
    for seed in range(300):
        piece = code_pieces.piece(random.Random(seed), texts.WORDS)
        assert 3 <= piece.count('\n') + 1 <= 10 and not any('@' + k in piece for k in 'abcABKnw '), piece


class Marked:
    """pools that give every field its own name"""
    r = random.Random(3)

    def field(self, k):
        assert k, 'a field without a name'
        return '<%s>' % k


def templates():
    """every template fills, its spans hold what was labelled, and every kind of label occurs"""
    seen = set()
    lines = generate.TEMPLATES.strip('\n').split('\n')
    for t in lines:
        text, spans = texts.fill(t, Marked())
        for s in spans:
            value = text[s['start']:s['end']]
            assert value and value == value.strip() and '[' not in value, (t, value)
            seen.add(s['entity_type'])
    assert len(lines) == len([t for t in lines if t]) and seen == set(texts.LABEL.values()), seen


repair()
pieces()
templates()
print('ok')
