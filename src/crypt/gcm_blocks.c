/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-GCM by AES-NI and PCLMULQDQ. Once a value; four blocks of the counter side by side. */
#include "gcm_blocks_int.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define FAST __attribute__((target("aes,pclmul,ssse3")))
enum { SIDE_BY_SIDE = 4 };

bool gcm_blocks_here(void)
{
    return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul") &&
           __builtin_cpu_supports("ssse3");
}

FAST static inline __m128i load(const void *p)
{
    return _mm_loadu_si128(p);
}

FAST static inline __m128i reversed(__m128i v)
{
    const __m128i order = _mm_set_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm_shuffle_epi8(v, order);
}

/* ---- the key ---- */

/* Each word of a round key is the one before it, added up. */
FAST static inline __m128i added_up(__m128i v)
{
    v = _mm_xor_si128(v, _mm_slli_si128(v, 4));
    v = _mm_xor_si128(v, _mm_slli_si128(v, 4));
    return _mm_xor_si128(v, _mm_slli_si128(v, 4));
}

FAST static inline __m128i even_key(__m128i before, __m128i assist)
{
    return _mm_xor_si128(added_up(before), _mm_shuffle_epi32(assist, 0xff));
}

FAST static inline __m128i odd_key(__m128i before, __m128i assist)
{
    return _mm_xor_si128(added_up(before), _mm_shuffle_epi32(assist, 0xaa));
}

FAST static void expand(const uint8_t key[GCM_KEY], __m128i r[GCM_ROUND_KEYS])
{
    r[0] = load(key);
    r[1] = load(key + GCM_BLOCK);
#define TWO(i, constant)                                                                           \
    r[i] = even_key(r[(i)-2], _mm_aeskeygenassist_si128(r[(i)-1], constant));                      \
    r[(i) + 1] = odd_key(r[(i)-1], _mm_aeskeygenassist_si128(r[i], 0))
    TWO(2, 0x01);
    TWO(4, 0x02);
    TWO(6, 0x04);
    TWO(8, 0x08);
    TWO(10, 0x10);
    TWO(12, 0x20);
#undef TWO
    r[14] = even_key(r[12], _mm_aeskeygenassist_si128(r[13], 0x40));
}

FAST static void encrypt_blocks(const struct gcm_blocks *g, __m128i b[SIDE_BY_SIDE])
{
    for (int i = 0; i < SIDE_BY_SIDE; i++)
        b[i] = _mm_xor_si128(b[i], load(g->round[0]));
    for (int k = 1; k < GCM_ROUND_KEYS - 1; k++) {
        __m128i key = load(g->round[k]);
        for (int i = 0; i < SIDE_BY_SIDE; i++)
            b[i] = _mm_aesenc_si128(b[i], key);
    }
    for (int i = 0; i < SIDE_BY_SIDE; i++)
        b[i] = _mm_aesenclast_si128(b[i], load(g->round[GCM_ROUND_KEYS - 1]));
}

FAST static __m128i encrypt_block(const struct gcm_blocks *g, __m128i v)
{
    v = _mm_xor_si128(v, load(g->round[0]));
    for (int k = 1; k < GCM_ROUND_KEYS - 1; k++)
        v = _mm_aesenc_si128(v, load(g->round[k]));
    return _mm_aesenclast_si128(v, load(g->round[GCM_ROUND_KEYS - 1]));
}

FAST void gcm_blocks_begin(struct gcm_blocks *g, const uint8_t key[GCM_KEY])
{
    __m128i r[GCM_ROUND_KEYS];
    expand(key, r);
    memcpy(g->round, r, sizeof g->round);
    __m128i h = reversed(encrypt_block(g, _mm_setzero_si128()));
    memcpy(g->h, &h, sizeof g->h);
    __asm__ volatile("" ::"r"(memset(r, 0, sizeof r)) : "memory"); /* wiped for good */
}

/* ---- GHASH: multiplication in GF(2^128) modulo x^128 + x^7 + x^2 + x + 1, bits reflected ---- */

/* 256 bits, one to the left: the product of reflected operands stands one place too low. */
FAST static inline void shift_left(__m128i *low, __m128i *high)
{
    __m128i from_low = _mm_srli_epi32(*low, 31), from_high = _mm_srli_epi32(*high, 31);
    *low = _mm_or_si128(_mm_slli_epi32(*low, 1), _mm_slli_si128(from_low, 4));
    *high = _mm_or_si128(_mm_slli_epi32(*high, 1), _mm_slli_si128(from_high, 4));
    *high = _mm_or_si128(*high, _mm_srli_si128(from_low, 12));
}

FAST static inline __m128i reduced(__m128i low, __m128i high)
{
    __m128i t = _mm_xor_si128(_mm_slli_epi32(low, 31), _mm_slli_epi32(low, 30));
    t = _mm_xor_si128(t, _mm_slli_epi32(low, 25));
    __m128i carried = _mm_srli_si128(t, 4);
    low = _mm_xor_si128(low, _mm_slli_si128(t, 12));
    t = _mm_xor_si128(_mm_srli_epi32(low, 1), _mm_srli_epi32(low, 2));
    t = _mm_xor_si128(t, _mm_xor_si128(_mm_srli_epi32(low, 7), carried));
    return _mm_xor_si128(high, _mm_xor_si128(low, t));
}

FAST static __m128i times(__m128i a, __m128i b)
{
    __m128i low = _mm_clmulepi64_si128(a, b, 0x00), high = _mm_clmulepi64_si128(a, b, 0x11);
    __m128i middle =
        _mm_xor_si128(_mm_clmulepi64_si128(a, b, 0x10), _mm_clmulepi64_si128(a, b, 0x01));
    low = _mm_xor_si128(low, _mm_slli_si128(middle, 8));
    high = _mm_xor_si128(high, _mm_srli_si128(middle, 8));
    shift_left(&low, &high);
    return reduced(low, high);
}

/* Append bytes, the last block filled up with zeros. */
FAST static __m128i hashed(__m128i y, __m128i h, const uint8_t *p, size_t n)
{
    for (; n >= GCM_BLOCK; p += GCM_BLOCK, n -= GCM_BLOCK)
        y = times(_mm_xor_si128(y, reversed(load(p))), h);
    if (n == 0)
        return y;
    uint8_t last[GCM_BLOCK] = {0};
    memcpy(last, p, n);
    return times(_mm_xor_si128(y, reversed(load(last))), h);
}

/* Append the block of two lengths in bytes. */
FAST static __m128i hashed_lengths(__m128i y, __m128i h, uint64_t a, uint64_t b)
{
    __m128i lengths = _mm_set_epi64x((long long)(a * 8), (long long)(b * 8));
    return times(_mm_xor_si128(y, lengths), h);
}

/* ---- all of it ---- */

/* The counter is the last 32 bits; here the bytes are reversed, so it is the first word. */
FAST static inline __m128i counter(__m128i j0, uint32_t add)
{
    return reversed(_mm_add_epi32(j0, _mm_cvtsi32_si128((int)add)));
}

FAST static void xor_stream(const struct gcm_blocks *g, __m128i j0, struct span in, uint8_t *out)
{
    enum { STEP = SIDE_BY_SIDE * GCM_BLOCK };
    uint32_t next = 1;
    for (size_t at = 0; at < in.n; at += STEP) {
        __m128i b[SIDE_BY_SIDE];
        uint8_t stream[STEP];
        size_t n = in.n - at < STEP ? in.n - at : STEP;
        for (int i = 0; i < SIDE_BY_SIDE; i++)
            b[i] = counter(j0, next++);
        encrypt_blocks(g, b);
        memcpy(stream, b, sizeof stream);
        for (size_t i = 0; i < n; i++)
            out[at + i] = in.p[at + i] ^ stream[i];
    }
}

FAST void gcm_blocks_run(const struct gcm_blocks *g, bool seal, const uint8_t nonce[GCM_NONCE],
                         struct span about, struct span in, uint8_t *out, uint8_t tag[GCM_TAG])
{
    __m128i h = load(g->h), zero = _mm_setzero_si128();
    __m128i j0 = hashed_lengths(hashed(zero, h, nonce, GCM_NONCE), h, 0, GCM_NONCE);
    __m128i y = hashed(zero, h, about.p, about.n);
    if (!seal)
        y = hashed(y, h, in.p, in.n);
    xor_stream(g, j0, in, out);
    if (seal)
        y = hashed(y, h, out, in.n);
    y = hashed_lengths(y, h, about.n, in.n);
    y = _mm_xor_si128(reversed(y), encrypt_block(g, reversed(j0)));
    memcpy(tag, &y, GCM_TAG);
}

#else

bool gcm_blocks_here(void)
{
    return false;
}

void gcm_blocks_begin(struct gcm_blocks *g, const uint8_t key[GCM_KEY])
{
    memcpy(g->h, key, 0);
}

void gcm_blocks_run(const struct gcm_blocks *g, bool seal, const uint8_t nonce[GCM_NONCE],
                    struct span about, struct span in, uint8_t *out, uint8_t tag[GCM_TAG])
{
    (void)g, (void)seal, (void)nonce, (void)about, (void)in, (void)out, (void)tag;
}

#endif
