/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that outside bytes name, looked for inside a folder without ever leaving it: no step up,
 * no symbolic link on the way (openat2 with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, Linux 5.6).
 * Nothing is opened for reading.
 */
#ifndef SANCTUM_SYS_BELOW_H
#define SANCTUM_SYS_BELOW_H

#include "err.h"

enum below_kind {
    BELOW_FILE,
    BELOW_MISSING,
    BELOW_LINK,  /* a symbolic link is on the way, or the name leaves the folder */
    BELOW_OTHER, /* a folder, a device, a pipe */
};

struct below {
    enum below_kind kind;
    uint64_t size;  /* bytes of the file */
    uint64_t links; /* names it has */
};

/* ERR_IO: the folder cannot be opened, or the kernel cannot look that way. */
MUST struct err below_look(const char *folder, const char *name, struct below *out);

#endif
