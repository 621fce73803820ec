/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entries of masking that are texts: "PHONE_NUMBER=0.5", "CREDIT_CARD=mask 4", "0.8 EMP\d+".
 * Taken apart here, by the config reader, by the decoder of the message and by whoever carries them
 * out, so that all hold the same for valid.
 */
#include "num.h"
#include "settings_int.h"

static struct err expect(const char **expected, const char *what)
{
    if (expected)
        *expected = what;
    return err(ERR_INPUT);
}

/* 0, 1, 0.7: at most six decimals. */
static bool fraction(struct span s, double *out)
{
    uint64_t millionths = 0, unit = 1000000;
    bool point = false;
    if (s.n == 0 || s.n > 8 || (uint8_t)(s.p[0] - '0') >= 2)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t digit = (uint8_t)(s.p[i] - '0');
        if (i == 1 && s.p[i] == '.' && s.n > 2) {
            point = true;
            continue;
        }
        if (digit >= 10 || (i > 0 && !point))
            return false;
        millionths += digit * unit;
        unit /= 10;
    }
    *out = (double)millionths / 1e6;
    return millionths <= 1000000;
}

bool settings_type_ok(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        bool capital = (uint8_t)(c - 'A') < 26;
        if (!capital && (i == 0 || ((uint8_t)(c - '0') >= 10 && c != '_')))
            return false;
    }
    return name.n && name.n <= 28;
}

struct err settings_pattern(struct span entry, double *score, struct span *regex,
                            const char **expected)
{
    size_t blank = span_find(entry, 0, ' ');
    *regex = span_from(entry, blank + 1);
    if (!fraction(span_cut(entry, 0, blank), score) || regex->n == 0)
        return expect(expected, "a score from 0 to 1, a blank and an expression");
    return OK;
}

struct err settings_threshold(struct span entry, struct span *type, double *threshold,
                              const char **expected)
{
    size_t equal = span_find(entry, 0, '=');
    *type = span_cut(entry, 0, equal);
    if (!fraction(span_trim(span_from(entry, equal + 1)), threshold))
        return expect(expected, "a fraction from 0 to 1 for a type's threshold");
    return OK;
}

static const struct {
    const char *name;
    enum settings_operator_kind kind;
} operators[] = {
    {"token", OPERATOR_TOKEN},     {"surrogate", OPERATOR_SURROGATE}, {"encrypt", OPERATOR_ENCRYPT},
    {"mask", OPERATOR_MASK},       {"hash", OPERATOR_HASH},           {"redact", OPERATOR_REDACT},
    {"replace", OPERATOR_REPLACE}, {"keep", OPERATOR_KEEP},
};

struct err settings_operator(struct span entry, struct settings_operator *out,
                             const char **expected)
{
    static const char what[] =
        "an operator: token, surrogate, encrypt, mask, mask N, hash, redact, "
        "replace, replace TEXT or keep";
    size_t equal = span_find(entry, 0, '='), i = 0;
    struct span text = span_from(entry, equal + 1);
    size_t blank = span_find(text, 0, ' ');
    struct span word = span_cut(text, 0, blank), rest = span_from(text, blank + 1);
    while (i < sizeof operators / sizeof *operators && !span_is(word, operators[i].name))
        i++;
    if (i == sizeof operators / sizeof *operators)
        return expect(expected, what);
    *out = (struct settings_operator){.type = span_cut(entry, 0, equal), .kind = operators[i].kind};
    if (blank == text.n)
        return OK;
    bool quotes = span_find(rest, 0, '"') < rest.n || span_find(rest, 0, '\\') < rest.n;
    if (quotes)
        return expect(expected, "a text without quotes and backslashes for replace");
    if (out->kind == OPERATOR_REPLACE && rest.n) {
        out->text = rest;
        return OK;
    }
    if (out->kind == OPERATOR_MASK && !failed(num_u64(rest, 64, &out->keep)))
        return OK;
    return expect(expected, what);
}

/* ---- types ---- */

struct span settings_own_type(const struct settings *s, size_t i)
{
    for (size_t k = 0; k < s->n_recognisers; k++) {
        struct span name = s->recognisers[k].entity;
        bool again = entity_find(name) != ENTITY_COUNT;
        for (size_t j = 0; j < k && !again; j++)
            again = span_eq(s->recognisers[j].entity, name);
        if (!again && i-- == 0)
            return name;
    }
    return SPAN_NONE;
}

enum entity settings_entity(const struct settings *s, struct span name)
{
    enum entity e = entity_find(name);
    if (e != ENTITY_COUNT)
        return e;
    struct span own;
    for (size_t i = 0; (own = settings_own_type(s, i)).n && i < ENTITY_ALL - ENTITY_OWN; i++)
        if (span_eq(own, name))
            return (enum entity)(ENTITY_OWN + i);
    return ENTITY_COUNT;
}

/* ---- checks ---- */

struct err settings_check_recognisers(const struct settings *s, const char **expected)
{
    for (size_t i = 0; i < s->n_recognisers; i++) {
        const struct settings_recogniser *r = &s->recognisers[i];
        if (!settings_type_ok(r->entity))
            return expect(expected, "a type of capitals, digits and underscores, at most 28");
        if (r->patterns.n + r->words.n == 0)
            return expect(expected, "patterns or words in every recogniser");
        if (r->patterns.n > SETTINGS_PATTERNS_MAX)
            return expect(expected, "at most 64 patterns in a recogniser");
        for (size_t k = 0; k < r->patterns.n; k++) {
            double score;
            struct span regex;
            TRY(settings_pattern(r->patterns.v[k], &score, &regex, expected));
        }
    }
    if (settings_own_type(s, ENTITY_ALL - ENTITY_OWN).n)
        return expect(expected, "at most 32 types of your own");
    return OK;
}

struct err settings_check_masking(const struct settings *s, const struct settings_masking *m,
                                  bool *of_operators, size_t *at, const char **expected)
{
    static const char type[] = "a type: a built-in one, one of a recogniser's, or DEFAULT for "
                               "operators";
    *of_operators = false;
    for (*at = 0; *at < m->thresholds.n; ++*at) {
        struct span name;
        double x;
        TRY(settings_threshold(m->thresholds.v[*at], &name, &x, expected));
        if (settings_entity(s, name) == ENTITY_COUNT)
            return expect(expected, type);
    }
    *of_operators = true;
    for (*at = 0; *at < m->operators.n; ++*at) {
        struct settings_operator o;
        TRY(settings_operator(m->operators.v[*at], &o, expected));
        if (settings_entity(s, o.type) == ENTITY_COUNT && !span_is(o.type, "DEFAULT"))
            return expect(expected, type);
    }
    return OK;
}
