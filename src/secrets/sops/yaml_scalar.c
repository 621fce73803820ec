/* SPDX-License-Identifier: Apache-2.0 */
/* Scalars and keys of YAML, their text with folding and escapes resolved. Once a value. */
#include "num.h"
#include "utf8.h"
#include "wr.h"
#include "yaml_int.h"

static uint8_t at(const struct yaml *y, size_t i)
{
    return i < y->in.n ? y->in.p[i] : '\n';
}

static bool is_break(uint8_t c)
{
    return c == '\n' || c == '\r';
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool is_flow_mark(uint8_t c)
{
    return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

/* ---- types ---- */

static bool one_of(struct span s, const char *const *words)
{
    for (; *words; words++)
        if (span_is(s, *words))
            return true;
    return false;
}

enum sops_type sops_yaml_type(struct span s)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const bools[] = {"true", "True", "TRUE", "false", "False", "FALSE", NULL};
    bool fits;
    uint8_t room[SOPS_TIME_MAX];
    struct wr w = wr_of(room, sizeof room);
    if (one_of(s, nulls))
        return SOPS_NULL;
    if (one_of(s, bools))
        return SOPS_BOOL;
    return sops_time(s, &w) ? SOPS_TIME : sops_number_type(s, &fits);
}

/* ---- text ---- */

struct text {
    struct arena *arena;
    struct wr w;
};

/* Room for everything the source bytes from here could become. */
static struct err text_begin(struct yaml *y, size_t bytes, struct text *t)
{
    void *memory;
    t->arena = &y->d->arena;
    TRY(arena_take(t->arena, bytes * 3 + 8, &memory));
    t->w = wr_of(memory, bytes * 3 + 8);
    return OK;
}

/* Behind a line break inside a scalar: count the empty lines, stand on the next text. */
static size_t fold(struct yaml *y)
{
    size_t breaks = 0;
    while (y->at < y->in.n && (is_blank(at(y, y->at)) || is_break(at(y, y->at)))) {
        if (at(y, y->at) == '\n') {
            breaks++;
            y->line = y->at + 1;
        }
        y->at++;
    }
    return breaks;
}

static void put_fold(struct wr *w, size_t breaks)
{
    while (w->n && is_blank(w->p[w->n - 1]))
        w->n--;
    if (breaks == 1)
        wr_u8(w, ' ');
    for (size_t i = 1; i < breaks; i++)
        wr_u8(w, '\n');
}

/* U+2028 or U+2029 at the cursor: in quotes a line break that stays in the text, as YAML 1.1 has
 * it. */
static bool is_separator(const struct yaml *y)
{
    return at(y, y->at) == 0xe2 && at(y, y->at + 1) == 0x80 && (at(y, y->at + 2) | 1) == 0xa9;
}

static void put_separator(struct yaml *y, struct wr *w)
{
    wr_put(w, span_cut(y->in, y->at, 3));
    if (y->at >= y->separators_to) { /* what may be a key is read twice */
        y->separators--;
        y->separators_to = y->at + 3;
    }
    y->at += 3;
}

/* Line breaks in quotes, with the blanks around them: one is a blank, the others stay. */
static void quoted_break(struct yaml *y, struct wr *w)
{
    size_t breaks = 0;
    bool separated = false;
    while (w->n && is_blank(w->p[w->n - 1]))
        w->n--;
    for (;;) {
        size_t more = fold(y);
        for (size_t i = breaks == 0 && !separated; i < more; i++)
            wr_u8(w, '\n');
        breaks += more;
        if (!is_separator(y))
            break;
        separated = true;
        put_separator(y, w);
    }
    if (breaks == 1 && !separated)
        wr_u8(w, ' ');
}

static struct err single_quoted(struct yaml *y, struct wr *w)
{
    for (y->at++; y->at < y->in.n;) {
        uint8_t c = at(y, y->at);
        if (c == '\'' && (y->at + 1 >= y->in.n || at(y, y->at + 1) != '\'')) {
            y->at++;
            return OK;
        }
        if (is_break(c) || is_separator(y)) {
            quoted_break(y, w);
            continue;
        }
        wr_u8(w, c);
        y->at += c == '\'' ? 2 : 1;
    }
    return yaml_bad(y, y->in.n, "a quoted text that does not end");
}

static struct err hex_escape(struct yaml *y, size_t digits, struct wr *w)
{
    uint64_t v;
    uint8_t bytes[4];
    if (failed(num_hex(span_cut(y->in, y->at + 2, digits), &v)) || y->in.n - y->at < 2 + digits)
        return yaml_bad(y, y->at, "a malformed escape");
    size_t n = v <= UINT32_MAX ? utf8_put((uint32_t)v, bytes) : 0;
    if (n == 0)
        return yaml_bad(y, y->at, "an escape that is no character");
    wr_put(w, span(bytes, n));
    y->at += 2 + digits;
    return OK;
}

static struct err escape(struct yaml *y, struct wr *w)
{
    static const char from[] = "0abtnvfre \"/\\\t";
    static const char to[] = "\0\a\b\t\n\v\f\r\x1b \"/\\\t";
    uint8_t c = at(y, y->at + 1);
    if (c == 'x' || c == 'u' || c == 'U')
        return hex_escape(y, c == 'x' ? 2 : c == 'u' ? 4 : 8, w);
    if (is_break(c)) { /* the line goes on without a blank */
        size_t before = w->n;
        y->at++;
        size_t breaks = fold(y);
        w->n = before;
        for (size_t i = 1; i < breaks; i++)
            wr_u8(w, '\n');
        return OK;
    }
    static const char *const wide[] = {"N\xc2\x85", "_\xc2\xa0", "L\xe2\x80\xa8", "P\xe2\x80\xa9"};
    for (size_t i = 0; i < 4; i++)
        if (c == (uint8_t)wide[i][0]) {
            wr_str(w, wide[i] + 1);
            y->at += 2;
            return OK;
        }
    const char *place = c ? memchr(from, c, sizeof from - 1) : NULL;
    if (!place)
        return yaml_bad(y, y->at, "an unknown escape");
    wr_u8(w, (uint8_t)to[place - from]);
    y->at += 2;
    return OK;
}

static struct err double_quoted(struct yaml *y, struct wr *w)
{
    for (y->at++; y->at < y->in.n;) {
        uint8_t c = at(y, y->at);
        if (c == '"') {
            y->at++;
            return OK;
        }
        if (c == '\\') {
            TRY(escape(y, w));
        } else if (is_break(c) || is_separator(y)) {
            quoted_break(y, w);
        } else {
            wr_u8(w, c);
            y->at++;
        }
    }
    return yaml_bad(y, y->in.n, "a quoted text that does not end");
}

/* Where a plain text on this line ends. */
static size_t plain_end(const struct yaml *y, size_t i, bool flow)
{
    size_t end = i;
    for (; !is_break(at(y, i)); i++) {
        uint8_t c = at(y, i), next = at(y, i + 1);
        if (c == ':' && (is_blank(next) || is_break(next)))
            break;
        if ((c == '#' && i > 0 && is_blank(at(y, i - 1))) || (flow && is_flow_mark(c)))
            break;
        if (!is_blank(c))
            end = i + 1;
    }
    return end;
}

/* Does the text go on at the cursor (start of a line's content)? */
static bool goes_on(const struct yaml *y, int parent, bool flow)
{
    uint8_t c = at(y, y->at);
    if (y->at >= y->in.n || c == '#')
        return false;
    if (flow)
        return !is_flow_mark(c);
    return (int)(y->at - y->line) > parent;
}

static struct err plain(struct yaml *y, int parent, bool flow, struct wr *w, size_t *end)
{
    uint8_t first = at(y, y->at), next = at(y, y->at + 1);
    if ((first == '-' || first == '?') && (is_blank(next) || is_break(next)))
        return yaml_bad(y, y->at, "a list or a key where a text belongs");
    size_t stop = plain_end(y, y->at, flow), line = y->line;
    wr_put(w, span_cut(y->in, y->at, stop - y->at));
    for (*end = stop;; *end = stop, line = y->line) {
        y->at = *end;
        while (is_blank(at(y, y->at)))
            y->at++;
        bool more = y->at < y->in.n && is_break(at(y, y->at));
        size_t breaks = more ? fold(y) : 0;
        more = more && goes_on(y, parent, flow);
        stop = more ? plain_end(y, y->at, flow) : 0;
        if (!more || stop == y->at)
            break;
        if (!flow && at(y, stop) == ':')
            return yaml_bad(y, stop, "a key inside a text of several lines");
        put_fold(w, breaks);
        wr_put(w, span_cut(y->in, y->at, stop - y->at));
    }
    y->at = *end;
    y->line = line;
    return OK;
}

/* ---- block text ---- */

struct block {
    bool folded;
    int chomp;       /* -1 strip, 0 clip, 1 keep */
    uint32_t column; /* of its text; 0: not known yet */
};

static struct err block_head(struct yaml *y, int parent, struct block *b)
{
    *b = (struct block){.folded = at(y, y->at) == '>'};
    for (y->at++; !is_break(at(y, y->at)) && !is_blank(at(y, y->at)); y->at++) {
        uint8_t c = at(y, y->at);
        if (c == '+' || c == '-')
            b->chomp = c == '+' ? 1 : -1;
        else if (c >= '1' && c <= '9')
            b->column = (uint32_t)((parent < 0 ? 0 : parent) + (c - '0'));
        else
            return yaml_bad(y, y->at, "a malformed block text");
    }
    while (is_blank(at(y, y->at)))
        y->at++;
    if (!is_break(at(y, y->at)) && at(y, y->at) != '#')
        return yaml_bad(y, y->at, "text behind a block text's mark");
    y->at = span_find(y->in, y->at, '\n');
    y->at += y->at < y->in.n;
    return OK;
}

/* One line of block text: its content behind the indentation, or false where the text ends. */
static bool block_line(struct yaml *y, int parent, struct block *b, struct span *line)
{
    size_t end = span_find(y->in, y->at, '\n'), spaces = 0;
    struct span raw = span_cut(y->in, y->at, end - y->at);
    if (y->at >= y->in.n)
        return false;
    if (raw.n && raw.p[raw.n - 1] == '\r')
        raw.n--;
    while (spaces < raw.n && raw.p[spaces] == ' ')
        spaces++;
    bool empty = spaces == raw.n;
    if (!empty && b->column == 0 && (int)spaces > parent)
        b->column = (uint32_t)spaces;
    if (!empty && (b->column == 0 || spaces < b->column))
        return false;
    *line = empty && spaces <= b->column ? SPAN_NONE : span_from(raw, b->column);
    y->at = end + (end < y->in.n);
    return true;
}

/* The lines between are `breaks` line ends; folded text joins neighbours that are not indented. */
static void block_join(struct wr *w, const struct block *b, size_t breaks, bool more_indented)
{
    bool join = b->folded && !more_indented && w->n;
    if (join && breaks == 1)
        wr_u8(w, ' ');
    for (size_t i = join ? 1 : 0; i < breaks; i++)
        wr_u8(w, '\n');
}

static struct err block_text(struct yaml *y, int parent, struct wr *w, size_t *end)
{
    struct block b;
    struct span line;
    size_t breaks = 0;
    bool was_indented = false, any = false;
    TRY(block_head(y, parent, &b));
    *end = y->at;
    while (block_line(y, parent, &b, &line)) {
        if (line.n == 0) {
            breaks++;
            continue;
        }
        bool indented = is_blank(line.p[0]);
        block_join(w, &b, breaks, indented || was_indented || !any);
        wr_put(w, line);
        was_indented = indented;
        any = true;
        breaks = 1;
        *end = y->at;
    }
    if (b.chomp > 0)
        *end = y->at;
    for (size_t i = 0; i < (b.chomp > 0 ? breaks : b.chomp == 0 && any ? 1 : 0); i++)
        wr_u8(w, '\n');
    y->at = *end;
    if (*end > 0 && at(y, *end - 1) == '\n')
        y->at = --*end; /* the item ends before its last line end, like every other */
    y->line = y->at;
    return OK;
}

/* ---- values and keys ---- */

/* An upper bound of the bytes of the scalar that starts here. */
static size_t extent(const struct yaml *y)
{
    uint8_t c = at(y, y->at);
    for (size_t i = y->at + 1; i < y->in.n; i++) {
        bool twice = c == '\'' && y->in.p[i] == c && at(y, i + 1) == c;
        if (twice || (c == '"' && y->in.p[i] == '\\'))
            i++;
        else if (y->in.p[i] == c)
            return i - y->at;
    }
    return y->in.n - y->at;
}

/* Of text that goes on over lines: everything to the first line at or left of the parent. */
static size_t lines_extent(const struct yaml *y, int parent)
{
    size_t end = span_find(y->in, y->at, '\n');
    while (end < y->in.n) {
        size_t i = end + 1, start = i;
        while (i < y->in.n && is_blank(y->in.p[i]))
            i++;
        if (i < y->in.n && !is_break(y->in.p[i]) && (int)(i - start) <= parent)
            break;
        end = span_find(y->in, start, '\n');
    }
    return end - y->at;
}

/* Of a plain text in brackets: it ends at the next mark at the latest. */
static size_t flow_extent(const struct yaml *y)
{
    size_t i = y->at;
    while (i < y->in.n && !is_flow_mark(y->in.p[i]))
        i++;
    return i - y->at;
}

struct err yaml_text(struct yaml *y, int parent, bool flow, const struct yaml_props *p,
                     struct sops_item *out)
{
    uint8_t c = at(y, y->at);
    size_t start = y->at, end = start;
    struct text t;
    if (c == '@' || c == '`' || c == '%' || (!flow && is_flow_mark(c)))
        return yaml_bad(y, y->at, "a character that no value may start with");
    bool quoted = c == '"' || c == '\'', block = !flow && (c == '|' || c == '>');
    size_t room = quoted ? extent(y) : flow ? flow_extent(y) : lines_extent(y, parent);
    TRY(text_begin(y, room, &t));
    uint32_t col = (uint32_t)(y->at - y->line);
    if (block) {
        TRY(block_text(y, parent, &t.w, &end));
    } else if (quoted) {
        TRY(c == '"' ? double_quoted(y, &t.w) : single_quoted(y, &t.w));
        end = y->at;
    } else {
        TRY(plain(y, parent, flow, &t.w, &end));
    }
    TRY(wr_done(&t.w));
    struct span text = wr_span(&t.w);
    *out = (struct sops_item){.start = (uint32_t)start,
                              .end = (uint32_t)end,
                              .type = quoted || block ? SOPS_STR : sops_yaml_type(text),
                              .flow = flow,
                              .quoted = quoted,
                              .column = parent < 0 ? col : (uint32_t)parent,
                              .text = text};
    return yaml_tagged(y, p, out);
}

struct err yaml_value(struct yaml *y, uint32_t node, int parent, bool flow,
                      const struct yaml_props *p)
{
    struct sops_item item;
    uint8_t c = at(y, y->at);
    TRY(yaml_anchor_node(y, p, node));
    if (c == '*')
        return p->any ? yaml_bad(y, y->at, "an alias with an anchor or a tag")
                      : yaml_alias(y, node);
    if (!flow && (c == '[' || c == '{'))
        return yaml_flow(y, node);
    TRY(yaml_text(y, parent, flow, p, &item));
    item.node = node;
    return sops_item_add(y->d, item);
}

struct err yaml_key(struct yaml *y, bool flow, const struct yaml_props *p, struct span *key,
                    bool *found)
{
    size_t start = y->at, line = y->line;
    uint8_t c = at(y, start);
    struct text t;
    *found = false;
    *key = SPAN_NONE;
    bool quoted = c == '"' || c == '\'';
    if (!quoted && (c == '|' || c == '>' || c == '#' || c == '*' || is_flow_mark(c)))
        return OK;
    TRY(text_begin(y, quoted ? extent(y) : 0, &t));
    if (quoted) {
        TRY(c == '"' ? double_quoted(y, &t.w) : single_quoted(y, &t.w));
        *key = wr_span(&t.w);
    } else {
        y->at = plain_end(y, y->at, flow);
        *key = span_cut(y->in, start, y->at - start);
    }
    while (is_blank(at(y, y->at)))
        y->at++;
    uint8_t after = at(y, y->at + 1);
    bool one_line = (flow || y->line == line) && y->separators_to <= start;
    *found = one_line && y->at < y->in.n && at(y, y->at) == ':' &&
             (is_blank(after) || is_break(after) || (flow && (quoted || is_flow_mark(after))));
    if (*found && !quoted && !yaml_tag_is_text(p) && sops_yaml_type(*key) != SOPS_STR)
        return yaml_bad(y, start, "a key that is no text: write it in quotes");
    y->at = *found ? y->at + 1 : start;
    y->line = *found ? y->line : line;
    return wr_done(&t.w);
}
