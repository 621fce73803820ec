/* SPDX-License-Identifier: Apache-2.0 */
/* A role's life, from the hand-over to the exit: the steps are numbered as in rolekit.h. */
#include "clock.h"
#include "log.h"
#include "proc.h"
#include "role_int.h"
#include "rolecalls.h"

void *role_context(const struct role *r)
{
    return r->context;
}

struct loop *role_loop(const struct role *r)
{
    return r->loop;
}

const struct settings *role_settings(const struct role *r)
{
    return &r->settings;
}

uint32_t role_index(const struct role *r)
{
    return r->index;
}

uint32_t role_generation(const struct role *r)
{
    return r->generation;
}

enum wire_state role_state(const struct role *r)
{
    return r->state;
}

const char *role_state_dir(const struct role *r)
{
    return r->state_dir;
}

void role_exit(struct role *r, int status)
{
    r->status = status;
    loop_stop(r->loop);
}

/* ---- what parent says ---- */

static void drain(struct role *r, uint32_t within_ms)
{
    r->state = WIRE_DRAINING;
    if (r->ops->drain)
        r->ops->drain(r, within_ms);
    else
        role_exit(r, 0);
}

void role_orphaned(struct role *r)
{
    drain(r, 0);
    role_exit(r, 0);
}

/* Put one grant to use; what is left of its descriptors is closed by the caller. */
static struct err use_grant(struct role *r, struct wire_grant *g)
{
    if (g->kind == WIRE_GRANT_RING_IN || g->kind == WIRE_GRANT_RING_OUT)
        return r->ops->ring ? r->ops->ring(r, g) : err(ERR_DENIED);
    if (g->kind != WIRE_GRANT_PEER || g->role == WIRE_PARENT ||
        !wire_may_talk(r->ops->role, g->role))
        return err(ERR_DENIED);
    struct role_peer *p;
    int fd = g->fds[0];
    g->fds[0] = -1;
    TRY(role_add_peer(r, g->role, g->index, fd, &p));
    if (r->ops->peer)
        r->ops->peer(r, p);
    return OK;
}

static struct err on_grant(struct role *r, const struct wire_msg *m, struct ipc_msg *raw)
{
    struct span rest = m->grant.grant;
    struct wire_grant g;
    TRY(wire_grant_decode(&rest, &g));
    if (rest.n || raw->fd_count != g.fd_count)
        return err(ERR_INPUT);
    memcpy(g.fds, raw->fds, g.fd_count * sizeof(int));
    struct err e = use_grant(r, &g);
    memcpy(raw->fds, g.fds, g.fd_count * sizeof(int));
    return e;
}

bool role_from_parent(struct role *r, const struct wire_msg *m, struct ipc_msg *raw, struct err *e)
{
    *e = OK;
    if (m->type == WIRE_GRANT)
        *e = on_grant(r, m, raw);
    else if (m->type == WIRE_DRAIN)
        drain(r, m->drain.within_ms);
    else
        return false;
    return true;
}

/* ---- steps 1 to 5 ---- */

/* Peers and rings of the hand-over. Before the ladder: mapping a ring asks the kernel things that
 * gate may not ask afterwards. */
static struct err use_grants(struct role *r)
{
    for (size_t i = 0; i < r->grant_count; i++) {
        struct wire_grant *g = &r->grants[i];
        bool ours = g->kind == WIRE_GRANT_PEER || g->kind == WIRE_GRANT_RING_IN ||
                    g->kind == WIRE_GRANT_RING_OUT;
        if (ours)
            TRY(use_grant(r, g));
    }
    return OK;
}

static struct err climb(struct role *r, struct sandbox_report *report)
{
    struct sandbox box = role_box(r->ops->role);
    if (r->ops->confine)
        r->ops->confine(r, &box);
    return sandbox_enter(&box, report);
}

static struct err say_ready(struct role *r, const struct sandbox_report *report)
{
    struct wire_msg m = {.type = WIRE_READY,
                         .ready = {.holds = report->holds,
                                   .landlock_abi = (uint8_t)report->landlock_abi,
                                   .started_ns = clock_mono_ns()}};
    return r->parent ? role_send(r->parent, &m) : err(ERR_CLOSED);
}

/* Everything before the loop. *step is what was tried last, for the one line that explains. */
static struct err start(struct role *r, const char **step)
{
    struct ipc channel;
    struct sandbox_report report;
    *step = "loop";
    TRY(loop_new(&r->loop));
    ipc_open(&channel, ROLE_CHANNEL_FD, 0);
    *step = "hand-over";
    TRY(role_take_handover(r, &channel));
    log_open(wire_role_name(r->ops->role), (enum log_level)r->settings.log_level, LOG_LOGFMT);
    *step = "channel";
    TRY(role_add_peer(r, WIRE_PARENT, 0, ROLE_CHANNEL_FD, &r->parent));
    *step = "prepare";
    if (r->ops->prepare)
        TRY(r->ops->prepare(r));
    *step = "peers";
    TRY(use_grants(r));
    *step = "ladder";
    TRY(climb(r, &report));
    *step = "start";
    if (r->ops->start)
        TRY(r->ops->start(r));
    role_drop_grants(r);
    proc_return_memory();
    r->state = WIRE_SERVING;
    *step = "ready";
    return say_ready(r, &report);
}

int role_main(int argc, char **argv, const struct role_ops *ops, void *context)
{
    (void)argc, (void)argv;
    static struct role self;
    struct role *r = &self;
    r->ops = ops;
    r->context = context;
    log_open(wire_role_name(ops->role), LOG_LEVEL_INFO, LOG_LOGFMT);
    proc_leave_signals();
    const char *step;
    struct err e = start(r, &step);
    if (failed(e)) {
        log_line(LOG_LEVEL_ERROR, "cannot start", LOG_STR("step", step), LOG_ERR("error", e));
        proc_exit(2);
    }
    e = loop_run(r->loop);
    if (failed(e)) {
        log_line(LOG_LEVEL_ERROR, "the loop failed", LOG_ERR("error", e));
        proc_exit(2);
    }
    proc_exit(r->status);
}
