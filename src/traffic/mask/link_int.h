/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the query of a link says: "https://shop.example/find?q=Ada%20Lovelace&lang=en". The tagger
 * looks at no word inside a link, so that hosts and paths are not taken for people; a parameter's
 * value is what somebody typed into a field.
 */
#ifndef SANCTUM_TRAFFIC_MASK_LINK_INT_H
#define SANCTUM_TRAFFIC_MASK_LINK_INT_H

#include "finding.h"
#include "span.h"

enum { LINK_VALUE_MAX = 2048 }; /* bytes of a value that are read; what is longer is cut */

struct link_walk {
    size_t at, end; /* private: in the link at hand */
};

struct link_value {
    struct span key;                  /* as it is written */
    size_t n;                         /* bytes of the value, decoded */
    uint8_t text[LINK_VALUE_MAX];     /* %41 is A, + is a blank */
    uint32_t raw[LINK_VALUE_MAX + 1]; /* where each byte of it begins in the text */
};

/* The next value that may name somebody: two words, or one of a field called so. False: no more. */
bool link_next(struct span text, struct link_walk *k, struct link_value *out);
/* A finding in out->text as one of the text. */
void link_back(const struct link_value *v, struct finding *f);

#endif
