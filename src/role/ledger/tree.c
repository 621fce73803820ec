/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree over the records (audit_tree.h). It is made when there is time, for each 256 records are
 * two files more, and making files is most of what a ledger could spend under load. Nobody waits
 * for it, and while it cannot be written records are stored all the same: it catches up.
 *
 *   tree_tick, once a second ──▶ few records came, or the last signature is SIGN_MS old?
 *                                 │ yes
 *                                 ▼
 *   on_step: STEP records ──▶ … ──▶ all that was there at the tick ──▶ audit_tree_publish
 *                                 │ few records came, or much has not settled?
 *                                 ▼
 *   on_step: audit_tree_settle ──▶ … ──▶ all that was signed is on the medium
 *
 * Between two steps rings have their turn. What is not signed yet is held by the pin, which tells
 * how long the log was and its last commit's hash (audit_log.h), and lies beside HEAD.
 */
#define _GNU_SOURCE
#include "clock.h"
#include "ledger_int.h"

#include <stdio.h>

enum {
    STEP = 256,           /* records: the files of one bundle */
    FEW = 1024,           /* records a second that leave time for the tree */
    SETTLE = 1024,        /* records: the files of four bundles, and the mark */
    UNSETTLED = 1 << 20,  /* records: a second or two of a start after a crash */
    SIGN_MS = 60 * 1000,  /* under load, the longest time between two signatures */
    PACE_MS = 5,          /* under load, between two steps; less when they would take SIGN_MS */
    DRAIN_GATES_MS = 100, /* what a drain may take in while gates put on: their rings fill */
    DRAIN_ALONE_MS = 5000,
};
#define MS UINT64_C(1000000)

static struct err make_paths(struct ledger *l, const char *state)
{
    if (asprintf(&l->sign_head, "%s/checkpoint", l->head_dir) < 0 ||
        asprintf(&l->sign_key, "%s/ledger-key", l->head_dir) < 0 ||
        asprintf(&l->sign_vkey, "%s/ledger.vkey", state) < 0)
        return err(ERR_NOMEM);
    return OK;
}

struct err tree_open(struct ledger *l)
{
    struct audit_tree_found found;
    TRY(make_paths(l, role_state_dir(l->role)));
    struct audit_tree_options o = {
        .dir = l->ledger_dir, .head = l->sign_head, .key = l->sign_key, .vkey = l->sign_vkey};
    struct err e = audit_tree_open(&o, l->log, &l->tree, &found);
    if (failed(e))
        log_line(LOG_LEVEL_ERROR, "the log of records is not the one that was signed",
                 LOG_STR("why", found.why ? found.why : err_word(e)),
                 LOG_U64("missing", found.missing));
    else if (found.rebuilt)
        log_line(LOG_LEVEL_WARNING, "tiles of the log were damaged and are made again",
                 LOG_U64("records", found.size));
    return e;
}

/* Said once when it begins and once when it is over. */
static void tell(struct ledger *l, struct err e)
{
    l->failures += failed(e);
    if (failed(e) && !l->tree_stuck)
        log_line(LOG_LEVEL_ERROR,
                 err_cat(e) == ERR_CORRUPT
                     ? "the log of records is damaged: see sanctum ledger verify"
                     : "the tree over the records cannot be written",
                 LOG_ERR("error", e));
    if (!failed(e) && l->tree_stuck)
        log_line(LOG_LEVEL_WARNING, "the tree over the records can be written again");
    l->tree_stuck = failed(e);
}

/* --- taking records in --------------------------------------------------------------------- */

static uint64_t stored(const struct ledger *l)
{
    return audit_tree_size(l->tree) + audit_tree_behind(l->tree);
}

/* One step towards the goal. False: it is reached or cannot be. */
static bool step(struct ledger *l)
{
    uint64_t size = audit_tree_size(l->tree);
    uint64_t left = l->tree_goal > size ? l->tree_goal - size : 0;
    struct err e = audit_tree_follow(l->tree, left < STEP ? left : STEP);
    if (!failed(e) && left > STEP)
        return true;
    if (!failed(e))
        e = audit_tree_publish(l->tree);
    tell(l, e);
    l->tree_goal = 0;
    l->tree_signed_ns = clock_mono_ns();
    return false;
}

static bool may_settle(const struct ledger *l)
{
    uint64_t left = audit_tree_unsettled(l->tree);
    return left && (!l->tree_paced || left > UNSETTLED);
}

/* The next step of either kind. False: there is nothing left to do. */
static bool work(struct ledger *l)
{
    if (l->tree_goal)
        return step(l) || may_settle(l);
    if (!may_settle(l))
        return false;
    struct err e = audit_tree_settle(l->tree, SETTLE);
    tell(l, e);
    return !failed(e);
}

static void on_step(struct loop_timer *t)
{
    struct ledger *l = LOOP_OWNER(t, struct ledger, tree_step);
    if (l->draining || !work(l))
        return;
    uint64_t next = loop_now_ns(role_loop(l->role)) + (l->tree_paced ? l->tree_pace_ns : 0);
    if (failed(loop_timer_set(role_loop(l->role), t, next, on_step)))
        role_exit(l->role, 2);
}

/* Between the steps to `goal`, so that however fast records come the tree does not fall back. */
static uint64_t pace_to(const struct ledger *l, uint64_t goal)
{
    uint64_t steps = (goal - audit_tree_size(l->tree)) / STEP + 1, least = SIGN_MS * MS / steps;
    return least < PACE_MS * MS ? least : PACE_MS * MS;
}

void tree_tick(struct ledger *l)
{
    uint64_t now = clock_mono_ns(), size = stored(l);
    l->tree_paced = size - l->tree_seen > FEW;
    l->tree_seen = size;
    if (size == audit_tree_signed(l->tree))
        l->tree_signed_ns = now; /* there was nothing to sign until now */
    else if (!l->tree_goal && (!l->tree_paced || now - l->tree_signed_ns >= SIGN_MS * MS)) {
        l->tree_goal = size;
        l->tree_pace_ns = pace_to(l, size);
    }
    if (l->tree_goal || may_settle(l))
        on_step(&l->tree_step);
}

void tree_finish(struct ledger *l, bool gates)
{
    uint64_t until = clock_mono_ns() + (gates ? DRAIN_GATES_MS : DRAIN_ALONE_MS) * MS;
    l->tree_goal = stored(l);
    while (step(l))
        if (clock_mono_ns() > until) {
            log_line(LOG_LEVEL_INFO, "the tree over the records will catch up at the next start",
                     LOG_U64("records", audit_tree_behind(l->tree)));
            tell(l, audit_tree_publish(l->tree));
            return;
        }
    while (audit_tree_unsettled(l->tree) && clock_mono_ns() < until) {
        struct err e = audit_tree_settle(l->tree, SETTLE);
        tell(l, e);
        if (failed(e))
            return;
    }
}
