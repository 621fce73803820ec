/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table that cue.c looks words up in: cue.def and the owner's context words by the hash of a
 * phrase, with what says no early. Made once per scanner; afterwards only asked, for a window's
 * words by the functions of cue_int.h, for words that stand by themselves by the two below.
 */
#include "cue_int.h"
#include "scan_int.h"

#include <stdlib.h>

enum { CONTEXT_MAX = 512 /* context words of all the owner's matchers */ };

static const struct cue_row built_in[] = {
#define CUE(words, kind, strong) {words, (uint8_t)(kind), strong},
#include "cue.def"
#include "cue_nation.def"
#undef CUE
};
enum { ROWS = sizeof built_in / sizeof built_in[0] };

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

struct cue_entry {
    uint64_t hash, plural[2];
    struct ending {
        uint64_t last; /* of several words the last one's hash, else 0 */
        size_t n;      /* words */
    } ending;
    struct cue_row row;
    uint16_t slot; /* where it was put, and how many rows before it have the same words */
    uint8_t rank;
};

/* The words of a row, of more than fit the last instead of the one before. */
struct row_words {
    struct folding f[5];
    size_t n;
};

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

static void words_read(struct span words, struct row_words *out)
{
    enum { MOST = sizeof out->f / sizeof *out->f };
    out->n = 0;
    for (size_t at = 0; at < words.n;) {
        struct folding *f = &out->f[out->n < MOST ? out->n : MOST - 1];
        size_t to = cue_word_read(words, at, words.n, f);
        out->n += to > at && f->n && out->n < MOST;
        at = to > at ? to : at + 1;
    }
}

/* The hash of up to three words, 0 when there are none or more. */
static uint64_t hash_of(const struct cue_index *x, const struct row_words *words, struct ending *e)
{
    uint64_t all = 0;
    *e = (struct ending){0, words->n};
    for (size_t i = 0; i < words->n; i++) {
        uint64_t h = hash_word(&words->f[i]);
        all = i ? hash_join(all, hash_behind(x, h, slot_of(x, h))) : h;
        e->last = i ? h : 0;
    }
    return words->n > 3 ? 0 : all;
}

/* The same as the scanner would read them. */
static uint64_t words_hash(const struct cue_index *x, struct span words, struct ending *e)
{
    struct row_words w;
    words_read(words, &w);
    return hash_of(x, &w, e);
}

/* Before all others: which words stand for each other decides what hash the rows have. */
static void numbers_add(struct cue_index *x)
{
    struct ending e;
    x->number = words_hash(x, span_str("number"), &e);
    for (size_t i = 0; i < ROWS; i++)
        if (built_in[i].kind == CUE_NUMBER) {
            uint64_t hash = words_hash(x, span_str(built_in[i].words), &e);
            struct cue_slot *s = slot_in(x, hash);
            s->hash = (uint32_t)(hash >> 32);
            s->number = 1;
        }
}

/* The hash of the last word with n times an s behind it: stem_hash looks for the word there. */
static uint64_t plural_hash(const struct row_words *words, size_t n)
{
    struct folding last = {.n = 0};
    if (words->n)
        last = words->f[words->n - 1];
    memset(last.b + last.n, 's', n);
    last.n += n;
    return hash_word(&last);
}

static struct cue_entry entry_make(const struct cue_index *x, const struct row_words *words,
                                   struct cue_row row)
{
    struct cue_entry e = {.row = row};
    e.hash = hash_of(x, words, &e.ending);
    e.plural[0] = plural_hash(words, 1);
    e.plural[1] = plural_hash(words, 2);
    return e;
}

/* "t f n": a name of three letters as it stands with a dot behind each. */
static bool initials_of(const struct cue_row *r, char out[6])
{
    if (r->kind >= ENTITY_COUNT || r->strong != 2 || strlen(r->words) != 3)
        return false;
    for (size_t i = 0; i < 3; i++) {
        if (!is((uint8_t)r->words[i], C_LOWER))
            return false;
        out[2 * i] = r->words[i];
        out[2 * i + 1] = ' ';
    }
    out[5] = 0;
    return true;
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
              {CUE_DIRECTION, NEAR_BEHIND},
              {CUE_STREET_BEFORE, NEAR_BEHIND},
              {CUE_STREET, NEAR_STREET},
              {CUE_STREET_RARE, NEAR_RARE}};
    const uint8_t *word = (const uint8_t *)r->words;
    size_t letters = 1, n = strlen(r->words);
    if ((r->kind == CUE_UNIT || r->kind == CUE_DIRECTION) && r->strong == 1)
        return; /* asked for beside a street only */
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
    size_t all = word->n < HEAD_LETTERS ? sizeof tails / sizeof *tails : 1;
    for (size_t i = 0; i < all; i++) {
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

/* Words that logs are full of, whatever they stand for in "case worker" or "server room". */
static bool is_common(const struct folding *f)
{
    static const char *const words[] = {"worker", "server", "service", "services", "order"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(span(f->b, f->n), words[i]))
            return true;
    return false;
}

static bool rarer(const struct folding *a, const struct folding *b)
{
    if (is_common(a) != is_common(b))
        return is_common(b);
    return a->n > b->n || (a->n == b->n && a->b[0] > b->b[0]);
}

/* What a row says is noted with its longest word, of equally long ones the last in the alphabet:
 * few texts that do not mean it have that one. */
static void says_add(struct cue_index *x, const struct cue_row *r, const struct row_words *words)
{
    const struct folding *longest = NULL;
    /* a bank's account is lifted by a routing number's word of any strength (cues_weight) */
    bool says = r->kind < ENTITY_COUNT && (r->strong == 2 || r->kind == ENTITY_ABA_ROUTING_NUMBER);
    for (size_t i = 0; says && i < words->n; i++) {
        const struct folding *f = &words->f[i];
        if (!longest || (rarer(f, longest) && !slot_of(x, hash_word(f))->number))
            longest = f;
    }
    if (!longest)
        return;
    uint64_t hash = hash_word(longest);
    struct cue_slot *s = slot_in(x, hash);
    s->hash = (uint32_t)(hash >> 32);
    if (!s->says)
        x->said[s - x->slot] = x->says_n < SAYS_MOST ? x->says_n++ : SAYS_ANY;
    s->says = 1;
    types_add(&x->says[says_place(x, s)], (enum entity)r->kind);
    head_add(x, longest);
}

static size_t entries_make(struct cue_index *x, const struct scan_custom *custom, size_t custom_n,
                           struct cue_entry *v)
{
    struct row_words words;
    size_t n = 0;
    char initials[6];
    for (; n < ROWS; n++) {
        words_read(span_str(built_in[n].words), &words);
        v[n] = entry_make(x, &words, built_in[n]);
        second_add(x, &built_in[n]);
        near_add(x, &built_in[n]);
        says_add(x, &built_in[n], &words);
    }
    for (size_t i = 0; i < ROWS; i++)
        if (initials_of(&built_in[i], initials)) {
            words_read(span_str(initials), &words);
            v[n++] = entry_make(x, &words, built_in[i]);
        }
    for (size_t i = 0; i < custom_n; i++)
        for (size_t k = 0; k < custom[i].context_n; k++) {
            words_read(custom[i].context[k], &words);
            v[n++] = entry_make(x, &words, (struct cue_row){NULL, (uint8_t)(CUE_CUSTOM + i), 2});
        }
    return n;
}

/* Give the rows with the same words a slot, and one place behind the other in x->row; of an owner's
 * words said hundreds of times those that fit. */
static void entries_put(struct cue_index *x, struct cue_entry *v, size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        struct cue_slot *s = slot_in(x, v[i].hash);
        filter_add(x, v[i].plural[0]);
        filter_add(x, v[i].plural[1]);
        s->hash = (uint32_t)(v[i].hash >> 32);
        v[i].slot = (uint16_t)(s->n < UINT8_MAX ? s - x->slot : SLOTS);
        v[i].rank = s->n;
        s->n += s->n < UINT8_MAX;
        if (v[i].ending.last) {
            s = slot_in(x, v[i].ending.last);
            s->hash = (uint32_t)(v[i].ending.last >> 32);
            s->tail = 1;
            s->tail3 |= v[i].ending.n == 3;
        }
        s->names |= v[i].row.kind < ENTITY_COUNT && v[i].row.strong == 2;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        x->slot[i].first = (uint16_t)at;
        at += x->slot[i].n;
    }
    for (size_t i = 0; i < n; i++)
        if (v[i].slot < SLOTS)
            x->row[x->slot[v[i].slot].first + v[i].rank] = v[i].row;
}

struct err cue_index_new(const struct scan_custom *custom, size_t custom_n, bool plain,
                         struct cue_index **out)
{
    static const char *const short_postcodes[] = {NEAR_POSTCODES};
    _Static_assert((ROWS + CONTEXT_MAX) * 3 / 2 < SLOTS, "the table stays sparse");
    size_t n = 0;
    char initials[6];
    for (size_t i = 0; i < custom_n; i++)
        n += custom[i].context_n;
    if (n > CONTEXT_MAX)
        return err(ERR_LIMIT);
    for (size_t i = 0; i < ROWS; i++)
        n += 1 + initials_of(&built_in[i], initials);
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
    x->vectors = !plain && cue_has_vectors();
    x->says[SAYS_ANY] = (struct types){{UINT64_MAX, UINT64_MAX}};
    x->says_n = SAYS_FIRST;
    numbers_add(x);
    x->rows = entries_make(x, custom, custom_n, v);
    entries_put(x, v, x->rows);
    /* no cues: "No. 5", a box; a postcode; the units of an age; roads with
     * numbers */
    near_add_words(x, ENTITY_AGE, "n no nr num blk box apartado postfach postbus postboks");
    near_add_words(x, ENTITY_AGE, "psc cmr aa ae ap");
    for (size_t i = 0; i < sizeof short_postcodes / sizeof *short_postcodes; i++)
        near_add_words(x, ENTITY_AGE, short_postcodes[i]);
    near_add_words(x, CUE_UNIT, "y yo yr yrs year years ans anni anos jahre jaar");
    near_add_words(x, CUE_UNIT, "fm cr sr hwy highway");
    near_add_words(x, CUE_STREET, "rte");
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

/* ---- words by themselves ---- */

unsigned cue_is(const struct cue_index *x, struct span words, unsigned kind)
{
    struct ending e;
    uint64_t hash;
    if (!cue_may_be(x, words, kind))
        return 0;
    if (!short_hash(words, &hash))
        hash = words_hash(x, words, &e);
    const struct cue_slot *slot = slot_of(x, hash);
    for (size_t i = 0; i < slot->n; i++)
        if (row_of(x, slot, i)->kind == kind)
            return row_of(x, slot, i)->strong;
    return 0;
}

bool cue_names(const struct cue_index *x, struct span words)
{
    struct ending e;
    const struct cue_slot *slot = slot_of(x, words_hash(x, words, &e));
    for (size_t i = 0; i < slot->n; i++)
        if (row_of(x, slot, i)->kind < ENTITY_COUNT)
            return true;
    return false;
}
