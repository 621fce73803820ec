/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the ledger role share.
 *
 *   main.c   life: prepare, confine, start, drain
 *   rings.c  records from gates into the log: group commit, back-off when the disk fails
 *   keys.c   access keys: add, revoke, list
 *   secrets.c  what was done with secrets
 *   pages.c  reading the log for others, status
 *   tree.c   the tree over the records and its signature
 *
 * Files: STATE/ledger/ (the log and its tree), STATE/head/ledger (its pin), STATE/head/checkpoint
 * and STATE/head/ledger-key (what was signed last, and by what), STATE/ledger.vkey (the public
 * key), STATE/keys/list (access keys).
 */
#ifndef SANCTUM_ROLE_LEDGER_LEDGER_INT_H
#define SANCTUM_ROLE_LEDGER_LEDGER_INT_H

#include "audit_log.h"
#include "audit_reader.h"
#include "audit_tree.h"
#include "keytable.h"
#include "log.h"
#include "net.h"
#include "rolekit.h"

/* A gate's ring. Slots are reused. */
struct ledger_ring {
    struct ledger *ledger;
    struct ring_in in;
    struct loop_watch wake;
    int wake_fd;
    uint32_t id;    /* 0: free */
    bool ended;     /* the gate is gone: tell parent when all is stored */
    bool unread;    /* something was taken from it since the last commit */
    uint64_t taken; /* position of the last record put into the log */
};

struct ledger {
    struct role *role;
    struct audit_log *log;
    struct audit_reader *reader;
    struct audit_tree *tree;
    char *sign_head, *sign_key, *sign_vkey;
    bool tree_stuck;         /* said that the tree cannot be written */
    bool tree_paced;         /* many records come: the tree gives way to them */
    uint64_t tree_pace_ns;   /* then, between two steps */
    uint64_t tree_goal;      /* records on the way to the next signature; 0: none is under way */
    uint64_t tree_seen;      /* records at the last tick */
    uint64_t tree_signed_ns; /* when there was last nothing unsigned */
    struct loop_timer tree_step;
    struct key_table keys;
    char *ledger_dir, *keys_dir, *head_dir, *keys_file, *head_file;
    struct ledger_ring rings[ROLE_RINGS_MAX];
    struct loop_timer tend, poll;
    struct loop_deferred more;
    uint64_t recovered;      /* records there were when this process opened the log */
    uint32_t backoff_ms;     /* 0: the disk works */
    bool draining, untended; /* the last tending failed, which is said once */
    uint64_t refused;        /* records that were no records */
    uint64_t failures;
};

/* main.c */
/* A record of the ledger's own, stored before this returns. */
MUST struct err ledger_note(struct ledger *l, const struct audit_record *r);

/* rings.c */
MUST struct err rings_attach(struct ledger *l, struct wire_grant *g);
MUST struct err rings_end(struct ledger *l, uint32_t id);
/* Take and store what the rings hold. True: all of it. */
bool rings_serve(struct ledger *l);
/* Begin to look at the rings, now and from time to time. */
void rings_start(struct ledger *l);
/* Is there a gate that may put more? */
bool rings_live(const struct ledger *l);

/* keys.c */
void keys_add(struct ledger *l, struct role_peer *from, const struct wire_body_key_add *m);
void keys_revoke(struct ledger *l, struct role_peer *from, const struct wire_body_key_revoke *m);
void keys_list(struct ledger *l, struct role_peer *from, const struct wire_body_key_list_ask *m);

/* secrets.c: ERR_INPUT: the sender may not say this. */
MUST struct err secrets_note(struct ledger *l, struct role_peer *from,
                             const struct wire_body_secret_note *m);

/* pages.c */
void pages_read(struct ledger *l, struct role_peer *from,
                const struct wire_body_ledger_page_ask *m);
void pages_status(struct ledger *l, struct role_peer *from, uint32_t tag);

/* tree.c */
MUST struct err tree_open(struct ledger *l);
/* Once a second, when audit_log_tend said OK. */
void tree_tick(struct ledger *l);
/* The same for the last time: take in what there is, within a time that depends on whether gates
 * are alive, and sign it. */
void tree_finish(struct ledger *l, bool gates);

/* Send; a peer that is gone or does not read has lost its channel: nothing else to do. */
void ledger_send(struct role_peer *to, const struct wire_msg *m);
/* Answer a command's asking. */
void ledger_done(struct role_peer *to, uint32_t tag, enum wire_status status, const char *text);

#endif
