/* SPDX-License-Identifier: Apache-2.0 */
/* One request's memory, its complaint, and the JSON of its body. Bodies are small next to the
 * texts in them; each level of nesting is read once more, and there are at most four. */
#include "presidio_int.h"

#include "clock.h"

#include <stdarg.h>
#include <stdio.h>

struct err complain(struct request *r, unsigned status, const char *fmt, ...)
{
    char line[1024];
    if (r->status)
        return err(ERR_INPUT);
    r->status = status;
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (n < 0)
        return err(ERR_BUG);
    TRY(buf_put(&r->why, span(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1)));
    return err(ERR_INPUT);
}

bool slice_over(const struct request *r)
{
    return clock_mono_ns() >= r->slice_ns;
}

struct err read_root(struct request *r, struct span body, struct span *root)
{
    struct json j = json_of(body);
    struct json_token t;
    struct err e = json_skip_value(&j, root);
    if (!failed(e))
        e = json_next(&j, &t);
    if (failed(e))
        return complain(r, 400,
                        "The browser (or proxy) sent a request that this server could not "
                        "understand.");
    return OK;
}

enum raw_type raw_type(struct span raw)
{
    switch (raw.n ? raw.p[0] : 0) {
    case 0:
        return RAW_ABSENT;
    case '"':
        return RAW_STRING;
    case '{':
        return RAW_OBJECT;
    case '[':
        return RAW_ARRAY;
    case 't':
    case 'f':
        return RAW_BOOL;
    case 'n':
        return RAW_NULL;
    default:
        for (size_t i = 0; i < raw.n; i++)
            if (raw.p[i] == '.' || raw.p[i] == 'e' || raw.p[i] == 'E')
                return RAW_FLOAT;
        return RAW_INTEGER;
    }
}

bool raw_nothing(struct span raw)
{
    enum raw_type t = raw_type(raw);
    return t == RAW_ABSENT || t == RAW_NULL;
}

/* Nothing but blanks between the brackets. */
static bool is_empty(struct span raw)
{
    for (size_t i = 1; i + 1 < raw.n; i++)
        if (raw.p[i] != ' ' && raw.p[i] != '\t' && raw.p[i] != '\n' && raw.p[i] != '\r')
            return false;
    return true;
}

bool raw_truthy(struct span raw)
{
    double v = 0;
    switch (raw_type(raw)) {
    case RAW_STRING:
        return raw.n > 2;
    case RAW_ARRAY:
    case RAW_OBJECT:
        return !is_empty(raw);
    case RAW_BOOL:
        return raw.p[0] == 't';
    case RAW_INTEGER:
    case RAW_FLOAT:
        return failed(json_get_double(raw, &v)) || v != 0;
    default:
        return false;
    }
}

struct err walk_open(struct walk *w, struct span raw)
{
    struct json_token t;
    w->j = json_of(raw);
    return json_next(&w->j, &t);
}

struct err walk_member(struct walk *w, struct request *r, struct span *name, struct span *value,
                       bool *more)
{
    struct json_token t;
    TRY(json_next(&w->j, &t));
    *more = t.type == JSON_KEY;
    if (!*more)
        return OK;
    TRY(raw_text(r, json_raw(&w->j, &t), name));
    return json_skip_value(&w->j, value);
}

struct err walk_item(struct walk *w, struct span *value, bool *more)
{
    struct json_token t;
    TRY(json_next(&w->j, &t));
    *more = t.type != JSON_ARRAY_END;
    if (!*more)
        return OK;
    if (t.type == JSON_OBJECT || t.type == JSON_ARRAY)
        TRY(json_skip_rest(&w->j, &t));
    *value = json_raw(&w->j, &t);
    return OK;
}

struct err raw_text(struct request *r, struct span raw, struct span *out)
{
    void *p;
    struct span inner = span_cut(raw, 1, raw.n - 2);
    TRY(arena_take(&r->arena, inner.n, &p));
    struct wr w = wr_of(p, inner.n);
    TRY(json_unescape(inner, JSON_LONE_KEEP, &w, NULL));
    *out = wr_span(&w);
    return OK;
}

struct err raw_count(struct span raw, size_t *n, bool *strings)
{
    struct walk w;
    struct span item;
    bool more;
    *n = 0;
    *strings = true;
    TRY(walk_open(&w, raw));
    for (;;) {
        TRY(walk_item(&w, &item, &more));
        if (!more)
            return OK;
        *strings = *strings && raw_type(item) == RAW_STRING;
        ++*n;
    }
}

struct err raw_words(struct request *r, struct span raw, struct words *out, bool *bad)
{
    *out = (struct words){0};
    *bad = false;
    if (raw_nothing(raw))
        return OK;
    size_t n = 0;
    bool all = false;
    if (raw_type(raw) == RAW_ARRAY)
        TRY(raw_count(raw, &n, &all));
    *bad = !all || n > WORDS_MAX;
    if (*bad)
        return OK;
    void *p;
    struct walk w;
    struct span item;
    bool more;
    TRY(arena_take(&r->arena, n * sizeof *out->v, &p));
    out->v = p;
    TRY(walk_open(&w, raw));
    while (out->n < n) {
        TRY(walk_item(&w, &item, &more));
        TRY(raw_text(r, item, &out->v[out->n++]));
    }
    return OK;
}

struct err read_members(struct request *r, struct span raw, const struct member_to *table,
                        void *into, struct span *unknown)
{
    struct walk w;
    struct span name, value;
    bool more;
    TRY(walk_open(&w, raw));
    for (;;) {
        TRY(walk_member(&w, r, &name, &value, &more));
        if (!more)
            return OK;
        const struct member_to *m = table;
        while (m->name && !span_is(name, m->name))
            m++;
        if (m->name)
            memcpy((char *)into + m->at, &value, sizeof value);
        else if (unknown)
            *unknown = name;
    }
}
