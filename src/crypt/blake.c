/* SPDX-License-Identifier: Apache-2.0 */
/* See blake.h. Called per file of a model whose manifest asks for these digests: seldom. */
#include "blake.h"

#include <openssl/evp.h>

struct err blake2b_begin(struct blake2b *h)
{
    h->ctx = EVP_MD_CTX_new();
    if (!h->ctx)
        return err(ERR_NOMEM);
    if (EVP_DigestInit_ex(h->ctx, EVP_blake2b512(), NULL) == 1)
        return OK;
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
    return err(ERR_CLOSED);
}

struct err blake2b_more(struct blake2b *h, struct span in)
{
    return EVP_DigestUpdate(h->ctx, in.p, in.n) == 1 ? OK : err(ERR_BUG);
}

struct err blake2b_end(struct blake2b *h, uint8_t out[BLAKE2B_BYTES])
{
    bool good = EVP_DigestFinal_ex(h->ctx, out, NULL) == 1;
    EVP_MD_CTX_free(h->ctx);
    h->ctx = NULL;
    return good ? OK : err(ERR_BUG);
}

/* ---- BLAKE3 ---- */

enum {
    CHUNK_START = 1,
    CHUNK_END = 2,
    PARENT = 4,
    ROOT = 8,
    BLOCK = 64,
    CHUNK_BLOCKS = 16,
    ROUNDS = 7
};

static const uint32_t iv[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                               0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static inline uint32_t turn(uint32_t v, unsigned n)
{
    return v >> n | v << (32 - n);
}

static inline void mix(uint32_t *v, int a, int b, int c, int d, uint32_t x, uint32_t y)
{
    v[a] += v[b] + x;
    v[d] = turn(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = turn(v[b] ^ v[c], 12);
    v[a] += v[b] + y;
    v[d] = turn(v[d] ^ v[a], 8);
    v[c] += v[d];
    v[b] = turn(v[b] ^ v[c], 7);
}

/* The compression function; `out` gets the first eight words. */
static void compress(const uint32_t cv[8], const uint8_t block[BLOCK], uint64_t counter,
                     uint32_t len, uint32_t flags, uint32_t out[8])
{
    static const uint8_t order[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
    uint32_t m[16], next[16], v[16];
    for (unsigned i = 0; i < 16; i++)
        m[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
               (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
    memcpy(v, cv, 32);
    memcpy(v + 8, iv, 16);
    v[12] = (uint32_t)counter;
    v[13] = (uint32_t)(counter >> 32);
    v[14] = len;
    v[15] = flags;
    for (unsigned r = 0; r < ROUNDS; r++) {
        for (int i = 0; i < 4; i++)
            mix(v, i, 4 + i, 8 + i, 12 + i, m[2 * i], m[2 * i + 1]);
        for (int i = 0; i < 4; i++)
            mix(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[8 + 2 * i],
                m[9 + 2 * i]);
        for (unsigned i = 0; i < 16; i++)
            next[i] = m[order[i]];
        memcpy(m, next, sizeof m);
    }
    for (unsigned i = 0; i < 8; i++)
        out[i] = v[i] ^ v[i + 8];
}

static void parent(const uint32_t left[8], const uint32_t right[8], uint32_t flags, uint32_t out[8])
{
    uint8_t block[BLOCK];
    for (unsigned i = 0; i < 16; i++) {
        uint32_t w = i < 8 ? left[i] : right[i - 8];
        for (unsigned b = 0; b < 4; b++)
            block[4 * i + b] = (uint8_t)(w >> (8 * b));
    }
    compress(iv, block, 0, BLOCK, PARENT | flags, out);
}

void blake3_begin(struct blake3 *h)
{
    *h = (struct blake3){0};
    memcpy(h->cv, iv, sizeof iv);
}

/* The chunk in hand is complete and not the last: merge what became whole subtrees. */
static void chunk_done(struct blake3 *h)
{
    uint32_t cv[8];
    compress(h->cv, h->block, h->chunk, (uint32_t)h->block_n,
             CHUNK_END | (h->blocks == 0 ? CHUNK_START : 0), cv);
    h->chunk++;
    for (uint64_t n = h->chunk; (n & 1) == 0; n >>= 1)
        parent(h->tree[--h->tree_n], cv, 0, cv);
    memcpy(h->tree[h->tree_n++], cv, sizeof cv);
    memcpy(h->cv, iv, sizeof iv);
    h->block_n = h->blocks = 0;
    memset(h->block, 0, sizeof h->block);
}

void blake3_more(struct blake3 *h, struct span in)
{
    while (in.n) {
        if (h->block_n == BLOCK && h->blocks == CHUNK_BLOCKS - 1) {
            chunk_done(h);
        } else if (h->block_n == BLOCK) {
            compress(h->cv, h->block, h->chunk, BLOCK, h->blocks == 0 ? CHUNK_START : 0, h->cv);
            h->blocks++;
            h->block_n = 0;
            memset(h->block, 0, sizeof h->block);
        }
        size_t n = BLOCK - h->block_n < in.n ? BLOCK - h->block_n : in.n;
        memcpy(h->block + h->block_n, in.p, n);
        h->block_n += n;
        in = span_from(in, n);
    }
}

void blake3_end(struct blake3 *h, uint8_t out[BLAKE3_BYTES])
{
    uint32_t cv[8];
    uint32_t root = h->tree_n ? 0 : ROOT;
    compress(h->cv, h->block, h->chunk, (uint32_t)h->block_n,
             CHUNK_END | (h->blocks == 0 ? CHUNK_START : 0) | root, cv);
    while (h->tree_n) {
        h->tree_n--;
        parent(h->tree[h->tree_n], cv, h->tree_n ? 0 : ROOT, cv);
    }
    for (unsigned i = 0; i < BLAKE3_BYTES; i++)
        out[i] = (uint8_t)(cv[i / 4] >> (8 * (i % 4)));
}
