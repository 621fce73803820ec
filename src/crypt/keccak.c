/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak-f[1600] and the sponge. Called by mlkem.c and the age engine's hybrid stanza; rare. */
#define _DEFAULT_SOURCE
#include "keccak.h"

#include <string.h>

static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};
/* Along the walk of ρ and π: which lane comes next and by how much it turns (never by 0). */
static const uint8_t walk_lane[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                      15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
static const uint8_t walk_turn[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                      27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};

static inline uint64_t turn(uint64_t v, unsigned by)
{
    return v << by | v >> (64 - by);
}

static void mix_columns(uint64_t s[25])
{
    uint64_t c[5];
    for (int x = 0; x < 5; x++)
        c[x] = s[x] ^ s[x + 5] ^ s[x + 10] ^ s[x + 15] ^ s[x + 20];
    for (int x = 0; x < 5; x++) {
        uint64_t d = c[(x + 4) % 5] ^ turn(c[(x + 1) % 5], 1);
        for (int y = 0; y < 25; y += 5)
            s[y + x] ^= d;
    }
}

static void permute(uint64_t s[25])
{
    for (int round = 0; round < 24; round++) {
        mix_columns(s);
        uint64_t carried = s[1];
        for (int i = 0; i < 24; i++) {
            uint64_t next = s[walk_lane[i]];
            s[walk_lane[i]] = turn(carried, walk_turn[i]);
            carried = next;
        }
        for (int y = 0; y < 25; y += 5) {
            uint64_t row[5];
            memcpy(row, s + y, sizeof row);
            for (int x = 0; x < 5; x++)
                s[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
        }
        s[0] ^= round_constants[round];
    }
}

struct keccak keccak_begin(enum keccak_kind kind)
{
    static const uint8_t rates[] = {136, 72, 168, 136};
    static const uint8_t suffixes[] = {0x06, 0x06, 0x1f, 0x1f};
    return (struct keccak){.rate = rates[kind], .suffix = suffixes[kind]};
}

static void xor_byte(struct keccak *k, unsigned at, uint8_t v)
{
    k->lanes[at / 8] ^= (uint64_t)v << (8 * (at % 8));
}

void keccak_absorb(struct keccak *k, struct span in)
{
    for (size_t i = 0; i < in.n; i++) {
        xor_byte(k, k->at++, in.p[i]);
        if (k->at == k->rate) {
            permute(k->lanes);
            k->at = 0;
        }
    }
}

void keccak_squeeze(struct keccak *k, uint8_t *out, size_t n)
{
    if (!k->squeezing) {
        xor_byte(k, k->at, k->suffix);
        xor_byte(k, k->rate - 1, 0x80);
        k->at = k->rate;
        k->squeezing = true;
    }
    for (size_t i = 0; i < n; i++) {
        if (k->at == k->rate) {
            permute(k->lanes);
            k->at = 0;
        }
        out[i] = (uint8_t)(k->lanes[k->at / 8] >> (8 * (k->at % 8)));
        k->at++;
    }
}

void keccak_wipe(struct keccak *k)
{
    explicit_bzero(k, sizeof *k);
}

void keccak_parts(enum keccak_kind kind, const struct span *parts, size_t count, uint8_t *out,
                  size_t n)
{
    struct keccak k = keccak_begin(kind);
    for (size_t i = 0; i < count; i++)
        keccak_absorb(&k, parts[i]);
    keccak_squeeze(&k, out, n);
    keccak_wipe(&k);
}
