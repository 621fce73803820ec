/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic behind coin.h. Rare: only words that look like an address get here. */
#include "coin.h"
#include "hash.h"

/* A digit's value and 1; 0 for no digit. */
static const uint8_t base58_digit[256] = {
    ['1'] = 1,  ['2'] = 2,  ['3'] = 3,  ['4'] = 4,  ['5'] = 5,  ['6'] = 6,  ['7'] = 7,  ['8'] = 8,
    ['9'] = 9,  ['A'] = 10, ['B'] = 11, ['C'] = 12, ['D'] = 13, ['E'] = 14, ['F'] = 15, ['G'] = 16,
    ['H'] = 17, ['J'] = 18, ['K'] = 19, ['L'] = 20, ['M'] = 21, ['N'] = 22, ['P'] = 23, ['Q'] = 24,
    ['R'] = 25, ['S'] = 26, ['T'] = 27, ['U'] = 28, ['V'] = 29, ['W'] = 30, ['X'] = 31, ['Y'] = 32,
    ['Z'] = 33, ['a'] = 34, ['b'] = 35, ['c'] = 36, ['d'] = 37, ['e'] = 38, ['f'] = 39, ['g'] = 40,
    ['h'] = 41, ['i'] = 42, ['j'] = 43, ['k'] = 44, ['m'] = 45, ['n'] = 46, ['o'] = 47, ['p'] = 48,
    ['q'] = 49, ['r'] = 50, ['s'] = 51, ['t'] = 52, ['u'] = 53, ['v'] = 54, ['w'] = 55, ['x'] = 56,
    ['y'] = 57, ['z'] = 58,
};

bool coin_base58check(struct span w)
{
    enum { CHARS_MAX = 35, BYTES = 25, LIMBS = 7, FIVE = 5 };
    uint32_t limb[LIMBS] = {0}; /* lowest first; 35 characters are 206 bits */
    uint8_t n[BYTES], sum[HASH_BYTES];
    if (w.n < BYTES || w.n > CHARS_MAX)
        return false;
    for (size_t i = 0; i < w.n;) {
        uint32_t five = 0, times = 1;
        for (size_t k = 0; k < FIVE && i < w.n; k++, i++) {
            unsigned digit = base58_digit[w.p[i]];
            if (!digit)
                return false;
            five = five * 58 + digit - 1;
            times *= 58;
        }
        uint64_t carry = five;
        for (size_t k = 0; k < LIMBS; k++, carry >>= 32)
            limb[k] = (uint32_t)(carry += (uint64_t)limb[k] * times);
    }
    if (limb[LIMBS - 1] >> 8)
        return false;
    for (size_t i = 0; i < BYTES; i++)
        n[BYTES - 1 - i] = (uint8_t)(limb[i / 4] >> 8 * (i % 4));
    hash_sha256(span(n, 21), sum);
    hash_sha256(span(sum, HASH_BYTES), sum);
    return !memcmp(sum, n + 21, 4);
}

static uint32_t bech32_step(uint32_t c, unsigned v)
{
    static const uint32_t gen[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    uint32_t top = c >> 25;
    c = (c & 0x1ffffff) << 5 ^ v;
    for (size_t i = 0; i < 5; i++)
        c ^= top >> i & 1 ? gen[i] : 0;
    return c;
}

bool coin_bech32(struct span w, size_t one)
{
    static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    bool lower = false, upper = false;
    uint32_t c = 1;
    if (w.n > 108 || one == 0 || one >= w.n)
        return false;
    for (size_t i = 0; i < w.n; i++) {
        lower = lower || (w.p[i] >= 'a' && w.p[i] <= 'z');
        upper = upper || (w.p[i] >= 'A' && w.p[i] <= 'Z');
    }
    if (lower && upper)
        return false;
    for (size_t i = 0; i < one; i++)
        c = bech32_step(c, ascii_lower(w.p[i]) >> 5);
    c = bech32_step(c, 0);
    for (size_t i = 0; i < one; i++)
        c = bech32_step(c, ascii_lower(w.p[i]) & 31);
    for (size_t i = one + 1; i < w.n; i++) {
        const char *at = w.p[i] ? strchr(charset, ascii_lower(w.p[i])) : NULL;
        if (!at)
            return false;
        c = bech32_step(c, (unsigned)(at - charset));
    }
    return c == 1 || c == 0x2bc830a3;
}

static inline uint64_t rotate(uint64_t x, unsigned n)
{
    return n ? x << n | x >> (64 - n) : x;
}

static void keccak_round(uint64_t a[25], uint64_t constant)
{
    /* Rotations by lane x + 5y (FIPS 202, table 2). */
    static const uint8_t turn[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                     25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};
    uint64_t c[5], b[25];
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; x++)
        c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma GCC unroll 25
    for (size_t i = 0; i < 25; i++)
        a[i] ^= c[(i + 4) % 5] ^ rotate(c[(i + 1) % 5], 1);
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; x++)
#pragma GCC unroll 5
        for (size_t y = 0; y < 5; y++)
            b[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(a[x + 5 * y], turn[x + 5 * y]);
#pragma GCC unroll 5
    for (size_t y = 0; y < 25; y += 5)
#pragma GCC unroll 5
        for (size_t x = 0; x < 5; x++)
            a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
    a[0] ^= constant;
}

void coin_keccak256(struct span in, uint8_t out[32])
{
    static const uint64_t constants[24] = {
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
    uint8_t block[136] = {0};
    uint64_t a[25] = {0};
    size_t n = in.n < 135 ? in.n : 135;
    memcpy(block, in.p, n);
    block[n] |= 0x01;
    block[135] |= 0x80;
    for (size_t i = 0; i < 136; i++)
        a[i / 8] ^= (uint64_t)block[i] << (8 * (i % 8));
    for (size_t r = 0; r < 24; r++)
        keccak_round(a, constants[r]);
    for (size_t i = 0; i < 32; i++)
        out[i] = (uint8_t)(a[i / 8] >> (8 * (i % 8)));
}

bool coin_eip55(struct span hex)
{
    uint8_t low[40], h[32];
    if (hex.n != 40)
        return false;
    for (size_t i = 0; i < 40; i++)
        low[i] = ascii_lower(hex.p[i]);
    coin_keccak256(span(low, 40), h);
    for (size_t i = 0; i < 40; i++) {
        bool high = (h[i / 2] >> (i % 2 ? 0 : 4) & 8) != 0;
        if (low[i] >= 'a' && (hex.p[i] != low[i]) != high)
            return false;
    }
    return true;
}
