/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From labels to findings: what one covers, its score, and the address that grows from a street
 * line to its postcode. Called once per block.
 */
#include "model_int.h"

/* What one finding covers: tokens [from, to) of one kind (0 PER, 1 LOC, 2 ORG, 3 ADR). */
struct entity_span {
    size_t from, to;
    unsigned kind;
};

static enum entity entity_of(unsigned kind)
{
    static const enum entity of[KINDS] = {ENTITY_PERSON, ENTITY_LOCATION, ENTITY_ORGANIZATION,
                                          ENTITY_LOCATION};
    return of[kind];
}

static float calibrated(const struct ner *n, unsigned kind, float p)
{
    float x = p * (CALIBRATION - 1);
    unsigned i = x >= CALIBRATION - 1 ? CALIBRATION - 2 : (unsigned)x;
    const uint8_t *c = n->calibration[kind];
    return (c[i] + (x - (float)i) * (float)(c[i + 1] - c[i])) / 255.0F;
}

/* Has this word letters enough for a name? Of a street line small ones of two letters are not: "4px
 * 8px" is none. */
static bool is_solid(const struct word *w, unsigned kind)
{
    if (w->kind != WORD_LETTERS || (w->len < 2 && w->cap != CAP_NONE))
        return false;
    return kind != 3 || w->len > 2 || w->cap != CAP_LOWER || w->gaz.lex == LEX_STREET;
}

static bool has_letters(struct seq s, struct entity_span e)
{
    for (size_t i = e.from; i < e.to; i++)
        if (is_solid(s.v[i].w, e.kind))
            return true;
    return false;
}

/* A number longer than any house's: "card 4111111111111111 exp 09/28" is no street line. */
static bool has_long_number(struct seq s, struct entity_span e)
{
    enum { HOUSE_MOST = 6 };
    for (size_t i = e.from; i < e.to; i++)
        if (s.v[i].kind == WORD_DIGITS && s.v[i].w->len > HOUSE_MOST)
            return true;
    return false;
}

static bool is_assistant(struct seq s, struct entity_span e)
{
    return e.to - e.from == 1 && s.v[e.from].w->gaz.lex == LEX_ASSISTANT;
}

/* The mean over its tokens of the probability of being of the kind; sums of what is certain may
 * round to more than that. *spoken: has any a witness? */
static float score_of(const struct ner *n, const struct labelled *b, struct entity_span e,
                      bool *spoken)
{
    float p = 0;
    uint8_t witness = WITNESS_NONE;
    for (size_t i = e.from; i < e.to; i++) {
        p += b->marginal[i].kind[e.kind];
        witness |= b->witness[i];
    }
    p /= (float)(e.to - e.from);
    *spoken = witness != WITNESS_NONE;
    return calibrated(n, e.kind, p < 1 ? p : 1);
}

static unsigned rule_of(const struct labelled *b, struct entity_span e, bool spoken)
{
    if (e.kind == 3)
        return NER_RULE_STREET;
    for (size_t i = e.from; spoken && e.kind == 0 && i < e.to; i++)
        if (b->witness[i] != WITNESS_NONE)
            return b->witness[i] == WITNESS_LISTS ? NER_RULE_LIST : NER_RULE_MEMORY;
    return NER_RULE_MODEL;
}

/* The eight labels from `at` on, that of `at` in the lowest byte. */
static inline uint64_t eight_labels(const struct labelled *b, size_t at)
{
    uint64_t v;
    memcpy(&v, b->label + at, sizeof v);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
}

enum { EIGHT = LABEL_ROOM };
#define EACH 0x0101010101010101ULL

/* The tokens that are not O. Sixty-four at once, for where the next one is cannot be guessed. */
static void find_labelled(const struct labelled *b, struct bits *out)
{
    const uint64_t gather = 0x0102040810204080ULL;
    _Static_assert(LABEL_O == 0 && LABELS < 0x80, "a sum tells them apart");
    for (size_t i = 0; i < b->s.n; i += EIGHT) {
        uint64_t some = (eight_labels(b, i) + 0x7f * EACH) >> 7 & EACH;
        out->v[(BITS_FRONT + i) / 64] |= some * gather >> 56 << i % 64;
    }
}

/* The span that begins with the label at `at`. */
static struct entity_span span_at(const struct labelled *b, size_t at)
{
    unsigned kind = (unsigned)(b->label[at] - 1) / 2;
    size_t to = at + 1, more;
    do {
        uint64_t other = eight_labels(b, to) ^ (LABEL_I_PER + 2 * kind) * EACH;
        more = other ? (size_t)__builtin_ctzll(other) / 8 : EIGHT;
        to += more;
    } while (more == EIGHT && to < b->s.n);
    return (struct entity_span){at, to < b->s.n ? to : b->s.n, kind};
}

/* ---- addresses: street line, unit, town, region, postcode are one finding */

static uint8_t sign(const struct tok *t)
{
    return t->sign;
}

static bool is_digits(const struct tok *t, unsigned min, unsigned max)
{
    return t->kind == WORD_DIGITS && t->w->len >= min && t->w->len <= max;
}

/* Capitals and digits mixed, as in SW1A 1AA, K2S 4Z7, 1012 AB: one group's end, or i. */
static size_t mixed_group(struct seq s, size_t i)
{
    size_t to = i;
    unsigned letters = 0, digits = 0;
    do {
        const struct word *w = s.v[to].w;
        if (w->kind == WORD_DIGITS && w->len <= 4)
            digits += w->len;
        else if (w->cap == CAP_INITIAL || (w->cap == CAP_ALL && w->len <= 2))
            letters += w->len;
        else
            return i;
        to++;
    } while (to < s.n && s.v[to].flags & TOKEN_GLUED && s.v[to].kind != WORD_SIGN);
    bool sized = letters + digits >= 2 && letters + digits <= 4;
    return sized && letters && digits ? to : i;
}

/* The end of a postcode that starts at i, or i. */
static size_t postcode(struct seq s, size_t i)
{
    if (is_digits(&s.v[i], 4, 6)) {
        if (i + 2 < s.n && sign(&s.v[i + 1]) == '-' && is_digits(&s.v[i + 2], 3, 4) &&
            s.v[i + 1].flags & TOKEN_GLUED)
            return i + 3;
        if (i + 1 < s.n && is_digits(&s.v[i], 4, 4) && s.v[i + 1].cap == CAP_ALL &&
            s.v[i + 1].w->len == 2)
            return i + 2;
        return i + 1;
    }
    size_t one = mixed_group(s, i);
    if (one == i || one == s.n)
        return i;
    size_t two = mixed_group(s, one);
    return two;
}

/* The end of "Apt 12", "#4B", "7 D" that starts at i, or i. */
static size_t unit(struct seq s, size_t i)
{
    const struct tok *t = &s.v[i];
    bool named = t->w->gaz.lex == LEX_UNIT || sign(t) == '#';
    size_t at = i + 1;
    if (!named || at >= s.n)
        return i;
    if (sign(&s.v[at]) == '.' || sign(&s.v[at]) == '#')
        at++;
    if (at >= s.n || !(s.v[at].kind == WORD_DIGITS || s.v[at].cap == CAP_INITIAL))
        return i;
    at++;
    bool letter = at < s.n && s.v[at].cap == CAP_INITIAL && s.v[at].flags & TOKEN_GLUED;
    return letter ? at + 1 : at;
}

/* The end of the part of an address that starts at i, or i when nothing of one does. */
static size_t address_part(const struct labelled *b, size_t i)
{
    if (b->label[i] == LABEL_B_LOC || b->label[i] == LABEL_B_ADR)
        return span_at(b, i).to;
    if (b->label[i] != LABEL_O)
        return i;
    size_t end = unit(b->s, i);
    if (end == i)
        end = postcode(b->s, i);
    const struct tok *t = &b->s.v[i];
    if (end == i && t->cap == CAP_ALL && t->w->len == 2 && i + 1 < b->s.n && is_digits(t + 1, 4, 5))
        end = i + 1;
    return end;
}

/* A comma with no blank on either side stands between the fields of a table. */
static bool ends_field(struct seq s, size_t i)
{
    return sign(&s.v[i]) == ',' && i + 1 < s.n && s.v[i].flags & s.v[i + 1].flags & TOKEN_GLUED;
}

/* Where the address that starts with the street line `e` ends. */
static size_t address_end(const struct labelled *b, struct entity_span e)
{
    enum { PARTS = 6, GAPS = 3 };
    size_t end = e.to;
    for (unsigned part = 0; part < PARTS; part++) {
        size_t at = end;
        for (unsigned gap = 0; gap < GAPS && at < b->s.n; gap++, at++) {
            uint8_t c = sign(&b->s.v[at]);
            if ((c != ',' && c != '.' && c != '-' && b->s.v[at].kind != WORD_NEWLINE) ||
                ends_field(b->s, at))
                break;
        }
        if (at >= b->s.n)
            break;
        size_t to = address_part(b, at);
        if (to == at)
            break;
        end = to;
    }
    return end;
}

/* "Flat 3, " before the street line. */
static size_t address_start(const struct labelled *b, struct entity_span e, size_t floor)
{
    for (size_t back = 2; back <= 5 && back <= e.from && e.from - back >= floor; back++) {
        size_t i = e.from - back;
        if (b->label[i] != LABEL_O)
            break;
        size_t end = unit(b->s, i);
        if (end != i && (end == e.from || (end + 1 == e.from && sign(&b->s.v[end]) == ',')))
            return i;
    }
    return e.from;
}

static struct err add_one(const struct ner *n, const struct labelled *b, struct entity_span e,
                          struct entity_span whole, struct findings *out)
{
    enum { LOWEST = 5 /* per cent */ };
    bool spoken;
    float score = score_of(n, b, e, &spoken);
    if (score * 100 < LOWEST || !has_letters(b->s, e) || is_assistant(b->s, e) ||
        (e.kind == 3 && has_long_number(b->s, e)))
        return OK;
    return findings_add(out, (struct finding){b->s.v[whole.from].start, b->s.v[whole.to - 1].end,
                                              (uint16_t)entity_of(e.kind),
                                              (uint16_t)rule_of(b, e, spoken), score});
}

struct err entity_add(const struct ner *n, struct labelled b, size_t from, struct findings *out)
{
    size_t floor = from, before = out->n;
    struct bits some = {0};
    find_labelled(&b, &some);
    for (size_t at = bits_next(&some, 0, b.s.n); at < b.s.n; at = bits_next(&some, floor, b.s.n)) {
        struct entity_span e = span_at(&b, at), whole = e;
        if (e.kind == 3) {
            whole.from = address_start(&b, e, floor);
            whole.to = address_end(&b, e);
        }
        if (e.from >= from) {
            b.first[out->n - before] = (uint16_t)e.from;
            TRY(add_one(n, &b, e, whole, out));
        }
        floor = whole.to;
    }
    return OK;
}
