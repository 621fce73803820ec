/* SPDX-License-Identifier: Apache-2.0 */
/* The builder of our own JSON. The first error sticks and nothing is written after it. */
#include "jcs.h"
#include "json_int.h"
#include "json_put.h"

enum { PUT_DEPTH = 64 };

struct json_put json_put_to(struct buf *out)
{
    return (struct json_put){.out = out};
}

static void put(struct json_put *p, struct span s)
{
    if (!failed(p->e))
        p->e = buf_put(p->out, s);
}

static void put_sign(struct json_put *p, char c)
{
    if (!failed(p->e))
        p->e = buf_put_u8(p->out, (uint8_t)c);
}

static void put_quoted(struct json_put *p, struct span text)
{
    put_sign(p, '"');
    if (!failed(p->e))
        p->e = json_escape(text, p->out);
    put_sign(p, '"');
}

/* A name and its colon; nearly all names are plain. */
static void put_name(struct json_put *p, struct span name)
{
    enum { SIGNS = 3 };
    size_t n = 0;
    if (failed(p->e) || failed(p->e = buf_reserve(p->out, name.n + SIGNS)))
        return;
    uint8_t *to = p->out->p + p->out->n;
    if (json_copy_kept(name, to + 1, name.n, &n) < name.n) {
        put_quoted(p, name);
        put_sign(p, ':');
        return;
    }
    to[0] = to[n + 1] = '"';
    to[n + 2] = ':';
    p->out->n += n + SIGNS;
}

/* The comma and the name that go before a value. */
static void lead(struct json_put *p, const char *name)
{
    if (p->comma)
        put_sign(p, ',');
    p->comma = true;
    if (!name)
        return;
    put_name(p, span_str(name));
}

void json_put_key(struct json_put *p, struct span name)
{
    if (p->comma)
        put_sign(p, ',');
    put_name(p, name);
    p->comma = false;
}

static void open(struct json_put *p, const char *name, bool object)
{
    if (p->depth == PUT_DEPTH) {
        p->e = err(ERR_BUG);
        return;
    }
    lead(p, name);
    put_sign(p, object ? '{' : '[');
    uint64_t bit = (uint64_t)1 << p->depth++;
    p->objects = object ? p->objects | bit : p->objects & ~bit;
    p->comma = false;
}

void json_put_object(struct json_put *p, const char *name)
{
    open(p, name, true);
}

void json_put_array(struct json_put *p, const char *name)
{
    open(p, name, false);
}

void json_put_end(struct json_put *p)
{
    if (p->depth == 0) {
        p->e = err(ERR_BUG);
        return;
    }
    p->depth--;
    put_sign(p, p->objects >> p->depth & 1 ? '}' : ']');
    p->comma = true;
}

void json_put_raw(struct json_put *p, const char *name, struct span json)
{
    lead(p, name);
    put(p, json);
}

void json_put_str(struct json_put *p, const char *name, struct span text)
{
    lead(p, name);
    put_quoted(p, text);
}

void json_put_kept(struct json_put *p, const char *name, struct span text)
{
    lead(p, name);
    put_sign(p, '"');
    if (!failed(p->e))
        p->e = json_escape_kept(text, p->out);
    put_sign(p, '"');
}

void json_put_text(struct json_put *p, const char *name, const char *text)
{
    json_put_str(p, name, span_str(text));
}

void json_put_u64(struct json_put *p, const char *name, uint64_t v)
{
    lead(p, name);
    if (!failed(p->e))
        p->e = buf_put_u64(p->out, v);
}

void json_put_i64(struct json_put *p, const char *name, int64_t v)
{
    lead(p, name);
    if (v < 0)
        put_sign(p, '-');
    if (!failed(p->e))
        p->e = buf_put_u64(p->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void json_put_double(struct json_put *p, const char *name, double v)
{
    uint8_t text[JCS_NUMBER_MAX];
    size_t n = jcs_number(v, text);
    json_put_raw(p, name, n ? span(text, n) : SPAN_LIT("null"));
}

void json_put_bool(struct json_put *p, const char *name, bool v)
{
    json_put_raw(p, name, v ? SPAN_LIT("true") : SPAN_LIT("false"));
}

void json_put_null(struct json_put *p, const char *name)
{
    json_put_raw(p, name, SPAN_LIT("null"));
}

struct err json_put_done(const struct json_put *p)
{
    if (failed(p->e))
        return p->e;
    return p->depth ? err(ERR_BUG) : OK;
}
