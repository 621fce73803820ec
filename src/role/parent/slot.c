/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One place for a process: started, watched, started again with back-off. That a process ended is
 * learnt from its pidfd, never from its silence; what it said before is heard first.
 */
#include "parent_int.h"

enum { STDERR = 2, CHILD_FDS = 4, ENV_MAX = 8, MS = 1000000 };

struct slot *slot_add(struct parent *p, enum wire_role role, uint32_t index, struct era *era)
{
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        struct slot *s = &p->slots[i];
        if (s->state != SLOT_EMPTY)
            continue;
        *s = (struct slot){.parent = p,
                           .role = role,
                           .index = index,
                           .era = era,
                           .state = SLOT_STARTING,
                           .wanted = true,
                           .proc = {-1, -1},
                           .ipc = {.fd = -1}};
        return s;
    }
    return NULL;
}

bool slot_runs(const struct slot *s)
{
    return s->ipc.fd >= 0 &&
           (s->state == SLOT_STARTING || s->state == SLOT_SERVING || s->state == SLOT_DRAINING);
}

struct err slot_send(struct slot *s, const struct wire_msg *m, const int *fds, size_t fd_count)
{
    struct wr w = wr_of(s->parent->out, sizeof s->parent->out);
    struct err e = wire_encode(m, &w);
    if (!failed(e))
        return ipc_send(&s->ipc, wr_span(&w), fds, fd_count);
    struct ipc_msg unsent = {.fd_count = fd_count};
    memcpy(unsent.fds, fds, fd_count * sizeof(int));
    ipc_msg_drop(&unsent);
    return e;
}

/* ---- the end of a process ---- */

static void on_back_off(struct loop_timer *t)
{
    slot_start(LOOP_OWNER(t, struct slot, timer));
}

static void set_timer(struct slot *s, uint64_t ms, loop_timer_fn *fn)
{
    uint64_t due = loop_now_ns(s->parent->loop) + ms * MS;
    /* A timer that cannot be set would leave the slot as it is: better end with the supervisor. */
    if (failed(loop_timer_set(s->parent->loop, &s->timer, due, fn)))
        proc_exit(2);
}

static uint64_t back_off_ms(struct slot *s)
{
    uint64_t lived = loop_now_ns(s->parent->loop) - s->started_ns;
    if (lived >= (uint64_t)STEADY_MS * MS)
        s->failures = 0;
    unsigned doublings = s->failures < 7 ? s->failures : 7;
    uint64_t ms = s->failures ? (uint64_t)BACKOFF_FIRST_MS << (doublings - 1) : 0;
    s->failures++;
    return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

/* The process is gone, or never came to be. */
static void process_gone(struct slot *s)
{
    bool served = s->state == SLOT_SERVING || s->state == SLOT_DRAINING;
    loop_unwatch(&s->exit_watch);
    loop_unwatch(&s->ipc_watch);
    loop_undefer(&s->later);
    loop_timer_stop(&s->timer);
    ipc_close(&s->ipc);
    if (s->ring)
        rings_end(s->parent, s->ring);
    s->ring = 0;
    s->state = SLOT_EMPTY;
    if (s->wanted && s->parent->state != PARENT_STOPPING) {
        s->state = SLOT_WAITING;
        s->restarts++;
        set_timer(s, back_off_ms(s), on_back_off);
    }
    life_ended(s, served);
}

static void say_how(const struct slot *s, const struct proc_end *end)
{
    bool expected = s->state == SLOT_DRAINING && end->status == 0 && end->signal == 0;
    log_line(expected ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING, "process ended",
             LOG_STR("process", wire_role_name(s->role)), LOG_U64("index", s->index),
             LOG_U64("status", (uint64_t)end->status), LOG_U64("signal", (uint64_t)end->signal));
}

static void read_messages(struct slot *s);

static void on_exit_ready(struct loop_watch *w, unsigned ready)
{
    (void)ready;
    struct slot *s = LOOP_OWNER(w, struct slot, exit_watch);
    struct proc_end end;
    struct err e = proc_reap(&s->proc, &end);
    if (!failed(e) && !end.ended)
        return;
    read_messages(s); /* its last words: an offence, a ring that is done */
    say_how(s, &end);
    process_gone(s);
}

void slot_kill(struct slot *s)
{
    if (s->proc.fd < 0)
        return;
    struct err e = proc_kill(&s->proc);
    (void)e; /* it ended already: its pidfd says so next */
}

static void on_overdue(struct loop_timer *t)
{
    struct slot *s = LOOP_OWNER(t, struct slot, timer);
    log_line(LOG_LEVEL_WARNING, "process took too long",
             LOG_STR("process", wire_role_name(s->role)), LOG_U64("index", s->index));
    slot_kill(s);
}

void slot_drain(struct slot *s, uint32_t within_ms)
{
    s->wanted = false;
    if (s->state == SLOT_WAITING) {
        slot_forget(s);
        return;
    }
    if (!slot_runs(s))
        return;
    s->state = SLOT_DRAINING;
    struct wire_msg m = {.type = WIRE_DRAIN, .drain = {.within_ms = within_ms}};
    if (failed(slot_send(s, &m, NULL, 0)))
        slot_kill(s);
    set_timer(s, (uint64_t)within_ms + DRAIN_GRACE_MS, on_overdue);
}

void slot_forget(struct slot *s)
{
    loop_timer_stop(&s->timer);
    s->state = SLOT_EMPTY;
    life_ended(s, false);
}

/* ---- its words ---- */

static struct err read_one(struct slot *s)
{
    struct parent *p = s->parent;
    struct ipc_msg raw;
    TRY(ipc_recv(&s->ipc, p->in, sizeof p->in, &raw));
    struct wire_msg m;
    struct err e = wire_decode(span(p->in, raw.n), &m);
    if (!failed(e))
        e = wire_accept(m.type, s->role, WIRE_PARENT, WIRE_SERVING, raw.fd_count);
    ipc_msg_drop(&raw);
    TRY(e);
    return say_heard(s, &m);
}

static void read_messages(struct slot *s)
{
    enum { AT_ONCE = 64 };
    for (int i = 0; i < AT_ONCE; i++) {
        struct err e = read_one(s);
        if (!failed(e))
            continue;
        if (err_cat(e) == ERR_AGAIN || err_cat(e) == ERR_CLOSED)
            return; /* closed: its pidfd tells the rest */
        log_line(LOG_LEVEL_ERROR, "process broke the rules",
                 LOG_STR("process", wire_role_name(s->role)), LOG_U64("index", s->index),
                 LOG_ERR("error", e));
        slot_kill(s);
        return;
    }
    slot_kill(s); /* nothing that a role says to parent comes in such numbers */
}

static void on_ipc_ready(struct loop_watch *w, unsigned ready)
{
    struct slot *s = LOOP_OWNER(w, struct slot, ipc_watch);
    if ((ready & LOOP_WRITE) && failed(ipc_flush(&s->ipc)))
        slot_kill(s);
    if (ready & LOOP_READ)
        read_messages(s);
}

/* ---- its start ---- */

/* The environment of a role: a fixed list, and only for those that have use for it. */
static void choose_env(const struct slot *s, struct buf *text, const char *envp[ENV_MAX])
{
    static const char *const for_vault[] = {"CREDENTIALS_DIRECTORY", NULL};
    static const char *const for_gate[] = {"HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy",
                                           NULL};
    static const char *const for_none[] = {NULL};
    const char *const *names = s->role == WIRE_VAULT                             ? for_vault
                               : s->role == WIRE_GATE || s->role == WIRE_RESOLVE ? for_gate
                                                                                 : for_none;
    size_t at[ENV_MAX], n = 0;
    for (size_t i = 0; names[i] && n < ENV_MAX - 1; i++) {
        const char *v = proc_env(names[i]);
        size_t from = text->n;
        if (v && !failed(buf_printf(text, "%s=%s", names[i], v)) && !failed(buf_put_u8(text, 0)))
            at[n++] = from;
    }
    for (size_t i = 0; i < n; i++)
        envp[i] = (const char *)text->p + at[i];
    envp[n] = NULL;
}

static struct err start_process(struct slot *s)
{
    BUF_AUTO path = buf_init(8192), env = buf_init(64 * 1024);
    TRY(buf_put(&path, buf_span(&s->parent->libexec)));
    TRY(buf_printf(&path, "/sanctum-%s", wire_role_name(s->role)));
    TRY(buf_put_u8(&path, 0));
    const char *envp[ENV_MAX];
    choose_env(s, &env, envp);
    int ends[2];
    TRY(ipc_pair(ends));
    ipc_open(&s->ipc, ends[0], QUEUE_MAX);
    const char *const argv[] = {(const char *)path.p + s->parent->libexec.n + 1, NULL};
    struct proc_spec spec = {.path = (const char *)path.p,
                             .argv = argv,
                             .envp = envp,
                             .fds = {-1, -1, STDERR, ends[1]},
                             .fd_count = CHILD_FDS,
                             .dies_with_parent = true};
    struct err e = proc_start(&spec, &s->proc);
    net_close(&ends[1]);
    return e;
}

static struct err bring_up(struct slot *s)
{
    TRY(start_process(s));
    TRY(loop_watch(s->parent->loop, &s->exit_watch, s->proc.fd, on_exit_ready));
    TRY(loop_watch(s->parent->loop, &s->ipc_watch, s->ipc.fd, on_ipc_ready));
    return handover_send(s);
}

static void on_failed_start(struct loop_deferred *d)
{
    process_gone(LOOP_OWNER(d, struct slot, later));
}

void slot_start(struct slot *s)
{
    s->state = SLOT_STARTING;
    s->started_ns = loop_now_ns(s->parent->loop);
    struct err e = bring_up(s);
    if (!failed(e)) {
        set_timer(s, READY_WITHIN_MS, on_overdue);
        return;
    }
    log_line(LOG_LEVEL_ERROR, "cannot start process", LOG_STR("process", wire_role_name(s->role)),
             LOG_U64("index", s->index), LOG_ERR("error", e));
    if (s->proc.fd >= 0)
        slot_kill(s); /* its end is noticed as any other */
    else {
        ipc_close(&s->ipc);
        /* Not at once: whoever starts several is in the middle of it. */
        loop_defer(s->parent->loop, &s->later, on_failed_start);
    }
}
