/* SPDX-License-Identifier: Apache-2.0 */
/* JSON to values: the suite's typed form and plain JSON; and time zones from the system. */
#include "b64.h"
#include "file.h"
#include "json.h"
#include "suite_int.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct err hex(struct span s, struct arena *a, struct span *out)
{
    void *m;
    TRY(arena_take(a, s.n / 2, &m));
    struct wr w = wr_of(m, s.n / 2);
    TRY(hex_decode(&w, s));
    *out = wr_span(&w);
    return OK;
}

static struct err read_double(const struct dom *d, struct arena *a, struct cel_value *out)
{
    struct span bits;
    union {
        uint64_t u;
        double d;
    } v = {.u = 0};
    TRY(hex(dom_text(d, "bits"), a, &bits));
    if (bits.n != 8)
        return err(ERR_INPUT);
    for (size_t i = 0; i < 8; i++)
        v.u = v.u << 8 | bits.p[i];
    *out = cel_double(v.d);
    return OK;
}

static size_t count(const struct dom *d)
{
    size_t n = 0;
    for (const struct dom *x = d ? d->first : NULL; x; x = x->next)
        n++;
    return n;
}

static struct err read_list(const struct dom *v, const struct cel_schema *s, struct arena *a,
                            struct cel_value *out)
{
    size_t n = count(v), i = 0;
    void *m;
    TRY(arena_take(a, n * sizeof *out, &m));
    for (const struct dom *x = v->first; x; x = x->next)
        TRY(value_read(x, s, a, (struct cel_value *)m + i++));
    return cel_list_of(a, m, n, out);
}

static struct err read_map(const struct dom *v, const struct cel_schema *s, struct arena *a,
                           struct cel_value *out)
{
    size_t n = count(v), i = 0;
    void *m;
    TRY(arena_take(a, n * sizeof(struct cel_entry), &m));
    struct cel_entry *e = m;
    for (const struct dom *x = v->first; x; x = x->next, i++) {
        if (count(x) != 2)
            return err(ERR_INPUT);
        TRY(value_read(x->first, s, a, &e[i].key));
        TRY(value_read(x->first->next, s, a, &e[i].value));
    }
    return cel_map_of(a, e, n, out);
}

static struct err read_number(struct span text, bool is_uint, struct cel_value *out)
{
    char digits[32];
    char *end;
    if (text.n == 0 || text.n >= sizeof digits)
        return err(ERR_INPUT);
    memcpy(digits, text.p, text.n);
    digits[text.n] = 0;
    errno = 0;
    if (is_uint)
        *out = cel_uint(strtoull(digits, &end, 10));
    else
        *out = cel_int(strtoll(digits, &end, 10));
    return *end || errno || (is_uint && digits[0] == '-') ? err(ERR_INPUT) : OK;
}

/* Depth: the JSON reader's. */
struct err value_read(const struct dom *d, const struct cel_schema *s, struct arena *a,
                      struct cel_value *out)
{
    struct span t = dom_text(d, "t"), bytes;
    const struct dom *v = dom_get(d, "v");
    if (span_is(t, "message")) {
        TRY(hex(dom_text(d, "wire"), a, &bytes));
        return cel_message_decode(s, dom_text(d, "type"), bytes, a, out);
    }
    if (span_is(t, "null")) {
        *out = cel_null();
        return OK;
    }
    if (span_is(t, "double"))
        return read_double(d, a, out);
    if (!v)
        return err(ERR_INPUT);
    if (span_is(t, "bool"))
        *out = cel_bool(v->type == JSON_TRUE);
    else if (span_is(t, "int") || span_is(t, "uint"))
        return read_number(v->text, span_is(t, "uint"), out);
    else if (span_is(t, "string"))
        *out = cel_string(v->text);
    else if (span_is(t, "type"))
        *out = (struct cel_value){.kind = CEL_TYPE, .n = (uint32_t)v->text.n, .s = v->text.p};
    else if (span_is(t, "list"))
        return read_list(v, s, a, out);
    else if (span_is(t, "map"))
        return read_map(v, s, a, out);
    else if (span_is(t, "enum")) {
        TRY(read_number(v->text, false, out));
        return cel_enum_of(s, dom_text(d, "type"), (int32_t)out->i, out);
    } else if (span_is(t, "bytes")) {
        TRY(hex(v->text, a, &bytes));
        *out = cel_bytes(bytes);
    } else {
        return err(ERR_INPUT);
    }
    return OK;
}

struct err value_plain(const struct dom *d, struct arena *a, struct cel_value *out)
{
    size_t n = count(d), i = 0;
    void *m;
    switch (d->type) {
    case JSON_STRING:
        *out = cel_string(d->text);
        return OK;
    case JSON_NUMBER:
        if (!failed(read_number(d->text, false, out)))
            return OK;
        out->kind = CEL_DOUBLE;
        return json_get_double(d->text, &out->d);
    case JSON_TRUE:
    case JSON_FALSE:
        *out = cel_bool(d->type == JSON_TRUE);
        return OK;
    case JSON_ARRAY:
        TRY(arena_take(a, n * sizeof *out, &m));
        for (const struct dom *x = d->first; x; x = x->next)
            TRY(value_plain(x, a, (struct cel_value *)m + i++));
        return cel_list_of(a, m, n, out);
    case JSON_OBJECT:
        TRY(arena_take(a, n * sizeof(struct cel_entry), &m));
        for (const struct dom *x = d->first; x; x = x->next, i++) {
            ((struct cel_entry *)m)[i].key = cel_string(x->key);
            TRY(value_plain(x, a, &((struct cel_entry *)m)[i].value));
        }
        return cel_map_of(a, m, n, out);
    default:
        *out = cel_null();
        return OK;
    }
}

bool zone_read(void *arg, struct span name, struct span *tzif)
{
    struct buf *b = arg;
    char path[128];
    snprintf(path, sizeof path, "/usr/share/zoneinfo/%.*s", SPAN_ARG(name));
    buf_clear(b);
    if (failed(file_read(path, b)))
        return false;
    *tzif = buf_span(b);
    return true;
}
