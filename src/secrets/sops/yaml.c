/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as positions: block mappings and lists, flow collections, all scalar styles, comments,
 * several documents. Refused, because a document that uses them cannot be edited value by value:
 * anchors, aliases, tags, explicit "?" keys, directives, tabs in the indentation. Not recursive.
 *
 *     line --indent, "- "--> list element --> value | pending
 *          --indent, "key:"--> member     --> value | pending (its block follows, or it is null)
 */
#include "yaml_int.h"

struct err yaml_bad(struct yaml *y, size_t at, const char *why)
{
    return sops_fail(y->f, SOPS_FORMAT, at, why);
}

static uint8_t peek(const struct yaml *y, size_t ahead)
{
    return ahead < y->in.n - y->at ? y->in.p[y->at + ahead] : '\n';
}

static uint32_t column(const struct yaml *y)
{
    return (uint32_t)(y->at - y->line);
}

static void skip_spaces(struct yaml *y)
{
    while (y->at < y->in.n && (y->in.p[y->at] == ' ' || y->in.p[y->at] == '\t'))
        y->at++;
}

static void next_line(struct yaml *y)
{
    y->at = span_find(y->in, y->at, '\n');
    if (y->at < y->in.n)
        y->at++;
    y->line = y->at;
}

struct err yaml_comment(struct yaml *y, uint32_t node)
{
    size_t end = span_find(y->in, y->at, '\n');
    if (end > y->at && y->in.p[end - 1] == '\r')
        end--;
    struct sops_item item = {.node = node,
                             .start = (uint32_t)y->at,
                             .end = (uint32_t)end,
                             .type = SOPS_COMMENT,
                             .column = column(y),
                             .text = span_cut(y->in, y->at + 1, end - y->at - 1)};
    y->at = end;
    return sops_item_add(y->d, item);
}

struct err yaml_line_end(struct yaml *y, uint32_t node)
{
    size_t before = y->at;
    skip_spaces(y);
    if (peek(y, 0) == '#' && y->at > before)
        TRY(yaml_comment(y, node));
    if (peek(y, 0) == '\r')
        y->at++;
    if (y->at < y->in.n && peek(y, 0) != '\n')
        return yaml_bad(y, y->at, "text after a value");
    next_line(y);
    return OK;
}

/* ---- levels ---- */

/* A value that never came is null. */
static struct err settle_pending(struct yaml *y)
{
    if (y->pending == SOPS_NO_NODE)
        return OK;
    struct sops_item item = {.node = y->pending,
                             .start = (uint32_t)y->line,
                             .end = (uint32_t)y->line,
                             .type = SOPS_NULL};
    y->pending = SOPS_NO_NODE;
    return sops_item_add(y->d, item);
}

static struct err push(struct yaml *y, enum yaml_kind kind, uint32_t col)
{
    if (y->depth == SOPS_DEPTH)
        return yaml_bad(y, y->at, "nested too deep");
    y->level[y->depth++] = (struct yaml_level){kind, col, y->pending, 0};
    y->pending = SOPS_NO_NODE;
    return OK;
}

static struct yaml_level *top(struct yaml *y)
{
    return y->depth ? &y->level[y->depth - 1] : NULL;
}

/* Make the level of an entry of `kind` at this column the top one. */
static struct err enter(struct yaml *y, enum yaml_kind kind)
{
    uint32_t col = column(y);
    bool nested = y->pending != SOPS_NO_NODE &&
                  (col > y->pending_column || y->depth == 0 ||
                   (kind == YAML_LIST && col == y->pending_column && top(y)->kind == YAML_MAP));
    if (nested)
        return push(y, kind, col);
    TRY(settle_pending(y));
    while (top(y) && (top(y)->column > col || (top(y)->column == col && top(y)->kind != kind)))
        y->depth--;
    if (!top(y) || top(y)->column != col)
        return yaml_bad(y, y->at, "this indentation fits nothing above");
    return OK;
}

/* ---- documents ---- */

static struct err open_document(struct yaml *y)
{
    if (y->started)
        return OK;
    y->started = true;
    y->section = y->in.n + 1;
    TRY(sops_node_add(y->d, SOPS_NO_NODE, SPAN_NONE, UINT32_MAX, &y->root));
    y->pending = y->root;
    y->pending_column = 0;
    return OK;
}

static struct err close_section(struct yaml *y, size_t at)
{
    if (y->section > y->in.n)
        return OK;
    size_t start = y->section;
    y->section = y->in.n + 1;
    return sops_cut_add(y->d, start, at);
}

static struct err close_document(struct yaml *y, size_t at)
{
    if (!y->started)
        return OK;
    if (y->pending == y->root)
        y->pending = SOPS_NO_NODE; /* an empty document */
    TRY(settle_pending(y));
    TRY(close_section(y, at));
    TRY(sops_end_add(y->d, at));
    y->started = false;
    y->depth = 0;
    return OK;
}

static bool is_marker(const struct yaml *y, const char *marker)
{
    uint8_t after = peek(y, 3);
    return span_starts(span_from(y->in, y->at), span_str(marker)) &&
           (after == ' ' || after == '\n' || after == '\r' || after == '\t');
}

/* "---" or "..." at the start of a line. */
static struct err marker(struct yaml *y)
{
    bool begins = peek(y, 0) == '-';
    /* Comments before the first "---" belong to the document behind it. */
    bool only_comments = begins && y->started && !y->marked && y->depth == 0;
    if (y->started && !only_comments)
        TRY(close_document(y, y->at));
    y->at += 3;
    if (begins)
        TRY(open_document(y));
    y->marked = true;
    return yaml_line_end(y, y->root);
}

/* ---- entries ---- */

static struct err value_or_pending(struct yaml *y, uint32_t node, uint32_t col, bool in_list);

static struct err list_entry(struct yaml *y)
{
    uint32_t node, col = column(y);
    if (y->depth == 0)
        return yaml_bad(y, y->at, "the top level must be a block mapping");
    TRY(enter(y, YAML_LIST));
    struct yaml_level *l = top(y);
    TRY(sops_node_add(y->d, l->node, SPAN_NONE, l->count++, &node));
    y->at++;
    return value_or_pending(y, node, col, true);
}

static struct err map_entry(struct yaml *y, size_t start, struct span key)
{
    uint32_t node, col = (uint32_t)(start - y->line);
    size_t after = y->at;
    y->at = start;
    TRY(enter(y, YAML_MAP));
    struct yaml_level *l = top(y);
    bool outer = y->depth == 1;
    if (outer)
        TRY(close_section(y, y->line));
    if (outer && span_is(key, "sops"))
        y->section = y->line;
    struct err e = sops_node_add(y->d, l->node, key, UINT32_MAX, &node);
    if (failed(e))
        return err_cat(e) == ERR_INPUT ? yaml_bad(y, start, "a key comes twice") : e;
    y->at = after;
    return value_or_pending(y, node, col, false);
}

/* Behind "- " or "key:": a value on this line, or one that may follow. */
static struct err value_or_pending(struct yaml *y, uint32_t node, uint32_t col, bool in_list)
{
    size_t behind = y->at;
    skip_spaces(y);
    uint8_t c = peek(y, 0);
    y->pending = node;
    y->pending_column = col;
    if (c == '\n' || c == '\r' || (c == '#' && y->at > behind)) {
        y->at = behind;
        return yaml_line_end(y, y->d->nodes[node].parent);
    }
    if (y->at == behind)
        return yaml_bad(y, y->at, "no blank before the value");
    if (in_list)
        return OK; /* the entry on this line is read like one on its own */
    y->pending = SOPS_NO_NODE;
    TRY(yaml_scalar(y, node, (int)col, false));
    return yaml_line_end(y, y->d->nodes[node].parent);
}

/* What stands at the cursor: a list element, a member, or the value of a pending node. */
static struct err entry(struct yaml *y)
{
    uint8_t c = peek(y, 0), after = peek(y, 1);
    if (c == '\t')
        return yaml_bad(y, y->at, "a tab in the indentation");
    if (c == '-' && (after == ' ' || after == '\n' || after == '\r'))
        return list_entry(y);
    size_t start = y->at;
    struct span key;
    bool found;
    TRY(yaml_key(y, false, &key, &found));
    if (found)
        return map_entry(y, start, key);
    uint32_t node = y->pending;
    if (node == SOPS_NO_NODE || (column(y) <= y->pending_column && y->depth))
        return yaml_bad(y, y->at, "neither a key nor a list element");
    if (node == y->root)
        return yaml_bad(y, y->at, "the top level must be a block mapping");
    y->pending = SOPS_NO_NODE;
    TRY(yaml_scalar(y, node, (int)y->pending_column, false));
    return yaml_line_end(y, y->d->nodes[node].parent);
}

/* Is the next line that holds more than a comment a list element? Looked up once for a run of
 * comments. */
static bool list_ahead(struct yaml *y)
{
    if (y->at < y->seen)
        return y->seen_list;
    size_t i = y->at;
    while (i < y->in.n) {
        while (i < y->in.n && (y->in.p[i] == ' ' || y->in.p[i] == '\r' || y->in.p[i] == '\n'))
            i++;
        if (i == y->in.n || y->in.p[i] != '#')
            break;
        i = span_find(y->in, i, '\n');
    }
    uint8_t after = i + 1 < y->in.n ? y->in.p[i + 1] : '\n';
    y->seen = i;
    y->seen_list =
        i < y->in.n && y->in.p[i] == '-' && (after == ' ' || after == '\n' || after == '\r');
    return y->seen_list;
}

/* Where a comment line belongs: the innermost block at or left of its column. A list may stand in
 * the column of the mapping around it: then what follows decides between the two. */
static uint32_t comment_home(struct yaml *y, uint32_t col)
{
    bool awaited = y->pending != SOPS_NO_NODE && y->pending != y->root;
    if (awaited && (col > y->pending_column || (col == y->pending_column && list_ahead(y))))
        return y->pending;
    for (uint32_t i = y->depth; i-- > 0;) {
        const struct yaml_level *l = &y->level[i];
        bool shared = i > 0 && l->kind == YAML_LIST && l[-1].column == l->column;
        if (l->column <= col && !(shared && l->column == col && !list_ahead(y)))
            return l->node;
    }
    return y->root;
}

static struct err one_line(struct yaml *y)
{
    if (y->at == y->line) {
        if (is_marker(y, "---") || is_marker(y, "..."))
            return marker(y);
        if (peek(y, 0) == '%')
            return yaml_bad(y, y->at, "directives are not read");
    }
    bool line_start = y->at == y->line;
    if (line_start)
        while (y->at < y->in.n && y->in.p[y->at] == ' ')
            y->at++;
    uint8_t c = peek(y, 0);
    if (c == '\n' || c == '\r') {
        next_line(y);
        return OK;
    }
    TRY(open_document(y));
    if (c != '#')
        return entry(y);
    uint32_t home = comment_home(y, column(y));
    if (y->section <= y->in.n && column(y) == 0)
        TRY(close_section(y, y->line));
    TRY(yaml_comment(y, home));
    next_line(y);
    return OK;
}

struct err sops_read_yaml(struct sops_doc *d, struct fault *f)
{
    struct yaml y = {.d = d, .f = f, .in = d->source, .pending = SOPS_NO_NODE};
    y.section = y.in.n + 1;
    if (span_starts(y.in, SPAN_LIT("\xef\xbb\xbf")))
        y.at = y.line = 3; /* a byte order mark, which stays */
    while (y.at < y.in.n)
        TRY(one_line(&y));
    if (d->n_ends == 0)
        TRY(open_document(&y));
    return close_document(&y, y.in.n);
}
