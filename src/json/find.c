/* SPDX-License-Identifier: Apache-2.0 */
/* Known shapes: one member out of a document, one value out of its bytes. */
#include "json_int.h"
#include "num.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

enum { PATH_MAX_NAMES = 16, NUMBER_MAX = 1024 };

/* A walk down a path. Level l looks for name[l] among the members of the object entered last. */
struct walk {
    struct json j;
    struct span name[PATH_MAX_NAMES];
    bool found[PATH_MAX_NAMES];
    size_t names, level;
};

/* The value behind the key that is searched: keep it, go down into it, or pass over it. */
static struct err follow(struct walk *w, const struct json_token *key, struct span *out)
{
    if (w->found[w->level]) {
        w->j.e = fault_at(&w->j.fault, ERR_INPUT, key->start, "the same key twice in one object");
        return w->j.e;
    }
    w->found[w->level] = true;
    if (w->level + 1 == w->names)
        return json_skip_value(&w->j, out);
    struct json_token t;
    TRY(json_next(&w->j, &t));
    if (t.type == JSON_ARRAY)
        return json_skip_rest(&w->j, &t);
    if (t.type == JSON_OBJECT)
        w->found[++w->level] = false;
    return OK;
}

static struct err walk(struct walk *w, struct span *out)
{
    struct json_token t;
    TRY(json_next(&w->j, &t));
    bool object = t.type == JSON_OBJECT;
    if (t.type == JSON_ARRAY)
        TRY(json_skip_rest(&w->j, &t));
    while (object) {
        TRY(json_next(&w->j, &t));
        if (t.type == JSON_OBJECT_END) {
            if (w->level == 0)
                break;
            w->level--;
        } else if (json_text_is(&w->j, &t, w->name[w->level])) {
            TRY(follow(w, &t, out));
        } else {
            TRY(json_skip_value(&w->j, NULL));
        }
    }
    return json_next(&w->j, &t);
}

struct err json_find(struct span in, struct span *out, ...)
{
    struct walk w = {.j = json_of(in)};
    *out = SPAN_NONE;
    va_list ap;
    va_start(ap, out);
    for (const char *name; (name = va_arg(ap, const char *)) != NULL && w.names < PATH_MAX_NAMES;)
        w.name[w.names++] = span_str(name);
    va_end(ap);
    if (w.names == 0)
        return err(ERR_BUG);
    struct err e = walk(&w, out);
    if (failed(e))
        *out = SPAN_NONE;
    return e;
}

/* The value behind this key: kept where the key is asked for. */
static struct err member(struct json *j, const struct json_token *key, const struct span *names,
                         size_t n, struct span *out)
{
    for (size_t i = 0; i < n; i++) {
        if (!json_text_is(j, key, names[i]))
            continue;
        if (out[i].n == 0)
            return json_skip_value(j, &out[i]);
        j->e = fault_at(&j->fault, ERR_INPUT, key->start, "the same key twice in one object");
        return j->e;
    }
    return json_skip_value(j, NULL);
}

static struct err members(struct span in, const struct span *names, size_t n, struct span *out)
{
    struct json j = json_of(in);
    struct json_token t;
    TRY(json_next(&j, &t));
    if (t.type == JSON_ARRAY)
        TRY(json_skip_rest(&j, &t));
    for (bool object = t.type == JSON_OBJECT; object;) {
        TRY(json_next(&j, &t));
        if (t.type == JSON_OBJECT_END)
            break;
        TRY(member(&j, &t, names, n, out));
    }
    return json_next(&j, &t);
}

struct err json_members(struct span in, const struct span *names, size_t n, struct span *out)
{
    memset(out, 0, n * sizeof *out);
    struct err e = n <= JSON_MEMBERS_MAX ? members(in, names, n, out) : err(ERR_BUG);
    if (failed(e))
        memset(out, 0, n * sizeof *out);
    return e;
}

static struct err only(struct span raw, enum json_type type, struct json *j, struct json_token *t)
{
    *j = json_of(raw);
    TRY(json_next(j, t));
    if (t->type != type)
        return err(ERR_INPUT);
    struct json_token end;
    return json_next(j, &end);
}

static struct err get_text(struct span raw, enum json_lone lone, struct buf *out)
{
    struct json j;
    struct json_token t;
    TRY(only(raw, JSON_STRING, &j, &t));
    return json_unescape_buf(json_inner(&j, &t), lone, out);
}

struct err json_get_string(struct span raw, struct buf *out)
{
    return get_text(raw, JSON_LONE_REFUSE, out);
}

struct err json_get_kept(struct span raw, struct buf *out)
{
    return get_text(raw, JSON_LONE_KEEP, out);
}

struct err json_get_u64(struct span raw, uint64_t max, uint64_t *out)
{
    struct json j;
    struct json_token t;
    TRY(only(raw, JSON_NUMBER, &j, &t));
    return num_u64(json_raw(&j, &t), max, out);
}

struct err json_get_bool(struct span raw, bool *out)
{
    struct json j;
    struct json_token t;
    bool yes = span_eq(span_cut(raw, 0, 4), SPAN_LIT("true"));
    TRY(only(raw, yes ? JSON_TRUE : JSON_FALSE, &j, &t));
    *out = yes;
    return OK;
}

struct err json_get_double(struct span raw, double *out)
{
    struct json j;
    struct json_token t;
    TRY(only(raw, JSON_NUMBER, &j, &t));
    struct span s = json_raw(&j, &t);
    char text[NUMBER_MAX];
    if (s.n >= sizeof text)
        return err(ERR_LIMIT);
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    /* The C library rounds correctly; no program of ours leaves the C locale. */
    *out = strtod(text, NULL);
    return isfinite(*out) ? OK : err(ERR_LIMIT);
}

void json_get_shown(struct span raw, char *out, size_t size)
{
    BUF_AUTO text = buf_init(size - 1);
    bool string = raw.n && raw.p[0] == '"';
    bool fits = !failed(string ? json_get_string(raw, &text) : buf_put(&text, raw)) && text.n;
    struct span shown = fits ? buf_span(&text) : SPAN_LIT("-");
    memcpy(out, shown.p, shown.n);
    out[shown.n] = 0;
}
