/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the tree over the records share: its signing key. */
#ifndef SANCTUM_AUDIT_TREE_INT_H
#define SANCTUM_AUDIT_TREE_INT_H

#include "audit_tree.h"
#include "note.h"
#include "secret.h"
#include "tile_dir.h"

/*
 * Read the key, or make one when there is none and `may_make`; write the public half to `vkey` when
 * it is not there. `out` is secret memory. ERR_CORRUPT with a sentence in *why, which is NULL
 * before.
 */
MUST struct err audit_signer_open(const char *key, const char *vkey, bool may_make,
                                  struct note_signer *out, const char **why);

#endif
