#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The trainer gives the same bytes for the same input and seed, other bytes for another seed, and weights that learnt."""
import os, subprocess, sys, tempfile

TOOLS = os.path.join(os.environ.get('SANCTUM_BUILD', 'build'), 'tools/ner')
LISTS = 'anna\t5\t0\t0\t0\t0\nkowalska\t0\t3\t0\t0\t0\nthe\t0\t0\t5\t0\t0\nberlin\t0\t0\t0\t5\t0\n'


def corpus():
    out = []
    for i in range(200):
        first = ('Anna', 'Peter', 'Maria', 'Ivan')[i % 4]
        text = 'Please ask %s Kowalska about the report %d .' % (first, i) if i % 3 else 'The train to Berlin is late again .'
        spans = [(11, 20 + len(first), 0)] if i % 3 else [(13, 19, 1)]
        out.append('D %d %d\n%s\n' % (len(text), len(spans), text) + ''.join('%d %d %d\n' % s for s in spans))
    return ''.join(out)


def main():
    with tempfile.TemporaryDirectory() as d:
        path = lambda name: os.path.join(d, name)
        open(path('lists'), 'w').write(LISTS)
        open(path('corpus'), 'w').write(corpus())

        def train(out, seed):
            subprocess.run([TOOLS + '/ner-train', path('lists'), path(out), path('corpus'), '--rows', '4096', '--runs', '2', '--seed', str(seed)],
                           check=True, stderr=subprocess.DEVNULL)
            return open(path(out), 'rb').read()

        a, b, c = train('a', 1), train('b', 1), train('c', 2)
        assert a == b, 'same seed, other weights'
        assert a != c, 'another seed made no difference'
        found = subprocess.run([TOOLS + '/ner-spans', path('a'), path('corpus')], stdout=subprocess.PIPE, text=True, check=True).stdout
        assert found.count('PERSON') == 133 and found.count('LOCATION') == 67, found.count('PERSON')

        # a word added behind the training is found as the listed ones are; nothing added, the same bytes
        open(path('towns'), 'w').write('ghent\t0\t0\t0\t5\t0\n')
        open(path('none'), 'w').write('')
        text = 'The train to Ghent is late again .'
        open(path('text'), 'w').write('D %d 0\n%s\n' % (len(text), text))
        for lists, out in (('towns', 'more'), ('none', 'same')):
            subprocess.run([TOOLS + '/ner-words', path('a'), path(lists), path(out)], check=True)
        assert open(path('same'), 'rb').read() == a, 'no word, other weights'
        assert open(path('more'), 'rb').read() != a, 'a word more, the same weights'
        subprocess.run([TOOLS + '/ner-spans', path('more'), path('text')], stdout=subprocess.DEVNULL, check=True)
        assert subprocess.run([TOOLS + '/ner-words', path('towns'), path('towns'), path('x')], stderr=subprocess.DEVNULL).returncode == 2
        bad = subprocess.run([TOOLS + '/ner-train', path('lists'), path('x'), path('lists')], stderr=subprocess.PIPE, text=True)
        assert bad.returncode == 2 and 'malformed' in bad.stderr, bad
        assert subprocess.run([TOOLS + '/ner-train'], stderr=subprocess.DEVNULL).returncode == 64
    print('ok')


sys.exit(main())
