/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a model: what a signature covers. Symbolic links are told, not followed. */
#ifndef SANCTUM_CMD_MODEL_FOLDER_H
#define SANCTUM_CMD_MODEL_FOLDER_H

#include "buf.h"

struct folder_file {
    size_t name; /* offset in `names`, ended by a NUL; relative to the model */
    uint64_t size;
};

struct folder {
    struct buf names;
    struct folder_file *v; /* in manifest order */
    size_t n, cap;
    bool single;    /* the model is one file, named "." */
    struct buf odd; /* the first symbolic link or device met, if any */
};

/* Every regular file below `root` that no path of `ignore` covers. With `links`, links to regular
 * files count as files. *out must be freed either way. ERR_IO, ERR_LIMIT, ERR_NOMEM. */
MUST struct err folder_read(const char *root, const struct span *ignore, size_t ignore_n,
                            bool links, struct folder *out);
void folder_free(struct folder *f);
struct span folder_name(const struct folder *f, size_t i);

#endif
