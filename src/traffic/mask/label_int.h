/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of members: {"Ada Lovelace": {"paid": true}}. The tagger takes what stands before a colon
 * for the label of what follows, as it mostly is; tables by person are what tools answer, too.
 */
#ifndef SANCTUM_TRAFFIC_MASK_LABEL_INT_H
#define SANCTUM_TRAFFIC_MASK_LABEL_INT_H

#include "span.h"

enum { LABEL_MAX = 80 }; /* bytes; a longer one is no name */

/* The next text in quotes before a colon that may name somebody: two words or more, of letters and
 * the signs in names alone. *at is 0 at first. False: no more. */
bool label_next(struct span text, size_t *at, struct span *label);
/* Two words or more, as a person has who is named by first and last name: they alone are looked at.
 */
bool label_has_two_words(struct span s);

#endif
