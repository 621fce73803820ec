/* SPDX-License-Identifier: Apache-2.0 */
/* Step 1 of a role's life: what parent hands over, and the taking out of single things. */
#include "file.h"
#include "net.h"
#include "role_int.h"

enum { HANDOVER_WAIT_MS = 10000 };

/* Spread the message's descriptors over its grants: every one must find its place. */
static struct err take_grants(struct role *r, const struct wire_body_handover *h,
                              struct ipc_msg *raw)
{
    struct span rest = h->grants;
    size_t used = 0;
    for (size_t i = 0; i < h->grant_count; i++) {
        if (r->grant_count == ROLE_GRANTS_MAX)
            return err(ERR_LIMIT);
        struct wire_grant *g = &r->grants[r->grant_count];
        TRY(wire_grant_decode(&rest, g));
        if (g->fd_count > raw->fd_count - used)
            return err(ERR_INPUT);
        r->grant_count++;
        for (unsigned k = 0; k < g->fd_count; k++, used++) {
            g->fds[k] = raw->fds[used];
            raw->fds[used] = -1;
        }
    }
    return rest.n || used != raw->fd_count ? err(ERR_INPUT) : OK;
}

static struct err read_handover(struct role *r, struct ipc *channel, struct ipc_msg *raw)
{
    TRY(ipc_wait(channel, HANDOVER_WAIT_MS));
    TRY(ipc_recv(channel, r->in, sizeof r->in, raw));
    struct wire_msg m;
    TRY(wire_decode(span(r->in, raw->n), &m));
    TRY(wire_accept(m.type, WIRE_PARENT, r->ops->role, WIRE_STARTING, raw->fd_count));
    if (m.type != WIRE_HANDOVER || m.handover.role != r->ops->role ||
        m.handover.state.n >= sizeof r->state_dir)
        return err(ERR_INPUT);
    r->index = m.handover.index;
    r->generation = m.handover.generation;
    memcpy(r->state_dir, m.handover.state.p, m.handover.state.n);
    return take_grants(r, &m.handover, raw);
}

struct err role_take_handover(struct role *r, struct ipc *channel)
{
    struct ipc_msg raw = {0};
    struct err e = read_handover(r, channel, &raw);
    ipc_msg_drop(&raw);
    TRY(e);
    BUF_AUTO bytes = buf_init(SETTINGS_MESSAGE_MAX);
    TRY(role_blob(r, "settings", 0, &bytes));
    return settings_decode(buf_span(&bytes), &r->settings, NULL);
}

void role_drop_grants(struct role *r)
{
    for (size_t i = 0; i < r->grant_count; i++)
        for (unsigned k = 0; k < r->grants[i].fd_count; k++)
            net_close(&r->grants[i].fds[k]);
    r->grant_count = 0;
}

static int take(struct role *r, enum wire_grant_kind kind, const char *name, uint32_t index)
{
    for (size_t i = 0; i < r->grant_count; i++) {
        struct wire_grant *g = &r->grants[i];
        if (g->kind != kind || g->index != index || g->fds[0] < 0 ||
            (name && strcmp(g->name, name) != 0))
            continue;
        int fd = g->fds[0];
        g->fds[0] = -1;
        return fd;
    }
    return -1;
}

int role_take_blob(struct role *r, const char *name, uint32_t index)
{
    return take(r, WIRE_GRANT_BLOB, name, index);
}

int role_take_listener(struct role *r, uint32_t index)
{
    return take(r, WIRE_GRANT_LISTENER, NULL, index);
}

struct err role_blob(struct role *r, const char *name, uint32_t index, struct buf *out)
{
    int fd = role_take_blob(r, name, index);
    if (fd < 0)
        return err(ERR_INPUT);
    struct err e = file_read_fd(fd, out);
    net_close(&fd);
    return e;
}

struct err role_segment(struct role *r, const char *name, enum shm_rights rights, size_t at_least,
                        struct shm *out)
{
    *out = (struct shm){0};
    int fd = take(r, WIRE_GRANT_SEGMENT, name, 0);
    if (fd < 0)
        return err(ERR_INPUT);
    struct err e = shm_map(fd, rights, at_least, out);
    net_close(&fd);
    return e;
}
