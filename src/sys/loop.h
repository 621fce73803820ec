/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop of every role: descriptors, timers, signals, deferred calls. One thread, one loop.
 *
 * A watch, a timer and a deferred call are structs that the owner embeds in its own struct; the
 * callback gets the embedded struct back and finds its owner with LOOP_OWNER. The owner frees
 * nothing of the loop's: it stops what it started before its memory goes. Everything may be
 * started, stopped and freed from within any callback, its own included.
 *
 * Frequent: a ready descriptor, moving a deadline (O(1), no system call), loop_now_ns. Rare:
 * starting and stopping a watch (one epoll_ctl each). Nothing else costs a system call.
 */
#ifndef SANCTUM_SYS_LOOP_H
#define SANCTUM_SYS_LOOP_H

#include "err.h"

/* The struct of type `type` whose member `member` is at `ptr`. */
#define LOOP_OWNER(ptr, type, member)                                                              \
    ((type *)(void *)((char *)(ptr) - __builtin_offsetof(type, member)))

struct loop;
struct event; /* the event library's; nobody but loop.c looks inside */

MUST struct err loop_new(struct loop **out);
/* Stop everything first: the loop does not own what it watches. */
void loop_free(struct loop *l);
/* Serve until loop_stop. ERR_IO when the kernel's poll interface fails. */
MUST struct err loop_run(struct loop *l);
/* loop_run returns after the callbacks of this round. */
void loop_stop(struct loop *l);
/* Monotonic nanoseconds, read once a round: all callbacks of a round see the same time. */
uint64_t loop_now_ns(struct loop *l);

/* ---- descriptors ---- */

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_END = 4 };

struct loop_watch;
/*
 * Edge-triggered: `ready` (LOOP_READ | LOOP_WRITE) tells what became possible since the last call.
 * Read and write until ERR_AGAIN, or remember that you stopped early and go on by yourself (a
 * deferred call, or when back-pressure ends): the loop will not say it again. End of file and
 * errors arrive as LOOP_READ (errors as both): the next read or write names them.
 *
 * LOOP_END comes with LOOP_READ when the other side's end is known to lie behind the bytes, or when
 * the loop cannot tell. Without it a stream socket's read that filled less than its memory took all
 * there was (epoll(7)): the read that would say ERR_AGAIN may be left out, for what comes later,
 * the end included, is a new edge. Only a reset that was there already is then first seen by a
 * write.
 */
typedef void loop_io_fn(struct loop_watch *w, unsigned ready);
struct loop_watch {
    loop_io_fn *fn;
    struct event *ev;
    int fd;
    bool tells_end;
};

/* Watch fd for reading and writing, both at once, until loop_unwatch: no epoll_ctl in between. The
 * first call comes with what is possible now. The descriptor stays the caller's. */
MUST struct err loop_watch(struct loop *l, struct loop_watch *w, int fd, loop_io_fn *fn);
/* Level-triggered, reading only: for listeners that share a queue with other processes, and for
 * eventfds. */
MUST struct err loop_watch_level(struct loop *l, struct loop_watch *w, int fd, loop_io_fn *fn);
/* Before the descriptor is closed. Safe on a zeroed or stopped watch; a pending call is dropped. */
void loop_unwatch(struct loop_watch *w);

/* ---- timers ---- */

struct loop_timer;
typedef void loop_timer_fn(struct loop_timer *t);
/* Zero it before first use. */
struct loop_timer {
    loop_timer_fn *fn;
    struct loop *loop;
    uint64_t due_ns; /* 0: not set */
    uint64_t key_ns; /* where it sits in the heap; <= due_ns */
    uint32_t slot;   /* heap index + 1; 0: not in the heap */
};

/*
 * Call fn once at or after `due_ns` (same clock as loop_now_ns), up to 2 ms late. Setting again
 * moves the deadline: moving it later is two stores, so a connection may do it at every byte.
 * ERR_NOMEM only when more timers are set than ever before.
 */
MUST struct err loop_timer_set(struct loop *l, struct loop_timer *t, uint64_t due_ns,
                               loop_timer_fn *fn);
/* Safe on a zeroed timer and on one that fired. */
void loop_timer_stop(struct loop_timer *t);

/* ---- deferred calls ---- */

struct loop_deferred;
typedef void loop_deferred_fn(struct loop_deferred *d);
/* Zero it before first use. */
struct loop_deferred {
    loop_deferred_fn *fn;
    struct loop *loop;
    struct loop_deferred *next, **at; /* at == NULL: not queued */
};

/* Call fn once, after the callbacks of this round and before the loop sleeps. Calls deferred by
 * deferred calls run in the next round, after descriptors had their turn. Queued twice is once. */
void loop_defer(struct loop *l, struct loop_deferred *d, loop_deferred_fn *fn);
void loop_undefer(struct loop_deferred *d);

/* ---- signals ---- */

struct loop_signal;
enum loop_signo { LOOP_HANGUP, LOOP_TERMINATE, LOOP_INTERRUPT };
typedef void loop_signal_fn(struct loop_signal *s);
struct loop_signal {
    loop_signal_fn *fn;
    struct event *ev;
};
/* Only parent does this. The handler runs as an ordinary callback of the loop. */
MUST struct err loop_signal(struct loop *l, struct loop_signal *s, enum loop_signo signo,
                            loop_signal_fn *fn);
void loop_unsignal(struct loop_signal *s);

#endif
