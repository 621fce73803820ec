/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bare deflate (RFC 1951), as zip members are: no wrapper, no checksum of its own. Called by
 * readers of archives, which look at what came out even when the rest is broken.
 */
#include "codec_int.h"

#include <zlib.h>

enum { WINDOW_BITS = 15 };

static struct err step(z_stream *z, struct buf *out, bool *done)
{
    struct inflate_room room;
    TRY(inflate_room_get(&room, out));
    uInt n = room.n > UINT32_MAX ? UINT32_MAX : (uInt)room.n;
    z->next_out = room.p;
    z->avail_out = n;
    int code = inflate(z, Z_NO_FLUSH);
    TRY(inflate_room_keep(&room, out, n - z->avail_out));
    *done = code == Z_STREAM_END;
    if (code == Z_MEM_ERROR)
        return err(ERR_NOMEM);
    /* No progress with room left: the input ended too early. */
    return code == Z_OK || *done ? OK : err(ERR_INPUT);
}

struct err inflate_raw(struct span in, struct buf *out, size_t *used)
{
    z_stream z = {0};
    if (in.n > UINT32_MAX)
        in.n = UINT32_MAX;
    if (inflateInit2(&z, -WINDOW_BITS) != Z_OK)
        return err(ERR_NOMEM);
    z.next_in = (Bytef *)(uintptr_t)in.p; /* zlib's type lacks const; it only reads */
    z.avail_in = (uInt)in.n;
    bool done = false;
    struct err e = OK;
    while (!failed(e) && !done)
        e = step(&z, out, &done);
    if (used)
        *used = in.n - z.avail_in;
    inflateEnd(&z);
    return e;
}
