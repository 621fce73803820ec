#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Score the scanner on labelled texts: precision, recall, F1 and F2 per entity.

    eval_scan.py [--gold FILE] [--spans PROGRAM | --mask SANCTUM | --pred FILE] [--map A=B,...] [--errors N] [--only A,B]

--spans is bench_scan_spans, the scanner alone; --mask the program itself (`sanctum mask --jsonl`), names
and all. GOLD is JSON lines {"full_text", "spans": [{"entity_type", "start", "end"}]} in code points. Three
tables: exact spans; spans that overlap by at least half (intersection over union); words. The row
MACRO is the mean over the types that gold holds.
"""
import argparse
import collections
import json
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
# What the project reports as one LOCATION: a street line (the postcode is part of it).
DEFAULT_MAP = "STREET_ADDRESS=LOCATION"


def scores(tp, fp, fn):
    p = tp / (tp + fp) if tp + fp else 0.0
    r = tp / (tp + fn) if tp + fn else 0.0

    def f(b2):
        return (1 + b2) * p * r / (b2 * p + r) if p + r else 0.0

    return p, r, f(1), f(4)


def iou(a, b):
    inter = min(a[2], b[2]) - max(a[1], b[1])
    return inter / (max(a[2], b[2]) - min(a[1], b[1])) if inter > 0 else 0.0


def pair_up(gold, pred, value):
    """Greedy one-to-one pairing by falling value; the pairs as two sets of indexes."""
    found = []
    for i, g in enumerate(gold):
        for j, q in enumerate(pred):
            if g[0] == q[0]:
                v = value(g, q)
                if v:
                    found.append((-v, i, j))
    left, right = set(), set()
    for _, i, j in sorted(found):
        if i not in left and j not in right:
            left.add(i)
            right.add(j)
    return left, right


def words_of(spans, tokens):
    return {(s[0], k) for s in spans for k, (a, b) in enumerate(tokens) if a < s[2] and b > s[1]}


class Table:
    def __init__(self):
        self.counts = {k: collections.defaultdict(lambda: [0, 0, 0]) for k in ("exact", "iou", "word")}
        self.gold_types = collections.Counter()
        self.misses, self.alarms = [], []

    def add(self, text, gold, pred):
        for g in gold:
            self.gold_types[g[0]] += 1
        for kind, value in (("exact", lambda a, b: float(a[1:] == b[1:])),
                            ("iou", lambda a, b: v if (v := iou(a, b)) >= 0.5 else 0)):
            left, right = pair_up(gold, pred, value)
            for i, g in enumerate(gold):
                self.counts[kind][g[0]][0 if i in left else 2] += 1
                if kind == "iou" and i not in left:
                    self.misses.append((g[0], text[g[1]:g[2]], text[max(0, g[1] - 40):g[2] + 25]))
            for j, q in enumerate(pred):
                if j not in right:
                    self.counts[kind][q[0]][1] += 1
                    if kind == "iou":
                        self.alarms.append((q[0], text[q[1]:q[2]], text[max(0, q[1] - 40):q[2] + 25]))
        tokens = [(m.start(), m.end()) for m in TOKEN.finditer(text)]
        g, q = words_of(gold, tokens), words_of(pred, tokens)
        for kind, hits in ((0, g & q), (1, q - g), (2, g - q)):
            for name, _ in hits:
                self.counts["word"][name][kind] += 1

    def result(self):
        return {kind: {name: scores(*c) for name, c in table.items()}
                for kind, table in self.counts.items()}


def read_gold(path, mapping):
    for line in open(path, encoding="utf-8"):
        if line.strip():
            item = json.loads(line)
            text = item.get("full_text", item.get("text"))
            spans = [(mapping.get(s["entity_type"], s["entity_type"]), s["start"], s["end"])
                     for s in item["spans"]]
            yield text, [s for s in spans if s[0]]


def run_spans(program, texts, extra):
    """Code-point spans of each text, from bench_scan_spans."""
    raw = b"".join(b"%d\n%s" % (len(b), b) for b in (t.encode() for t in texts))
    out = subprocess.run([program] + extra, input=raw, stdout=subprocess.PIPE, check=True).stdout
    lines = out.decode().split("\n")
    spans, current = [], []
    for line in lines[:-1]:
        if line:
            name, start, end, score, rule = line.split(" ")
            current.append((name, int(start), int(end)))
        else:
            spans.append(current)
            current = []
    result = []
    for text, found in zip(texts, spans):
        place, at = {}, 0
        for i, c in enumerate(text):
            place[at] = i
            at += len(c.encode())
        place[at] = len(text)
        result.append([(n, place[a], place[b]) for n, a, b in found])
    return result


def run_mask(program, texts, threshold):
    """Code-point spans of each text, from `sanctum mask --jsonl`."""
    lines = "".join(json.dumps({"id": i, "text": t}) + "\n" for i, t in enumerate(texts))
    command = [program, "mask", "--jsonl"] + (["--threshold", threshold] if threshold else [])
    out = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    return [[(s["entity_type"], s["start"], s["end"]) for s in json.loads(line)["spans"]]
            for line in out.decode().splitlines()]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--gold", default=os.path.join(ROOT, "test/scan/data/structured_dev.jsonl"))
    ap.add_argument("--spans", default=os.path.join(ROOT, "build/bench_scan_spans"))
    ap.add_argument("--mask", help="the sanctum program: names too")
    ap.add_argument("--pred", help="JSON lines with spans instead of running the program")
    ap.add_argument("--map", default=DEFAULT_MAP)
    ap.add_argument("--errors", type=int, default=0)
    ap.add_argument("--only")
    ap.add_argument("--json", action="store_true")
    ap.add_argument("--threshold")
    a = ap.parse_args()
    mapping = dict(x.split("=", 1) for x in a.map.split(",") if "=" in x)
    gold = list(read_gold(a.gold, mapping))
    if a.pred:
        pred = [spans for _, spans in
                (("", [(mapping.get(s["entity_type"], s["entity_type"]), s["start"], s["end"])
                       for s in json.loads(l)["spans"]]) for l in open(a.pred, encoding="utf-8"))]
    else:
        extra = ["--threshold", a.threshold] if a.threshold else []
        texts = [t for t, _ in gold]
        found = run_mask(a.mask, texts, a.threshold) if a.mask else run_spans(a.spans, texts, extra)
        pred = [[(mapping.get(n, n), s, e) for n, s, e in spans] for spans in found]
    only = set(a.only.split(",")) if a.only else None
    table = Table()
    for (text, g), q in zip(gold, pred, strict=True):
        if only:
            g, q = [s for s in g if s[0] in only], [s for s in q if s[0] in only]
        table.add(text, g, [s for s in q if s[0]])
    result = table.result()
    if a.json:
        print(json.dumps({"counts": table.counts, "scores": result}, indent=1))
        return
    order = [n for n, _ in table.gold_types.most_common()]
    order += sorted(set(result["iou"]) - set(order))
    print("%-28s %5s  %-20s %-20s %-20s" % ("entity", "gold", "exact P R F2", "IoU>=.5 P R F2", "word P R F2"))
    for name in order:
        cells = []
        for kind in ("exact", "iou", "word"):
            p, r, _, f2 = result[kind].get(name, (0, 0, 0, 0))
            cells.append("%.3f %.3f %.3f    " % (p, r, f2))
        print("%-28s %5d  %s" % (name, table.gold_types[name], "".join(cells)))
    for kind in ("exact", "iou", "word"):
        f2 = [result[kind].get(n, (0, 0, 0, 0))[3] for n in table.gold_types]
        print("MACRO F2 %-6s %.4f over %d types" % (kind, sum(f2) / max(1, len(f2)), len(f2)))
    for name, list_ in (("missed", table.misses), ("false alarm", table.alarms)):
        for kind, value, context in list_[:a.errors]:
            print("%s %s %r in %r" % (name, kind, value, context))


if __name__ == "__main__":
    main()
