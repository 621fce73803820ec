/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins: a value of the same kind and look that belongs to nobody. Numbers come from ranges
 * that are kept free for examples: 555-01xx and Ofcom's drama numbers, RFC 5737, 3849 and 7042
 * addresses, example.org (RFC 2606), test ranges of card schemes. Where a country keeps no phone
 * numbers free, its code, 555 01 and any digits; dates are the real ones, some weeks earlier. What
 * they are is decided by the principal's key and the value's normal form, so the same value has the
 * same stand-in in every request.
 */
#ifndef SANCTUM_TRAFFIC_MASK_SURROGATE_INT_H
#define SANCTUM_TRAFFIC_MASK_SURROGATE_INT_H

#include "mask.h"

enum {
    SURROGATE_MAX = 200,     /* bytes of a stand-in */
    SURROGATE_ATTEMPTS = 64, /* candidates for one value */
};

/*
 * Candidate `attempt` for a value of type `e` into `out` (SURROGATE_MAX bytes); returns its length,
 * 0 where the type or the way it is written has no stand-in. A PERSON is made word by word with
 * surrogate_name, `last` being the word that ends a name of several. No control characters, quotes,
 * angle brackets or backslashes.
 */
size_t surrogate_make(const struct mask_key *k, enum entity e, struct span value, unsigned attempt,
                      uint8_t *out);
size_t surrogate_name(const struct mask_key *k, struct span word, bool last, unsigned attempt,
                      uint8_t *out);

/* ---- the makers, by kind of value ---- */

static inline bool is_upper(uint8_t c)
{
    return (uint8_t)(c - 'A') < 26;
}
static inline bool is_lower(uint8_t c)
{
    return (uint8_t)(c - 'a') < 26;
}

/* Key bytes for one value and attempt, without end. */
struct dice {
    const struct mask_key *k;
    struct span what; /* the value's normal form */
    unsigned attempt, block, left;
    uint8_t b[HASH_BYTES];
};
/* 0 <= result < n. */
unsigned surrogate_roll(struct dice *d, unsigned n);
/* Give out[0..n) the capitals of `word`: JONES, jones or Jones. */
void surrogate_dress(struct span word, uint8_t *out, size_t n);
/* The value with its digits replaced, sign for sign; 0 where it holds what a stand-in may not. */
size_t surrogate_refill(struct span v, const uint8_t *digits, size_t n, uint8_t *out);

/* Each: the stand-in's length, 0 for none. */
size_t surrogate_phone(struct dice *d, struct span v, uint8_t *out);
size_t surrogate_card(struct dice *d, struct span v, uint8_t *out);
size_t surrogate_ssn(struct dice *d, struct span v, uint8_t *out);
size_t surrogate_iban(struct dice *d, struct span v, uint8_t *out);
/* Same kinds of characters in the same places. */
size_t surrogate_shape(struct dice *d, struct span v, uint8_t *out);
size_t surrogate_date(struct dice *d, struct span v, uint8_t *out);

#endif
