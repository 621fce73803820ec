/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket from outside. Blocking: a command does one thing. */
#include "ctl.h"
#include "ipc.h"
#include "net.h"

#include <errno.h>

enum { ANSWER_MAX = 2 * 1024 * 1024, STEP = 16 * 1024, WITHIN_MS = 15000 };

struct err ctl_open(const char *path, struct ctl *c)
{
    *c = (struct ctl){.fd = -1, .in = buf_init(ANSWER_MAX)};
    struct err e = net_connect_unix(path, &c->fd);
    bool nobody =
        err_cat(e) == ERR_IO && (err_detail(e) == ENOENT || err_detail(e) == ECONNREFUSED);
    if (failed(e))
        net_close(&c->fd);
    return nobody ? err(ERR_CLOSED) : e;
}

void ctl_close(struct ctl *c)
{
    net_close(&c->fd);
    buf_wipe(&c->in);
}

static struct err send_all(int fd, struct span s)
{
    while (s.n) {
        size_t n;
        TRY(net_write(fd, s, &n));
        s = span_from(s, n);
    }
    return OK;
}

struct err ctl_ask(struct ctl *c, struct span line, struct span *answer)
{
    buf_clear(&c->in);
    TRY(send_all(c->fd, line));
    TRY(send_all(c->fd, SPAN_LIT("\n")));
    for (;;) {
        size_t n;
        TRY(buf_reserve(&c->in, STEP));
        struct err e = net_read(c->fd, c->in.p + c->in.n, STEP, &n);
        if (err_cat(e) == ERR_AGAIN) {
            const struct ipc waiting = {.fd = c->fd}; /* only its descriptor is looked at */
            TRY(ipc_wait(&waiting, WITHIN_MS));
            continue;
        }
        TRY(e);
        c->in.n += n;
        if (c->in.p[c->in.n - 1] == '\n')
            break;
    }
    *answer = span(c->in.p, c->in.n - 1);
    return OK;
}
