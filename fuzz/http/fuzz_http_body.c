/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/http/body.c */
/* planted: src/http/body.c | b->framing != HTTP_UNTIL_CLOSE && n > b->left | b->framing !=
 * HTTP_UNTIL_CLOSE */
/*
 * A body: byte 0 is the framing, byte 1 the length or the size of the pieces, the rest the bytes.
 * In one piece and in many the content must be the same.
 */
#include "buf.h"
#include "http.h"

#include <stdlib.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

struct outcome {
    enum err_cat cat;
    size_t used;
};

static struct outcome drain(const struct http_head *h, struct span in, size_t step, struct buf *out)
{
    struct http_body b;
    struct outcome o = {ERR_NONE, 0};
    http_body_init(&b, h);
    size_t end = step < in.n ? step : in.n;
    while (!http_body_done(&b)) {
        struct span content;
        size_t n;
        struct err e = http_body_next(&b, span_cut(in, o.used, end - o.used), &n, &content, NULL);
        must(!failed(buf_put(out, content)));
        o.used += n;
        o.cat = err_cat(e);
        if (failed(e) && o.cat != ERR_AGAIN)
            return o;
        if (o.used == end && end == in.n)
            break;
        if (o.used == end)
            end = in.n - end < step ? in.n : end + step;
    }
    must(b.total == out->n);
    o.cat = err_cat(http_body_eof(&b));
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    static const enum http_framing framings[] = {HTTP_CHUNKED, HTTP_LENGTH, HTTP_UNTIL_CLOSE,
                                                 HTTP_NO_BODY};
    struct http_head h = {.framing = framings[data[0] % 4], .length = (uint64_t)data[1] + 1};
    struct span in = span(data + 2, size - 2);
    BUF_AUTO whole = buf_init(size), parts = buf_init(size);
    struct outcome a = drain(&h, in, in.n, &whole);
    struct outcome b = drain(&h, in, (size_t)data[1] + 1, &parts);
    must(a.cat == b.cat && a.used == b.used && span_eq(buf_span(&whole), buf_span(&parts)));
    return 0;
}
