/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Four messages hashed side by side, in pieces as the input says. Each step is two bytes: which
 * lanes take part, and how long their pieces are (up to 255 bytes, one more for each lane after the
 * first); the pieces are the bytes behind. Checked: every digest is that of the whole message by
 * the one-message hash, with the processor's instructions and with the plain twin; short messages
 * of one length come out the same as nodes of a tree.
 */
/* covers: src/crypt/hash_lanes.c src/crypt/sha_blocks.c */
/* planted: src/crypt/hash_lanes.c | rest[i].n / SHA_BLOCK < blocks | rest[i].n / SHA_BLOCK > blocks
 */
#include "buf.h"
#include "hash_lanes.h"
#include "rd.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void in_lanes(struct rd r)
{
    struct hash_lane lanes[HASH_LANES];
    struct buf whole[HASH_LANES];
    for (size_t i = 0; i < HASH_LANES; i++) {
        hash_lane_begin(&lanes[i]);
        whole[i] = buf_init(r.n + 1);
    }
    uint64_t step;
    while (!failed(rd_le(&r, 2, &step))) {
        struct hash_lane *lane[HASH_LANES];
        struct span part[HASH_LANES];
        size_t n = 0;
        for (size_t i = 0; i < HASH_LANES; i++) {
            size_t want = (size_t)(step >> 8) + n;
            if (!(step >> i & 1) ||
                failed(rd_take(&r, want < rd_left(&r) ? want : rd_left(&r), &part[n])))
                continue;
            must(!failed(buf_put(&whole[i], part[n])));
            lane[n++] = &lanes[i];
        }
        hash_lanes_more(lane, part, n);
    }
    for (size_t i = 0; i < HASH_LANES; i++) {
        uint8_t got[HASH_BYTES], want[HASH_BYTES];
        hash_lane_end(&lanes[i], got);
        hash_sha256(buf_span(&whole[i]), want);
        must(memcmp(got, want, HASH_BYTES) == 0);
        buf_free(&whole[i]);
    }
}

static void as_nodes(struct span in)
{
    size_t n = in.n ? in.p[0] % (HASH_SHORT_MAX + 1) : 0;
    const uint8_t *message[HASH_LANES];
    uint8_t digest[HASH_LANES][HASH_BYTES], *out[HASH_LANES], want[HASH_BYTES];
    size_t lanes = 0;
    while (lanes < HASH_LANES && n && (lanes + 1) * n <= in.n) {
        message[lanes] = in.p + lanes * n;
        out[lanes] = digest[lanes];
        lanes++;
    }
    hash_lanes_short(message, n, lanes, out);
    for (size_t i = 0; i < lanes; i++) {
        hash_sha256(span(message[i], n), want);
        must(memcmp(digest[i], want, HASH_BYTES) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int plain = 0; plain < 2; plain++) {
        (void)hash_lanes_force_plain(plain);
        in_lanes(rd_of(span(data, size)));
        as_nodes(span(data, size));
    }
    (void)hash_lanes_force_plain(false);
    return 0;
}
