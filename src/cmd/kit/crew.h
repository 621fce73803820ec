/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks done side by side, one thread a processor, and given back in the order they were put in.
 * One thread puts and takes; the others work:
 *
 *     struct crew *c = crew_new(&work);
 *     for (…) {
 *         if (crew_full(c))
 *             finish(crew_take(c));             waits for the oldest
 *         crew_put(c, task);
 *     }
 *     while (!crew_empty(c))
 *         finish(crew_take(c));
 *     crew_free(c);
 *
 * A task belongs to the crew from crew_put until crew_take gives it back. The first few, and all of
 * them on one processor, are done by crew_put itself: most commands have little to do.
 */
#ifndef SANCTUM_CMD_KIT_CREW_H
#define SANCTUM_CMD_KIT_CREW_H

#include <stdbool.h>
#include <stddef.h>

struct crew_work {
    void *common;
    /* What one thread needs; NULL: no memory. Called by the thread that puts. */
    void *(*open)(void *common);
    void (*close)(void *own);
    /* Do the task. Several threads call it at once, each with its own. */
    void (*run)(void *own, void *task);
};

struct crew;

/* NULL: no memory. `work` is borrowed. */
struct crew *crew_new(const struct crew_work *work);
/* How many tasks may be under way: from 1. */
size_t crew_room(const struct crew *c);
/* As many are; the next call must be crew_take. */
bool crew_full(const struct crew *c);
/* None is. */
bool crew_empty(const struct crew *c);
void crew_put(struct crew *c, void *task);
/* The oldest task, done; waits for it. Not of an empty crew. */
void *crew_take(struct crew *c);
/* Of an empty crew; NULL is none. */
void crew_free(struct crew *c);

#endif
