/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words as cue.c looks them up, folded and hashed (cue_word.c reads them so from the text), and the
 * table they are looked up in.
 */
#ifndef SANCTUM_SCAN_CUE_INT_H
#define SANCTUM_SCAN_CUE_INT_H

#include "scan_int.h"

enum { WORD_BYTES_MAX = 40 };
/* Bytes before and after a value whose words are read. */
enum { WINDOW_BEFORE = 72, WINDOW_AFTER = 48 };

struct folding {
    uint8_t b[WORD_BYTES_MAX + 16]; /* eight bytes may be read and written behind the last */
    size_t n;
    bool wide; /* holds characters of scripts that write words together */
};

/* How many of the eight letters in v are one word's; lowerUpper are two words. */
static inline size_t letters_in(uint64_t v)
{
    uint64_t letter = letters_of(v), small = letter & v << 2;
    uint64_t stop = (letter ^ 0x8080808080808080U) | (letter & ~small & small << 8);
    return stop ? (size_t)__builtin_ctzll(stop) / 8 : 8;
}

static inline uint64_t hash_mix(uint64_t h)
{
    h *= 0x9E3779B97F4A7C15U;
    h = (h ^ h >> 32) * 0xD6E8FEB86659FD93U;
    return h ^ h >> 29;
}

static inline uint64_t hash_join(uint64_t a, uint64_t b)
{
    return hash_mix(hash_mix(a) ^ b);
}

/* Of f->b[at, at + n), eight bytes at a time. */
static inline uint64_t hash_piece(const struct folding *f, size_t at, size_t n)
{
    uint64_t h = n;
    for (; n > 8; n -= 8, at += 8)
        h = hash_mix(h ^ load8(f->b + at));
    return hash_mix(h ^ (n ? load8(f->b + at) << (64 - 8 * n) : 0));
}

static inline uint64_t hash_word(const struct folding *f)
{
    return hash_piece(f, 0, f->n);
}

enum { WORDS_MAX = 32, SLOTS = 8192, FILTER_BITS = 1 << 16 };

struct cue_slot {
    uint32_t hash;
    uint16_t first; /* rows with these words: row[first .. first + n) */
    uint8_t n;
    uint8_t tail : 1, /* some phrase of several words ends with this one, */
        tail3 : 1,    /* one of three */
        number : 1,   /* CUE_NUMBER */
        names : 1,    /* it names some entity strongly, or ends a phrase that does */
        says : 1; /* this word, or a phrase that cannot do without it, names an entity strongly */
};

/* Kinds that are asked for word by word (cue_is): ages, and those that are no entity. */
enum { ASKED_FROM = CUE_COUNTER, ASKED_KINDS = CUE_CUSTOM - CUE_COUNTER + 1 };

/* Where a word stands from a number. */
enum near_place {
    NEAR_BEFORE, /* right before it: a month, "age", "lat", "no", "box", "Flat" */
    NEAR_INSIDE, /* inside a street's name: "de" */
    NEAR_BEHIND, /* right behind: a month, what begins a street's name, "bis", "years" */
    NEAR_STREET, /* a word or two on: what ends a street's name */
    NEAR_RARE,   /* the same, with a capital */
    NEAR_SUFFIX, /* a street's last three letters: "-gatan" */
    NEAR_PLACES,
};
enum { NEAR_BITS = 1 << 15 };
/* Of what words say: nothing, anything, then what each says. */
enum { SAYS_NONE, SAYS_ANY, SAYS_FIRST, SAYS_MOST = 1536 };

struct cue_index {
    bool plain;      /* no quick refusals */
    bool vectors;    /* windows are read by bitmaps */
    uint64_t number; /* the hash that every CUE_NUMBER has behind another word */
    /* by kind and first letter: the second letters its rows have, all of them where a row's is a
     * blank
     */
    uint32_t second[ASKED_KINDS][32];
    /* the first letters of what a word near a number may be, a bit each */
    uint64_t near[NEAR_PLACES][NEAR_BITS / 64];
    /* of words whose slot says something, by the hash of their first letters */
    uint64_t heads[NEAR_BITS / 64];
    /* which types words say; by slot where theirs stand, SAYS_NONE for most */
    struct types says[SAYS_MOST];
    uint16_t said[SLOTS], says_n;
    uint64_t filter[FILTER_BITS / 64]; /* a bit for each hash in use, and for its word's plural */
    struct cue_slot none, slot[SLOTS];
    struct cue_row *row; /* sorted by words */
    size_t rows;
};

/* A word of a window. */
struct word {
    uint64_t hash;
    const struct cue_slot *slot; /* of the word alone */
    uint8_t barrier;             /* what stands between this word and the next: see enum */
    bool labels;                 /* ':' or '=' follows */
};
enum { BAR_LINE = 1, BAR_NUMBER = 2, BAR_SENTENCE = 4, BAR_STOP = 8 };
enum { NUMBER_DIGITS = 4 }; /* so many between two words are a number */

/* The words of a window in order, the last WORDS_MAX of them; and a bit for each that is in the
 * table (some of its slot's n and tail), behind which a line ends, a number or sentence stands, any
 * barrier. */
struct words {
    struct word v[WORDS_MAX];
    size_t n;
    uint64_t known, line, far, stop;
};

static inline size_t filter_bit(uint64_t hash)
{
    return hash >> 12 & (FILTER_BITS - 1);
}

/* May words of this hash be in the table, or one of them with an s behind it? */
static inline bool in_filter(const struct cue_index *x, uint64_t hash)
{
    return x->filter[filter_bit(hash) / 64] >> filter_bit(hash) % 64 & 1;
}

static inline bool slot_taken(const struct cue_slot *s)
{
    return s->n || s->tail || s->number || s->says;
}

static inline const struct cue_slot *slot_of(const struct cue_index *x, uint64_t hash)
{
    size_t i = hash % SLOTS;
    uint32_t want = (uint32_t)(hash >> 32);
    if (!in_filter(x, hash))
        return &x->none;
    while (slot_taken(&x->slot[i]) && x->slot[i].hash != want)
        i = (i + 1) % SLOTS;
    return &x->slot[i];
}

/* The place in cue_index.says of what a word there says. */
static inline size_t says_place(const struct cue_index *x, const struct cue_slot *s)
{
    return s->says ? x->said[s - x->slot] : SAYS_NONE;
}

static inline const struct cue_row *row_of(const struct cue_index *x, const struct cue_slot *s,
                                           size_t i)
{
    return &x->row[s->first + i];
}

/* The hash of a word behind another: "account no" is "account number". */
static inline uint64_t hash_behind(const struct cue_index *x, uint64_t hash,
                                   const struct cue_slot *slot)
{
    return slot->number ? x->number : hash;
}

/* The first letters of a word of n >= 1 letters near a number, 0 behind the last. */
enum { NEAR_LETTERS = 4 };
static inline uint32_t near_letters(const uint8_t *word, size_t n)
{
    if (n >= NEAR_LETTERS)
        return key_number(word);
    return word[0] | (n > 1 ? (uint32_t)word[1] << 8 : 0) | (n > 2 ? (uint32_t)word[2] << 16 : 0);
}

/* Their bit, in any case. Of many factors this one lets the fewest words of manuals and novels
 * share a bit with those of the table: one in 1,500, and none that is frequent. */
static inline unsigned near_bit(uint32_t letters)
{
    return (letters & 0x1F1F1F1F) * 0x51FFC727U >> 17;
}
_Static_assert(NEAR_BITS == 1 << (32 - 17), "a bit of cue_index.near");

/* The bit of a word of n letters by its first HEAD_LETTERS, the first lowest in `letters`. */
enum { HEAD_LETTERS = 5 };
static inline unsigned head_bit(uint64_t letters, size_t n)
{
    size_t head = n < HEAD_LETTERS ? n : HEAD_LETTERS;
    return (unsigned)((letters << (64 - 8 * head)) * 0x9E3779B97F4A7C15U >> 49);
}
_Static_assert(NEAR_BITS == 1 << (64 - 49), "a bit of cue_index.heads");

/* May a word with these letters be what matters there? */
static inline bool near_may_be(const struct cue_index *x, enum near_place place, uint32_t letters)
{
    return x->near[place][near_bit(letters) / 64] >> near_bit(letters) % 64 & 1;
}

/* "nr", "number", "nummer", "num" and "no" say no more than that a number follows: may a word end
 * so whose last two letters are the top ones of v, one letter above a zero? Without a branch;
 * exactly cue_may_have_stem says it. */
static inline bool may_have_stem(uint64_t v)
{
    static const uint32_t before[32] = {['r' & 31] = 1U << ('n' & 31) | 1U << ('e' & 31),
                                        ['m' & 31] = 1U << ('u' & 31),
                                        ['o' & 31] = 1U << ('n' & 31)};
    return before[v >> 56 & 31] >> (v >> 48 & 31) & 1;
}

/* May a word of n letters with this hash, not in the table itself, be there without the s of a
 * plural or what says that a number follows? */
static inline bool cue_may_have_stem(const struct cue_index *x, uint64_t hash, const uint8_t *p,
                                     size_t n)
{
    uint8_t last = p[n - 1] | 0x20, before = n > 1 ? p[n - 2] | 0x20 : 0;
    uint8_t third = n > 2 ? p[n - 3] | 0x20 : 0;
    return (last == 's' && in_filter(x, hash)) ||
           (last == 'r' && (before == 'n' || (before == 'e' && (third == 'b' || third == 'm')))) ||
           (last == 'm' && before == 'u') || (last == 'o' && before == 'n');
}

/* The kind's place in cue_index.second, ASKED_KINDS when it has none. */
static inline size_t asked(unsigned kind)
{
    if (kind == ENTITY_AGE)
        return ASKED_KINDS - 1;
    return kind >= ASKED_FROM && kind < CUE_CUSTOM ? kind - ASKED_FROM : ASKED_KINDS;
}

/* May words that begin so be a row of this kind? Two letters say no to most. */
static inline bool cue_may_be(const struct cue_index *x, struct span words, unsigned kind)
{
    size_t of = asked(kind);
    if (of == ASKED_KINDS || words.n < 2 || !is(words.p[0], C_LETTER) || !is(words.p[1], C_LETTER))
        return true;
    return x->second[of][words.p[0] & 31] >> (words.p[1] & 31) & 1;
}

static inline bool find_word(const struct cue_index *x, uint64_t h)
{
    const struct cue_slot *s = slot_of(x, h);
    return s->n || s->tail;
}

/* Fold and hash what cue_is asks for: one word at `at`, not past `end`: letters up to lowerUpper;
 * what goes beyond WORD_BYTES_MAX is passed over. Returns its end, `at` when no word begins there.
 */
size_t cue_word_read(struct span t, size_t at, size_t end, struct folding *f);
/* The same for a word that ends at `end` at the latest, with its hash: of the word itself, or of
 * what is left without "number" or a plural's s when only that is in the table; 0 when there is
 * none. */
size_t cue_word_hash(const struct cue_index *x, struct span t, size_t at, size_t end,
                     uint64_t *hash);
/* The same with what the table has of it. */
size_t cue_look(const struct cue_index *x, struct span t, size_t at, size_t end, struct word *out);
/* cue_look for the letters [at, end) where they are few and one word; false where it has to be
 * asked. */
static inline bool short_look(const struct cue_index *x, struct span t, size_t at, size_t end,
                              struct word *w)
{
    size_t n = end - at;
    if (n > 8 || t.n - at < 8)
        return false;
    uint64_t v = load8(t.p + at), small = v << 2, stop = small << 8 & ~small & 0x8080808080808080U;
    if (stop << (64 - 8 * n))
        return false; /* lowerUpper */
    w->hash = hash_mix(n ^ (v | 0x2020202020202020U) << (64 - 8 * n));
    w->slot = slot_of(x, w->hash);
    return w->slot->n || w->slot->tail || !cue_may_have_stem(x, w->hash, t.p + at, n);
}

/* The value at `start` begins a line, and the line above is a few words without a digit: "Passport
 * no." printed over the box it names, "<dt>Passport</dt>", the head of a form's part. */
bool cue_under_heading(struct span t, size_t start);
/* {"id_type": "passport", "id_number": "X1234567"}: what the member or line before the one of the
 * value at `start` says its kind is; empty when none does. */
struct span cue_member_type(struct span t, size_t start);
/* Where the question ends that the value at `start` answers ("Your passport number? - It is …"),
 * not before `from`; 0 when there is none. */
size_t cue_question(struct span t, size_t from, size_t start);
/* The words behind a value that may say something of it. */
struct cue_behind {
    size_t at, to; /* where they stand */
    unsigned bar;  /* what stands before them: see enum */
    bool joined;   /* a sign says that they and the value are one */
};
/* Those behind [start, end), or behind a list that goes on with values like that one; false: there
 * are none. */
bool cue_words_behind(const struct probe *p, size_t start, size_t end, struct cue_behind *b);
/* May the word at `at` refer to what stands before it: "this", "that", "it"? */
bool cue_refers(const struct cue_index *x, struct span t, size_t at);
/* "12345678Z", "12345678-Z", "1e:cf:08": are the letters [at, end) part of a value, no word? */
bool cue_own_letters(struct span t, size_t at, size_t end);
/* What the byte at `at`, no letter, says about the distance of the words on its two sides; *digits
 * counts those since the last word. */
unsigned cue_barrier(struct span t, size_t at, unsigned *digits);

/* What stands between the word `last` and the next, at [at, end). */
void cue_gap_read(struct span t, size_t at, size_t end, struct word *last);

/* The words of [at, end). */
void cue_words_read(const struct cue_index *x, struct span t, size_t at, size_t end,
                    struct words *out);
/* The same byte by byte: for what is not ASCII, and as the oracle. */
void cue_words_plain(const struct cue_index *x, struct span t, size_t at, size_t end,
                     struct words *out);
/* Has this machine AVX2 and BMI, which reading by bitmaps takes? */
bool cue_has_vectors(void);

static inline bool has_hit(const struct cues *c, unsigned kind)
{
    return c->kinds[kind / 64] >> kind % 64 & 1;
}

static inline bool is_vat(unsigned kind)
{
    return kind == ENTITY_EU_VAT || kind == ENTITY_DE_VAT_ID || kind == ENTITY_IT_VAT_CODE;
}

/* A VAT number's country is in its letters: what names one names them all. */
static inline bool stands_for(unsigned kind, enum entity e)
{
    return kind == e || (is_vat(kind) && is_vat(e));
}

#endif
