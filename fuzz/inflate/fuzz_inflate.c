/* SPDX-License-Identifier: Apache-2.0 */
/* covers: src/inflate/gzip.c src/inflate/zstd.c src/inflate/brotli.c src/inflate/raw.c */
/* covers: src/inflate/archive.c src/inflate/codec.c src/inflate/inflate.c */
/* planted: src/inflate/codec.c | if (n && r->p == &r->spare) | if (n > 1 && r->p == &r->spare) */
/*
 * A coded body: byte 0 is the coding, byte 1 the size of the pieces, the rest the bytes; the bytes
 * are also read as a Content-Encoding value. Whole and in pieces must come out the same, and never
 * more than the ceiling. Past the codings of HTTP byte 0 means what archives hold: bare deflate,
 * which says where it ended, bzip2 and xz, which read on.
 */
#include "inflate.h"

#include <stdlib.h>

enum { CEILING = 1 << 16, RAW = INFLATE_BROTLI + 1, BZ2, LZMA, KINDS };

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

/* A body in one of HTTP's codings. */
static void body(enum inflate_coding c, uint8_t step, struct span in)
{
    BUF_AUTO whole = buf_init(CEILING), parts = buf_init(CEILING);
    enum err_cat a = at_once(c, in, step & 1, &whole);
    enum err_cat b = in_pieces(c, in, (size_t)step + 1, &parts);
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
        must(whole.n <= CEILING);
    }
    list = (struct inflate_codings){2, {c, INFLATE_GZIP}};
    buf_clear(&whole);
    (void)!failed(inflate_all(&list, in, &whole));
    must(whole.n <= CEILING);
}

/* What follows the end of bare deflate is not looked at. */
static void raw(struct span in)
{
    BUF_AUTO once = buf_init(CEILING), again = buf_init(CEILING);
    size_t used, n;
    enum err_cat a = err_cat(inflate_raw(in, &once, &used));
    must(used <= in.n && once.n <= CEILING);
    must(a != ERR_NONE || (!failed(inflate_raw(span_cut(in, 0, used), &again, &n)) && n == used));
    must(a != ERR_NONE || span_eq(buf_span(&once), buf_span(&again)));
}

/* A file behind itself is its content twice; the older lzma has no such thing. */
static void archive(struct err (*decode)(struct span, struct buf *), struct span in)
{
    BUF_AUTO once = buf_init(CEILING), twice = buf_init(2 * CEILING), file = buf_init(2 * in.n);
    enum err_cat a = err_cat(decode(in, &once));
    must(once.n <= CEILING);
    if (a != ERR_NONE || (decode == inflate_lzma && !span_starts(in, SPAN_LIT("\xfd"
                                                                              "7zXZ"))))
        return;
    must(!failed(buf_put(&file, in)) && !failed(buf_put(&file, in)));
    must(!failed(decode(buf_span(&file), &twice)) && twice.n == 2 * once.n);
    must(span_eq(span_cut(buf_span(&twice), once.n, once.n), buf_span(&once)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct span in = span(data + 2, size - 2);
    switch (data[0] % KINDS) {
    case RAW:
        raw(in);
        break;
    case BZ2:
        archive(inflate_bz2, in);
        break;
    case LZMA:
        archive(inflate_lzma, in);
        break;
    default:
        body((enum inflate_coding)(data[0] % KINDS), data[1], in);
        break;
    }
    return 0;
}
