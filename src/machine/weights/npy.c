/* SPDX-License-Identifier: Apache-2.0 */
/*
 * npy: a magic, a version, a Python literal that describes the array, then raw numbers. A
 * description with objects means that a pickle follows instead.
 * Source: numpy's documentation, "numpy.lib.format".
 */
#include "num.h"
#include "rd.h"
#include "weights_look_int.h"

enum { DEPTH_MAX = 32 }; /* brackets inside each other in a description */

static struct span skip(struct span s)
{
    while (s.n && strchr(" \t\r\n,:", s.p[0]) && s.p[0])
        s = span_from(s, 1);
    return s;
}

/* The quoted text at the beginning of *s; *s moves behind it. */
static bool quoted(struct span *s, struct span *out)
{
    if (!s->n || (s->p[0] != '\'' && s->p[0] != '"'))
        return false;
    size_t end = span_find(*s, 1, s->p[0]);
    if (end == s->n)
        return false;
    *out = span_cut(*s, 1, end - 1);
    *s = span_from(*s, end + 1);
    return true;
}

/* A bracketed value, counted by its brackets, strings skipped. */
static bool bracketed(struct span *s, struct span *out)
{
    size_t depth = 0;
    for (size_t i = 0; i < s->n; i++) {
        uint8_t c = s->p[i];
        if (c == '\'' || c == '"') {
            i = span_find(*s, i + 1, c);
            continue;
        }
        depth += c == '(' || c == '[';
        depth -= depth && (c == ')' || c == ']');
        if (depth > DEPTH_MAX)
            return false;
        if (depth == 0) {
            *out = span_cut(*s, 0, i + 1);
            *s = span_from(*s, i + 1);
            return true;
        }
    }
    return false;
}

struct array {
    bool object, simple;
    uint64_t count, width;
};

static bool shape(struct span s, uint64_t *count)
{
    *count = 1;
    s = span_cut(s, 1, s.n - 2);
    for (s = skip(s); s.n; s = skip(s)) {
        size_t n = 0;
        uint64_t d;
        while (n < s.n && (uint8_t)(s.p[n] - '0') < 10)
            n++;
        if (failed(num_u64(span_cut(s, 0, n), UINT64_MAX >> 1, &d)) ||
            __builtin_mul_overflow(*count, d, count))
            return false;
        s = span_from(s, n);
    }
    return true;
}

/* One type: byte order, kind, width, and for times a unit in brackets. False: none. */
static bool simple_type(struct span d, struct array *a)
{
    uint64_t width = 0;
    if (d.n && d.p[0] && strchr("<>|=", d.p[0]))
        d = span_from(d, 1);
    if (!d.n || !d.p[0] || !strchr("?bBhHiIlLqQpPfdgeFDGcSaUVOmM", d.p[0]))
        return false;
    size_t unit = span_find(d, 0, '['), end = unit < d.n ? unit : d.n;
    bool wide = end > 1 && !failed(num_u64(span_cut(d, 1, end - 1), INT32_MAX, &width));
    if ((end > 1 && !wide) || (unit < d.n && (!strchr("mM", d.p[0]) || d.p[d.n - 1] != ']')))
        return false;
    a->simple = wide && d.p[0] != 'O';
    a->width = d.p[0] == 'U' ? 4 * width : width;
    return true;
}

/* `listed`: the description is a list of fields, whose types are not taken apart. */
static bool descr(struct span d, bool listed, struct array *a)
{
    for (size_t i = 0; i < d.n; i++)
        a->object = a->object || d.p[i] == 'O';
    return listed || simple_type(d, a);
}

/* The dictionary's three members. False: not such a literal. */
static bool description(struct span s, struct array *a)
{
    s = skip(s);
    if (!s.n || s.p[0] != '{')
        return false;
    s = skip(span_from(s, 1));
    unsigned seen = 0;
    while (s.n && s.p[0] != '}') {
        struct span key, v;
        if (!quoted(&s, &key))
            return false;
        s = skip(s);
        if (span_is(key, "descr")) {
            bool listed = !quoted(&s, &v);
            if ((listed && !bracketed(&s, &v)) || !descr(v, listed, a))
                return false;
            seen |= 1;
        } else if (span_is(key, "fortran_order")) {
            if (!span_starts(s, SPAN_LIT("True")) && !span_starts(s, SPAN_LIT("False")))
                return false;
            s = span_from(s, s.p[0] == 'T' ? 4 : 5);
            seen |= 2;
        } else if (span_is(key, "shape")) {
            if (s.p[0] != '(' || !bracketed(&s, &v) || !shape(v, &a->count))
                return false;
            seen |= 4;
        } else {
            return false;
        }
        s = skip(s);
    }
    return s.n && seen == 7 && skip(span_from(s, 1)).n == 0;
}

void npy_look(struct look *k, struct span s)
{
    struct rd r = rd_of(s);
    uint64_t major, minor, n;
    struct span text;
    r.at = 6;
    if (failed(rd_le(&r, 1, &major)) || failed(rd_le(&r, 1, &minor)) || major < 1 || major > 3) {
        look_note(k, WEIGHTS_MALFORMED, "npy", 6, "no known version");
        return;
    }
    if (failed(rd_le(&r, major == 1 ? 2 : 4, &n)) || failed(rd_take(&r, n, &text))) {
        look_note(k, WEIGHTS_MALFORMED, "npy", 8, "the header reaches beyond the file");
        return;
    }
    struct array a = {0};
    if (!description(text, &a)) {
        look_note(k, WEIGHTS_MALFORMED, "npy", 10, "the header is no description of an array");
        return;
    }
    struct span data = span_from(s, r.at);
    if (a.object) {
        look_note(k, WEIGHTS_OK, "npy-object", r.at,
                  "an array of objects: reading it loads a pickle");
        (void)pickle_look(k, data);
        return;
    }
    uint64_t want;
    if (a.simple && (__builtin_mul_overflow(a.count, a.width, &want) || want != data.n))
        look_note(k, WEIGHTS_MALFORMED, "npy", r.at,
                  "the data has another length than the header says");
}
