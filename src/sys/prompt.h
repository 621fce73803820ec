/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a person for a secret: on the terminal of the process, without showing what is typed. */
#ifndef SANCTUM_SYS_PROMPT_H
#define SANCTUM_SYS_PROMPT_H

#include "buf.h"

/* Is standard input a terminal? */
bool prompt_possible(void);
/* Ask on /dev/tty and append one line without its newline. Echo is restored on every way out but
 * SIGKILL. ERR_DENIED: no terminal. ERR_CLOSED: end of input. ERR_LIMIT: longer than out may be. */
MUST struct err prompt_secret(const char *question, struct buf *out);

#endif
