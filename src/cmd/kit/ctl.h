/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command's end of the control socket of a running daemon: one line of JSON out, one back.
 */
#ifndef SANCTUM_CMD_KIT_CTL_H
#define SANCTUM_CMD_KIT_CTL_H

#include "buf.h"

struct ctl {
    int fd;
    struct buf in;
};

/* Connect to the socket at `path`. ERR_CLOSED: no daemon listens there. */
MUST struct err ctl_open(const char *path, struct ctl *c);
void ctl_close(struct ctl *c);
/* Ask (a line without its newline) and wait up to 15 s. *answer is the line without its newline,
 * borrowed until the next call. ERR_AGAIN: no answer in time; ERR_CLOSED: the daemon went. */
MUST struct err ctl_ask(struct ctl *c, struct span line, struct span *answer);

#endif
