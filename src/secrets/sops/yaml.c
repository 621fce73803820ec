/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML as positions: block mappings and lists, flow collections, all scalar styles, comments,
 * several documents, tags, anchors, explicit "?" keys. What cannot be edited value by value (an
 * alias, a mapping in brackets at the top) is written out first, and the result is read again.
 * Refused: keys that are no text, other directives than %YAML and %TAG, tabs in the indentation,
 * characters that YAML does not take. Not recursive.
 *
 *     line --indent, "- "--> list element --> value | pending
 *          --indent, "key:"--> member     --> value | pending (its block follows, or it is null)
 */
#include "utf8.h"
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

/* A value that never came is null, or what its tag makes of nothing. */
static struct err settle_pending(struct yaml *y)
{
    if (y->pending == SOPS_NO_NODE)
        return OK;
    struct sops_item item = {.node = y->pending,
                             .start = (uint32_t)y->line,
                             .end = (uint32_t)y->line,
                             .type = SOPS_NULL};
    y->pending = y->explicit_key = SOPS_NO_NODE;
    TRY(yaml_tagged(y, &y->pending_props, &item));
    y->pending_props = (struct yaml_props){0};
    return sops_item_add(y->d, item);
}

struct err yaml_twice(struct yaml *y, size_t at, struct err e)
{
    return err_cat(e) == ERR_INPUT ? yaml_bad(y, at, "a key comes twice") : e;
}

static struct err push(struct yaml *y, enum yaml_kind kind, uint32_t col)
{
    if (y->depth == SOPS_DEPTH)
        return yaml_bad(y, y->at, "nested too deep");
    y->level[y->depth++] = (struct yaml_level){kind, col, y->pending, 0};
    y->pending = y->explicit_key = SOPS_NO_NODE;
    y->pending_props = (struct yaml_props){0};
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

static struct err root_value(struct yaml *y);

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

/* What stands behind "---" on its line: a mapping in brackets, a tag or an anchor, or nothing. */
static struct err marker_rest(struct yaml *y)
{
    size_t behind = y->at;
    skip_spaces(y);
    TRY(yaml_props(y, &y->pending_props));
    TRY(yaml_anchor_node(y, &y->pending_props, y->root));
    uint8_t c = peek(y, 0);
    if (c == '{')
        return root_value(y);
    if (c != '\n' && c != '\r' && c != '#')
        return yaml_bad(y, y->at, "the top level must be a mapping, on lines of its own");
    y->at = c == '#' ? y->at : behind;
    if (c == '#' && y->at > behind)
        TRY(yaml_comment(y, y->root));
    next_line(y);
    return OK;
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
    y->marked = begins;
    if (!begins)
        return yaml_line_end(y, y->root);
    TRY(open_document(y));
    return marker_rest(y);
}

/* ---- entries ---- */

static struct err value_or_pending(struct yaml *y, uint32_t node, uint32_t col, bool in_list);

/* A fresh node's place: its entry starts at `start`, its value comes behind the cursor. */
static void place(struct yaml *y, uint32_t node, size_t start)
{
    struct sops_node *n = &y->d->nodes[node];
    n->at = (uint32_t)start;
    n->behind = (uint32_t)y->at;
    n->column = (uint32_t)(start - y->line);
}

static struct err list_entry(struct yaml *y)
{
    uint32_t node, col = column(y);
    size_t start = y->at;
    if (y->depth == 0)
        return yaml_bad(y, y->at, "the top level must be a mapping");
    TRY(enter(y, YAML_LIST));
    struct yaml_level *l = top(y);
    TRY(sops_node_add(y->d, l->node, SPAN_NONE, l->count++, &node));
    y->at++;
    place(y, node, start);
    return value_or_pending(y, node, col, true);
}

/* The node of a key whose entry starts at `start`; the cursor is behind it. */
static struct err map_node(struct yaml *y, size_t start, struct span key, uint32_t *node)
{
    size_t after = y->at;
    y->at = start;
    TRY(enter(y, YAML_MAP));
    bool outer = y->depth == 1;
    if (outer)
        TRY(close_section(y, y->line));
    if (outer && span_is(key, "sops"))
        y->section = y->line;
    struct err e = sops_node_add(y->d, top(y)->node, key, UINT32_MAX, node);
    if (failed(e))
        return yaml_twice(y, start, e);
    y->at = after;
    place(y, *node, start);
    return OK;
}

static struct err map_entry(struct yaml *y, size_t start, struct span key)
{
    uint32_t node, col = (uint32_t)(start - y->line);
    TRY(map_node(y, start, key, &node));
    return value_or_pending(y, node, col, false);
}

/* Behind "- " or "key:": a value on this line, or one that may follow. */
static struct err value_or_pending(struct yaml *y, uint32_t node, uint32_t col, bool in_list)
{
    size_t behind = y->at;
    struct yaml_props props = {0};
    skip_spaces(y);
    y->pending = node;
    y->pending_column = col;
    y->pending_props = props;
    if (!in_list && y->at > behind)
        TRY(yaml_props(y, &props));
    uint8_t c = peek(y, 0);
    if (c == '\n' || c == '\r' || (c == '#' && y->at > behind)) {
        y->pending_props = props;
        TRY(yaml_anchor_node(y, &props, node));
        y->at = c == '#' ? y->at - 1 : y->at;
        return yaml_line_end(y, y->d->nodes[node].parent);
    }
    if (y->at == behind)
        return yaml_bad(y, y->at, "no blank before the value");
    if (in_list && memchr(y->in.p + behind, '\t', y->at - behind))
        return yaml_bad(y, y->at, "a tab in the indentation");
    if (in_list)
        return OK; /* the entry on this line is read like one on its own */
    y->pending = SOPS_NO_NODE;
    TRY(yaml_value(y, node, (int)col, false, &props));
    return yaml_line_end(y, y->d->nodes[node].parent);
}

/* The whole document in brackets, or "null": written out before anything else is done. */
static struct err root_value(struct yaml *y)
{
    static const struct yaml_props none = {0};
    size_t start = y->at;
    struct sops_item item;
    y->pending = SOPS_NO_NODE;
    y->aliased = true;
    if (peek(y, 0) == '{') {
        TRY(yaml_flow(y, y->root));
    } else {
        TRY(yaml_text(y, -1, false, &none, &item));
        if (item.type != SOPS_NULL)
            return yaml_bad(y, start, "the top level must be a mapping");
    }
    TRY(yaml_rewrite_add(y, start, y->at, y->root));
    return yaml_line_end(y, y->root);
}

/* "? key": its value may come on a line of its own behind ":". */
static struct err explicit_entry(struct yaml *y)
{
    size_t start = y->at, line = y->line;
    uint32_t node, col = column(y);
    struct sops_item key;
    struct yaml_props props;
    y->at++;
    skip_spaces(y);
    TRY(yaml_props(y, &props));
    uint8_t c = peek(y, 0);
    if (c == '\n' || c == '\r' || c == '#' || c == '[' || c == '{' || c == '*' ||
        (c == '-' && peek(y, 1) == ' '))
        return yaml_bad(y, y->at, "a key that is no text");
    TRY(yaml_text(y, (int)col, false, &props, &key));
    if (key.type != SOPS_STR)
        return yaml_bad(y, start, "a key that is no text: write it in quotes");
    TRY(yaml_anchor_key(y, &props, key.text));
    size_t after = y->line;
    y->line = line;
    TRY(map_node(y, start, key.text, &node));
    y->line = after;
    y->pending = y->explicit_key = node;
    y->pending_column = col;
    y->pending_props = (struct yaml_props){0};
    return yaml_line_end(y, top(y)->node);
}

/* The ": value" of an explicit key. */
static struct err explicit_value(struct yaml *y)
{
    uint32_t node = y->pending;
    y->explicit_key = SOPS_NO_NODE;
    y->at++;
    y->d->nodes[node].behind = (uint32_t)y->at;
    return value_or_pending(y, node, column(y) - 1, true);
}

/* A key, with what stands before it; *found false: none is here. */
static struct err key_entry(struct yaml *y, size_t start, const struct yaml_props *props,
                            bool *found)
{
    struct span key;
    TRY(yaml_key(y, false, props, &key, found));
    if (!*found)
        return OK;
    TRY(yaml_anchor_key(y, props, key));
    return map_entry(y, start, key);
}

/* The value of the pending node, at the cursor. */
static struct err pending_value(struct yaml *y, const struct yaml_props *props)
{
    uint32_t node = y->pending;
    if (node == SOPS_NO_NODE || (column(y) <= y->pending_column && y->depth))
        return yaml_bad(y, y->at, "neither a key nor a list element");
    if (node == y->root)
        return root_value(y);
    struct yaml_props p = props->any ? *props : y->pending_props;
    y->pending = y->explicit_key = SOPS_NO_NODE;
    y->pending_props = (struct yaml_props){0};
    if (!props->any)
        p.anchor = SPAN_NONE; /* it was remembered where it stood */
    TRY(yaml_value(y, node, (int)y->pending_column, false, &p));
    return yaml_line_end(y, y->d->nodes[node].parent);
}

/* What stands at the cursor: a list element, a member, or the value of a pending node. */
static struct err entry(struct yaml *y)
{
    uint8_t c = peek(y, 0), after = peek(y, 1);
    bool alone = after == ' ' || after == '\n' || after == '\r';
    struct yaml_props props;
    bool found;
    if (c == '\t')
        return yaml_bad(y, y->at, "a tab in the indentation");
    if (c == '-' && alone)
        return list_entry(y);
    if (c == '?' && alone)
        return explicit_entry(y);
    if (c == ':' && alone && y->explicit_key != SOPS_NO_NODE && column(y) == y->pending_column)
        return explicit_value(y);
    size_t start = y->at;
    TRY(yaml_props(y, &props));
    c = peek(y, 0);
    if (props.any && (c == '\n' || c == '\r' || c == '#')) {
        if (y->pending == SOPS_NO_NODE || (start - y->line <= y->pending_column && y->depth))
            return yaml_bad(y, start, "neither a key nor a list element");
        y->pending_props = props;
        TRY(yaml_anchor_node(y, &props, y->pending));
        return yaml_line_end(y, y->pending == y->root ? y->root : y->d->nodes[y->pending].parent);
    }
    TRY(key_entry(y, start, &props, &found));
    return found ? OK : pending_value(y, &props);
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

/* %YAML 1.1 and %TAG, which change nothing here. The reader of SOPS takes no other version. */
static struct err directive(struct yaml *y)
{
    struct span line = span_cut(y->in, y->at, span_find(y->in, y->at, '\n') - y->at);
    line = span_trim(line);
    if (!span_is(line, "%YAML 1.1") && !span_starts(line, SPAN_LIT("%TAG ")))
        return yaml_bad(y, y->at, "a directive other than %YAML 1.1 and %TAG");
    next_line(y);
    return OK;
}

static struct err comment_line(struct yaml *y)
{
    uint32_t home = comment_home(y, column(y));
    if (y->section <= y->in.n && column(y) == 0)
        TRY(close_section(y, y->line));
    TRY(yaml_comment(y, home));
    next_line(y);
    return OK;
}

static struct err one_line(struct yaml *y)
{
    if (y->at == y->line) {
        if (is_marker(y, "---") || is_marker(y, "..."))
            return marker(y);
        if (peek(y, 0) == '%' && !y->started)
            return directive(y);
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
    return c == '#' ? comment_line(y) : entry(y);
}

/* Eight plain bytes at once: none below a blank, none above '~'. */
static bool eight_plain(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, 8);
    uint64_t low = (v - 0x2020202020202020U) & ~v, high = v + 0x0101010101010101U;
    return ((low | high | v) & 0x8080808080808080U) == 0;
}

static const char CONTROL[] = "a control character: write it as an escape in quotes";

/* UTF-8 without control characters; line ends of other alphabets' making are counted. */
static struct err check_characters(struct yaml *y)
{
    for (size_t i = y->at; i < y->in.n;) {
        const uint8_t *p = y->in.p + i;
        if (y->in.n - i >= 8 && eight_plain(p)) {
            i += 8;
            continue;
        }
        bool next_is_line = y->in.n - i > 1 && p[1] == '\n';
        uint32_t cp = *p;
        size_t n = *p < 0x80 ? 1 : utf8_next(y->in, i, &cp);
        bool plain = (cp >= 0x20 && cp < 0x7f) || cp == '\n' || cp == '\t' ||
                     (cp == '\r' && next_is_line) || cp >= 0xa0;
        if (n == 1 && *p >= 0x80)
            return yaml_bad(y, i, "bytes that are no UTF-8");
        if (!plain || cp == 0xfffe || cp == 0xffff)
            return yaml_bad(y, i, CONTROL);
        if (cp == 0x2028 || cp == 0x2029) {
            y->separators++;
            y->separator_last = i;
        }
        i += n;
    }
    return OK;
}

static struct err read_once(struct yaml *y, struct sops_doc *d, struct fault *f)
{
    *y = (struct yaml){
        .d = d, .f = f, .in = d->source, .pending = SOPS_NO_NODE, .explicit_key = SOPS_NO_NODE};
    y->section = y->in.n + 1;
    if (span_starts(y->in, SPAN_LIT("\xef\xbb\xbf")))
        y->at = y->line = 3; /* a byte order mark, which stays */
    TRY(check_characters(y));
    while (y->at < y->in.n)
        TRY(one_line(y));
    if (d->n_ends == 0)
        TRY(open_document(y));
    if (y->separators)
        return yaml_bad(y, y->separator_last, CONTROL);
    return close_document(y, y->in.n);
}

struct err sops_read_yaml(struct sops_doc *d, struct fault *f)
{
    struct yaml y;
    struct span whole;
    TRY(read_once(&y, d, f));
    if (!y.aliased)
        return OK;
    TRY(yaml_rewritten(&y, &whole));
    sops_forget(d);
    d->source = whole;
    TRY(read_once(&y, d, f));
    return y.aliased ? err(ERR_BUG) : OK;
}
