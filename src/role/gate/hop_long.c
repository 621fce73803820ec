/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long requests. Each is built in a fiber (fiber.h) that goes back to the loop when its slice is
 * over, so that nobody waits for somebody's long body; and principals take turns (base/fair.h), so
 * that one's heap of them keeps no other waiting:
 *
 *   queue ──▶ LANES lanes, each with a fiber and a scratch; a principal has one at most
 *               └─ one slice of one lane a round of the loop, lane after lane
 *
 * Whoever goes away while his is being built ends it. What a lane held of a text is wiped when its
 * request is built; the scratch itself, some megabytes, goes when nothing long came for a minute.
 */
#include "fair.h"
#include "fiber.h"
#include "hop_build.h"
#include "random.h"

#include <stdlib.h>

enum { LANES = 4 };
#define LANE_KEPT_NS (60 * UINT64_C(1000000000))

struct lane {
    struct long_builds *all;
    /* made when first needed */
    struct fiber *fiber;
    struct mask_work *work;
    /* the one at work; build.x is NULL when there is none */
    struct build build;
    struct llm_doc doc;
    struct buf out;
    struct err result;
    struct fault fault;
};

struct long_builds {
    struct gate *gate;
    struct fair_queue queue;
    struct lane lane[LANES];
    size_t last; /* the lane that had its slice last */
    struct loop_deferred turn;
    struct loop_timer idle;
};

/* --- a lane ---------------------------------------------------------------------------------- */

static void lane_close(struct lane *l)
{
    fiber_free(l->fiber);
    mask_work_free(l->work);
    l->fiber = NULL;
    l->work = NULL;
}

static struct err lane_open(struct lane *l)
{
    struct gate *g = l->all->gate;
    if (l->work)
        return OK;
    struct err e = fiber_new(FIBER_STACK, &l->fiber);
    if (!failed(e))
        e = mask_work_beside(g->work, g->ner, &l->work);
    if (failed(e)) {
        fiber_free(l->fiber);
        l->fiber = NULL;
        return e;
    }
    return OK;
}

/* In the fiber. */
static void run(void *arg)
{
    struct lane *l = arg;
    struct gate *g = l->all->gate;
    struct exchange *x = l->build.x;
    if (g->doc_of == x) { /* read a moment ago */
        struct llm_doc doc = g->doc;
        g->doc = l->doc;
        g->doc_of = NULL;
        l->doc = doc;
    } else if (!failed(l->result)) {
        l->result = llm_read_request(&l->doc, x->surface, buf_span(&x->body), &l->fault);
    }
    if (!failed(l->result))
        l->result = build_request(&l->build, &l->fault);
}

static void begin(struct lane *l, struct exchange *x)
{
    struct gate *g = l->all->gate;
    uint8_t seed[16];
    random_bytes(seed, sizeof seed);
    l->doc = llm_doc_of(seed);
    l->out = buf_init(g->out.max);
    l->fault = (struct fault){0, HOP_UNMASKABLE};
    l->result = lane_open(l);
    l->build = (struct build){
        .x = x, .p = hop_provider(x), .work = l->work, .doc = &l->doc, .out = &l->out};
    if (!failed(l->result))
        l->result = gate_mask_key(g, x->principal, &l->build.k);
    if (!failed(l->result))
        fiber_begin(l->fiber, run, l);
}

static void end(struct lane *l)
{
    fair_drop(&l->build.x->turn);
    l->build.x = NULL;
    if (l->work)
        mask_work_wipe(l->work);
    llm_doc_free(&l->doc);
    buf_wipe(&l->out);
}

/* --- turns ----------------------------------------------------------------------------------- */

static void take_turn(struct loop_deferred *d);

static void on_idle(struct loop_timer *t)
{
    struct long_builds *all = LOOP_OWNER(t, struct long_builds, idle);
    for (size_t i = 0; i < LANES; i++)
        if (!all->lane[i].build.x)
            lane_close(&all->lane[i]);
}

static void fill(struct long_builds *all)
{
    for (size_t i = 0; i < LANES; i++) {
        if (all->lane[i].build.x)
            continue;
        struct fair_item *next = fair_take(&all->queue);
        if (!next)
            return;
        begin(&all->lane[i], LOOP_OWNER(next, struct exchange, turn));
    }
}

/* The busy lane behind the one that had its slice last, or NULL. */
static struct lane *next_lane(struct long_builds *all)
{
    for (size_t i = 1; i <= LANES; i++) {
        size_t at = (all->last + i) % LANES;
        if (all->lane[at].build.x) {
            all->last = at;
            return &all->lane[at];
        }
    }
    return NULL;
}

static void take_turn(struct loop_deferred *d)
{
    struct long_builds *all = LOOP_OWNER(d, struct long_builds, turn);
    struct loop *loop = all->gate->loop;
    fill(all);
    struct lane *l = next_lane(all);
    if (!l) { /* all is done, or all went away */
        if (failed(loop_timer_set(loop, &all->idle, loop_now_ns(loop) + LANE_KEPT_NS, on_idle)))
            on_idle(&all->idle);
        return;
    }
    loop_defer(loop, d, take_turn);
    if (!failed(l->result) && !fiber_run(l->fiber, GATE_SLICE_NS))
        return;
    struct exchange *x = l->build.x;
    struct err e = l->result;
    struct fault f = l->fault;
    end(l);
    hop_built(x, e, &f);
}

struct err build_long(struct exchange *x)
{
    struct gate *g = x->gate;
    if (!g->long_builds) {
        g->long_builds = calloc(1, sizeof *g->long_builds);
        if (!g->long_builds)
            return err(ERR_NOMEM);
        g->long_builds->gate = g;
        for (size_t i = 0; i < LANES; i++)
            g->long_builds->lane[i].all = g->long_builds;
    }
    struct long_builds *all = g->long_builds;
    x->step = STEP_LONG;
    fair_add(&all->queue, &x->turn, x->who.name);
    loop_timer_stop(&all->idle);
    loop_defer(g->loop, &all->turn, take_turn);
    return OK;
}

void hop_drop(struct exchange *x)
{
    struct long_builds *all = x->gate->long_builds;
    for (size_t i = 0; all && i < LANES; i++) {
        struct lane *l = &all->lane[i];
        if (l->build.x != x)
            continue;
        if (!failed(l->result))
            fiber_cancel(l->fiber);
        end(l);
    }
    fair_drop(&x->turn);
}
