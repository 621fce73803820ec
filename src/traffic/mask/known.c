/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching for known values. A position costs a few bit tests until the first bytes of some value
 * stand there; then a hash runs along the text and is looked up at each length that values with
 * this head have, as long as the heads of 8, 16, 32 … bytes are those of some value: thousands of
 * values with one beginning cost no more than one. Numbers are compared by their digits alone, so
 * that 078-05-1120 is found again as 078051120. Frequent: a dozen values, a few texts.
 */
#define _GNU_SOURCE
#include "known_int.h"
#include "pace.h"

#include "utf8.h"

#include <stdlib.h>

enum {
    SLOTS_LOG2 = 13,
    SLOTS = 1 << SLOTS_LOG2,
    PAIR_BYTES = 65536 / 8,
    HEAD = HEADS_BYTES, /* bytes that choose a slot; shorter values: two */
    MANY = 24,          /* words: nearly every two bytes begin one */
    FIRST_MARK = 8,     /* the shortest head that is looked up on the way */
    LONG = 63,          /* lengths from here on share a bit */
    DIGITS_MIN = 5,     /* fewer digits are no value worth finding */
    DIGITS_MAX = 32,
    TABLE_MIN = 64,
    TABLE_KEEP = 4096,
    BUDGET_PER_BYTE = 64,
    BUDGET_MIN = 1 << 20,
};
#define KNOWN_HEAD UINT32_MAX

/* How a value is compared. */
enum { EXACT, NOCASE, INSIDE /* exact, also inside words */, DIGITS };

struct err known_new(struct known **out)
{
    struct known *k = calloc(1, sizeof *k);
    if (!k)
        return err(ERR_NOMEM);
    k->lengths = calloc(SLOTS, sizeof *k->lengths);
    k->pair = calloc(1, PAIR_BYTES);
    if (!k->lengths || !k->pair) {
        known_free(k);
        return err(ERR_NOMEM);
    }
    *out = k;
    return OK;
}

void known_free(struct known *k)
{
    if (!k)
        return;
    free(k->v);
    free(k->table);
    free(k->lengths);
    free(k->pair);
    free(k);
}

void known_reset(struct known *k, size_t bytes)
{
    for (size_t i = 0; i < k->n; i++) {
        k->lengths[k->v[i].slot] = (struct lengths){0, 0};
        k->pair[k->v[i].two / 8] = 0;
        heads_drop(&k->heads, k->v[i].head);
    }
    if (k->n)
        k->begin = k->brief = (struct pairs){0};
    if (k->table_cap > TABLE_KEEP) {
        free(k->table);
        k->table = NULL;
        k->table_cap = 0;
    } else if (k->used) {
        memset(k->table, 0, k->table_cap * sizeof *k->table);
    }
    k->n = k->used = k->taken = k->words = k->briefs = 0;
    k->numbers = k->inside = false;
    k->budget = BUDGET_MIN + (uint64_t)bytes * BUDGET_PER_BYTE;
}

/* ---- the table ---- */

static uint64_t run_begin(const struct mask_session *s, bool nocase)
{
    return s->seed[0] + nocase;
}

static uint64_t run_step(const struct mask_session *s, uint64_t h, uint8_t c)
{
    h = (h ^ c) * (s->seed[1] | 1);
    return h ^ h >> 32;
}

static uint64_t run_hash(const struct mask_session *s, struct span v, bool nocase)
{
    uint64_t h = run_begin(s, nocase);
    for (size_t i = 0; i < v.n; i++)
        h = run_step(s, h, nocase ? ascii_lower(v.p[i]) : v.p[i]);
    return h;
}

static uint64_t digits_hash(const struct mask_session *s, struct span digits)
{
    return ~run_hash(s, digits, false);
}

static void put_entry(struct known *k, uint64_t hash, uint32_t index)
{
    size_t i = hash & (k->table_cap - 1);
    while (k->table[i].index) {
        if (index == KNOWN_HEAD && k->table[i].index == KNOWN_HEAD && k->table[i].hash == hash)
            return;
        i = (i + 1) & (k->table_cap - 1);
    }
    k->table[i] = (struct known_slot){hash, index};
    k->used++;
}

/* Room for `more` entries. */
static struct err room_for(struct known *k, size_t more)
{
    size_t cap = k->table_cap ? k->table_cap : TABLE_MIN;
    while ((k->used + more) * 2 > cap)
        cap *= 2;
    if (cap == k->table_cap)
        return OK;
    struct known_slot *old = k->table, *v = calloc(cap, sizeof *v);
    size_t old_cap = k->table_cap;
    if (!v)
        return err(ERR_NOMEM);
    k->table = v;
    k->table_cap = cap;
    k->used = 0;
    for (size_t i = 0; i < old_cap; i++)
        if (old[i].index)
            put_entry(k, old[i].hash, old[i].index);
    free(old);
    return OK;
}

/* The next entry of this hash from slot *at on (begin: any number), 0 when there is none. */
static uint32_t next_entry(const struct known *k, uint64_t hash, size_t *at)
{
    for (;; ++*at) {
        const struct known_slot *t = &k->table[*at & (k->table_cap - 1)];
        if (t->index == 0)
            return 0;
        if (t->hash == hash) {
            ++*at;
            return t->index;
        }
    }
}

static bool has_head(const struct known *k, uint64_t hash)
{
    size_t at = hash;
    for (uint32_t i; (i = next_entry(k, hash, &at));)
        if (i == KNOWN_HEAD)
            return true;
    return false;
}

static uint32_t mix(uint32_t v)
{
    return (v * 2654435761U) >> (32 - SLOTS_LOG2);
}

static uint32_t head_of(const uint8_t *p, size_t n)
{
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | ascii_lower(p[i]);
    return v;
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

static size_t slot_of(const uint8_t *p, size_t n)
{
    size_t head = n < HEAD ? 2 : HEAD;
    return mix(head_of(p, head) + (uint32_t)head);
}

static bool same(struct span value, const uint8_t *p, bool nocase)
{
    if (!nocase)
        return memcmp(value.p, p, value.n) == 0;
    for (size_t i = 0; i < value.n; i++)
        if (ascii_lower(value.p[i]) != ascii_lower(p[i]))
            return false;
    return true;
}

/* Is this very value in the table, under the same type? */
static bool is_known(const struct known *k, const struct mask_session *s, uint64_t hash,
                     const struct mask_token *t, int how)
{
    struct span v = token_value(s, t);
    size_t at = hash;
    for (uint32_t i; (i = next_entry(k, hash, &at));) {
        if (i == KNOWN_HEAD || k->v[i - 1].how != how)
            continue;
        const struct mask_token *o = &s->v[k->v[i - 1].token];
        if (o->entity == t->entity && o->value_n == v.n &&
            same(token_value(s, o), v.p, how == NOCASE))
            return true;
    }
    return false;
}

static struct err learn_word(struct known *k, const struct mask_session *s, uint32_t token)
{
    enum { MARKS = 32 };
    const struct mask_token *t = &s->v[token];
    struct span v = token_value(s, t);
    int how = how_of(s, t);
    uint64_t h = run_hash(s, v, how == NOCASE);
    TRY(room_for(k, MARKS + 1));
    if (is_known(k, s, h, t, how))
        return OK;
    uint32_t two = head_of(v.p, 2);
    size_t slot = slot_of(v.p, v.n);
    k->inside |= how == INSIDE;
    k->pair[two / 8] |= (uint8_t)(1U << two % 8);
    pairs_add(&k->begin, v.p[0], v.p[1], how == NOCASE);
    uint16_t head = 0;
    if (v.n >= HEAD)
        head = heads_add(&k->heads, v.p);
    else
        pairs_add(&k->brief, v.p[0], v.p[1], how == NOCASE);
    k->words++;
    k->briefs += v.n < HEAD;
    for (size_t n = FIRST_MARK; n < v.n; n *= 2)
        put_entry(k, run_hash(s, span_cut(v, 0, n), how == NOCASE), KNOWN_HEAD);
    uint64_t *lengths = how == NOCASE ? &k->lengths[slot].nocase : &k->lengths[slot].exact;
    *lengths |= (uint64_t)1 << (v.n < LONG ? v.n : LONG);
    k->v[k->n++] = (struct known_value){token, (uint16_t)slot, (uint16_t)two, head, (uint8_t)how};
    put_entry(k, h, (uint32_t)k->n);
    return OK;
}

static struct err learn_one(struct known *k, const struct mask_session *s, uint32_t token)
{
    const struct mask_token *t = &s->v[token];
    struct span v = token_value(s, t);
    if (t->form == TOKEN_LITERAL || t->form == TOKEN_PIECE || t->form == TOKEN_PART ||
        t->form == TOKEN_JOINED || v.n < 2 || too_common(t))
        return OK;
    uint8_t digits[DIGITS_MAX];
    size_t n;
    if (!normal_digits(v, digits, sizeof digits, &n))
        return t->entity != ENTITY_PERSON && v.n < 3 ? OK : learn_word(k, s, token);
    if (n < DIGITS_MIN)
        return OK;
    TRY(room_for(k, 1));
    k->numbers = true;
    k->v[k->n++] = (struct known_value){.token = token, .how = DIGITS};
    put_entry(k, digits_hash(s, span(digits, n)), (uint32_t)k->n);
    return OK;
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
        TRY(learn_one(k, s, (uint32_t)k->taken));
    return OK;
}

/* ---- borders ---- */

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
    if (ascii_is_digit(a) && ascii_is_digit(b))
        return true;
    if (a < 0x80 && b < 0x80)
        return word_letter(a) && word_letter(b);
    uint32_t left = point_before(t, at), right;
    utf8_next(t, at, &right);
    return word_letter(left) && word_letter(right);
}

/* ---- searching ---- */

struct hit {
    size_t n;       /* 0: none */
    uint32_t value; /* index + 1 */
};

static struct err spend(struct known *k, uint64_t steps)
{
    if (k->budget < steps)
        return err(ERR_LIMIT);
    k->budget -= steps;
    return OK;
}

/* The values of this hash that stand at `at`. Of one length the one that was known first counts
 * (M3). */
static struct err try_hash(struct known *k, const struct mask_session *s, struct span text,
                           size_t at, size_t n, uint64_t hash, struct hit *best)
{
    size_t slot = hash;
    for (uint32_t i; (i = next_entry(k, hash, &slot));) {
        if (i == KNOWN_HEAD || k->v[i - 1].how == DIGITS)
            continue;
        TRY(spend(k, 1 + n / 16));
        const struct known_value *c = &k->v[i - 1];
        const struct mask_token *t = &s->v[c->token];
        if (t->value_n != n || (n == best->n && i > best->value) ||
            !same(token_value(s, t), text.p + at, c->how == NOCASE))
            continue;
        if (c->how != INSIDE && (inside_word(text, at) || inside_word(text, at + n)))
            continue;
        *best = (struct hit){n, i};
    }
    return OK;
}

/* The longest value that stands at `at`. `lengths`: those that values with this head have. */
static struct err best_here(struct known *k, const struct mask_session *s, struct span text,
                            size_t at, struct lengths lengths, struct hit *best)
{
    const uint64_t all = lengths.exact | lengths.nocase;
    uint64_t exact = run_begin(s, false), low = run_begin(s, true);
    size_t n = 0, mark = FIRST_MARK;
    while (at + n < text.n && (n >= LONG || all >> (n + 1))) {
        uint8_t c = text.p[at + n++];
        exact = run_step(s, exact, c);
        low = run_step(s, low, ascii_lower(c));
        uint64_t length = (uint64_t)1 << (n < LONG ? n : LONG);
        if (all & length && (k->inside || !inside_word(text, at + n))) {
            if (lengths.exact & length)
                TRY(try_hash(k, s, text, at, n, exact, best));
            if (lengths.nocase & length)
                TRY(try_hash(k, s, text, at, n, low, best));
        }
        if (n == mark) {
            if (!(lengths.exact && has_head(k, exact)) && !(lengths.nocase && has_head(k, low)))
                break;
            mark *= 2;
        }
    }
    return spend(k, n);
}

/* The next places where a head stands, and a value shorter than one. */
struct places {
    size_t head, brief;
};

static size_t next_place(const struct known *k, struct span text, size_t at, struct places *p)
{
    if (k->words <= MANY)
        return pairs_next(&k->begin, text, at);
    if (p->head <= at)
        p->head = heads_next(&k->heads, text, at);
    if (p->brief <= at)
        p->brief = k->briefs ? pairs_next(&k->brief, text, at) : text.n;
    return p->head < p->brief ? p->head : p->brief;
}

/* The lengths of values whose head may stand at `at`. */
static struct lengths lengths_here(const struct known *k, struct span text, size_t at)
{
    struct lengths of = k->lengths[slot_of(text.p + at, 2)];
    if (text.n - at < HEAD)
        return of;
    struct lengths more = k->lengths[slot_of(text.p + at, HEAD)];
    return (struct lengths){of.exact | more.exact, of.nocase | more.nocase};
}

static struct err words(struct known *k, const struct mask_session *s, struct span text,
                        struct findings *out)
{
    size_t looked = 0;
    struct places places = {0, 0};
    for (size_t at = 0; (at = next_place(k, text, at, &places)) + 1 < text.n; at++) {
        uint32_t two = head_of(text.p + at, 2);
        if (!(k->pair[two / 8] >> two % 8 & 1))
            continue;
        struct lengths lengths = lengths_here(k, text, at);
        if (!(lengths.exact | lengths.nocase) || (!k->inside && inside_word(text, at)))
            continue;
        struct hit best = {0};
        TRY(pace_round(++looked));
        TRY(best_here(k, s, text, at, lengths, &best));
        if (best.n) {
            const struct mask_token *t = &s->v[k->v[best.value - 1].token];
            TRY(findings_add(out, (struct finding){(uint32_t)at, (uint32_t)(at + best.n), t->entity,
                                                   KNOWN_RULE, 1}));
            at += best.n - 1;
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
    uint64_t hash = digits_hash(s, digits);
    size_t at = hash;
    uint32_t first = 0;
    for (uint32_t i; (i = next_entry(k, hash, &at));) {
        if (i == KNOWN_HEAD || k->v[i - 1].how != DIGITS)
            continue;
        TRY(spend(k, 1));
        const struct mask_token *t = &s->v[k->v[i - 1].token];
        uint8_t own[DIGITS_MAX];
        size_t n;
        if (normal_digits(token_value(s, t), own, sizeof own, &n) &&
            span_eq(span(own, n), digits)) {
            if (!*yes || i < first)
                first = i;
            *yes = true;
        }
    }
    if (*yes)
        *entity = s->v[k->v[first - 1].token].entity;
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
        if (ascii_is_digit(text.p[i])) {
            digits[n++] = text.p[i++];
            end = i;
            if (i == text.n || !ascii_is_digit(text.p[i]))
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
    if (end < text.n && ascii_is_digit(text.p[end])) {
        while (*next < text.n && ascii_is_digit(text.p[*next]))
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

/* The next digit, text.n when there is none. */
static size_t next_digit(struct span text, size_t at)
{
    typedef uint8_t block __attribute__((vector_size(16))); /* the machine's own vectors */
    uint64_t half[2];
    for (block b; text.n - at >= sizeof b; at += sizeof b) {
        memcpy(&b, text.p + at, sizeof b);
        b = (block)(b - '0' < 10);
        memcpy(half, &b, sizeof half);
        if (half[0] | half[1])
            break;
    }
    while (at < text.n && !ascii_is_digit(text.p[at]))
        at++;
    return at;
}

static struct err numbers(struct known *k, const struct mask_session *s, struct span text,
                          struct findings *out)
{
    size_t looked = 0;
    for (size_t at = 0; (at = next_digit(text, at)) < text.n;) {
        TRY(pace_round(++looked));
        TRY(number_here(k, s, text, at, &at, out));
    }
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
