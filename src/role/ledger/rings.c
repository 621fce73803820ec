/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the rings into the log. One round takes what all rings hold, up to a commit's size, stores
 * it with one synchronisation, and only then says so to the gates (group commit: while one is on
 * its way to the disk, the next gathers).
 *
 * A ledger may die between storing and saying so. Its successor finds in the ring how far was about
 * to be stored and how long the log would be then (ring_intend), and in the log whether it is: no
 * record is lost and none is there twice. For this a commit that failed is tried again as it is,
 * without records that came since.
 *
 *   wake, poll ─▶ rings_serve ─▶ take_all ─▶ intend ─▶ audit_log_commit ─▶ acknowledge ─▶
 * ring_sleep ▲                                       │ fails: nothing is acknowledged └────────────
 * poll timer ◀──────────────┘ back-off 50 ms … 2 s
 */
#include "clock.h"
#include "ledger_int.h"

enum {
    POLL_MS = 200, /* how long a batched record may wait */
    BACKOFF_FIRST_MS = 50,
    BACKOFF_MAX_MS = 2000,
    ROUNDS = 8, /* commits before other events have their turn */
    MS = 1000000,
};

static void on_poll(struct loop_timer *t);

static void set_poll(struct ledger *l, uint32_t ms)
{
    struct loop *loop = role_loop(l->role);
    struct err e = loop_timer_set(loop, &l->poll, loop_now_ns(loop) + (uint64_t)ms * MS, on_poll);
    if (failed(e))
        role_exit(l->role, 2);
}

static void release(struct ledger_ring *g)
{
    loop_unwatch(&g->wake);
    net_close(&g->wake_fd);
    ring_in_detach(&g->in);
    *g = (struct ledger_ring){.wake_fd = -1};
}

/* --- taking -------------------------------------------------------------------------------- */

/* A gate speaks of requests, never of keys or secrets. */
static bool gate_may_write(enum audit_kind kind)
{
    return kind == AUDIT_opened || kind == AUDIT_closed || kind == AUDIT_refused;
}

/* Records of one ring into the pending commit. False: that is full. */
static bool take(struct ledger *l, struct ledger_ring *g)
{
    uint8_t bytes[RING_RECORD_MAX];
    for (;;) {
        struct audit_record r;
        uint64_t seq, pos;
        size_t n;
        if (audit_log_full(l->log))
            return false;
        struct err e = ring_get(&g->in, bytes, &n, &pos);
        if (err_cat(e) == ERR_AGAIN)
            return true;
        if (failed(e)) {
            if (!g->ended)
                log_line(LOG_LEVEL_ERROR, "a gate broke its ring of records",
                         LOG_U64("ring", g->id));
            return true;
        }
        g->taken = pos;
        g->unread = true;
        e = audit_record_decode(span(bytes, n), &r);
        if (!failed(e))
            e = gate_may_write(r.kind) ? audit_log_add_decoded(l->log, &r, &seq) : err(ERR_DENIED);
        if (!failed(e))
            continue;
        l->refused++;
        log_line(LOG_LEVEL_ERROR, "a gate sent what is no record", LOG_U64("ring", g->id));
    }
}

static bool take_all(struct ledger *l)
{
    bool all = true;
    for (size_t i = 0; i < ROLE_RINGS_MAX; i++)
        if (l->rings[i].id && !l->rings[i].in.broken)
            all &= take(l, &l->rings[i]);
    return all;
}

/* --- storing ------------------------------------------------------------------------------- */

static void intend(struct ledger *l)
{
    for (size_t i = 0; i < ROLE_RINGS_MAX; i++)
        if (l->rings[i].id && l->rings[i].unread)
            ring_intend(&l->rings[i].in, l->rings[i].taken, audit_log_next(l->log));
}

static void acknowledge(struct ledger *l)
{
    for (size_t i = 0; i < ROLE_RINGS_MAX; i++) {
        struct ledger_ring *g = &l->rings[i];
        if (g->id && g->unread)
            ring_commit(&g->in, g->taken);
        g->unread = false;
    }
}

/* Those whose gate is gone and that hold nothing more. */
static void finish_ended(struct ledger *l)
{
    for (size_t i = 0; i < ROLE_RINGS_MAX; i++) {
        struct ledger_ring *g = &l->rings[i];
        if (!g->id || !g->ended)
            continue;
        struct wire_msg m = {.type = WIRE_RING_DONE, .ring_done = {.ring = g->id}};
        ledger_send(role_peer(l->role, WIRE_PARENT, 0), &m);
        release(g);
    }
}

static bool store(struct ledger *l)
{
    intend(l);
    struct err e = audit_log_commit(l->log);
    if (!failed(e)) {
        if (l->backoff_ms)
            log_line(LOG_LEVEL_WARNING, "records can be stored again");
        l->backoff_ms = 0;
        acknowledge(l);
        return true;
    }
    l->failures++;
    if (l->backoff_ms == 0)
        log_line(LOG_LEVEL_ERROR, "records cannot be stored", LOG_ERR("error", e));
    l->backoff_ms = l->backoff_ms ? l->backoff_ms * 2 : BACKOFF_FIRST_MS;
    if (l->backoff_ms > BACKOFF_MAX_MS)
        l->backoff_ms = BACKOFF_MAX_MS;
    return false;
}

bool rings_serve(struct ledger *l)
{
    for (int i = 0; i < ROUNDS; i++) {
        bool all = l->backoff_ms == 0 && take_all(l);
        if (!store(l))
            return false;
        if (all) {
            finish_ended(l);
            return true;
        }
    }
    return false;
}

static void on_more(struct loop_deferred *d);

/* Serve, then sleep until there is more, or look again soon. */
static void serve_and_sleep(struct ledger *l)
{
    bool all = rings_serve(l);
    if (l->backoff_ms) {
        set_poll(l, l->backoff_ms);
        return;
    }
    bool sleep = all;
    for (size_t i = 0; all && i < ROLE_RINGS_MAX; i++)
        if (l->rings[i].id && !l->rings[i].in.broken)
            sleep &= ring_sleep(&l->rings[i].in, RING_WAKE_DURABLE);
    if (!sleep)
        loop_defer(role_loop(l->role), &l->more, on_more);
    set_poll(l, POLL_MS);
}

static void on_more(struct loop_deferred *d)
{
    struct ledger *l = LOOP_OWNER(d, struct ledger, more);
    if (!l->draining)
        serve_and_sleep(l);
}

static void on_poll(struct loop_timer *t)
{
    serve_and_sleep(LOOP_OWNER(t, struct ledger, poll));
}

static void on_wake(struct loop_watch *w, unsigned ready)
{
    struct ledger_ring *g = LOOP_OWNER(w, struct ledger_ring, wake);
    (void)ready;
    ring_clear_wake(g->wake_fd);
    if (g->ledger->backoff_ms == 0)
        serve_and_sleep(g->ledger);
}

/* --- rings come and go --------------------------------------------------------------------- */

static struct ledger_ring *free_slot(struct ledger *l)
{
    for (size_t i = 0; i < ROLE_RINGS_MAX; i++)
        if (l->rings[i].id == 0)
            return &l->rings[i];
    return NULL;
}

struct err rings_attach(struct ledger *l, struct wire_grant *g)
{
    struct ledger_ring *slot = free_slot(l);
    if (g->kind != WIRE_GRANT_RING_IN || g->index == 0)
        return err(ERR_INPUT);
    if (!slot)
        return err(ERR_LIMIT);
    int to_producer = g->fds[2];
    g->fds[2] = -1;
    TRY(ring_in_attach(&slot->in, g->fds[0], g->fds[1], to_producer));
    ring_resume(&slot->in, l->recovered);
    slot->ledger = l;
    slot->id = g->index;
    slot->wake_fd = g->fds[3];
    g->fds[3] = -1;
    TRY(loop_watch_level(role_loop(l->role), &slot->wake, slot->wake_fd, on_wake));
    loop_defer(role_loop(l->role), &l->more, on_more);
    return OK;
}

struct err rings_end(struct ledger *l, uint32_t id)
{
    for (size_t i = 0; id && i < ROLE_RINGS_MAX; i++)
        if (l->rings[i].id == id) {
            l->rings[i].ended = true;
            loop_defer(role_loop(l->role), &l->more, on_more);
            return OK;
        }
    struct wire_msg m = {.type = WIRE_RING_DONE, .ring_done = {.ring = id}};
    ledger_send(role_peer(l->role, WIRE_PARENT, 0), &m);
    return OK;
}

void rings_start(struct ledger *l)
{
    loop_defer(role_loop(l->role), &l->more, on_more);
}

bool rings_live(const struct ledger *l)
{
    for (size_t i = 0; i < ROLE_RINGS_MAX; i++)
        if (l->rings[i].id && !l->rings[i].ended)
            return true;
    return false;
}
