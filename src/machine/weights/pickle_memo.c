/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memo: slots that a pickle writes and reads back by number. Nearly every value of a large
 * pickle passes through it.
 */
#include "pickle_int.h"

enum { MEMO_GAP = 1 << 17, FAR_MAX = 512 };

/* Slots far beyond the others, which no pickler writes, are kept aside: index, value, index, … */
static struct value *far_slot(struct machine *m, uint64_t index)
{
    for (size_t i = 0; i + 1 < m->far.n; i += 2)
        if (m->far.v[i].v == index)
            return &m->far.v[i + 1];
    return NULL;
}

static void far_put(struct machine *m, uint64_t index)
{
    struct value top = m->stack.v[m->stack.n - 1], *slot = far_slot(m, index);
    if (slot) {
        *slot = top;
        return;
    }
    if (!m->far.n)
        machine_note(m, WEIGHTS_MALFORMED, "pickle",
                     "a memo index far beyond the number of values");
    if (machine_put(m, &m->far, (struct value){index}, FAR_MAX) &&
        machine_put(m, &m->far, top, FAR_MAX))
        m->memo_used++;
}

void pickle_memo_put(struct machine *m, int64_t index)
{
    if (index < 0) {
        machine_break(m, "a negative memo index");
        return;
    }
    if (!m->stack.n || value_kind(m->stack.v[m->stack.n - 1]) == K_MARK) {
        machine_break(m, "remembers a value of an empty stack");
        return;
    }
    uint64_t i = (uint64_t)index;
    if (i >= m->memo.n && i > m->memo_used + MEMO_GAP) {
        far_put(m, i);
        return;
    }
    while (m->memo.n <= i)
        if (!machine_put(m, &m->memo, value_of(K_UNSET, 0), PICKLE_MEMO_MAX))
            return;
    m->memo_used += value_kind(m->memo.v[i]) == K_UNSET;
    m->memo.v[i] = m->stack.v[m->stack.n - 1];
}

void pickle_memo_get(struct machine *m, int64_t index)
{
    struct value *slot = NULL;
    if (index >= 0 && (uint64_t)index < m->memo.n && value_kind(m->memo.v[index]) != K_UNSET)
        slot = &m->memo.v[index];
    else if (index >= 0)
        slot = far_slot(m, (uint64_t)index);
    if (slot)
        machine_push(m, *slot);
    else
        machine_break(m, "reads a memo slot that nobody wrote");
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
