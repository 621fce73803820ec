/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/http/sse.c */
/* planted: src/http/sse.c | if (value.n > max) | if (value.n > max + 1) */
/*
 * A stream: byte 0 is its kind (low bit) and the size of the pieces, the rest the bytes. In one
 * piece and in many the events must be the same, and what the writer makes of an event must be read
 * back as that event.
 */
#include "sse.h"

#include <stdlib.h>

enum { HOLD_MAX = 300, OUT_MAX = 1 << 22 };

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void put(struct buf *out, struct span s)
{
    must(!failed(buf_put(out, s)) && !failed(buf_put_u8(out, 0xff)));
}

static void note(struct buf *out, const struct sse_event *e)
{
    must(e->name.n <= SSE_NAME_MAX && e->id.n <= SSE_ID_MAX);
    put(out, e->name);
    put(out, e->id);
    put(out, e->data);
    must(!failed(buf_put_u64(out, e->has_retry ? e->retry_ms + 1 : 0)));
}

/* Everything the stream says, as text. */
static enum err_cat run(enum sse_kind kind, struct span in, size_t step, struct buf *out)
{
    BUF_AUTO hold = buf_init(HOLD_MAX);
    struct sse s;
    struct sse_event e;
    sse_init(&s, kind, &hold);
    for (size_t at = 0; at < in.n; at += step) {
        struct span piece = span_cut(in, at, step);
        struct err r = OK;
        while (!failed(r)) {
            size_t used;
            r = sse_next(&s, piece, &used, &e);
            must(used <= piece.n);
            piece = span_from(piece, used);
            if (!failed(r))
                note(out, &e);
        }
        if (err_cat(r) != ERR_AGAIN)
            return err_cat(r);
        must(piece.n == 0);
    }
    struct err r = sse_end(&s, &e);
    if (!failed(r))
        note(out, &e);
    return err_cat(r);
}

static void write_back(struct span text)
{
    BUF_AUTO out = buf_init(OUT_MAX), said = buf_init(OUT_MAX), want = buf_init(OUT_MAX);
    struct span name = span_cut(text, 0, text.n / 4), data = span_from(text, text.n / 4);
    (void)!failed(sse_write_comment(&out, name));
    buf_clear(&out);
    if (failed(sse_write(&out, name, data)) || out.n > HOLD_MAX || name.n > SSE_NAME_MAX)
        return;
    note(&want, &(struct sse_event){.name = name, .data = data});
    must(run(SSE_EVENTS, buf_span(&out), out.n, &said) == ERR_CLOSED);
    must(span_eq(buf_span(&said), buf_span(&want)));
    buf_clear(&out);
    must(!failed(sse_write_line(&out, data)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct span in = span(data + 1, size - 1);
    enum sse_kind kind = data[0] & 1 ? SSE_LINES : SSE_EVENTS;
    BUF_AUTO whole = buf_init(OUT_MAX), parts = buf_init(OUT_MAX);
    enum err_cat a = run(kind, in, in.n ? in.n : 1, &whole);
    enum err_cat b = run(kind, in, (size_t)(data[0] >> 1) + 1, &parts);
    must(a == b && span_eq(buf_span(&whole), buf_span(&parts)));
    write_back(in);
    return 0;
}
