/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of sys share. */
#ifndef SANCTUM_SYS_SYS_INT_H
#define SANCTUM_SYS_SYS_INT_H

#include <errno.h>

#include "err.h"

/* What the system just said, as an error. */
static inline struct err io_error(void)
{
    return err_make(ERR_IO, (uint32_t)errno);
}

#endif
