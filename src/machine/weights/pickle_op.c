/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opcodes of pickle protocols 0 to 5 (Python's pickletools describes them) and their arguments. One
 * call per opcode: the hot loop of the inspection.
 */
#include "pickle_int.h"

#include "num.h"
#include "rd.h"
#include "utf8.h"

enum arg {
    A_BAD,
    A_NONE,
    A_U1,
    A_U2,
    A_U4,
    A_I4,
    A_U8,
    A_8,
    A_LINE,
    A_LINES,
    A_TEXT1,
    A_TEXT4,
    A_TEXTS4,
    A_TEXT8
};

static const uint8_t args[256] = {
    ['('] = A_NONE,   ['.'] = A_NONE,   ['0'] = A_NONE,   ['1'] = A_NONE,   ['2'] = A_NONE,
    ['F'] = A_LINE,   ['I'] = A_LINE,   ['J'] = A_I4,     ['K'] = A_U1,     ['L'] = A_LINE,
    ['M'] = A_U2,     ['N'] = A_NONE,   ['P'] = A_LINE,   ['Q'] = A_NONE,   ['R'] = A_NONE,
    ['S'] = A_LINE,   ['T'] = A_TEXTS4, ['U'] = A_TEXT1,  ['V'] = A_LINE,   ['X'] = A_TEXT4,
    ['a'] = A_NONE,   ['b'] = A_NONE,   ['c'] = A_LINES,  ['d'] = A_NONE,   ['}'] = A_NONE,
    ['e'] = A_NONE,   ['g'] = A_LINE,   ['h'] = A_U1,     ['i'] = A_LINES,  ['j'] = A_U4,
    ['l'] = A_NONE,   [']'] = A_NONE,   ['o'] = A_NONE,   ['p'] = A_LINE,   ['q'] = A_U1,
    ['r'] = A_U4,     ['s'] = A_NONE,   ['t'] = A_NONE,   [')'] = A_NONE,   ['u'] = A_NONE,
    ['G'] = A_8,      ['B'] = A_TEXT4,  ['C'] = A_TEXT1,  [0x80] = A_U1,    [0x81] = A_NONE,
    [0x82] = A_U1,    [0x83] = A_U2,    [0x84] = A_I4,    [0x85] = A_NONE,  [0x86] = A_NONE,
    [0x87] = A_NONE,  [0x88] = A_NONE,  [0x89] = A_NONE,  [0x8a] = A_TEXT1, [0x8b] = A_TEXTS4,
    [0x8c] = A_TEXT1, [0x8d] = A_TEXT8, [0x8e] = A_TEXT8, [0x8f] = A_NONE,  [0x90] = A_NONE,
    [0x91] = A_NONE,  [0x92] = A_NONE,  [0x93] = A_NONE,  [0x94] = A_NONE,  [0x95] = A_U8,
    [0x96] = A_TEXT8, [0x97] = A_NONE,  [0x98] = A_NONE,
};

static bool line(struct rd *r, struct span *out)
{
    const uint8_t *p = r->p + r->at;
    const uint8_t *end = rd_left(r) ? memchr(p, '\n', rd_left(r)) : NULL;
    if (!end)
        return false;
    *out = span(p, (size_t)(end - p));
    r->at += out->n + 1;
    return true;
}

static bool number(struct rd *r, unsigned width, bool is_signed, uint64_t *out)
{
    if (failed(rd_le(r, width, out)))
        return false;
    if (is_signed)
        *out = (uint64_t)(int64_t)(int32_t)*out;
    return true;
}

static bool counted(struct rd *r, unsigned width, bool is_signed, struct span *out)
{
    uint64_t n;
    if (!number(r, width, is_signed, &n))
        return false;
    return !failed(rd_take(r, n, out));
}

/* Arguments that are not the usual ones: wide numbers, long texts, lines. */
static const char *slow_op(struct span s, struct op *o)
{
    struct rd r = {s.p, s.n, o->at + 1};
    bool good = true;
    switch ((enum arg)args[o->code]) {
    case A_NONE:
        break;
    case A_U1:
        good = number(&r, 1, false, &o->number);
        break;
    case A_U2:
        good = number(&r, 2, false, &o->number);
        break;
    case A_U4:
        good = number(&r, 4, false, &o->number);
        break;
    case A_I4:
        good = number(&r, 4, true, &o->number);
        break;
    case A_U8:
        good = number(&r, 8, false, &o->number);
        break;
    case A_8:
        good = !failed(rd_skip(&r, 8));
        break;
    case A_LINE:
        good = line(&r, &o->text);
        break;
    case A_LINES:
        good = line(&r, &o->text) && line(&r, &o->more);
        break;
    case A_TEXT1:
        good = counted(&r, 1, false, &o->text);
        break;
    case A_TEXT4:
        good = counted(&r, 4, false, &o->text);
        break;
    case A_TEXTS4:
        good = counted(&r, 4, true, &o->text);
        break;
    case A_TEXT8:
        good = counted(&r, 8, false, &o->text);
        break;
    case A_BAD:
        return "a byte that is no opcode";
    }
    o->next = r.at;
    return good ? NULL : "an opcode's argument reaches past the end";
}

const char *pickle_op(struct span s, size_t at, struct op *o)
{
    o->code = s.p[at];
    o->at = at;
    enum arg kind = (enum arg)args[o->code];
    size_t left = s.n - at - 1;
    /* Nine opcodes of ten end here. */
    if (kind == A_NONE) {
        o->next = at + 1;
        return NULL;
    }
    if ((kind == A_U1 || kind == A_TEXT1) && left >= 1) {
        o->number = s.p[at + 1];
        if (kind == A_U1) {
            o->next = at + 2;
            return NULL;
        }
        if (o->number <= left - 1) {
            o->text = span(s.p + at + 2, (size_t)o->number);
            o->next = at + 2 + (size_t)o->number;
            return NULL;
        }
    }
    return slow_op(s, o);
}

bool pickle_decimal(struct span text, int64_t *out)
{
    while (text.n && strchr(" \t\r\f\v", text.p[0]) && text.p[0])
        text = span_from(text, 1);
    while (text.n && strchr(" \t\r\f\v", text.p[text.n - 1]) && text.p[text.n - 1])
        text.n--;
    bool minus = text.n && text.p[0] == '-';
    if (minus || (text.n && text.p[0] == '+'))
        text = span_from(text, 1);
    int64_t v = 0;
    bool digit = false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '_' && digit && i + 1 < text.n) {
            digit = false;
            continue;
        }
        unsigned d = (unsigned)text.p[i] - '0';
        if (d > 9 || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (int64_t)d, &v))
            return false;
        digit = true;
    }
    *out = minus ? -v : v;
    return digit;
}

bool pickle_int(struct span s, size_t at, int64_t *out)
{
    struct op o = {0};
    if (at >= s.n || pickle_op(s, at, &o))
        return false;
    if (o.code == 'I' || o.code == 'L') {
        if (o.text.n && o.text.p[o.text.n - 1] == 'L')
            o.text.n--;
        return pickle_decimal(o.text, out);
    }
    if (o.code != 0x8a && o.code != 0x8b) {
        *out = (int64_t)o.number;
        return true;
    }
    if (o.text.n > 8)
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < o.text.n; i++)
        v |= (uint64_t)o.text.p[i] << (8 * i);
    if (o.text.n && o.text.n < 8 && o.text.p[o.text.n - 1] & 0x80)
        v |= ~0ULL << (8 * o.text.n);
    *out = (int64_t)v;
    return true;
}

/* The escape behind a backslash at s.p[*i]: its code point; *i moves behind it. */
static uint32_t escape(struct span s, size_t *i)
{
    uint8_t c = s.p[(*i)++];
    unsigned digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    uint32_t v = 0;
    if (digits) {
        for (unsigned d = 0; d < digits && *i < s.n && num_hex_digit(s.p[*i]) < 16; d++)
            v = v << 4 | num_hex_digit(s.p[(*i)++]);
        return v;
    }
    if (c >= '0' && c < '8') {
        v = c - '0';
        for (unsigned d = 0; d < 2 && *i < s.n && s.p[*i] >= '0' && s.p[*i] < '8'; d++)
            v = v << 3 | (uint32_t)(s.p[(*i)++] - '0');
        return v;
    }
    const char *from = "abfnrtv", *to = "\a\b\f\n\r\t\v";
    const char *hit = c ? strchr(from, c) : NULL;
    return hit ? (uint8_t)to[hit - from] : c;
}

bool pickle_text(struct span s, size_t at, char out[PICKLE_NAME_MAX], size_t *n)
{
    struct op o = {0};
    if (at >= s.n || pickle_op(s, at, &o))
        return false;
    struct span t = o.text;
    if (o.code == 'S') {
        t = span_trim(t);
        if (t.n >= 2 && (t.p[0] == '\'' || t.p[0] == '"') && t.p[t.n - 1] == t.p[0])
            t = span_cut(t, 1, t.n - 2);
    }
    *n = 0;
    for (size_t i = 0; i < t.n;) {
        uint8_t put[4] = {t.p[i]};
        size_t len = 1;
        if (t.p[i] == '\\' && i + 1 < t.n &&
            (o.code == 'S' || (o.code == 'V' && (t.p[i + 1] | 0x20) == 'u'))) {
            i++;
            len = utf8_put(escape(t, &i), put);
        } else {
            i++;
        }
        if (*n + len > PICKLE_NAME_MAX)
            return false;
        memcpy(out + *n, put, len);
        *n += len;
    }
    return true;
}
