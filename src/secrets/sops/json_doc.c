/* SPDX-License-Identifier: Apache-2.0 */
/* JSON documents as items, over the JSON engine's positions. Once a file. */
#include "json.h"
#include "sops_int.h"
#include "wr.h"

struct level {
    uint32_t node, count;
    size_t start;
    bool map;
};

struct reader {
    struct sops_doc *d;
    struct fault *f;
    struct json j;
    struct level level[SOPS_DEPTH];
    uint32_t depth;
    uint32_t next; /* the node of the value that comes */
    size_t before; /* end of the value before, at the top level */
    size_t cut;    /* where the sops section starts, or 0 */
};

static struct err bad(struct reader *r, const char *why)
{
    return sops_fail(r->f, SOPS_FORMAT, r->j.at, why);
}

static struct err text_of(struct reader *r, const struct json_token *t, struct span *out)
{
    struct span raw = json_inner(&r->j, t);
    void *memory;
    *out = raw;
    if (!t->escaped)
        return OK;
    TRY(arena_take(&r->d->arena, raw.n, &memory));
    struct wr w = wr_of(memory, raw.n);
    if (failed(json_unescape(raw, JSON_LONE_REFUSE, &w, NULL)))
        return bad(r, "half a surrogate pair");
    *out = wr_span(&w);
    return OK;
}

/* The node of a list's next element, which starts at `at`. */
static struct err place(struct reader *r, size_t at)
{
    if (r->depth == 0 || r->level[r->depth - 1].map)
        return OK;
    struct level *l = &r->level[r->depth - 1];
    TRY(sops_node_add(r->d, l->node, SPAN_NONE, l->count++, &r->next));
    r->d->nodes[r->next].at = (uint32_t)at;
    return OK;
}

static void value_at(struct reader *r, size_t at)
{
    r->d->nodes[r->next].behind = (uint32_t)at;
    r->d->nodes[r->next].flow = true;
}

static struct err open_level(struct reader *r, const struct json_token *t)
{
    TRY(place(r, t->start));
    value_at(r, t->start);
    if (r->depth == SOPS_DEPTH)
        return bad(r, "nested too deep");
    if (r->depth == 0 && t->type != JSON_OBJECT)
        return bad(r, "the top level must be an object");
    r->level[r->depth++] = (struct level){r->next, 0, t->start, t->type == JSON_OBJECT};
    if (r->depth == 1)
        r->before = t->end;
    return OK;
}

/* Behind a value: a member of the top level may be the end of the sops section. */
static struct err after_value(struct reader *r, size_t end)
{
    if (r->depth != 1)
        return OK;
    if (r->cut) {
        struct span rest = span_from(r->d->source, end);
        size_t comma = 0;
        while (comma < rest.n &&
               (rest.p[comma] == ' ' || (rest.p[comma] >= 9 && rest.p[comma] <= 13)))
            comma++;
        bool more = comma < rest.n && rest.p[comma] == ',';
        bool first = r->level[0].count == 1;
        TRY(sops_cut_add(r->d, r->cut, first && more ? end + comma + 1 : end));
        r->cut = 0;
    }
    r->before = end;
    return OK;
}

static struct err close_level(struct reader *r, const struct json_token *t)
{
    struct level l = r->level[--r->depth];
    r->d->nodes[l.node].end = t->end;
    if (r->depth == 0)
        return sops_end_add(r->d, r->before);
    if (l.count == 0)
        TRY(sops_item_add(r->d,
                          (struct sops_item){.node = l.node,
                                             .start = (uint32_t)l.start,
                                             .end = t->end,
                                             .type = l.map ? SOPS_EMPTY_MAP : SOPS_EMPTY_LIST}));
    return after_value(r, t->end);
}

static struct err key(struct reader *r, const struct json_token *t)
{
    struct span name;
    struct level *l = &r->level[r->depth - 1];
    TRY(text_of(r, t, &name));
    l->count++;
    if (r->depth == 1 && span_is(name, "sops"))
        r->cut = r->before;
    struct err e = sops_node_add(r->d, l->node, name, UINT32_MAX, &r->next);
    if (failed(e))
        return err_cat(e) == ERR_INPUT ? bad(r, "a key comes twice") : e;
    r->d->nodes[r->next].at = t->start;
    return OK;
}

static struct err leaf(struct reader *r, const struct json_token *t)
{
    TRY(place(r, t->start));
    value_at(r, t->start);
    if (r->depth == 0)
        return bad(r, "the top level must be an object");
    struct sops_item item = {.node = r->next,
                             .start = t->start,
                             .end = t->end,
                             .text = json_raw(&r->j, t),
                             .type = SOPS_BOOL};
    if (t->type == JSON_STRING) {
        item.type = SOPS_STR;
        item.quoted = true;
        TRY(text_of(r, t, &item.text));
    } else if (t->type == JSON_NUMBER) {
        bool fits;
        item.type = (uint8_t)sops_number_type(item.text, &fits);
        if (item.type == SOPS_STR)
            return bad(r, "a number too large");
    } else if (t->type == JSON_NULL) {
        item.type = SOPS_NULL;
    }
    TRY(sops_item_add(r->d, item));
    return after_value(r, t->end);
}

struct err sops_read_json(struct sops_doc *d, struct fault *f)
{
    struct reader r = {.d = d, .f = f, .j = json_of_depth(d->source, SOPS_DEPTH)};
    struct json_token t;
    TRY(sops_node_add(d, SOPS_NO_NODE, SPAN_NONE, UINT32_MAX, &r.next));
    for (;;) {
        if (failed(json_next(&r.j, &t)))
            return sops_fail(f, SOPS_FORMAT, r.j.fault.at, r.j.fault.why);
        switch (t.type) {
        case JSON_END:
            return OK;
        case JSON_OBJECT:
        case JSON_ARRAY:
            TRY(open_level(&r, &t));
            break;
        case JSON_OBJECT_END:
        case JSON_ARRAY_END:
            TRY(close_level(&r, &t));
            break;
        case JSON_KEY:
            TRY(key(&r, &t));
            break;
        default:
            TRY(leaf(&r, &t));
        }
    }
}
