/* SPDX-License-Identifier: Apache-2.0 */
/*
 * br, by libbrotlidec. Windows reach 16 MiB (RFC 7932 §9.1; the larger ones stay off), allocated as
 * output grows. The format has no checksum: truncation is seen, a flipped bit may not be.
 */
#include "codec_int.h"

#include <brotli/decode.h>

static struct err begin(void **state)
{
    *state = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    return *state ? OK : err(ERR_NOMEM);
}

static void end(void *state)
{
    BrotliDecoderDestroyInstance(state);
}

/* The library numbers its failures: allocation ones lie between two named ends. */
static struct err category(const BrotliDecoderState *s)
{
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(s);
    bool memory = code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                  code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
    return err(memory ? ERR_NOMEM : ERR_INPUT);
}

static struct err more(void *state, struct span in, struct buf *out, bool *done)
{
    BrotliDecoderResult result = BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT;
    while (in.n || result == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        if (*done)
            return err(ERR_INPUT); /* bytes after the end */
        struct inflate_room room;
        TRY(inflate_room_get(&room, out));
        size_t left = room.n;
        uint8_t *to = room.p;
        result = BrotliDecoderDecompressStream(state, &in.n, &in.p, &left, &to, NULL);
        TRY(inflate_room_keep(&room, out, room.n - left));
        if (result == BROTLI_DECODER_RESULT_ERROR)
            return category(state);
        *done = result == BROTLI_DECODER_RESULT_SUCCESS;
    }
    return OK;
}

const struct inflate_codec inflate_codec_brotli = {begin, more, end};

struct err inflate_brotli(struct span in, struct buf *out)
{
    return inflate_once(&inflate_codec_brotli, in, out);
}
