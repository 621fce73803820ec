#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No names inside code identifiers (ner.h, N5), measured on this tree's own programs in C and Python.

Lexers tell identifiers from comments and texts, where names may stand. The tagger has no lexer: it may err once in 50 KB.
"""
import bisect, glob, importlib.util, io, os, re, sys, tokenize

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
spec = importlib.util.spec_from_file_location('eval', os.path.join(ROOT, 'tools/ner/eval.py'))
ev = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ev)
TOOL = os.path.join(os.environ.get('SANCTUM_BUILD', 'build'), 'tools/ner/ner-spans')
NOT_CODE = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|#\s*include[^\n]*'
C = re.compile(NOT_CODE + r'|(?P<id>[A-Za-z_]\w*)', re.S)


def of_c(text):
    return [m.span('id') for m in C.finditer(text) if m['id']]


def of_python(text):
    lines = [0]
    for line in text.split('\n'):
        lines.append(lines[-1] + len(line) + 1)
    at = lambda place: lines[place[0] - 1] + place[1]
    return [(at(t.start), at(t.end)) for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.NAME]


def inside(identifiers, findings):
    """the findings of persons and places that touch an identifier; both in order"""
    starts = [a for a, _ in identifiers]
    out = []
    for kind, a, b, score in findings:
        i = bisect.bisect_left(starts, b) - 1
        if kind in ('PERSON', 'LOCATION') and score >= .7 and i >= 0 and identifiers[i][1] > a:
            out.append((a, b))
    return out


def measure(paths, lexer):
    items = [{'full_text': open(p, encoding='utf8').read()} for p in paths]
    wrong = size = 0
    for x, found in zip(items, ev.predict(TOOL, os.path.join(ROOT, 'models/ner-en.bin'), items)):
        size += len(x['full_text'])
        for a, b in inside(lexer(x['full_text']), found):
            wrong += 1
            print('   «%s» in %s' % (x['full_text'][a:b], x['full_text'][max(0, a - 30):b + 20].replace('\n', '⏎')))
    return wrong, size


def main():
    # The lexers see what they should, and a name put into a comment, a text and an identifier is counted once.
    planted = 'int anna(void); /* Anna Kowalska wrote this */ puts("Anna Kowalska");'
    names = [('PERSON', m.start(), m.end(), 1.0) for m in re.finditer('Anna Kowalska|anna', planted)]
    assert len(names) == 3 and inside(of_c(planted), names) == [(4, 8)]
    assert of_python('def a(b):\n    return "c"  # d\n') == [(0, 3), (4, 5), (6, 7), (14, 20)]
    for lexer, pattern in ((of_c, 'src/**/*.c'), (of_python, 'test/**/*.py')):
        paths = sorted(glob.glob(os.path.join(ROOT, pattern), recursive=True))[::2]
        wrong, size = measure(paths, lexer)
        print('%s: %d in %d characters' % (pattern, wrong, size))
        assert size > 200000 and wrong * 50000 <= size, (pattern, wrong, size)
    # What stands in comments and texts is still found.
    text = '# Author: Anna Kowalska\ndef area(width, height):\n    """Peter Lindqvist asked for it."""\n    return width * height\n'
    found = ev.predict(TOOL, os.path.join(ROOT, 'models/ner-en.bin'), [{'full_text': text}])[0]
    assert [text[a:b] for k, a, b, s in found if k == 'PERSON' and s >= .7] == ['Anna Kowalska', 'Peter Lindqvist'], found
    print('ok')


sys.exit(main())
