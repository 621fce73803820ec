/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop over libevent_core, of which only event.h is used. One round: wait for descriptors and
 * call their watchers, then timers that are due, then deferred calls. The library never learns of
 * our timers but of one wake-up for the earliest, and its own environment variables are ignored.
 *
 * Timers sit in a binary heap by key_ns. L1 key_ns <= due_ns: moving a deadline later leaves the
 * heap as it is, and whoever comes to the top too early is put back. L2 heap[slot - 1] == timer.
 */
#include "loop.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include <event2/event.h>

#include "clock.h"

enum { HEAP_FIRST = 64, HEAP_MAX = 1 << 22 };

struct loop {
    struct event_base *base;
    struct event *alarm; /* ends the wait when the earliest timer is due */
    uint64_t alarm_ns;   /* when it is set to; 0: it is not */
    uint64_t now_ns;     /* 0: not read in this round */
    struct loop_timer **heap;
    uint32_t heap_n, heap_cap;
    struct loop_deferred *first, **last, *running;
    short tells_end; /* EV_CLOSED where the kernel tells a peer's end by itself; else 0 */
    bool stop;
};

static void on_alarm(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ((struct loop *)arg)->alarm_ns = 0;
}

static struct event_base *new_base(void)
{
    struct event_config *config = event_config_new();
    if (!config)
        return NULL;
    struct event_base *base = NULL;
    if (event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV) == 0 &&
        event_config_require_features(config, EV_FEATURE_ET) == 0)
        base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

struct err loop_new(struct loop **out)
{
    *out = NULL;
    struct loop *l = calloc(1, sizeof *l);
    if (!l)
        return err(ERR_NOMEM);
    l->last = &l->first;
    l->base = new_base();
    if (l->base)
        l->alarm = evtimer_new(l->base, on_alarm, l);
    if (l->base && (event_base_get_features(l->base) & EV_FEATURE_EARLY_CLOSE))
        l->tells_end = EV_CLOSED;
    if (!l->alarm) {
        loop_free(l);
        return err(ERR_NOMEM);
    }
    *out = l;
    return OK;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    if (l->alarm)
        event_free(l->alarm);
    if (l->base)
        event_base_free(l->base);
    free(l->heap);
    free(l);
}

uint64_t loop_now_ns(struct loop *l)
{
    if (l->now_ns == 0)
        l->now_ns = clock_mono_ns();
    return l->now_ns;
}

void loop_stop(struct loop *l)
{
    l->stop = true;
}

/* ---- the heap ---- */

static void heap_place(struct loop *l, struct loop_timer *t, uint32_t at)
{
    l->heap[at] = t;
    t->slot = at + 1;
}

/* Let t, which belongs at or above `at`, rise to its place. */
static void heap_rise(struct loop *l, struct loop_timer *t, uint32_t at)
{
    while (at > 0) {
        uint32_t up = (at - 1) / 2;
        if (l->heap[up]->key_ns <= t->key_ns)
            break;
        heap_place(l, l->heap[up], at);
        at = up;
    }
    heap_place(l, t, at);
}

/* Let t, which belongs at or below `at`, sink to its place. */
static void heap_sink(struct loop *l, struct loop_timer *t, uint32_t at)
{
    for (;;) {
        uint32_t down = 2 * at + 1;
        if (down >= l->heap_n)
            break;
        if (down + 1 < l->heap_n && l->heap[down + 1]->key_ns < l->heap[down]->key_ns)
            down++;
        if (t->key_ns <= l->heap[down]->key_ns)
            break;
        heap_place(l, l->heap[down], at);
        at = down;
    }
    heap_place(l, t, at);
}

static void heap_remove(struct loop *l, struct loop_timer *t)
{
    uint32_t at = t->slot - 1;
    struct loop_timer *filler = l->heap[--l->heap_n];
    t->slot = 0;
    if (filler == t)
        return;
    if (at > 0 && l->heap[(at - 1) / 2]->key_ns > filler->key_ns)
        heap_rise(l, filler, at);
    else
        heap_sink(l, filler, at);
}

static struct err heap_grow(struct loop *l)
{
    if (l->heap_n < l->heap_cap)
        return OK;
    if (l->heap_cap >= HEAP_MAX)
        return err(ERR_LIMIT);
    uint32_t cap = l->heap_cap ? 2 * l->heap_cap : HEAP_FIRST;
    struct loop_timer **heap = realloc(l->heap, cap * sizeof(struct loop_timer *));
    if (!heap)
        return err(ERR_NOMEM);
    l->heap = heap;
    l->heap_cap = cap;
    return OK;
}

struct err loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t due_ns, loop_timer_fn *fn)
{
    /* The past is now: a timer that is always overdue stands in line behind those that are due. */
    if (due_ns <= l->now_ns)
        due_ns = l->now_ns;
    if (due_ns == 0)
        due_ns = 1;
    if (t->slot && due_ns >= t->key_ns) {
        t->due_ns = due_ns;
        t->fn = fn;
        return OK;
    }
    if (t->slot)
        heap_remove(l, t);
    TRY(heap_grow(l));
    t->loop = l;
    t->fn = fn;
    t->due_ns = t->key_ns = due_ns;
    heap_rise(l, t, l->heap_n++);
    return OK;
}

void loop_timer_stop(struct loop_timer *t)
{
    if (t->slot)
        heap_remove(t->loop, t);
    t->due_ns = 0;
}

/* Call what is due. Bounded by the timers there were, so that one which sets itself to the past
 * does not hold the loop. */
static void run_timers(struct loop *l)
{
    for (uint32_t left = l->heap_n; left && l->heap_n;) {
        struct loop_timer *t = l->heap[0];
        if (t->key_ns > loop_now_ns(l))
            return;
        if (t->due_ns > t->key_ns) { /* L1: it was moved since */
            t->key_ns = t->due_ns;
            heap_sink(l, t, 0);
            continue;
        }
        heap_remove(l, t);
        t->due_ns = 0;
        t->fn(t);
        left--;
    }
}

/* Have the library wake us for the earliest timer, if it does not already. */
static struct err set_alarm(struct loop *l)
{
    if (l->heap_n == 0)
        return OK;
    uint64_t key = l->heap[0]->key_ns;
    if (l->alarm_ns && l->alarm_ns <= key)
        return OK;
    uint64_t now = clock_mono_ns();
    uint64_t wait_us = key > now ? (key - now) / 1000 + 1 : 0;
    struct timeval tv = {.tv_sec = (time_t)(wait_us / 1000000),
                         .tv_usec = (suseconds_t)(wait_us % 1000000)};
    if (event_add(l->alarm, &tv) < 0)
        return err(ERR_NOMEM);
    l->alarm_ns = key;
    return OK;
}

/* ---- deferred calls ---- */

void loop_defer(struct loop *l, struct loop_deferred *d, loop_deferred_fn *fn)
{
    d->fn = fn;
    if (d->at)
        return;
    d->loop = l;
    d->next = NULL;
    d->at = l->last;
    *l->last = d;
    l->last = &d->next;
}

void loop_undefer(struct loop_deferred *d)
{
    if (!d->at)
        return;
    *d->at = d->next;
    if (d->next)
        d->next->at = d->at;
    else if (d->loop->last == &d->next)
        d->loop->last = d->at;
    d->at = NULL;
}

static void run_deferred(struct loop *l)
{
    if (!l->first)
        return;
    l->running = l->first;
    l->running->at = &l->running;
    l->first = NULL;
    l->last = &l->first;
    while (l->running) {
        struct loop_deferred *d = l->running;
        loop_undefer(d);
        d->fn(d);
    }
}

/* ---- the round ---- */

struct err loop_run(struct loop *l)
{
    for (l->stop = false; !l->stop;) {
        TRY(set_alarm(l));
        bool hurry = l->first != NULL;
        l->now_ns = 0;
        int r = event_base_loop(l->base, EVLOOP_ONCE | (hurry ? EVLOOP_NONBLOCK : 0));
        if (r < 0)
            return err(ERR_IO);
        if (r == 1 && !hurry && l->heap_n == 0)
            return OK; /* nothing is watched, nothing can ever happen */
        run_timers(l);
        run_deferred(l);
    }
    return OK;
}

/* ---- descriptors and signals ---- */

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    struct loop_watch *w = arg;
    unsigned ready = what & EV_WRITE ? LOOP_WRITE : 0U;
    if (what & (EV_READ | EV_CLOSED))
        ready |= LOOP_READ;
    if ((what & EV_CLOSED) || ((what & EV_READ) && !w->tells_end))
        ready |= LOOP_END;
    w->fn(w, ready);
}

static struct err add_event(struct event *ev, struct event **out)
{
    *out = NULL;
    if (!ev)
        return err(ERR_NOMEM);
    if (event_add(ev, NULL) < 0) {
        event_free(ev);
        return err(ERR_IO);
    }
    *out = ev;
    return OK;
}

static struct err watch(struct loop *l, struct loop_watch *w, int fd, short how, loop_io_fn *fn)
{
    *w = (struct loop_watch){.fn = fn, .fd = fd, .tells_end = (how & EV_CLOSED) != 0};
    return add_event(event_new(l->base, fd, how, on_ready, w), &w->ev);
}

struct err loop_watch(struct loop *l, struct loop_watch *w, int fd, loop_io_fn *fn)
{
    return watch(l, w, fd, EV_READ | EV_WRITE | l->tells_end | EV_ET | EV_PERSIST, fn);
}

struct err loop_watch_level(struct loop *l, struct loop_watch *w, int fd, loop_io_fn *fn)
{
    return watch(l, w, fd, EV_READ | EV_PERSIST, fn);
}

void loop_unwatch(struct loop_watch *w)
{
    if (w->ev)
        event_free(w->ev);
    w->ev = NULL;
}

static void on_signal(evutil_socket_t signo, short what, void *arg)
{
    (void)signo, (void)what;
    struct loop_signal *s = arg;
    s->fn(s);
}

struct err loop_signal(struct loop *l, struct loop_signal *s, enum loop_signo signo,
                       loop_signal_fn *fn)
{
    static const int numbers[] = {SIGHUP, SIGTERM, SIGINT};
    s->fn = fn;
    return add_event(evsignal_new(l->base, numbers[signo], on_signal, s), &s->ev);
}

void loop_unsignal(struct loop_signal *s)
{
    if (s->ev)
        event_free(s->ev);
    s->ev = NULL;
}
