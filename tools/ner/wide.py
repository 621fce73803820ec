#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/ner/wide_names.h: Chinese, Japanese and Korean family and given names as sorted keys.

usage: wide.py FOLDER > src/ner/wide_names.h     (FOLDER holds gaz/, see models/MODEL_CARD.md)

A key is one to four code points, sixteen bits each, the first highest. Family names of one or two
characters, given names of one to three; every character that stands in a given name; and the words of
lexicon/wide.tsv, a table a kind.
"""
import gzip
import os
import sys

# Family names of two characters that the lists lack although they are long attested.
COMPOUND = '欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 司徒 东方 東方 皇甫 尉迟 公孙 慕容 令狐 夏侯 轩辕 端木 남궁 황보 제갈 사공 선우 독고'.split()

# Characters frequent in given names of today, for the many names that no list holds.
GIVEN = ('小伟偉芳娜秀英敏静靜丽麗强強磊军軍洋勇艳艷杰娟涛濤明超霞平刚剛桂文辉輝建华華红紅玲飞飛玉萍鹏鵬浩宇轩軒梓涵子墨欣怡诗詩雨萱晨曦佳'
         '琪思睿博俊豪志志家豪雅婷怡君淑惠雅雯宗翰冠宇承恩美玲婉清晓曉东東海龙龍凤鳳春花兰蘭梅莲蓮荣榮国國庆慶福生德义義礼禮仁信忠孝良'
         '彬斌峰锋鋒凯凱亮鑫晶莹瑩颖穎洁潔倩雪蕾薇琳璐瑶瑤妍悦悅然昊天翔泽澤翰嘉瑞祥航哲铭銘钰鈺'
         '太郎一二三介助之彦雄夫男治司隆健翔大樹蓮悠斗陽葵結衣美咲花子恵香織里奈菜々由真紀智直也和典裕康誠亮拓海')
REPEAT = '々'


def han(c):
    return '\u3400' <= c <= '\u9fff' or c == REPEAT


def hangul(c):
    return '\uac00' <= c <= '\ud7a3'


def wide(name):
    return name and (all(map(han, name)) or all(map(hangul, name)))


def lines(path):
    opener = gzip.open if path.endswith('.gz') else open
    with opener(path, 'rt', encoding='utf-8') as f:
        for line in f:
            yield line.rstrip('\n').split('\t')


def key(name):
    return sum(ord(c) << (48 - 16 * i) for i, c in enumerate(name))


def lexicon():
    kinds = {}
    for row in lines(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lexicon', 'wide.tsv')):
        if not row[0].startswith('#'):
            kinds.setdefault(row[0], []).extend(row[1].split())
    return kinds


def table(kind, name, keys):
    print('static const uint%d_t %s[] = {' % (kind, name))
    per, digits = (4, 16) if kind == 64 else (12, 4)
    for i in range(0, len(keys), per):
        print('    ' + ' '.join('0x%0*x,' % (digits, k) for k in keys[i:i + per]))
    print('};')


def main(folder):
    gaz = os.path.join(folder, 'gaz')
    last, first = set(COMPOUND), set()
    for name, kind, _ in lines(os.path.join(gaz, 'faker_names.tsv.gz')):
        if wide(name):
            (last if kind == 'last' else first).add(name)
    for row in lines(os.path.join(gaz, 'popular_surnames.tsv')):
        if wide(row[0]):
            last.add(row[0])
    for row in lines(os.path.join(gaz, 'popular_forenames.tsv')):
        if wide(row[0]):
            first.add(row[0])
    last = {n for n in last if len(n) <= 2}
    first = {n for n in first if len(n) <= 3}
    print('/* SPDX-License-Identifier: Apache-2.0 */')
    print('/* Made by tools/ner/wide.py from the name lists that models/MODEL_CARD.md credits; wide.c explains\n * it. */')
    print('#ifndef SANCTUM_NER_WIDE_NAMES_H\n#define SANCTUM_NER_WIDE_NAMES_H\n\n#include <stdint.h>\n\n// clang-format off')
    table(64, 'wide_family', sorted(map(key, last)))
    table(64, 'wide_given', sorted(map(key, first)))
    table(16, 'wide_given_char', sorted({ord(c) for n in first for c in n} | set(map(ord, GIVEN))))
    for kind, words in sorted(lexicon().items()):
        table(64, 'wide_' + kind, sorted(set(map(key, words))))
    print('// clang-format on\n\n#endif')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(sys.argv[1])
