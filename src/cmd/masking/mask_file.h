/* SPDX-License-Identifier: Apache-2.0 */
/* The files of `sanctum mask` and `sanctum restore`. The key: 64 hexadecimal digits that nobody
 * else may read. The map: an object of tokens and texts. */
#ifndef SANCTUM_CMD_MASKING_MASK_FILE_H
#define SANCTUM_CMD_MASKING_MASK_FILE_H

#include "cmdkit.h"
#include "mask.h"

/* The key of `file`; a fresh one where `make` and there is no such file (then it is written) or
 * `file` is NULL. EXIT_CLEAN, or the status after the complaint was printed. */
int cmd_mask_key(const struct cmd_call *c, const char *file, bool make, struct mask_key *out);

/* The member of a map that is no token: how the text was written, where what is left of it when it
 * is masked may not tell. */
#define CMD_MAP_CHARSET "charset"

#endif
