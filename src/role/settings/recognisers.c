/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognisers from YAML: our own form and Presidio's registry, one reader for both, since the
 * second is the first with other names. Every expression is compiled here once, so that a bad one
 * is said with its line before anything starts. Called at start and reload; the files are the
 * owner's.
 */
#include "file.h"
#include "num.h"
#include "regex.h"
#include "settings_int.h"
#include "settings_load.h"

#include <stdio.h>
#include <string.h>

enum {
    FILES_MAX = 32,
    PYTHON_NOCASE = 2,
    PYTHON_LINES = 8,
    PYTHON_DOTALL = 16,
    PYTHON_ASCII = 256,
    PYTHON_USUAL = PYTHON_NOCASE | PYTHON_LINES | PYTHON_DOTALL, /* what Presidio compiles with */
    PATTERN_BYTES = 4096,
};

struct reading {
    struct settings *s;
    struct conf_fault *f;
    uint64_t flags; /* Python's, for patterns that are sections */
};

static struct err fault(struct reading *r, const struct conf_node *node, const char *what)
{
    return conf_fault_at(r->f, node->line, node->column, "expected %s", what);
}

static const struct conf_setting *row(const char *name)
{
    const struct conf_table *t = &settings_tables[SECTION_recogniser];
    size_t i = 0;
    while (strcmp(t->v[i].name, name) != 0)
        i++;
    return &t->v[i];
}

static bool is_true(const struct conf_node *node)
{
    return node->kind == CONF_SCALAR &&
           (span_is(node->text, "true") || span_is(node->text, "True"));
}

static bool is_false(const struct conf_node *node)
{
    return node->kind == CONF_SCALAR &&
           (span_is(node->text, "false") || span_is(node->text, "False"));
}

/* ---- patterns ---- */

/* Does the expression hold? Says the character and the reason; `ours` bytes before it are not the
 * owner's. */
static struct err check_regex(struct reading *r, const struct conf_node *node, struct span regex,
                              size_t ours)
{
    struct regex *re = NULL;
    struct fault why = {0};
    size_t start, end;
    bool found = false;
    struct err e = regex_compile(regex, REGEX_PYTHON, NULL, &re, &why);
    if (err_cat(e) == ERR_NOMEM)
        return e;
    if (failed(e))
        return conf_fault_at(r->f, node->line, node->column,
                             "expected an expression that can be matched in linear time; "
                             "character %zu: %s",
                             why.at - (why.at < ours ? why.at : ours) + 1,
                             why.why ? why.why : "too large");
    e = regex_find(re, SPAN_NONE, 0, &start, &end, &found);
    regex_free(re);
    TRY(e);
    return found ? fault(r, node, "an expression that does not match where there is nothing") : OK;
}

/* A pattern as text, "SCORE REGEX", and where its parts stand. */
struct written {
    struct buf text;
    const struct conf_node *score, *regex;
    size_t ours; /* flags before the expression */
};

/* A section {name, regex, score}: as "SCORE (?imsa)REGEX". */
static struct err section_pattern(struct reading *r, const struct conf_node *node,
                                  struct written *w)
{
    struct buf *out = &w->text;
    const struct conf_node *regex = w->regex = conf_member(node, SPAN_LIT("regex"));
    const struct conf_node *score = w->score = conf_member(node, SPAN_LIT("score"));
    for (const struct conf_node *m = node->first; m; m = m->next)
        if (m != regex && m != score && !span_is(m->key, "name"))
            return fault(r, m, "name, regex and score in a pattern");
    if (!regex || !score || regex->kind != CONF_SCALAR || score->kind != CONF_SCALAR)
        return fault(r, node, "regex and score in a pattern");
    TRY(buf_put(out, score->text));
    TRY(buf_put_u8(out, ' '));
    size_t before = out->n;
    if (r->flags & (PYTHON_USUAL | PYTHON_ASCII)) {
        TRY(buf_puts(out, "(?"));
        TRY(buf_puts(out, r->flags & PYTHON_NOCASE ? "i" : ""));
        TRY(buf_puts(out, r->flags & PYTHON_LINES ? "m" : ""));
        TRY(buf_puts(out, r->flags & PYTHON_DOTALL ? "s" : ""));
        TRY(buf_puts(out, r->flags & PYTHON_ASCII ? "a" : ""));
        TRY(buf_put_u8(out, ')'));
    }
    w->ours = out->n - before;
    return buf_put(out, regex->text);
}

static struct err take_pattern(struct reading *r, const struct conf_node *node, struct written *w,
                               struct span *out)
{
    struct err e = node->kind == CONF_MAPPING  ? section_pattern(r, node, w)
                   : node->kind == CONF_SCALAR ? buf_put(&w->text, node->text)
                                               : err(ERR_INPUT);
    if (err_cat(e) == ERR_LIMIT)
        return fault(r, w->regex, "a pattern of at most 4096 bytes");
    if (failed(e))
        return node->kind == CONF_MAPPING ? e : fault(r, node, "a pattern");
    struct span regex;
    double score;
    const char *expected = NULL;
    TRY(arena_copy(&r->s->arena, buf_span(&w->text), out));
    if (failed(settings_pattern(*out, &score, &regex, &expected)))
        return fault(r, w->score,
                     node->kind == CONF_MAPPING ? "a score from 0 to 1 and an expression"
                                                : expected);
    for (size_t i = 0; i < out->n; i++)
        if (out->p[i] < 0x20 || out->p[i] == 0x7f)
            return fault(r, w->regex,
                         "an expression without control characters (write \\n, \\x0b)");
    return check_regex(r, w->regex, regex, w->ours);
}

static struct err one_pattern(struct reading *r, const struct conf_node *node, struct span *out)
{
    struct written w = {buf_init(PATTERN_BYTES), node, node, 0};
    struct err e = take_pattern(r, node, &w, out);
    buf_free(&w.text);
    return e;
}

static struct err read_patterns(struct reading *r, const struct conf_node *node,
                                struct settings_recogniser *out)
{
    void *p;
    if (node->kind != CONF_SEQUENCE || node->n > SETTINGS_PATTERNS_MAX)
        return fault(r, node, "a list of at most 64 patterns");
    TRY(arena_take(&r->s->arena, node->n * sizeof *out->patterns.v, &p));
    out->patterns.v = p;
    out->patterns.n = 0;
    for (const struct conf_node *m = node->first; m; m = m->next) {
        TRY(one_pattern(r, m, &out->patterns.v[out->patterns.n]));
        out->patterns.n++;
    }
    return OK;
}

/* ---- one recogniser ---- */

/* Append a list of texts to what is there. */
static struct err add_texts(struct reading *r, const char *name, const struct conf_node *node,
                            struct settings_texts *to)
{
    struct conf_texts more;
    void *p;
    if (node->kind == CONF_SCALAR && node->text.n == 0)
        return OK; /* "context:" with nothing behind it */
    TRY(conf_value(row(name), node, &r->s->arena, &more, r->f));
    if (more.n + to->n > SETTINGS_TEXTS_MAX)
        return fault(r, node, "at most 4096 texts");
    TRY(arena_take(&r->s->arena, (to->n + more.n) * sizeof *to->v, &p));
    if (to->n)
        memcpy(p, to->v, to->n * sizeof *to->v);
    if (more.n)
        memcpy((struct span *)p + to->n, more.v, more.n * sizeof *more.v);
    to->v = p;
    to->n += more.n;
    return OK;
}

/* [en, de] or [{language: en, context: [...]}]. */
static struct err read_languages(struct reading *r, const struct conf_node *node,
                                 struct settings_recogniser *out)
{
    if (node->kind != CONF_SEQUENCE)
        return fault(r, node, "a list of languages");
    for (const struct conf_node *m = node->first; m; m = m->next) {
        const struct conf_node *context =
            m->kind == CONF_MAPPING ? conf_member(m, SPAN_LIT("context")) : NULL;
        if (m->kind == CONF_SEQUENCE)
            return fault(r, m, "a language");
        if (context)
            TRY(add_texts(r, "context", context, &out->context));
    }
    return OK;
}

/* EMPLOYEE_ID, also for "employee id". */
static struct err read_entity(struct reading *r, const struct conf_node *node,
                              struct settings_recogniser *out)
{
    void *p;
    if (node->kind == CONF_SEQUENCE && node->n == 1)
        node = node->first; /* supported_entities with one */
    if (node->kind != CONF_SCALAR)
        return fault(r, node, "one type for a recogniser");
    TRY(arena_take(&r->s->arena, node->text.n + 1, &p));
    uint8_t *to = p;
    for (size_t i = 0; i < node->text.n; i++) {
        uint8_t c = node->text.p[i];
        to[i] = (uint8_t)(ascii_lower(c) - 'a') < 26 ? c & 0xdf : c == ' ' || c == '-' ? '_' : c;
    }
    out->entity = span(to, node->text.n);
    return settings_type_ok(out->entity)
               ? OK
               : fault(r, node, "a type of letters, digits and underscores, at most 28");
}

static struct err read_flags(struct reading *r, const struct conf_node *node)
{
    if (node->kind != CONF_SCALAR || failed(num_u64(node->text, 511, &r->flags)))
        return fault(r, node, "a number of Python's flags");
    return OK;
}

enum member {
    M_ENTITY,
    M_PATTERNS,
    M_WORDS,
    M_WORDS_SCORE,
    M_CONTEXT,
    M_LANGUAGES,
    M_FLAGS,
    M_PASS
};
static const struct {
    const char *name;
    enum member what;
} members[] = {
    {"name", M_PASS},
    {"type", M_PASS},
    {"enabled", M_PASS},
    {"class_name", M_PASS},
    {"supported_language", M_PASS},
    {"version", M_PASS},
    {"entity", M_ENTITY},
    {"supported_entity", M_ENTITY},
    {"supported_entities", M_ENTITY},
    {"patterns", M_PATTERNS},
    {"words", M_WORDS},
    {"deny_list", M_WORDS},
    {"words_score", M_WORDS_SCORE},
    {"deny_list_score", M_WORDS_SCORE},
    {"context", M_CONTEXT},
    {"supported_languages", M_LANGUAGES},
    {"global_regex_flags", M_FLAGS},
};
#define MEMBER_NAMES                                                                               \
    "name|entity|patterns|words|words_score|context|enabled|type|supported_entity|deny_list|"      \
    "deny_list_score|supported_languages|supported_language|global_regex_flags"

static struct err read_member(struct reading *r, const struct conf_node *m,
                              struct settings_recogniser *out)
{
    size_t i = 0;
    while (i < sizeof members / sizeof *members && !span_is(m->key, members[i].name))
        i++;
    if (i == sizeof members / sizeof *members) {
        struct span near = conf_nearest(MEMBER_NAMES, m->key);
        int n = (int)(m->key.n > 64 ? 64 : m->key.n);
        return conf_fault_at(r->f, m->key_line, m->key_column,
                             "expected a setting of a recogniser, found \"%.*s\"%s%.*s", n,
                             (const char *)m->key.p, near.n ? "; did you mean " : "",
                             SPAN_ARG(near));
    }
    switch (members[i].what) {
    case M_ENTITY:
        return read_entity(r, m, out);
    case M_WORDS:
        return add_texts(r, "words", m, &out->words);
    case M_WORDS_SCORE:
        return conf_value(row("words_score"), m, &r->s->arena, &out->words_score, r->f);
    case M_CONTEXT:
        return add_texts(r, "context", m, &out->context);
    case M_LANGUAGES:
        return read_languages(r, m, out);
    case M_FLAGS:
    case M_PATTERNS: /* after the flags, wherever those stand */
    default:
        return OK;
    }
}

/* Is it one that Presidio brings along, or switched off? */
static struct err passed_over(struct reading *r, const struct conf_node *node, bool *yes)
{
    *yes = node->kind == CONF_SCALAR; /* a bare class name */
    if (node->kind == CONF_SEQUENCE)
        return fault(r, node, "a recogniser: a section with name, entity and patterns");
    const struct conf_node *type = *yes ? NULL : conf_member(node, SPAN_LIT("type"));
    const struct conf_node *enabled = *yes ? NULL : conf_member(node, SPAN_LIT("enabled"));
    if (type && type->kind == CONF_SCALAR && span_is(type->text, "predefined"))
        *yes = true;
    else if (type && !(type->kind == CONF_SCALAR && span_is(type->text, "custom")))
        return fault(r, type, "custom or predefined");
    if (enabled && is_false(enabled))
        *yes = true;
    else if (enabled && !is_true(enabled))
        return fault(r, enabled, "true or false for enabled");
    return OK;
}

static struct err read_one(struct reading *r, const struct conf_node *node,
                           struct settings_recogniser *out)
{
    const struct conf_node *name = conf_member(node, SPAN_LIT("name"));
    const struct conf_node *flags = conf_member(node, SPAN_LIT("global_regex_flags"));
    const struct conf_node *patterns = conf_member(node, SPAN_LIT("patterns"));
    TRY(conf_defaults(&settings_tables[SECTION_recogniser], &r->s->arena, out));
    for (const struct conf_node *m = node->first; m; m = m->next)
        TRY(read_member(r, m, out));
    if (!name)
        return fault(r, node, "a name for the recogniser");
    TRY(conf_value(row("name"), name, &r->s->arena, &out->name, r->f));
    if (out->entity.n == 0)
        return fault(r, node, "entity in a recogniser");
    if (flags)
        TRY(read_flags(r, flags));
    if (patterns)
        TRY(read_patterns(r, patterns, out));
    if (out->patterns.n + out->words.n == 0)
        return fault(r, node, "patterns or words in a recogniser");
    return OK;
}

static struct err read_list(struct reading *r, const struct conf_node *list)
{
    struct settings *s = r->s;
    uint64_t flags = r->flags;
    void *p;
    if (list->kind != CONF_SEQUENCE)
        return fault(r, list, "a list of recognisers");
    TRY(arena_take(&s->arena, (s->n_recognisers + list->n) * sizeof *s->recognisers, &p));
    if (s->n_recognisers)
        memcpy(p, s->recognisers, s->n_recognisers * sizeof *s->recognisers);
    s->recognisers = p;
    for (const struct conf_node *m = list->first; m; m = m->next) {
        bool skip;
        const char *expected = NULL;
        TRY(passed_over(r, m, &skip));
        if (skip)
            continue;
        if (s->n_recognisers == SETTINGS_RECOGNISERS_MAX)
            return fault(r, m, "at most 64 recognisers");
        r->flags = flags;
        TRY(read_one(r, m, &s->recognisers[s->n_recognisers]));
        s->n_recognisers++;
        if (failed(settings_check_recognisers(s, &expected)))
            return fault(r, m, expected);
    }
    return OK;
}

/* ---- files ---- */

struct err settings_parse_recognisers(struct settings *s, struct span yaml, const char *file,
                                      struct conf_fault *f)
{
    struct reading r = {s, f, PYTHON_USUAL};
    const struct conf_node *root, *flags, *list;
    TRY(conf_parse(yaml, file, &s->arena, &root, f));
    if (root->kind == CONF_SEQUENCE)
        return read_list(&r, root);
    if (root->kind != CONF_MAPPING)
        return fault(&r, root, "a list of recognisers");
    for (const struct conf_node *m = root->first; m; m = m->next)
        if (!span_is(m->key, "recognisers") && !span_is(m->key, "recognizers") &&
            !span_is(m->key, "supported_languages") && !span_is(m->key, "global_regex_flags"))
            return fault(&r, m, "recognisers, supported_languages or global_regex_flags");
    flags = conf_member(root, SPAN_LIT("global_regex_flags"));
    if (flags)
        TRY(read_flags(&r, flags));
    list = conf_member(root, SPAN_LIT("recognisers"));
    if (!list)
        list = conf_member(root, SPAN_LIT("recognizers"));
    return list ? read_list(&r, list) : fault(&r, root, "a list of recognisers");
}

static struct err read_file(struct reading *r, const struct conf_node *node)
{
    BUF_AUTO text = buf_init(CONF_BYTES_MAX + 1);
    char path[1024], file[sizeof((struct conf_fault *)0)->file] = "";
    if (node->kind != CONF_SCALAR || node->text.n == 0 || node->text.p[0] != '/' ||
        node->text.n >= sizeof path || span_find(node->text, 0, 0) < node->text.n)
        return fault(r, node, "an absolute path");
    snprintf(path, sizeof path, "%.*s", SPAN_ARG(node->text));
    struct err e = file_read(path, &text);
    if (failed(e) && err_cat(e) != ERR_LIMIT)
        return fault(r, node, "a readable file with recognisers");
    if (r->f)
        memcpy(file, r->f->file, sizeof file);
    TRY(settings_parse_recognisers(r->s, buf_span(&text), path, r->f));
    if (r->f)
        memcpy(r->f->file, file, sizeof file);
    return OK;
}

struct err settings_read_recognisers(struct settings *s, const struct conf_node *root,
                                     struct conf_fault *f)
{
    struct reading r = {s, f, PYTHON_USUAL};
    const struct conf_node *list = conf_member(root, SPAN_LIT("recognisers"));
    const struct conf_node *files = conf_member(root, SPAN_LIT("recogniser_files"));
    if (list)
        TRY(read_list(&r, list));
    if (!files)
        return OK;
    if (files->kind != CONF_SEQUENCE || files->n > FILES_MAX)
        return fault(&r, files, "a list of at most 32 paths");
    for (const struct conf_node *m = files->first; m; m = m->next)
        TRY(read_file(&r, m));
    return OK;
}
