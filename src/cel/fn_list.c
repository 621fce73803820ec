/* SPDX-License-Identifier: Apache-2.0 */
/* Optionals, lists, sets, and base64. */
#include "builtin_int.h"

#include "b64.h"

#include <stdlib.h>

#define FN(name)                                                                                   \
    struct cel_value cel_fn_##name(struct run *r, const struct node *n, const struct cel_value *a, \
                                   unsigned count)

FN(optional_of)
{
    (void)count;
    return cel_optional(r, n, &a[0]);
}

FN(optional_none)
{
    (void)a, (void)count;
    return cel_optional(r, n, NULL);
}

FN(optional_of_non_zero)
{
    (void)count;
    return cel_optional(r, n, cel_is_zero(a[0]) ? NULL : &a[0]);
}

FN(optional_has_value)
{
    (void)r, (void)count;
    return a[0].kind == CEL_OPTIONAL ? cel_bool(a[0].opt != NULL) : cel_no_overload(n);
}

FN(optional_value)
{
    (void)r, (void)count;
    if (a[0].kind != CEL_OPTIONAL)
        return cel_no_overload(n);
    return a[0].opt ? *a[0].opt : cel_error(n, CEL_E_ARGUMENT, "the optional has no value");
}

/* or and orValue are nodes of their own (N_OPT_OR): their right side may stay unevaluated. */
FN(optional_or)
{
    (void)r, (void)a, (void)count;
    return cel_no_overload(n);
}

FN(optional_or_value)
{
    (void)r, (void)a, (void)count;
    return cel_no_overload(n);
}

FN(optional_unwrap)
{
    (void)count;
    if (a[0].kind != CEL_LIST)
        return cel_no_overload(n);
    size_t kept = 0;
    struct cel_value *v = cel_pay(r, a[0].n) ? cel_take(r, a[0].n * sizeof *v) : NULL;
    if (!v)
        return cel_exhausted(n);
    for (uint32_t i = 0; i < a[0].n; i++) {
        struct cel_value one = a[0].list->v[i];
        if (one.kind != CEL_OPTIONAL)
            return cel_no_overload(n);
        if (one.opt)
            v[kept++] = *one.opt;
    }
    return cel_new_list(r, n, v, kept);
}

static struct cel_value end_of(struct run *r, const struct node *n, struct cel_value list,
                               bool last)
{
    if (list.kind != CEL_LIST)
        return cel_no_overload(n);
    return cel_optional(r, n, list.n ? &list.list->v[last ? list.n - 1 : 0] : NULL);
}

FN(list_first)
{
    (void)count;
    return end_of(r, n, a[0], false);
}

FN(list_last)
{
    (void)count;
    return end_of(r, n, a[0], true);
}

FN(list_slice)
{
    (void)count;
    if (a[0].kind != CEL_LIST || a[1].kind != CEL_INT || a[2].kind != CEL_INT)
        return cel_no_overload(n);
    if (a[1].i < 0 || a[2].i < a[1].i || a[2].i > a[0].n)
        return cel_error(n, CEL_E_INDEX, "slice out of range");
    return cel_new_list(r, n, a[0].list->v + a[1].i, (size_t)(a[2].i - a[1].i));
}

/* Count (v NULL) or copy what is left of a list after opening `depth` levels. As deep as values. */
static size_t flatten(const struct cel_list *l, int64_t depth, struct cel_value *v, size_t max)
{
    size_t at = 0;
    for (uint32_t i = 0; i < l->n && at <= max; i++) {
        if (l->v[i].kind == CEL_LIST && depth > 0) {
            at += flatten(l->v[i].list, depth - 1, v ? v + at : NULL, max - at);
            continue;
        }
        if (v)
            v[at] = l->v[i];
        at++;
    }
    return at;
}

FN(list_flatten)
{
    int64_t depth = count == 2 ? a[1].i : 1;
    if (a[0].kind != CEL_LIST || (count == 2 && a[1].kind != CEL_INT))
        return cel_no_overload(n);
    if (depth < 0)
        return cel_error(n, CEL_E_ARGUMENT, "a depth below zero");
    if (!cel_pay_value(r, a[0]))
        return cel_exhausted(n);
    size_t size = flatten(a[0].list, depth, NULL, UINT32_MAX);
    struct cel_value *v = cel_take(r, size * sizeof *v);
    if (!v)
        return cel_exhausted(n);
    flatten(a[0].list, depth, v, size);
    return cel_new_list(r, n, v, size);
}

/* Is v in the first `size` of list? Pays for the walk. */
static bool among(struct run *r, const struct cel_value *list, size_t size, struct cel_value v,
                  bool *paid)
{
    *paid = cel_pay(r, size) && cel_pay_value(r, v);
    for (size_t i = 0; i < size && *paid; i++)
        if (cel_equal(list[i], v))
            return true;
    return false;
}

FN(list_distinct)
{
    (void)count;
    if (a[0].kind != CEL_LIST)
        return cel_no_overload(n);
    struct cel_value *v = cel_take(r, a[0].n * sizeof *v);
    size_t kept = 0;
    if (!v)
        return cel_exhausted(n);
    for (uint32_t i = 0; i < a[0].n; i++) {
        bool paid, known = among(r, v, kept, a[0].list->v[i], &paid);
        if (!paid)
            return cel_exhausted(n);
        if (!known)
            v[kept++] = a[0].list->v[i];
    }
    return cel_new_list(r, n, v, kept);
}

static int by_order(const void *a, const void *b)
{
    return cel_order(*(const struct cel_value *)a, *(const struct cel_value *)b);
}

FN(list_sort)
{
    (void)count;
    if (a[0].kind != CEL_LIST)
        return cel_no_overload(n);
    const struct cel_list *l = a[0].list;
    if (!cel_pay(r, (uint64_t)l->n * 32) || !cel_pay_value(r, a[0]))
        return cel_exhausted(n);
    struct cel_value *v = cel_take(r, l->n * sizeof *v);
    if (!v)
        return cel_exhausted(n);
    for (uint32_t i = 0; i < l->n; i++) {
        v[i] = l->v[i];
        int c = cel_order(v[0], v[i]);
        if (c == 2 || c == 3 || v[i].kind != v[0].kind)
            return cel_no_overload(n);
    }
    qsort(v, l->n, sizeof *v, by_order);
    return cel_new_list(r, n, v, l->n);
}

FN(list_range)
{
    (void)count;
    if (a[0].kind != CEL_INT)
        return cel_no_overload(n);
    if (a[0].i < 0)
        return cel_error(n, CEL_E_ARGUMENT, "a range below zero");
    if (a[0].i > UINT32_MAX || !cel_pay(r, (uint64_t)a[0].i))
        return cel_exhausted(n);
    struct cel_value *v = cel_take(r, (size_t)a[0].i * sizeof *v);
    if (!v)
        return cel_exhausted(n);
    for (int64_t i = 0; i < a[0].i; i++)
        v[i] = cel_int(i);
    return cel_new_list(r, n, v, (size_t)a[0].i);
}

/* How many of b's elements are in a; -1 when the limit is reached. */
static int64_t shared(struct run *r, struct cel_value a, struct cel_value b)
{
    int64_t found = 0;
    for (uint32_t i = 0; i < b.n; i++) {
        bool paid;
        found += among(r, a.list->v, a.n, b.list->v[i], &paid);
        if (!paid)
            return -1;
    }
    return found;
}

static bool two_lists(const struct cel_value *a)
{
    return a[0].kind == CEL_LIST && a[1].kind == CEL_LIST;
}

FN(sets_contains)
{
    (void)count;
    int64_t k = two_lists(a) ? shared(r, a[0], a[1]) : -2;
    if (k < 0)
        return k == -2 ? cel_no_overload(n) : cel_exhausted(n);
    return cel_bool(k == a[1].n);
}

FN(sets_intersects)
{
    (void)count;
    int64_t k = two_lists(a) ? shared(r, a[0], a[1]) : -2;
    if (k < 0)
        return k == -2 ? cel_no_overload(n) : cel_exhausted(n);
    return cel_bool(k > 0);
}

FN(sets_equivalent)
{
    struct cel_value swapped[2] = {a[1], a[0]};
    struct cel_value v = cel_fn_sets_contains(r, n, a, count);
    return cel_is_true(v) ? cel_fn_sets_contains(r, n, swapped, count) : v;
}

FN(base64_encode)
{
    (void)count;
    uint8_t *p;
    if (a[0].kind != CEL_BYTES)
        return cel_no_overload(n);
    size_t size = b64_len(a[0].n, B64_STD);
    struct cel_value v = cel_new_text(r, n, CEL_STRING, size, &p);
    if (is_error(v))
        return v;
    struct wr w = wr_of(p, size);
    b64_encode(&w, cel_text(a[0]), B64_STD);
    return v;
}

FN(base64_decode)
{
    (void)count;
    uint8_t *p;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    struct span s = cel_text(a[0]);
    struct cel_value v = cel_new_text(r, n, CEL_BYTES, s.n, &p);
    if (is_error(v))
        return v;
    struct wr w = wr_of(p, s.n);
    enum b64_kind kind = s.n % 4 ? B64_STD_RAW : B64_STD;
    if (failed(b64_decode(&w, s, kind, NULL)))
        return cel_error(n, CEL_E_CONVERT, "bad base64");
    v.n = (uint32_t)w.n;
    return v;
}
