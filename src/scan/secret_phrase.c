/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recovery phrases of wallets (BIP-39): 12, 15, 18, 21 or 24 words of a list, the last of which
 * holds the first bits of a SHA-256 over what the others stand for. Called behind "mnemonic",
 * "seed" and "phrase:", so rarely; phrases without such a word before them are not looked for.
 */
#include "hash.h"
#include "secret_gap_int.h"

enum { LEAST = 12, MOST = 24, WORD_BITS = 11, PHRASE_BYTES = 400, STRANGE_MAX = 2 };

static const char *const list[] = {
#define WORD(word) word,
#include "bip39.def"
#undef WORD
};
enum { LIST = sizeof list / sizeof *list };
_Static_assert(LIST == 1 << WORD_BITS, "each word is eleven bits");

/* The word's place in the list, LIST when it is none of its. */
static size_t place_of(struct span word)
{
    size_t lo = 0, hi = LIST;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = span_cmp(span_str(list[mid]), word);
        if (!order)
            return mid;
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return LIST;
}

struct phrase {
    uint16_t place[MOST];
    size_t end[MOST];         /* of each word in the text */
    size_t n, known, strange; /* words; how many before the first that is not of the list; those */
};

/* Small letters between blanks, line breaks or commas. */
static void phrase_read(struct span t, size_t at, struct phrase *out)
{
    size_t i = at;
    out->n = out->known = out->strange = 0;
    while (out->n < MOST && i - at < PHRASE_BYTES) {
        size_t from = i;
        while ((uint8_t)(secret_byte(t, i) - 'a') < 26)
            i++;
        if (i - from < 3 || i - from > 8)
            return;
        size_t place = place_of(span_cut(t, from, i - from));
        if (place == LIST && ++out->strange > STRANGE_MAX)
            return;
        out->place[out->n] = (uint16_t)place;
        out->end[out->n++] = i;
        out->known += !out->strange;
        size_t gap = i;
        while (i - gap < 4 && secret_byte(t, i) && memchr(" ,\n\r", t.p[i], 4))
            i++;
        if (i == gap)
            return;
    }
}

/* The first n words' last bits are the hash of the others. */
static bool holds(const struct phrase *p, size_t n)
{
    uint8_t bits[MOST * WORD_BITS / 8 + 1] = {0}, sum[HASH_BYTES];
    for (size_t i = 0; i < n * WORD_BITS; i++)
        if (p->place[i / WORD_BITS] >> (WORD_BITS - 1 - i % WORD_BITS) & 1)
            bits[i / 8] |= (uint8_t)(0x80 >> i % 8);
    size_t check = n / 3, entropy = n * WORD_BITS - check;
    hash_sha256(span(bits, entropy / 8), sum);
    for (size_t i = 0; i < check; i++) {
        size_t at = entropy + i;
        if ((bits[at / 8] >> (7 - at % 8) & 1) != (sum[0] >> (7 - i) & 1))
            return false;
    }
    return true;
}

void secret_mnemonic(struct secret_pass *p, struct gap *g)
{
    struct gap t = *g;
    struct phrase words;
    if (word_at(&t, 0, " phrase"))
        t.at += 7;
    gap_closers(&t);
    gap_blanks(&t);
    if (peek(&t, 0) == '(') /* (12 words) */
        for (size_t n = 0; n < GAP_MAX && peek(&t, 0) && t.text.p[t.at - 1] != ')'; n++)
            t.at++;
    if (!gap_operator(&t) && !gap_verb(&t))
        return;
    for (size_t n = 0; n < 8 && (blank(peek(&t, 0)) || peek(&t, 0) == '\n' || quote(peek(&t, 0)));
         n++)
        t.at++;
    phrase_read(t.text, t.at, &words);
    for (size_t n = words.known / 3 * 3; n >= LEAST; n -= 3)
        if (holds(&words, n)) {
            secret_emit(p, t.at, words.end[n - 1], SECRET_mnemonic, 1);
            return;
        }
    /* A word misread or mistyped: still somebody's phrase. */
    if (words.n >= LEAST && words.n % 3 == 0)
        secret_emit(p, t.at, words.end[words.n - 1], SECRET_mnemonic, 0.8F);
}
