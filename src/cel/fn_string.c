/* SPDX-License-Identifier: Apache-2.0 */
/* Functions on text. Positions are code points; texts of ASCII, the frequent case, skip counting.
 */
#include "builtin_int.h"

#include "regex.h"
#include "utf8.h"

#define FN(name)                                                                                   \
    struct cel_value cel_fn_##name(struct run *r, const struct node *n, const struct cel_value *a, \
                                   unsigned count)

static bool texts(const struct cel_value *a, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (a[i].kind != CEL_STRING)
            return false;
    return true;
}

FN(size)
{
    (void)count;
    switch (a[0].kind) {
    case CEL_STRING:
        if (!cel_pay(r, a[0].n / 10))
            return cel_exhausted(n);
        return cel_int((int64_t)utf8_count(cel_text(a[0])));
    case CEL_BYTES:
    case CEL_LIST:
    case CEL_MAP:
        return cel_int(a[0].n);
    default:
        return cel_no_overload(n);
    }
}

FN(contains)
{
    if (!texts(a, count))
        return cel_no_overload(n);
    if (!cel_pay(r, a[0].n / 10 * (1 + a[1].n / 10)))
        return cel_exhausted(n);
    return cel_bool(a[1].n == 0 || span_search(cel_text(a[0]), 0, cel_text(a[1])) < a[0].n);
}

FN(starts_with)
{
    if (!texts(a, count))
        return cel_no_overload(n);
    if (!cel_pay(r, a[1].n / 10))
        return cel_exhausted(n);
    return cel_bool(span_starts(cel_text(a[0]), cel_text(a[1])));
}

FN(ends_with)
{
    if (!texts(a, count))
        return cel_no_overload(n);
    if (!cel_pay(r, a[1].n / 10))
        return cel_exhausted(n);
    return cel_bool(span_ends(cel_text(a[0]), cel_text(a[1])));
}

/* An expression that is no constant: compiled for this one use. */
FN(matches)
{
    struct regex *re;
    bool found = false;
    if (!texts(a, count))
        return cel_no_overload(n);
    if (!cel_pay(r, 100 + (uint64_t)a[1].n * 20))
        return cel_exhausted(n);
    struct err e = regex_compile(cel_text(a[1]), 0, NULL, &re, NULL);
    if (failed(e))
        return err_cat(e) == ERR_NOMEM ? cel_exhausted(n)
                                       : cel_error(n, CEL_E_REGEX, "bad regular expression");
    bool paid = cel_pay(r, regex_size(re) + (a[0].n / 10 + 1) * (regex_size(re) / 4 + 1));
    e = paid ? regex_match(re, cel_text(a[0]), &found) : OK;
    regex_free(re);
    return !paid || failed(e) ? cel_exhausted(n) : cel_bool(found);
}

/* Byte offset of code point i; s.n + 1 when the text is shorter. */
static size_t offset_of(struct span s, int64_t i)
{
    size_t at = 0;
    uint32_t cp;
    if (i < 0)
        return s.n + 1;
    for (; i > 0 && at < s.n; i--)
        at += utf8_next(s, at, &cp);
    return i ? s.n + 1 : at;
}

static struct cel_value part(struct cel_value v, size_t from, size_t to)
{
    return cel_string(span_cut(cel_text(v), from, to - from));
}

static struct cel_value out_of_range(const struct node *n)
{
    return cel_error(n, CEL_E_INDEX, "position out of range");
}

FN(char_at)
{
    (void)count;
    uint32_t cp;
    if (a[0].kind != CEL_STRING || a[1].kind != CEL_INT)
        return cel_no_overload(n);
    if (!cel_pay(r, a[0].n / 10))
        return cel_exhausted(n);
    size_t at = offset_of(cel_text(a[0]), a[1].i);
    if (at > a[0].n)
        return out_of_range(n);
    return part(a[0], at, at == a[0].n ? at : at + utf8_next(cel_text(a[0]), at, &cp));
}

static bool search_args(const struct cel_value *a, unsigned count)
{
    return texts(a, 2) && (count == 2 || a[2].kind == CEL_INT);
}

FN(index_of)
{
    if (!search_args(a, count))
        return cel_no_overload(n);
    if (!cel_pay(r, a[0].n / 10 * (1 + a[1].n / 10)))
        return cel_exhausted(n);
    struct span s = cel_text(a[0]);
    size_t from = count == 3 ? offset_of(s, a[2].i) : 0;
    if (from > s.n)
        return out_of_range(n);
    size_t at = a[1].n ? span_search(s, from, cel_text(a[1])) : from;
    if (at == s.n && a[1].n)
        return cel_int(-1);
    return cel_int((int64_t)utf8_count(span_cut(s, 0, at)));
}

FN(last_index_of)
{
    if (!search_args(a, count))
        return cel_no_overload(n);
    if (!cel_pay(r, a[0].n / 10 * (1 + a[1].n / 10)))
        return cel_exhausted(n);
    struct span s = cel_text(a[0]), needle = cel_text(a[1]);
    size_t upto = count == 3 ? offset_of(s, a[2].i) : s.n;
    if (upto > s.n)
        return out_of_range(n);
    if (needle.n > s.n)
        return cel_int(-1);
    if (upto > s.n - needle.n)
        upto = s.n - needle.n;
    for (size_t at = upto + 1; at-- > 0;)
        if (span_starts(span_from(s, at), needle))
            return cel_int((int64_t)utf8_count(span_cut(s, 0, at)));
    return cel_int(-1);
}

FN(join)
{
    struct span sep = count == 2 ? cel_text(a[1]) : SPAN_NONE;
    if (a[0].kind != CEL_LIST || (count == 2 && a[1].kind != CEL_STRING))
        return cel_no_overload(n);
    const struct cel_list *l = a[0].list;
    size_t size = l->n ? (l->n - 1) * sep.n : 0;
    for (uint32_t i = 0; i < l->n; i++) {
        if (l->v[i].kind != CEL_STRING)
            return cel_no_overload(n);
        size += l->v[i].n;
    }
    uint8_t *p;
    struct cel_value v = cel_new_text(r, n, CEL_STRING, size, &p);
    if (is_error(v) || !cel_pay(r, l->n))
        return cel_exhausted(n);
    struct wr w = wr_of(p, size);
    for (uint32_t i = 0; i < l->n; i++) {
        if (i)
            wr_put(&w, sep);
        wr_put(&w, cel_text(l->v[i]));
    }
    return v;
}

static struct cel_value map_ascii(struct run *r, const struct node *n, struct cel_value s,
                                  bool upper)
{
    uint8_t *p;
    if (s.kind != CEL_STRING)
        return cel_no_overload(n);
    struct cel_value v = cel_copy_text(r, n, CEL_STRING, cel_text(s));
    if (is_error(v))
        return v;
    p = (uint8_t *)v.s; /* our own fresh copy */
    for (uint32_t i = 0; i < v.n; i++) {
        if (upper && (uint8_t)(p[i] - 'a') < 26)
            p[i] = (uint8_t)(p[i] - 32);
        else if (!upper)
            p[i] = ascii_lower(p[i]);
    }
    return v;
}

FN(lower_ascii)
{
    (void)count;
    return map_ascii(r, n, a[0], false);
}

FN(upper_ascii)
{
    (void)count;
    return map_ascii(r, n, a[0], true);
}

/* The next place to replace at or after `at`: a hit, or each border between characters when the
 * needle is empty. False when there is none. */
static bool next_hit(struct span s, struct span needle, size_t at, size_t *hit)
{
    *hit = needle.n ? span_search(s, at, needle) : at;
    return *hit <= s.n && (needle.n == 0 || *hit < s.n);
}

/* One pass: measures with w->p NULL and cap 0, writes otherwise. Returns the length. */
static size_t substitute(struct span s, struct span needle, struct span with, int64_t limit,
                         uint8_t *out)
{
    size_t at = 0, size = 0, hit;
    uint32_t cp;
    for (; limit != 0 && next_hit(s, needle, at, &hit); limit -= limit > 0) {
        if (out) {
            memcpy(out + size, s.p + at, hit - at);
            if (with.n)
                memcpy(out + size + (hit - at), with.p, with.n);
        }
        size += hit - at + with.n;
        at = hit + needle.n;
        if (needle.n)
            continue;
        if (at == s.n)
            return size;
        size_t step = utf8_next(s, at, &cp);
        if (out)
            memcpy(out + size, s.p + at, step);
        size += step;
        at += step;
    }
    if (out && s.n > at)
        memcpy(out + size, s.p + at, s.n - at);
    return size + (s.n - at);
}

FN(replace)
{
    int64_t limit = count == 4 ? a[3].i : -1;
    uint8_t *p;
    if (!texts(a, 3) || (count == 4 && a[3].kind != CEL_INT))
        return cel_no_overload(n);
    struct span s = cel_text(a[0]), needle = cel_text(a[1]), with = cel_text(a[2]);
    if (!cel_pay(r, s.n / 10 + needle.n))
        return cel_exhausted(n);
    size_t size = substitute(s, needle, with, limit, NULL);
    struct cel_value v = cel_new_text(r, n, CEL_STRING, size, &p);
    if (!is_error(v))
        substitute(s, needle, with, limit, p);
    return v;
}

/* Pieces of s, at most limit (-1: all), into v when it is not NULL; returns how many. */
static size_t pieces(struct span s, struct span sep, int64_t limit, struct cel_value *v)
{
    size_t at = 0, made = 0;
    uint32_t cp;
    while (limit < 0 || made + 1 < (size_t)limit) {
        size_t end = sep.n ? span_search(s, at, sep) : at;
        if (sep.n == 0 && at < s.n)
            end = at + utf8_next(s, at, &cp);
        if (end >= s.n)
            break;
        if (v)
            v[made] = cel_string(span_cut(s, at, end - at));
        made++;
        at = end + sep.n;
    }
    if (sep.n == 0 && at >= s.n)
        return made;
    if (v)
        v[made] = cel_string(span_from(s, at));
    return made + 1;
}

FN(split)
{
    int64_t limit = count == 3 ? a[2].i : -1;
    if (!texts(a, 2) || (count == 3 && a[2].kind != CEL_INT))
        return cel_no_overload(n);
    if (limit == 0)
        return cel_new_list(r, n, NULL, 0);
    struct span s = cel_text(a[0]), sep = cel_text(a[1]);
    if (!cel_pay(r, s.n / 10 + sep.n))
        return cel_exhausted(n);
    size_t k = pieces(s, sep, limit, NULL);
    struct cel_value *v = cel_pay(r, k) ? cel_take(r, k * sizeof *v) : NULL;
    if (!v)
        return cel_exhausted(n);
    pieces(s, sep, limit, v);
    return cel_new_list(r, n, v, k);
}

FN(substring)
{
    if (a[0].kind != CEL_STRING || a[1].kind != CEL_INT || (count == 3 && a[2].kind != CEL_INT))
        return cel_no_overload(n);
    if (!cel_pay(r, a[0].n / 10))
        return cel_exhausted(n);
    struct span s = cel_text(a[0]);
    size_t from = offset_of(s, a[1].i), to = count == 3 ? offset_of(s, a[2].i) : s.n;
    if (from > s.n || to > s.n || from > to)
        return out_of_range(n);
    return part(a[0], from, to);
}

/* Unicode's White_Space. */
static bool is_space(uint32_t cp)
{
    return (cp >= 9 && cp <= 13) || cp == 0x20 || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}

FN(trim)
{
    (void)count;
    uint32_t cp;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    if (!cel_pay(r, a[0].n / 10))
        return cel_exhausted(n);
    struct span s = cel_text(a[0]);
    size_t from = 0, end = 0;
    while (from < s.n) {
        size_t step = utf8_next(s, from, &cp);
        if (!is_space(cp))
            break;
        from += step;
    }
    for (size_t at = end = from; at < s.n;) {
        at += utf8_next(s, at, &cp);
        if (!is_space(cp))
            end = at;
    }
    return part(a[0], from, end);
}

static struct cel_value reverse_list(struct run *r, const struct node *n, const struct cel_list *l)
{
    struct cel_value *v = cel_pay(r, l->n) ? cel_take(r, l->n * sizeof *v) : NULL;
    if (!v)
        return cel_exhausted(n);
    for (uint32_t i = 0; i < l->n; i++)
        v[i] = l->v[l->n - 1 - i];
    return cel_new_list(r, n, v, l->n);
}

FN(reverse)
{
    (void)count;
    uint8_t *p;
    uint32_t cp;
    if (a[0].kind == CEL_LIST)
        return reverse_list(r, n, a[0].list);
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    struct span s = cel_text(a[0]);
    struct cel_value v = cel_new_text(r, n, CEL_STRING, s.n, &p);
    if (is_error(v))
        return v;
    for (size_t at = 0, to = s.n; at < s.n;) {
        size_t step = utf8_next(s, at, &cp);
        to -= step;
        memcpy(p + to, s.p + at, step);
        at += step;
    }
    return v;
}

FN(quote)
{
    (void)count;
    if (a[0].kind != CEL_STRING)
        return cel_no_overload(n);
    BUF_AUTO b = buf_init(2 * (size_t)a[0].n + 2);
    if (!cel_pay(r, a[0].n / 5) || failed(cel_quote(&b, cel_text(a[0]))))
        return cel_exhausted(n);
    return cel_copy_text(r, n, CEL_STRING, buf_span(&b));
}
