/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Edits by position: the original bytes, and an ordered list of ranges that are replaced. Every
 * byte outside the ranges goes out as it came in. Used for request and response bodies, where a
 * value is replaced and numbers, key order, blanks and unknown members must stay.
 *
 * Invariants of a list: S1 start <= end <= in.n. S2 each edit starts at or after the end of the one
 * before; two edits at the same empty place keep their order.
 */
#ifndef SANCTUM_JSON_SPLICE_H
#define SANCTUM_JSON_SPLICE_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

struct splice_edit {
    size_t start, end; /* bytes of the original that go; start == end inserts */
    struct span with;  /* bytes that come; borrowed */
};

/* A growing list of edits in an arena. Start with splice_of. */
struct splice {
    struct span in;
    struct arena *arena;
    struct splice_edit *v;
    size_t n, cap;
    size_t out_n; /* length of the result so far: in.n - bytes gone + bytes come */
};

struct splice splice_of(struct span in, struct arena *arena);
/* Append one edit. ERR_BUG when it breaks S1 or S2 (nothing is added), ERR_LIMIT, ERR_NOMEM.
 * `with` is borrowed until the list was written. Amortised O(1). */
MUST struct err splice_add(struct splice *s, size_t start, size_t end, struct span with);
/* Append the result, s->out_n bytes, to `out`. */
MUST struct err splice_write(const struct splice *s, struct buf *out);
/*
 * The result as pieces of the original and the replacements, none empty, in order: for writev, so
 * that a large body is not copied. At most 2 * s->n + 1 pieces. ERR_LIMIT when `cap` is too small:
 * then use splice_write.
 */
MUST struct err splice_pieces(const struct splice *s, struct span *pieces, size_t cap, size_t *n);

#endif
