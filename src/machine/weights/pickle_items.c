/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists, dicts, sets and tuples: what goes into what. Items in something that is no container, and
 * keys that no plain state has, are how objects are changed without a call.
 */
#include "pickle_int.h"

/* The text must be decoded to tell. */
static bool reserved_decoded(const struct machine *m, struct value key)
{
    struct op o;
    if (pickle_op(m->in, value_extra(key), &o))
        return false;
    char text[PICKLE_NAME_MAX];
    size_t n = 0;
    struct span t = o.text;
    if ((o.code == 'S' || o.code == 'V') && pickle_text(m->in, value_extra(key), text, &n))
        t = span(text, n);
    return t.n >= 2 && t.p[0] == '_' && t.p[1] == '_';
}

/* Nearly all texts are these: counted or without escapes, of which only the first bytes matter. */
static inline bool reserved(const struct machine *m, struct value key)
{
    const uint8_t *p = m->in.p + value_extra(key);
    switch (p[0]) {
    case 0x8c:
    case 'U':
        return p[1] >= 2 && p[2] == '_' && p[3] == '_';
    case 'X':
        return (p[1] >= 2 || p[2] || p[3] || p[4]) && p[5] == '_' && p[6] == '_';
    case 'V':
        if (p[1] == '\\' || p[2] == '\\')
            return reserved_decoded(m, key);
        return p[1] == '_' && p[2] == '_';
    default:
        return reserved_decoded(m, key);
    }
}

bool pickle_reserved(const struct machine *m, struct value text)
{
    return reserved(m, text);
}

static inline void check_key(struct machine *m, struct value key)
{
    enum kind k = value_kind(key);
    if (k == K_TEXT && !m->strange_key)
        m->strange_key = reserved(m, key);
    else if (k == K_LIST || k == K_DICT || k == K_SET)
        machine_break(m, "a key that cannot be hashed");
}

/* Keys from `first` on where entries may stand for several values: every one, or every second. How
 * many values there are. */
static uint64_t check_folded(struct machine *m, size_t first, bool pairs)
{
    uint64_t n = 0;
    for (size_t i = first; i < m->stack.n; i++) {
        struct value v = m->stack.v[i];
        bool run = value_kind(v) == K_RUN;
        if (!run && !(pairs && n % 2))
            check_key(m, v);
        else if (run && value_extra(v) & RUN_UNHASHABLE && !pairs)
            machine_break(m, "a key that cannot be hashed");
        else if (run && value_extra(v) & RUN_UNHASHABLE)
            machine_note(m, WEIGHTS_SUSPICIOUS, "limit", "more keys at once than can be followed");
        n += run ? value_extra(v) & ~RUN_UNHASHABLE : 1;
    }
    return n;
}

/* The same of a stack that was never folded, as nearly all are. */
static uint64_t check_keys(struct machine *m, size_t first, bool pairs)
{
    if (m->folded)
        return check_folded(m, first, pairs);
    size_t n = m->stack.n;
    for (size_t i = first; i < n; i += 1U + pairs)
        check_key(m, m->stack.v[i]);
    return n - first;
}

/* Items may be added to `target` by `code`. */
static void check_target(struct machine *m, struct value target, uint8_t code)
{
    enum kind k = value_kind(target);
    bool items = code == 's' || code == 'u', set = code == 0x90;
    if (k == K_UNKNOWN || k == K_LOST || (k == K_GLOBAL && value_extra(target) == NAME_BAD))
        return;
    if (items ? k == K_DICT : set ? k == K_SET : k == K_LIST)
        return;
    enum name_use use = k == K_INSTANCE ? pickle_name_use(value_name(target)) : USE_DATA;
    if (items && k == K_INSTANCE && use == USE_MAPPING)
        return;
    if (k == K_INSTANCE || k == K_GLOBAL)
        machine_note(m, WEIGHTS_MALICIOUS, "pickle-items",
                     "puts items into something that is no container");
    else
        machine_break(m, "puts items into something that is no container");
}

/* A container is complete at the opcode in hand. Those that follow one another, with nothing but
 * writes of the memo in between, lie in each other. */
static void complete(struct machine *m)
{
    enum { NESTED_MAX = 1000 }; /* Python's own limit of recursion */
    size_t gap = m->at - m->closed - 1;
    const uint8_t *p = m->in.p + m->closed + 1;
    bool within = m->closed && m->closed < m->at &&
                  (gap == 0 || (gap == 1 && p[0] == 0x94) || (gap == 2 && p[0] == 'q') ||
                   (gap == 5 && p[0] == 'r'));
    m->nested = within ? m->nested + 1 : 1;
    m->closed = m->at;
    if (m->nested == NESTED_MAX)
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-depth",
                     "containers inside each other, deeper than readers can follow");
}

void pickle_add_one(struct machine *m, uint8_t code)
{
    complete(m);
    struct value item = machine_pop(m);
    struct value key = code == 's' ? machine_pop(m) : item;
    struct value *target = machine_top(m);
    if (m->broken || !target) {
        machine_break(m, "adds an item to nothing");
        return;
    }
    if (code == 's')
        check_key(m, key);
    check_target(m, *target, code);
    pickle_hold(m, target, pickle_unfold(m, item) + (code == 's' ? pickle_unfold(m, key) : 0));
}

void pickle_add_many(struct machine *m, uint8_t code)
{
    size_t first;
    complete(m);
    if (!machine_to_mark(m, &first))
        return;
    if (m->joblib && code == 'u')
        joblib_state(m, first);
    if (code != 'e' && check_keys(m, first, code == 'u') % 2 && code == 'u')
        machine_break(m, "an odd number of keys and values");
    uint64_t more = pickle_unfold_all(m, first);
    machine_drop_mark(m, first);
    struct value *target = machine_top(m);
    if (!target) {
        machine_break(m, "adds items to nothing");
        return;
    }
    check_target(m, *target, code);
    pickle_hold(m, target, more);
}

/* A tuple of the stack's values from `first` on; its members are kept where torch's need them. */
static struct value tuple_of(struct machine *m, size_t first)
{
    size_t n = m->stack.n - first;
    bool keep = (m->torch || joblib_wants(m, first)) && n <= 64;
    for (size_t i = first; keep && i < m->stack.n; i++)
        if (value_kind(m->stack.v[i]) == K_RUN)
            return value_of(K_TUPLE, 0);
    if (!keep || m->cells.n + n + 1 > PICKLE_CELLS_MAX)
        return value_of(K_TUPLE, 0);
    size_t at = m->cells.n;
    if (!machine_put(m, &m->cells, value_of(K_ATOM, n), PICKLE_CELLS_MAX))
        return value_of(K_TUPLE, 0);
    for (size_t i = 0; i < n; i++)
        if (!machine_put(m, &m->cells, m->stack.v[first + i], PICKLE_CELLS_MAX))
            return value_of(K_TUPLE, 0);
    return value_of(K_TUPLE, at + 1);
}

/* Are the last n values of the stack such that none stands for several? Broken: there are not as
 * many. */
static bool values_single(struct machine *m, size_t n)
{
    for (size_t i = 1; i <= n; i++) {
        enum kind k = i <= m->stack.n ? value_kind(m->stack.v[m->stack.n - i]) : K_MARK;
        if (k == K_MARK)
            machine_break(m, "takes more from the stack than is there");
        if (k == K_MARK || k == K_RUN)
            return false;
    }
    return true;
}

void pickle_small_tuple(struct machine *m, size_t n)
{
    struct value t = value_of(K_TUPLE, 0);
    if (n)
        complete(m);
    bool single = values_single(m, n);
    if (m->broken)
        return;
    if (single) {
        size_t first = m->stack.n - n;
        t = tuple_of(m, first);
        pickle_hold(m, &t, pickle_unfold_all(m, first));
        m->stack.n = first;
    }
    for (size_t i = 0; !single && i < n; i++)
        (void)machine_pop(m);
    pickle_push(m, t);
}

void pickle_from_mark(struct machine *m, uint8_t code)
{
    size_t first;
    complete(m);
    if (!machine_to_mark(m, &first))
        return;
    struct value v = value_of(code == 'l' ? K_LIST : K_FROZEN, 0);
    if (code == 't')
        v = tuple_of(m, first);
    if (code == 'd') {
        v = value_of(K_DICT, 0);
        if (check_keys(m, first, true) % 2)
            machine_break(m, "an odd number of keys and values");
    }
    if (code == 0x91)
        (void)check_keys(m, first, false);
    pickle_hold(m, &v, pickle_unfold_all(m, first));
    machine_drop_mark(m, first);
    pickle_push(m, v);
}
