/* SPDX-License-Identifier: Apache-2.0 */
/* One connection attempt at a time, its outcome remembered for a second. */
#include "probe.h"

#define FRESH_NS  UINT64_C(1000000000)
#define WITHIN_NS UINT64_C(2000000000)

static void try_next(struct gate_provider *p);

bool probe_fresh(const struct gate_provider *p)
{
    uint64_t known = p->probe.known_ns;
    return known && loop_now_ns(p->gate->loop) - known < FRESH_NS;
}

static void hang_up(struct gate_provider *p)
{
    loop_unwatch(&p->probe.watch);
    net_close(&p->probe.watch.fd);
}

void probe_stop(struct gate_provider *p)
{
    hang_up(p);
    loop_timer_stop(&p->probe.timer);
    p->probe.runs = false;
}

static void found(struct gate_provider *p, bool reached)
{
    probe_stop(p);
    p->probe.reached = reached;
    p->probe.known_ns = loop_now_ns(p->gate->loop);
    gate_wake_waiting(p->gate);
}

static void on_timeout(struct loop_timer *t)
{
    found(LOOP_OWNER(t, struct gate_provider, probe.timer), false);
}

static void on_io(struct loop_watch *w, unsigned ready)
{
    struct gate_provider *p = LOOP_OWNER(w, struct gate_provider, probe.watch);
    struct err e = ready & LOOP_WRITE ? net_connected(w->fd) : err(ERR_AGAIN);
    if (err_cat(e) == ERR_AGAIN)
        return;
    if (!failed(e)) {
        found(p, true);
        return;
    }
    p->probe.address++;
    try_next(p);
}

/* Every outcome arrives by a callback, so that who asked has time to begin waiting. */
static void try_next(struct gate_provider *p)
{
    struct gate_probe *b = &p->probe;
    hang_up(p);
    for (; b->address < p->n_address; b->address++) {
        int fd;
        struct err e = net_connect(&p->address[b->address], &fd);
        if (failed(e) && err_cat(e) != ERR_AGAIN)
            continue;
        e = loop_watch(p->gate->loop, &b->watch, fd, on_io);
        b->watch.fd = fd;
        if (!failed(e))
            return;
        hang_up(p);
    }
    if (failed(loop_timer_set(p->gate->loop, &b->timer, loop_now_ns(p->gate->loop), on_timeout)))
        b->runs = false;
}

void probe_start(struct gate_provider *p)
{
    if (p->probe.runs)
        return;
    p->probe.runs = true;
    p->probe.reached = false;
    p->probe.address = 0;
    if (failed(loop_timer_set(p->gate->loop, &p->probe.timer,
                              loop_now_ns(p->gate->loop) + WITHIN_NS, on_timeout)))
        p->probe.runs = false;
    else
        try_next(p);
}
