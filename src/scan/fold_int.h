/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folding: digits, blanks and dashes of all kinds become the ASCII ones, what nobody sees goes.
 * Recognisers see the folded text; findings are moved back to the text as it is.
 */
#ifndef SANCTUM_SCAN_FOLD_H
#define SANCTUM_SCAN_FOLD_H

#include "buf.h"
#include "finding.h"

/* A folded byte that is not simply the next original one: folded offset `now` stands for the
 * `width` original bytes at `was`; the bytes after it follow one to one until the next step. */
struct fold_step {
    uint32_t now, was, width;
};
struct fold_steps {
    struct fold_step *v;
    size_t n, cap;
    size_t base; /* folded offset of the first byte of fold_append's `out` */
    /* Folded offsets behind characters that were removed. */
    uint32_t *joint;
    size_t joints, joint_cap;
};
void fold_steps_free(struct fold_steps *s);
/* Where the next character of t stands, from `from` on, that folding changes; t.n when there is
 * none. *width: its bytes, *to: the ASCII byte, 0 where it goes. What stands before it is copied to
 * `copy` in the same pass unless that is NULL; it has room for all of t from `from` on, and what
 * lies behind the copied bytes may be written, too. The plain twin does without vectors. */
size_t fold_next(struct span t, size_t from, uint8_t *copy, size_t *width, uint8_t *to);
size_t fold_next_plain(struct span t, size_t from, uint8_t *copy, size_t *width, uint8_t *to);
/* Append the folded form of `t`, which begins at offset `was` of the original, to `out`. */
MUST struct err fold_append(struct span t, size_t was, struct buf *out, struct fold_steps *steps);
/* Is there a character in t that folding changes? About 10 GB/s on ASCII. */
bool fold_needed(struct span t);
/* Folded offset to original; `end` picks the end of the character before rather than its start.
 * *near is how many steps stand before the offset: a guess, then so. */
size_t fold_map(const struct fold_steps *s, size_t *near, size_t at, bool end);
/* The same for both ends of f->v[first..], whose offsets begin at `base`. */
void fold_map_back(const struct fold_steps *s, size_t base, struct findings *f, size_t first);

/* One code point without case and accents: "É" to "e", "Ж" to "ж". Returns bytes written (<= 4). */
size_t fold_letter(uint32_t cp, uint8_t out[4]);

#endif
