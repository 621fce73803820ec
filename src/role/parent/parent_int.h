/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of parent share.
 *
 *   main.c      arguments, first start, the loop, the end
 *   era.c       one reading of the settings and what it brings along: sealed copies, sockets
 *   handover.c  the first message to a role
 *   slot.c      one process: start, watch, restart with back-off, end
 *   rings.c     record rings, which outlive both their ends
 *   say.c       what roles say to parent
 *   life.c      reload, drain, stop
 *
 * A slot is a place for a process. An era is a generation of settings. Gates, vault and resolve
 * belong to an era: at a reload the new era's are started beside the old ones, and only when all of
 * them serve does the era change and do the old ones drain. Ledger and control are single: they are
 * drained and started again with the new era, while the rings keep what gates put meanwhile.
 *
 *             start                 READY                    drain
 *   EMPTY ───────────▶ STARTING ───────────▶ SERVING ────────────────▶ DRAINING
 *                        ▲   │ ended           │ ended                     │ ended
 *                 timer  │   ▼                 ▼                           ▼
 *                       WAITING ◀──────────────┘                         EMPTY
 */
#ifndef SANCTUM_ROLE_PARENT_PARENT_INT_H
#define SANCTUM_ROLE_PARENT_PARENT_INT_H

#include "ipc.h"
#include "log.h"
#include "loop.h"
#include "net.h"
#include "proc.h"
#include "ring.h"
#include "sandbox.h"
#include "settings.h"
#include "statedir.h"
#include "wire.h"

enum {
    GATES_MAX = 64,
    SLOTS_MAX = 2 * GATES_MAX + 8,
    RINGS_MAX = 4 * GATES_MAX,
    SOCKETS_MAX = SETTINGS_LISTENERS_MAX * GATES_MAX,
    RING_BYTES = 8 * 1024 * 1024, /* records of a second and more at full speed: a slow disk */
    COUNTERS_BYTES = 256 * 1024,
    CA_MAX = 4 * 1024 * 1024,
    WEIGHTS_MAX = 64 * 1024 * 1024,
    QUEUE_MAX = 1024 * 1024,
    READY_WITHIN_MS = 10000,
    DRAIN_GRACE_MS = 2000, /* on top of what a role was given, before it is killed */
    SERVICE_DRAIN_MS = 2000,
    LEDGER_DRAIN_MS = 10000,
    BACKOFF_FIRST_MS = 50,
    BACKOFF_MAX_MS = 5000,
    STEADY_MS = 10000, /* who lived this long starts its back-off anew */
};

struct parent;

/* A listening socket. It lives as long as some era has its address, over all reloads. */
struct socket {
    char address[NET_PATH_MAX + 8];
    uint32_t gate; /* whose; a Unix socket is shared by all and is gate 0's */
    uint32_t generation;
    int fd;
};

struct era {
    struct settings settings;
    uint32_t generation, gates;
    int settings_fd, ca_fd; /* sealed copies */
};

/* Does each era have its own of that role? */
static inline bool of_an_era(enum wire_role r)
{
    return r == WIRE_GATE || r == WIRE_VAULT || r == WIRE_RESOLVE;
}

enum slot_state { SLOT_EMPTY, SLOT_WAITING, SLOT_STARTING, SLOT_SERVING, SLOT_DRAINING };

struct slot {
    struct parent *parent;
    enum wire_role role;
    uint32_t index;
    struct era *era;
    enum slot_state state;
    bool wanted; /* start it again when it ends */
    struct proc proc;
    struct ipc ipc;
    struct loop_watch exit_watch, ipc_watch;
    struct loop_timer timer;    /* back-off, or the deadline of STARTING and DRAINING */
    struct loop_deferred later; /* its start failed */
    uint64_t started_ns;
    uint32_t failures, restarts;
    uint32_t ring; /* a gate's; 0: none */
    uint32_t holds;
    uint8_t landlock_abi;
};

struct ring_kept {
    uint32_t id; /* 0: free */
    bool ended;
    struct ring_fds fds;
};

enum parent_state { PARENT_STARTING, PARENT_SERVING, PARENT_STOPPING };

struct parent {
    struct loop *loop;
    struct loop_signal on_hup, on_term, on_int;
    enum parent_state state;
    int status;
    const char *config; /* --config or NULL */
    struct buf config_path, state_dir, libexec;
    int lock, passphrase, weights, keys, keys_ro, counters, control_socket;
    struct era *era, *next_era; /* now; being started by a reload */
    uint32_t generation, last_ring;
    bool reload_asked, has_reload_tag, hurry;
    uint32_t reload_tag;
    struct loop_timer reload_timer;
    struct sandbox_report report;
    struct socket sockets[SOCKETS_MAX];
    size_t socket_count;
    struct slot slots[SLOTS_MAX];
    struct ring_kept rings[RINGS_MAX];
    uint8_t in[WIRE_MAX], out[WIRE_MAX];
};

/* era.c */
/* Read and check the settings, seal the copies, bind what is not bound. On failure nothing is
 * changed and `why` (a line for people) is filled. */
MUST struct err era_new(struct parent *p, struct era **out, struct buf *why);
void era_free(struct era *e);
/* Close the sockets that e does not listen on; NULL: all. */
void era_keep_sockets(struct parent *p, const struct era *e);
/* The same for the era that is, after one that came to nothing. */
void era_take_back_sockets(struct parent *p);
/* The socket for that listener of that gate, -1: none. */
int era_socket(struct parent *p, const struct era *e, size_t listener, uint32_t gate);
/* "127.0.0.1:4040 [::1]:4040": what people may connect to. */
MUST struct err era_addresses(const struct era *e, struct buf *out);

/* handover.c */
/* The first message to a process just started, over s->ipc, and its share to those that run. */
MUST struct err handover_send(struct slot *s);

/* slot.c */
/* A free slot, STARTING; NULL: none is free. */
struct slot *slot_add(struct parent *p, enum wire_role role, uint32_t index, struct era *era);
/* Its process runs and has its hand-over. */
bool slot_runs(const struct slot *s);
/* Start its process; on failure it waits for its next try. */
void slot_start(struct slot *s);
MUST struct err slot_send(struct slot *s, const struct wire_msg *m, const int *fds,
                          size_t fd_count);
/* Ask it to finish; it will not be started again. Kills it when it takes too long. */
void slot_drain(struct slot *s, uint32_t within_ms);
/* End it now. It is started again if it is wanted. */
void slot_kill(struct slot *s);
/* SLOT_WAITING and not wanted any more. */
void slot_forget(struct slot *s);

/* rings.c */
MUST struct err rings_add(struct parent *p, uint32_t *id);
struct ring_kept *rings_find(struct parent *p, uint32_t id);
/* Its gate is gone; tells ledger. */
void rings_end(struct parent *p, uint32_t id);
/* Ledger is done with it. */
void rings_drop(struct parent *p, uint32_t id);
/* Give one ring (and whether it ended), or all, to the ledger. */
MUST struct err rings_give(struct parent *p, const struct ring_kept *r, struct slot *ledger);
MUST struct err rings_give_all(struct parent *p, struct slot *ledger);
/* The ledger that runs, or NULL. */
struct slot *rings_ledger(struct parent *p);

/* say.c: one message of a role. ERR_INPUT and the like: end it. */
MUST struct err say_heard(struct slot *s, const struct wire_msg *m);
void say_done(struct parent *p, uint32_t tag, enum wire_status status, const char *text);

/* life.c */
/* Start every role of the first era. */
MUST struct err life_start(struct parent *p, struct era *e);
void life_ready(struct slot *s); /* a role said READY */
void life_ended(struct slot *s,
                bool served); /* its process is gone; the slot is EMPTY or WAITING */
void life_reload(struct parent *p);
void life_stop(struct parent *p);

#endif
