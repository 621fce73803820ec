/* SPDX-License-Identifier: Apache-2.0 */
/* dotenv and INI documents: a line is a value, a comment or a section. Once a file. */
#include "sops_int.h"
#include "wr.h"

struct lines {
    struct sops_doc *d;
    struct fault *f;
    size_t at, end; /* of the current line, without its end */
    size_t cut;     /* INI: where the sops section starts, or 0 */
    uint32_t root, section;
    uint32_t
        loose; /* INI: first comment since the last value; those before a section are its own */
};

static struct err bad(struct lines *l, const char *why)
{
    return sops_fail(l->f, SOPS_FORMAT, l->at, why);
}

static bool next_line(struct lines *l, struct span *line)
{
    struct span in = l->d->source;
    if (l->at >= in.n)
        return false;
    l->end = span_find(in, l->at, '\n');
    *line = span_cut(in, l->at, l->end - l->at);
    if (span_ends(*line, SPAN_LIT("\r")))
        line->n--;
    return true;
}

/* `\n` to a newline. */
static struct err unescape(struct sops_doc *d, struct span raw, struct span *out)
{
    void *memory;
    *out = raw;
    if (span_search(raw, 0, SPAN_LIT("\\n")) == raw.n)
        return OK;
    TRY(arena_take(&d->arena, raw.n, &memory));
    struct wr w = wr_of(memory, raw.n);
    for (size_t i = 0; i < raw.n; i++) {
        bool newline = raw.p[i] == '\\' && i + 1 < raw.n && raw.p[i + 1] == 'n';
        wr_u8(&w, newline ? '\n' : raw.p[i]);
        i += newline;
    }
    *out = wr_span(&w);
    return OK;
}

static struct err add(struct lines *l, uint32_t node, enum sops_type type, struct span raw,
                      struct span text)
{
    size_t start = (size_t)(raw.p - l->d->source.p);
    if (type != SOPS_COMMENT) {
        l->d->nodes[node].at = (uint32_t)l->at;
        l->d->nodes[node].behind = (uint32_t)start;
    }
    return sops_item_add(l->d, (struct sops_item){.node = node,
                                                  .start = (uint32_t)start,
                                                  .end = (uint32_t)(start + raw.n),
                                                  .type = (uint8_t)type,
                                                  .text = text});
}

/* A section node for the metadata, so that it looks as in the other formats. */
static struct err meta_node(struct lines *l, struct span name, uint32_t *out)
{
    if (l->section == SOPS_NO_NODE)
        TRY(sops_node_add(l->d, l->root, SPAN_LIT("sops"), UINT32_MAX, &l->section));
    return sops_node_add(l->d, l->section, name, UINT32_MAX, out);
}

static struct err env_line(struct lines *l, struct span line)
{
    struct span text;
    uint32_t node;
    if (line.n == 0)
        return OK;
    if (line.p[0] == '#')
        return add(l, l->root, SOPS_COMMENT, line, span_from(line, 1));
    size_t eq = span_find(line, 0, '=');
    if (eq == line.n)
        return bad(l, "a line without =");
    struct span name = span_cut(line, 0, eq), value = span_from(line, eq + 1);
    TRY(unescape(l->d, value, &text));
    if (span_starts(name, SPAN_LIT("sops_"))) {
        TRY(meta_node(l, span_from(name, 5), &node));
        TRY(sops_cut_add(l->d, l->at, l->end + (l->end < l->d->source.n)));
    } else {
        TRY(sops_node_add(l->d, l->root, name, UINT32_MAX, &node));
    }
    return add(l, node, SOPS_STR, value, text);
}

static struct err begin(struct lines *l, struct sops_doc *d, struct fault *f)
{
    *l = (struct lines){.d = d, .f = f, .section = SOPS_NO_NODE};
    return sops_node_add(d, SOPS_NO_NODE, SPAN_NONE, UINT32_MAX, &l->root);
}

struct err sops_read_dotenv(struct sops_doc *d, struct fault *f)
{
    struct lines l;
    struct span line;
    TRY(begin(&l, d, f));
    for (; next_line(&l, &line); l.at = l.end + 1) {
        struct err e = env_line(&l, line);
        if (failed(e))
            return err_cat(e) == ERR_INPUT && !err_detail(e) ? bad(&l, "a key comes twice") : e;
    }
    return sops_end_add(d, d->source.n);
}

/* ---- INI ---- */

/* `implicit`: the section that keys before any other are in. */
static struct err ini_section(struct lines *l, struct span name, bool implicit)
{
    if (l->cut) {
        TRY(sops_cut_add(l->d, l->cut - 1, l->at));
        l->cut = 0;
    }
    if (span_is(name, "sops")) {
        size_t start = l->at;
        if (start >= 2 && l->d->source.p[start - 1] == '\n' && l->d->source.p[start - 2] == '\n')
            start--; /* the empty line before it */
        l->cut = start + 1;
    }
    TRY(sops_node_add(l->d, l->root, name, UINT32_MAX, &l->section));
    l->d->nodes[l->section].at = (uint32_t)l->at;
    l->d->nodes[l->section].behind = (uint32_t)(implicit ? l->at : l->end);
    for (; l->loose < l->d->n_items; l->loose++)
        l->d->items[l->loose].node = l->section;
    return OK;
}

/* A value in triple quotes may go on over lines: old writers. Moves l->end. */
static struct err ini_value(struct lines *l, struct span raw, struct span *token, struct span *text)
{
    struct span in = l->d->source, quotes = SPAN_LIT("\"\"\"");
    *token = raw;
    if (span_starts(raw, quotes)) {
        size_t start = (size_t)(raw.p - in.p), close = span_search(in, start + 3, quotes);
        if (close == in.n)
            return bad(l, "a value in triple quotes that does not end");
        *token = span_cut(in, start, close + 3 - start);
        *text = span_cut(in, start + 3, close - start - 3);
        l->end = span_find(in, close, '\n');
        return OK;
    }
    bool quoted = raw.n >= 2 && (raw.p[0] == '"' || raw.p[0] == '\'' || raw.p[0] == '`') &&
                  raw.p[raw.n - 1] == raw.p[0];
    *text = quoted ? span_cut(raw, 1, raw.n - 2) : raw;
    return l->cut ? unescape(l->d, *text, text) : OK; /* in the sops section alone */
}

/* "name = value" and "name: value". */
static size_t separator(struct span text)
{
    size_t eq = span_find(text, 0, '='), colon = span_find(text, 0, ':');
    return eq < colon ? eq : colon;
}

/* Where a comment behind a value that is not in quotes starts: a mark with a blank before it. */
static size_t comment_behind(struct span raw)
{
    if (raw.n && (raw.p[0] == '"' || raw.p[0] == '\'' || raw.p[0] == '`'))
        return raw.n;
    for (size_t i = 1; i < raw.n; i++)
        if ((raw.p[i] == ';' || raw.p[i] == '#') && (raw.p[i - 1] == ' ' || raw.p[i - 1] == '\t'))
            return i;
    return raw.n;
}

static struct err ini_comment(struct lines *l, struct span text, uint32_t home)
{
    size_t skip = text.n > 1 && text.p[1] == ' ' ? 2 : 1;
    return add(l, home, SOPS_COMMENT, text, span_from(text, skip));
}

/* "[name]". A comment behind it could not be sealed where it stands: readers look for the last
 * bracket of the line. */
static struct err ini_head(struct lines *l, struct span text)
{
    size_t close = span_find(text, 0, ']');
    if (close == text.n)
        return bad(l, "a section without its closing bracket");
    if (close < 2)
        return bad(l, "a section without a name");
    if (close + 1 < text.n)
        return bad(l, "text behind a section's name: a comment needs a line of its own");
    return ini_section(l, span_cut(text, 1, close - 1), false);
}

static struct err ini_line(struct lines *l, struct span line)
{
    struct span text = span_trim(line), token;
    uint32_t node;
    if (text.n == 0)
        return OK;
    if (text.p[0] == ';' || text.p[0] == '#') {
        return ini_comment(l, text, l->section == SOPS_NO_NODE ? l->root : l->section);
    }
    if (text.p[0] == '[') {
        return ini_head(l, text);
    }
    size_t eq = separator(text);
    if (eq == text.n)
        return bad(l, "a line without = or :");
    if (l->section == SOPS_NO_NODE)
        TRY(ini_section(l, SPAN_LIT("DEFAULT"), true));
    struct span name = span_trim(span_cut(text, 0, eq));
    if (name.n == 0 || name.p[0] == '"' || name.p[0] == '`')
        return bad(l, "a name that is empty or in quotes");
    struct span raw = span_trim(span_from(text, eq + 1));
    struct span behind = span_from(raw, comment_behind(raw));
    raw = span_trim(span_cut(raw, 0, raw.n - behind.n));
    TRY(ini_value(l, raw, &token, &text));
    TRY(sops_node_add(l->d, l->section, name, UINT32_MAX, &node));
    TRY(add(l, node, SOPS_STR, token, text));
    if (behind.n)
        TRY(ini_comment(l, behind, l->section));
    l->loose = l->d->n_items;
    return OK;
}

/* Some readers take the first, SOPS the last, and drops the other when it encrypts. */
static struct err twice(struct lines *l)
{
    return bad(l, l->cut ? "the sops section, or a name in it, comes twice"
                         : "a name comes twice in its section: rename or remove one");
}

struct err sops_read_ini(struct sops_doc *d, struct fault *f)
{
    struct lines l;
    struct span line;
    TRY(begin(&l, d, f));
    for (; next_line(&l, &line); l.at = l.end + 1) {
        struct err e = ini_line(&l, line);
        if (failed(e))
            return err_cat(e) == ERR_INPUT && !err_detail(e) ? twice(&l) : e;
    }
    if (l.cut)
        TRY(sops_cut_add(d, l.cut - 1, d->source.n));
    return sops_end_add(d, d->source.n);
}
