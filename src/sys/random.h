/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes from the kernel. */
#ifndef SANCTUM_SYS_RANDOM_H
#define SANCTUM_SYS_RANDOM_H

#include <stddef.h>

/* Fill p with n unpredictable bytes. Never fails: a kernel that has none ends the process. */
void random_bytes(void *p, size_t n);

#endif
