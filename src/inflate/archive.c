/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bzip2 (libbz2) and xz or the older lzma (liblzma): compressed files, never HTTP bodies. Called by
 * the inspection of model files; memory of the decoders is bounded.
 */
#include "codec_int.h"

#include <bzlib.h>
#include <lzma.h>

enum { LZMA_MEMORY = 64 << 20 };

/* One stream: BZ_STREAM_END, or why it stopped. *e: the output's ceiling. */
static int bz2_stream(bz_stream *z, struct buf *out, struct err *e)
{
    int code = BZ_OK;
    while (code == BZ_OK) {
        struct inflate_room room;
        *e = inflate_room_get(&room, out);
        if (failed(*e))
            break;
        unsigned n = room.n > UINT32_MAX ? UINT32_MAX : (unsigned)room.n;
        z->next_out = (char *)room.p;
        z->avail_out = n;
        code = BZ2_bzDecompress(z);
        *e = inflate_room_keep(&room, out, n - z->avail_out);
        if (failed(*e))
            break;
        if (code == BZ_OK && z->avail_in == 0 && z->avail_out)
            code = BZ_UNEXPECTED_EOF;
    }
    return code;
}

struct err inflate_bz2(struct span in, struct buf *out)
{
    if (in.n > UINT32_MAX)
        return err(ERR_LIMIT);
    /* Streams may follow each other; bzip2 and Python read on. */
    do {
        bz_stream z = {0};
        if (BZ2_bzDecompressInit(&z, 0, 0) != BZ_OK)
            return err(ERR_NOMEM);
        z.next_in = (char *)(uintptr_t)in.p; /* only read */
        z.avail_in = (unsigned)in.n;
        struct err e = OK;
        int code = bz2_stream(&z, out, &e);
        in = span_from(in, in.n - z.avail_in);
        BZ2_bzDecompressEnd(&z);
        TRY(e);
        if (code != BZ_STREAM_END)
            return err(code == BZ_MEM_ERROR ? ERR_NOMEM : ERR_INPUT);
    } while (in.n);
    return OK;
}

struct err inflate_lzma(struct span in, struct buf *out)
{
    lzma_stream z = LZMA_STREAM_INIT;
    if (lzma_auto_decoder(&z, LZMA_MEMORY, LZMA_CONCATENATED) != LZMA_OK)
        return err(ERR_NOMEM);
    z.next_in = in.p;
    z.avail_in = in.n;
    struct err e = OK;
    lzma_ret code = LZMA_OK;
    while (!failed(e) && code == LZMA_OK) {
        struct inflate_room room;
        e = inflate_room_get(&room, out);
        if (failed(e))
            break;
        z.next_out = room.p;
        z.avail_out = room.n;
        code = lzma_code(&z, LZMA_FINISH);
        e = inflate_room_keep(&room, out, room.n - z.avail_out);
    }
    size_t left = z.avail_in;
    lzma_end(&z);
    if (failed(e) || (code == LZMA_STREAM_END && !left))
        return e;
    return err(code == LZMA_MEM_ERROR        ? ERR_NOMEM
               : code == LZMA_MEMLIMIT_ERROR ? ERR_LIMIT
                                             : ERR_INPUT);
}
