/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a text an escape may stand, or a run of base64 or hexadecimal digits lie. Called for
 * every text; nearly all of it is passed over.
 */
#include "view_int.h"

#include "terminal.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX2 __attribute__((target("avx2")))
enum { WIDE = 32 };
#endif

/* The compiler makes the machine's own vectors of it. */
typedef uint8_t block __attribute__((vector_size(16)));

/* ---- signs ---- */

/* Signs, line ends, and first bytes of characters that view_alike.c knows: raised and other digits,
 * Greek, Cyrillic. */
static const bool may_begin[256] = {
    ['\\'] = true, ['%'] = true,  ['&'] = true,  ['='] = true,  ['+'] = true,
    ['<'] = true,  ['~'] = true,  ['\r'] = true, ['\n'] = true, [TERMINAL_ESC] = true,
    [0xc2] = true, [0xce] = true, [0xcf] = true, [0xd0] = true, [0xd1] = true,
    [0xd2] = true, [0xd4] = true, [0xdf] = true, [0xe0] = true, [0xe1] = true,
    [0xe2] = true, [0xf0] = true,
};

static block signs_in(const uint8_t *p)
{
    block b;
    memcpy(&b, p, sizeof b);
    return (block)((b == '\\') | (b == '%') | (b == '&') | (b == '=') | (b == '+') | (b == '<') |
                   (b == '~') | (b == '\r') | (b == '\n') | (b == TERMINAL_ESC) | (b >= 0x80));
}

static bool any(block b)
{
    uint64_t half[2];
    memcpy(half, &b, sizeof half);
    return (half[0] | half[1]) != 0;
}

size_t view_next_sign_plain(struct span t, size_t at)
{
    enum { ONE = sizeof(block), FOUR = 4 * ONE };
    while (at < t.n) {
        for (const uint8_t *p = t.p + at; t.n - at >= FOUR; at += FOUR, p += FOUR)
            if (any(signs_in(p) | signs_in(p + ONE) | signs_in(p + 2 * ONE) |
                    signs_in(p + 3 * ONE)))
                break;
        while (t.n - at >= ONE && !any(signs_in(t.p + at)))
            at += ONE;
        for (size_t end = t.n - at < ONE ? t.n : at + ONE; at < end; at++)
            if (may_begin[t.p[at]])
                return at;
    }
    return at;
}

#if defined(__x86_64__)
AVX2 static inline __m256i load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* A bit for each sign, and for each byte that is no ASCII. Signs are told by their halves: a bit
 * for each upper one, and for each lower one the bits of those that it makes a sign with. */
AVX2 static inline uint32_t signs_wide(const uint8_t *p)
{
    enum { UP_0 = 16, UP_1 = 1, UP_2 = 2, UP_3 = 4, UP_5 = 8, UP_7 = 32 };
    const __m256i upper = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(UP_0, UP_1, UP_2, UP_3, 0, UP_5, 0, UP_7, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i lower = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        0, 0, 0, 0, 0, UP_2 /* % */, UP_2 /* & */, 0, 0, 0, UP_0 /* LF */, UP_1 | UP_2 /* ESC + */,
        UP_3 | UP_5 /* < \ */, UP_0 | UP_3 /* CR = */, UP_7 /* ~ */, 0));
    __m256i v = load(p);
    __m256i up = _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(0xf));
    __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(upper, up), _mm256_shuffle_epi8(lower, v));
    __m256i none = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
    return ~(uint32_t)_mm256_movemask_epi8(none) | (uint32_t)_mm256_movemask_epi8(v);
}

AVX2 static size_t next_sign_avx2(struct span t, size_t at)
{
    for (; t.n - at >= WIDE; at += WIDE)
        for (uint32_t m = signs_wide(t.p + at); m; m &= m - 1) {
            size_t i = at + (unsigned)__builtin_ctz(m);
            if (may_begin[t.p[i]])
                return i;
        }
    return view_next_sign_plain(t, at);
}
#endif

size_t view_next_sign(struct span t, size_t at)
{
#if defined(__x86_64__)
    if (at < t.n && __builtin_cpu_supports("avx2"))
        return next_sign_avx2(t, at);
#endif
    return view_next_sign_plain(t, at);
}

/* ---- runs ---- */

/* Two cells of eight bytes side by side that hold no blank, quote or other low sign lie in every
 * run. `before`: the cell before is such a one. */
static size_t run_from(struct span t, size_t at, bool before)
{
    for (; t.n - at >= sizeof(block); at += sizeof(block)) {
        block b;
        uint64_t half[2];
        memcpy(&b, t.p + at, sizeof b);
        b = (block)(b < '+');
        memcpy(half, &b, sizeof half);
        if (!half[0] && (before || !half[1]))
            return at;
        before = !half[1];
    }
    return t.n - at >= sizeof(uint64_t) || (before && at < t.n) ? at : t.n;
}

size_t view_inside_run_plain(struct span t, size_t at)
{
    return run_from(t, at, false);
}

#if defined(__x86_64__)
/* A bit for each low sign. */
AVX2 static inline uint32_t low_wide(const uint8_t *p)
{
    __m256i v = load(p);
    return (uint32_t)_mm256_movemask_epi8(
        _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8('+' - 1)), v));
}

AVX2 static size_t inside_run_avx2(struct span t, size_t at)
{
    bool before = false;
    for (; t.n - at >= WIDE; at += WIDE) {
        uint32_t low = low_wide(t.p + at);
        if (!((low - 0x01010101U) & ~low & 0x80808080U)) { /* no cell without */
            before = false;
            continue;
        }
        bool cell[4];
        for (unsigned i = 0; i < 4; i++)
            cell[i] = !(low >> 8 * i & 0xff);
        if (cell[0] && (before || cell[1]))
            return at;
        if (cell[2] && (cell[1] || cell[3]))
            return at + sizeof(block);
        before = cell[3];
    }
    return run_from(t, at, before);
}
#endif

size_t view_inside_run(struct span t, size_t at)
{
#if defined(__x86_64__)
    if (at < t.n && __builtin_cpu_supports("avx2"))
        return inside_run_avx2(t, at);
#endif
    return run_from(t, at, false);
}
