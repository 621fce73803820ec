/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts text into tokens: runs of letters (an ideograph alone), runs of ASCII digits, single signs,
 * line ends. Blanks and invisible characters are no tokens; a broken UTF-8 byte is a sign. `O'` and
 * `D'` before a capital belong to the word (O'Brien), any other apostrophe is a sign (Anna's).
 * Every distinct word of a block is made once and found again in the dictionary.
 */
#include "ner_int.h"

#include "letters.h"
#include "utf8.h"

#include <stddef.h>
#include <stdlib.h>

/* ---- dictionary */

enum { DICT_LOG2 = 14, DICT_SLOTS = 1 << DICT_LOG2, DICT_WORDS = 3 * (DICT_SLOTS / 4) };

/* The bytes of a word, zero behind it. */
struct key {
    uint64_t v[WORD_BYTES / 8];
};

struct dict_entry {
    struct key key;
    struct word word;
} __attribute__((aligned(64)));

struct dict {
    uint16_t slot[DICT_SLOTS]; /* index + 1 into entry */
    struct word *ascii[128];   /* words of one ASCII sign or line end: NULL = not made yet */
    size_t n;
    struct word pad;
    struct dict_entry entry[DICT_WORDS];
};

struct err dict_new(struct dict **out)
{
    struct dict *d = aligned_alloc(64, sizeof *d);
    if (!d)
        return err(ERR_NOMEM);
    /* An entry is made whole when its word comes: until then it takes no memory. */
    memset(d, 0, offsetof(struct dict, entry));
    d->pad.cap = CAP_NEWLINE;
    d->pad.kind = WORD_NEWLINE;
    d->pad.id = 2;
    feature_lists(&d->pad);
    *out = d;
    return OK;
}

void dict_free(struct dict *d)
{
    if (d)
        explicit_bzero(d, sizeof *d);
    free(d);
}

void dict_refresh(struct dict *d)
{
    if (d->n + BLOCK_TOKENS > DICT_WORDS)
        dict_clear(d);
}

void dict_clear(struct dict *d)
{
    memset(d->slot, 0, sizeof d->slot);
    memset(d->ascii, 0, sizeof d->ascii);
    d->n = 0;
}

struct word *dict_pad(struct dict *d)
{
    return &d->pad;
}

static uint32_t key_slot(const struct key *k)
{
    uint64_t h = (k->v[0] ^ k->v[1] * 0x9fb21c651e98df25ULL) * 0x9e3779b97f4a7c15ULL;
    h ^= (k->v[2] ^ k->v[3] * 0xd6e8feb86659fd93ULL) * 0x9fb21c651e98df25ULL;
    return (uint32_t)(h >> (64 - DICT_LOG2));
}

/* The n bytes at text[at] as a key. */
static inline void key_set(struct key *k, struct span text, size_t at, size_t n)
{
#define LOW(n) (~0ULL >> (64 - 8 * (n)))
    static const uint64_t low[] = {0,      LOW(1), LOW(2), LOW(3), LOW(4),
                                   LOW(5), LOW(6), LOW(7), LOW(8)};
#undef LOW
    k->v[0] = k->v[1] = k->v[2] = k->v[3] = 0;
    if (n <= 16 && text.n - at >= 16) {
        memcpy(k->v, text.p + at, 16);
        k->v[0] &= low[n < 8 ? n : 8];
        k->v[1] &= low[n < 8 ? 0 : n - 8];
        return;
    }
    memcpy(k->v, text.p + at, n < WORD_BYTES ? n : WORD_BYTES);
}

static bool key_eq(const struct key *a, const struct key *b)
{
    return ((a->v[0] ^ b->v[0]) | (a->v[1] ^ b->v[1]) | (a->v[2] ^ b->v[2]) |
            (a->v[3] ^ b->v[3])) == 0;
}

/* Where the word `key` lies or belongs. */
static uint32_t key_find(const struct dict *d, const struct key *key, uint32_t slot)
{
    while (d->slot[slot] && !key_eq(&d->entry[d->slot[slot] - 1].key, key))
        slot = (slot + 1) % DICT_SLOTS;
    return slot;
}

/* Rare: most words were met before. */
static __attribute__((noinline)) struct word *word_new(struct dict *d, const struct gaz_table *gaz,
                                                       struct span text, const struct tok *t,
                                                       enum word_kind kind, const struct key *key,
                                                       uint32_t slot)
{
    struct dict_entry *e = &d->entry[d->n++];
    d->slot[slot] = (uint16_t)d->n;
    e->key = *key;
    size_t n = t->end - t->start;
    word_make(span_cut(text, t->start, n < WORD_BYTES ? n : WORD_BYTES), kind, &e->word);
    word_fetch(gaz, &e->word);
    return &e->word;
}

/* The word of the token `t`, whose bytes tell its kind. */
static inline struct word *dict_word(struct dict *d, const struct gaz_table *gaz, struct span text,
                                     const struct tok *t, enum word_kind kind,
                                     const struct key *key, uint32_t slot)
{
    slot = key_find(d, key, slot);
    if (d->slot[slot])
        return &d->entry[d->slot[slot] - 1].word;
    return word_new(d, gaz, text, t, kind, key, slot);
}

/* ---- cutting */

/* Characters that join letters without being seen: soft hyphen, zero-width, byte order mark. */
static bool is_joiner(uint32_t cp)
{
    return cp == 0xad || (cp >= 0x200b && cp <= 0x200f) || cp == 0x2060 || cp == 0xfeff ||
           (cp >= 0xfe00 && cp <= 0xfe0f);
}

static bool is_blank(uint32_t cp)
{
    return (cp <= 0x20 && cp != '\n' && cp != '\t') || cp == 0x7f || cp == 0xa0 || cp == 0x85 ||
           (cp >= 0x2000 && cp <= 0x200a) || cp == 0x2028 || cp == 0x2029 || cp == 0x202f ||
           cp == 0x205f || cp == 0x3000;
}

static bool is_apostrophe(uint32_t cp)
{
    return cp == '\'' || cp == 0x2019;
}

static size_t next_cp(struct span s, size_t at, uint32_t *cp)
{
    *cp = s.p[at];
    return *cp < 0x80 ? 1 : utf8_next(s, at, cp);
}

/* End of the run of letters that starts at `at`. */
static size_t letters_end(struct span s, size_t at)
{
    size_t end = at;
    while (at < s.n) {
        uint32_t cp;
        size_t n = next_cp(s, at, &cp);
        if (letters_fold(cp) && !letters_ideograph(cp))
            end = at + n;
        else if (!is_joiner(cp))
            break;
        at += n;
    }
    return end;
}

/* Behind O' or D' when a capital follows, else `at`. */
static size_t elided(struct span s, size_t at)
{
    uint8_t c = s.p[at];
    if ((c != 'O' && c != 'D') || s.n - at < 3)
        return at;
    uint32_t cp;
    size_t next = at + 1 + next_cp(s, at + 1, &cp);
    if (!is_apostrophe(cp) || next >= s.n)
        return at;
    next_cp(s, next, &cp);
    return letters_fold(cp) & LETTERS_UPPER ? next : at;
}

enum class {
    CLASS_BLANK,
    CLASS_LETTER,
    CLASS_DIGIT,
    CLASS_NEWLINE,
    CLASS_SIGN,
    CLASS_HIGH /* part of a longer character */
};

static const uint8_t class_of[256] = {
    [0x00 ... 0x08] = CLASS_BLANK, [0x0b ... 0x20] = CLASS_BLANK, ['\t'] = CLASS_SIGN,
    ['\n'] = CLASS_NEWLINE,        [0x21 ... 0x2f] = CLASS_SIGN,  ['0' ... '9'] = CLASS_DIGIT,
    [0x3a ... 0x40] = CLASS_SIGN,  ['A' ... 'Z'] = CLASS_LETTER,  [0x5b ... 0x60] = CLASS_SIGN,
    ['a' ... 'z'] = CLASS_LETTER,  [0x7b ... 0x7e] = CLASS_SIGN,  [0x7f] = CLASS_BLANK,
    [0x80 ... 0xff] = CLASS_HIGH,
};

static size_t digits_end(struct span s, size_t at)
{
    while (at < s.n && class_of[s.p[at]] == CLASS_DIGIT)
        at++;
    return at;
}

/* End of the run of ASCII letters: most words end within the first eight bytes. */
static inline size_t ascii_end(struct span s, size_t at)
{
    while (s.n - at >= 8) {
        uint64_t v;
        memcpy(&v, s.p + at, 8);
        v = letters_not8(v);
        if (v)
            return at + (size_t)__builtin_ctzll(v) / 8;
        at += 8;
    }
    while (at < s.n && class_of[s.p[at]] == CLASS_LETTER)
        at++;
    return at;
}

/* The same for a token that starts with part of a longer character. */
static size_t high_end(struct span s, size_t at, enum word_kind *kind)
{
    uint32_t cp;
    size_t n = utf8_next(s, at, &cp);
    if (is_blank(cp) || is_joiner(cp))
        return at;
    *kind = letters_fold(cp) ? WORD_LETTERS : WORD_SIGN;
    return *kind == WORD_SIGN || letters_ideograph(cp) ? at + n : letters_end(s, at);
}

/* The end of the token that starts at `at`, and its kind; `at` itself for a blank. In order of how
 * often they come. */
static inline size_t token_end(struct span s, size_t at, enum word_kind *kind)
{
    enum class c = (enum class)class_of[s.p[at]];
    if (c == CLASS_LETTER) {
        *kind = WORD_LETTERS;
        size_t end = ascii_end(s, at);
        if (end < s.n && (s.p[end] >= 0x80 || s.p[end] == '\''))
            end = letters_end(s, elided(s, at));
        return end;
    }
    if (c == CLASS_BLANK)
        return at;
    if (c == CLASS_SIGN || c == CLASS_NEWLINE) {
        *kind = c == CLASS_SIGN ? WORD_SIGN : WORD_NEWLINE;
        return at + 1;
    }
    if (c == CLASS_DIGIT) {
        *kind = WORD_DIGITS;
        return digits_end(s, at + 1);
    }
    return high_end(s, at, kind);
}

static size_t blank_len(struct span s, size_t at)
{
    uint32_t cp;
    return s.p[at] < 0x80 ? 1 : utf8_next(s, at, &cp);
}

static inline size_t next_token(struct span text, size_t *at, enum word_kind *kind)
{
    while (*at < text.n) {
        *kind = WORD_SIGN;
        size_t end = token_end(text, *at, kind);
        if (end > *at)
            return end;
        *at += blank_len(text, *at);
    }
    return *at;
}

size_t token_next(struct span text, size_t *at, enum word_kind *kind)
{
    return next_token(text, at, kind);
}

/*
 * Tokens are cut some at a time and their words looked up afterwards: by then the dictionary's part
 * of each is on its way into the cache.
 */
enum { BATCH = 32 };
struct batch {
    size_t n;
    struct key key[BATCH];
    uint32_t slot[BATCH]; /* ASCII_SIGN: the word is in dict.ascii */
    uint8_t kind[BATCH];
};
enum { ASCII_SIGN = DICT_SLOTS };

/* Where cutting stands. */
struct cutter {
    struct span text;
    size_t at, last_end;
    enum word_kind last;
};

static void cut_batch(struct cutter *c, const struct dict *d, struct tok *out, size_t max,
                      struct batch *b)
{
    for (b->n = 0; b->n < max; b->n++) {
        enum word_kind kind;
        if (c->at < c->text.n) /* a blank between words: no branch for it */
            c->at += c->text.p[c->at] == ' ';
        size_t end = next_token(c->text, &c->at, &kind), at = c->at;
        if (end == at)
            return;
        struct tok *t = &out[b->n];
        bool glued = (at == c->last_end) & (kind != WORD_NEWLINE) & (c->last != WORD_NEWLINE);
        *t = (struct tok){.start = (uint32_t)at, .end = (uint32_t)end};
        t->flags = glued ? TOKEN_GLUED_LEFT : 0;
        t[-(int)glued].flags |= glued ? TOKEN_GLUED_RIGHT : 0;
        b->kind[b->n] = (uint8_t)kind;
        b->slot[b->n] = ASCII_SIGN;
        if (kind < WORD_SIGN || c->text.p[at] >= 0x80) {
            key_set(&b->key[b->n], c->text, at, end - at);
            b->slot[b->n] = key_slot(&b->key[b->n]);
            __builtin_prefetch(&d->slot[b->slot[b->n]]);
        }
        c->last = kind;
        c->at = c->last_end = end;
    }
}

/* The three cache lines of each word: what is asked of one comes later, but of nearly all. */
static void fetch_batch(const struct dict *d, const struct batch *b)
{
    for (size_t k = 0; k < b->n; k++) {
        if (b->slot[k] == ASCII_SIGN || !d->slot[b->slot[k]])
            continue;
        const uint8_t *e = (const uint8_t *)&d->entry[d->slot[b->slot[k]] - 1];
        for (size_t line = 0; line < sizeof d->entry[0]; line += 64)
            __builtin_prefetch(e + line);
    }
}

static void find_batch(struct dict *d, const struct gaz_table *gaz, struct span text,
                       struct tok *out, const struct batch *b)
{
    for (size_t k = 0; k < b->n; k++) {
        struct tok *t = &out[k];
        if (b->slot[k] != ASCII_SIGN) {
            t->w = dict_word(d, gaz, text, t, b->kind[k], &b->key[k], b->slot[k]);
            continue;
        }
        struct word **ascii = &d->ascii[text.p[t->start]];
        if (!*ascii) {
            struct key key;
            key_set(&key, text, t->start, 1);
            *ascii = dict_word(d, gaz, text, t, b->kind[k], &key, key_slot(&key));
        }
        t->w = *ascii;
    }
}

size_t tokenise(struct dict *d, const struct gaz_table *gaz, struct span text, size_t *pos,
                struct tok *out, size_t max)
{
    struct cutter c = {text, *pos, *pos, WORD_NEWLINE};
    struct batch b;
    size_t n = 0, known = d->n;
    do {
        cut_batch(&c, d, out + n, max - n < BATCH ? max - n : BATCH, &b);
        fetch_batch(d, &b);
        find_batch(d, gaz, text, out + n, &b);
        n += b.n;
    } while (b.n);
    *pos = c.at;
    for (size_t i = known; i < d->n; i++)
        word_look_up(gaz, &d->entry[i].word);
    return n;
}
