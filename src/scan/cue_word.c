/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one word for cue.c: a couple of dozen times for every number whose surroundings are
 * asked. Nearly all are ASCII and shorter than eight letters.
 */
#include "cue_int.h"
#include "scan_int.h"
#include "utf8.h"

static inline void store8(uint8_t *p, uint64_t v)
{
    v = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(v) : v;
    memcpy(p, &v, sizeof v);
}

static bool letter(uint32_t cp)
{
    if (cp < 0x80)
        return is((uint8_t)cp, C_LETTER);
    return cp == 0xAA || cp == 0xBA ||
           (cp >= 0xC0 && cp != 0xD7 && cp != 0xF7 && cp != 0xFFFD &&
            (cp < 0x2000 || cp >= 0x3005));
}

/* The top bit of each byte of v that is a letter of ASCII. */
static inline uint64_t letters_of(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101U;
    uint64_t low = (v | ones * 0x20) & ones * 0x7F;
    uint64_t from_a = low + ones * (0x80 - 'a'), past_z = low + ones * (0x7F - 'z');
    return from_a & ~past_z & ~v & ones * 0x80;
}

/* Letters of ASCII at the start of a word, the frequent case, eight at a time. Stops at what needs
 * a closer look; returns its place. */
static size_t ascii_read(struct span t, size_t at, size_t end, struct folding *f)
{
    uint64_t before = 0; /* 0x80: the byte before was a small letter */
    f->n = 0;
    while (at < end && f->n + 8 <= WORD_BYTES_MAX) {
        size_t room = end - at < 8 ? end - at : 8, n = room;
        uint8_t last[8] = {0};
        if (t.n - at < 8)
            memcpy(last, t.p + at, t.n - at);
        uint64_t v = load8(t.n - at < 8 ? last : t.p + at);
        uint64_t letter = letters_of(v), small = letter & v << 2;
        uint64_t stop = (letter ^ 0x8080808080808080U) | (letter & ~small & (small << 8 | before));
        if (stop && (size_t)__builtin_ctzll(stop) / 8 < n)
            n = (size_t)__builtin_ctzll(stop) / 8;
        store8(f->b + f->n, v | 0x2020202020202020U);
        f->n += n;
        at += n;
        if (n < 8)
            break;
        before = small >> 56;
    }
    return at;
}

/* What ascii_read left of a word: letters of other alphabets, or more than it takes. */
static size_t rest_read(struct span t, size_t at, size_t end, struct folding *f)
{
    bool lower = f->n && is(t.p[at - 1], C_LOWER);
    while (at < end) {
        uint32_t cp = t.p[at];
        size_t width = cp < 0x80 ? 1 : utf8_next(t, at, &cp);
        bool upper = cp < 0x80 && is((uint8_t)cp, C_UPPER);
        if (!letter(cp) || (upper && lower))
            break;
        lower = cp < 0x80 && is((uint8_t)cp, C_LOWER);
        f->wide = f->wide || cp >= 0xE00;
        if (f->n < WORD_BYTES_MAX)
            f->n += fold_letter(cp, f->b + f->n);
        at += width;
    }
    memset(f->b + f->n, 0, 8);
    return at;
}

size_t cue_word_read(struct span t, size_t at, size_t end, struct folding *f)
{
    f->wide = false;
    at = ascii_read(t, at, end, f);
    if (at < end && (t.p[at] >= 0x80 || f->n + 8 > WORD_BYTES_MAX))
        return rest_read(t, at, end, f);
    memset(f->b + f->n, 0, 8);
    return at;
}
