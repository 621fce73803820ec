/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A role's channels. Every message is decoded and checked here before the role sees it; whoever
 * sends what it may not loses its channel, and parent hears of it.
 *
 *   role_add_peer ─▶ alive ── read_some ──▶ alive
 *                      │ die (closed, full, offence)
 *                      ▼
 *                     dead ── bury, after this round ──▶ peer_lost, freed
 */
#include <stdlib.h>

#include "log.h"
#include "role_int.h"
#include "secret.h"

/* Messages read from one peer before others have their turn. */
enum { READ_AT_ONCE = 32 };

static void bury(struct loop_deferred *d)
{
    struct role_peer *p = LOOP_OWNER(d, struct role_peer, later);
    struct role *r = p->owner;
    for (struct role_peer **at = &r->peers; *at; at = &(*at)->next)
        if (*at == p) {
            *at = p->next;
            break;
        }
    r->peer_count--;
    if (p == r->parent) {
        r->parent = NULL;
        role_orphaned(r);
    } else if (r->ops->peer_lost)
        r->ops->peer_lost(r, p);
    free(p);
}

static void die(struct role_peer *p)
{
    if (p->dead)
        return;
    p->dead = true;
    loop_unwatch(&p->watch);
    ipc_close(&p->ipc);
    loop_undefer(&p->later);
    loop_defer(p->owner->loop, &p->later, bury);
}

/* Send through `out`, which never keeps a secret. */
struct err role_send_fds(struct role_peer *p, const struct wire_msg *m, const int *fds,
                         size_t fd_count)
{
    struct role *r = p->owner;
    struct wr w = wr_of(r->out, sizeof r->out);
    struct err e = p->dead ? err(ERR_CLOSED) : wire_encode(m, &w);
    struct ipc_msg unsent = {.fd_count = fd_count};
    if (failed(e)) {
        memcpy(unsent.fds, fds, fd_count * sizeof(int));
        ipc_msg_drop(&unsent);
        return e;
    }
    e = ipc_send(&p->ipc, wr_span(&w), fds, fd_count);
    if (wire_is_secret(m->type))
        secret_wipe(r->out, w.n);
    if (failed(e))
        die(p);
    return e;
}

struct err role_send(struct role_peer *p, const struct wire_msg *m)
{
    return role_send_fds(p, m, NULL, 0);
}

static void offence(struct role_peer *p, enum wire_type type)
{
    struct role *r = p->owner;
    if (p->dead || p == r->parent)
        return;
    log_line(LOG_LEVEL_ERROR, "peer broke the rules", LOG_STR("peer", wire_role_name(p->role)),
             LOG_U64("index", p->index), LOG_STR("message", wire_type_name(type)));
    struct wire_msg m = {
        .type = WIRE_OFFENCE,
        .offence = {.role = (uint8_t)p->role, .index = p->index, .type = (uint16_t)type}};
    if (r->parent && failed(role_send(r->parent, &m)))
        role_exit(r, 2);
    die(p);
}

void role_offence(struct role_peer *p)
{
    offence(p, WIRE_NO_MESSAGE);
}

/* Legal when sent, late when read: the sender could not know that this process drains. */
static bool came_late(const struct role_peer *p, enum wire_type type, size_t fd_count)
{
    const struct role *r = p->owner;
    return r->state == WIRE_DRAINING &&
           !failed(wire_accept(type, p->role, r->ops->role, WIRE_SERVING, fd_count));
}

static struct err dispatch(struct role_peer *p, struct wire_msg *m, struct ipc_msg *raw)
{
    struct role *r = p->owner;
    TRY(wire_decode(span(r->in, raw->n), m));
    struct err e = wire_accept(m->type, p->role, r->ops->role, r->state, raw->fd_count);
    if (failed(e))
        return came_late(p, m->type, raw->fd_count) ? OK : e;
    if (p == r->parent && role_from_parent(r, m, raw, &e))
        return e;
    return r->ops->message ? r->ops->message(r, p, m) : OK;
}

static void read_some(struct role_peer *p);

static void read_later(struct loop_deferred *d)
{
    read_some(LOOP_OWNER(d, struct role_peer, later));
}

static void read_some(struct role_peer *p)
{
    struct role *r = p->owner;
    for (int i = 0; i < READ_AT_ONCE; i++) {
        struct ipc_msg raw;
        struct err e = ipc_recv(&p->ipc, r->in, sizeof r->in, &raw);
        if (err_cat(e) == ERR_AGAIN)
            return;
        if (err_cat(e) == ERR_CLOSED || err_cat(e) == ERR_IO) {
            die(p);
            return;
        }
        struct wire_msg m = {.type = WIRE_NO_MESSAGE};
        if (!failed(e))
            e = dispatch(p, &m, &raw);
        ipc_msg_drop(&raw);
        if (wire_is_secret(m.type))
            secret_wipe(r->in, raw.n);
        if (failed(e) && p == r->parent) {
            log_line(LOG_LEVEL_ERROR, "cannot follow parent", LOG_ERR("error", e),
                     LOG_STR("message", wire_type_name(m.type)));
            role_exit(r, 2);
            return;
        }
        if (failed(e))
            offence(p, m.type);
        if (p->dead)
            return;
    }
    loop_defer(r->loop, &p->later, read_later);
}

static void on_ready(struct loop_watch *w, unsigned ready)
{
    struct role_peer *p = LOOP_OWNER(w, struct role_peer, watch);
    if ((ready & LOOP_WRITE) && failed(ipc_flush(&p->ipc))) {
        die(p);
        return;
    }
    if (ready & LOOP_READ)
        read_some(p);
}

struct err role_add_peer(struct role *r, enum wire_role role, uint32_t index, int fd,
                         struct role_peer **out)
{
    struct role_peer *p = calloc(1, sizeof *p);
    struct ipc channel;
    ipc_open(&channel, fd, ROLE_QUEUE_MAX);
    struct err e = p ? OK : err(ERR_NOMEM);
    if (!failed(e) && r->peer_count >= ROLE_PEERS_MAX)
        e = err(ERR_LIMIT);
    if (!failed(e)) {
        p->owner = r;
        p->role = role;
        p->index = index;
        p->id = ++r->last_peer_id;
        ipc_open(&p->ipc, fd, ROLE_QUEUE_MAX);
        e = loop_watch(r->loop, &p->watch, fd, on_ready);
    }
    if (failed(e)) {
        ipc_close(&channel);
        free(p);
        return e;
    }
    p->next = r->peers;
    r->peers = p;
    r->peer_count++;
    *out = p;
    return OK;
}

struct role_peer *role_peer(struct role *r, enum wire_role role, uint32_t index)
{
    for (struct role_peer *p = r->peers; p; p = p->next)
        if (p->role == role && p->index == index && !p->dead)
            return p;
    return NULL;
}

struct role_peer *role_peer_by_id(struct role *r, uint64_t id)
{
    for (struct role_peer *p = r->peers; p; p = p->next)
        if (p->id == id && !p->dead)
            return p;
    return NULL;
}

enum wire_role role_peer_role(const struct role_peer *p)
{
    return p->role;
}

uint32_t role_peer_index(const struct role_peer *p)
{
    return p->index;
}

uint64_t role_peer_id(const struct role_peer *p)
{
    return p->id;
}
