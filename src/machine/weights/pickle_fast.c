/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The opcodes that large pickles are made of, read where they stand: constants, short texts, memo
 * writes in order, containers. Nothing is decided here that pickle.c would decide otherwise; what
 * is not plain falls through to it, and so does the neighbourhood of a frame's end.
 */
#include "pickle_int.h"

enum {
    ROOM = 10,         /* the longest of these but for a text's bytes */
    STRETCH = 1 << 17, /* then pickle.c lets go of the memory passed */
};

static bool ascii(const uint8_t *p, size_t n)
{
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any < 0x80;
}

/* Bytes of the opcode at p (ROOM bytes are there, `left` in all), its value in *v; 0: not one that
 * pushes a plain value. */
static size_t plain(const uint8_t *p, size_t left, size_t at, struct value *v)
{
    size_t n;
    switch (p[0]) {
    case 0x8c:
        n = 2 + (size_t)p[1];
        *v = value_of(K_TEXT, at);
        return n < left && ascii(p + 2, p[1]) ? n : 0;
    case 'X':
        n = p[1] | (size_t)p[2] << 8 | (size_t)p[3] << 16 | (size_t)p[4] << 24;
        *v = value_of(K_TEXT, at);
        return n < left - ROOM && ascii(p + 5, n) ? n + 5 : 0;
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
        *v = value_of(K_ATOM, 0);
        return 9;
    case 'N':
    case 0x88:
    case 0x89:
        *v = value_of(K_ATOM, 0);
        return 1;
    case '}':
        *v = value_of(K_DICT, 0);
        return 1;
    case ']':
        *v = value_of(K_LIST, 0);
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
    if (index != m->memo.n || index != m->memo_used || index >= m->memo.cap ||
        index >= PICKLE_MEMO_MAX || value_kind(top) == K_MARK)
        return false;
    memo_set(&m->memo, index, top);
    m->memo.n++;
    m->memo_used++;
    return true;
}

/* Memo and containers. Bytes of the opcode, 0: for pickle.c. */
static size_t shape(struct machine *m, const uint8_t *p)
{
    switch (p[0]) {
    case 0x94:
        return memo_next(m, m->memo_used) ? 1 : 0;
    case 'q':
        return memo_next(m, p[1]) ? 2 : 0;
    case 'r':
        return memo_next(m, p[1] | (size_t)p[2] << 8 | (size_t)p[3] << 16 | (size_t)p[4] << 24) ? 5
                                                                                                : 0;
    case 'h':
        pickle_memo_get(m, p[1]);
        return 2;
    case 'j':
        pickle_memo_get(m, p[1] | p[2] << 8 | p[3] << 16 | (int64_t)p[4] << 24);
        return 5;
    case 'a':
    case 's':
        pickle_add_one(m, p[0]);
        return 1;
    case 'e':
    case 'u':
        pickle_add_many(m, p[0]);
        return 1;
    case 0x85:
    case 0x86:
    case 0x87:
        pickle_small_tuple(m, p[0] - 0x84U);
        return 1;
    default:
        return 0;
    }
}

void pickle_fast(struct machine *m)
{
    size_t end = m->frame_end > m->at ? m->frame_end : m->in.n;
    if (end - m->at > STRETCH)
        end = m->at + STRETCH;
    while (!m->broken && m->at < end && end - m->at > ROOM) {
        const uint8_t *p = m->in.p + m->at;
        struct value v;
        size_t n = m->stack.n < m->stack.cap ? plain(p, end - m->at, m->at, &v) : 0;
        if (n) {
            m->marks += p[0] == '(';
            m->stack.v[m->stack.n++] = v;
        } else {
            n = shape(m, p);
            if (!n)
                return;
        }
        m->at += n;
    }
}
