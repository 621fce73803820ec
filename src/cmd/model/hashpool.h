/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of many files at once: one thread a core, the largest pieces first, pages read ahead. */
#ifndef SANCTUM_CMD_MODEL_HASHPOOL_H
#define SANCTUM_CMD_MODEL_HASHPOOL_H

#include "manifest.h"

/* Fill the digest of every part of *m, whose files lie below `root` (or are `root`, when named
 * "."). A part must be as long as it says. *bad gets the part that failed. ERR_IO, ERR_NOMEM,
 * ERR_CLOSED (shorter or longer than it says). Progress on a terminal. */
MUST struct err hashpool_run(const char *root, struct manifest *m, uint64_t total, size_t *bad);

#endif
