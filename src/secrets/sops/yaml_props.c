/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anchors, tags and aliases of YAML. A tag gives a scalar its type and stays in the source. An
 * alias cannot stay where values are sealed under their own key paths: the reader copies what it
 * stands for, and yaml_rewritten makes the source in which all aliases are written out; that one is
 * read again and edited. Rare.
 */
#include "b64.h"
#include "splice.h"
#include "wr.h"
#include "yaml_int.h"

enum {
    ANCHORS_MAX = 65536,
    COPIES_MAX = 1 << 18,          /* nodes that aliases may make */
    REWRITTEN_MAX = SOPS_BYTES_MAX /* bytes */
};

struct yaml_anchor {
    struct span name, key;
    uint32_t node; /* SOPS_NO_NODE: it names a key, whose text is `key` */
    uint32_t next; /* 1 + the one before in its bucket */
};

static bool ends_word(uint8_t c)
{
    return c <= ' ' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

/* The word at the cursor, its mark included: "&name", "*name", "!tag", "!<tag:with,marks>". */
static struct span take_word(struct yaml *y)
{
    size_t start = y->at;
    bool whole = span_starts(span_from(y->in, start), SPAN_LIT("!<"));
    for (y->at++; y->at < y->in.n && (whole ? y->in.p[y->at] > ' ' : !ends_word(y->in.p[y->at]));)
        if (y->in.p[y->at++] == '>' && whole)
            break;
    return span_cut(y->in, start, y->at - start);
}

/* Letters, digits, '-' and '_', as the reader of SOPS has it. */
static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i], small = c | 32;
        if ((small < 'a' || small > 'z') && (c < '0' || c > '9') && c != '-' && c != '_')
            return false;
    }
    return s.n > 0;
}

struct err yaml_props(struct yaml *y, struct yaml_props *out)
{
    *out = (struct yaml_props){.start = y->at};
    while (y->at < y->in.n) {
        uint8_t c = y->in.p[y->at];
        if (c != '&' && c != '!')
            break;
        struct span *to = c == '&' ? &out->anchor : &out->tag;
        size_t start = y->at;
        if (to->n)
            return yaml_bad(y, start, "two anchors or two tags on one value");
        *to = take_word(y);
        if (c == '!')
            out->start = start;
        if (c == '&' && !is_name(span_from(*to, 1)))
            return yaml_bad(y, start, "an anchor without a name of letters and digits");
        if (c == '&')
            TRY(yaml_rewrite_add(y, start, y->at, SOPS_NO_NODE));
        out->any = true;
        while (y->at < y->in.n && (y->in.p[y->at] == ' ' || y->in.p[y->at] == '\t'))
            y->at++;
    }
    return OK;
}

/* ---- tags ---- */

/* "str" of "!!str" and of "!<tag:yaml.org,2002:str>"; empty for tags of one's own. */
static struct span core_tag(struct span tag)
{
    struct span whole = SPAN_LIT("!<tag:yaml.org,2002:");
    if (span_starts(tag, SPAN_LIT("!!")))
        return span_from(tag, 2);
    if (span_starts(tag, whole) && span_ends(tag, SPAN_LIT(">")))
        return span_cut(tag, whole.n, tag.n - whole.n - 1);
    return SPAN_NONE;
}

bool yaml_tag_is_text(const struct yaml_props *p)
{
    struct span core = core_tag(p->tag);
    static const char *const typed[] = {"int", "float", "bool", "null", "timestamp"};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
        if (span_is(core, typed[i]))
            return false;
    return p->tag.n > 1;
}

static struct err binary(struct yaml *y, struct sops_item *it)
{
    void *packed, *memory;
    TRY(arena_take(&y->d->arena, it->text.n, &packed));
    TRY(arena_take(&y->d->arena, it->text.n, &memory));
    struct wr p = wr_of(packed, it->text.n), w = wr_of(memory, it->text.n);
    for (size_t i = 0; i < it->text.n; i++)
        if (it->text.p[i] > ' ')
            wr_u8(&p, it->text.p[i]);
    if (failed(b64_decode(&w, wr_span(&p), B64_STD, NULL)))
        return yaml_bad(y, it->start, "a binary value that is no base64");
    it->text = wr_span(&w);
    it->type = SOPS_STR;
    return OK;
}

/* A float whose text looks like an integer must go on looking like a float. */
static struct err with_point(struct yaml *y, struct sops_item *it)
{
    void *memory;
    bool fits;
    if (sops_number_type(it->text, &fits) == SOPS_FLOAT && fits)
        return OK;
    TRY(arena_take(&y->d->arena, it->text.n + 2, &memory));
    struct wr w = wr_of(memory, it->text.n + 2);
    wr_put(&w, it->text);
    wr_str(&w, ".0");
    it->text = wr_span(&w);
    return OK;
}

struct err yaml_tagged(struct yaml *y, const struct yaml_props *p, struct sops_item *it)
{
    static const struct {
        const char *name;
        enum sops_type type;
    } types[] = {{"int", SOPS_INT},
                 {"float", SOPS_FLOAT},
                 {"bool", SOPS_BOOL},
                 {"null", SOPS_NULL},
                 {"timestamp", SOPS_TIME}};
    if (p->tag.n < 2) /* none, or "!", which says nothing */
        return OK;
    struct span core = core_tag(p->tag);
    it->start = (uint32_t)p->start;
    it->end = it->end < it->start + p->tag.n ? it->start + (uint32_t)p->tag.n : it->end;
    it->quoted = true;
    if (span_is(core, "binary"))
        return binary(y, it);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        enum sops_type is = sops_yaml_type(it->text);
        if (!span_is(core, types[i].name))
            continue;
        it->type = (uint8_t)types[i].type;
        if (types[i].type == SOPS_FLOAT && (is == SOPS_INT || is == SOPS_FLOAT))
            return with_point(y, it);
        return is == types[i].type
                   ? OK
                   : yaml_bad(y, it->start, "a value that is not of its tag's type");
    }
    it->type = SOPS_STR;
    return OK;
}

/* ---- anchors ---- */

static uint32_t bucket_of(struct span name)
{
    uint32_t h = 2166136261U;
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ name.p[i]) * 16777619U;
    return (h ^ h >> 15) % YAML_BUCKETS;
}

/* Room for one more element in an array of the arena; it doubles. */
static struct err room(struct arena *arena, void **v, uint32_t n, uint32_t *cap, size_t size)
{
    void *bigger;
    if (n < *cap)
        return OK;
    uint32_t more = *cap ? *cap * 2 : 16;
    TRY(arena_take(arena, more * size, &bigger));
    if (n)
        memcpy(bigger, *v, n * size);
    *v = bigger;
    *cap = more;
    return OK;
}

static struct err remember(struct yaml *y, struct yaml_anchor a)
{
    if (y->n_anchors == ANCHORS_MAX)
        return yaml_bad(y, y->at, "too many anchors");
    TRY(room(&y->d->arena, (void **)&y->anchors, y->n_anchors, &y->cap_anchors, sizeof a));
    if (!y->bucket) {
        void *memory;
        TRY(arena_take(&y->d->arena, YAML_BUCKETS * sizeof *y->bucket, &memory));
        y->bucket = memory;
    }
    uint32_t *head = &y->bucket[bucket_of(a.name)];
    a.next = *head;
    y->anchors[y->n_anchors++] = a;
    *head = y->n_anchors;
    return OK;
}

struct err yaml_anchor_node(struct yaml *y, const struct yaml_props *p, uint32_t node)
{
    if (p->anchor.n == 0)
        return OK;
    return remember(y, (struct yaml_anchor){.name = span_from(p->anchor, 1), .node = node});
}

struct err yaml_anchor_key(struct yaml *y, const struct yaml_props *p, struct span key)
{
    if (p->anchor.n == 0)
        return OK;
    return remember(
        y, (struct yaml_anchor){.name = span_from(p->anchor, 1), .key = key, .node = SOPS_NO_NODE});
}

static const struct yaml_anchor *anchor_named(const struct yaml *y, struct span name)
{
    for (uint32_t i = y->bucket ? y->bucket[bucket_of(name)] : 0; i; i = y->anchors[i - 1].next)
        if (span_eq(y->anchors[i - 1].name, name))
            return &y->anchors[i - 1];
    return NULL;
}

/* ---- aliases ---- */

/* Copy the nodes below `from` (they stand together) to below `to`, the newest node. */
static struct err copy_nodes(struct yaml *y, uint32_t from, uint32_t end, uint32_t to)
{
    struct sops_doc *d = y->d;
    for (uint32_t m = from + 1; m < end; m++) {
        uint32_t made, parent = d->nodes[m].parent;
        parent = parent == from ? to : to + (parent - from);
        TRY(sops_node_add(d, parent, d->nodes[m].name, d->nodes[m].index, &made));
    }
    return OK;
}

static struct err copy_below(struct yaml *y, uint32_t from, uint32_t to, size_t at)
{
    struct sops_doc *d = y->d;
    uint32_t end = sops_node_last(d, from), lo, hi;
    for (uint32_t up = to; up != SOPS_NO_NODE; up = d->nodes[up].parent)
        if (up == from)
            return yaml_bad(y, at, "an alias inside of what it stands for");
    y->copied += end - from;
    if (y->copied > COPIES_MAX)
        return yaml_bad(y, at, "aliases that make the document grow without end");
    TRY(copy_nodes(y, from, end, to));
    sops_node_items(d, from, &lo, &hi);
    for (uint32_t i = lo; i < hi; i++) {
        struct sops_item it = d->items[i];
        if (it.node < from || it.node >= end)
            continue;
        it.node = to + (it.node - from);
        it.start = it.end = (uint32_t)at;
        TRY(sops_item_add(d, it));
    }
    return OK;
}

struct err yaml_alias(struct yaml *y, uint32_t node)
{
    size_t start = y->at;
    struct span name = span_from(take_word(y), 1);
    const struct yaml_anchor *a = anchor_named(y, name);
    if (!is_name(name) || !a)
        return yaml_bad(y, start, "an alias of nothing above");
    TRY(yaml_rewrite_add(y, start, y->at, node));
    y->aliased = true;
    y->d->nodes[node].expanded = true;
    if (a->node != SOPS_NO_NODE)
        return copy_below(y, a->node, node, start);
    return sops_item_add(y->d, (struct sops_item){.node = node,
                                                  .start = (uint32_t)start,
                                                  .end = (uint32_t)start,
                                                  .type = SOPS_STR,
                                                  .text = a->key});
}

/* ---- writing out ---- */

struct err yaml_rewrite_add(struct yaml *y, size_t start, size_t end, uint32_t node)
{
    struct yaml_rewrite r = {(uint32_t)start, (uint32_t)end, node};
    TRY(room(&y->d->arena, (void **)&y->rewrites, y->n_rewrites, &y->cap_rewrites, sizeof r));
    y->rewrites[y->n_rewrites++] = r;
    return OK;
}

/* What comes in the place of one alias, or of a whole document in brackets. */
static struct err written_out(struct yaml *y, const struct yaml_rewrite *r, uint32_t indent,
                              struct buf *out)
{
    const struct sops_doc *d = y->d;
    const struct sops_node *n = &d->nodes[r->node];
    struct sops_style style = {.indent = indent, .source = true, .flow = n->flow};
    bool root = n->parent == SOPS_NO_NODE;
    style.column = root ? 0 : n->column + (n->index == UINT32_MAX ? style.indent : 2);
    TRY(sops_emit_value(d, r->node, &style, out));
    if (!root || out->n == 0)
        return OK;
    bool fresh = r->start == 0 || d->source.p[r->start - 1] == '\n';
    buf_drop(out, fresh ? 1 : 0); /* the line end before the first entry */
    return OK;
}

struct err yaml_rewritten(struct yaml *y, struct span *out)
{
    struct splice s = splice_of(y->in, &y->d->arena);
    size_t done = 0;
    uint32_t indent = sops_indent_of(y->d); /* a look at all nodes */
    for (uint32_t i = 0; i < y->n_rewrites; i++) {
        const struct yaml_rewrite *r = &y->rewrites[i];
        struct span with = SPAN_NONE;
        size_t end = r->end;
        if (r->start < done)
            continue; /* inside of what is written out as a whole */
        if (r->node != SOPS_NO_NODE) {
            BUF_AUTO text = buf_init(REWRITTEN_MAX);
            TRY(written_out(y, r, indent, &text));
            bool spaced = text.n && text.p[0] == ' '; /* one stands there already */
            TRY(arena_copy(&y->d->arena, span_from(buf_span(&text), spaced), &with));
        } else {
            while (end < y->in.n && y->in.p[end] == ' ')
                end++;
        }
        TRY(splice_add(&s, r->start, end, with));
        done = end;
    }
    BUF_AUTO whole = buf_init(REWRITTEN_MAX);
    TRY(splice_write(&s, &whole));
    return arena_copy(&y->d->arena, buf_span(&whole), out);
}
