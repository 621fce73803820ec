/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memo: slots that a pickle writes and reads back by number. Nearly every value of a large
 * pickle passes through it.
 */
#include "pickle_int.h"

#include <stdlib.h>

enum { MEMO_GAP = 1 << 17, FAR_MAX = 512 };

/* Slots far beyond the others, which no pickler writes, are kept aside: index, value, index, … */
static struct value *far_slot(struct machine *m, uint64_t index)
{
    for (size_t i = 0; i + 1 < m->far.n; i += 2)
        if (m->far.v[i].v == index)
            return &m->far.v[i + 1];
    return NULL;
}

static void far_put(struct machine *m, uint64_t index, struct value top)
{
    struct value *slot = far_slot(m, index);
    if (slot) {
        *slot = value_bare(top);
        return;
    }
    if (!m->far.n)
        machine_note(m, WEIGHTS_MALFORMED, "pickle",
                     "a memo index far beyond the number of values");
    if (machine_put(m, &m->far, (struct value){index}, FAR_MAX) &&
        machine_put(m, &m->far, value_bare(top), FAR_MAX))
        m->memo_used++;
}

/* Room for n slots; new ones are unset. */
static bool grow(struct machine *m, size_t n)
{
    if (n > m->memo.cap) {
        size_t cap = m->memo.cap ? m->memo.cap : 64;
        while (cap < n)
            cap *= 2;
        uint8_t *v = realloc(m->memo.v, MEMO_SLOT * cap);
        if (!v) {
            m->look->e = err(ERR_NOMEM);
            m->broken = true;
            return false;
        }
        m->memo.v = v;
        m->memo.cap = cap;
    }
    for (; m->memo.n < n; m->memo.n++)
        memo_set(&m->memo, m->memo.n, value_of(K_UNSET, 0));
    return true;
}

void pickle_memo_put(struct machine *m, int64_t index)
{
    if (index < 0) {
        machine_break(m, "a negative memo index");
        return;
    }
    struct value *top = machine_top(m);
    if (!top) {
        machine_break(m, "remembers a value of an empty stack");
        return;
    }
    uint64_t i = (uint64_t)index;
    if (i >= m->memo.n && i > m->memo_used + MEMO_GAP) {
        far_put(m, i, *top);
        return;
    }
    if (i >= PICKLE_MEMO_MAX) {
        m->memo_used++; /* not kept: reads of it give K_LOST */
        return;
    }
    if (!grow(m, (size_t)i + 1))
        return;
    m->memo_used += value_kind(memo_get(&m->memo, (size_t)i)) == K_UNSET;
    memo_set(&m->memo, (size_t)i, *top);
    if (value_in_slot(*top, (size_t)i).v != top->v && value_bare(*top).v != top->v)
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-stack",
                     "remembers a container twice, as no pickler does");
    *top = value_in_slot(*top, (size_t)i);
}

void pickle_memo_get(struct machine *m, int64_t index)
{
    struct value v = value_of(K_UNSET, 0);
    const struct value *slot;
    if (index >= 0 && (uint64_t)index < m->memo.n)
        v = value_in_slot(memo_get(&m->memo, (size_t)index), (size_t)index);
    else if (index >= PICKLE_MEMO_MAX && (uint64_t)index < m->memo_used)
        v = value_of(K_LOST, 0);
    else if (index >= 0 && (slot = far_slot(m, (uint64_t)index)) != NULL)
        v = *slot;
    if (value_kind(v) == K_UNSET)
        machine_break(m, "reads a memo slot that nobody wrote");
    else
        pickle_push(m, v);
}

void pickle_memo_line(struct machine *m, const struct op *o)
{
    int64_t index;
    if (!pickle_decimal(o->text, &index))
        machine_break(m, "a memo index that is no number");
    else if (o->code == 'p')
        pickle_memo_put(m, index);
    else
        pickle_memo_get(m, index);
}
