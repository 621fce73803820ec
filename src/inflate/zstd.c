/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zstd, by libzstd. A body is one or more frames (RFC 8878 §3); skippable frames are skipped. The
 * window is capped, so a frame head of a few bytes cannot ask for gigabytes.
 */
#include "codec_int.h"

#include <zstd.h>
#include <zstd_errors.h>

static struct err category(size_t code)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        return err(ERR_LIMIT);
    case ZSTD_error_memory_allocation:
        return err(ERR_NOMEM);
    default:
        return err(ERR_INPUT);
    }
}

static struct err begin(void **state)
{
    ZSTD_DCtx *d = ZSTD_createDCtx();
    if (!d)
        return err(ERR_NOMEM);
    if (ZSTD_isError(ZSTD_DCtx_setParameter(d, ZSTD_d_windowLogMax, INFLATE_ZSTD_WINDOW_LOG))) {
        ZSTD_freeDCtx(d);
        return err(ERR_BUG);
    }
    *state = d;
    return OK;
}

static void end(void *state)
{
    ZSTD_freeDCtx(state);
}

static struct err more(void *state, struct span in, struct buf *out, bool *done)
{
    ZSTD_inBuffer from = {in.p, in.n, 0};
    bool full = false;
    while (from.pos < from.size || (full && !*done)) {
        struct inflate_room room;
        TRY(inflate_room_get(&room, out));
        ZSTD_outBuffer to = {room.p, room.n, 0};
        size_t code = ZSTD_decompressStream(state, &to, &from);
        TRY(inflate_room_keep(&room, out, to.pos));
        if (ZSTD_isError(code))
            return category(code);
        *done = code == 0; /* a frame is decoded and flushed; another may follow */
        full = to.pos == to.size;
    }
    return OK;
}

const struct inflate_codec inflate_codec_zstd = {begin, more, end};

struct err inflate_zstd(struct span in, struct buf *out)
{
    return inflate_once(&inflate_codec_zstd, in, out);
}
