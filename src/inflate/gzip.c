/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip and deflate, by zlib, which checks the checksums. A gzip body may be several members one
 * after the other (RFC 1952 §2.2); anything else behind a member fails as a bad member header.
 */
#include "codec_int.h"

#include <stdlib.h>
#include <zlib.h>

enum { WINDOW_BITS = 15, GZIP_WRAPPER = 16 };

struct zlib_state {
    z_stream z;
    bool members; /* another member may follow */
};

static struct err category(int code)
{
    return err(code == Z_MEM_ERROR ? ERR_NOMEM : ERR_INPUT);
}

static struct err begin(void **state, int bits, bool members)
{
    struct zlib_state *s = calloc(1, sizeof *s);
    if (!s)
        return err(ERR_NOMEM);
    s->members = members;
    int code = inflateInit2(&s->z, bits);
    if (code != Z_OK) {
        free(s);
        return category(code);
    }
    *state = s;
    return OK;
}

static struct err begin_gzip(void **state)
{
    return begin(state, WINDOW_BITS + GZIP_WRAPPER, true);
}

static struct err begin_deflate(void **state)
{
    return begin(state, WINDOW_BITS, false);
}

static void end(void *state)
{
    struct zlib_state *s = state;
    if (!s)
        return;
    inflateEnd(&s->z);
    free(s);
}

/* One call of zlib. *full: it filled the room, so there may be more to come out. */
static struct err step(struct zlib_state *s, struct buf *out, bool *done, bool *full)
{
    struct inflate_room room;
    TRY(inflate_room_get(&room, out));
    uInt n = room.n > UINT32_MAX ? UINT32_MAX : (uInt)room.n;
    s->z.next_out = room.p;
    s->z.avail_out = n;
    int code = inflate(&s->z, Z_NO_FLUSH);
    TRY(inflate_room_keep(&room, out, n - s->z.avail_out));
    *full = s->z.avail_out == 0;
    *done = code == Z_STREAM_END;
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR)
        return OK;
    return category(code); /* Z_NEED_DICT too: no dictionary is ever agreed on */
}

static struct err more(void *state, struct span in, struct buf *out, bool *done)
{
    struct zlib_state *s = state;
    bool full = false;
    while (in.n || s->z.avail_in || (full && !*done)) {
        if (s->z.avail_in == 0 && in.n) {
            size_t n = in.n > UINT32_MAX ? UINT32_MAX : in.n;
            s->z.next_in = (Bytef *)(uintptr_t)in.p; /* zlib's type lacks const; it only reads */
            s->z.avail_in = (uInt)n;
            in = span_from(in, n);
        }
        if (*done && !s->members)
            return err(ERR_INPUT);
        if (*done && inflateReset(&s->z) != Z_OK)
            return err(ERR_BUG);
        TRY(step(s, out, done, &full));
    }
    return OK;
}

const struct inflate_codec inflate_codec_gzip = {begin_gzip, more, end};
const struct inflate_codec inflate_codec_deflate = {begin_deflate, more, end};

struct err inflate_gzip(struct span in, struct buf *out)
{
    return inflate_once(&inflate_codec_gzip, in, out);
}

struct err inflate_deflate(struct span in, struct buf *out)
{
    return inflate_once(&inflate_codec_deflate, in, out);
}
