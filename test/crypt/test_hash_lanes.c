/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 of several messages at once: FIPS 180-4's and NIST's samples, and random lengths, places
 * and interleavings beside OpenSSL, in both engines. */
#include "unit.h"

#include "b64.h"
#include "hash_lanes.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { BYTES = 1 << 16, ROUNDS = 400 };

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

static void is_hex(const uint8_t got[HASH_BYTES], const char *want)
{
    char text[2 * HASH_BYTES + 1] = {0};
    struct wr w = wr_of(text, sizeof text - 1);
    hex_encode(&w, span(got, HASH_BYTES));
    assert_string_equal(text, want);
}

static void whole(struct span s, uint8_t out[HASH_BYTES])
{
    struct hash_lane l;
    hash_lane_begin(&l);
    hash_lanes_more(&(struct hash_lane *){&l}, &s, 1);
    hash_lane_end(&l, out);
}

static void samples(void)
{
    uint8_t out[HASH_BYTES];
    whole(SPAN_NONE, out);
    is_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    whole(SPAN_LIT("abc"), out);
    is_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    whole(SPAN_LIT("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), out);
    is_hex(out, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    whole(SPAN_LIT("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmno"
                   "pqklmnopqrlmnopqrsmnopqrstnopqrstu"),
          out);
    is_hex(out, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");

    static uint8_t a[1000];
    memset(a, 'a', sizeof a);
    struct hash_lane l[HASH_LANES], *lane[HASH_LANES];
    struct span part[HASH_LANES];
    for (size_t i = 0; i < HASH_LANES; i++) {
        hash_lane_begin(lane[i] = &l[i]);
        part[i] = span(a, sizeof a);
    }
    for (int i = 0; i < 1000; i++)
        hash_lanes_more(lane, part, HASH_LANES);
    for (size_t i = 0; i < HASH_LANES; i++) {
        hash_lane_end(&l[i], out);
        is_hex(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

/* Some lanes at a time, each given its next piece of any length, from any place. */
static void interleaved(const uint8_t *bytes)
{
    struct hash_lane l[HASH_LANES];
    size_t at[HASH_LANES], end[HASH_LANES], open = HASH_LANES;
    for (size_t i = 0; i < HASH_LANES; i++) {
        hash_lane_begin(&l[i]);
        at[i] = draw(64);
        end[i] = at[i] + draw(draw(4) ? 400 : BYTES - 64);
    }
    while (open) {
        struct hash_lane *lane[HASH_LANES];
        struct span part[HASH_LANES];
        size_t n = 0;
        for (size_t i = 0; i < HASH_LANES; i++) {
            if (draw(3) == 0)
                continue;
            size_t left = end[i] - at[i], take = draw(2) ? left : draw(left + 1);
            lane[n] = &l[i];
            part[n++] = span(bytes + at[i], take);
            at[i] += take;
        }
        hash_lanes_more(lane, part, n);
        open = 0;
        for (size_t i = 0; i < HASH_LANES; i++)
            open += at[i] < end[i];
    }
    for (size_t i = 0; i < HASH_LANES; i++) {
        uint8_t got[HASH_BYTES], want[HASH_BYTES];
        size_t n = (size_t)l[i].n;
        hash_lane_end(&l[i], got);
        assert_int_equal(EVP_Digest(bytes + end[i] - n, n, want, NULL, EVP_sha256(), NULL), 1);
        assert_memory_equal(got, want, HASH_BYTES);
    }
}

/* Every length about the padding's edges, every place in a 16-byte line. */
static void edges(const uint8_t *bytes)
{
    for (size_t n = 0; n <= 200; n++)
        for (size_t at = 0; at < 16; at += 5) {
            uint8_t got[HASH_BYTES], want[HASH_BYTES];
            whole(span(bytes + at, n), got);
            EVP_Digest(bytes + at, n, want, NULL, EVP_sha256(), NULL);
            assert_memory_equal(got, want, HASH_BYTES);
        }
}

/* Short messages, one to four at once, every length; a digest may take its message's place. */
static void shorts(uint8_t *bytes)
{
    for (size_t n = 0; n <= HASH_SHORT_MAX; n++)
        for (size_t lanes = 0; lanes <= HASH_LANES; lanes++) {
            const uint8_t *in[HASH_LANES];
            uint8_t *out[HASH_LANES], want[HASH_LANES][HASH_BYTES];
            for (size_t i = 0; i < lanes; i++) {
                in[i] = out[i] = bytes + 200 * i + draw(32);
                EVP_Digest(in[i], n, want[i], NULL, EVP_sha256(), NULL);
            }
            hash_lanes_short(in, n, lanes, out);
            for (size_t i = 0; i < lanes; i++)
                assert_memory_equal(out[i], want[i], HASH_BYTES);
        }
}

static void both_engines(void **state)
{
    (void)state;
    uint8_t *bytes = malloc(BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)draw(256);
    for (int plain = 0; plain < 2; plain++) {
        if (!hash_lanes_force_plain(plain) && !plain)
            continue;
        samples();
        edges(bytes);
        shorts(bytes);
        for (int i = 0; i < ROUNDS; i++)
            interleaved(bytes);
    }
    hash_lanes_force_plain(false);
    free(bytes);
}

/* A message over 2^32 bits counts its length in 64 bits. */
static void long_message(void **state)
{
    (void)state;
    static const uint8_t zeros[1 << 20];
    struct hash_lane l[2], *lane[2] = {&l[0], &l[1]};
    struct span part[2] = {span(zeros, sizeof zeros), span(zeros, sizeof zeros)};
    uint8_t out[HASH_BYTES];
    hash_lane_begin(&l[0]);
    hash_lane_begin(&l[1]);
    for (int i = 0; i < 600; i++)
        hash_lanes_more(lane, part, 2);
    for (int i = 0; i < 2; i++) {
        hash_lane_end(&l[i], out);
        is_hex(out, "987523e7780392e283b404990c4e84e580bc75c451138b0c86c4f81c296eeebe");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_engines),
                                       cmocka_unit_test(long_message)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
