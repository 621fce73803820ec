/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognisers that come with a request: expressions with a score, or a list of words that always
 * count. Expressions are linear-time (regex.h), and all of a request's share one second, because
 * the process that runs them serves others too.
 */
#include "presidio_int.h"

#include "clock.h"
#include "pace.h"
#include "utf8.h"

#include <stdlib.h>

enum {
    CONTEXT_WORDS = 5, /* before a hit, as Presidio looks */
    DENY_BYTES = 64 * 1024,
    WINDOW_MIN = 64, /* bytes at which one search may find a match's beginning */
    WINDOW_MAX = 64 * 1024,
    WINDOW_STEPS =
        100 * 1000, /* what a search of a window takes at most, unless one match is long */
    FIND_STEPS = 10 * 1000 * 1000, /* and then: about 0.1 s */
};
#define OWN_TIME_NS 1000000000ULL
#define PARSE       "Failed to parse /analyze request for AnalyzerEngine.analyze(). "

static const struct regex_limits deny_limits = {DENY_BYTES, REGEX_PROGRAM_MAX};

unsigned python_flags(unsigned flags)
{
    return (flags & 2 ? REGEX_NOCASE : 0U) | (flags & 8 ? REGEX_LINES : 0U) |
           (flags & 16 ? REGEX_DOTALL : 0U) | (flags & 256 ? REGEX_LOOK : REGEX_PYTHON);
}

/* ---- reading ---- */

struct raw_recogniser {
    struct span name, language, entity, entities, patterns, deny, context, deny_score, flags;
    struct span version, country;
};
static const struct member_to recogniser_members[] = {
    {"name", offsetof(struct raw_recogniser, name)},
    {"supported_language", offsetof(struct raw_recogniser, language)},
    {"supported_entity", offsetof(struct raw_recogniser, entity)},
    {"supported_entities", offsetof(struct raw_recogniser, entities)},
    {"patterns", offsetof(struct raw_recogniser, patterns)},
    {"deny_list", offsetof(struct raw_recogniser, deny)},
    {"context", offsetof(struct raw_recogniser, context)},
    {"deny_list_score", offsetof(struct raw_recogniser, deny_score)},
    {"global_regex_flags", offsetof(struct raw_recogniser, flags)},
    {"version", offsetof(struct raw_recogniser, version)},
    {"country_code", offsetof(struct raw_recogniser, country)},
    {0}};

struct raw_pattern {
    struct span name, regex, score;
};
static const struct member_to pattern_members[] = {{"name", offsetof(struct raw_pattern, name)},
                                                   {"regex", offsetof(struct raw_pattern, regex)},
                                                   {"score", offsetof(struct raw_pattern, score)},
                                                   {0}};

static struct err read_score(struct request *r, struct span raw, double usual, double *out)
{
    enum raw_type t = raw_type(raw);
    *out = usual;
    if (t == RAW_ABSENT)
        return OK;
    if ((t != RAW_INTEGER && t != RAW_FLOAT) || failed(json_get_double(raw, out)) || *out < 0 ||
        *out > 1)
        return complain(r, 400, PARSE "a score must be a number from 0 to 1");
    return OK;
}

static struct err add_pattern(struct request *r, struct adhoc *a, struct pattern one,
                              struct span source, const struct regex_limits *limits)
{
    struct fault f = {0, "no memory"};
    if (a->n == PATTERNS_MAX)
        return complain(r, 400, PARSE "more than %d patterns", PATTERNS_MAX);
    TRY(pace_turn()); /* the dearest takes some 20 ms */
    struct err e = regex_compile(source, python_flags(one.flags), limits, &one.re, &f);
    if (err_cat(e) == ERR_NOMEM)
        return e;
    if (failed(e))
        return complain(r, 400, PARSE "pattern '%.*s', character %zu: %s", SPAN_ARG(one.name), f.at,
                        f.why);
    /* A list of words is a large program of which little runs at a time. */
    size_t dear = WINDOW_STEPS / regex_size(one.re);
    one.window = limits == &deny_limits || dear > WINDOW_MAX ? WINDOW_MAX
                 : dear < WINDOW_MIN                         ? WINDOW_MIN
                                                             : dear;
    a->v[a->n++] = one;
    return OK;
}

static struct err read_pattern(struct request *r, struct adhoc *a, const struct recogniser *of,
                               unsigned flags, struct span raw)
{
    struct raw_pattern m = {0};
    struct span unknown = SPAN_NONE;
    struct pattern one = {.flags = flags, .of = of};
    if (raw_type(raw) != RAW_OBJECT)
        return complain(r, 400, PARSE "a pattern must be an object");
    TRY(read_members(r, raw, pattern_members, &m, &unknown));
    if (unknown.n)
        return complain(r, 400, PARSE "Pattern: unexpected key '%.*s'", SPAN_ARG(unknown));
    if (raw_type(m.name) != RAW_STRING || raw_type(m.regex) != RAW_STRING || !m.score.n)
        return complain(r, 400, PARSE "Pattern: name, regex and score are needed");
    TRY(raw_text(r, m.name, &one.name));
    TRY(raw_text(r, m.regex, &one.source));
    TRY(read_score(r, m.score, 0, &one.score));
    return add_pattern(r, a, one, one.source, NULL);
}

static struct err read_patterns(struct request *r, struct adhoc *a, const struct recogniser *of,
                                unsigned flags, struct span raw)
{
    struct walk w;
    struct span item;
    bool more;
    if (raw_type(raw) != RAW_ARRAY)
        return complain(r, 400, PARSE "patterns must be a list");
    TRY(walk_open(&w, raw));
    for (;;) {
        TRY(walk_item(&w, &item, &more));
        if (!more)
            return OK;
        TRY(read_pattern(r, a, of, flags, item));
    }
}

static int longest_first(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return x->n != y->n ? (x->n > y->n ? -1 : 1) : span_cmp(*x, *y);
}

/* One expression of all words; a longer one is tried before its own beginning. */
static struct err put_alternatives(const struct words *words, struct buf *out)
{
    for (size_t i = 0; i < words->n; i++) {
        if (i)
            TRY(buf_put_u8(out, '|'));
        for (size_t k = 0; k < words->v[i].n; k++) {
            uint8_t c = words->v[i].p[k];
            bool plain = c >= 0x80 || c <= ' ' || c == '_' || (c >= '0' && c <= '9') ||
                         (uint8_t)(ascii_lower(c) - 'a') < 26;
            if (!plain)
                TRY(buf_put_u8(out, '\\'));
            TRY(buf_put_u8(out, c));
        }
    }
    return OK;
}

/* The same as Presidio tells it in an explanation. */
static struct err put_shown(const struct words *words, struct buf *out)
{
    TRY(buf_puts(out, "(?:^|(?<=\\W))("));
    for (size_t i = 0; i < words->n; i++) {
        if (i)
            TRY(buf_put_u8(out, '|'));
        for (size_t k = 0; k < words->v[i].n; k++) {
            uint8_t c = words->v[i].p[k];
            if (c && strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", c))
                TRY(buf_put_u8(out, '\\'));
            TRY(buf_put_u8(out, c));
        }
    }
    return buf_puts(out, ")(?:(?=\\W)|$)");
}

static struct err read_deny(struct request *r, struct adhoc *a, const struct recogniser *of,
                            unsigned flags, double score, struct span raw)
{
    struct words words;
    bool bad;
    TRY(raw_words(r, raw, &words, &bad));
    for (size_t i = 0; i < words.n && !bad; i++)
        bad = words.v[i].n == 0;
    if (bad)
        return complain(r, 400, PARSE "deny_list must be a list of words");
    if (words.n == 0)
        return OK;
    BUF_AUTO source = buf_init(DENY_BYTES), shown = buf_init(2 * DENY_BYTES);
    struct err e = put_shown(&words, &shown);
    qsort(words.v, words.n, sizeof *words.v, longest_first);
    if (failed(e) || failed(put_alternatives(&words, &source)))
        return complain(r, 400, PARSE "the deny_list is over %d bytes", DENY_BYTES);
    struct pattern one = {
        .name = SPAN_LIT("deny_list"), .score = score, .words = true, .flags = flags, .of = of};
    TRY(arena_copy(&r->arena, buf_span(&shown), &one.source));
    return add_pattern(r, a, one, buf_span(&source), &deny_limits);
}

/* The type: `supported_entity`, or the first of `supported_entities`. */
static struct err read_type(struct request *r, const struct raw_recogniser *m, struct span *out)
{
    struct words list;
    bool bad = raw_type(m->entity) != RAW_STRING;
    if (!bad)
        return raw_text(r, m->entity, out);
    if (!m->entity.n)
        TRY(raw_words(r, m->entities, &list, &bad));
    if (bad || list.n == 0)
        return complain(r, 400, PARSE "PatternRecognizer: supported_entity is needed");
    *out = list.v[0];
    return OK;
}

/* Names, language and context; *other: it is for another language. */
static struct err read_head(struct request *r, const struct raw_recogniser *m,
                            struct recogniser *of, bool *other)
{
    struct span language = SPAN_LIT("en");
    bool bad;
    TRY(read_type(r, m, &of->entity));
    of->name = SPAN_LIT("PatternRecognizer");
    if (raw_type(m->name) == RAW_STRING)
        TRY(raw_text(r, m->name, &of->name));
    if (raw_type(m->language) == RAW_STRING)
        TRY(raw_text(r, m->language, &language));
    *other = !span_is(language, "en");
    TRY(raw_words(r, m->context, &of->context, &bad));
    if (bad)
        return complain(r, 400, PARSE "context must be a list of words");
    if (!raw_truthy(m->patterns) && !raw_truthy(m->deny))
        return complain(r, 500,
                        "Pattern recognizer should be initialized with patterns or with deny list");
    return OK;
}

static struct err read_one(struct request *r, struct span raw, struct adhoc *a)
{
    uint64_t flags = PYTHON_FLAGS;
    struct raw_recogniser m = {0};
    struct span unknown = SPAN_NONE;
    if (raw_type(raw) != RAW_OBJECT)
        return complain(r, 400, PARSE "an ad-hoc recognizer must be an object");
    if (a->n_of == RECOGNISERS_MAX)
        return complain(r, 400, PARSE "more than %d ad-hoc recognizers", RECOGNISERS_MAX);
    TRY(read_members(r, raw, recogniser_members, &m, &unknown));
    if (unknown.n)
        return complain(r, 400, PARSE "PatternRecognizer: unexpected key '%.*s'",
                        SPAN_ARG(unknown));
    struct recogniser *of = &a->of[a->n_of];
    bool other = false;
    double deny_score;
    TRY(read_head(r, &m, of, &other));
    TRY(read_score(r, m.deny_score, 1, &deny_score));
    if (m.flags.n && failed(json_get_u64(m.flags, PYTHON_FLAGS_MAX, &flags)))
        return complain(r, 400, PARSE "global_regex_flags must be a number of Python's flags");
    if (other)
        return OK;
    a->n_of++;
    if (raw_truthy(m.patterns))
        TRY(read_patterns(r, a, of, (unsigned)flags, m.patterns));
    if (raw_truthy(m.deny))
        TRY(read_deny(r, a, of, (unsigned)flags, deny_score, m.deny));
    return OK;
}

struct err adhoc_read(struct request *r, struct span raw, struct adhoc *a)
{
    struct walk w;
    struct span item;
    bool more;
    if (!raw_truthy(raw))
        return OK;
    if (raw_type(raw) != RAW_ARRAY)
        return complain(r, 400, PARSE "ad_hoc_recognizers must be a list");
    TRY(walk_open(&w, raw));
    for (;;) {
        TRY(walk_item(&w, &item, &more));
        if (!more)
            return OK;
        TRY(read_one(r, item, a));
    }
}

void adhoc_free(struct adhoc *a)
{
    for (size_t i = 0; i < a->n; i++)
        regex_free(a->v[i].re);
    a->n = 0;
}

/* ---- finding ---- */

/* Part of a word, as far as borders go: ASCII letters, digits and '_', and what is beyond ASCII
 * except the blanks and marks of U+0080..U+00BF and U+2000..U+303F. */
static bool is_word(uint32_t c)
{
    if (c < 0x80)
        return c == '_' || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    return c >= 0xc0 && (c < 0x2000 || c > 0x303f);
}

static uint32_t point_before(struct span text, size_t at)
{
    uint32_t c;
    size_t from = at - 1;
    while (from > 0 && at - from < 4 && (text.p[from] & 0xc0) == 0x80)
        from--;
    utf8_next(text, from, &c);
    return c;
}

static bool stands_alone(struct span text, size_t start, size_t end)
{
    uint32_t c;
    if (start > 0 && is_word(point_before(text, start)))
        return false;
    if (end < text.n) {
        utf8_next(text, end, &c);
        return !is_word(c);
    }
    return true;
}

/* `word` is the context word, or its plural. */
static bool supports(struct span word, struct span context)
{
    return context.n && (span_eq_nocase(word, context) ||
                         (word.n == context.n + 1 && ascii_lower(word.p[word.n - 1]) == 's' &&
                          span_eq_nocase(span_cut(word, 0, context.n), context)));
}

static struct span supporting(const struct words *wanted, struct span word)
{
    for (size_t i = 0; i < wanted->n; i++)
        if (supports(word, wanted->v[i]))
            return wanted->v[i];
    return SPAN_NONE;
}

/* The first context word of the recogniser among the request's own words and the five words that
 * stand before the hit. */
static struct span find_context(const struct recogniser *of, const struct words *given,
                                struct span text, size_t start)
{
    struct span got = SPAN_NONE;
    if (of->context.n == 0)
        return got;
    for (size_t i = 0; i < given->n; i++)
        for (size_t at = 0, end; at < given->v[i].n && !got.n; at = end + 1) {
            end = span_find(given->v[i], at, ' ');
            got = supporting(&of->context, span_cut(given->v[i], at, end - at));
        }
    size_t floor = start > 512 ? start - 512 : 0, at = start;
    for (int words = 0; words < CONTEXT_WORDS && !got.n; words++) {
        while (at > floor && !is_word(point_before(text, at)))
            at--;
        size_t end = at;
        while (at > floor && is_word(point_before(text, at)))
            at--;
        if (at == end)
            break;
        got = supporting(&of->context, span_cut(text, at, end - at));
    }
    return got;
}

/* Presidio's step: 0.35 more, at least 0.4, at most 1. */
static void apply_context(struct hit *x, struct span word)
{
    if (word.n == 0 || x->score >= 1)
        return;
    x->supporting = word;
    x->score += 0.35;
    if (x->score < 0.4)
        x->score = 0.4;
    if (x->score > 1)
        x->score = 1;
}

/* One search, and what it found. *at moves on; to the end when nothing more is there. */
static struct err find_one(struct adhoc *a, size_t i, struct span text, const struct words *context,
                           size_t *at, struct hits *out)
{
    const struct pattern *by = &a->v[i];
    size_t start, end, steps = FIND_STEPS;
    bool found;
    size_t limit = text.n - *at > by->window ? *at + by->window : text.n + 1;
    TRY(regex_find_within(by->re, text, *at, limit, &steps, &start, &end, &found));
    if (steps == 0) {
        a->spent_ns = OWN_TIME_NS + 1; /* one match alone takes too long */
        return OK;
    }
    if (!found) {
        *at = limit < text.n ? limit : text.n;
        return OK;
    }
    *at = end > *at ? end : *at + 1;
    if (start == end || !(by->score > 0))
        return OK;
    if (by->words && !stands_alone(text, start, end)) {
        *at = start + 1;
        return OK;
    }
    struct hit x = {.start = (uint32_t)start,
                    .end = (uint32_t)end,
                    .score = by->score,
                    .base = by->score,
                    .type = by->of->entity,
                    .entity = ENTITY_COUNT,
                    .by = by};
    apply_context(&x, find_context(by->of, context, text, start));
    return hits_add(out, x);
}

struct err adhoc_find(struct request *r, struct adhoc *a, size_t i, struct span text,
                      const struct words *context, size_t *at, struct hits *out)
{
    uint64_t now = clock_mono_ns();
    while (*at < text.n) {
        TRY(find_one(a, i, text, context, at, out));
        uint64_t later = clock_mono_ns();
        a->spent_ns += later - now;
        now = later;
        if (a->spent_ns > OWN_TIME_NS)
            return complain(r, 400, PARSE "the patterns take too long");
        if (now >= r->slice_ns)
            return OK;
    }
    return OK;
}
