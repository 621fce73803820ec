/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `set` and `unset` on an open document: the encrypted source is edited where it stands, the result
 * read again, what is new sealed, and the MAC made anew. Values that were there keep their
 * ciphertext, and with it their bytes, unless the document's rule now says otherwise of them.
 *
 *     index --walk--> the node, or the last one on the way --place_value--> edits of the source
 *           --reseal--> the edited source, read; old values taken over by position
 */
#define _DEFAULT_SOURCE
#include "change_int.h"
#include "job_int.h"

#include <stdlib.h>

/* ---- the index ---- */

/* ["name"] or ['name'] or [3]; *at moves behind it. */
static bool take_step(struct span text, size_t *at, struct sops_step *out)
{
    size_t i = *at;
    *out = (struct sops_step){0};
    if (i + 2 >= text.n || text.p[i] != '[')
        return false;
    uint8_t quote = text.p[++i];
    if (quote == '"' || quote == '\'') {
        uint8_t close[2] = {quote, ']'};
        size_t end = span_search(text, i + 1, span(close, 2));
        out->name = span_cut(text, i + 1, end - i - 1);
        *at = end + 2;
        return end < text.n;
    }
    size_t end = span_find(text, i, ']');
    *at = end + 1;
    return end < text.n &&
           !failed(num_u64(span_cut(text, i, end - i), UINT32_MAX - 1, &out->index));
}

struct err sops_index_parse(struct span text, struct sops_index *out, struct fault *f)
{
    out->n = 0;
    for (size_t at = 0; at < text.n;) {
        if (out->n == SOPS_DEPTH)
            return sops_fail(f, SOPS_NO_CLASS, at, "an index of too many parts");
        if (!take_step(text, &at, &out->step[out->n++]))
            return sops_fail(f, SOPS_NO_CLASS, 0,
                             "a malformed index: it must look like [\"db\"][\"users\"][0]");
    }
    return OK;
}

static bool is_collection(const struct sops_doc *d, uint32_t node)
{
    uint32_t item = d->nodes[node].item;
    return item == 0 || d->items[item - 1].type == SOPS_EMPTY_MAP ||
           d->items[item - 1].type == SOPS_EMPTY_LIST;
}

/* As far as the index leads: *node is the last node found, *done how many parts lead to it. */
static struct err walk(const struct sops_doc *d, const struct sops_index *x, uint32_t *node,
                       uint32_t *done, struct fault *f)
{
    for (*node = *done = 0; *done < x->n; ++*done) {
        const struct sops_step *s = &x->step[*done];
        if (!is_collection(d, *node))
            return OK;
        bool list = sops_node_is_list(d, *node);
        if (list && s->name.p)
            return sops_fail(f, SOPS_NO_CLASS, 0, "the index names a member of a list");
        if (!list && !s->name.p)
            return sops_fail(f, SOPS_NO_CLASS, 0, "the index numbers a member of a mapping");
        uint32_t next = sops_node_child(d, *node, s->name, s->index);
        if (next == SOPS_NO_NODE)
            return OK;
        if (d->nodes[next].meta)
            return sops_fail(f, SOPS_NO_CLASS, 0, "the sops section is not a value");
        *node = next;
    }
    return OK;
}

struct err sops_find(const struct sops_doc *d, struct span index, uint32_t *node, struct fault *f)
{
    struct sops_index x;
    uint32_t done;
    TRY(sops_index_parse(index, &x, f));
    TRY(walk(d, &x, node, &done, f));
    return done == x.n ? OK : sops_fail(f, SOPS_NO_CLASS, 0, "there is no value at this index");
}

/* ---- sealing the edited source ---- */

/* Where a byte of the edited source stood before; false: it is new. */
static bool was_at(const struct sops_edits *e, uint32_t at, uint32_t *old)
{
    int64_t shift = 0; /* of what follows an edit */
    for (uint32_t i = 0; i < e->n; i++) {
        const struct splice_edit *v = &e->v[i];
        int64_t start = (int64_t)v->start + shift;
        if (at < start)
            break;
        if (at < start + (int64_t)v->with.n)
            return false;
        shift += (int64_t)v->with.n - (int64_t)(v->end - v->start);
    }
    *old = (uint32_t)((int64_t)at - shift);
    return true;
}

static bool is_nothing(const struct sops_item *it)
{
    return it->type == SOPS_NULL || it->type == SOPS_EMPTY_MAP || it->type == SOPS_EMPTY_LIST;
}

/* Values that were there before, from the old document; items of both stand in order. */
static struct err take_over(struct sops_doc *d, const struct sops_doc *old,
                            const struct sops_edits *e, bool *fresh, struct fault *f)
{
    uint32_t k = 0;
    TRY(sops_take_plain(d, f));
    for (uint32_t i = 0; i < d->n_items; i++) {
        struct sops_item *it = &d->items[i];
        uint32_t at;
        fresh[i] = !is_nothing(it) && !was_at(e, it->start, &at);
        if (fresh[i] || is_nothing(it) || d->nodes[it->node].meta)
            continue;
        while (k < old->n_items && (old->items[k].start < at || is_nothing(&old->items[k])))
            k++;
        if (k == old->n_items || old->items[k].start != at)
            return sops_fail(f, SOPS_NO_CLASS, at, "this place cannot be edited: use edit");
        it->plain = old->items[k].plain;
        it->plain_type = old->items[k].plain_type;
        it->sealed = old->items[k].sealed;
    }
    return OK;
}

static struct err replace(struct sops_job *j, uint32_t i, enum sops_type type, struct span text)
{
    const struct sops_item *it = &j->d->items[i];
    BUF_AUTO scratch = buf_init(SOPS_BYTES_MAX);
    struct span with;
    if (j->d->format == SOPS_YAML && it->quoted && j->d->nodes[it->node].meta &&
        !sops_is_sealed(text))
        TRY(buf_printf(&scratch, "\"%.*s\"", SPAN_ARG(text))); /* lastmodified */
    else
        TRY(sops_spell(j->d, it, type, text, &scratch));
    TRY(arena_copy(&j->arena, buf_span(&scratch), &with));
    return splice_add(&j->s, it->start, it->end, with);
}

/* Item i as it must stand now: sealed, clear again, or as it is. */
static struct err settle(struct sops_job *j, uint32_t i, bool fresh)
{
    struct sops_item *it = &j->d->items[i];
    const struct sops_meta *m = j->meta;
    if (i == m->mac_item || i == m->modified_item)
        return replace(j, i, SOPS_STR, i == m->mac_item ? m->mac : m->lastmodified);
    bool comment = it->plain_type == SOPS_COMMENT;
    if (j->d->nodes[it->node].meta || is_nothing(it) || it->plain.n == 0)
        return OK;
    if (it->sealed && !j->wanted[i] && !comment)
        return replace(j, i, (enum sops_type)it->plain_type, it->plain);
    if (!it->sealed && j->wanted[i] && (fresh || !comment))
        return replace(j, i, SOPS_STR, j->sealed[i]);
    return OK;
}

static struct err reseal_with(struct sops_job *j, const struct sops_doc *old,
                              const struct sops_edits *e, bool *fresh, struct buf *out,
                              struct fault *f)
{
    TRY(take_over(j->d, old, e, fresh, f));
    TRY(sops_select(j->d, &j->meta->rule, j->wanted, f));
    for (uint32_t i = 0; i < j->d->n_items; i++) {
        struct sops_item *it = &j->d->items[i];
        if (fresh[i] && j->wanted[i] && e->type != SOPS_NULL) { /* lines that look like texts */
            it->plain_type = (uint8_t)e->type;
            TRY(sops_canonical(e->type, it->text, &j->arena, &it->plain));
        }
        if (j->wanted[i] && !it->sealed && (fresh[i] || it->plain_type != SOPS_COMMENT))
            TRY(sops_job_seal(j, i));
    }
    TRY(sops_job_mac(j));
    for (uint32_t i = 0; i < j->d->n_items; i++)
        TRY(settle(j, i, fresh[i]));
    return splice_write(&j->s, out);
}

struct err sops_reseal(const struct sops_doc *old, const struct sops_edits *e, struct buf *out,
                       struct fault *f)
{
    struct sops_job j = {0};
    struct sops_doc d;
    struct arena arena = arena_init((size_t)SOPS_BYTES_MAX * 2);
    struct splice s = splice_of(old->source, &arena);
    BUF_AUTO source = buf_init(SOPS_BYTES_MAX);
    struct err r = OK;
    for (uint32_t i = 0; i < e->n && !failed(r); i++)
        r = splice_add(&s, e->v[i].start, e->v[i].end, e->v[i].with);
    if (!failed(r))
        r = splice_write(&s, &source);
    arena_free(&arena);
    TRY(r);
    r = sops_read(&d, buf_span(&source), old->format, f);
    bool *fresh = calloc(d.n_items + 1, sizeof *fresh);
    if (!failed(r))
        r = fresh ? sops_job_begin(&j, &d, old->key) : err(ERR_NOMEM);
    if (!failed(r))
        r = reseal_with(&j, old, e, fresh, out, f);
    if (!failed(r))
        r = sops_check(&d, old->key, buf_span(out), f);
    sops_job_end(&j);
    free(fresh);
    sops_drop(&d);
    return r;
}

/* ---- set and unset ---- */

/* One value, and nothing behind it. */
static bool is_json(struct span text)
{
    struct json j = json_of_depth(text, SOPS_DEPTH);
    struct json_token t;
    do {
        if (failed(json_next(&j, &t)))
            return false;
    } while (t.type != JSON_END);
    return true;
}

/* `value` inside of what the rest of the index names, as a document {"value": …}. */
static struct err wrap(const struct sops_index *x, uint32_t from, struct span value,
                       struct buf *out)
{
    uint8_t close[SOPS_DEPTH];
    uint32_t n = 0;
    TRY(buf_puts(out, "{\"value\":"));
    for (uint32_t i = from; i < x->n; i++) {
        bool member = x->step[i].name.p != NULL;
        close[n++] = member ? '}' : ']';
        TRY(buf_puts(out, member ? "{\"" : "["));
        if (member)
            TRY(json_escape(x->step[i].name, out));
        TRY(buf_puts(out, member ? "\":" : ""));
    }
    TRY(buf_put(out, value));
    while (n)
        TRY(buf_put_u8(out, close[--n]));
    return buf_put_u8(out, '}');
}

/* What a value is as JSON, to compare two of them. */
static struct err as_json(const struct sops_doc *d, uint32_t node, struct buf *out)
{
    return sops_emit_json(d, node, SPAN_NONE, 0, out);
}

static struct err is_same(const struct sops_doc *d, uint32_t node, const struct sops_doc *value,
                          bool *same)
{
    struct buf a = buf_init(SOPS_BYTES_MAX), b = buf_init(SOPS_BYTES_MAX);
    struct err e = as_json(d, node, &a);
    if (!failed(e))
        e = as_json(value, 1, &b);
    *same = !failed(e) && span_eq(buf_span(&a), buf_span(&b));
    buf_wipe(&a);
    buf_wipe(&b);
    return err_cat(e) == ERR_INPUT ? OK : e; /* .inf is no JSON, and no value that was set */
}

static struct err set_with(const struct sops_doc *d, const struct sops_index *x, uint32_t node,
                           uint32_t done, const struct sops_doc *value, struct buf *out,
                           struct fault *f)
{
    struct sops_edits edits = {.arena = arena_init(SOPS_BYTES_MAX), .type = SOPS_NULL};
    bool inside = done < x->n && is_collection(d, node) && d->nodes[node].children;
    struct err e;
    if (inside || (done < x->n && node == 0))
        e = sops_place_member(d, node, &x->step[done], value, &edits, f);
    else
        e = sops_place_value(d, node, value, &edits, f);
    if (!failed(e))
        e = sops_reseal(d, &edits, out, f);
    arena_free(&edits.arena);
    return e;
}

struct err sops_set(struct sops_doc *d, struct span index, struct span value, bool *changed,
                    struct buf *out, struct fault *f)
{
    struct sops_index x;
    struct sops_doc v;
    uint32_t node, done;
    struct buf text = buf_init(SOPS_BYTES_MAX);
    if (!d->open)
        return err(ERR_BUG);
    TRY(sops_index_parse(index, &x, f));
    if (x.n == 0)
        return sops_fail(f, SOPS_NO_CLASS, 0, "an empty index");
    TRY(walk(d, &x, &node, &done, f));
    if (!is_json(value))
        return sops_fail(f, SOPS_NO_CLASS, 0, "the value is not JSON (a text needs its quotes)");
    /* What is new goes inside the collection that the walk ended in, or in a scalar's place. */
    bool inside = done < x.n && is_collection(d, node) && (d->nodes[node].children || node == 0);
    struct err e = wrap(&x, inside ? done + 1 : done, value, &text);
    if (failed(e)) {
        buf_wipe(&text);
        return e;
    }
    e = sops_read(&v, buf_span(&text), SOPS_JSON, f);
    bool same = false;
    if (!failed(e))
        e = sops_take_plain(&v, f);
    if (!failed(e) && done == x.n)
        e = is_same(d, node, &v, &same);
    *changed = !same;
    if (!failed(e))
        e = set_with(d, &x, node, done, &v, out, f);
    sops_drop(&v);
    buf_wipe(&text);
    return e;
}

struct err sops_unset(struct sops_doc *d, struct span index, struct buf *out, struct fault *f)
{
    struct sops_edits edits = {.arena = arena_init(SOPS_BYTES_MAX), .type = SOPS_NULL};
    uint32_t node;
    if (!d->open)
        return err(ERR_BUG);
    TRY(sops_find(d, index, &node, f));
    if (node == 0)
        return sops_fail(f, SOPS_NO_CLASS, 0, "an empty index");
    struct err e = sops_place_nothing(d, node, &edits, f);
    if (!failed(e))
        e = sops_reseal(d, &edits, out, f);
    arena_free(&edits.arena);
    return e;
}
