/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a value that is set goes in a document's source, and which bytes go with one that is taken
 * away. The new text is clear: sops_reseal seals it. Once a `set` or `unset`.
 */
#include "change_int.h"

enum { VALUE = 1 }; /* the node of {"value": …} */

static struct err no_place(struct fault *f, const char *why)
{
    return sops_fail(f, SOPS_NO_CLASS, 0, why);
}

/* Add an edit whose text is `text`, in the document's line ends. */
static struct err add(const struct sops_doc *d, struct sops_edits *e, size_t start, size_t end,
                      struct span text)
{
    size_t first = span_find(d->source, 0, '\n');
    bool crlf = first > 0 && first < d->source.n && d->source.p[first - 1] == '\r';
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    struct splice_edit *v = &e->v[e->n++];
    for (size_t i = 0; i < text.n; i++) {
        if (crlf && text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
            TRY(buf_put_u8(&out, '\r'));
        TRY(buf_put_u8(&out, text.p[i]));
    }
    *v = (struct splice_edit){.start = start, .end = end};
    return arena_copy(&e->arena, buf_span(&out), &v->with);
}

/* The end of the line that holds `at`: at its line end, or the source's end. */
static size_t line_end(const struct sops_doc *d, size_t at)
{
    size_t end = span_find(d->source, at, '\n');
    return end > at && end < d->source.n && d->source.p[end - 1] == '\r' ? end - 1 : end;
}

static size_t next_line(const struct sops_doc *d, size_t at)
{
    size_t end = span_find(d->source, at, '\n');
    return end + (end < d->source.n);
}

static bool is_scalar(const struct sops_doc *value, uint32_t node)
{
    uint32_t item = value->nodes[node].item;
    return item && value->items[item - 1].type < SOPS_COMMENT;
}

/* First or last child that is no part of the sops section; SOPS_NO_NODE: none. */
static uint32_t outer_child(const struct sops_doc *d, uint32_t node, bool last)
{
    uint32_t found = SOPS_NO_NODE, end = sops_node_last(d, node);
    for (uint32_t m = node + 1; m < end; m++) {
        if (d->nodes[m].parent != node || d->nodes[m].meta)
            continue;
        found = m;
        if (!last)
            break;
    }
    return found;
}

/* ---- dotenv and INI ---- */

static struct err line_text(const struct sops_doc *d, const struct sops_doc *value, uint32_t node,
                            struct buf *out, struct fault *f)
{
    const struct sops_item place = {.type = SOPS_STR};
    if (!is_scalar(value, node))
        return no_place(f, d->format == SOPS_INI ? "a key of an INI file holds one value"
                                                 : "a dotenv file holds names and values only");
    const struct sops_item *it = &value->items[value->nodes[node].item - 1];
    if (memchr(it->plain.p ? it->plain.p : (const uint8_t *)"", '\r', it->plain.n) ||
        memchr(it->plain.p ? it->plain.p : (const uint8_t *)"", 0, it->plain.n))
        return no_place(f, "a value that fits on no line");
    return sops_spell(d, &place, (enum sops_type)it->plain_type, it->plain, out);
}

static bool is_line_name(struct span name, bool ini)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] < ' ' || name.p[i] == '=' || (ini && name.p[i] == ']'))
            return false;
    uint8_t first = name.n ? name.p[0] : '#', last = name.n ? name.p[name.n - 1] : '#';
    if (ini)
        return first != '#' && first != ';' && first != '[' && first != ' ' && last != ' ' &&
               memchr(name.p, ':', name.n) == NULL && first != '"' && first != '`';
    return first != '#';
}

static struct err line_member(const struct sops_doc *d, struct span name,
                              const struct sops_doc *value, uint32_t node, struct buf *out,
                              struct fault *f)
{
    bool ini = d->format == SOPS_INI;
    bool taken = !ini && span_starts(name, SPAN_LIT("sops_"));
    if (taken || !is_line_name(name, ini))
        return no_place(f, "a name that cannot stand in this format");
    TRY(buf_put(out, name));
    TRY(buf_puts(out, ini ? " = " : "="));
    TRY(line_text(d, value, node, out, f));
    return buf_puts(out, "\n");
}

/* Every member of an object as a line. */
static struct err section_lines(const struct sops_doc *d, const struct sops_doc *value,
                                struct buf *out, struct fault *f)
{
    if (is_scalar(value, VALUE) || sops_node_is_list(value, VALUE))
        return no_place(f, "a section of an INI file holds names and values");
    for (uint32_t m = VALUE + 1; m < value->n_nodes; m++)
        if (value->nodes[m].parent == VALUE)
            TRY(line_member(d, value->nodes[m].name, value, m, out, f));
    return OK;
}

static void keep_type(const struct sops_doc *value, struct sops_edits *e)
{
    uint32_t item = value->nodes[VALUE].item;
    if (item)
        e->type = (enum sops_type)value->items[item - 1].plain_type;
}

static struct err lines_value(const struct sops_doc *d, uint32_t node, const struct sops_doc *value,
                              struct sops_edits *e, struct fault *f)
{
    const struct sops_node *n = &d->nodes[node];
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    if (d->format == SOPS_INI && d->nodes[n->parent].parent == SOPS_NO_NODE) {
        size_t start = next_line(d, n->behind), end = line_end(d, sops_node_end(d, node));
        bool empty = n->children == 0;
        TRY(section_lines(d, value, &out, f));
        return add(d, e, start, empty ? start : end + (end < d->source.n), buf_span(&out));
    }
    TRY(line_text(d, value, VALUE, &out, f));
    keep_type(value, e);
    return add(d, e, n->behind, d->nodes[node].end, buf_span(&out));
}

/* A new line at a place where a line starts, or at the end of a source without a last line end. */
static struct err add_line(const struct sops_doc *d, struct sops_edits *e, size_t at,
                           struct buf *line)
{
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    if (at > 0 && d->source.p[at - 1] != '\n')
        TRY(buf_puts(&out, "\n"));
    TRY(buf_put(&out, buf_span(line)));
    return add(d, e, at, at, buf_span(&out));
}

static struct err lines_member(const struct sops_doc *d, uint32_t node,
                               const struct sops_step *step, const struct sops_doc *value,
                               struct sops_edits *e, struct fault *f)
{
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    size_t at = d->n_cuts ? d->cuts[0].start : d->source.n;
    if (!step->name.p)
        return no_place(f, "the index numbers a member of a mapping");
    if (d->format == SOPS_INI && node == 0) {
        if (!is_line_name(step->name, true))
            return no_place(f, "a name that cannot stand in this format");
        TRY(buf_printf(&out, "\n[%.*s]\n", SPAN_ARG(step->name)));
        TRY(section_lines(d, value, &out, f));
        return add_line(d, e, at, &out);
    }
    TRY(line_member(d, step->name, value, VALUE, &out, f));
    keep_type(value, e);
    if (d->format == SOPS_INI)
        at = next_line(d, d->nodes[node].children ? sops_node_end(d, node) : d->nodes[node].behind);
    return add_line(d, e, at, &out);
}

/* ---- JSON, and YAML in brackets ---- */

/* The blanks before an entry in brackets, from its line end if it starts a line. */
static struct span blanks_before(const struct sops_doc *d, size_t at)
{
    size_t start = at;
    while (start > 0 && (d->source.p[start - 1] == ' ' || d->source.p[start - 1] == '\t'))
        start--;
    if (start > 0 && d->source.p[start - 1] == '\n')
        start--;
    if (start > 0 && d->source.p[start] == '\n' && d->source.p[start - 1] == '\r')
        start--;
    return span_cut(d->source, start, at - start);
}

/* What one level of a JSON document goes in by; empty where all is on one line. */
static struct span unit_of(const struct sops_doc *d)
{
    uint32_t first = 1;
    struct span blanks = first < d->n_nodes ? blanks_before(d, d->nodes[first].at) : SPAN_NONE;
    size_t line = blanks.n && blanks.p[0] == '\r' ? 2 : 1;
    bool own_line = blanks.n && (blanks.p[0] == '\n' || blanks.p[0] == '\r');
    return own_line ? span_from(blanks, line) : SPAN_NONE;
}

static struct err bracket_text(const struct sops_doc *d, const struct sops_doc *value,
                               uint32_t depth, struct buf *out)
{
    static const struct sops_style flow = {.flow = true, .source = true};
    if (d->format != SOPS_YAML)
        return sops_emit_json(value, VALUE, unit_of(d), depth, out);
    TRY(sops_emit_value(value, VALUE, &flow, out));
    return OK;
}

static uint32_t depth_of(const struct sops_doc *d, uint32_t node)
{
    uint32_t n = 0;
    for (; d->nodes[node].parent != SOPS_NO_NODE; node = d->nodes[node].parent)
        n++;
    return n;
}

static struct err bracket_value(const struct sops_doc *d, uint32_t node,
                                const struct sops_doc *value, struct sops_edits *e)
{
    const struct sops_node *n = &d->nodes[node];
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    bool key_alone = n->behind == n->end && n->index == UINT32_MAX; /* {key} or {key: } */
    size_t before = n->behind;
    while (before > 0 && (d->source.p[before - 1] == ' ' || d->source.p[before - 1] == '\t'))
        before--;
    if (key_alone && d->source.p[before - 1] != ':')
        TRY(buf_puts(&out, ":"));
    bool spaced = n->behind > 0 && d->source.p[n->behind - 1] == ' ';
    TRY(bracket_text(d, value, depth_of(d, node), &out));
    struct span text = buf_span(&out);
    if (text.n && text.p[0] == ' ' && spaced)
        text = span_from(text, 1);
    return add(d, e, n->behind, n->end, text);
}

/* Behind the last member; the sops section of a JSON document may be the only one. */
static struct err bracket_member(const struct sops_doc *d, uint32_t node,
                                 const struct sops_step *step, const struct sops_doc *value,
                                 struct sops_edits *e)
{
    uint32_t last = outer_child(d, node, true), beside = last == SOPS_NO_NODE ? node + 1 : last;
    struct span blanks = blanks_before(d, d->nodes[beside].at);
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    size_t at = last == SOPS_NO_NODE ? d->nodes[beside].at : sops_node_end(d, last);
    if (last != SOPS_NO_NODE) {
        TRY(buf_puts(&out, ","));
        bool first = last == node + 1; /* blanks behind the bracket say nothing of those here */
        TRY(buf_put(&out, first && blanks.n == 0 ? SPAN_LIT(" ") : blanks));
    }
    if (step->name.p) {
        BUF_AUTO key = buf_init(SOPS_BYTES_MAX);
        TRY(json_escape(step->name, &key));
        TRY(buf_printf(&out, "\"%.*s\":", SPAN_ARG(buf_span(&key))));
        TRY(buf_puts(&out, d->format == SOPS_YAML ? "" : " "));
    }
    TRY(bracket_text(d, value, depth_of(d, node) + 1, &out));
    if (last == SOPS_NO_NODE) {
        TRY(buf_puts(&out, ","));
        TRY(buf_put(&out, blanks));
    }
    return add(d, e, at, at, buf_span(&out));
}

static struct err bracket_nothing(const struct sops_doc *d, uint32_t node, struct sops_edits *e)
{
    uint32_t up = d->nodes[node].parent, end = sops_node_last(d, up), before = SOPS_NO_NODE,
             after = SOPS_NO_NODE;
    for (uint32_t m = up + 1; m < end && after == SOPS_NO_NODE; m++) {
        if (d->nodes[m].parent != up)
            continue;
        if (m < node)
            before = m;
        if (m > node)
            after = m;
    }
    if (before != SOPS_NO_NODE)
        return add(d, e, sops_node_end(d, before), sops_node_end(d, node), SPAN_NONE);
    if (after != SOPS_NO_NODE)
        return add(d, e, d->nodes[node].at, d->nodes[after].at, SPAN_NONE);
    return add(d, e, d->nodes[node].at, sops_node_end(d, node), SPAN_NONE);
}

/* ---- YAML in lines ---- */

static struct sops_style style_below(const struct sops_doc *d, uint32_t column, bool element)
{
    uint32_t indent = sops_indent_of(d);
    return (struct sops_style){
        .column = column + (element ? 2 : indent), .indent = indent, .source = true};
}

/* The end of all that is at or below a node: its values, and comments beside and behind them. */
static size_t block_end(const struct sops_doc *d, uint32_t node)
{
    uint32_t lo, hi, values = sops_node_end(d, node);
    sops_node_items(d, node, &lo, &hi);
    for (uint32_t i = lo; i < hi; i++) {
        const struct sops_item *it = &d->items[i];
        if (it->type == SOPS_COMMENT && it->end > values && !d->nodes[it->node].meta)
            values = it->end;
    }
    return values;
}

static struct err block_value(const struct sops_doc *d, uint32_t node, const struct sops_doc *value,
                              struct sops_edits *e)
{
    const struct sops_node *n = &d->nodes[node];
    const struct sops_item *was = n->item ? &d->items[n->item - 1] : NULL;
    struct sops_style style = style_below(d, n->column, n->index != UINT32_MAX);
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    TRY(sops_emit_value(value, VALUE, &style, &out));
    struct span text = buf_span(&out);
    bool in_place =
        was && was->start < was->end && text.n && text.p[0] == ' ' && value->nodes[VALUE].item;
    if (in_place)
        return add(d, e, was->start, was->end, span_from(text, 1));
    return add(d, e, n->behind, was ? n->end : block_end(d, node), text);
}

static struct err block_member(const struct sops_doc *d, uint32_t node,
                               const struct sops_step *step, const struct sops_doc *value,
                               struct sops_edits *e)
{
    uint32_t last = outer_child(d, node, true);
    bool none = last == SOPS_NO_NODE, element = step->name.p == NULL;
    uint32_t column = none ? 0 : d->nodes[outer_child(d, node, false)].column;
    struct sops_style style = style_below(d, column, element);
    BUF_AUTO out = buf_init(SOPS_BYTES_MAX);
    for (uint32_t i = 0; i < column; i++)
        TRY(buf_put_u8(&out, ' '));
    if (!element)
        TRY(sops_emit_key(step->name, false, &out));
    TRY(buf_puts(&out, element ? "-" : ":"));
    TRY(sops_emit_value(value, VALUE, &style, &out));
    TRY(buf_puts(&out, "\n"));
    size_t at = none ? (d->n_cuts ? d->cuts[0].start : d->ends[0])
                     : next_line(d, node ? block_end(d, node) : block_end(d, last));
    return add_line(d, e, at, &out);
}

/* Is a node the first thing on its line? */
static bool starts_line(const struct sops_doc *d, uint32_t node)
{
    size_t at = d->nodes[node].at;
    while (at > 0 && d->source.p[at - 1] == ' ')
        at--;
    return at == 0 || d->source.p[at - 1] == '\n';
}

static struct err block_nothing(const struct sops_doc *d, uint32_t node, struct sops_edits *e)
{
    const struct sops_node *n = &d->nodes[node], *up = &d->nodes[n->parent];
    size_t start = n->at, end = block_end(d, node);
    uint32_t next = sops_node_last(d, node);
    bool alone = up->children == 1, more = next < d->n_nodes && d->nodes[next].parent == n->parent;
    bool own_line = starts_line(d, node);
    /* A comment beside the value goes with it. */
    for (uint32_t i = n->item; i && i < d->n_items && d->items[i].type == SOPS_COMMENT; i++)
        if (d->items[i].start < line_end(d, end))
            end = d->items[i].end;
    if (own_line)
        start -= n->column;
    if (alone && own_line && up->parent != SOPS_NO_NODE)
        TRY(add(d, e, up->behind, up->behind,
                n->index == UINT32_MAX ? SPAN_LIT(" {}") : SPAN_LIT(" []")));
    if (own_line)
        return add(d, e, start, next_line(d, end), SPAN_NONE);
    if (more) /* the next one comes to stand behind the dash */
        return add(d, e, start, d->nodes[next].at, SPAN_NONE);
    return add(d, e, start, end, n->index == UINT32_MAX ? SPAN_LIT("{}") : SPAN_LIT("[]"));
}

/* ---- any format ---- */

static bool in_lines(const struct sops_doc *d)
{
    return d->format == SOPS_DOTENV || d->format == SOPS_INI;
}

struct err sops_place_value(const struct sops_doc *d, uint32_t node, const struct sops_doc *value,
                            struct sops_edits *e, struct fault *f)
{
    if (d->format == SOPS_BINARY && !is_scalar(value, VALUE))
        return no_place(f, "a binary document holds one text");
    if (in_lines(d))
        return lines_value(d, node, value, e, f);
    return d->nodes[node].flow ? bracket_value(d, node, value, e) : block_value(d, node, value, e);
}

/* Do the members of this collection stand in brackets? */
static bool in_brackets(const struct sops_doc *d, uint32_t node)
{
    return d->format != SOPS_YAML || (d->nodes[node].children && d->nodes[node + 1].flow);
}

struct err sops_place_member(const struct sops_doc *d, uint32_t node, const struct sops_step *step,
                             const struct sops_doc *value, struct sops_edits *e, struct fault *f)
{
    if (d->format == SOPS_BINARY)
        return no_place(f, "a binary document holds one text");
    if (in_lines(d))
        return lines_member(d, node, step, value, e, f);
    return in_brackets(d, node) ? bracket_member(d, node, step, value, e)
                                : block_member(d, node, step, value, e);
}

static struct err lines_nothing(const struct sops_doc *d, uint32_t node, struct sops_edits *e)
{
    const struct sops_node *n = &d->nodes[node];
    size_t end = n->children ? sops_node_end(d, node) : n->end ? n->end : n->behind;
    return add(d, e, n->at, next_line(d, end), SPAN_NONE);
}

struct err sops_place_nothing(const struct sops_doc *d, uint32_t node, struct sops_edits *e,
                              struct fault *f)
{
    if (d->format == SOPS_BINARY)
        return no_place(f, "a binary document holds one text");
    if (in_lines(d))
        return lines_nothing(d, node, e);
    return d->nodes[node].flow ? bracket_nothing(d, node, e) : block_nothing(d, node, e);
}
