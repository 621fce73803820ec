/* SPDX-License-Identifier: Apache-2.0 */
/* What a leaf of a body says: its text, and the member it belongs to. Called for every leaf. */
#include "work_int.h"

#include <stdlib.h>

static struct err map_room(struct json_map *map, size_t escapes)
{
    struct json_escape_at *v = realloc(map->v, escapes * sizeof *v);
    if (!v)
        return err(ERR_NOMEM);
    map->v = v;
    map->cap = escapes;
    return OK;
}

struct err leaf_decode(const struct llm_doc *d, const struct llm_leaf *l, struct buf *to,
                       struct json_map *map, struct span *text)
{
    *text = llm_leaf_inner(d, l);
    if (!l->escaped)
        return OK;
    buf_clear(to);
    TRY(buf_reserve(to, text->n));
    struct wr w = wr_of(to->p, text->n);
    struct err e = json_unescape(*text, JSON_LONE_REPLACE, &w, map);
    if (err_cat(e) == ERR_LIMIT) { /* more escapes than any text before */
        TRY(map_room(map, json_escapes(*text)));
        w = wr_of(to->p, text->n);
        e = json_unescape(*text, JSON_LONE_REPLACE, &w, map);
    }
    TRY(e);
    to->n = w.n;
    *text = wr_span(&w);
    return OK;
}

struct span leaf_key(const struct llm_doc *d, const struct llm_leaf *l)
{
    if (l->key == 0)
        return SPAN_NONE;
    size_t i = l->key + 1;
    while (i < d->body.n && d->body.p[i] != '"')
        i += d->body.p[i] == '\\' ? 2 : 1;
    return span_cut(d->body, l->key + 1, i - l->key - 1);
}
