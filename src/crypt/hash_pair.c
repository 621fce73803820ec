/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two SHA-256 streams side by side in the SHA extensions of x86-64, the plain twin being libcrypto.
 * Called for every second node of every full tile.
 */
#include "hash_pair.h"

enum { BLOCK = 64 };

static enum { UNKNOWN, PLAIN, PAIRED } engine;

static void plain_pair(const uint8_t *a, const uint8_t *b, size_t n, uint8_t out_a[HASH_BYTES],
                       uint8_t out_b[HASH_BYTES])
{
    uint8_t first[HASH_BYTES];
    hash_sha256(span(a, n), first);
    hash_sha256(span(b, n), out_b);
    memcpy(out_a, first, HASH_BYTES);
}

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/* A state as the instructions want it: words a b e f and c d g h. */
struct lane {
    __m128i abef, cdgh;
};

/* Four rounds, and the message words of the four rounds that come four steps later. */
SHA_TARGET static inline __attribute__((always_inline)) void
four_rounds(struct lane *s, __m128i m[4], const uint8_t *block, int i, __m128i swap)
{
    if (i < 4)
        m[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(block + 16 * i)),
                                swap);
    __m128i w = _mm_add_epi32(
        m[i & 3], _mm_load_si128((const __m128i *)(const void *)(round_constants + 4 * i)));
    s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, w);
    s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(w, 0x0e));
    if (i >= 3 && i < 15)
        m[(i + 1) & 3] =
            _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(m[(i + 1) & 3], m[(i + 2) & 3]),
                                               _mm_alignr_epi8(m[i & 3], m[(i + 3) & 3], 4)),
                                 m[i & 3]);
}

SHA_TARGET static void two_blocks(struct lane *a, struct lane *b, const uint8_t *block_a,
                                  const uint8_t *block_b)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    struct lane was_a = *a, was_b = *b;
    __m128i ma[4], mb[4];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) {
        four_rounds(a, ma, block_a, i, swap);
        four_rounds(b, mb, block_b, i, swap);
    }
    a->abef = _mm_add_epi32(a->abef, was_a.abef);
    a->cdgh = _mm_add_epi32(a->cdgh, was_a.cdgh);
    b->abef = _mm_add_epi32(b->abef, was_b.abef);
    b->cdgh = _mm_add_epi32(b->cdgh, was_b.cdgh);
}

SHA_TARGET static void put_digest(const struct lane *s, uint8_t out[HASH_BYTES])
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i feba = _mm_shuffle_epi32(s->abef, 0x1b), dchg = _mm_shuffle_epi32(s->cdgh, 0xb1);
    __m128i abcd = _mm_blend_epi16(feba, dchg, 0xf0), efgh = _mm_alignr_epi8(dchg, feba, 8);
    _mm_storeu_si128((__m128i *)(void *)out, _mm_shuffle_epi8(abcd, swap));
    _mm_storeu_si128((__m128i *)(void *)(out + 16), _mm_shuffle_epi8(efgh, swap));
}

/* The message and its padding: one or two blocks. */
static size_t pad(const uint8_t *in, size_t n, uint8_t out[2 * BLOCK])
{
    size_t all = n + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    memset(out, 0, all);
    memcpy(out, in, n);
    out[n] = 0x80;
    out[all - 2] = (uint8_t)(n >> 5);
    out[all - 1] = (uint8_t)(n << 3);
    return all;
}

SHA_TARGET static void sha_pair(const uint8_t *a, const uint8_t *b, size_t n,
                                uint8_t out_a[HASH_BYTES], uint8_t out_b[HASH_BYTES])
{
    const struct lane start = {
        _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
        _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19)};
    struct lane la = start, lb = start;
    uint8_t pa[2 * BLOCK], pb[2 * BLOCK];
    size_t all = pad(a, n, pa);
    pad(b, n, pb);
    for (size_t at = 0; at < all; at += BLOCK)
        two_blocks(&la, &lb, pa + at, pb + at);
    put_digest(&la, out_a);
    put_digest(&lb, out_b);
}

static bool has_sha(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1))
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1U << 29);
}
#else
static void sha_pair(const uint8_t *a, const uint8_t *b, size_t n, uint8_t out_a[HASH_BYTES],
                     uint8_t out_b[HASH_BYTES])
{
    plain_pair(a, b, n, out_a, out_b);
}

static bool has_sha(void)
{
    return false;
}
#endif

bool hash_pair_force_plain(bool plain)
{
    bool other = has_sha();
    engine = plain || !other ? PLAIN : PAIRED;
    return other;
}

void hash_pair(const uint8_t *a, const uint8_t *b, size_t n, uint8_t out_a[HASH_BYTES],
               uint8_t out_b[HASH_BYTES])
{
    if (n > HASH_PAIR_MAX)
        __builtin_trap();
    if (engine == UNKNOWN)
        hash_pair_force_plain(false);
    if (engine == PAIRED)
        sha_pair(a, b, n, out_a, out_b);
    else
        plain_pair(a, b, n, out_a, out_b);
}
