/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value: text to typed field and back. Called for every setting of a config file, and for the
 * defaults of the table, which go the same way.
 */
#include "conf.h"
#include "num.h"
#include "utf8.h"

#include <stdio.h>

enum { WORDS_SHOWN = 8 }; /* of a long list, in a fault */

struct unit {
    const char *name;
    uint64_t factor;
};

/* Largest first, so that printing finds the shortest spelling. */
static const struct unit sizes[] = {
    {"GiB", 1U << 30}, {"MiB", 1U << 20}, {"KiB", 1U << 10}, {"", 1}, {NULL, 0}};
static const struct unit durations[] = {{"d", 86400000}, {"h", 3600000}, {"m", 60000},
                                        {"s", 1000},     {"ms", 1},      {NULL, 0}};

/* Digits with one of the units behind them. */
static struct err parse_unit(struct span s, const struct unit *units, uint64_t *out)
{
    size_t n = 0;
    while (n < s.n && (uint8_t)(s.p[n] - '0') < 10)
        n++;
    uint64_t v;
    TRY(num_u64(span_cut(s, 0, n), UINT64_MAX, &v));
    for (const struct unit *u = units; u->name; u++)
        if (span_is(span_from(s, n), u->name))
            return __builtin_mul_overflow(v, u->factor, out) ? err(ERR_LIMIT) : OK;
    return err(ERR_INPUT);
}

/* "12.5" with at most `places` decimals, in units of 10^-places. */
static struct err parse_decimal(struct span s, unsigned places, uint64_t *out)
{
    size_t dot = span_find(s, 0, '.');
    uint64_t v;
    TRY(num_u64(span_cut(s, 0, dot), UINT64_MAX, &v));
    size_t decimals = dot < s.n ? s.n - dot - 1 : 0;
    if ((dot < s.n && decimals == 0) || decimals > places)
        return err(ERR_INPUT);
    for (unsigned i = 0; i < places; i++) {
        unsigned digit = i < decimals ? (unsigned)s.p[dot + 1 + i] - '0' : 0;
        if (digit > 9)
            return err(ERR_INPUT);
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, digit, &v))
            return err(ERR_LIMIT);
    }
    *out = v;
    return OK;
}

static struct err parse_word(struct span s, const char *words, uint64_t *out)
{
    struct span w;
    for (uint64_t i = 0; (w = conf_word(words, i)).n; i++)
        if (span_eq(w, s)) {
            *out = i;
            return OK;
        }
    return err(ERR_INPUT);
}

static struct err parse_bool(struct span s, uint64_t *out)
{
    *out = span_is(s, "true");
    return *out || span_is(s, "false") ? OK : err(ERR_INPUT);
}

static struct err parse_number(const struct conf_setting *s, struct span text, uint64_t *v)
{
    switch (s->type) {
    case CONF_BOOL:
        return parse_bool(text, v);
    case CONF_WORD:
        return parse_word(text, s->words, v);
    case CONF_COUNT:
        TRY(num_u64(text, UINT64_MAX, v));
        break;
    case CONF_SIZE:
        TRY(parse_unit(text, sizes, v));
        break;
    case CONF_DURATION:
        TRY(parse_unit(text, durations, v));
        break;
    case CONF_USD:
        TRY(parse_decimal(text, 9, v));
        break;
    case CONF_FRACTION:
        TRY(parse_decimal(text, 6, v));
        break;
    default:
        return err(ERR_BUG);
    }
    return *v < s->min || *v > s->max ? err(ERR_LIMIT) : OK;
}

/* A text that may stand alone or in a list. */
static struct err parse_text(const struct conf_setting *s, struct span text, struct arena *arena,
                             struct span *out)
{
    if (text.n < s->min || text.n > s->max || !utf8_is_line(text))
        return err(ERR_INPUT);
    return arena_copy(arena, text, out);
}

/* A scalar into the field. Lists are in list(). */
static struct err parse_scalar(const struct conf_setting *s, struct span text, struct arena *arena,
                               void *field)
{
    if (s->type == CONF_TEXT) {
        struct span copy;
        TRY(parse_text(s, text, arena, &copy));
        memcpy(field, &copy, sizeof copy);
        return OK;
    }
    uint64_t v;
    TRY(parse_number(s, text, &v));
    bool yes = v != 0;
    uint32_t word = (uint32_t)v;
    double fraction = (double)v / 1e6;
    if (s->type == CONF_BOOL)
        memcpy(field, &yes, sizeof yes);
    else if (s->type == CONF_WORD)
        memcpy(field, &word, sizeof word);
    else if (s->type == CONF_FRACTION)
        memcpy(field, &fraction, sizeof fraction);
    else
        memcpy(field, &v, sizeof v);
    return OK;
}

static bool is_list(const struct conf_setting *s)
{
    return s->type == CONF_WORDS || s->type == CONF_TEXTS;
}

/* Text in the fault, unless it may be a secret by mistake. */
static struct err unexpected(const struct conf_setting *s, const struct conf_node *node,
                             struct conf_fault *f)
{
    BUF_AUTO what = buf_init(CONF_FAULT_TEXT);
    struct span near = SPAN_NONE;
    if (failed(conf_expect(s, &what)) || failed(buf_put_u8(&what, 0)))
        what.n = 0;
    const char *expected = what.n ? (const char *)what.p : "another value";
    if (node->kind != CONF_SCALAR)
        return conf_fault_at(f, node->line, node->column, "expected %s for %s, found a %s",
                             expected, s->name, node->kind == CONF_MAPPING ? "mapping" : "list");
    if (s->flags & CONF_SENSITIVE)
        return conf_fault_at(f, node->line, node->column, "expected %s for %s", expected, s->name);
    if (node->text.n == 0)
        return conf_fault_at(f, node->line, node->column, "expected %s for %s, found nothing",
                             expected, s->name);
    int n = (int)(node->text.n > 64 ? 64 : node->text.n);
    if (s->words)
        near = conf_nearest(s->words, node->text);
    if (near.n)
        return conf_fault_at(f, node->line, node->column,
                             "expected %s for %s, found \"%.*s\"; did you mean %.*s?", expected,
                             s->name, n, (const char *)node->text.p, SPAN_ARG(near));
    return conf_fault_at(f, node->line, node->column, "expected %s for %s, found \"%.*s\"",
                         expected, s->name, n, (const char *)node->text.p);
}

static struct err list_of_words(const struct conf_setting *s, const struct conf_node *node,
                                void *field, struct conf_fault *f)
{
    unsigned __int128 bits = 0;
    uint64_t i;
    for (const struct conf_node *m = node->first; m; m = m->next) {
        if (m->kind != CONF_SCALAR || failed(parse_word(m->text, s->words, &i)))
            return unexpected(s, m, f);
        if (bits >> i & 1)
            return conf_fault_at(f, m->line, m->column,
                                 "expected each of %s once, found %.*s again", s->name,
                                 SPAN_ARG(m->text));
        bits |= (unsigned __int128)1 << i;
    }
    memcpy(field, &bits, sizeof bits);
    return OK;
}

/* A mapping's member as "key=value". */
static struct err join_pair(const struct conf_node *m, struct arena *arena, struct span *out)
{
    void *p;
    size_t n = m->key.n + m->text.n + 1;
    TRY(arena_take(arena, n, &p));
    uint8_t *to = p;
    memcpy(to, m->key.p, m->key.n);
    to[m->key.n] = '=';
    if (m->text.n)
        memcpy(to + m->key.n + 1, m->text.p, m->text.n);
    *out = span(to, n);
    return OK;
}

static struct err list_of_texts(const struct conf_setting *s, const struct conf_node *node,
                                struct arena *arena, void *field, struct conf_fault *f)
{
    struct conf_texts list = {.n = 0};
    void *p;
    TRY(arena_take(arena, node->n * sizeof *list.v, &p));
    list.v = p;
    for (const struct conf_node *m = node->first; m; m = m->next) {
        struct span text = m->text;
        if (m->kind != CONF_SCALAR)
            return unexpected(s, m, f);
        if (node->kind == CONF_MAPPING)
            TRY(join_pair(m, arena, &text));
        struct err e = parse_text(s, text, arena, &list.v[list.n]);
        if (err_cat(e) == ERR_INPUT)
            return unexpected(s, m, f);
        TRY(e);
        list.n++;
    }
    memcpy(field, &list, sizeof list);
    return OK;
}

struct err conf_value(const struct conf_setting *s, const struct conf_node *node,
                      struct arena *arena, void *field, struct conf_fault *f)
{
    if (is_list(s)) {
        bool pairs = node->kind == CONF_MAPPING && s->flags & CONF_PAIRS;
        if (node->kind != CONF_SEQUENCE && !pairs)
            return unexpected(s, node, f);
        return s->type == CONF_WORDS ? list_of_words(s, node, field, f)
                                     : list_of_texts(s, node, arena, field, f);
    }
    /* In quotes it is text, whatever it looks like; words may be quoted. */
    bool text = s->type == CONF_TEXT || s->type == CONF_WORD;
    if (node->kind != CONF_SCALAR || (node->quoted && !text))
        return unexpected(s, node, f);
    struct err e = parse_scalar(s, node->text, arena, field);
    bool theirs = err_cat(e) == ERR_INPUT || (err_cat(e) == ERR_LIMIT && s->type != CONF_TEXT);
    return theirs ? unexpected(s, node, f) : e;
}

static struct err default_words(const struct conf_setting *s, void *field)
{
    unsigned __int128 bits = 0;
    for (struct span rest = span_str(s->def); rest.n;) {
        size_t end = span_find(rest, 0, ',');
        uint64_t i;
        TRY(parse_word(span_cut(rest, 0, end), s->words, &i));
        bits |= (unsigned __int128)1 << i;
        rest = span_from(rest, end + 1);
    }
    memcpy(field, &bits, sizeof bits);
    return OK;
}

static struct err default_texts(const struct conf_setting *s, struct arena *arena, void *field)
{
    struct conf_texts list = {.n = 0};
    void *p;
    TRY(arena_take(arena, (strlen(s->def) + 1) * sizeof *list.v, &p));
    list.v = p;
    for (struct span rest = span_str(s->def); rest.n;) {
        size_t end = span_find(rest, 0, ',');
        TRY(parse_text(s, span_cut(rest, 0, end), arena, &list.v[list.n]));
        list.n++;
        rest = span_from(rest, end + 1);
    }
    memcpy(field, &list, sizeof list);
    return OK;
}

struct err conf_defaults(const struct conf_table *t, struct arena *arena, void *target)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct conf_setting *s = &t->v[i];
        void *field = (uint8_t *)target + s->offset;
        struct err e = OK;
        if (s->type == CONF_NESTED || !s->def)
            continue;
        if (s->type == CONF_WORDS)
            e = default_words(s, field);
        else if (s->type == CONF_TEXTS)
            e = default_texts(s, arena, field);
        else
            e = parse_scalar(s, span_str(s->def), arena, field);
        if (err_cat(e) == ERR_INPUT)
            return err(ERR_BUG);
        TRY(e);
    }
    return OK;
}

/* ---- in words, and back to text ---- */

static struct err put_unit(struct buf *out, const struct unit *units, uint64_t v)
{
    const struct unit *u = units;
    while (v % u->factor != 0 || (v == 0 && u->factor != 1))
        u++;
    return buf_printf(out, "%lu%s", (unsigned long)(v / u->factor), u->name);
}

static struct err put_decimal(struct buf *out, unsigned places, uint64_t v)
{
    uint64_t one = 1;
    for (unsigned i = 0; i < places; i++)
        one *= 10;
    TRY(buf_put_u64(out, v / one));
    v %= one;
    for (bool first = true; v; first = false) {
        if (first)
            TRY(buf_put_u8(out, '.'));
        one /= 10;
        TRY(buf_put_u8(out, (uint8_t)('0' + v / one)));
        v %= one;
    }
    return OK;
}

static struct err put_number(const struct conf_setting *s, uint64_t v, struct buf *out)
{
    switch (s->type) {
    case CONF_SIZE:
        return put_unit(out, sizes, v);
    case CONF_DURATION:
        return put_unit(out, durations, v);
    case CONF_USD:
        return put_decimal(out, 9, v);
    case CONF_FRACTION:
        return put_decimal(out, 6, v);
    default:
        return buf_put_u64(out, v);
    }
}

static struct err put_text(struct span text, struct buf *out)
{
    TRY(buf_put_u8(out, '"'));
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            TRY(buf_put_u8(out, '\\'));
        TRY(buf_put_u8(out, text.p[i]));
    }
    return buf_put_u8(out, '"');
}

static struct err put_list(const struct conf_setting *s, const void *field, struct buf *out)
{
    struct conf_texts list = {NULL, 0};
    unsigned __int128 bits = 0;
    if (s->type == CONF_TEXTS)
        memcpy(&list, field, sizeof list);
    else
        memcpy(&bits, field, sizeof bits);
    TRY(buf_put_u8(out, '['));
    const char *comma = "";
    for (size_t i = 0; i < list.n; i++, comma = ", ") {
        TRY(buf_puts(out, comma));
        TRY(put_text(list.v[i], out));
    }
    for (size_t i = 0; i < 128; i++) {
        if (!(bits >> i & 1))
            continue;
        TRY(buf_puts(out, comma));
        TRY(buf_put(out, conf_word(s->words, i)));
        comma = ", ";
    }
    return buf_put_u8(out, ']');
}

struct err conf_print(const struct conf_setting *s, const void *field, struct buf *out)
{
    bool yes;
    uint32_t word;
    double fraction;
    uint64_t v;
    struct span text;
    switch (s->type) {
    case CONF_BOOL:
        memcpy(&yes, field, sizeof yes);
        return buf_puts(out, yes ? "true" : "false");
    case CONF_WORD:
        memcpy(&word, field, sizeof word);
        return buf_put(out, conf_word(s->words, word));
    case CONF_FRACTION:
        memcpy(&fraction, field, sizeof fraction);
        return put_number(s, (uint64_t)(fraction * 1e6 + 0.5), out);
    case CONF_TEXT:
        memcpy(&text, field, sizeof text);
        return put_text(text, out);
    case CONF_WORDS:
    case CONF_TEXTS:
        return put_list(s, field, out);
    case CONF_NESTED:
        return err(ERR_BUG);
    default:
        memcpy(&v, field, sizeof v);
        return put_number(s, v, out);
    }
}

static struct err put_words(const struct conf_setting *s, struct buf *out)
{
    struct span w;
    for (size_t i = 0; (w = conf_word(s->words, i)).n; i++) {
        if (i == WORDS_SHOWN)
            return buf_puts(out, " and others");
        TRY(buf_puts(out, i ? " | " : ""));
        TRY(buf_put(out, w));
    }
    return OK;
}

struct err conf_expect(const struct conf_setting *s, struct buf *out)
{
    static const char *const what[] = {
        [CONF_COUNT] = "a number",      [CONF_SIZE] = "a size",
        [CONF_DURATION] = "a duration", [CONF_USD] = "an amount in USD",
        [CONF_FRACTION] = "a fraction",
    };
    switch (s->type) {
    case CONF_BOOL:
        return buf_puts(out, "true or false");
    case CONF_WORD:
        return put_words(s, out);
    case CONF_WORDS:
        TRY(buf_puts(out, "a list of "));
        return put_words(s, out);
    case CONF_TEXT:
        return buf_printf(out, "text of %lu to %lu bytes", (unsigned long)s->min,
                          (unsigned long)s->max);
    case CONF_TEXTS:
        if (s->flags & CONF_PAIRS)
            return buf_puts(out, "a mapping from names to texts");
        return buf_printf(out, "a list of texts of %lu to %lu bytes", (unsigned long)s->min,
                          (unsigned long)s->max);
    case CONF_NESTED:
        return buf_puts(out, "a section");
    default:
        TRY(buf_printf(out, "%s from ", what[s->type]));
        TRY(put_number(s, s->min, out));
        TRY(buf_puts(out, " to "));
        return put_number(s, s->max, out);
    }
}
