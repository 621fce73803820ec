/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provider keys that are asked for: recorded, then given.
 *
 *   reads_begin ─▶ [waiting] ── reads_noted ─▶ key or UNAVAILABLE to who asked
 *                    │    ▲ reads_tell: a new ledger
 *                    └────┴─ on_overdue ─▶ UNAVAILABLE
 */
#include "clock.h"
#include "log.h"
#include "vault_int.h"

enum { MS = 1000000 };

static bool may_go_unrecorded(const struct vault *v)
{
    return v->values.settings->audit.on_failure == ON_FAILURE_ALLOW;
}

static struct vault_read *find(struct vault *v, uint32_t note)
{
    for (size_t i = 0; i < READS_MAX; i++)
        if (v->reads[i].note == note)
            return &v->reads[i];
    return NULL;
}

/* The end of a read: the key, or UNAVAILABLE where `recorded` failed. */
static void finish(struct vault *v, struct vault_read *r, struct err recorded)
{
    struct role_peer *to = role_peer_by_id(v->role, r->peer);
    struct vault_read done = *r;
    *r = (struct vault_read){0};
    if (failed(recorded) && may_go_unrecorded(v)) {
        v->unrecorded++;
        log_line(LOG_LEVEL_WARNING, "a key is read without a record",
                 LOG_SPAN("key", v->values.settings->providers[done.provider].key));
        recorded = OK;
    }
    if (to)
        vault_give_key(v, to, done.tag, done.provider, recorded);
}

/* False: there is no ledger now. */
static bool tell(struct vault *v, const struct vault_read *r)
{
    struct role_peer *ledger = role_peer(v->role, WIRE_LEDGER, 0),
                     *reader = role_peer_by_id(v->role, r->peer);
    if (!reader)
        return true; /* reads_forget follows */
    struct wire_msg m = {.type = WIRE_SECRET_NOTE,
                         .secret_note = {.tag = r->note,
                                         .deed = WIRE_SECRET_READ,
                                         .role = (uint8_t)role_peer_role(reader),
                                         .index = role_peer_index(reader),
                                         .object = v->values.settings->providers[r->provider].key}};
    return ledger && !failed(role_send(ledger, &m));
}

/* --- overdue ------------------------------------------------------------------------------- */

static void on_overdue(struct loop_timer *t);

static void set_timer(struct vault *v)
{
    uint64_t first = UINT64_MAX;
    for (size_t i = 0; i < READS_MAX; i++)
        if (v->reads[i].note && v->reads[i].until_ns < first)
            first = v->reads[i].until_ns;
    if (first == UINT64_MAX)
        loop_timer_stop(&v->overdue);
    else if (failed(loop_timer_set(role_loop(v->role), &v->overdue, first, on_overdue)))
        role_exit(v->role, 2);
}

static void on_overdue(struct loop_timer *t)
{
    struct vault *v = LOOP_OWNER(t, struct vault, overdue);
    uint64_t now = loop_now_ns(role_loop(v->role));
    for (size_t i = 0; i < READS_MAX; i++)
        if (v->reads[i].note && v->reads[i].until_ns <= now)
            finish(v, &v->reads[i], err(ERR_AGAIN));
    set_timer(v);
}

/* --- from outside -------------------------------------------------------------------------- */

void reads_begin(struct vault *v, struct role_peer *from, uint32_t tag, size_t provider)
{
    struct vault_read *r = find(v, 0);
    if (!r) {
        vault_give_key(v, from, tag, provider, err(ERR_AGAIN));
        return;
    }
    if (++v->last_note == 0)
        v->last_note = 1; /* 0 is free */
    *r = (struct vault_read){.peer = role_peer_id(from),
                             .tag = tag,
                             .note = v->last_note,
                             .provider = provider,
                             .until_ns =
                                 loop_now_ns(role_loop(v->role)) + (uint64_t)READ_WITHIN_MS * MS};
    if (!tell(v, r) && may_go_unrecorded(v))
        finish(v, r, err(ERR_AGAIN));
    set_timer(v);
}

void reads_noted(struct vault *v, const struct wire_body_secret_noted *m)
{
    struct vault_read *r = m->tag ? find(v, m->tag) : NULL;
    if (!r)
        return; /* overdue, or its gate is gone */
    finish(v, r, m->status == WIRE_OK ? OK : err(ERR_AGAIN));
    set_timer(v);
}

void reads_tell(struct vault *v)
{
    for (size_t i = 0; i < READS_MAX; i++)
        if (v->reads[i].note && !tell(v, &v->reads[i]))
            return; /* it went again: its successor is told */
}

void reads_forget(struct vault *v, uint64_t peer)
{
    for (size_t i = 0; i < READS_MAX; i++)
        if (v->reads[i].note && v->reads[i].peer == peer)
            v->reads[i] = (struct vault_read){0};
    set_timer(v);
}
