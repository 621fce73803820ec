/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: readiness by edges, timers in order, deferred calls, stopping within callbacks. */
#include "unit.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "loop.h"
#include "net.h"

enum { MS = 1000000 };

struct end {
    struct loop_watch watch;
    struct loop *loop;
    int fd, calls;
    unsigned seen;
    size_t bytes;
    bool stop_on_read;
};

static void on_end(struct loop_watch *w, unsigned ready)
{
    struct end *e = LOOP_OWNER(w, struct end, watch);
    e->calls++;
    e->seen |= ready;
    uint8_t room[64];
    size_t n;
    while ((ready & LOOP_READ) && !failed(net_read(e->fd, room, sizeof room, &n)))
        e->bytes += n;
    if (e->stop_on_read && e->bytes)
        loop_stop(e->loop);
}

static void new_pair(struct end *a, struct end *b)
{
    struct net_addr any, at, peer;
    int listener;
    assert_ok(net_parse(SPAN_LIT("127.0.0.1:0"), &any));
    assert_ok(net_listen(&any, false, &listener));
    assert_ok(net_local(listener, &at));
    struct err e = net_connect(&at, &a->fd);
    assert_true(!failed(e) || err_cat(e) == ERR_AGAIN);
    do
        e = net_accept(listener, &b->fd, &peer);
    while (err_cat(e) == ERR_AGAIN);
    assert_ok(e);
    net_close(&listener);
}

static void free_pair(struct end *a, struct end *b)
{
    loop_unwatch(&a->watch);
    loop_unwatch(&b->watch);
    net_close(&a->fd);
    net_close(&b->fd);
}

struct stop_at {
    struct loop_timer timer;
    struct loop *loop;
};

static void on_stop(struct loop_timer *t)
{
    loop_stop(LOOP_OWNER(t, struct stop_at, timer)->loop);
}

static void run_for(struct loop *l, uint64_t ms)
{
    struct stop_at s = {.loop = l};
    assert_ok(loop_timer_set(l, &s.timer, clock_mono_ns() + ms * MS, on_stop));
    assert_ok(loop_run(l));
    loop_timer_stop(&s.timer);
}

static void edges(void **state)
{
    (void)state;
    struct loop *l;
    assert_ok(loop_new(&l));
    struct end a = {.loop = l}, b = {.loop = l, .stop_on_read = true};
    new_pair(&a, &b);
    assert_ok(loop_watch(l, &a.watch, a.fd, on_end));
    assert_ok(loop_watch(l, &b.watch, b.fd, on_end));
    size_t n;
    assert_ok(net_write(a.fd, SPAN_LIT("hello"), &n));
    assert_ok(loop_run(l));
    assert_int_equal(b.bytes, 5);
    assert_true(a.seen & LOOP_WRITE);
    /* Nothing new happens: writable all the time, and yet nobody is called. */
    int calls = a.calls;
    run_for(l, 20);
    assert_int_equal(a.calls, calls);
    /* The end of the other side is a readiness to read. */
    b.bytes = 0;
    b.seen = 0;
    b.stop_on_read = false;
    loop_unwatch(&a.watch);
    net_close(&a.fd);
    run_for(l, 20);
    assert_true(b.seen & LOOP_READ);
    free_pair(&a, &b);
    loop_free(l);
}

/* What a read that found less than it asked for may conclude (loop.h, LOOP_END). */
static void ends(void **state)
{
    (void)state;
    struct loop *l;
    assert_ok(loop_new(&l));
    struct end a = {.loop = l}, b = {.loop = l};
    new_pair(&a, &b);
    assert_ok(loop_watch(l, &b.watch, b.fd, on_end));
    size_t n;
    assert_ok(net_write(a.fd, SPAN_LIT("hello"), &n));
    run_for(l, 20);
    assert_int_equal(b.bytes, 5);
    assert_false(b.seen & LOOP_END);
    /* Bytes and the end of the side that sent them come as one event. */
    assert_ok(net_write(a.fd, SPAN_LIT("bye"), &n));
    net_finish(a.fd);
    run_for(l, 20);
    assert_int_equal(b.bytes, 8);
    assert_true(b.seen & LOOP_READ);
    assert_true(b.seen & LOOP_END);
    free_pair(&a, &b);
    loop_free(l);
}

/* A watch that stops the other one of the same round: the other's call must not come. */
struct killer {
    struct loop_watch watch;
    struct killer *other;
    int calls;
};

static void on_killer(struct loop_watch *w, unsigned ready)
{
    (void)ready;
    struct killer *k = LOOP_OWNER(w, struct killer, watch);
    k->calls++;
    loop_unwatch(&k->other->watch);
}

static void stopping_the_other(void **state)
{
    (void)state;
    struct loop *l;
    assert_ok(loop_new(&l));
    struct end a = {0}, b = {0};
    new_pair(&a, &b);
    struct killer x = {0}, y = {.other = &x};
    x.other = &y;
    assert_ok(loop_watch(l, &x.watch, a.fd, on_killer));
    assert_ok(loop_watch(l, &y.watch, b.fd, on_killer));
    run_for(l, 10);
    assert_int_equal(x.calls + y.calls, 1);
    loop_unwatch(&x.watch);
    loop_unwatch(&y.watch);
    free_pair(&a, &b);
    loop_free(l);
}

/* ---- timers ---- */

enum { TIMERS = 500 };

struct tick {
    struct loop_timer timer;
    uint64_t due, fired_at;
    int fired;
};

static struct loop *the_loop;
static uint64_t last_due;
static int fired;

static void on_tick(struct loop_timer *t)
{
    struct tick *k = LOOP_OWNER(t, struct tick, timer);
    k->fired++;
    k->fired_at = loop_now_ns(the_loop);
    assert_true(k->fired_at >= k->due);
    assert_true(k->due >= last_due); /* in the order of their deadlines */
    last_due = k->due;
    fired++;
}

static void timers_in_order(void **state)
{
    (void)state;
    assert_ok(loop_new(&the_loop));
    static struct tick all[TIMERS];
    memset(all, 0, sizeof all);
    uint64_t base = clock_mono_ns() + 20 * MS;
    srand(7);
    fired = 0;
    last_due = 0;
    for (size_t i = 0; i < TIMERS; i++) {
        all[i].due = base + (uint64_t)(rand() % 30000) * 1000;
        assert_ok(loop_timer_set(the_loop, &all[i].timer, all[i].due, on_tick));
    }
    int stopped = 0;
    for (size_t i = 0; i < TIMERS; i++) {
        if (i % 5 == 0) {
            loop_timer_stop(&all[i].timer);
            stopped++;
        } else if (i % 5 < 3) { /* moved, both ways */
            all[i].due = base + (uint64_t)(rand() % 30000) * 1000;
            assert_ok(loop_timer_set(the_loop, &all[i].timer, all[i].due, on_tick));
        }
    }
    run_for(the_loop, 70);
    assert_int_equal(fired, TIMERS - stopped);
    for (size_t i = 0; i < TIMERS; i++)
        assert_int_equal(all[i].fired, i % 5 != 0);
    loop_free(the_loop);
}

static void on_again(struct loop_timer *t)
{
    struct tick *k = LOOP_OWNER(t, struct tick, timer);
    k->fired++;
    assert_ok(loop_timer_set(the_loop, t, 1, on_again)); /* always overdue */
}

static void overdue_timer_does_not_hold_the_loop(void **state)
{
    (void)state;
    assert_ok(loop_new(&the_loop));
    struct tick k = {0};
    assert_ok(loop_timer_set(the_loop, &k.timer, 1, on_again));
    run_for(the_loop, 5);
    assert_true(k.fired > 1);
    loop_timer_stop(&k.timer);
    loop_timer_stop(&k.timer);
    assert_ok(loop_run(the_loop)); /* nothing left: returns */
    loop_free(the_loop);
}

/* ---- deferred ---- */

struct job {
    struct loop_deferred later;
    struct loop *loop;
    struct job *cancels;
    int runs, again;
};

static void on_job(struct loop_deferred *d)
{
    struct job *j = LOOP_OWNER(d, struct job, later);
    j->runs++;
    if (j->cancels)
        loop_undefer(&j->cancels->later);
    if (j->again-- > 0)
        loop_defer(j->loop, d, on_job);
    else
        loop_stop(j->loop);
}

static void deferred(void **state)
{
    (void)state;
    struct loop *l;
    assert_ok(loop_new(&l));
    struct job gone = {.loop = l}, never = {.loop = l}, twice = {.loop = l, .again = 1};
    struct job first = {.loop = l, .cancels = &gone, .again = 3};
    loop_defer(l, &first.later, on_job);
    loop_defer(l, &first.later, on_job); /* twice is once */
    loop_defer(l, &gone.later, on_job);
    loop_defer(l, &never.later, on_job);
    loop_undefer(&never.later);
    loop_undefer(&never.later);
    loop_defer(l, &twice.later, on_job);
    assert_ok(loop_run(l));
    assert_int_equal(first.runs, 2);
    assert_int_equal(gone.runs, 0);
    assert_int_equal(never.runs, 0);
    assert_int_equal(twice.runs, 2);
    loop_undefer(&first.later);
    loop_free(l);
}

/* ---- signals ---- */

struct sig {
    struct loop_signal signal;
    struct loop *loop;
    int heard;
};

static void on_sig(struct loop_signal *s)
{
    struct sig *g = LOOP_OWNER(s, struct sig, signal);
    g->heard++;
    loop_stop(g->loop);
}

static void signals(void **state)
{
    (void)state;
    struct loop *l;
    assert_ok(loop_new(&l));
    struct sig g = {.loop = l};
    assert_ok(loop_signal(l, &g.signal, LOOP_HANGUP, on_sig));
    assert_int_equal(kill(getpid(), 1), 0);
    assert_ok(loop_run(l));
    assert_int_equal(g.heard, 1);
    loop_unsignal(&g.signal);
    loop_unsignal(&g.signal);
    loop_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edges),
        cmocka_unit_test(ends),
        cmocka_unit_test(stopping_the_other),
        cmocka_unit_test(timers_in_order),
        cmocka_unit_test(overdue_timer_does_not_hold_the_loop),
        cmocka_unit_test(deferred),
        cmocka_unit_test(signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
