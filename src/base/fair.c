/* SPDX-License-Identifier: Apache-2.0 */
#include "fair.h"

#include <stddef.h>
#include <string.h>

static bool same_flow(const struct fair_item *a, const char *flow)
{
    return strcmp(a->flow, flow) == 0;
}

static void link_at(struct fair_item **at, struct fair_item *i)
{
    i->next = *at;
    i->at = at;
    if (i->next)
        i->next->at = &i->next;
    *at = i;
}

static void unlink_from(struct fair_item *i)
{
    *i->at = i->next;
    if (i->next)
        i->next->at = i->at;
    i->next = NULL;
    i->at = NULL;
}

/* The latest round of the flow's in this list, or `round`. */
static uint64_t latest(const struct fair_item *list, const char *flow, uint64_t round)
{
    for (; list; list = list->next)
        if (same_flow(list, flow) && list->round > round)
            round = list->round;
    return round;
}

/* Is a to be done before b, which came earlier? */
static bool goes_before(const struct fair_item *a, const struct fair_item *b)
{
    return a->round != b->round ? a->round < b->round : a->alone && !b->alone;
}

void fair_add(struct fair_queue *q, struct fair_item *i, const char *flow)
{
    uint64_t own = latest(q->waiting, flow, latest(q->taken, flow, 0));
    i->queue = q;
    i->flow = flow;
    i->alone = own == 0;
    i->round = (own > q->round ? own : q->round) + 1;
    struct fair_item **at = &q->waiting;
    while (*at && !goes_before(i, *at))
        at = &(*at)->next;
    link_at(at, i);
    q->looked = false;
}

static bool is_busy(const struct fair_queue *q, const char *flow)
{
    for (const struct fair_item *x = q->taken; x; x = x->next)
        if (same_flow(x, flow))
            return true;
    return false;
}

struct fair_item *fair_take(struct fair_queue *q)
{
    if (q->looked)
        return NULL;
    struct fair_item *i = q->waiting;
    while (i && is_busy(q, i->flow))
        i = i->next;
    if (!i) {
        q->looked = true;
        return NULL;
    }
    unlink_from(i);
    link_at(&q->taken, i);
    if (i->round > q->round)
        q->round = i->round;
    return i;
}

void fair_drop(struct fair_item *i)
{
    if (!i->at)
        return;
    i->queue->looked = false;
    unlink_from(i);
}
