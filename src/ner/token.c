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

#include <stdlib.h>

/* ---- dictionary */

enum {
    DICT_LOG2 = 12,
    DICT_SLOTS = 1 << DICT_LOG2,
    DICT_WORDS = 3 * (DICT_SLOTS / 4),
    KEY_MAX = 32 /* bytes of a word that are looked at; a longer one counts as its beginning */
};

struct dict_entry {
    uint8_t key[KEY_MAX]; /* zero behind the word */
    struct word word;
};

struct dict {
    uint16_t slot[DICT_SLOTS]; /* index + 1 into entry */
    size_t n;
    struct word pad;
    struct dict_entry entry[DICT_WORDS];
};

struct err dict_new(struct dict **out)
{
    struct dict *d = calloc(1, sizeof *d);
    if (!d)
        return err(ERR_NOMEM);
    d->pad.cap = CAP_NEWLINE;
    d->pad.kind = WORD_NEWLINE;
    d->pad.id = 2;
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
    d->n = 0;
}

struct word *dict_pad(struct dict *d)
{
    return &d->pad;
}

static uint32_t key_hash(const uint8_t key[KEY_MAX], enum word_kind kind)
{
    uint64_t a[4];
    memcpy(a, key, sizeof a);
    uint64_t h = (a[0] ^ a[1] * 0x9fb21c651e98df25ULL ^ (uint64_t)kind) * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 29;
    h = (h ^ a[2] ^ a[3] * 0xd6e8feb86659fd93ULL) * 0x9fb21c651e98df25ULL;
    return (uint32_t)(h >> 40);
}

struct word *dict_word(struct dict *d, struct span s, enum word_kind kind,
                       const struct gaz_table *gaz)
{
    uint8_t key[KEY_MAX] = {0};
    memcpy(key, s.p, s.n < KEY_MAX ? s.n : KEY_MAX);
    uint32_t at = key_hash(key, kind) % DICT_SLOTS;
    for (; d->slot[at]; at = (at + 1) % DICT_SLOTS) {
        struct dict_entry *e = &d->entry[d->slot[at] - 1];
        if (memcmp(e->key, key, KEY_MAX) == 0 && e->word.kind == kind)
            return &e->word;
    }
    struct dict_entry *e = &d->entry[d->n++];
    d->slot[at] = (uint16_t)d->n;
    memcpy(e->key, key, KEY_MAX);
    word_make(span_cut(s, 0, KEY_MAX), kind, gaz, &e->word);
    return &e->word;
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

static size_t token_end(struct span s, size_t at, uint32_t cp, size_t n, enum word_kind *kind)
{
    if (cp == '\n') {
        *kind = WORD_NEWLINE;
        return at + 1;
    }
    if (cp - '0' < 10) {
        *kind = WORD_DIGITS;
        while (at < s.n && (uint8_t)(s.p[at] - '0') < 10)
            at++;
        return at;
    }
    if (!letters_fold(cp)) {
        *kind = WORD_SIGN;
        return at + n;
    }
    *kind = WORD_LETTERS;
    return letters_ideograph(cp) ? at + n : letters_end(s, elided(s, at));
}

size_t tokenise(struct dict *d, const struct gaz_table *gaz, struct span text, size_t *pos,
                struct tok *out, size_t max)
{
    size_t n = 0, at = *pos, last_end = at;
    while (at < text.n && n < max) {
        uint32_t cp;
        size_t len = next_cp(text, at, &cp);
        if (is_blank(cp) || is_joiner(cp)) {
            at += len;
            continue;
        }
        enum word_kind kind;
        size_t end = token_end(text, at, cp, len, &kind);
        struct tok *t = &out[n++];
        *t = (struct tok){.start = (uint32_t)at, .end = (uint32_t)end};
        t->w = dict_word(d, span_cut(text, at, end - at), kind, gaz);
        if (at == last_end && kind != WORD_NEWLINE && n > 1 && out[n - 2].w->kind != WORD_NEWLINE) {
            t->flags = TOKEN_GLUED_LEFT;
            out[n - 2].flags |= TOKEN_GLUED_RIGHT;
        }
        at = last_end = end;
    }
    *pos = at;
    return n;
}
