/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cues: the words around a value that say what it is. Called for a value whose shape alone does not
 * decide, at most once per place (probe_cues keeps the last answer).
 *
 * Words are folded (case, accents), split at anything that is no letter and at lowerUpper, and
 * looked up as phrases of three, two and one words in a table made once per scanner; equal 64-bit
 * hashes count as equal words. Scripts without blanks between words are searched at every
 * character.
 */
#include "cue_int.h"
#include "scan_int.h"

#include <stdlib.h>

enum { NEAR_WORDS = 4, CONTEXT_MAX = 512 /* context words of all the owner's matchers */ };

static const struct cue_row built_in[] = {
#define CUE(words, kind, strong) {words, (uint8_t)(kind), strong},
#include "cue.def"
#undef CUE
};
enum { ROWS = sizeof built_in / sizeof built_in[0] };

/* ---- the table ---- */

static void filter_add(struct cue_index *x, uint64_t hash)
{
    x->filter[filter_bit(hash) / 64] |= (uint64_t)1 << filter_bit(hash) % 64;
}

static struct cue_slot *slot_in(struct cue_index *x, uint64_t hash)
{
    size_t i = hash % SLOTS;
    uint32_t want = (uint32_t)(hash >> 32);
    filter_add(x, hash);
    while (slot_taken(&x->slot[i]) && x->slot[i].hash != want)
        i = (i + 1) % SLOTS;
    return &x->slot[i];
}

/* ---- making the table ---- */

struct cue_entry {
    uint64_t hash, last, plural[2];
    struct cue_row row;
};

static int by_hash(const void *a, const void *b)
{
    uint64_t x = ((const struct cue_entry *)a)->hash, y = ((const struct cue_entry *)b)->hash;
    return x < y ? -1 : x > y;
}

/* words_hash of at most eight bytes of ASCII that are one word, as nearly all are, or hold no
 * letter; false when `words` is something else. */
static bool short_hash(struct span words, uint64_t *hash)
{
    uint8_t b[8] = {0};
    if (words.n < 2 || words.n > sizeof b)
        return false;
    if (words.n >= 4) {
        memcpy(b, words.p, 4);
        memcpy(b + words.n - 4, words.p + words.n - 4, 4);
    } else {
        memcpy(b, words.p, 2);
        b[words.n - 1] = words.p[words.n - 1];
    }
    uint64_t v = load8(b), letter = letters_of(v), small = letter & v << 2;
    uint64_t all = (uint64_t)0x8080808080808080U >> (64 - 8 * words.n);
    if (!letter && !(v & 0x8080808080808080U)) {
        *hash = 0;
        return true;
    }
    if (letter != all || (letter & ~small & small << 8))
        return false;
    *hash = hash_mix(words.n ^ (v | (all >> 2)) << (64 - 8 * words.n));
    return true;
}

/* The hash of up to three words as the scanner would read them, 0 when there are none or more; of
 * several, *last is the last one's, else 0. */
static uint64_t words_hash(struct span words, uint64_t *last)
{
    uint64_t all = 0;
    *last = 0;
    size_t n = 0;
    for (size_t at = 0; at < words.n;) {
        struct folding f;
        size_t to = cue_word_read(words, at, words.n, &f);
        if (to > at && f.n) {
            uint64_t h = hash_word(&f);
            all = n ? hash_join(all, h) : h;
            *last = n++ ? h : 0;
        }
        at = to > at ? to : at + 1;
    }
    return n > 3 ? 0 : all;
}

/* The hash of the last word with n times an s behind it: stem_hash looks for the word there. */
static uint64_t plural_hash(struct span words, size_t n)
{
    struct folding f = {.n = 0}, last = f;
    for (size_t at = 0; at < words.n;) {
        size_t to = cue_word_read(words, at, words.n, &f);
        if (to > at && f.n)
            last = f;
        at = to > at ? to : at + 1;
    }
    memset(last.b + last.n, 's', n);
    last.n += n;
    return hash_word(&last);
}

static struct cue_entry entry_make(struct span words, struct cue_row row)
{
    struct cue_entry e = {.row = row};
    e.hash = words_hash(words, &e.last);
    e.plural[0] = plural_hash(words, 1);
    e.plural[1] = plural_hash(words, 2);
    return e;
}

static size_t entries_make(const struct scan_custom *custom, size_t custom_n, struct cue_entry *v)
{
    size_t n = 0;
    for (; n < ROWS; n++)
        v[n] = entry_make(span_str(built_in[n].words), built_in[n]);
    for (size_t i = 0; i < custom_n; i++)
        for (size_t k = 0; k < custom[i].context_n; k++)
            v[n++] = entry_make(custom[i].context[k],
                                (struct cue_row){NULL, (uint8_t)(CUE_CUSTOM + i), 2});
    return n;
}

/* The kind's place in cue_index.second, ASKED_KINDS when it has none. */
static size_t asked(unsigned kind)
{
    if (kind == ENTITY_AGE)
        return ASKED_KINDS - 1;
    return kind >= ASKED_FROM && kind < CUE_CUSTOM ? kind - ASKED_FROM : ASKED_KINDS;
}

static void second_add(struct cue_index *x, const struct cue_row *r)
{
    uint8_t a = (uint8_t)r->words[0], b = a ? (uint8_t)r->words[1] : 0;
    if (asked(r->kind) == ASKED_KINDS || !is(a, C_LETTER) || !b)
        return; /* may_be asks nothing about a word of one letter */
    uint32_t bits = is(b, C_LETTER) ? (uint32_t)1 << (b & 31) : UINT32_MAX;
    x->second[asked(r->kind)][a & 31] |= bits;
}

static void near_set(struct cue_index *x, enum near_place place, uint32_t letters)
{
    x->near[place][near_bit(letters) / 64] |= (uint64_t)1 << near_bit(letters) % 64;
}

static void near_add(struct cue_index *x, const struct cue_row *r)
{
    static const struct {
        uint8_t kind, place;
    } of[] = {{CUE_MONTH, NEAR_BEFORE},
              {ENTITY_AGE, NEAR_BEFORE},
              {ENTITY_GEO_COORDINATE, NEAR_BEFORE},
              {CUE_STREET_LAST, NEAR_BEFORE},
              {CUE_PARTICLE, NEAR_INSIDE},
              {CUE_MONTH, NEAR_BEHIND},
              {CUE_UNIT, NEAR_BEHIND},
              {CUE_STREET_BEFORE, NEAR_BEHIND},
              {CUE_STREET, NEAR_STREET},
              {CUE_STREET_RARE, NEAR_RARE}};
    const uint8_t *word = (const uint8_t *)r->words;
    size_t letters = 1, n = strlen(r->words);
    while (letters < NEAR_LETTERS && is(word[letters], C_LETTER))
        letters++;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (of[i].kind == r->kind)
            near_set(x, of[i].place, near_letters(word, letters));
    if (r->kind == CUE_UNIT && n > 3)
        near_set(x, NEAR_BEFORE, near_letters(word, letters));
    if (r->kind == CUE_STREET_SUFFIX && n >= 3)
        near_set(x, NEAR_SUFFIX, near_letters(word + n - 3, 3));
}

static void near_add_words(struct cue_index *x, uint8_t kind, const char *words)
{
    for (const char *w = words; *w; w += strcspn(w, " "), w += *w == ' ')
        near_add(x, &(struct cue_row){w, kind, 0});
}

/* The word by itself, and with what stem_hash takes away. */
static void head_add(struct cue_index *x, const struct folding *word)
{
    static const char *const tails[] = {"",     "s",       "ss",     "nr",  "no",
                                        "num",  "number",  "nummer", "snr", "sno",
                                        "snum", "snumber", "snummer"};
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        uint8_t b[8] = {0};
        size_t n = 0;
        for (; n < HEAD_LETTERS && n < word->n; n++)
            b[n] = word->b[n];
        for (size_t k = 0; n < HEAD_LETTERS && tails[i][k]; k++)
            b[n++] = (uint8_t)tails[i][k];
        unsigned bit = head_bit(load8(b), n);
        x->heads[bit / 64] |= (uint64_t)1 << bit % 64;
    }
}

static unsigned says_of(const struct cue_row *r)
{
    unsigned says = r->kind == ENTITY_DATE_TIME ? SAYS_DATE : 0;
    if (r->kind < ENTITY_COUNT && r->strong == 2)
        says |= r->kind == ENTITY_PHONE_NUMBER ? SAYS_PHONE : SAYS_TYPE;
    return says;
}

/* What a row says is noted with its longest word, of equally long ones the last in the alphabet:
 * few texts that do not mean it have that one. */
static void says_add(struct cue_index *x, const struct cue_row *r)
{
    struct span words = span_str(r->words);
    struct folding f, longest = {.n = 0};
    unsigned says = says_of(r);
    for (size_t at = 0; says && at < words.n;) {
        size_t to = cue_word_read(words, at, words.n, &f);
        if (to > at && (f.n > longest.n || (f.n == longest.n && f.b[0] > longest.b[0])))
            longest = f;
        at = to > at ? to : at + 1;
    }
    if (!longest.n)
        return;
    uint64_t hash = hash_word(&longest);
    struct cue_slot *s = slot_in(x, hash);
    s->hash = (uint32_t)(hash >> 32);
    s->says |= says & SAYS_ALL;
    head_add(x, &longest);
}

/* May `words` be a row of this kind? Two letters say no to most. */
static bool may_be(const struct cue_index *x, struct span words, unsigned kind)
{
    size_t of = asked(kind);
    if (of == ASKED_KINDS || words.n < 2 || !is(words.p[0], C_LETTER) || !is(words.p[1], C_LETTER))
        return true;
    return x->second[of][words.p[0] & 31] >> (words.p[1] & 31) & 1;
}

struct err cue_index_new(const struct scan_custom *custom, size_t custom_n, bool plain,
                         struct cue_index **out)
{
    _Static_assert((ROWS + CONTEXT_MAX) * 3 / 2 < SLOTS, "the table stays sparse");
    size_t n = ROWS;
    for (size_t i = 0; i < custom_n; i++)
        n += custom[i].context_n;
    if (n > ROWS + CONTEXT_MAX)
        return err(ERR_LIMIT);
    struct cue_entry *v = calloc(n, sizeof *v);
    struct cue_index *x = calloc(1, sizeof *x);
    if (x)
        x->row = calloc(n, sizeof *x->row);
    if (!v || !x || !x->row) {
        free(v);
        cue_index_free(x);
        return err(ERR_NOMEM);
    }
    x->plain = plain;
    x->rows = entries_make(custom, custom_n, v);
    for (size_t i = 0; i < ROWS; i++) {
        second_add(x, &built_in[i]);
        near_add(x, &built_in[i]);
        says_add(x, &built_in[i]);
    }
    /* no cues: "No. 5", a box; the units of an age */
    near_add_words(x, ENTITY_AGE, "n no nr num blk box apartado postfach postbus postboks");
    near_add_words(x, CUE_UNIT, "y yo yr yrs year years ans anni anos jahre jaar");
    qsort(v, n, sizeof *v, by_hash);
    for (size_t i = 0; i < n; i++) {
        struct cue_slot *s = slot_in(x, v[i].hash);
        filter_add(x, v[i].plural[0]);
        filter_add(x, v[i].plural[1]);
        x->row[i] = v[i].row;
        if (!s->n)
            s->first = (uint16_t)i;
        s->hash = (uint32_t)(v[i].hash >> 32);
        s->n++;
        if (v[i].last) {
            s = slot_in(x, v[i].last);
            s->hash = (uint32_t)(v[i].last >> 32);
            s->tail = 1;
        }
    }
    free(v);
    *out = x;
    return OK;
}

void cue_index_free(struct cue_index *x)
{
    if (x)
        free(x->row);
    free(x);
}

static const struct cue_row *row_of(const struct cue_index *x, const struct cue_slot *s, size_t i)
{
    return &x->row[s->first + i];
}

/* ---- what they say ---- */

static void hit_add(struct cues *out, const struct cue_row *r, enum cue_tier tier)
{
    if (tier == CUE_NONE || out->n == CUE_HITS_MAX)
        return;
    out->v[out->n++] = (struct cue_hit){r->kind, r->strong, (uint8_t)tier};
    if (tier == CUE_LABEL && r->strong == 2 && r->kind < ENTITY_COUNT)
        out->foreign = true;
}

/* The longest phrase that ends at w[i]: its slot and its length in words, 0 when there is none. */
static size_t phrase_at(const struct cue_index *x, const struct word *w, size_t i,
                        const struct cue_slot **slot)
{
    if (w[i].slot->tail && i >= 1) {
        const struct cue_slot *s;
        if (i >= 2) {
            uint64_t h = hash_join(hash_join(w[i - 2].hash, w[i - 1].hash), w[i].hash);
            s = slot_of(x, h);
            if (s->n) {
                *slot = s;
                return 3;
            }
        }
        s = slot_of(x, hash_join(w[i - 1].hash, w[i].hash));
        if (s->n) {
            *slot = s;
            return 2;
        }
    }
    *slot = w[i].slot;
    return w[i].slot->n ? 1 : 0;
}

static enum cue_tier tier_of(size_t words, unsigned lines, bool far)
{
    int tier = far ? CUE_FAR : words == 0 ? CUE_LABEL : words <= NEAR_WORDS ? CUE_NEAR : CUE_FAR;
    tier -= (int)lines;
    return tier > 0 ? (enum cue_tier)tier : CUE_NONE;
}

/* Bits set, of few. */
static unsigned ones(uint64_t v)
{
    unsigned n = 0;
    for (; v; v &= v - 1)
        n++;
    return n;
}

/* What the phrase in `slot` adds at this tier; whether it is a filler. */
static bool rows_add(const struct cue_index *x, const struct cue_slot *slot, enum cue_tier tier,
                     struct cues *out)
{
    bool filler = false;
    for (size_t k = 0; k < slot->n; k++) {
        const struct cue_row *r = row_of(x, slot, k);
        if (r->kind == CUE_FILLER || r->kind == CUE_IS)
            filler = true;
        else
            hit_add(out, r, tier);
    }
    return filler;
}

static bool is_filler(const struct cue_index *x, const struct cue_slot *slot)
{
    for (size_t k = 0; k < slot->n; k++)
        if (row_of(x, slot, k)->kind == CUE_FILLER)
            return true;
    return false;
}

/* From the last word to the first, only the known ones: the rest but counts. */
static void read_before(const struct cue_index *x, const struct words *w, struct cues *out)
{
    size_t transparent = 0; /* words behind that do not count: fillers, all but one of a phrase */
    for (uint64_t left = w->known; left;) {
        size_t i = 63 - (size_t)__builtin_clzll(left), between = w->n - 1 - i - transparent;
        enum cue_tier tier = tier_of(between, ones(w->line >> i), w->far >> i);
        if (tier == CUE_NONE)
            return; /* what stands further away counts less */
        const struct cue_slot *slot;
        size_t took = phrase_at(x, w->v, i, &slot);
        bool filler = took && rows_add(x, slot, tier, out);
        if (took > 1 && !filler && is_filler(x, w->v[i].slot)) {
            took = 1; /* "passport number" is a passport, too */
            filler = true;
        }
        if (took)
            transparent += took - !filler;
        left &= ((uint64_t)1 << (i + 1 - (took ? took : 1))) - 1;
    }
}

/* The first phrase at or behind word `at`, of which `first` is the first known one: where it
 * begins, its length in *took. */
static size_t phrase_from(const struct cue_index *x, const struct words *w, size_t at, size_t first,
                          const struct cue_slot **slot, size_t *took)
{
    size_t best = first;
    *took = 0;
    for (size_t i = first > at + 2 ? first - 2 : at; i <= first || i + 1 < best + *took; i++)
        for (size_t k = i + 3 > w->n ? w->n - i : 3; k > *took; k--) {
            const struct cue_slot *s;
            if (phrase_at(x, w->v + i, k - 1, &s) != k)
                continue; /* a longer one that begins inside: "my social insurance number" */
            *slot = s;
            *took = k;
            best = i;
            break;
        }
    return best;
}

/* Words [at, end), a bit each. */
static uint64_t from_to(size_t at, size_t end)
{
    return (((uint64_t)1 << end) - 1) & ~(((uint64_t)1 << at) - 1);
}

/* What was read behind the value so far. */
struct behind {
    size_t between; /* words that count */
    bool copula;    /* "123456789 is my …": as good as a label before it */
};

/* What the phrase in `slot` adds; whether it is a filler. */
static bool rows_after(const struct cue_index *x, const struct cue_slot *slot, struct behind *b,
                       bool labels, struct cues *out)
{
    bool filler = false;
    for (size_t k = 0; k < slot->n; k++) {
        const struct cue_row *r = row_of(x, slot, k);
        if (r->kind == CUE_FILLER || r->kind == CUE_IS)
            filler = true;
        if (r->kind == CUE_IS && b->between == 0)
            b->copula = true;
        if (r->kind != CUE_FILLER && r->kind != CUE_COUNTER && r->kind != CUE_IS && !labels)
            hit_add(out, r,
                    b->copula && !b->between ? CUE_LABEL
                    : b->between <= 2        ? CUE_NEAR
                                             : CUE_FAR);
    }
    return filler;
}

/* `bracket` stands between the value and the first word: "123456789 (SSN)". */
static void read_after(const struct cue_index *x, const struct words *w, bool bracket,
                       struct cues *out)
{
    struct behind b = {0, bracket};
    size_t at = 0;
    while (w->known >> at) {
        size_t first = at + (size_t)__builtin_ctzll(w->known >> at), took;
        const struct cue_slot *slot;
        size_t i = phrase_from(x, w, at, first, &slot, &took);
        if (w->stop & from_to(at, i))
            return;
        b.between += i - at;
        size_t last = i + (took ? took - 1 : 0);
        bool filler = took && rows_after(x, slot, &b, w->v[last].labels, out);
        if (took > 1 && !filler && is_filler(x, w->v[last].slot) &&
            phrase_at(x, w->v + i, took - 2, &slot) == took - 1)
            rows_after(x, slot, &b, w->v[last].labels, out);
        b.between += !filler;
        if (w->stop >> last & 1)
            return;
        at = last + 1;
    }
}

void cues_read_before(struct probe *p, size_t start, struct cues *out)
{
    const struct cue_index *x = p->sc->cues;
    struct words w;
    struct span t = p->text;
    out->n = 0;
    out->foreign = false;
    size_t from = start > WINDOW_BEFORE ? start - WINDOW_BEFORE : 0;
    while (from && from < start && (is(t.p[from - 1], C_LETTER) || (t.p[from] & 0xC0) == 0x80))
        from++; /* not in the middle of a word */
    cue_words_read(x, t, from, start, &w);
    if (w.n && w.line >> (w.n - 1) & 1 && cue_under_heading(t, start))
        w.line &= ~((uint64_t)1 << (w.n - 1));
    read_before(x, &w, out);
    if (p->key.n && p->key.n <= WINDOW_BEFORE && start <= WINDOW_BEFORE) {
        cue_words_read(x, p->key, 0, p->key.n, &w);
        read_before(x, &w, out);
    }
    struct span column = column_name(p, start);
    if (column.n) {
        cue_words_read(x, column, 0, column.n, &w);
        read_before(x, &w, out);
    }
    out->before = out->n;
    out->foreign_before = out->foreign;
}

void cues_read_after(const struct probe *p, size_t end, struct cues *out)
{
    struct words w;
    struct span t = p->text;
    size_t to = t.n - end > WINDOW_AFTER ? end + WINDOW_AFTER : t.n, at = end;
    unsigned digits = 0, bar = 0;
    out->n = out->before;
    out->foreign = out->foreign_before;
    if (at + 1 < to && t.p[at] == '"' && t.p[at + 1] == ' ') /* typed "123" into the field */
        at++;
    for (; at < to && !is(t.p[at], C_LETTER | C_HIGH); at++)
        bar |= cue_barrier(t, at, &digits);
    if (bar & (BAR_LINE | BAR_NUMBER | BAR_STOP | BAR_SENTENCE))
        return;
    bool bracket = at == end + 2 && t.p[end] == ' ' && t.p[end + 1] == '(';
    cue_words_read(p->sc->cues, t, at, to, &w);
    read_after(p->sc->cues, &w, bracket, out);
}

enum cue_tier cues_tier(const struct cues *c, unsigned kind)
{
    enum cue_tier best = CUE_NONE;
    for (size_t i = 0; i < c->n; i++)
        if (c->v[i].kind == kind && c->v[i].tier > best)
            best = (enum cue_tier)c->v[i].tier;
    return best;
}

/* What a cue adds, by tier (docs/detection.md): words that fit others too, the type's own name. */
static const float weight[3][4] = {
    [1] = {0, 0.4F, 1.0F, CUE_WEAK_MAX},
    [2] = {0, 1.2F, 3.0F, 4.5F},
};
static const float counter[4] = {0, -0.3F, -1.5F, -4.0F};

float cues_weight(const struct cues *c, enum entity e, bool evident)
{
    float best = 0;
    unsigned strong = 0;
    enum cue_tier tier = CUE_NONE, against = cues_tier(c, CUE_COUNTER);
    for (size_t i = 0; i < c->n; i++) {
        const struct cue_hit *h = &c->v[i];
        if (h->kind == e && weight[h->strong][h->tier] > best) {
            best = weight[h->strong][h->tier];
            strong = h->strong;
            tier = (enum cue_tier)h->tier;
        }
    }
    if (against > tier)
        best += evident && against == CUE_LABEL ? counter[CUE_NEAR] : counter[against];
    if (evident)
        return best;
    if (c->foreign && tier < CUE_LABEL)
        best -= tier == CUE_NEAR ? 1.5F : 3.0F;
    else if (c->foreign && strong < 2 && e == ENTITY_PHONE_NUMBER)
        best -= 3.0F; /* "BSN-nummer": the weak word belongs to the other's name */
    return best;
}

bool cues_settle(const struct cues *c, enum entity e)
{
    for (size_t i = 0; i < c->before; i++)
        if (c->v[i].kind == e && c->v[i].strong == 2 && c->v[i].tier == CUE_LABEL)
            return true;
    return false;
}

unsigned cue_is(const struct cue_index *x, struct span words, unsigned kind)
{
    uint64_t last, hash;
    if (!may_be(x, words, kind))
        return 0;
    if (!short_hash(words, &hash))
        hash = words_hash(words, &last);
    const struct cue_slot *slot = slot_of(x, hash);
    for (size_t i = 0; i < slot->n; i++)
        if (row_of(x, slot, i)->kind == kind)
            return row_of(x, slot, i)->strong;
    return 0;
}

bool cue_names(const struct cue_index *x, struct span words)
{
    uint64_t last;
    const struct cue_slot *slot = slot_of(x, words_hash(words, &last));
    for (size_t i = 0; i < slot->n; i++)
        if (row_of(x, slot, i)->kind < ENTITY_COUNT)
            return true;
    return false;
}
