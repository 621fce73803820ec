/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of the whole.
 *
 *   reload   life_reload: read and check; start the new era's vault, resolve and gates
 *            life_ready:  when all of them serve, commit: the old era's gates drain, ledger and
 *                         control are started again with the new settings
 *            life_ended:  one of them ended first, or time is over: abandon; the old era goes on
 *   stop     life_stop:   nobody new comes in; gates drain; then control, resolve, vault; then
 *                         ledger; then the loop ends
 */
#include "parent_int.h"

#include <stdio.h>

#include "shm.h"

/* Number of slots that are not empty, of that role (or any) and era (or any). */
static size_t count(const struct parent *p, int role, const struct era *e)
{
    size_t n = 0;
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        const struct slot *s = &p->slots[i];
        n += s->state != SLOT_EMPTY && (role < 0 || s->role == (enum wire_role)role) &&
             (!e || s->era == e);
    }
    return n;
}

static struct err start_one(struct parent *p, enum wire_role role, uint32_t index, struct era *e)
{
    struct slot *s = slot_add(p, role, index, e);
    if (!s)
        return err(ERR_LIMIT);
    slot_start(s);
    return OK;
}

/* What belongs to an era; gates first, for they have the most to do before they serve. */
static struct err start_era(struct parent *p, struct era *e)
{
    for (uint32_t g = 0; g < e->gates; g++)
        TRY(start_one(p, WIRE_GATE, g, e));
    TRY(start_one(p, WIRE_VAULT, 0, e));
    for (uint32_t r = 0; r < WIRE_RESOLVERS; r++)
        TRY(start_one(p, WIRE_RESOLVE, r, e));
    return OK;
}

struct err life_start(struct parent *p, struct era *e)
{
    p->era = e;
    TRY(start_one(p, WIRE_LEDGER, 0, e));
    TRY(start_era(p, e));
    return start_one(p, WIRE_CONTROL, 0, e);
}

/* ---- serving * ---- */

static bool all_serve(const struct parent *p, const struct era *e)
{
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        const struct slot *s = &p->slots[i];
        if (s->state != SLOT_EMPTY && s->era == e && s->wanted && s->state != SLOT_SERVING)
            return false;
    }
    return true;
}

static void announce(struct parent *p)
{
    p->state = PARENT_SERVING;
    BUF_AUTO where = buf_init(4096);
    if (failed(era_addresses(p->era, &where)))
        return;
    printf("sanctum " SANCTUM_VERSION ": serving on %.*s (gates: %u, state: %.*s)\n",
           SPAN_ARG(buf_span(&where)), p->era->gates, SPAN_ARG(buf_span(&p->state_dir)));
    fflush(stdout);
}

/* ---- reload * ---- */

static void finish_reload(struct parent *p, enum wire_status status, const char *text)
{
    loop_timer_stop(&p->reload_timer);
    if (p->has_reload_tag)
        say_done(p, p->reload_tag, status, text);
    p->has_reload_tag = false;
    if (p->reload_asked) {
        p->reload_asked = false;
        life_reload(p);
    }
}

/* The old era goes when the last of its processes went. Its gates drain at their own pace; what
 * they talk to stays until then. */
static void clear_eras(struct parent *p)
{
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        struct slot *s = &p->slots[i];
        bool old = s->state != SLOT_EMPTY && s->era != p->era && s->era != p->next_era;
        if (!old || s->role == WIRE_GATE || s->state == SLOT_DRAINING)
            continue;
        if (count(p, WIRE_GATE, s->era) == 0)
            slot_drain(s, SERVICE_DRAIN_MS);
    }
}

static void commit(struct parent *p)
{
    struct era *old = p->era; /* may be freed as soon as its last process is told */
    uint32_t drain_ms = (uint32_t)old->settings.timeouts.drain;
    p->era = p->next_era;
    p->next_era = NULL;
    era_keep_sockets(p, p->era);
    log_open("parent", (enum log_level)p->era->settings.log_level, LOG_LOGFMT);
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        struct slot *s = &p->slots[i];
        if (s->state == SLOT_EMPTY || s->era != old)
            continue;
        if (s->role == WIRE_GATE)
            slot_drain(s, drain_ms);
        else if (!of_an_era(s->role)) {
            /* Its end, or at once if it was down anyway, starts its successor: life_ended. */
            slot_drain(s, s->role == WIRE_LEDGER ? LEDGER_DRAIN_MS : SERVICE_DRAIN_MS);
        }
    }
    clear_eras(p);
    log_line(LOG_LEVEL_INFO, "settings reloaded", LOG_U64("generation", p->era->generation));
    finish_reload(p, WIRE_OK, "");
}

static void abandon(struct parent *p, const char *why)
{
    struct era *e = p->next_era;
    p->next_era = NULL;
    era_take_back_sockets(p);
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        struct slot *s = &p->slots[i];
        if (s->state == SLOT_EMPTY || s->era != e)
            continue;
        s->wanted = false;
        if (s->state == SLOT_WAITING)
            slot_forget(s);
        else
            slot_kill(s);
    }
    log_line(LOG_LEVEL_ERROR, "reload failed, the old settings stay", LOG_STR("why", why));
    finish_reload(p, WIRE_INVALID, why);
}

static void on_reload_overdue(struct loop_timer *t)
{
    abandon(LOOP_OWNER(t, struct parent, reload_timer), "the new processes did not start in time");
}

void life_reload(struct parent *p)
{
    if (p->state != PARENT_SERVING || p->next_era) {
        p->reload_asked = p->state != PARENT_STOPPING;
        return;
    }
    BUF_AUTO why = buf_init(1024);
    struct era *e;
    if (failed(era_new(p, &e, &why))) {
        log_line(LOG_LEVEL_ERROR, "reload failed, the old settings stay",
                 LOG_SPAN("why", buf_span(&why)));
        struct err zero = buf_put_u8(&why, 0);
        finish_reload(p, WIRE_INVALID, failed(zero) ? "" : (const char *)why.p);
        return;
    }
    p->next_era = e;
    uint64_t due = loop_now_ns(p->loop) + (uint64_t)READY_WITHIN_MS * 1000000;
    struct err r = loop_timer_set(p->loop, &p->reload_timer, due, on_reload_overdue);
    if (!failed(r))
        r = start_era(p, e);
    if (failed(r) && p->next_era == e)
        abandon(p, "too many processes still drain");
}

void life_ready(struct slot *s)
{
    struct parent *p = s->parent;
    if (p->next_era && s->era == p->next_era && all_serve(p, p->next_era))
        commit(p);
    if (p->state == PARENT_STARTING && all_serve(p, p->era)) {
        announce(p);
        shm_large_pages(p->weights); /* not before: it takes milliseconds */
        if (p->reload_asked) {
            p->reload_asked = false;
            life_reload(p);
        }
    }
}

/* ---- stop * ---- */

static void drain_role(struct parent *p, int role, uint32_t within_ms)
{
    for (size_t i = 0; i < SLOTS_MAX; i++) {
        struct slot *s = &p->slots[i];
        bool meant = role < 0 ? s->role != WIRE_LEDGER : s->role == (enum wire_role)role;
        if (s->state != SLOT_EMPTY && s->state != SLOT_DRAINING && meant)
            slot_drain(s, within_ms);
    }
}

/* One step further each time the processes of a step are gone: who may still be needed, ends
 * last. */
static void go_on_stopping(struct parent *p)
{
    if (count(p, WIRE_GATE, NULL))
        drain_role(p, WIRE_GATE, p->hurry ? 0 : (uint32_t)p->era->settings.timeouts.drain);
    else if (count(p, -1, NULL) > count(p, WIRE_LEDGER, NULL))
        drain_role(p, -1, SERVICE_DRAIN_MS);
    else if (count(p, WIRE_LEDGER, NULL))
        drain_role(p, WIRE_LEDGER, LEDGER_DRAIN_MS);
    else
        loop_stop(p->loop);
}

void life_stop(struct parent *p)
{
    if (p->state == PARENT_STOPPING) {
        /* Asked twice: gates get no more time. */
        p->hurry = true;
        for (size_t i = 0; i < SLOTS_MAX; i++)
            if (p->slots[i].role == WIRE_GATE && p->slots[i].state == SLOT_DRAINING)
                slot_kill(&p->slots[i]);
        return;
    }
    p->state = PARENT_STOPPING;
    loop_timer_stop(&p->reload_timer);
    log_line(LOG_LEVEL_INFO, "stopping");
    era_keep_sockets(p, NULL); /* who comes now is told at once, and does not wait for nobody */
    for (size_t i = 0; i < SLOTS_MAX; i++)
        if (p->slots[i].state == SLOT_WAITING)
            slot_forget(&p->slots[i]);
    go_on_stopping(p);
}

/* ---- ends * ---- */

/* A single role was drained for a reload: its successor takes over. */
static void succeed(struct slot *s)
{
    struct parent *p = s->parent;
    if (of_an_era(s->role) || s->wanted || s->era == p->era || count(p, (int)s->role, NULL))
        return;
    if (failed(start_one(p, s->role, s->index, p->era))) {
        log_line(LOG_LEVEL_ERROR, "no room for a successor",
                 LOG_STR("process", wire_role_name(s->role)));
        p->status = 2;
        life_stop(p);
    }
}

static void free_era(struct parent *p, struct era *e)
{
    if (e != p->era && e != p->next_era && count(p, -1, e) == 0)
        era_free(e);
}

void life_ended(struct slot *s, bool served)
{
    struct parent *p = s->parent;
    struct era *e = s->era;
    if (p->state == PARENT_STOPPING) {
        go_on_stopping(p);
        return;
    }
    if (p->state == PARENT_STARTING && !served) {
        log_line(LOG_LEVEL_ERROR, "a process does not start: giving up",
                 LOG_STR("process", wire_role_name(s->role)));
        p->status = 2;
        p->hurry = true;
        life_stop(p);
        return;
    }
    if (p->next_era && e == p->next_era) {
        abandon(p, "a process ended before it served");
        free_era(p, e);
        return;
    }
    succeed(s);
    clear_eras(p);
    free_era(p, e);
}
