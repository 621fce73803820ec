#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the training texts for ner-train from labelled token files and labelled texts.

usage: corpus.py DATA OUT [--seed N] [--sets SET,SET] [--more FILE.jsonl ...] [--no-generated]

DATA/ner/*.train.bio.gz are sets of real text (tokens with B-/I- labels): sentences are joined to blocks of about
five and spelt as running text. DATA/ner/generated.train.jsonl.gz and the files after --more are texts with spans.
Share-alike sets are left out unless --sets names them. OUT: see tools/ner/train.h. Same seed, same output.

Real blocks are also added once more with other names in place of theirs (60 %), in lower case (10 %), in
capitals (3 %). Labels that contradict those of the other sets are put right first (Places).
"""
import argparse, gzip, json, random, re, unicodedata

SETS = ['wnut17', 'btc', 'wikigold', 'sec', 'gum_by', 'litbank', 'tweebank', 'nlu', 'legal']
# Sets in which many places have no label: Places.repair gives them one.
MISSING = ['gum_by', 'legal']
# Small sets of the texts that the generated ones are least like: again, cut into other blocks and with other names.
AGAIN = ['wikigold', 'gum_by', 'tweebank', 'wnut17', 'btc', 'nlu', 'wikigold', 'gum_by', 'legal', 'gum_by']
KIND = {'PER': 0, 'LOC': 1, 'ORG': 2, 'ADR': 3, 'PERSON': 0, 'LOCATION': 1, 'ORGANIZATION': 2, 'STREET_ADDRESS': 3}
R = random.Random()


def sentences(path):
    """lists of (token, label), None between documents"""
    now = []
    with gzip.open(path, 'rt', encoding='utf8') as f:
        for line in f:
            line = line.rstrip('\n')
            if '\t' in line:
                now.append(tuple(line.split('\t')))
                continue
            if now:
                yield now
                now = []
            if line.startswith('#doc '):
                yield None
    if now:
        yield now


CLOSING = set('.,;:!?)]}%…') | {"'s", "'S", "n't", "N'T", "'m", "'re", "'ve", "'ll", "'d", '’s', '’', 'n’t', '’m', '’re', '’ve', '’ll', '’d', "'"}
OPENING = set('([{$#£€')


def spell(sent):
    """text and spans (start, end, kind in code points) of a list of (token, label)"""
    text, spans, quote = '', [], False
    glue = True
    for tok, lab in sent:
        if tok == '"':
            glue = glue or quote
            quote = not quote
        if text and not glue and tok not in CLOSING:
            text += ' '
        a = len(text)
        text += tok
        if lab != 'O':
            if lab[0] == 'I' and spans:
                spans[-1][1] = len(text)
            else:
                spans.append([a, len(text), KIND[lab[2:]]])
        glue = tok in OPENING or (tok == '"' and quote) or (tok in '-/' and R.random() < .5)
    return text, spans


def join(parts):
    text, spans = '', []
    for t, s in parts:
        if text:
            text += ' ' if R.random() < .6 else '\n'
        spans += [[a + len(text), b + len(text), k] for a, b, k in s]
        text += t
    return text, spans


def blocks(path):
    now, size = [], R.randint(3, 7)
    for s in sentences(path):
        if s is not None:
            now.append(s)
        if now and (len(now) >= size or (s is None and R.random() < .3)):
            yield now
            now, size = [], R.randint(3, 7)
    if now:
        yield now


# ---- labels that sets are known to miss

class Places:
    """Countries and large towns as lists of words, and what their people are called."""

    def __init__(self, d):
        self.names, self.people = set(), set()
        common = {r[0] for r in rows(d + '/gaz/english_words.tsv.gz') if int(r[1]) <= 35}
        for r in rows(d + '/lexicon/countries.tsv'):
            self.names |= {tuple(n.split()) for n in re.split('[;,]', r[1]) if len(n.strip()) > 2}
            self.people |= {n.strip() for n in re.split('[;,]', r[2])}
        self.names |= {tuple(r[0].split()) for r in rows(d + '/gaz/cities.tsv.gz') if int(r[1]) > 300000 and r[0].lower() not in common}
        self.people -= {n[0] for n in self.names if len(n) == 1}
        self.longest = max(map(len, self.names))

    def repair(self, sent, missing):
        """lone members of a people are no places; places without a label are some where they are known to be missing"""
        out, i = list(sent), 0
        toks = [t for t, _ in sent]
        while i < len(sent):
            lone = sent[i][1] == 'B-LOC' and (i + 1 == len(sent) or sent[i + 1][1] != 'I-LOC')
            if lone and toks[i] in self.people:
                out[i] = (toks[i], 'O')
            n = next((k for k in range(self.longest, 0, -1) if tuple(toks[i:i + k]) in self.names), 0) if missing else 0
            if n and all(l == 'O' for _, l in sent[i:i + n]):
                out[i:i + n] = [(t, 'I-LOC' if k else 'B-LOC') for k, t in enumerate(toks[i:i + n])]
            i += max(n, 1)
        return out


# ---- other names

class Names:
    def __init__(self, d):
        ok = lambda s: re.fullmatch(r"[^\W\d_][^\W\d_'’-]+", s) and all(unicodedata.name(c, '').startswith('LATIN') for c in s if c.isalpha())
        us = [(r[0], int(r[1])) for r in rows(d + '/gaz/us_births_first_names.tsv.gz') if int(r[1]) > 200]
        self.us = ([a for a, _ in us], weights(b ** .45 for _, b in us))
        self.first, self.last = [], []
        for n, k, _ in rows(d + '/gaz/faker_names.tsv.gz'):
            if ok(n):
                (self.first if k == 'first' else self.last).append(n)
        sur = [(r[0], int(r[1])) for r in rows(d + '/gaz/list_surnames.tsv.gz') if ok(r[0])]
        self.sur = ([a for a, _ in sur], weights(b ** 1.5 for _, b in sur))
        self.pop = [r[0] for r in rows(d + '/gaz/popular_surnames.tsv') if ok(r[0])]

    def one_first(self):
        return R.choices(self.us[0], cum_weights=self.us[1])[0] if R.random() < .6 else R.choice(self.first)

    def one_last(self):
        z = R.random()
        if z > .97:
            return R.choice(('al-', 'Al-', 'el-')) + R.choice(self.last)
        return R.choices(self.sur[0], cum_weights=self.sur[1])[0] if z < .4 else R.choice(self.last if z < .8 else self.pop)

    def like(self, toks):
        """a name with as many words as the old one; its case kept"""
        words = [i for i, t in enumerate(toks) if t[:1].isalpha() and len(t) > 1]
        out = list(toks)
        for n, i in enumerate(words):
            first = len(words) > 1 and n < len(words) - 1 or len(words) == 1 and R.random() < .7
            w = self.one_first() if first else self.one_last()
            out[i] = w.lower() if toks[i].islower() else w.upper() if toks[i].isupper() and len(toks[i]) > 2 else w
        return out


def rows(path):
    op = gzip.open if path.endswith('.gz') else open
    with op(path, 'rt', encoding='utf8') as f:
        return [line.rstrip('\n').split('\t') for line in f if line.strip() and not line.startswith('#')]


def weights(values):
    out, total = [], 0
    for v in values:
        total += v
        out.append(total)
    return out


def swap(block, names):
    """the block with its persons renamed, the same person the same way"""
    known, out = {}, []
    for sent in block:
        new, i = [], 0
        while i < len(sent):
            j = i + 1
            if sent[i][1] == 'B-PER':
                while j < len(sent) and sent[j][1] == 'I-PER':
                    j += 1
                old = tuple(t for t, _ in sent[i:j])
                now = known.setdefault(old, names.like(old))
                new += [(t, l) for t, (_, l) in zip(now, sent[i:j])]
            else:
                new.append(sent[i])
            i = j
        out.append(new)
    return out


# ---- output

def emit(f, text, spans):
    at, out = 0, []
    offs = {}
    for i, c in enumerate(text):
        offs[i] = at
        at += len(c.encode('utf8'))
    offs[len(text)] = at
    spans = sorted(spans)
    raw = text.encode('utf8')
    f.write(b'D %d %d\n' % (len(raw), len(spans)) + raw + b'\n')
    for a, b, k in spans:
        f.write(b'%d %d %d\n' % (offs[a], offs[b], k))


def case(text, up):
    new = text.upper() if up else text.lower()
    return new if len(new) == len(text) else text


def real(f, path, names, places):
    n = 0
    missing = any(s in path for s in MISSING)
    for block in blocks(path):
        block = [places.repair(s, missing) for s in block]
        text, spans = join([spell(s) for s in block])
        emit(f, text, spans)
        n += 1
        person = any(l == 'B-PER' for s in block for _, l in s)
        if person and R.random() < .6:
            text, spans = join([spell(s) for s in swap(block, names)])
            emit(f, text, spans)
            n += 1
        z = R.random()
        if z < .13:
            emit(f, case(text, z < .03), spans)
            n += 1
    return n


def texts(f, path):
    op = gzip.open if path.endswith('.gz') else open
    n = 0
    with op(path, 'rt', encoding='utf8') as g:
        for line in g:
            x = json.loads(line)
            emit(f, x['full_text'], [[s['start'], s['end'], KIND[s['entity_type']]] for s in x['spans'] if s['entity_type'] in KIND])
            n += 1
    return n


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('data')
    p.add_argument('out')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--sets', default=','.join(SETS + AGAIN))
    p.add_argument('--more', nargs='*', default=[])
    p.add_argument('--no-generated', action='store_true')
    a = p.parse_args()
    R.seed(a.seed)
    names, places = Names(a.data), Places(a.data)
    with open(a.out, 'wb') as f:
        for s in a.sets.split(','):
            print('%-12s %6d texts' % (s, real(f, '%s/ner/%s.train.bio.gz' % (a.data, s), names, places)))
        for path in ([] if a.no_generated else [a.data + '/ner/generated.train.jsonl.gz']) + a.more:
            print('%-12s %6d texts' % (path.split('/')[-1].split('.')[0], texts(f, path)))


if __name__ == '__main__':
    main()
