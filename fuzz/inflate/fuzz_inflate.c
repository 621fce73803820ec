/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/inflate/gzip.c src/inflate/zstd.c src/inflate/brotli.c */
/* covers: src/inflate/codec.c src/inflate/inflate.c */
/*
 * A coded body: byte 0 is the coding, byte 1 the size of the pieces, the rest the bytes; the bytes
 * are also read as a Content-Encoding value. Whole and in pieces must come out the same, and never
 * more than the ceiling.
 */
#include "inflate.h"

#include <stdlib.h>

enum { CEILING = 1 << 16 };

static void must(bool ok)
{
    if (!ok)
        abort();
}

static struct err buf_of(struct span in, struct buf *out)
{
    return buf_put(out, in);
}

/* Byte 1's parity chooses between the two ways to a codec. */
static enum err_cat at_once(enum inflate_coding c, struct span in, bool direct, struct buf *out)
{
    struct err (*const codec[])(struct span, struct buf *) = {buf_of, inflate_gzip, inflate_deflate,
                                                              inflate_zstd, inflate_brotli};
    return err_cat(direct ? codec[c](in, out) : inflate_body(c, in, out));
}

static enum err_cat in_pieces(enum inflate_coding c, struct span in, size_t step, struct buf *out)
{
    struct inflate z;
    must(!failed(inflate_begin(&z, c)));
    struct err e = OK;
    for (size_t at = 0; at < in.n && !failed(e); at += step)
        e = inflate_more(&z, span_cut(in, at, step), out);
    if (!failed(e))
        e = inflate_end(&z);
    inflate_free(&z);
    return err_cat(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span in = span(data + 2, size - 2);
    enum inflate_coding c = (enum inflate_coding)(data[0] % (INFLATE_BROTLI + 1));
    BUF_AUTO whole = buf_init(CEILING), parts = buf_init(CEILING);
    enum err_cat a = at_once(c, in, data[1] & 1, &whole);
    enum err_cat b = in_pieces(c, in, (size_t)data[1] + 1, &parts);
    must(whole.n <= CEILING && whole.cap <= CEILING && parts.n <= CEILING);
    /* libzstd compares an empty last block with the announced size only when it sees the whole
     * frame at once: then the whole is refused and the pieces pass. Never the reverse. */
    must(a != ERR_NONE || b == ERR_NONE);
    must(b != ERR_NONE || a == ERR_NONE || c == INFLATE_ZSTD);
    must(a != ERR_NONE || span_eq(buf_span(&whole), buf_span(&parts)));
    struct inflate_codings list;
    if (!failed(inflate_parse(in, &list))) {
        must(list.n <= INFLATE_CODINGS_MAX && inflate_name(c)[0] != 0);
        buf_clear(&whole);
        (void)!failed(inflate_all(&list, in, &whole));
    }
    return 0;
}
