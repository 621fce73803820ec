/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record rings. Parent makes one for each gate process and keeps it until the ledger says that
 * every record in it is stored: a gate or a ledger that dies takes nothing with it.
 *
 *   rings_add ─▶ kept ── gate ends, rings_end ──▶ ended ── RING_DONE, rings_drop ──▶ free
 *                  └────── each new ledger gets all of both ──────┘
 */
#include "parent_int.h"

#include "shm.h"

struct err rings_add(struct parent *p, uint32_t *id)
{
    for (size_t i = 0; i < RINGS_MAX; i++) {
        struct ring_kept *r = &p->rings[i];
        if (r->id)
            continue;
        TRY(ring_create(RING_BYTES, &r->fds));
        r->id = *id = ++p->last_ring;
        r->ended = false;
        struct slot *ledger = rings_ledger(p);
        if (ledger && failed(rings_give(p, r, ledger)))
            slot_kill(ledger); /* it does not read: its successor gets all rings */
        return OK;
    }
    return err(ERR_LIMIT);
}

struct ring_kept *rings_find(struct parent *p, uint32_t id)
{
    for (size_t i = 0; id && i < RINGS_MAX; i++)
        if (p->rings[i].id == id)
            return &p->rings[i];
    return NULL;
}

struct slot *rings_ledger(struct parent *p)
{
    for (size_t i = 0; i < SLOTS_MAX; i++)
        if (p->slots[i].role == WIRE_LEDGER && slot_runs(&p->slots[i]))
            return &p->slots[i];
    return NULL;
}

static struct err say_ended(struct slot *ledger, uint32_t id)
{
    struct wire_msg m = {.type = WIRE_RING_END, .ring_end = {.ring = id}};
    return slot_send(ledger, &m, NULL, 0);
}

struct err rings_give(struct parent *p, const struct ring_kept *r, struct slot *ledger)
{
    (void)p;
    struct wire_grant g = {.kind = WIRE_GRANT_RING_IN, .role = WIRE_GATE, .index = r->id};
    const int ours[] = {r->fds.data_ro, r->fds.ack_rw, r->fds.to_producer, r->fds.to_consumer};
    int theirs[WIRE_GRANT_FDS];
    for (size_t i = 0; i < WIRE_GRANT_FDS; i++)
        theirs[i] = net_duplicate(ours[i]);
    uint8_t bytes[64];
    struct wr w = wr_of(bytes, sizeof bytes);
    wire_grant_encode(&g, &w);
    struct wire_msg m = {.type = WIRE_GRANT, .grant = {.grant = wr_span(&w)}};
    TRY(slot_send(ledger, &m, theirs, WIRE_GRANT_FDS));
    return r->ended ? say_ended(ledger, r->id) : OK;
}

struct err rings_give_all(struct parent *p, struct slot *ledger)
{
    for (size_t i = 0; i < RINGS_MAX; i++)
        if (p->rings[i].id)
            TRY(rings_give(p, &p->rings[i], ledger));
    return OK;
}

void rings_end(struct parent *p, uint32_t id)
{
    struct ring_kept *r = rings_find(p, id);
    if (!r || r->ended)
        return;
    r->ended = true;
    struct slot *ledger = rings_ledger(p);
    if (ledger && failed(say_ended(ledger, id)))
        slot_kill(ledger); /* it does not read: its successor will be told */
}

void rings_drop(struct parent *p, uint32_t id)
{
    struct ring_kept *r = rings_find(p, id);
    if (!r || !r->ended)
        return;
    ring_close(&r->fds);
    *r = (struct ring_kept){0};
}
