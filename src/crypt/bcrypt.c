/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blowfish with bcrypt's costly key schedule, and the key derivation OpenSSH makes of it. Once a
 * private key under a passphrase, for tens of milliseconds. Its tables are looked up by secret
 * bytes, as the function prescribes: not for a machine shared with whoever wants the passphrase.
 */
#define _DEFAULT_SOURCE
#include "bcrypt.h"
#include "light.h"
#include "wr.h"

#include "pi_words_int.h"

enum { ROUNDS = 16, BOX = 256, SUBKEYS = ROUNDS + 2, OUT = 32, WORDS = OUT / 4, REPEAT = 64 };

struct blowfish {
    uint32_t p[SUBKEYS], s[4][BOX];
};

static void encipher(const struct blowfish *b, uint32_t *left, uint32_t *right)
{
    uint32_t l = *left ^ b->p[0], r = *right;
    for (int i = 1; i <= ROUNDS; i++) {
        uint32_t f = ((b->s[0][l >> 24] + b->s[1][l >> 16 & 255]) ^ b->s[2][l >> 8 & 255]) +
                     b->s[3][l & 255];
        uint32_t next = r ^ f ^ b->p[i];
        r = l;
        l = next;
    }
    *left = r ^ b->p[ROUNDS + 1];
    *right = l;
}

/* The next four bytes of a digest that is read round and round, as a big-endian number. */
static uint32_t next_word(const uint8_t *digest, size_t *at)
{
    const uint8_t *p = digest + *at;
    *at = (*at + 4) % LIGHT_SHA512;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Mix a key in, and a salt where there is one. */
static void expand(struct blowfish *b, const uint8_t *salt, const uint8_t key[LIGHT_SHA512])
{
    uint32_t l = 0, r = 0, *boxes = &b->s[0][0];
    size_t at = 0;
    for (int i = 0; i < SUBKEYS; i++)
        b->p[i] ^= next_word(key, &at);
    at = 0;
    for (int i = 0; i < SUBKEYS + 4 * BOX; i += 2) {
        if (salt) {
            l ^= next_word(salt, &at);
            r ^= next_word(salt, &at);
        }
        encipher(b, &l, &r);
        uint32_t *to = i < SUBKEYS ? b->p + i : boxes + (i - SUBKEYS);
        to[0] = l;
        to[1] = r;
    }
}

static void hash(const uint8_t pass[LIGHT_SHA512], const uint8_t salt[LIGHT_SHA512],
                 uint8_t out[OUT])
{
    static const uint8_t text[OUT + 1] = "OxychromaticBlowfishSwatDynamite";
    struct blowfish b;
    uint32_t words[WORDS];
    memcpy(b.p, pi_words, sizeof b.p);
    memcpy(b.s, pi_words + SUBKEYS, sizeof b.s);
    expand(&b, salt, pass);
    for (int i = 0; i < REPEAT; i++) {
        expand(&b, NULL, salt);
        expand(&b, NULL, pass);
    }
    size_t at = 0;
    for (int i = 0; i < WORDS; i++)
        words[i] = next_word(text, &at);
    for (int i = 0; i < REPEAT; i++)
        for (int k = 0; k < WORDS; k += 2)
            encipher(&b, &words[k], &words[k + 1]);
    for (int i = 0; i < OUT; i++)
        out[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
    explicit_bzero(&b, sizeof b);
    explicit_bzero(words, sizeof words);
}

/* Block `count` of the derived key: the sum of `rounds` hashes, each salted with the one before. */
static void block(const uint8_t pass[LIGHT_SHA512], struct span salt, uint32_t count,
                  uint64_t rounds, uint8_t sum[OUT])
{
    uint8_t number[4], salted[LIGHT_SHA512], one[OUT];
    struct wr w = wr_of(number, sizeof number);
    wr_be(&w, sizeof number, count);
    struct span parts[] = {salt, {number, sizeof number}}, last = {one, OUT};
    light_sha512(parts, 2, salted);
    hash(pass, salted, one);
    memcpy(sum, one, OUT);
    for (uint64_t i = 1; i < rounds; i++) {
        light_sha512(&last, 1, salted);
        hash(pass, salted, one);
        for (int k = 0; k < OUT; k++)
            sum[k] ^= one[k];
    }
    explicit_bzero(salted, sizeof salted);
    explicit_bzero(one, sizeof one);
}

struct err bcrypt_pbkdf(struct span passphrase, struct span salt, uint64_t rounds, uint8_t *out,
                        size_t n)
{
    uint8_t pass[LIGHT_SHA512], sum[OUT];
    if (passphrase.n == 0 || salt.n == 0 || rounds == 0 || n == 0)
        return err(ERR_INPUT);
    if (n > BCRYPT_KEY_MAX || salt.n > BCRYPT_SALT_MAX || rounds > BCRYPT_ROUNDS_MAX)
        return err(ERR_LIMIT);
    /* The blocks' bytes alternate in the key: whoever wants any part of it pays for all of it. */
    size_t blocks = (n + OUT - 1) / OUT;
    light_sha512(&passphrase, 1, pass);
    for (size_t i = 0; i < blocks; i++) {
        block(pass, salt, (uint32_t)i + 1, rounds, sum);
        for (size_t k = 0; i + k * blocks < n && k < (n + blocks - 1) / blocks; k++)
            out[i + k * blocks] = sum[k];
    }
    explicit_bzero(pass, sizeof pass);
    explicit_bzero(sum, sizeof sum);
    return OK;
}
