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

/* Are the n bytes at p ASCII? ROOM bytes more can be read. */
static bool ascii(const uint8_t *p, size_t n)
{
    uint64_t any = 0, last;
    for (; n >= sizeof last; p += sizeof last, n -= sizeof last) {
        memcpy(&last, p, sizeof last);
        any |= last;
    }
    memcpy(&last, p, sizeof last);
    any |= last & (((uint64_t)1 << 8 * n) - 1); /* n < 8; the first bytes are the low ones */
    return !(any & 0x8080808080808080U);
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

static size_t le4(const uint8_t *p)
{
    return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/* Bytes of the opcode at p (ROOM bytes are there, `left` in all) whose argument is counted, put
 * into *v as what it pushes; fewer than `left`; 0: for pickle.c. */
static size_t counted(const uint8_t *p, size_t left, size_t at, struct value *v)
{
    size_t n = 2 + (size_t)p[1];
    *v = value_of(K_ATOM, 0);
    switch (p[0]) {
    case 0x8c:
        *v = value_of(K_TEXT, at);
        return n + ROOM < left && ascii(p + 2, p[1]) ? n : 0;
    case 'X':
        n = 5 + le4(p + 1);
        *v = value_of(K_TEXT, at);
        return n + ROOM < left && ascii(p + 5, n - 5) ? n : 0;
    case 'U':
        *v = value_of(K_TEXT, at);
        return n < left ? n : 0;
    case 'B':
        n = 5 + le4(p + 1);
        return n < left ? n : 0;
    case 0x8a:
        *v = value_of(K_INT, at);
        return n < left ? n : 0;
    default: /* C */
        return n < left ? n : 0;
    }
}

/* A memo write to the next slot of all, as picklers number them. */
static inline bool memo_next(struct machine *m, size_t index)
{
    if (m->stack.n == 0 || index != m->memo_used)
        return false;
    struct value *top = &m->stack.v[m->stack.n - 1];
    if (value_kind(*top) < K_ATOM || value_kind(*top) >= K_RUN)
        return false;
    if (index < PICKLE_MEMO_MAX) {
        if (index != m->memo.n || index >= m->memo.cap)
            return false;
        memo_set(&m->memo, index, *top);
        *top = value_in_slot(*top, index);
        m->memo.n++;
    } /* beyond it nothing is kept: reads of it give K_LOST */
    m->memo_used++;
    return true;
}

/* A read of a slot that was written. */
static inline bool memo_read(struct machine *m, size_t index)
{
    if (index >= m->memo.n)
        return false;
    struct value v = memo_get(&m->memo, index);
    if (value_kind(v) == K_UNSET)
        return false;
    pickle_push(m, value_in_slot(v, index));
    return true;
}

/* The memo by lines of text. */
static size_t memo_line(struct machine *m, const uint8_t *p, size_t left)
{
    uint64_t index;
    size_t n = number_line(p + 1, left - 1, &index);
    if (!n)
        return 0;
    bool done = p[0] == 'p' ? memo_next(m, index) : memo_read(m, index);
    return done ? n + 1 : 0;
}

/* The memo, containers and calls, as `one`. */
static inline size_t without_value(struct machine *m, const uint8_t *p, size_t left)
{
    switch (p[0]) {
    case 0x94:
        return memo_next(m, m->memo_used) ? 1 : 0;
    case 'q':
        return memo_next(m, p[1]) ? 2 : 0;
    case 'r':
        return memo_next(m, le4(p + 1)) ? 5 : 0;
    case 'h':
        return memo_read(m, p[1]) ? 2 : 0;
    case 'j':
        return memo_read(m, le4(p + 1)) ? 5 : 0;
    case 'p':
    case 'g':
        return memo_line(m, p, left);
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

/* The opcode at p, and the MEMOIZE that may follow its value at once. Bytes taken, 0: for pickle.c.
 * Lengths are constants here, not entries of a table: then the next opcode is read before this one
 * is done. */
static inline size_t one(struct machine *m, const uint8_t *p, size_t left)
{
    struct value v = value_of(K_ATOM, 0);
    size_t n = 1;
    switch (p[0]) {
    case 'K':
    case 'M':
    case 'J':
        v = value_of(K_INT, m->at);
        n = p[0] == 'K' ? 2 : p[0] == 'M' ? 3 : 5;
        break;
    case 'G':
        n = 9;
        break;
    case 'N':
    case 0x88:
    case 0x89:
        break;
    case '}':
        v = value_of(K_DICT, 0);
        break;
    case ']':
        v = value_of(K_LIST, 0);
        break;
    case 0x8f:
        v = value_of(K_SET, 0);
        break;
    case '(':
        v = value_of(K_MARK, 0);
        m->marks++;
        break;
    case 0x8c:
    case 'X':
    case 'U':
    case 'C':
    case 'B':
    case 0x8a:
        n = counted(p, left, m->at, &v);
        break;
    case 'I':
    case 'F':
    case 'V':
    case 'S':
        n = lined(p, left, m->at, &v);
        break;
    default:
        return without_value(m, p, left);
    }
    if (n == 0)
        return 0;
    pickle_push(m, v);
    return n < left && p[n] == 0x94 && memo_next(m, m->memo_used) ? n + 1 : n;
}

void pickle_fast(struct machine *m)
{
    size_t at = m->at, end = m->frame_end > at ? m->frame_end : m->in.n;
    if (end - at > STRETCH)
        end = at + STRETCH;
    for (size_t n = 1; n && !m->broken && at + ROOM < end; at += n) {
        m->at = at;
        n = one(m, m->in.p + at, end - at);
    }
    m->at = at;
}
