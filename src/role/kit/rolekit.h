/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every role does at start-up and until its end, so that a role's own code is only its duty.
 *
 *   parent ── hand-over on descriptor 3 ──▶ role_main
 *     1. read the hand-over: settings, blobs, segments, listeners, peers, rings; drop the rest
 *     2. ops->prepare   open, map, load; the last time that files can be opened
 *     3. the ladder     ops->confine may add to it (paths of ledger and vault, ports of gate)
 *     4. ops->start     watch listeners, set timers; the state becomes SERVING, READY goes to
 * parent
 *     5. the loop       ops->message, ops->ring, ops->peer, ops->peer_lost … until
 *     6. DRAIN          ops->drain; the role calls role_exit when its last work is done; or parent
 *                       is gone: ops->drain(within 0)
 *
 * Every message is decoded and checked against the permission matrix before ops->message sees it.
 * What fails, and what a handler calls an offence (role_offence), closes that channel and tells
 * parent, who ends the sender.
 *
 * Signals: SIGINT, SIGTERM and SIGHUP are ignored (they are parent's); a role dies with its parent.
 */
#ifndef SANCTUM_ROLE_KIT_ROLEKIT_H
#define SANCTUM_ROLE_KIT_ROLEKIT_H

#include "loop.h"
#include "ring.h"
#include "sandbox.h"
#include "settings.h"
#include "shm.h"
#include "wire.h"

enum {
    ROLE_CHANNEL_FD = 3, /* where parent puts the channel to itself */
    ROLE_PEERS_MAX = 136,
    ROLE_RINGS_MAX = 128,
    ROLE_QUEUE_MAX = 1024 * 1024, /* bytes unsent to one peer before it counts as dead */
};

struct role;
struct role_peer;

/* Callbacks run on the loop and may not block. Those that are NULL are skipped. */
struct role_ops {
    enum wire_role role;
    /* The embedded struct's context is `role_context`. Everything handed over is there already;
     * `message` may be called any time after `start`. An error ends the process with a log line. */
    struct err (*prepare)(struct role *r);
    void (*confine)(struct role *r, struct sandbox *box);
    struct err (*start)(struct role *r);
    /* m borrows from a buffer that is gone (for secrets: wiped) after the call. An error counts as
     * an offence of the sender. */
    struct err (*message)(struct role *r, struct role_peer *from, const struct wire_msg *m);
    /* A channel to a (new) process of that role stands / is gone. A restarted peer is a new peer:
     * what was asked of the old one will not be answered. Peers handed over come before start. */
    void (*peer)(struct role *r, struct role_peer *p);
    void (*peer_lost)(struct role *r, struct role_peer *p);
    /* A ring: the role takes the descriptors it wants out of g (sets them to -1). Rings handed over
     * come before start, further ones (ledger) any time. */
    struct err (*ring)(struct role *r, struct wire_grant *g);
    /* Finish within so many milliseconds, then role_exit(r, 0). Parent kills what takes longer. */
    void (*drain)(struct role *r, uint32_t within_ms);
};

/* The whole life of a role process: main of each role executable returns it. `context` is the
 * role's own struct, given back by role_context. */
int role_main(int argc, char **argv, const struct role_ops *ops, void *context);

void *role_context(const struct role *r);
struct loop *role_loop(const struct role *r);
/* Decoded in step 1 and unchanged until the end: a reload starts new processes. */
const struct settings *role_settings(const struct role *r);
/* Number of this process among those of its role (gate 0..N-1), and which reload it belongs to. */
uint32_t role_index(const struct role *r);
uint32_t role_generation(const struct role *r);
enum wire_state role_state(const struct role *r);
/* The state directory, absolute. */
const char *role_state_dir(const struct role *r);

/* ---- what was handed over; before and in prepare ---- */

/* Append the bytes called `name` (and `index`, where there are several) to out, and close them:
 * once. ERR_INPUT when there are none. */
MUST struct err role_blob(struct role *r, const char *name, uint32_t index, struct buf *out);
/* Take a descriptor out of the hand-over: -1 when it is not there. The caller closes it. */
int role_take_listener(struct role *r, uint32_t index);
int role_take_blob(struct role *r, const char *name, uint32_t index);
/* Map a segment with these rights; parent decided which it has. */
MUST struct err role_segment(struct role *r, const char *name, enum shm_rights rights,
                             size_t at_least, struct shm *out);

/* ---- peers ---- */

/* The live channel to that process, of several the newest, or NULL. Parent is (WIRE_PARENT, 0). */
struct role_peer *role_peer(struct role *r, enum wire_role role, uint32_t index);
enum wire_role role_peer_role(const struct role_peer *p);
uint32_t role_peer_index(const struct role_peer *p);
/* A number no other peer of this process's life has: answers that come late find nobody. */
uint64_t role_peer_id(const struct role_peer *p);
struct role_peer *role_peer_by_id(struct role *r, uint64_t id);

/* Encode and send or queue. Secret messages leave no copy behind. ERR_CLOSED when the peer is gone
 * (peer_lost follows or has been), ERR_LIMIT when it does not read (its channel is closed). */
MUST struct err role_send(struct role_peer *p, const struct wire_msg *m);
/* The same with descriptors, which are given. */
MUST struct err role_send_fds(struct role_peer *p, const struct wire_msg *m, const int *fds,
                              size_t fd_count);
/* This peer broke the rules in a way that only the role can see: close, tell parent. */
void role_offence(struct role_peer *p);

/* Leave the loop after this round; the process ends with `status`. */
void role_exit(struct role *r, int status);

#endif
