/* SPDX-License-Identifier: Apache-2.0 */
/* Between rolekit.c (a role's life), handover.c (what it starts with) and peers.c (its channels).
 */
#ifndef SANCTUM_ROLE_KIT_ROLE_INT_H
#define SANCTUM_ROLE_KIT_ROLE_INT_H

#include "ipc.h"
#include "rolekit.h"

struct role_peer {
    struct loop_watch watch;
    struct loop_deferred later; /* go on reading, or be buried */
    struct ipc ipc;
    struct role *owner;
    struct role_peer *next;
    enum wire_role role;
    uint32_t index;
    uint64_t id;
    bool dead;
};

enum { ROLE_GRANTS_MAX = IPC_FDS_MAX };

struct role {
    const struct role_ops *ops;
    void *context;
    struct loop *loop;
    struct settings settings;
    uint32_t index, generation;
    enum wire_state state;
    int status;
    char state_dir[1025];
    struct wire_grant grants[ROLE_GRANTS_MAX];
    size_t grant_count;
    struct role_peer *parent, *peers;
    size_t peer_count;
    uint64_t last_peer_id;
    uint8_t in[WIRE_MAX], out[WIRE_MAX];
};

/* Read the hand-over from parent's channel, decode the settings. Waits up to ten seconds. */
MUST struct err role_take_handover(struct role *r, struct ipc *channel);
/* Close what nobody took. */
void role_drop_grants(struct role *r);

/* A new peer over fd (given), watched. One of the same role and index stays until its own process
 * closes it: during a reload two eras have theirs, and the older one's may still be asked for. */
MUST struct err role_add_peer(struct role *r, enum wire_role role, uint32_t index, int fd,
                              struct role_peer **out);
/* What parent's messages do to this process; true when the message was one of those. */
bool role_from_parent(struct role *r, const struct wire_msg *m, struct ipc_msg *raw, struct err *e);
/* Parent is gone. */
void role_orphaned(struct role *r);

#endif
