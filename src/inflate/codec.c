/* SPDX-License-Identifier: Apache-2.0 */
/* What all codecs share: room in the output under its ceiling, and a body in one go. */
#include "codec_int.h"

enum { ROOM_BYTES = 16 * 1024 };

struct err inflate_room_get(struct inflate_room *r, struct buf *out)
{
    size_t left = out->max - out->n;
    if (left == 0) {
        r->p = &r->spare;
        r->n = 1;
        return OK;
    }
    if (out->cap == out->n)
        TRY(buf_reserve(out, left < ROOM_BYTES ? left : ROOM_BYTES));
    r->p = out->p + out->n;
    r->n = out->cap - out->n;
    return OK;
}

struct err inflate_room_keep(const struct inflate_room *r, struct buf *out, size_t n)
{
    if (n && r->p == &r->spare)
        return err(ERR_LIMIT);
    out->n += n;
    return OK;
}

struct err inflate_once(const struct inflate_codec *c, struct span in, struct buf *out)
{
    void *state = NULL;
    bool done = false;
    TRY(c->begin(&state));
    struct err e = c->more(state, in, out, &done);
    c->free(state);
    if (failed(e))
        return e;
    return done ? OK : err(ERR_INPUT);
}
