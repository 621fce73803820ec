/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding: what a person sees as a digit, blank or dash becomes the ASCII one before recognisers
 * look, and what nobody sees goes, so that "４１１１‑…" and a number split by zero-width joiners
 * are found. Most texts need none of it: fold_needed is the frequent call, the rest is rare.
 */
#include "scan_int.h"
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
    if (a == 0xEF && b == 0xBB && c == 0xBF)
        return 1; /* byte order mark */
    if (a == 0xEF && b == 0xBC && c >= 0x81)
        return (uint8_t)(c - 0x81 + '!');
    if (a == 0xEF && b == 0xBD && c <= 0x9E)
        return (uint8_t)(c - 0x80 + '`');
    return 0;
}

/* Whether the character at `at` (a byte >= 0x80) is one that folding changes; *width its bytes,
 * *to the ASCII byte, 0 = removed. */
static bool fold_char(struct span t, size_t at, size_t *width, uint8_t *to)
{
    uint8_t a = t.p[at], b = peek(t, at + 1), c = peek(t, at + 2), found = 0;
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
    return c == 0xC2 || c == 0xD9 || c == 0xDB || c == 0xE2 || c == 0xE3 || c == 0xEF;
}

/* Which of the STEP bytes at p those are, the quotation marks of prose (E2 80 98 to 9F) left out.
 * Two more bytes are read. */
enum { STEP = 64, STEP_READS = STEP + 2 };
static inline uint64_t may_fold_step(const uint8_t *p)
{
    uint64_t found = 0;
#if defined(__x86_64__)
    static const uint8_t leads[] = {0xC2, 0xD9, 0xDB, 0xE2, 0xE3, 0xEF};
    const __m128i *at = (const __m128i *)(const void *)p;
    __m128i v[STEP / 16];
    for (size_t i = 0; i < STEP / 16; i++)
        v[i] = _mm_loadu_si128(at + i);
    if (!_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(v[0], v[1]), _mm_or_si128(v[2], v[3]))))
        return 0;
    for (size_t i = 0; i < STEP / 16; i++) {
        __m128i some = _mm_setzero_si128();
        for (size_t k = 0; k < sizeof leads; k++)
            some = _mm_or_si128(some, _mm_cmpeq_epi8(v[i], _mm_set1_epi8((char)leads[k])));
        const __m128i *second = (const __m128i *)(const void *)(p + 16 * i + 1);
        const __m128i *third = (const __m128i *)(const void *)(p + 16 * i + 2);
        __m128i eights = _mm_and_si128(_mm_loadu_si128(third), _mm_set1_epi8((char)0xF8));
        __m128i quote = _mm_and_si128(
            _mm_and_si128(_mm_cmpeq_epi8(v[i], _mm_set1_epi8((char)0xE2)),
                          _mm_cmpeq_epi8(_mm_loadu_si128(second), _mm_set1_epi8((char)0x80))),
            _mm_cmpeq_epi8(eights, _mm_set1_epi8((char)0x98)));
        found |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_andnot_si128(quote, some)) << 16 * i;
    }
#else
    uint64_t w[STEP / 8], all = 0;
    memcpy(w, p, sizeof w);
    for (size_t i = 0; i < STEP / 8; i++)
        all |= w[i];
    if (!(all & 0x8080808080808080U))
        return 0;
    for (size_t i = 0; i < STEP; i++) {
        bool quote = p[i] == 0xE2 && p[i + 1] == 0x80 && (p[i + 2] & 0xF8) == 0x98;
        found |= (uint64_t)(may_fold(p[i]) && !quote) << i;
    }
#endif
    return found;
}

/* Past ASCII, as far as it goes in stretches of that many bytes; most texts are nothing else. */
enum { STRETCH = 256 };
static inline size_t ascii_skip(struct span t, size_t i)
{
    for (; t.n - i >= STRETCH; i += STRETCH) {
        uint64_t v, all = 0;
        for (size_t k = 0; k < STRETCH; k += sizeof v) {
            memcpy(&v, t.p + i + k, sizeof v);
            all |= v;
        }
        if (all & 0x8080808080808080U)
            return i;
    }
    return i;
}

/* Where the next character stands, from `from` on, that folding changes; t.n when there is none. */
static size_t fold_next(struct span t, size_t from, size_t *width, uint8_t *to)
{
    size_t i = ascii_skip(t, from);
    for (; t.n - i >= STEP_READS; i += STEP)
        for (uint64_t left = may_fold_step(t.p + i); left; left &= left - 1) {
            size_t at = i + (size_t)__builtin_ctzll(left);
            if (fold_char(t, at, width, to))
                return at;
        }
    for (; i < t.n; i++)
        if (may_fold(t.p[i]) && fold_char(t, i, width, to))
            return i;
    return t.n;
}

bool fold_needed(struct span t)
{
    size_t width;
    uint8_t to;
    return fold_next(t, 0, &width, &to) < t.n;
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
    for (size_t at; (at = fold_next(t, done, &width, &to)) < t.n;) {
        TRY(buf_put(out, span_cut(t, done, at - done)));
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
    return buf_put(out, span_from(t, done));
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
