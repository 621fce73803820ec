/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first message to a role: everything it gets, in one piece. What goes to whom is decided here
 * and nowhere else; each of the functions below is one kind of thing.
 */
#include "parent_int.h"

#include "path.h"
#include "shm.h"

struct handover {
    struct wire_grant grants[IPC_FDS_MAX];
    size_t count, fd_count;
};

static void drop(struct handover *h)
{
    for (size_t i = 0; i < h->count; i++)
        for (unsigned k = 0; k < h->grants[i].fd_count; k++)
            net_close(&h->grants[i].fds[k]);
    h->count = 0;
}

/* Put one grant in, with copies of our descriptors: those in `fds` are given. */
static struct err add(struct handover *h, struct wire_grant g, const char *name, const int *fds)
{
    unsigned n = wire_grant_fds(g.kind);
    bool fits = h->count < IPC_FDS_MAX && h->fd_count + n <= IPC_FDS_MAX;
    for (unsigned i = 0; i < n; i++)
        fits &= fds[i] >= 0;
    memcpy(g.fds, fds, n * sizeof(int));
    g.fd_count = n;
    if (!fits) {
        for (unsigned i = 0; i < n; i++)
            net_close(&g.fds[i]);
        return err(ERR_LIMIT);
    }
    memcpy(g.name, name, strlen(name)); /* the names below: shorter than WIRE_GRANT_NAME */
    h->grants[h->count++] = g;
    h->fd_count += n;
    return OK;
}

static struct err add_fd(struct handover *h, enum wire_grant_kind kind, const char *name,
                         uint32_t index, int fd)
{
    return add(h, (struct wire_grant){.kind = kind, .index = index}, name, &fd);
}

/* A sealed copy; every reader gets its own place in it. -1: there is none. */
static struct err add_blob(struct handover *h, const char *name, int fd)
{
    if (fd < 0)
        return OK;
    int own;
    TRY(shm_read_only(fd, &own));
    return add_fd(h, WIRE_GRANT_BLOB, name, 0, own);
}

static struct err add_segment(struct handover *h, const char *name, int fd)
{
    return add_fd(h, WIRE_GRANT_SEGMENT, name, 0, net_duplicate(fd));
}

/* ---- what a gate gets ---- */

static struct err add_file(struct handover *h, const char *name, uint32_t index, struct span path)
{
    BUF_AUTO text = buf_init(4096);
    TRY(buf_put(&text, path));
    TRY(buf_put_u8(&text, 0));
    int fd;
    TRY(path_open((const char *)text.p, &fd));
    return add_fd(h, WIRE_GRANT_BLOB, name, index, fd);
}

static struct err add_listeners(struct handover *h, struct slot *s)
{
    const struct settings *set = &s->era->settings;
    for (size_t i = 0; i < set->n_listeners; i++) {
        const struct settings_listener *l = &set->listeners[i];
        int fd = net_duplicate(era_socket(s->parent, s->era, i, s->index));
        TRY(add_fd(h, WIRE_GRANT_LISTENER, "listen", (uint32_t)i, fd));
        if (l->certificate.n) {
            TRY(add_file(h, "listener.cert", (uint32_t)i, l->certificate));
            TRY(add_file(h, "listener.key", (uint32_t)i, l->private_key));
        }
    }
    return OK;
}

static struct err add_ring(struct handover *h, struct slot *s)
{
    TRY(rings_add(s->parent, &s->ring));
    const struct ring_fds *r = &rings_find(s->parent, s->ring)->fds;
    int fds[] = {net_duplicate(r->data_rw), net_duplicate(r->ack_ro), net_duplicate(r->to_consumer),
                 net_duplicate(r->to_producer)};
    struct wire_grant g = {.kind = WIRE_GRANT_RING_OUT, .role = WIRE_LEDGER, .index = s->ring};
    return add(h, g, "", fds);
}

static struct err add_for_gate(struct handover *h, struct slot *s)
{
    TRY(add_listeners(h, s));
    TRY(add_ring(h, s));
    TRY(add_blob(h, "ca", s->era->ca_fd));
    TRY(add_segment(h, "keys", s->parent->keys_ro));
    TRY(add_segment(h, "weights", s->parent->weights));
    return add_segment(h, "counters", s->parent->counters);
}

static struct err add_for_role(struct handover *h, struct slot *s)
{
    struct parent *p = s->parent;
    TRY(add_blob(h, "settings", s->era->settings_fd));
    switch (s->role) {
    case WIRE_GATE:
        return add_for_gate(h, s);
    case WIRE_LEDGER:
        TRY(add_segment(h, "keys", p->keys));
        return add_segment(h, "counters", p->counters);
    case WIRE_VAULT:
        return add_blob(h, "passphrase", p->passphrase);
    case WIRE_CONTROL:
        return add_fd(h, WIRE_GRANT_LISTENER, "control", 0, net_duplicate(p->control_socket));
    default:
        return OK;
    }
}

/* ---- peers ---- */

/* May these two processes have a channel? */
static bool belong_together(const struct slot *a, const struct slot *b)
{
    if (a == b || !slot_runs(b) || !wire_may_talk(a->role, b->role))
        return false;
    return !of_an_era(a->role) || !of_an_era(b->role) || a->era == b->era;
}

/* One end into the hand-over of s, the other to `peer`, which runs. */
static struct err join(struct handover *h, struct slot *s, struct slot *peer)
{
    int ends[2];
    TRY(ipc_pair(ends));
    struct wire_grant mine = {.kind = WIRE_GRANT_PEER, .role = peer->role, .index = peer->index};
    struct err e = add(h, mine, "", &ends[0]);
    if (failed(e)) {
        net_close(&ends[1]);
        return e;
    }
    struct wire_grant theirs = {.kind = WIRE_GRANT_PEER, .role = s->role, .index = s->index};
    uint8_t bytes[64];
    struct wr w = wr_of(bytes, sizeof bytes);
    wire_grant_encode(&theirs, &w);
    struct wire_msg m = {.type = WIRE_GRANT, .grant = {.grant = wr_span(&w)}};
    if (failed(slot_send(peer, &m, &ends[1], 1)))
        slot_kill(peer); /* it does not read; s finds its own end closed and waits for the next */
    return OK;
}

/* Those of an old era first: of two with one name the newest is asked. */
static struct err add_peers(struct handover *h, struct slot *s)
{
    struct parent *p = s->parent;
    for (int old = 1; old >= 0; old--)
        for (size_t i = 0; i < SLOTS_MAX; i++) {
            struct slot *peer = &p->slots[i];
            bool of_old = peer->era != p->era && peer->era != p->next_era;
            if (of_old == (bool)old && belong_together(s, peer))
                TRY(join(h, s, peer));
        }
    return OK;
}

static struct err send(struct handover *h, struct slot *s)
{
    uint8_t entries[8192];
    struct wr w = wr_of(entries, sizeof entries);
    int fds[IPC_FDS_MAX];
    size_t n = 0;
    for (size_t i = 0; i < h->count; i++) {
        wire_grant_encode(&h->grants[i], &w);
        for (unsigned k = 0; k < h->grants[i].fd_count; k++)
            fds[n++] = h->grants[i].fds[k];
    }
    struct wire_msg m = {.type = WIRE_HANDOVER,
                         .handover = {.role = (uint8_t)s->role,
                                      .index = s->index,
                                      .generation = s->era->generation,
                                      .grant_count = (uint16_t)h->count,
                                      .state = buf_span(&s->parent->state_dir),
                                      .grants = wr_span(&w)}};
    h->count = 0; /* given */
    return slot_send(s, &m, fds, n);
}

struct err handover_send(struct slot *s)
{
    struct handover h = {.count = 0};
    struct err e = add_for_role(&h, s);
    if (!failed(e))
        e = add_peers(&h, s);
    if (!failed(e))
        e = send(&h, s);
    drop(&h);
    if (!failed(e) && s->role == WIRE_LEDGER)
        e = rings_give_all(s->parent, s);
    return e;
}
