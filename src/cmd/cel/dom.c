/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text to a tree, without recursion: a stack of open containers is the reader's depth. */
#include "suite_int.h"

#include "json.h"

static struct err decode(struct json *j, const struct json_token *t, struct arena *a,
                         struct span *out)
{
    struct span raw = json_inner(j, t);
    void *m;
    TRY(arena_take(a, raw.n, &m));
    struct wr w = wr_of(m, raw.n);
    TRY(json_unescape(raw, JSON_LONE_REFUSE, &w, NULL));
    *out = wr_span(&w);
    return OK;
}

static struct err node(struct json *j, const struct json_token *t, struct arena *a,
                       struct dom **out)
{
    void *m;
    TRY(arena_take(a, sizeof **out, &m));
    *out = m;
    (*out)->type = t->type;
    if (t->type == JSON_STRING)
        return decode(j, t, a, &(*out)->text);
    (*out)->text = json_raw(j, t);
    return OK;
}

struct err dom_parse(struct span text, struct arena *a, struct dom **out)
{
    struct json j = json_of(text);
    struct dom root = {0}, *open[JSON_DEPTH + 1] = {&root}, *last[JSON_DEPTH + 1] = {0};
    struct span key = SPAN_NONE;
    unsigned depth = 0;
    for (;;) {
        struct json_token t;
        struct dom *d;
        TRY(json_next(&j, &t));
        if (t.type == JSON_END)
            break;
        if (t.type == JSON_OBJECT_END || t.type == JSON_ARRAY_END) {
            depth--;
            continue;
        }
        if (t.type == JSON_KEY) {
            TRY(decode(&j, &t, a, &key));
            continue;
        }
        TRY(node(&j, &t, a, &d));
        d->key = key;
        key = SPAN_NONE;
        *(last[depth] ? &last[depth]->next : &open[depth]->first) = d;
        last[depth] = d;
        if (t.type == JSON_OBJECT || t.type == JSON_ARRAY) {
            open[++depth] = d;
            last[depth] = NULL;
        }
    }
    *out = root.first;
    return OK;
}

const struct dom *dom_get(const struct dom *object, const char *name)
{
    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct dom *d = object->first; d; d = d->next)
        if (span_is(d->key, name))
            return d;
    return NULL;
}

struct span dom_text(const struct dom *object, const char *name)
{
    const struct dom *d = dom_get(object, name);
    return d ? d->text : SPAN_NONE;
}

bool dom_true(const struct dom *object, const char *name)
{
    const struct dom *d = dom_get(object, name);
    return d && d->type == JSON_TRUE;
}

const char *dom_str(struct span s, struct arena *a)
{
    void *m;
    if (failed(arena_take(a, s.n + 1, &m)))
        return "";
    if (s.n)
        memcpy(m, s.p, s.n);
    return m;
}
