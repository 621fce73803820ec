/* SPDX-License-Identifier: Apache-2.0 */
/* Where a known value may begin. Called for every text of a request in which values are known; most
 * texts hold none of them and are passed from end to end. */
#include "pairs_int.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static void mark(struct pairs *s, int which, uint8_t c, uint8_t bit)
{
    uint8_t *set = which ? s->second : s->first;
    set[c] |= bit;
    s->low[which][c & 15] |= bit;
    s->high[which][c >> 4] |= bit;
}

void pairs_add(struct pairs *s, uint8_t a, uint8_t b, bool nocase)
{
    const uint8_t c[2] = {a, b}, bit = (uint8_t)(1U << ascii_lower(a) % 8);
    for (int i = 0; i < 2; i++) {
        mark(s, i, c[i], bit);
        if (nocase && ascii_is_letter(c[i]))
            mark(s, i, c[i] ^ 0x20, bit);
    }
}

/* The bits that the two bytes at `p` share; 0: no pair. */
static inline uint8_t here(const struct pairs *s, const uint8_t *p)
{
    return s->first[p[0]] & s->second[p[1]];
}

size_t pairs_next_plain(const struct pairs *s, struct span text, size_t at)
{
    const uint8_t *p = text.p;
    while (at + 5 <= text.n &&
           !(here(s, p + at) | here(s, p + at + 1) | here(s, p + at + 2) | here(s, p + at + 3)))
        at += 4;
    while (at + 1 < text.n && !here(s, p + at))
        at++;
    return at;
}

#if defined(__x86_64__)
/* The bits of 32 bytes, looked up by their two halves. */
__attribute__((target("avx2"))) static inline __m256i bits_of(__m256i v, const uint8_t low[16],
                                                              const uint8_t high[16])
{
    const __m256i half = _mm256_set1_epi8(15);
    __m256i l = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)low));
    __m256i h = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)high));
    return _mm256_and_si256(
        _mm256_shuffle_epi8(l, _mm256_and_si256(v, half)),
        _mm256_shuffle_epi8(h, _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));
}

__attribute__((target("avx2"))) static size_t next_avx2(const struct pairs *s, struct span text,
                                                        size_t at)
{
    enum { WIDTH = 32 };
    for (; at + WIDTH + 1 <= text.n; at += WIDTH) {
        const uint8_t *p = text.p + at;
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 1));
        __m256i both =
            _mm256_and_si256(bits_of(a, s->low[0], s->high[0]), bits_of(b, s->low[1], s->high[1]));
        __m256i none = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
        for (uint32_t m = ~(uint32_t)_mm256_movemask_epi8(none); m; m &= m - 1) {
            unsigned i = (unsigned)__builtin_ctz(m);
            if (here(s, p + i))
                return at + i;
        }
    }
    return pairs_next_plain(s, text, at);
}
#endif

size_t pairs_next(const struct pairs *s, struct span text, size_t at)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return next_avx2(s, text, at);
#endif
    return pairs_next_plain(s, text, at);
}
