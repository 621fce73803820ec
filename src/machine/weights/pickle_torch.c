/* SPDX-License-Identifier: Apache-2.0 */
/*
 * torch's persistent ids, ('storage', class, key, place, numel), and the arguments of its rebuild
 * functions, (storage, offset, size, stride, …): a view that reaches beyond its storage reads or
 * writes foreign memory in older torch. Called once per tensor.
 */
#include "num.h"
#include "pickle_int.h"

#include <stdlib.h>

/* Members of a kept tuple. */
bool pickle_members(const struct machine *m, struct value t, const struct value **v, size_t *n)
{
    size_t at = value_cell(t);
    if ((value_kind(t) != K_TUPLE && value_kind(t) != K_PERSISTENT) || at == 0 || at > m->cells.n)
        return false;
    *n = value_extra(m->cells.v[at - 1]);
    *v = m->cells.v + at;
    return true;
}

bool pickle_int_of(const struct machine *m, struct value v, int64_t *out)
{
    return value_kind(v) == K_INT && pickle_int(m->in, value_extra(v), out);
}

/* The id's storage class and length. */
static bool storage_of(const struct machine *m, struct value id, unsigned *name, int64_t *numel)
{
    const struct value *v;
    size_t n;
    char text[PICKLE_NAME_MAX];
    size_t len;
    if (!pickle_members(m, id, &v, &n) || n < 5 || n > 6 || value_kind(v[0]) != K_TEXT ||
        value_kind(v[1]) != K_GLOBAL || value_kind(v[2]) != K_TEXT ||
        !pickle_int_of(m, v[4], numel))
        return false;
    if (!pickle_text(m->in, value_extra(v[0]), text, &len) || !span_is(span(text, len), "storage"))
        return false;
    *name = (unsigned)value_extra(v[1]);
    return *numel >= 0 && *name != NAME_BAD && pickle_name_size(*name);
}

/* The storage an id names must be as long as the id says: older readers trusted it and read on
 * behind the bytes there are. */
static void check_store(struct machine *m, struct value id, unsigned name, int64_t numel)
{
    const struct stores *all = m->look->now ? m->look->now->stores : NULL;
    const struct value *v;
    size_t n, low = 0, high = all ? all->n : 0;
    char text[PICKLE_NAME_MAX];
    uint64_t key, bytes;
    if (!all || !pickle_members(m, id, &v, &n))
        return;
    if (!pickle_text(m->in, value_extra(v[2]), text, &n) ||
        failed(num_u64(span(text, n), UINT64_MAX, &key))) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "torch-storage", "a storage whose name is no number");
        return;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (all->v[mid].key < key)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == all->n || all->v[low].key != key)
        machine_note(m, WEIGHTS_OK, "torch-storage",
                     "a storage that is not in the archive: loading fails");
    else if (__builtin_mul_overflow((uint64_t)numel, pickle_name_size(name), &bytes) ||
             bytes > all->v[low].bytes)
        machine_note(m, WEIGHTS_MALICIOUS, "torch-storage",
                     "a storage that is said to be longer than its bytes");
}

void torch_persistent(struct machine *m, struct value id)
{
    unsigned name;
    int64_t numel;
    if (!m->legacy && !(m->look->now && m->look->now->setting == IN_TORCH))
        machine_note(m, WEIGHTS_SUSPICIOUS, "pickle-persistent",
                     "a persistent id outside a torch file");
    else if (!storage_of(m, id, &name, &numel))
        machine_note(m, WEIGHTS_SUSPICIOUS, "torch-storage",
                     "a persistent id that describes no storage");
    else if (!m->legacy)
        check_store(m, id, name, numel);
    else if (m->storages.n < m->cells.n) {
        struct value *v = realloc(m->storages.v, (m->storages.n + 1) * sizeof *v);
        if (v) {
            m->storages.v = v;
            v[m->storages.n++] = id;
        } else {
            m->look->e = err(ERR_NOMEM);
        }
    }
    machine_push(m, value_of(K_PERSISTENT, value_kind(id) == K_TUPLE ? value_cell(id) : 0));
}

/* Highest element a view touches plus one; false when it overflows or something is negative. */
static bool view_end(const struct machine *m, const struct value *args, int64_t *end)
{
    const struct value *size, *stride;
    size_t n, k;
    int64_t last;
    if (!pickle_int_of(m, args[1], &last) || last < 0 || !pickle_members(m, args[2], &size, &n) ||
        !pickle_members(m, args[3], &stride, &k) || n != k)
        return false;
    bool empty = false;
    for (size_t i = 0; i < n; i++) {
        int64_t d, step, add;
        if (!pickle_int_of(m, size[i], &d) || !pickle_int_of(m, stride[i], &step) || d < 0 ||
            step < 0)
            return false;
        empty = empty || d == 0;
        if (d &&
            (__builtin_mul_overflow(d - 1, step, &add) || __builtin_add_overflow(last, add, &last)))
            return false;
    }
    if (empty)
        *end = 0;
    else if (__builtin_add_overflow(last, 1, end))
        return false;
    return true;
}

void torch_rebuild(struct machine *m, struct value args)
{
    const struct value *v;
    size_t n;
    unsigned name;
    int64_t numel, end, bytes, room;
    if (!pickle_members(m, args, &v, &n)) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "torch-tensor", "arguments that cannot be followed");
        return;
    }
    if (n && value_kind(v[0]) == K_INSTANCE)
        return; /* a parameter around a tensor that was checked */
    if (n < 6 || !(value_kind(v[0]) == K_PERSISTENT)) {
        machine_note(m, WEIGHTS_SUSPICIOUS, "torch-tensor", "a tensor without a storage");
        return;
    }
    if (!storage_of(m, v[0], &name, &numel))
        return; /* told at its id */
    /* a storage without a type counts bytes; the elements' type stands behind the usual arguments
     */
    unsigned of_storage = pickle_name_size(name);
    unsigned of_element =
        n > 6 && value_kind(v[6]) == K_GLOBAL ? pickle_name_size(value_name(v[6])) : of_storage;
    if (!view_end(m, v, &end) || !of_element || __builtin_mul_overflow(end, of_element, &bytes) ||
        __builtin_mul_overflow(numel, of_storage, &room) || bytes > room)
        machine_note(m, WEIGHTS_MALICIOUS, "torch-tensor",
                     "a tensor that reaches beyond its storage");
}

struct raw {
    struct span key;
    uint64_t bytes;
};

static int by_key(const void *a, const void *b)
{
    return span_cmp(((const struct raw *)a)->key, ((const struct raw *)b)->key);
}

bool torch_legacy_bytes(struct machine *m, uint64_t *out)
{
    struct raw *s = calloc(m->storages.n + 1, sizeof *s);
    if (!s)
        return false;
    size_t n = 0;
    bool good = true;
    for (size_t i = 0; i < m->storages.n; i++) {
        const struct value *v;
        size_t members_n;
        unsigned name;
        int64_t numel;
        struct op o;
        if (!storage_of(m, m->storages.v[i], &name, &numel) ||
            !pickle_members(m, m->storages.v[i], &v, &members_n) ||
            pickle_op(m->in, value_extra(v[2]), &o))
            continue;
        uint64_t bytes;
        good = good && !__builtin_mul_overflow((uint64_t)numel, pickle_name_size(name), &bytes);
        s[n++] = (struct raw){o.text, good ? bytes : 0};
    }
    qsort(s, n, sizeof *s, by_key);
    *out = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !span_eq(s[i].key, s[i - 1].key))
            good = good && !__builtin_add_overflow(*out, s[i].bytes + 8, out);
    free(s);
    return good;
}
