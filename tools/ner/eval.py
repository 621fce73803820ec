#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well a weights file finds persons and places, on labelled texts kept out of training.

usage: eval.py WEIGHTS GOLD.jsonl[.gz] ... [--threshold 0.7] [--errors N] [--sweep] [--json]

Per file, for PERSON and LOCATION (STREET_ADDRESS counts as LOCATION):
  token  words, numbers and single signs; a token counts for a type when a span of that type touches it
  exact  same start and end
  iou    spans paired one to one by overlap, largest first, at least --iou (0.9)
with precision, recall, F1, F2. Types that a file never labels are not scored.
"""
import argparse, collections, gzip, json, os, re, subprocess, sys, tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOKEN = re.compile(r'[^\W\d_]+|\d+|[^\w\s]|_')
SAME = {'STREET_ADDRESS': 'LOCATION', 'GPE': 'LOCATION', 'ORG': 'ORGANIZATION'}
TYPES = ('PERSON', 'LOCATION', 'ORGANIZATION')


def read(path):
    op = gzip.open if path.endswith('.gz') else open
    with op(path, 'rt', encoding='utf8') as f:
        return [json.loads(line) for line in f if line.strip()]


def offsets(text):
    """byte offset of every code point, and the way back"""
    to, back, at = [], {}, 0
    for i, c in enumerate(text):
        to.append(at)
        back[at] = i
        at += len(c.encode('utf8', 'surrogatepass'))
    back[at] = len(text)
    return back


def predict(tool, weights, items):
    with tempfile.NamedTemporaryFile() as f:
        for x in items:
            raw = x['full_text'].encode('utf8', 'surrogatepass')
            f.write(b'D %d 0\n' % len(raw) + raw + b'\n')
        f.flush()
        lines = subprocess.run([tool, weights, f.name], stdout=subprocess.PIPE, check=True, text=True).stdout.split('\n')
    out, back = [], None
    for line in lines:
        if line == 'D':
            back = offsets(items[len(out)]['full_text'])
            out.append([])
        elif line:
            a, b, kind, score, _ = line.split(' ')
            out[-1].append((kind, back[int(a)], back[int(b)], float(score)))
    return out


def gold_of(item):
    return [(SAME.get(s['entity_type'], s['entity_type']), s['start'], s['end']) for s in item['spans']]


class Count:
    def __init__(self):
        self.tp = self.fp = self.fn = 0

    def add(self, tp, fp, fn):
        self.tp += tp
        self.fp += fp
        self.fn += fn

    def scores(self):
        p = self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0
        r = self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0
        f = lambda b: (1 + b * b) * p * r / (b * b * p + r) if p + r else 0.0
        return p, r, f(1), f(2)


def overlap(g, p):
    inner = min(g[2], p[2]) - max(g[1], p[1])
    return inner / (max(g[2], p[2]) - min(g[1], p[1])) if inner > 0 else 0.0


def paired(gold, pred, worth):
    """greedy one to one, best first"""
    cand = sorted((-worth(g, p), i, j) for i, g in enumerate(gold) for j, p in enumerate(pred) if worth(g, p) > 0)
    gi, pj = set(), set()
    for _, i, j in cand:
        if i not in gi and j not in pj:
            gi.add(i)
            pj.add(j)
    return len(gi)


def touched(spans, toks):
    return {n for _, a, b in spans for n, (u, v) in enumerate(toks) if u < b and v > a}


def score(items, preds, types, threshold, iou):
    table = {(t, k): Count() for t in types for k in ('token', 'exact', 'iou')}
    wrong = []
    for x, pred in zip(items, preds):
        toks = [(m.start(), m.end()) for m in TOKEN.finditer(x['full_text'])]
        gold = gold_of(x)
        for t in types:
            g = [s for s in gold if s[0] == t]
            p = [s[:3] for s in pred if s[0] == t and s[3] >= threshold]
            a, b = touched(g, toks), touched(p, toks)
            table[t, 'token'].add(len(a & b), len(b - a), len(a - b))
            n = paired(g, p, lambda u, v: float(u[1:] == v[1:]))
            table[t, 'exact'].add(n, len(p) - n, len(g) - n)
            n = paired(g, p, lambda u, v: overlap(u, v) if overlap(u, v) >= iou else 0)
            table[t, 'iou'].add(n, len(p) - n, len(g) - n)
            for s in g:
                if s not in p:
                    wrong.append(('missed', t, s, x))
            for s in p:
                if s not in g:
                    wrong.append(('false', t, s, x))
    return table, wrong


def show_errors(wrong, n):
    step = max(1, len(wrong) // n)
    for what, t, s, x in wrong[::step]:
        text = x['full_text']
        print('   %-6s %-8s %s«%s»%s' % (what, t[:8], text[max(0, s[1] - 40):s[1]].replace('\n', '⏎'), text[s[1]:s[2]].replace('\n', '⏎'),
                                         text[s[2]:s[2] + 30].replace('\n', '⏎')))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    p.add_argument('gold', nargs='+')
    p.add_argument('--threshold', type=float, default=0.7)
    p.add_argument('--iou', type=float, default=0.9)
    p.add_argument('--errors', type=int, default=0)
    p.add_argument('--types', default='PERSON,LOCATION')
    p.add_argument('--sweep', action='store_true')
    p.add_argument('--json', action='store_true')
    p.add_argument('--tool', default=os.path.join(ROOT, 'build/tools/ner/ner-spans'))
    a = p.parse_args()
    result = {}
    for path in a.gold:
        items = read(path)
        preds = predict(a.tool, a.weights, items)
        name = os.path.basename(path).split('.jsonl')[0]
        seen = {s[0] for x in items for s in gold_of(x)}
        types = [t for t in a.types.split(',') if t in seen]
        for th in ([.1, .2, .3, .4, .5, .6, .7, .8, .9, .95] if a.sweep else [a.threshold]):
            table, wrong = score(items, preds, types, th, a.iou)
            for t in types:
                rows = {k: table[t, k].scores() for k in ('token', 'exact', 'iou')}
                result['%s %s %.2f' % (name, t, th)] = rows
                if not a.json:
                    print('%-18s %-8s %.2f  token P %.3f R %.3f F1 %.3f F2 %.3f   exact F1 %.3f   iou F1 %.3f F2 %.3f' % (
                        name, t[:8], th, *rows['token'], rows['exact'][2], rows['iou'][2], rows['iou'][3]))
        if a.errors:
            show_errors(wrong, a.errors)
        sys.stdout.flush()
    if a.json:
        print(json.dumps(result, indent=1))


if __name__ == '__main__':
    main()
