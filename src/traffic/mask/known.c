/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching for known values. Chains by the first bytes: a position costs a few bit tests until the
 * first two bytes of some value stand there. Numbers are compared by their digits alone, so that
 * 078-05-1120 is found again as 078051120. Frequent: a dozen values, a few texts. What would be
 * slow (thousands of values with one beginning) runs into a budget and refuses the request.
 */
#define _GNU_SOURCE
#include "known_int.h"

#include "utf8.h"

#include <stdlib.h>

enum {
    CHAINS = 1024,
    PAIR_BYTES = 65536 / 8,
    HEAD = 4,       /* bytes that choose a chain; shorter values: two */
    DIGITS_MIN = 5, /* fewer digits are no value worth finding */
    DIGITS_MAX = 32,
    BUDGET_PER_BYTE = 32,
    BUDGET_MIN = 1 << 20,
};

/* How a value is compared. */
enum { EXACT, NOCASE, INSIDE /* exact, also inside words */, DIGITS };

struct err known_new(struct known **out)
{
    struct known *k = calloc(1, sizeof *k);
    if (!k)
        return err(ERR_NOMEM);
    k->chain = calloc(2 * CHAINS, sizeof *k->chain);
    k->pair = calloc(1, PAIR_BYTES);
    if (!k->chain || !k->pair) {
        known_free(k);
        return err(ERR_NOMEM);
    }
    k->digits = k->chain + CHAINS;
    *out = k;
    return OK;
}

void known_free(struct known *k)
{
    if (!k)
        return;
    free(k->v);
    free(k->chain);
    free(k->pair);
    free(k);
}

void known_reset(struct known *k, size_t bytes)
{
    for (size_t i = 0; i < k->n; i++) {
        k->chain[k->v[i].slot] = 0;
        k->pair[k->v[i].two / 8] = 0;
    }
    if (k->n)
        memset(k->first, 0, sizeof k->first);
    k->n = k->taken = 0;
    k->numbers = k->inside = false;
    k->budget = BUDGET_MIN + (uint64_t)bytes * BUDGET_PER_BYTE;
}

static uint32_t mix(uint32_t v)
{
    return (v * 2654435761U) >> 22;
}

static uint32_t head_of(const uint8_t *p, size_t n)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | ascii_lower(p[i]);
    return v;
}

static uint32_t digits_hash(const uint8_t *p, size_t n)
{
    uint32_t h = 0;
    for (size_t i = 0; i < n; i++)
        h = h * 31 + p[i];
    return mix(h);
}

static int how_of(const struct mask_session *s, const struct mask_token *t)
{
    struct span v = token_value(s, t);
    enum entity e = (enum entity)t->entity;
    if (e == ENTITY_SECRET)
        return v.n >= 8 ? INSIDE : EXACT;
    if (e == ENTITY_EMAIL_ADDRESS || e == ENTITY_IBAN_CODE)
        return NOCASE;
    bool words = memchr(v.p, ' ', v.n) != NULL;
    return (e == ENTITY_PERSON || e == ENTITY_LOCATION || e == ENTITY_ORGANIZATION) && words
               ? NOCASE
               : EXACT;
}

/* Put a value in front of the chain k->chain[slot]. */
static void link_value(struct known *k, size_t slot, uint16_t two, uint32_t token, int how)
{
    k->v[k->n] = (struct known_value){token, k->chain[slot], (uint16_t)slot, two, (uint8_t)how};
    k->chain[slot] = (uint32_t)++k->n;
}

/* Types whose values are too common a text to be looked for: an age, a title, a postcode, a date.
 * The owner's own types never are. */
static bool too_common(const struct mask_token *t)
{
    enum { COMMON_WEIGHT = 6 };
    static const uint8_t weights[] = {
#define ENTITY(name, weight) weight,
#include "entity.def"
#undef ENTITY
    };
    return t->entity < ENTITY_COUNT &&
           (weights[t->entity] <= COMMON_WEIGHT || t->entity == ENTITY_DATE_TIME);
}

static void learn_one(struct known *k, const struct mask_session *s, uint32_t token)
{
    const struct mask_token *t = &s->v[token];
    struct span v = token_value(s, t);
    if (t->form == TOKEN_LITERAL || t->form == TOKEN_PIECE || t->form == TOKEN_PART ||
        t->form == TOKEN_JOINED || v.n < 2 || too_common(t))
        return;
    uint8_t digits[DIGITS_MAX];
    size_t n;
    bool number = normal_digits(v, digits, sizeof digits, &n);
    if (number) {
        if (n < DIGITS_MIN)
            return;
        k->numbers = true;
        link_value(k, CHAINS + digits_hash(digits, n), 0, token, DIGITS);
        return;
    }
    if (t->entity != ENTITY_PERSON && v.n < 3)
        return;
    int how = how_of(s, t);
    k->inside |= how == INSIDE;
    uint32_t two = head_of(v.p, 2);
    k->pair[two / 8] |= (uint8_t)(1U << two % 8);
    k->first[v.p[0]] = 1;
    if (how == NOCASE) {
        k->first[ascii_lower(v.p[0])] = 1;
        if ((uint8_t)(ascii_lower(v.p[0]) - 'a') < 26)
            k->first[v.p[0] & 0xdf] = 1;
    }
    size_t head = v.n < HEAD ? 2 : HEAD;
    link_value(k, mix(head_of(v.p, head) + (uint32_t)head), (uint16_t)two, token, how);
}

struct err known_learn(struct known *k, const struct mask_session *s)
{
    if (s->n > k->cap) {
        size_t cap = s->cap;
        struct known_value *v = realloc(k->v, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        k->v = v;
        k->cap = cap;
    }
    for (; k->taken < s->n; k->taken++)
        learn_one(k, s, (uint32_t)k->taken);
    return OK;
}

/* ---- borders ---- */

static bool is_digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

/* Letters that make words together. Scripts without blanks between words have no borders. */
static bool word_letter(uint32_t c)
{
    if (c < 0x80)
        return (uint32_t)((c | 0x20) - 'a') < 26;
    if (c < 0xc0 || c == 0xd7 || c == 0xf7 || c == 0xfffd)
        return false;
    if ((c >= 0x2000 && c < 0x2c00) || (c >= 0x2e00 && c < 0xa640) || c >= 0xac00)
        return false;
    return true;
}

static uint32_t point_before(struct span t, size_t at)
{
    size_t i = at - 1;
    while (i > 0 && at - i < 4 && (t.p[i] & 0xc0) == 0x80)
        i--;
    uint32_t c;
    utf8_next(t, i, &c);
    return c;
}

/* Do the characters on the two sides of `at` belong together? */
static bool inside_word(struct span t, size_t at)
{
    if (at == 0 || at == t.n)
        return false;
    uint8_t a = t.p[at - 1], b = t.p[at];
    if (is_digit(a) && is_digit(b))
        return true;
    if (a < 0x80 && b < 0x80)
        return word_letter(a) && word_letter(b);
    uint32_t left = point_before(t, at), right;
    utf8_next(t, at, &right);
    return word_letter(left) && word_letter(right);
}

/* ---- searching ---- */

static bool same(struct span value, const uint8_t *p, bool nocase)
{
    if (!nocase)
        return memcmp(value.p, p, value.n) == 0;
    for (size_t i = 0; i < value.n; i++)
        if (ascii_lower(value.p[i]) != ascii_lower(p[i]))
            return false;
    return true;
}

static struct err spend(struct known *k)
{
    if (k->budget == 0)
        return err(ERR_LIMIT);
    k->budget--;
    return OK;
}

/* The longest value of this chain that stands at `at`. */
static struct err best_here(struct known *k, const struct mask_session *s, struct span text,
                            size_t at, uint32_t chain, struct finding *best)
{
    for (uint32_t i = chain; i; i = k->v[i - 1].next) {
        TRY(spend(k));
        const struct known_value *c = &k->v[i - 1];
        const struct mask_token *t = &s->v[c->token];
        struct span v = token_value(s, t);
        if (v.n > text.n - at || v.n <= best->end - best->start ||
            !same(v, text.p + at, c->how == NOCASE))
            continue;
        if (c->how != INSIDE && (inside_word(text, at) || inside_word(text, at + v.n)))
            continue;
        *best = (struct finding){(uint32_t)at, (uint32_t)(at + v.n), t->entity, KNOWN_RULE, 1};
    }
    return OK;
}

/* The next byte that begins a value, text.n when there is none. */
static size_t next_first(const struct known *k, struct span text, size_t at)
{
    const uint8_t *p = text.p;
    while (at + 4 <= text.n &&
           !(k->first[p[at]] | k->first[p[at + 1]] | k->first[p[at + 2]] | k->first[p[at + 3]]))
        at += 4;
    while (at < text.n && !k->first[p[at]])
        at++;
    return at;
}

static struct err words(struct known *k, const struct mask_session *s, struct span text,
                        struct findings *out)
{
    for (size_t at = 0; (at = next_first(k, text, at)) + 1 < text.n; at++) {
        uint32_t two = head_of(text.p + at, 2);
        if (!(k->pair[two / 8] >> two % 8 & 1))
            continue;
        struct finding best = {(uint32_t)at, (uint32_t)at, 0, 0, 0};
        TRY(best_here(k, s, text, at, k->chain[mix(two + 2)], &best));
        if (text.n - at >= HEAD)
            TRY(best_here(k, s, text, at, k->chain[mix(head_of(text.p + at, HEAD) + HEAD)], &best));
        if (best.end > best.start) {
            TRY(findings_add(out, best));
            at = best.end - 1;
        }
    }
    return OK;
}

/* Is a number of these digits known? */
static struct err number_known(struct known *k, const struct mask_session *s, struct span digits,
                               uint16_t *entity, bool *yes)
{
    *yes = false;
    if (digits.n < DIGITS_MIN)
        return OK;
    for (uint32_t i = k->digits[digits_hash(digits.p, digits.n)]; i; i = k->v[i - 1].next) {
        TRY(spend(k));
        const struct mask_token *t = &s->v[k->v[i - 1].token];
        uint8_t own[DIGITS_MAX];
        size_t n;
        if (normal_digits(token_value(s, t), own, sizeof own, &n) &&
            span_eq(span(own, n), digits)) {
            *entity = t->entity;
            *yes = true;
            return OK;
        }
    }
    return OK;
}

/* One number from `at` on: digits with single signs between them. Both the plain run of digits and
 * all of it are looked up; *next is where to go on. */
static struct err number_here(struct known *k, const struct mask_session *s, struct span text,
                              size_t at, size_t *next, struct findings *out)
{
    uint8_t digits[DIGITS_MAX];
    size_t n = 0, plain = 0, plain_end = at, end = at, i = at;
    while (i < text.n && n < DIGITS_MAX) {
        if (is_digit(text.p[i])) {
            digits[n++] = text.p[i++];
            end = i;
            if (i == text.n || !is_digit(text.p[i]))
                if (!plain) {
                    plain = n;
                    plain_end = i;
                }
        } else if (memchr(" -./()", text.p[i], 6) && i - end < 2) {
            i++;
        } else {
            break;
        }
    }
    *next = plain_end > at ? plain_end : end;
    if (end < text.n && is_digit(text.p[end])) {
        while (*next < text.n && is_digit(text.p[*next]))
            ++*next;
        return OK; /* longer than any number we keep */
    }
    struct finding f = {(uint32_t)at, (uint32_t)end, 0, KNOWN_RULE, 1};
    bool yes;
    TRY(number_known(k, s, span(digits, n), &f.entity, &yes));
    if (!yes) {
        f.end = (uint32_t)plain_end;
        TRY(number_known(k, s, span(digits, plain), &f.entity, &yes));
    }
    if (!yes)
        return OK;
    *next = f.end;
    return findings_add(out, f);
}

/* The next digit, text.n when there is none. Eight bytes at a time: a byte is no digit when one of
 * its high four bits differs from '0', so most text is passed by. */
static size_t next_digit(struct span text, size_t at)
{
    const uint64_t ones = 0x0101010101010101U;
    for (uint64_t v; at + sizeof v <= text.n; at += sizeof v) {
        memcpy(&v, text.p + at, sizeof v);
        v = (v ^ ones * '0') & ones * 0xF0;
        if ((v - ones) & ~v & ones * 0x80)
            break;
    }
    while (at < text.n && !is_digit(text.p[at]))
        at++;
    return at;
}

static struct err numbers(struct known *k, const struct mask_session *s, struct span text,
                          struct findings *out)
{
    for (size_t at = 0; (at = next_digit(text, at)) < text.n;)
        TRY(number_here(k, s, text, at, &at, out));
    return OK;
}

struct err known_find(struct known *k, const struct mask_session *s, struct span text,
                      struct findings *out)
{
    if (k->n == 0)
        return OK;
    if (k->numbers)
        TRY(numbers(k, s, text, out));
    return words(k, s, text, out);
}
