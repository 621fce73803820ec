#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/ner/eval.py counts as it says: planted errors of every kind give the figures worked out by hand."""
import importlib.util, os, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
spec = importlib.util.spec_from_file_location('eval', os.path.join(ROOT, 'tools/ner/eval.py'))
ev = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ev)


def item(text, *spans):
    return {'full_text': text, 'spans': [{'entity_type': t, 'start': text.index(v), 'end': text.index(v) + len(v)} for t, v in spans]}


def found(x, *spans):
    return [(t, x['full_text'].index(v), x['full_text'].index(v) + len(v), s) for t, v, s in spans]


def counts(items, preds, t, kind):
    c = ev.score(items, preds, [t], 0.7, 0.9)[0][t, kind]
    return c.tp, c.fp, c.fn


def main():
    a = item('Anna Maria Smith lives at 12 Elm Road, Bonn.', ('PERSON', 'Anna Maria Smith'), ('STREET_ADDRESS', '12 Elm Road'), ('LOCATION', 'Bonn'))
    right = found(a, ('PERSON', 'Anna Maria Smith', 1.0), ('LOCATION', '12 Elm Road', .9), ('LOCATION', 'Bonn', .7))
    for kind, n in (('exact', 1), ('iou', 1), ('token', 3)):
        assert counts([a], [right], 'PERSON', kind) == (n, 0, 0)
    assert counts([a], [right], 'LOCATION', 'token') == (4, 0, 0)      # a street counts as a place
    assert counts([a], [[]], 'PERSON', 'token') == (0, 0, 3)           # all missed
    low = found(a, ('PERSON', 'Anna Maria Smith', .69))
    assert counts([a], [low], 'PERSON', 'exact') == (0, 0, 1)          # below the threshold
    half = found(a, ('PERSON', 'Maria Smith', 1.0))
    assert counts([a], [half], 'PERSON', 'exact') == (0, 1, 1)
    assert counts([a], [half], 'PERSON', 'iou') == (0, 1, 1)           # 11 of 16 characters
    assert counts([a], [half], 'PERSON', 'token') == (2, 0, 1)
    split = found(a, ('PERSON', 'Anna', 1.0), ('PERSON', 'Maria Smith', 1.0))
    assert counts([a], [split], 'PERSON', 'iou') == (0, 2, 1)
    assert counts([a], [split], 'PERSON', 'token') == (3, 0, 0)
    wrong = found(a, ('PERSON', 'Bonn', 1.0))
    assert counts([a], [wrong], 'PERSON', 'token') == (0, 1, 3)
    near = item('Al 123456789012345678 x', ('PERSON', 'Al 12345678901234567'))
    assert counts([near], [found(near, ('PERSON', 'Al 123456789012345678', 1.0))], 'PERSON', 'iou') == (1, 0, 0)  # 20 of 21
    c = ev.Count()
    c.add(3, 1, 2)
    p, r, f1, f2 = c.scores()
    assert (p, r) == (.75, .6) and abs(f1 - 2 / 3) < 1e-9 and abs(f2 - 5 * .75 * .6 / (4 * .75 + .6)) < 1e-9
    assert ev.Count().scores() == (0.0, 0.0, 0.0, 0.0)
    back = ev.offsets('aé张b')
    assert [back[k] for k in (0, 1, 3, 6, 7)] == [0, 1, 2, 3, 4]
    print('ok')


sys.exit(main())
