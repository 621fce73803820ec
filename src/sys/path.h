/* SPDX-License-Identifier: Apache-2.0 */
/* Places in the file system: where we are, directories that are ours alone, opening for others. */
#ifndef SANCTUM_SYS_PATH_H
#define SANCTUM_SYS_PATH_H

#include "buf.h"

/* Append the working directory, absolute. */
MUST struct err path_current_dir(struct buf *out);
/* Make `path` (and missing parents) with mode 0700, or insist on what is there: a directory of this
 * user (ERR_DENIED otherwise) whose mode is then set to 0700. */
MUST struct err path_private_dir(const char *path);
/* Open a file for reading, to be handed to another process. Follows symbolic links. */
MUST struct err path_open(const char *path, int *fd);

#endif
