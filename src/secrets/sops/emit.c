/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values written afresh: new ones that `set` brings, aliases written out, documents in another
 * format. Not recursive: items are walked in order, and the way to each is opened and closed. Once
 * a command at most.
 */
#include "sops_int.h"

#include "json.h"

struct open_node {
    uint32_t node, column;
};

struct emitter {
    const struct sops_doc *d;
    const struct sops_style *style;
    struct buf *out;
    uint32_t top;
    struct open_node open[SOPS_DEPTH + 2]; /* collections around; the first is `top` */
    uint32_t n;
    bool behind_dash; /* the next entry stands on this line */
    bool value_last;  /* the line ends with a value: a comment may stand beside it */
};

/* The type and the bytes of a value, as the style has it. */
static enum sops_type value_of(const struct sops_item *it, bool source, struct span *text)
{
    *text = source ? it->text : it->plain;
    return (enum sops_type)(source ? it->type : it->plain_type);
}

static struct err line_of(struct emitter *e, uint32_t column)
{
    TRY(buf_puts(e->out, "\n"));
    for (uint32_t i = 0; i < column; i++)
        TRY(buf_put_u8(e->out, ' '));
    return OK;
}

static struct err quoted_json(struct span text, struct buf *out)
{
    TRY(buf_put_u8(out, '"'));
    TRY(json_escape(text, out));
    return buf_put_u8(out, '"');
}

struct err sops_emit_key(struct span name, bool flow, struct buf *out)
{
    const struct sops_doc yaml = {.format = SOPS_YAML};
    const struct sops_item place = {.flow = true, .type = SOPS_STR};
    if (!flow && span_is(name, "<<"))
        return buf_put(out, name);
    return sops_spell(&yaml, &place, SOPS_STR, name, out);
}

/* A scalar, or an empty collection, on one line. */
static struct err scalar(const struct sops_style *style, const struct sops_item *it,
                         struct buf *out)
{
    const struct sops_doc yaml = {.format = SOPS_YAML};
    const struct sops_item place = {.flow = true, .type = SOPS_STR};
    struct span text;
    enum sops_type type = value_of(it, style->source, &text);
    if (type == SOPS_EMPTY_MAP || type == SOPS_EMPTY_LIST)
        return buf_puts(out, type == SOPS_EMPTY_MAP ? "{}" : "[]");
    if (style->source && type != SOPS_STR && type != SOPS_NULL)
        return buf_put(out, text);
    return sops_spell(&yaml, &place, type, text, out);
}

/* "- " or "key:" of a node, on a line of its own unless it stands behind a dash. */
static struct err entry(struct emitter *e, uint32_t node, uint32_t column)
{
    const struct sops_node *n = &e->d->nodes[node];
    TRY(e->behind_dash ? buf_put_u8(e->out, ' ') : line_of(e, column));
    e->behind_dash = e->value_last = false;
    if (n->index != UINT32_MAX)
        return buf_puts(e->out, "-");
    TRY(sops_emit_key(n->name, false, e->out));
    return buf_puts(e->out, ":");
}

/* Open the collection `node` below the innermost one. */
static struct err open_one(struct emitter *e, uint32_t node)
{
    uint32_t column = e->style->column;
    bool element = e->d->nodes[node].index != UINT32_MAX;
    if (e->n) {
        uint32_t around = e->open[e->n - 1].column;
        TRY(entry(e, node, around));
        column = around + (element ? 2 : e->style->indent);
    }
    e->behind_dash = element;
    e->open[e->n++] = (struct open_node){node, column};
    return OK;
}

/* Open and close collections until `node` (at or below the top) is the innermost one. */
static struct err open_to(struct emitter *e, uint32_t node)
{
    uint32_t way[SOPS_DEPTH + 2], depth = 0, same = 0;
    for (uint32_t at = node;; at = e->d->nodes[at].parent) {
        way[depth++] = at;
        if (at == e->top)
            break;
    }
    while (same < e->n && same < depth && e->open[same].node == way[depth - 1 - same])
        same++;
    e->n = same;
    while (e->n < depth)
        TRY(open_one(e, way[depth - 1 - e->n]));
    return OK;
}

static struct err comment(struct emitter *e, const struct sops_item *it)
{
    struct span text = e->style->source ? it->text : it->plain;
    struct span in = e->d->source;
    size_t line = it->start;
    while (line > 0 && in.p[line - 1] != '\n' && (in.p[line - 1] == ' ' || in.p[line - 1] == '\t'))
        line--;
    bool beside = line > 0 && in.p[line - 1] != '\n' && e->value_last;
    if (!beside) {
        TRY(open_to(e, it->node));
        TRY(e->behind_dash ? buf_put_u8(e->out, ' ') : line_of(e, e->open[e->n - 1].column));
        e->behind_dash = false;
    }
    TRY(buf_puts(e->out, beside ? " #" : "#"));
    for (size_t i = 0; i < text.n; i++)
        TRY(buf_put_u8(e->out, text.p[i] == '\n' || text.p[i] == '\r' ? ' ' : text.p[i]));
    e->value_last = false;
    return OK;
}

static struct err value(struct emitter *e, const struct sops_item *it)
{
    bool opened = e->n && e->open[e->n - 1].node == it->node; /* for a comment; it is null */
    if (opened)
        return OK;
    if (it->node != e->top) {
        TRY(open_to(e, e->d->nodes[it->node].parent));
        TRY(entry(e, it->node, e->open[e->n - 1].column));
    }
    TRY(buf_put_u8(e->out, ' '));
    e->value_last = true;
    return scalar(e->style, it, e->out);
}

/* ---- on one line, in brackets; and JSON ---- */

struct json_way {
    const struct sops_doc *d;
    const struct sops_style *style; /* YAML in brackets; NULL: JSON */
    struct buf *out;
    struct span unit;
    uint32_t top, depth;
    uint32_t open[SOPS_DEPTH + 2], n;
    bool comma;
};

static struct err json_line(struct json_way *j)
{
    if (j->unit.n == 0)
        return j->comma ? buf_puts(j->out, " ") : OK;
    TRY(buf_puts(j->out, "\n"));
    for (uint32_t i = 0; i < j->depth + j->n; i++)
        TRY(buf_put(j->out, j->unit));
    return OK;
}

static struct err json_entry(struct json_way *j, uint32_t node)
{
    if (j->n == 0)
        return OK;
    TRY(buf_puts(j->out, j->comma ? "," : ""));
    TRY(json_line(j));
    j->comma = true;
    if (j->d->nodes[node].index != UINT32_MAX)
        return OK;
    TRY(quoted_json(j->d->nodes[node].name, j->out));
    return buf_puts(j->out, ": ");
}

static struct err json_close(struct json_way *j)
{
    uint32_t node = j->open[--j->n];
    if (j->comma && j->unit.n)
        TRY(json_line(j));
    j->comma = true;
    return buf_puts(j->out, sops_node_is_list(j->d, node) ? "]" : "}");
}

static struct err json_open_to(struct json_way *j, uint32_t node)
{
    uint32_t way[SOPS_DEPTH + 2], depth = 0, same = 0;
    for (uint32_t at = node;; at = j->d->nodes[at].parent) {
        way[depth++] = at;
        if (at == j->top)
            break;
    }
    while (same < j->n && same < depth && j->open[same] == way[depth - 1 - same])
        same++;
    while (j->n > same)
        TRY(json_close(j));
    while (j->n < depth) {
        uint32_t next = way[depth - 1 - j->n];
        TRY(json_entry(j, next));
        TRY(buf_puts(j->out, sops_node_is_list(j->d, next) ? "[" : "{"));
        j->comma = false;
        j->open[j->n++] = next;
    }
    return OK;
}

static struct err json_scalar(const struct json_way *j, const struct sops_item *it)
{
    const struct sops_doc json = {.format = SOPS_JSON};
    if (j->style)
        return scalar(j->style, it, j->out);
    if (it->plain_type == SOPS_EMPTY_MAP || it->plain_type == SOPS_EMPTY_LIST)
        return buf_puts(j->out, it->plain_type == SOPS_EMPTY_MAP ? "{}" : "[]");
    return sops_spell(&json, it, (enum sops_type)it->plain_type, it->plain, j->out);
}

static bool is_comment(const struct sops_item *it)
{
    return it->type == SOPS_COMMENT || it->plain_type == SOPS_COMMENT;
}

static struct err json_items(struct json_way *j)
{
    uint32_t lo, hi, end = sops_node_last(j->d, j->top);
    sops_node_items(j->d, j->top, &lo, &hi);
    for (uint32_t i = lo; i < hi; i++) {
        const struct sops_item *it = &j->d->items[i];
        bool below = it->node >= j->top && it->node < end;
        if (!below || is_comment(it) || j->d->nodes[it->node].meta)
            continue;
        if (it->node != j->top) {
            TRY(json_open_to(j, j->d->nodes[it->node].parent));
            TRY(json_entry(j, it->node));
        }
        TRY(json_scalar(j, it));
    }
    if (j->n == 0 && j->d->nodes[j->top].item == 0) /* a root without values */
        return buf_puts(j->out, "{}");
    while (j->n)
        TRY(json_close(j));
    return OK;
}

struct err sops_emit_json(const struct sops_doc *d, uint32_t node, struct span unit, uint32_t depth,
                          struct buf *out)
{
    struct json_way j = {.d = d, .out = out, .unit = unit, .top = node, .depth = depth};
    return json_items(&j);
}

/* ---- YAML ---- */

static struct err block_items(struct emitter *e)
{
    uint32_t lo, hi, end = sops_node_last(e->d, e->top);
    sops_node_items(e->d, e->top, &lo, &hi);
    for (uint32_t i = lo; i < hi; i++) {
        const struct sops_item *it = &e->d->items[i];
        if (it->node < e->top || it->node >= end || e->d->nodes[it->node].meta)
            continue;
        TRY(is_comment(it) ? comment(e, it) : value(e, it));
    }
    return OK;
}

struct err sops_emit_value(const struct sops_doc *d, uint32_t node, const struct sops_style *style,
                           struct buf *out)
{
    if (style->flow) {
        struct json_way j = {.d = d, .style = style, .out = out, .top = node};
        TRY(buf_put_u8(out, ' '));
        return json_items(&j);
    }
    struct emitter e = {.d = d, .style = style, .out = out, .top = node};
    e.behind_dash = false;
    if (d->nodes[node].item == 0 && d->nodes[node].children)
        TRY(open_one(&e, node));
    return block_items(&e);
}

uint32_t sops_indent_of(const struct sops_doc *d)
{
    for (uint32_t m = 1; m < d->n_nodes; m++) {
        const struct sops_node *n = &d->nodes[m];
        const struct sops_node *up = n->parent == SOPS_NO_NODE ? NULL : &d->nodes[n->parent];
        if (!up || up->parent == SOPS_NO_NODE || n->flow || n->meta || n->index != UINT32_MAX ||
            up->index != UINT32_MAX || n->column <= up->column)
            continue;
        return n->column - up->column;
    }
    return 4;
}

struct err sops_write_value(const struct sops_doc *d, uint32_t node, enum sops_format format,
                            struct buf *out)
{
    const struct sops_style style = {.indent = 4};
    const struct sops_item *it = d->nodes[node].item ? &d->items[d->nodes[node].item - 1] : NULL;
    BUF_AUTO text = buf_init(SOPS_BYTES_MAX);
    if (it && (it->plain_type <= SOPS_STR || it->plain_type == SOPS_BYTES))
        return buf_put(out, it->plain);
    if (format == SOPS_YAML)
        TRY(sops_emit_value(d, node, &style, &text));
    else
        TRY(sops_emit_json(d, node, SPAN_LIT("\t"), 0, &text));
    uint8_t first = text.n ? text.p[0] : 0; /* what parts it from a key that is not there */
    TRY(buf_put(out, span_from(buf_span(&text), first == ' ' || first == '\n')));
    return format == SOPS_YAML ? buf_puts(out, "\n") : OK;
}
