/* SPDX-License-Identifier: Apache-2.0 */
/* Run a command to its end and keep what it prints. For tools, never on a path that must answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "clock.h"
#include "file.h"
#include "proc.h"

enum { IN, OUT, ERR, STREAMS, CHUNK = 16 * 1024 };

/* Our ends of the child's three streams; -1 once done. */
struct streams {
    int fd[STREAMS];
    struct span input;
    struct buf *sink[STREAMS];
};

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static struct err feed(struct streams *s)
{
    ssize_t put = write(s->fd[IN], s->input.p, s->input.n);
    if (put > 0)
        s->input = span_from(s->input, (size_t)put);
    else if (put < 0 && errno != EAGAIN && errno != EINTR)
        s->input = SPAN_NONE; /* it does not want the rest: its own business */
    if (s->input.n == 0)
        shut(&s->fd[IN]);
    return OK;
}

static struct err drain(struct streams *s, int which)
{
    uint8_t chunk[CHUNK];
    size_t n;
    struct err e = file_read_some(s->fd[which], chunk, sizeof chunk, &n);
    if (err_cat(e) == ERR_AGAIN)
        return OK;
    TRY(e);
    if (n == 0)
        shut(&s->fd[which]);
    return s->sink[which] ? buf_put(s->sink[which], span(chunk, n)) : OK;
}

/* Move bytes until both outputs ended. ERR_LIMIT when the time is over or a ceiling reached. */
static struct err pump(struct streams *s, uint64_t until_ns)
{
    while (s->fd[OUT] >= 0 || s->fd[ERR] >= 0) {
        uint64_t now = clock_mono_ns();
        if (now >= until_ns)
            return err(ERR_LIMIT);
        struct pollfd p[STREAMS] = {
            {s->fd[IN], POLLOUT, 0}, {s->fd[OUT], POLLIN, 0}, {s->fd[ERR], POLLIN, 0}};
        uint64_t wait_ms = (until_ns - now) / 1000000 + 1;
        if (poll(p, STREAMS, wait_ms > 1000 ? 1000 : (int)wait_ms) < 0 && errno != EINTR)
            return err_make(ERR_IO, (uint32_t)errno);
        if (p[IN].revents)
            TRY(feed(s));
        if (p[OUT].revents)
            TRY(drain(s, OUT));
        if (p[ERR].revents)
            TRY(drain(s, ERR));
    }
    return OK;
}

static struct err open_pipes(int ours[STREAMS], int theirs[STREAMS])
{
    for (int i = 0; i < STREAMS; i++) {
        int ends[2];
        if (pipe2(ends, O_CLOEXEC) < 0)
            return err_make(ERR_IO, (uint32_t)errno);
        ours[i] = ends[i == IN ? 1 : 0];
        theirs[i] = ends[i == IN ? 0 : 1];
        fcntl(ours[i], F_SETFL, O_NONBLOCK);
    }
    return OK;
}

static uint64_t deadline(int timeout_ms)
{
    return timeout_ms < 0 ? UINT64_MAX : clock_mono_ns() + (uint64_t)timeout_ms * 1000000;
}

/* How long is left, for poll; -1: no bound. */
static int left_ms(uint64_t until_ns)
{
    if (until_ns == UINT64_MAX)
        return -1;
    uint64_t now = clock_mono_ns();
    return now >= until_ns ? 0 : (int)((until_ns - now) / 1000000 + 1);
}

static struct err run_started(struct proc *p, struct streams *s, uint64_t until,
                              struct proc_end *end)
{
    if (s->input.n == 0)
        shut(&s->fd[IN]);
    /* A child that closes its input early must not end us. */
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before);
    struct err e = pump(s, until);
    sigaction(SIGPIPE, &before, NULL);
    if (!failed(e)) {
        e = proc_wait(p, left_ms(until), end);
        if (err_cat(e) == ERR_AGAIN)
            e = err(ERR_LIMIT);
    }
    if (failed(e)) {
        struct err gone = proc_kill(p);
        gone = proc_wait(p, -1, end);
        (void)gone;
    }
    return e;
}

struct err proc_run(const struct proc_run *r, struct proc_end *end)
{
    *end = (struct proc_end){0};
    struct streams s = {.fd = {-1, -1, -1}, .input = r->input, .sink = {NULL, r->out, r->err_text}};
    int theirs[STREAMS] = {-1, -1, -1};
    uint64_t until = deadline(r->timeout_ms);
    struct err e = open_pipes(s.fd, theirs);
    struct proc p = {-1, -1};
    if (!failed(e)) {
        struct proc_spec spec = {
            .path = r->path, .argv = r->argv, .envp = r->envp, .fd_count = STREAMS};
        for (int i = 0; i < STREAMS; i++)
            spec.fds[i] = theirs[i];
        e = proc_start(&spec, &p);
    }
    for (int i = 0; i < STREAMS; i++)
        shut(&theirs[i]);
    if (!failed(e))
        e = run_started(&p, &s, until, end);
    for (int i = 0; i < STREAMS; i++)
        shut(&s.fd[i]);
    return e;
}
