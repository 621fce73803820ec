/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Long computations in a process that serves others. Whoever runs one says here how it takes turns
 * (sys/fiber.h); the libraries that do the computing call pace_turn where nothing that is shared in
 * the process is half done, and know nothing of loops and processes. Where nobody asked for turns a
 * call costs a load and a branch.
 */
#ifndef SANCTUM_BASE_PACE_H
#define SANCTUM_BASE_PACE_H

#include <stddef.h>

#include "err.h"

struct pace {
    /* Others had their turn when it returns. ERR_CLOSED: the result is not wanted any more. */
    struct err (*turn)(struct pace *p);
};

/* Of the computation at work; NULL: it need not take turns. */
extern struct pace *pace_at_work;

/* Once every 10 to 500 us of work. On an error give up at once, as after any other. */
MUST static inline struct err pace_turn(void)
{
    return pace_at_work ? pace_at_work->turn(pace_at_work) : OK;
}

/* The same for a loop of short rounds: at every 64th. */
MUST static inline struct err pace_round(size_t round)
{
    return round % 64 ? OK : pace_turn();
}

#endif
