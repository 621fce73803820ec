/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of `sanctum key` share.
 *
 *   key.c    the command: options, printing
 *   place.c  where the keys are: in the state directory when no daemon runs (the command then holds
 *            the state lock), behind the control socket when one does
 */
#ifndef SANCTUM_CMD_KEY_KEY_INT_H
#define SANCTUM_CMD_KEY_KEY_INT_H

#include "keytable.h"
#include "statebooks.h"

struct place {
    struct statebooks books;
    void *memory;           /* of the table */
    struct key_table table; /* all keys, a copy when remote */
};

/* Open and read all keys. On failure books.why says it. */
MUST struct err place_open(struct place *p, const char *state);
void place_close(struct place *p);
MUST struct err place_add(struct place *p, const struct key_entry *e);
MUST struct err place_revoke(struct place *p, const struct key_entry *e);

#endif
