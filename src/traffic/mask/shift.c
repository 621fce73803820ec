/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Positions: providers say where in a text a citation stands, in characters of the text that they
 * saw. A restored value has another length than its token, so positions behind it move. Called for
 * each restored token and each citation; frequent: neither.
 */
#include "session_int.h"

#include <stdlib.h>

enum { SHIFTS_MAX = 1 << 20 };

size_t shift_chars(struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += (text.p[i] & 0xc0) != 0x80;
    return n;
}

struct err shift_add(struct shifts *s, uint32_t text, size_t masked, size_t plain)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 8;
        if (cap > SHIFTS_MAX)
            return err(ERR_LIMIT);
        struct shift *v = realloc(s->v, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        s->v = v;
        s->cap = cap;
    }
    s->v[s->n++] = (struct shift){text, (uint32_t)s->chars, (uint32_t)masked, (uint32_t)plain};
    s->chars += masked;
    return OK;
}

uint64_t shift_restored(const struct shifts *s, uint32_t text, uint64_t at, bool end)
{
    uint64_t more = 0, less = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct shift *x = &s->v[i];
        if (x->text != text)
            continue;
        if (at <= x->at)
            break;
        if (at < (uint64_t)x->at + x->masked) /* inside a token: on its border */
            return x->at + more - less + (end ? x->plain : 0);
        more += x->plain;
        less += x->masked;
    }
    return at + more - less;
}

void shift_free(struct shifts *s)
{
    free(s->v);
    *s = (struct shifts){0};
}
