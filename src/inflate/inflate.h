/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Content codings (RFC 9110 §8.4): gzip (RFC 1952), deflate (RFC 1950: the zlib format, not the
 * bare one), zstd (RFC 8878), br (RFC 7932). Decoding only. The output buffer's ceiling is the
 * limit on what comes out, so a bomb costs no more than the ceiling. Strict: truncated input and
 * bytes after the end are errors; checksums are verified; further gzip members and zstd frames are
 * part of the body, as their formats say. A zstd frame may not ask for a window above 8 MiB
 * (RFC 9659), nor name a dictionary.
 *
 * A program links only the libraries of the codecs it calls: one file per library, and only
 * inflate_body and the stream reach all of them.
 */
#ifndef SANCTUM_INFLATE_INFLATE_H
#define SANCTUM_INFLATE_INFLATE_H

#include "buf.h"

enum inflate_coding {
    INFLATE_IDENTITY,
    INFLATE_GZIP,
    INFLATE_DEFLATE,
    INFLATE_ZSTD,
    INFLATE_BROTLI,
};

enum {
    INFLATE_CODINGS_MAX = 2,     /* codings one on top of the other */
    INFLATE_ZSTD_WINDOW_LOG = 23 /* 8 MiB */
};

/* Codings in the order they were applied: undo the last one first. */
struct inflate_codings {
    size_t n; /* without "identity"; 0 = nothing to undo */
    enum inflate_coding v[INFLATE_CODINGS_MAX];
};

/* One token, any case: identity, gzip, x-gzip, deflate, zstd, br. ERR_INPUT for any other. */
MUST struct err inflate_find(struct span token, enum inflate_coding *out);
/* A Content-Encoding value. Empty = none. ERR_INPUT for an unknown or empty list member, ERR_LIMIT
 * for more than INFLATE_CODINGS_MAX. */
MUST struct err inflate_parse(struct span content_encoding, struct inflate_codings *out);
/* The token as sent, "gzip". */
const char *inflate_name(enum inflate_coding c);

/*
 * Decode the whole of `in`, appending to `out`. ERR_INPUT: broken, truncated, or bytes after the
 * end. ERR_LIMIT: more than out->max bytes, or a window too large. ERR_NOMEM. After a failure `out`
 * holds what was decoded before it. identity copies.
 */
MUST struct err inflate_body(enum inflate_coding c, struct span in, struct buf *out);
/* Undo all codings, last first. `out` (which must be empty on entry) gets the result; the result
 * of an inner coding is bounded by out->max too. */
MUST struct err inflate_all(const struct inflate_codings *c, struct span in, struct buf *out);
/* The same as inflate_body for one codec, linking that codec's library alone. */
MUST struct err inflate_gzip(struct span in, struct buf *out);
MUST struct err inflate_deflate(struct span in, struct buf *out);
MUST struct err inflate_zstd(struct span in, struct buf *out);
MUST struct err inflate_brotli(struct span in, struct buf *out);

/* Bare deflate (RFC 1951), as zip members are. Bytes after its end are left; *used (may be NULL)
 * gets the length of what was read. Inputs above 4 GiB are read up to there. */
MUST struct err inflate_raw(struct span in, struct buf *out, size_t *used);
/* Compressed files, whole: bzip2 and xz streams one behind the other, or one lzma stream. */
MUST struct err inflate_bz2(struct span in, struct buf *out);
MUST struct err inflate_lzma(struct span in, struct buf *out);

/* The same piece by piece, for bodies that arrive over time and streamed answers: whatever can be
 * decoded from the bytes so far comes out at once. A zeroed stream may be given to inflate_free. */
struct inflate {
    enum inflate_coding coding;
    bool done;   /* the coding's own end was reached */
    void *state; /* owned; the codec's */
};

MUST struct err inflate_begin(struct inflate *z, enum inflate_coding c);
/* Decode all of `in`, appending to `out`, whose ceiling bounds what is in it, not the stream's sum
 * (the caller may empty it between calls). Errors as inflate_body; after one only inflate_free. */
MUST struct err inflate_more(struct inflate *z, struct span in, struct buf *out);
/* No more bytes come: ERR_INPUT when the coding had not ended. */
MUST struct err inflate_end(const struct inflate *z);
void inflate_free(struct inflate *z);

#endif
