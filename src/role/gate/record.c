/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two records of a request. `opened` is in the ring, and in durable mode on disk, before a byte
 * goes upstream; `closed` follows at the end. Neither holds a word of content.
 */
#include "exchange.h"

#include "clock.h"

/* The fields both records share. */
static struct audit_record base_record(const struct exchange *x, enum audit_kind kind)
{
    const struct settings_hop *h = &x->hop[x->hop_at];
    return (struct audit_record){
        .kind = kind,
        .time_ns = clock_wall_ns(),
        .mono_ns = clock_mono_ns(),
        .request_id = span_str(x->id),
        .key = span_str(x->who.name),
        .key_id = span_str(x->who.id),
        .surface = span_str(llm_info(x->surface)->path),
        .model = h->model,
        .provider = x->gate->settings->providers[h->provider].name,
    };
}

static void count_masked(const struct exchange *x, struct audit_record *r)
{
    uint64_t left = x->masked_hop ? mask_total(x->map) : 0;
    for (int e = 0; e < ENTITY_COUNT && left; e++) {
        r->masked[e] = (uint32_t)mask_count(x->map, (enum entity)e);
        left -= r->masked[e];
    }
}

/* Bytes of the ring that are kept for the `closed` records of open requests, so that none of them
 * is lost to a ledger that lags. Half of it at most: however many streams are open, others may
 * begin. */
static size_t kept_free(const struct gate *g)
{
    return g->owed < g->ring.size / 2 ? g->owed : g->ring.size / 2;
}

/* The request's `closed` record will take `bytes`. */
static void owe(struct exchange *x, size_t bytes)
{
    x->gate->owed = x->gate->owed - x->owed + bytes;
    x->owed = (uint32_t)bytes;
}

/* ERR_AGAIN: there is no room before the ledger has stored up to x->ring_at. */
static struct err put(struct exchange *x, const struct audit_record *r, enum ring_urgency urgency)
{
    struct ring_out *ring = &x->gate->ring;
    bool opens = r->kind == AUDIT_opened, closes = r->kind == AUDIT_closed && x->opened;
    uint8_t bytes[AUDIT_RECORD_MAX];
    size_t n;
    TRY(audit_record_encode(r, bytes, &n));
    struct span part = span(bytes, n);
    size_t own = ring_frame(n), need = closes ? own : own + kept_free(x->gate) + (opens ? own : 0);
    if (!ring_out_has_room(ring, need)) {
        x->ring_at = ring_out_room_at(ring, need);
        return err(ERR_AGAIN);
    }
    TRY(ring_put(ring, &part, 1, urgency, &x->ring_at));
    owe(x, opens ? own : 0);
    return OK;
}

static bool durable(const struct exchange *x)
{
    return x->gate->settings->audit.mode == AUDIT_DURABLE;
}

/*
 * Does the ledger not keep up? Records that nobody waits for are stored within a second; when those
 * of some seconds ago are not, it is stuck or its disk is full, though the ring may have room for
 * hours of a quiet gate. Looks at one moment's records at a time: no list.
 */
static bool late(struct gate *g)
{
    enum { LATE_MS = 5000 };
    uint64_t now = loop_now_ns(g->loop);
    if (ring_committed(&g->ring) >= g->ring_mark) {
        g->ring_mark = g->ring.head;
        g->ring_mark_ns = now;
    }
    return now - g->ring_mark_ns > LATE_MS * UINT64_C(1000000);
}

/* Is the `opened` record on disk? */
static bool stored(struct exchange *x)
{
    return !durable(x) || ring_committed(&x->gate->ring) >= x->ring_at;
}

bool record_waived(struct exchange *x)
{
    if (x->gate->settings->audit.on_failure != ON_FAILURE_ALLOW)
        return false;
    if (!x->hop_opened) {
        x->unrecorded = true;
        x->gate->records_lost++;
    }
    return true;
}

struct err record_opened(struct exchange *x)
{
    struct gate *g = x->gate;
    if (x->hop_opened) /* waiting */
        return stored(x) ? OK : err(ERR_AGAIN);
    if (x->unrecorded)
        return OK;
    struct audit_record r = base_record(x, AUDIT_opened);
    count_masked(x, &r);
    struct err e = err(ERR_CLOSED);
    if (g->has_ring && (durable(x) || !late(g)))
        e = put(x, &r, durable(x) ? RING_DURABLE : RING_BATCHED);
    if (failed(e) && err_cat(e) != ERR_AGAIN && record_waived(x))
        return OK;
    TRY(e);
    x->opened = x->hop_opened = true;
    return stored(x) ? OK : err(ERR_AGAIN);
}

void record_refused(struct exchange *x)
{
    bool known = x->surface != LLM_NONE;
    struct audit_record r = {
        .kind = AUDIT_refused,
        .time_ns = clock_wall_ns(),
        .mono_ns = clock_mono_ns(),
        .request_id = span_str(x->id),
        .key = span_str(x->who.name),
        .key_id = span_str(x->who.id),
        .surface = span_str(known ? llm_info(x->surface)->path : "?"),
        .model = buf_span(&x->model),
        .status = x->status,
    };
    if (x->gate->has_ring && failed(put(x, &r, RING_BATCHED)))
        x->gate->records_lost++;
}

void record_closed(struct exchange *x)
{
    const struct llm_usage *u = &x->seen.usage;
    struct audit_record r = base_record(x, AUDIT_closed);
    count_masked(x, &r);
    if (x->restore)
        x->restored = restore_count(x->restore);
    r.restored = (uint32_t)x->restored;
    r.tokens_known = u->seen;
    r.input_tokens = u->input + u->cache_read + u->cache_write;
    r.output_tokens = u->output;
    r.cost_known = u->seen && cost_of(x, u, &r.cost_nanousd);
    r.status = x->status;
    r.latency_us = (uint32_t)((r.mono_ns - x->started_ns) / 1000);
    if (x->gate->has_ring && failed(put(x, &r, RING_BATCHED))) {
        x->gate->records_lost++;
        owe(x, 0);
    }
}

struct err record_service(struct exchange *x, const char *path, const uint32_t masked[ENTITY_COUNT])
{
    struct gate *g = x->gate;
    struct audit_record r = {
        .kind = AUDIT_closed,
        .time_ns = clock_wall_ns(),
        .mono_ns = clock_mono_ns(),
        .request_id = span_str(x->id),
        .key = span_str(x->who.name),
        .key_id = span_str(x->who.id),
        .surface = span_str(path),
        .status = 200,
    };
    memcpy(r.masked, masked, sizeof r.masked);
    r.latency_us = (uint32_t)((r.mono_ns - x->started_ns) / 1000);
    struct err e = g->has_ring && !late(g) ? put(x, &r, RING_BATCHED) : err(ERR_CLOSED);
    return g->settings->audit.on_failure == ON_FAILURE_ALLOW ? OK : e;
}
