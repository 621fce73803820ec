/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From libyaml's events to a tree. Called once per config file. libyaml's own document loader is
 * not used: it resolves anchors, keeps duplicate keys and has no ceilings.
 */
#include "conf.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

struct err conf_fault_at(struct conf_fault *f, uint32_t line, uint32_t column, const char *fmt, ...)
{
    if (!f)
        return err(ERR_INPUT);
    f->line = line;
    f->column = column;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof f->text, fmt, ap);
    va_end(ap);
    for (char *c = f->text; *c; c++) /* one line, whatever the value quoted holds */
        if ((uint8_t)*c < ' ' || *c == 0x7f)
            *c = '?';
    return err(ERR_INPUT);
}

struct err conf_fault_text(const struct conf_fault *f, struct buf *out)
{
    if (f->line == 0)
        return buf_printf(out, "%s: %s", f->file, f->text);
    return buf_printf(out, "%s:%u: %s", f->file, f->line, f->text);
}

const struct conf_node *conf_member(const struct conf_node *map, struct span key)
{
    for (const struct conf_node *m = map->first; m; m = m->next)
        if (span_eq(m->key, key))
            return m;
    return NULL;
}

/* ---- before libyaml sees it ---- */

static struct err check_line(struct span line, uint32_t number, struct conf_fault *f)
{
    bool indent = true;
    for (size_t i = 0; i < line.n; i++) {
        uint8_t c = line.p[i];
        if (indent && c == '\t')
            return conf_fault_at(f, number, (uint32_t)i + 1,
                                 "expected blanks in the indentation, found a tab");
        if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f)
            return conf_fault_at(f, number, (uint32_t)i + 1,
                                 "expected text, found a control character");
        indent = indent && c == ' ';
    }
    size_t valid = utf8_valid_prefix(line);
    if (valid < line.n)
        return conf_fault_at(f, number, (uint32_t)valid + 1, "expected valid UTF-8");
    return OK;
}

static struct err check_bytes(struct span yaml, struct conf_fault *f)
{
    if (yaml.n > CONF_BYTES_MAX)
        return conf_fault_at(f, 0, 0, "expected at most %d bytes, found %zu", CONF_BYTES_MAX,
                             yaml.n);
    if (span_starts(yaml, SPAN_LIT("\xef\xbb\xbf")))
        return conf_fault_at(f, 1, 1, "expected text, found a byte order mark");
    uint32_t line = 1;
    for (size_t at = 0; at < yaml.n; line++) {
        size_t end = span_find(yaml, at, '\n');
        TRY(check_line(span_cut(yaml, at, end - at), line, f));
        at = end + 1;
    }
    return OK;
}

/* ---- the tree ---- */

struct builder {
    struct arena *arena;
    struct conf_fault *f;
    struct conf_node *root;
    struct conf_node *open[CONF_DEPTH_MAX];
    struct conf_node **tail[CONF_DEPTH_MAX];
    size_t depth, nodes;
    bool have_key; /* in a mapping: the next node is the value of `key` */
    struct span key;
    uint32_t key_line, key_column;
    bool documents, done;
};

static struct err fault_here(struct builder *b, const yaml_event_t *e, const char *what)
{
    return conf_fault_at(b->f, (uint32_t)e->start_mark.line + 1, (uint32_t)e->start_mark.column + 1,
                         "%s", what);
}

static bool wants_key(const struct builder *b)
{
    return b->depth && b->open[b->depth - 1]->kind == CONF_MAPPING && !b->have_key;
}

static struct err take_key(struct builder *b, const yaml_event_t *e)
{
    TRY(arena_copy(b->arena, span(e->data.scalar.value, e->data.scalar.length), &b->key));
    b->key_line = (uint32_t)e->start_mark.line + 1;
    b->key_column = (uint32_t)e->start_mark.column + 1;
    b->have_key = true;
    return OK;
}

static struct err add_node(struct builder *b, const yaml_event_t *e, enum conf_kind kind,
                           struct conf_node **out)
{
    if (++b->nodes > CONF_NODES_MAX)
        return fault_here(b, e, "expected fewer entries in one file");
    void *p;
    TRY(arena_take(b->arena, sizeof(struct conf_node), &p));
    struct conf_node *node = p;
    node->kind = (uint8_t)kind;
    node->line = (uint32_t)e->start_mark.line + 1;
    node->column = (uint32_t)e->start_mark.column + 1;
    if (b->have_key) {
        node->key = b->key;
        node->key_line = b->key_line;
        node->key_column = b->key_column;
        b->have_key = false;
    }
    if (b->depth == 0) {
        b->root = node;
    } else {
        *b->tail[b->depth - 1] = node;
        b->tail[b->depth - 1] = &node->next;
        b->open[b->depth - 1]->n++;
    }
    *out = node;
    return OK;
}

static struct err open_node(struct builder *b, const yaml_event_t *e, enum conf_kind kind)
{
    if (wants_key(b))
        return fault_here(b, e, "expected a key that is text");
    if (b->depth == CONF_DEPTH_MAX)
        return fault_here(b, e, "expected at most 32 levels");
    struct conf_node *node;
    TRY(add_node(b, e, kind, &node));
    b->open[b->depth] = node;
    b->tail[b->depth++] = &node->first;
    return OK;
}

static int by_place(const struct conf_node *x, const struct conf_node *y)
{
    if (x->key_line != y->key_line)
        return x->key_line < y->key_line ? -1 : 1;
    return x->key_column < y->key_column ? -1 : x->key_column > y->key_column;
}

static int by_key(const void *a, const void *b)
{
    const struct conf_node *x = *(struct conf_node *const *)a, *y = *(struct conf_node *const *)b;
    int c = span_cmp(x->key, y->key);
    return c ? c : by_place(x, y);
}

/* Each key once, in n log n: the first that comes again is told. */
static struct err check_keys(struct builder *b, const struct conf_node *map)
{
    const struct conf_node *again = NULL, *before = NULL;
    void *p;
    size_t n = 0;
    TRY(arena_take(b->arena, map->n * sizeof map, &p));
    const struct conf_node **v = p;
    for (const struct conf_node *m = map->first; m; m = m->next)
        v[n++] = m;
    qsort(v, n, sizeof *v, by_key);
    for (size_t i = 1; i < n; i++)
        if (span_eq(v[i - 1]->key, v[i]->key) && (!again || by_place(v[i], again) < 0)) {
            again = v[i];
            before = v[i - 1];
        }
    if (!again)
        return OK;
    return conf_fault_at(b->f, again->key_line, again->key_column,
                         "expected each key once, found \"%.*s\" again (first on line %u)",
                         (int)(again->key.n > 64 ? 64 : again->key.n), (const char *)again->key.p,
                         before->key_line);
}

static struct err scalar(struct builder *b, const yaml_event_t *e)
{
    if (wants_key(b))
        return take_key(b, e);
    struct conf_node *node;
    TRY(add_node(b, e, CONF_SCALAR, &node));
    node->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    return arena_copy(b->arena, span(e->data.scalar.value, e->data.scalar.length), &node->text);
}

static struct err document(struct builder *b, const yaml_event_t *e)
{
    if (b->documents)
        return fault_here(b, e, "expected one document, found a second");
    b->documents = true;
    if (e->data.document_start.version_directive ||
        e->data.document_start.tag_directives.start != e->data.document_start.tag_directives.end)
        return fault_here(b, e, "expected no directive");
    return OK;
}

static bool has_anchor(const yaml_event_t *e)
{
    return (e->type == YAML_SCALAR_EVENT && e->data.scalar.anchor) ||
           (e->type == YAML_MAPPING_START_EVENT && e->data.mapping_start.anchor) ||
           (e->type == YAML_SEQUENCE_START_EVENT && e->data.sequence_start.anchor);
}

static bool has_tag(const yaml_event_t *e)
{
    return (e->type == YAML_SCALAR_EVENT && e->data.scalar.tag) ||
           (e->type == YAML_MAPPING_START_EVENT && e->data.mapping_start.tag) ||
           (e->type == YAML_SEQUENCE_START_EVENT && e->data.sequence_start.tag);
}

static struct err take_event(struct builder *b, const yaml_event_t *e)
{
    if (has_anchor(e))
        return fault_here(b, e, "expected a value, found an anchor (&)");
    if (has_tag(e))
        return fault_here(b, e, "expected a value, found a tag (!)");
    switch (e->type) {
    case YAML_ALIAS_EVENT:
        return fault_here(b, e, "expected a value, found an alias (*); put text with * in quotes");
    case YAML_DOCUMENT_START_EVENT:
        return document(b, e);
    case YAML_SCALAR_EVENT:
        return scalar(b, e);
    case YAML_MAPPING_START_EVENT:
        return open_node(b, e, CONF_MAPPING);
    case YAML_SEQUENCE_START_EVENT:
        return open_node(b, e, CONF_SEQUENCE);
    case YAML_MAPPING_END_EVENT:
        return check_keys(b, b->open[--b->depth]);
    case YAML_SEQUENCE_END_EVENT:
        b->depth--;
        return OK;
    case YAML_STREAM_END_EVENT:
        b->done = true;
        return OK;
    default:
        return OK;
    }
}

static struct err yaml_fault(const yaml_parser_t *p, struct conf_fault *f)
{
    if (p->error == YAML_MEMORY_ERROR)
        return err(ERR_NOMEM);
    /* An open quote or bracket, or a missing colon, is noticed late, at the end of the file at
     * worst: what helps is where that began. */
    bool flow = p->context && strstr(p->context, "flow");
    bool began = p->error == YAML_SCANNER_ERROR || (flow && p->problem_mark.index >= p->offset);
    const yaml_mark_t *at = began ? &p->context_mark : &p->problem_mark;
    const char *problem = p->problem ? p->problem : "unreadable text";
    if (flow && p->context_mark.line != at->line)
        return conf_fault_at(f, (uint32_t)at->line + 1, (uint32_t)at->column + 1,
                             "expected valid YAML: %s (what is open began on line %zu)", problem,
                             p->context_mark.line + 1);
    return conf_fault_at(f, (uint32_t)at->line + 1, (uint32_t)at->column + 1,
                         "expected valid YAML: %s", problem);
}

static struct err read_events(yaml_parser_t *p, struct builder *b)
{
    while (!b->done) {
        yaml_event_t e;
        if (!yaml_parser_parse(p, &e))
            return yaml_fault(p, b->f);
        struct err failure = take_event(b, &e);
        yaml_event_delete(&e);
        TRY(failure);
    }
    return OK;
}

/* Nothing but comments and blanks: an empty mapping. */
static struct err empty_root(struct builder *b)
{
    if (b->root)
        return OK;
    void *p;
    TRY(arena_take(b->arena, sizeof(struct conf_node), &p));
    b->root = p;
    *b->root = (struct conf_node){.kind = CONF_MAPPING, .line = 1, .column = 1};
    return OK;
}

struct err conf_parse(struct span yaml, const char *file, struct arena *arena,
                      const struct conf_node **root, struct conf_fault *f)
{
    if (f) {
        *f = (struct conf_fault){0};
        snprintf(f->file, sizeof f->file, "%s", file);
    }
    TRY(check_bytes(yaml, f));
    yaml_parser_t p;
    if (!yaml_parser_initialize(&p))
        return err(ERR_NOMEM);
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, yaml.p ? yaml.p : (const uint8_t *)"", yaml.n);
    struct builder b = {.arena = arena, .f = f};
    struct err e = read_events(&p, &b);
    yaml_parser_delete(&p);
    TRY(e);
    TRY(empty_root(&b));
    *root = b.root;
    return OK;
}
