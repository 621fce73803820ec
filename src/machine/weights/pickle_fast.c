/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The opcodes that large pickles are made of, read where they stand: constants, short texts, memo
 * writes in order, containers. Nothing is decided here that pickle.c would decide otherwise; what
 * is not plain falls through to it, and so does the neighbourhood of a frame's end.
 */
#include "pickle_int.h"

enum {
    ROOM = 10,         /* the longest of these but for a text's bytes */
    LINE_MOST = 256,   /* of a text in a line */
    STRETCH = 1 << 17, /* then pickle.c lets go of the memory passed */
};

static bool ascii(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any < 0x80;
}

/* Digits at p, up to 15 of them: how many; 0 when there are none or more. */
static size_t digits(const uint8_t *p, size_t left, uint64_t *v)
{
    size_t n = 0;
    *v = 0;
    for (; n < left && n < 16 && (uint8_t)(p[n] - '0') < 10; n++)
        *v = *v * 10 + (uint64_t)(p[n] - '0');
    return n < 16 ? n : 0;
}

/* Bytes of `digits newline` at p. */
static size_t number_line(const uint8_t *p, size_t left, uint64_t *v)
{
    size_t n = digits(p, left, v);
    return n && n < left && p[n] == '\n' ? n + 1 : 0;
}

/* Bytes of a float's line as repr() writes it: 1.5, -2e-07. */
static size_t float_line(const uint8_t *p, size_t left)
{
    uint64_t v;
    size_t n = p[0] == '-', some = digits(p + n, left - n, &v);
    n += some;
    if (some && n < left && p[n] == '.') {
        size_t more = 0;
        for (n++; n < left && more < 20 && (uint8_t)(p[n] - '0') < 10; more++)
            n++;
    }
    if (some && n + 2 < left && p[n] == 'e') {
        n += 1 + (p[n + 1] == '-' || p[n + 1] == '+');
        some = digits(p + n, left - n, &v);
        n += some;
    }
    return some && n < left && p[n] == '\n' ? n + 1 : 0;
}

/* Bytes of a text's line without escapes. */
static size_t text_line(const uint8_t *p, size_t left)
{
    for (size_t i = 0; i < left && i < LINE_MOST; i++) {
        if (p[i] == '\n')
            return i + 1;
        if (p[i] == '\\' || p[i] >= 0x80)
            return 0;
    }
    return 0;
}

/* The opcodes of protocol 0 whose argument is a line. As `plain`. */
static size_t lined(const uint8_t *p, size_t left, size_t at, struct value *v)
{
    uint64_t number;
    size_t n = 0, minus = p[1] == '-';
    *v = value_of(p[0] == 'V' || p[0] == 'S' ? K_TEXT
                  : p[0] == 'F'              ? K_ATOM
                                             : K_INT,
                  p[0] == 'F' ? 0 : at);
    switch (p[0]) {
    case 'I':
        n = number_line(p + 1 + minus, left - 1 - minus, &number);
        return n ? n + 1 + minus : 0;
    case 'F':
        n = float_line(p + 1, left - 1);
        return n ? n + 1 : 0;
    case 'V':
        n = text_line(p + 1, left - 1);
        return n ? n + 1 : 0;
    case 'S':
        n = text_line(p + 1, left - 1);
        return n > 2 && p[1] == '\'' && p[n - 1] == '\'' ? n + 1 : 0;
    default:
        return 0;
    }
}

static size_t le(const uint8_t *p, unsigned width)
{
    size_t v = 0;
    for (unsigned i = 0; i < width; i++)
        v |= (size_t)p[i] << (8 * i);
    return v;
}

/* Bytes of the opcode at p (ROOM bytes are there, `left` in all) that pushes a value, put into *v;
 * 0: it is another opcode, or not a plain one. */
static size_t plain(const uint8_t *p, size_t left, size_t at, struct value *v)
{
    size_t n;
    *v = value_of(K_ATOM, 0);
    switch (p[0]) {
    case 0x8c:
        n = 2 + (size_t)p[1];
        *v = value_of(K_TEXT, at);
        return n < left && ascii(p + 2, p[1]) ? n : 0;
    case 'X':
        n = le(p + 1, 4);
        *v = value_of(K_TEXT, at);
        return n < left - ROOM && ascii(p + 5, n) ? n + 5 : 0;
    case 'U':
        n = 2 + (size_t)p[1];
        *v = value_of(K_TEXT, at);
        return n < left ? n : 0;
    case 'C':
        n = 2 + (size_t)p[1];
        return n < left ? n : 0;
    case 'B':
        n = le(p + 1, 4);
        return n < left - ROOM ? n + 5 : 0;
    case 0x8a:
        n = 2 + (size_t)p[1];
        *v = value_of(K_INT, at);
        return n < left ? n : 0;
    case 'K':
        *v = value_of(K_INT, at);
        return 2;
    case 'M':
        *v = value_of(K_INT, at);
        return 3;
    case 'J':
        *v = value_of(K_INT, at);
        return 5;
    case 'G':
        return 9;
    case 'N':
    case 0x88:
    case 0x89:
        return 1;
    case '}':
        *v = value_of(K_DICT, 0);
        return 1;
    case ']':
        *v = value_of(K_LIST, 0);
        return 1;
    case 0x8f:
        *v = value_of(K_SET, 0);
        return 1;
    case '(':
        *v = value_of(K_MARK, 0);
        return 1;
    default:
        return 0;
    }
}

/* A memo write to the next slot of all, as picklers number them. */
static bool memo_next(struct machine *m, size_t index)
{
    struct value top = m->stack.n ? m->stack.v[m->stack.n - 1] : value_of(K_MARK, 0);
    if (index != m->memo_used || value_kind(top) == K_MARK || value_kind(top) == K_RUN)
        return false;
    if (index >= PICKLE_MEMO_MAX) { /* not kept: reads of it give K_LOST */
        m->memo_used++;
        return true;
    }
    if (index != m->memo.n || index >= m->memo.cap)
        return false;
    memo_set(&m->memo, index, top);
    m->stack.v[m->stack.n - 1] = value_in_slot(top, index);
    m->memo.n++;
    m->memo_used++;
    return true;
}

/* Memo, containers, calls. Bytes of the opcode, 0: for pickle.c. */
static size_t shape(struct machine *m, const uint8_t *p)
{
    switch (p[0]) {
    case 0x94:
        return memo_next(m, m->memo_used) ? 1 : 0;
    case 'q':
        return memo_next(m, p[1]) ? 2 : 0;
    case 'r':
        return memo_next(m, le(p + 1, 4)) ? 5 : 0;
    case 'h':
        pickle_memo_get(m, p[1]);
        return 2;
    case 'j':
        pickle_memo_get(m, (int64_t)le(p + 1, 4));
        return 5;
    case 'a':
    case 's':
        pickle_add_one(m, p[0]);
        return 1;
    case 'e':
    case 'u':
    case 0x90:
        pickle_add_many(m, p[0]);
        return 1;
    case ')':
        pickle_small_tuple(m, 0);
        return 1;
    case 0x85:
    case 0x86:
    case 0x87:
        pickle_small_tuple(m, p[0] - 0x84U);
        return 1;
    case 't':
    case 'l':
    case 'd':
    case 0x91:
        pickle_from_mark(m, p[0]);
        return 1;
    case 'R':
        pickle_reduce(m);
        return 1;
    default:
        return 0;
    }
}

/* The memo by lines of text. */
static size_t memo_line(struct machine *m, const uint8_t *p, size_t left)
{
    uint64_t index;
    size_t n = p[0] == 'p' || p[0] == 'g' ? number_line(p + 1, left - 1, &index) : 0;
    if (!n)
        return 0;
    if (p[0] == 'p')
        return memo_next(m, index) ? n + 1 : 0;
    pickle_memo_get(m, (int64_t)index);
    return n + 1;
}

/* What an opcode is to this file. */
enum way { OTHER, PLAIN, SHAPE, LINE, MEMO_LINE };
static const uint8_t ways[256] = {
    [0x8c] = PLAIN,    ['X'] = PLAIN,     ['U'] = PLAIN,  ['C'] = PLAIN,  ['B'] = PLAIN,
    [0x8a] = PLAIN,    ['K'] = PLAIN,     ['M'] = PLAIN,  ['J'] = PLAIN,  ['G'] = PLAIN,
    ['N'] = PLAIN,     [0x88] = PLAIN,    [0x89] = PLAIN, ['}'] = PLAIN,  [']'] = PLAIN,
    [0x8f] = PLAIN,    ['('] = PLAIN,     [0x94] = SHAPE, ['q'] = SHAPE,  ['r'] = SHAPE,
    ['h'] = SHAPE,     ['j'] = SHAPE,     ['a'] = SHAPE,  ['s'] = SHAPE,  ['e'] = SHAPE,
    ['u'] = SHAPE,     [0x90] = SHAPE,    [')'] = SHAPE,  [0x85] = SHAPE, [0x86] = SHAPE,
    [0x87] = SHAPE,    ['t'] = SHAPE,     ['l'] = SHAPE,  ['d'] = SHAPE,  [0x91] = SHAPE,
    ['R'] = SHAPE,     ['I'] = LINE,      ['F'] = LINE,   ['V'] = LINE,   ['S'] = LINE,
    ['p'] = MEMO_LINE, ['g'] = MEMO_LINE,
};

void pickle_fast(struct machine *m)
{
    size_t end = m->frame_end > m->at ? m->frame_end : m->in.n;
    if (end - m->at > STRETCH)
        end = m->at + STRETCH;
    while (!m->broken && m->at < end && end - m->at > ROOM) {
        const uint8_t *p = m->in.p + m->at;
        struct value v;
        size_t n = 0;
        enum way way = (enum way)ways[p[0]];
        if (way == SHAPE) {
            n = shape(m, p);
        } else if (way == PLAIN || way == LINE) {
            n = way == PLAIN ? plain(p, end - m->at, m->at, &v) : lined(p, end - m->at, m->at, &v);
            if (n) {
                m->marks += p[0] == '(';
                pickle_push(m, v);
            }
        } else if (way == MEMO_LINE) {
            n = memo_line(m, p, end - m->at);
        }
        if (!n)
            return;
        m->at += n;
    }
}
