/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the control role share.
 *
 *   main.c    life; answers from other roles
 *   client.c  connections: lines in, lines out, ceilings and deadlines
 *   ask.c     a line to a message
 *   answer.c  messages to a line
 *
 * The protocol of STATE/control.sock: the client writes one JSON object a line, {"op": …}, and
 * reads one line, {"ok":true, …} or {"error":"…","ok":false}; then the next. Operations:
 *
 *   {"op":"status"}                                  "parent", "ledger", "vault", "gates"
 *   {"op":"key_add","id","name","digest","scopes","expires"}    digest: hexadecimal SHA-256
 *   {"op":"key_revoke","id"}
 *   {"op":"key_list","from":0}                       "keys", "next" (0: the end)
 *   {"op":"secret_note","deed","object"}             deed: read, set, removed
 *   {"op":"ledger_page","from":0,"count":100}        "records", "next" (0: the end)
 *   {"op":"reload"}  {"op":"stop"}
 *
 * No operation carries a secret in either direction.
 */
#ifndef SANCTUM_ROLE_CONTROL_CONTROL_INT_H
#define SANCTUM_ROLE_CONTROL_CONTROL_INT_H

#include "buf.h"
#include "loop.h"
#include "rolekit.h"

enum {
    CLIENTS_MAX = 16,
    GATES_ASKED = 64,
    LINE_MAX_BYTES = 4096,
    ANSWER_MAX = 1024 * 1024,
    WITHIN_MS = 10000, /* for a line to come, for all answers to be there, for it to be read */
};

/* What a client waits for. */
enum waiting { WAIT_NOTHING, WAIT_DONE, WAIT_STATUS, WAIT_KEYS, WAIT_RECORDS };

struct client {
    struct control *control;
    int fd; /* -1: free */
    struct loop_watch watch;
    struct loop_timer timer;
    struct loop_deferred next;
    uint8_t in[LINE_MAX_BYTES];
    size_t in_n;
    struct buf out; /* the answer, as far as it is not written */
    size_t out_at;
    enum waiting waiting;
    uint32_t tag;
    unsigned missing;     /* answers to WAIT_STATUS still to come */
    struct buf status[4]; /* parent, ledger, vault: an object; gates: objects with commas */
    bool ended;           /* nothing more will be read */
};

struct control {
    struct role *role;
    int listener;
    struct loop_watch accept;
    struct client clients[CLIENTS_MAX];
    uint32_t last_tag;
    bool draining;
};

/* client.c */
MUST struct err client_listen(struct control *c);
/* The one that waits under this tag for this; NULL: it has gone. */
struct client *client_waiting(struct control *c, uint32_t tag, enum waiting what);
/* Send the line in k->out; k waits for nothing any more. */
void client_answer(struct client *k);
void client_refuse(struct client *k, struct span why);
void client_close_all(struct control *c);

/* ask.c: do what the line says: k waits, or it has its answer. */
void ask_line(struct client *k, struct span line);

/* answer.c */
MUST struct err answer_message(struct control *c, struct role_peer *from, const struct wire_msg *m);
/* What has come is all there will be: a role did not answer in time. */
void answer_status(struct client *k);

#endif
