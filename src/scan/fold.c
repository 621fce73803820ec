/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding: what a person sees as a digit, blank or dash becomes the ASCII one before recognisers
 * look, and what nobody sees goes, so that "４１１１‑…" and a number split by zero-width joiners or
 * a terminal's colours are found. Most texts need none of it: fold_needed is the frequent call, the
 * rest is rare.
 */
#include "fold_int.h"
#include "scan_int.h"
#include "terminal.h"
#include "utf8.h"

#include <stdlib.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* U+2000..U+206F as E2 80 xx / E2 81 xx: 0 stays, 1 goes, else the ASCII byte. */
static uint8_t general_punctuation(unsigned low)
{
    if (low <= 0x0A || low == 0x2F || low == 0x5F)
        return ' ';
    if (low >= 0x0B && low <= 0x0F)
        return 1;
    if (low >= 0x10 && low <= 0x15)
        return '-';
    return (low >= 0x2A && low <= 0x2E) || (low >= 0x60 && low <= 0x64) ? 1 : 0;
}

static uint8_t three_bytes(uint8_t a, uint8_t b, uint8_t c)
{
    if (a == 0xE2 && (b == 0x80 || b == 0x81))
        return general_punctuation((unsigned)(b & 1) << 6 | (c & 0x3F));
    if (a == 0xE2 && b == 0x88 && c == 0x92)
        return '-'; /* minus sign */
    if (a == 0xE3 && b == 0x80 && c == 0x80)
        return ' '; /* ideographic space */
    if ((a == 0xEF && b == 0xBB && c == 0xBF) || (a == 0xEF && b == 0xB8 && c <= 0x8F) ||
        (a == 0xE2 && b == 0x83 && c == 0xA3))
        return 1; /* byte order mark; how a sign is to look; the key around a digit */
    if (a == 0xEF && b == 0xBC && c >= 0x81)
        return (uint8_t)(c - 0x81 + '!');
    if (a == 0xEF && b == 0xBD && c <= 0x9E)
        return (uint8_t)(c - 0x80 + '`');
    return 0;
}

static bool fold_sequence(struct span t, size_t at, size_t *width, uint8_t *to)
{
    bool blank, cut;
    *width = terminal_sequence(t, at, &blank, &cut);
    *to = blank ? ' ' : 0;
    return *width > 0;
}

/* Whether the character at `at` (may_fold) is one that folding changes; *width its bytes, *to the
 * ASCII byte, 0 = removed. */
static bool fold_char(struct span t, size_t at, size_t *width, uint8_t *to)
{
    uint8_t a = t.p[at], b = peek(t, at + 1), c = peek(t, at + 2), found = 0;
    if (a == TERMINAL_ESC)
        return fold_sequence(t, at, width, to);
    *width = 2;
    if (a == 0xC2 && (b == 0xA0 || b == 0xAD))
        found = b == 0xA0 ? ' ' : 1;
    else if (a == 0xD9 && b >= 0xA0 && b <= 0xA9)
        found = (uint8_t)(b - 0xA0 + '0'); /* Arabic-Indic digits */
    else if (a == 0xDB && b >= 0xB0 && b <= 0xB9)
        found = (uint8_t)(b - 0xB0 + '0'); /* Persian digits */
    else if (a >= 0xE2 && b >= 0x80 && b <= 0xBF && c >= 0x80 && c <= 0xBF) {
        *width = 3;
        found = three_bytes(a, b, c);
    }
    *to = found == 1 ? 0 : found;
    return found != 0;
}

/* Bytes with which a character begins that may fold. */
static inline bool may_fold(uint8_t c)
{
    return c == 0xC2 || c == 0xD9 || c == 0xDB || c == 0xE2 || c == 0xE3 || c == 0xEF ||
           c == TERMINAL_ESC;
}

/* The compiler makes the machine's own vectors of it: one of AVX2, or two. What handles it is part
 * of the function it is called from, which says for what machine that is. */
typedef uint8_t block __attribute__((vector_size(32)));
#define WITHIN static inline __attribute__((always_inline))

WITHIN void load(block *b, const uint8_t *p)
{
    memcpy(b, p, sizeof *b);
}

WITHIN void copy_block(uint8_t *to, const uint8_t *p)
{
    block b;
    load(&b, p);
    memcpy(to, &b, sizeof b);
}

/* The highest bit of each byte. */
WITHIN uint32_t highest(const block *b)
{
#if defined(__x86_64__)
    __m128i half[2];
    memcpy(half, b, sizeof half);
    return (uint32_t)_mm_movemask_epi8(half[0]) | (uint32_t)_mm_movemask_epi8(half[1]) << 16;
#else
    uint32_t bits = 0;
    for (unsigned i = 0; i < sizeof *b; i++)
        bits |= (uint32_t)((*b)[i] >> 7) << i;
    return bits;
#endif
}

/* Are these bytes, a multiple of a block, ASCII without ESC? */
WITHIN bool plain_ascii(const uint8_t *p, size_t n)
{
    block b, all = {0};
    for (size_t i = 0; i < n; i += sizeof b) {
        load(&b, p + i);
        all |= b | (block)(b == TERMINAL_ESC);
    }
    return !highest(&all);
}

/* Which of the bytes of a block at p may_fold, the quotation marks of prose (E2 80 98 to 9F) left
 * out. Two more bytes are read. */
WITHIN uint32_t may_fold_block(const uint8_t *p)
{
    block b, second, third;
    load(&b, p);
    load(&second, p + 1);
    load(&third, p + 2);
    block quote = (block)((b == 0xE2) & (second == 0x80) & ((third & 0xF8) == 0x98));
    block some = (block)((b == 0xC2) | (b == 0xD9) | (b == 0xDB) | (b == 0xE2) | (b == 0xE3) |
                         (b == 0xEF) | (b == TERMINAL_ESC));
    some &= ~quote;
    return highest(&some);
}

size_t fold_next_plain(struct span t, size_t from, uint8_t *copy, size_t *width, uint8_t *to)
{
    for (size_t i = from; i < t.n; i++) {
        if (may_fold(t.p[i]) && fold_char(t, i, width, to))
            return i;
        if (copy)
            copy[i - from] = t.p[i];
    }
    return t.n;
}

/* Most texts are ASCII: a stretch at a time; then a step. What is copied is fetched before it is
 * needed, which a processor does by itself up to the next page. */
WITHIN size_t next_char(struct span t, size_t from, uint8_t *restrict copy, size_t *width,
                        uint8_t *to)
{
    enum { STRETCH = 256, STEP = 64, STEP_READS = STEP + 2, FETCH = 2048 };
    size_t i = from;
    while (!copy && t.n - i >= STRETCH && plain_ascii(t.p + i, STRETCH))
        i += STRETCH;
    for (; t.n - i >= STEP_READS; i += STEP) {
        if (copy) {
            __builtin_prefetch(t.p + (t.n - i > FETCH ? i + FETCH : i));
            for (size_t k = 0; k < STEP; k += sizeof(block))
                copy_block(copy + (i - from) + k, t.p + i + k);
        }
        if (plain_ascii(t.p + i, STEP))
            continue;
        uint64_t left = may_fold_block(t.p + i) | (uint64_t)may_fold_block(t.p + i + 32) << 32;
        for (; left; left &= left - 1) {
            size_t at = i + (size_t)__builtin_ctzll(left);
            if (fold_char(t, at, width, to))
                return at;
        }
    }
    return fold_next_plain(t, i, copy ? copy + (i - from) : NULL, width, to);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static size_t next_avx2(struct span t, size_t from, uint8_t *copy,
                                                        size_t *width, uint8_t *to)
{
    return copy ? next_char(t, from, copy, width, to) : next_char(t, from, NULL, width, to);
}
#endif

size_t fold_next(struct span t, size_t from, uint8_t *copy, size_t *width, uint8_t *to)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return next_avx2(t, from, copy, width, to);
#endif
    return next_char(t, from, copy, width, to);
}

bool fold_needed(struct span t)
{
    size_t width;
    uint8_t to;
    return fold_next(t, 0, NULL, &width, &to) < t.n;
}

static struct err step_add(struct fold_steps *s, struct fold_step one)
{
    if (s->n && s->v[s->n - 1].now == one.now)
        s->n--;
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;
        struct fold_step *v = realloc(s->v, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        s->v = v;
        s->cap = cap;
    }
    s->v[s->n++] = one;
    return OK;
}

static struct err joint_add(struct fold_steps *s, size_t now)
{
    if (s->joints && s->joint[s->joints - 1] == now)
        return OK;
    if (s->joints == s->joint_cap) {
        size_t cap = s->joint_cap ? s->joint_cap * 2 : 64;
        uint32_t *v = realloc(s->joint, cap * sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        s->joint = v;
        s->joint_cap = cap;
    }
    s->joint[s->joints++] = (uint32_t)now;
    return OK;
}

void fold_steps_free(struct fold_steps *s)
{
    free(s->v);
    free(s->joint);
    *s = (struct fold_steps){0};
}

struct err fold_append(struct span t, size_t was, struct buf *out, struct fold_steps *steps)
{
    size_t done = 0, width;
    uint8_t to;
    TRY(buf_reserve(out, t.n));
    while (done < t.n) {
        size_t at = fold_next(t, done, out->p + out->n, &width, &to);
        out->n += at - done;
        if (at == t.n)
            break;
        if (to) {
            TRY(step_add(steps, (struct fold_step){(uint32_t)(steps->base + out->n),
                                                   (uint32_t)(was + at), (uint32_t)width}));
            TRY(buf_put_u8(out, to));
        } else {
            TRY(joint_add(steps, steps->base + out->n));
        }
        done = at + width;
        /* Where the next byte comes from; a folded one says so itself and replaces this. */
        TRY(step_add(steps, (struct fold_step){(uint32_t)(steps->base + out->n),
                                               (uint32_t)(was + done), 1}));
    }
    return OK;
}

/* How many steps stand at `want` or before it. Asked in the order of the text, nearly: it is `near`
 * or some steps from there. */
static size_t steps_to(const struct fold_steps *s, size_t near, size_t want)
{
    enum { NEAR = 16 };
    size_t lo = 0, hi = s->n;
    for (unsigned k = 0; k < NEAR && near <= s->n; k++)
        if (near < s->n && s->v[near].now <= want)
            near++;
        else if (near && s->v[near - 1].now > want)
            near--;
        else
            return near;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (s->v[mid].now <= want)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

size_t fold_map(const struct fold_steps *s, size_t *near, size_t at, bool end)
{
    size_t want = end && at ? at - 1 : at, was = want, width = 1;
    *near = steps_to(s, *near, want);
    if (*near) {
        const struct fold_step *f = &s->v[*near - 1];
        was = f->now == want ? f->was : f->was + f->width + (want - f->now - 1);
        width = f->now == want ? f->width : 1;
    }
    return end && at ? was + width : was;
}

void fold_map_back(const struct fold_steps *s, size_t base, struct findings *f, size_t first)
{
    size_t near = 0;
    for (size_t i = first; i < f->n; i++) {
        f->v[i].start = (uint32_t)fold_map(s, &near, base + f->v[i].start, false);
        f->v[i].end = (uint32_t)fold_map(s, &near, base + f->v[i].end, true);
    }
}

/* Base letters of U+00C0..U+017F; '*' is spelt with two letters or is none. */
static const char latin[] = "aaaaaa*ceeeeiiii" /* C0 */
                            "dnooooo*ouuuuy**" /* D0 */
                            "aaaaaa*ceeeeiiii" /* E0 */
                            "dnooooo*ouuuuy*y" /* F0 */
                            "aaaaaaccccccccdd" /* 100 */
                            "ddeeeeeeeeeegggg"
                            "gggghhhhiiiiiiii"
                            "ii**jjkkklllllll"
                            "lllnnnnnnnnnoooo"
                            "oo**rrrrrrssssss"
                            "ssttttttuuuuuuuu"
                            "uuuuwwyyyzzzzzzs";

static uint32_t greek_or_cyrillic(uint32_t cp)
{
    if (cp >= 0x391 && cp <= 0x3A9)
        return cp + 0x20;
    if (cp >= 0x3AC && cp <= 0x3CE) {
        static const uint16_t plain[] = {0x3B1, 0x3B5, 0x3B7, 0x3B9};
        if (cp <= 0x3AF)
            return plain[cp - 0x3AC];
        return cp == 0x3CC ? 0x3BF : cp == 0x3CD ? 0x3C5 : cp == 0x3CE ? 0x3C9 : cp;
    }
    if (cp == 0x386)
        return 0x3B1;
    if (cp >= 0x410 && cp <= 0x42F)
        return cp + 0x20;
    return cp >= 0x400 && cp <= 0x40F ? cp + 0x50 : cp;
}

size_t fold_letter(uint32_t cp, uint8_t out[4])
{
    if (cp < 0x80) {
        out[0] = ascii_lower((uint8_t)cp);
        return 1;
    }
    if (cp >= 0xC0 && cp < 0x180 && latin[cp - 0xC0] != '*') {
        out[0] = (uint8_t)latin[cp - 0xC0];
        return 1;
    }
    if (cp == 0xDF) {
        out[0] = out[1] = 's';
        return 2;
    }
    if (cp == 0xE6 || cp == 0xC6) {
        out[0] = 'a';
        out[1] = 'e';
        return 2;
    }
    return utf8_put(greek_or_cyrillic(cp), out);
}
