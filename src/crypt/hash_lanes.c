/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 messages side by side. Called for every 64 KiB of a model that is signed, and for every
 * four nodes of a full tile. */
#include "hash_lanes.h"

#include "sha_blocks_int.h"

_Static_assert((int)HASH_LANES == SHA_LANES && (int)HASH_BLOCK == SHA_BLOCK, "one size, two names");

void hash_lane_begin(struct hash_lane *l)
{
    memcpy(l->h, sha_start, sizeof l->h);
    l->n = 0;
}

/* Complete a block that was begun; what is left of the part. */
static struct span fill_tail(struct hash_lane *l, struct span part)
{
    size_t have = l->n % SHA_BLOCK, take = SHA_BLOCK - have < part.n ? SHA_BLOCK - have : part.n;
    if (!have || !take)
        return part;
    memcpy(l->tail + have, part.p, take);
    l->n += take;
    if (have + take == SHA_BLOCK)
        sha_blocks(&(uint32_t *){l->h}, &(const uint8_t *){l->tail}, 1, 1);
    return span_from(part, take);
}

/* Whole blocks of every lane that has some, as many as the shortest has. False: none has any. */
static bool absorb(struct hash_lane *const lane[], struct span rest[], size_t n)
{
    uint32_t *h[SHA_LANES];
    const uint8_t *p[SHA_LANES];
    size_t k = 0, blocks = SIZE_MAX / SHA_BLOCK;
    for (size_t i = 0; i < n; i++) {
        if (rest[i].n < SHA_BLOCK)
            continue;
        h[k] = lane[i]->h;
        p[k++] = rest[i].p;
        if (rest[i].n / SHA_BLOCK < blocks)
            blocks = rest[i].n / SHA_BLOCK;
    }
    if (!k)
        return false;
    sha_blocks(h, p, k, blocks);
    for (size_t i = 0; i < n; i++)
        if (rest[i].n >= SHA_BLOCK) {
            rest[i] = span_from(rest[i], blocks * SHA_BLOCK);
            lane[i]->n += blocks * SHA_BLOCK;
        }
    return true;
}

void hash_lanes_more(struct hash_lane *const lane[], const struct span part[], size_t n)
{
    struct span rest[HASH_LANES];
    if (n > HASH_LANES)
        __builtin_trap();
    for (size_t i = 0; i < n; i++)
        rest[i] = fill_tail(lane[i], part[i]);
    while (absorb(lane, rest, n))
        continue;
    for (size_t i = 0; i < n; i++) {
        if (!rest[i].n)
            continue;
        memcpy(lane[i]->tail, rest[i].p, rest[i].n);
        lane[i]->n += rest[i].n;
    }
}

void hash_lane_end(struct hash_lane *l, uint8_t out[HASH_BYTES])
{
    uint8_t pad[2 * SHA_BLOCK] = {0x80};
    size_t have = l->n % SHA_BLOCK, fill = (have < 56 ? 56 : 56 + SHA_BLOCK) - have;
    for (size_t i = 0; i < 8; i++)
        pad[fill + i] = (uint8_t)(l->n * 8 >> (56 - 8 * i));
    hash_lanes_more(&(struct hash_lane *){l}, &(struct span){pad, fill + 8}, 1);
    sha_put(l->h, out);
}

/* A whole message and its padding; how many blocks that makes. */
static size_t pad_short(const uint8_t *in, size_t n, uint8_t out[2 * SHA_BLOCK])
{
    size_t all = n + 9 <= SHA_BLOCK ? SHA_BLOCK : 2 * SHA_BLOCK;
    memcpy(out, in, n);
    memset(out + n, 0, all - n);
    out[n] = 0x80;
    out[all - 2] = (uint8_t)(n >> 5);
    out[all - 1] = (uint8_t)(n << 3);
    return all / SHA_BLOCK;
}

void hash_lanes_short(const uint8_t *const in[], size_t n, size_t lanes, uint8_t *const out[])
{
    uint8_t padded[SHA_LANES][2 * SHA_BLOCK];
    uint32_t state[SHA_LANES][8], *h[SHA_LANES];
    const uint8_t *p[SHA_LANES];
    size_t blocks = 0;
    if (n > HASH_SHORT_MAX || lanes > HASH_LANES)
        __builtin_trap();
    for (size_t i = 0; i < lanes; i++) {
        blocks = pad_short(in[i], n, padded[i]);
        memcpy(state[i], sha_start, sizeof state[i]);
        p[i] = padded[i];
        h[i] = state[i];
    }
    if (lanes)
        sha_blocks(h, p, lanes, blocks);
    for (size_t i = 0; i < lanes; i++)
        sha_put(state[i], out[i]);
}

bool hash_lanes_force_plain(bool plain)
{
    return sha_force_plain(plain);
}
