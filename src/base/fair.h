/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fair queueing: whose thing is done next, where those who ask for things share what does them.
 * Flows take turns, each one's own things are done in the order they came; so however many things
 * one flow asks for, another waits for what is being done and one of each flow's at most. The
 * gate's flows are principals, its things long requests.
 *
 * A round holds one thing of each flow. What comes belongs to the round after its flow's last one,
 * and to a round that has not begun: nobody saves anything up, and whoever asks anew as soon as he
 * has his answer keeps no other waiting. Within a round, things of flows that had nothing else
 * waiting go first.
 *
 * Owners embed the item; nothing is allocated. Adding costs a walk over what waits, taking likewise
 * where something came or went since.
 */
#ifndef SANCTUM_BASE_FAIR_H
#define SANCTUM_BASE_FAIR_H

#include <stdbool.h>
#include <stdint.h>

/* Zero it before first use. */
struct fair_item {
    struct fair_item *next, **at; /* at == NULL: in no queue */
    struct fair_queue *queue;
    const char *flow;
    uint64_t round;
    bool alone; /* its flow had nothing else when it came */
};

/* Zero it before first use. */
struct fair_queue {
    struct fair_item *waiting, *taken; /* waiting: in the order they go */
    uint64_t round;                    /* the one that began last */
    bool looked;                       /* nothing can be taken until something comes or goes */
};

/* `flow`: a name, which must stay until the item is dropped. The item is in no queue. */
void fair_add(struct fair_queue *q, struct fair_item *i, const char *flow);
/* The next of a flow that has nothing taken, or NULL. It stays the flow's until dropped. */
struct fair_item *fair_take(struct fair_queue *q);
/* It is done, or not wanted. Safe on one that is in no queue. */
void fair_drop(struct fair_item *i);

#endif
