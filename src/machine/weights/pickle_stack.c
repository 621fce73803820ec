/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pickle machine's stack. A tuple or set of a million members lies on it whole before it is
 * made; what lies deep is then folded: values of which only their number matters become one entry.
 * Called for every opcode; folding happens when the array is full, once for many pushes.
 *
 * Invariant: P4 the top value, as machine_top gives it, is no K_RUN.
 */
#include "pickle_int.h"

#include <stdlib.h>

enum {
    FOLD_LEAST = 1 << 14, /* entries: a smaller stack is not worth it */
    FOLD_KEEP = 128,      /* the last ones stay as they are: arguments of calls */
    FOLD_RUN = 256,       /* fewer in a row are not folded */
    FOLD_EDGE = 16,       /* nor are the last of a row */
};

bool machine_put(struct machine *m, struct values *a, struct value v, size_t max)
{
    if (a->n == a->cap) {
        size_t cap = a->cap ? 2 * a->cap : 64;
        struct value *p = a->n < max ? realloc(a->v, cap * sizeof *p) : NULL;
        if (!p) {
            machine_note(m, WEIGHTS_SUSPICIOUS, "limit", "too large to be followed");
            m->broken = true;
            return false;
        }
        a->v = p;
        a->cap = cap;
    }
    a->v[a->n++] = v;
    return true;
}

/* Does only the presence of it matter, once it lies deep? Callables, reserved keys and what unfolds
 * to much are kept. */
static bool foldable(const struct machine *m, struct value v)
{
    enum kind k = value_kind(v);
    return k != K_MARK && k != K_GLOBAL && k != K_UNSET &&
           (k != K_TEXT || !pickle_reserved(m, v)) && !pickle_heavy(m, v);
}

/* One entry for the `n` at v. */
static struct value run_of(const struct value *v, size_t n)
{
    uint64_t all = 0, unhashable = 0;
    for (size_t i = 0; i < n; i++) {
        enum kind k = value_kind(v[i]);
        all += k == K_RUN ? value_extra(v[i]) & ~RUN_UNHASHABLE : 1;
        if (k == K_LIST || k == K_DICT || k == K_SET)
            unhashable = RUN_UNHASHABLE;
        else if (k == K_RUN)
            unhashable |= value_extra(v[i]) & RUN_UNHASHABLE;
    }
    return value_of(K_RUN, all | unhashable);
}

static void fold(struct machine *m)
{
    struct values *a = &m->stack;
    m->folded = true;
    size_t out = 0, keep = a->n - FOLD_KEEP;
    for (size_t i = 0, j; i < keep; i = j) {
        for (j = i; j < keep && foldable(m, a->v[j]);)
            j++;
        j += j == i;
        if (j - i > FOLD_RUN) { /* the last ones may be waiting for what stands above a mark */
            a->v[out++] = run_of(a->v + i, j - i - FOLD_EDGE);
            i = j - FOLD_EDGE;
        }
        memmove(a->v + out, a->v + i, (j - i) * sizeof *a->v);
        out += j - i;
    }
    memmove(a->v + out, a->v + keep, FOLD_KEEP * sizeof *a->v);
    a->n = out + FOLD_KEEP;
}

void machine_push(struct machine *m, struct value v)
{
    struct values *a = &m->stack;
    if (a->n == a->cap && a->n >= FOLD_LEAST) {
        fold(m);
        if (a->n > a->cap / 2) { /* little came of it: grow, so that the next time is far */
            struct value *p = realloc(a->v, 2 * a->cap * sizeof *p);
            a->v = p ? p : a->v;
            a->cap *= p ? 2 : 1;
        }
    }
    machine_put(m, a, v, PICKLE_STACK_MAX);
}

struct value *machine_top(struct machine *m)
{
    struct values *a = &m->stack;
    if (!a->n || value_kind(a->v[a->n - 1]) == K_MARK)
        return NULL;
    struct value *top = &a->v[a->n - 1];
    if (value_kind(*top) == K_RUN) {
        uint64_t run = value_extra(*top);
        bool more = (run & ~RUN_UNHASHABLE) > 2;
        *top = value_of(more ? K_RUN : K_LOST, more ? run - 1 : 0);
        machine_push(m, value_of(K_LOST, 0));
        top = &a->v[a->n - 1];
    }
    return top;
}

struct value machine_pop(struct machine *m)
{
    const struct value *top = machine_top(m);
    if (!top) {
        machine_break(m, "takes more from the stack than is there");
        return value_of(K_UNSET, 0);
    }
    m->stack.n--;
    return *top;
}

bool machine_to_mark(struct machine *m, size_t *first)
{
    if (!m->marks) {
        machine_break(m, "needs a mark that nobody set");
        return false;
    }
    size_t at = m->stack.n;
    while (value_kind(m->stack.v[at - 1]) != K_MARK)
        at--;
    *first = at;
    return true;
}

void machine_drop_mark(struct machine *m, size_t first)
{
    m->stack.n = first - 1;
    m->marks--;
}
