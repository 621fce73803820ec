/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a sanctum keeps its state. One instance a directory: parent holds its lock while it runs;
 * commands that work without the daemon take it for as long as they write.
 *
 * In it: lock, control.sock (parent's and control's), ledger/ and keys (ledger's), vault/
 * (vault's).
 */
#ifndef SANCTUM_ROLE_KIT_STATEDIR_H
#define SANCTUM_ROLE_KIT_STATEDIR_H

#include "buf.h"

enum { STATEDIR_MAX = 512 };

/* Append the directory's path: `given` (--state) if not NULL, else SANCTUM_STATE, else
 * /var/lib/sanctum for root, else $XDG_STATE_HOME/sanctum, else ~/.local/state/sanctum. Relative
 * paths are made absolute. ERR_INPUT: no home, or longer than STATEDIR_MAX. */
MUST struct err statedir_path(const char *given, struct buf *path);
/* Make it (0700, parents too) if missing, insist that nobody else may enter (ERR_DENIED when it is
 * not ours), and take its lock. ERR_AGAIN: another process holds it. */
MUST struct err statedir_open(const char *path, int *lock);
/* Append PATH/control.sock. */
MUST struct err statedir_socket(const char *path, struct buf *out);

#endif
