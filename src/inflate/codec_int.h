/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a codec is to the rest of the folder. A codec decodes all input it is given and says whether
 * its format's own end was reached; everything else (tokens, lists, limits) is the same for all.
 */
#ifndef SANCTUM_INFLATE_CODEC_INT_H
#define SANCTUM_INFLATE_CODEC_INT_H

#include "inflate.h"

struct inflate_codec {
    struct err (*begin)(void **state);
    /* Decode all of `in`. *done is in and out: true while the input so far is complete. */
    struct err (*more)(void *state, struct span in, struct buf *out, bool *done);
    void (*free)(void *state);
};

extern const struct inflate_codec inflate_codec_gzip, inflate_codec_deflate, inflate_codec_zstd,
    inflate_codec_brotli;

/*
 * Where a codec writes next: free bytes of the buffer, or, when the buffer is at its ceiling, one
 * spare byte. A stream that ends exactly at the ceiling leaves the spare byte alone; one that goes
 * on writes it, and inflate_room_keep says ERR_LIMIT.
 */
struct inflate_room {
    uint8_t *p;
    size_t n;
    uint8_t spare;
};
MUST struct err inflate_room_get(struct inflate_room *r, struct buf *out);
/* `n` bytes of the room were written. */
MUST struct err inflate_room_keep(const struct inflate_room *r, struct buf *out, size_t n);

/* A whole body with one codec. */
MUST struct err inflate_once(const struct inflate_codec *c, struct span in, struct buf *out);

#endif
