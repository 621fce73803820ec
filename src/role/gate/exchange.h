/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer.
 *
 *   HEAD ─take_head─▶ BODY ─take_body─▶ BUSY:
 *
 *     run ─▶ hop_begin ─▶ KEYS? ─▶ LONG? ─▶ RECORD? ─▶ UPSTREAM ─▶ relay_head ─▶ RELAY ─▶ end
 *              ▲                                          │             │
 *              └──── next target ─────────────────────────┴─────────────┘
 *
 * The next target is tried before the commit point alone: refused, 429, 5xx, no connection, no
 * first byte, an error as a stream's first event. The commit point is the first byte of an answer
 * sent to the client: after it no other target is tried. Every hop starts from the client's
 * untouched body and is masked by its own provider's rules (M7). `?` steps are passed at once when
 * nothing has to be waited for.
 *
 * Ownership: the client owns the exchange until exchange_end; an ended exchange's memory is
 * recycled at the end of the loop's round, so calls in progress may still look at it.
 */
#ifndef SANCTUM_ROLE_GATE_EXCHANGE_H
#define SANCTUM_ROLE_GATE_EXCHANGE_H

#include "audit_record.h"
#include "fair.h"
#include "gate_int.h"
#include "http.h"
#include "inflate.h"
#include "llm.h"
#include "restore.h"
#include "sse.h"

enum exchange_phase { EXCHANGE_HEAD, EXCHANGE_BODY, EXCHANGE_BUSY };

/* Where a BUSY exchange stands. */
enum exchange_step {
    STEP_KEYS,     /* waits for vault or resolve */
    STEP_LONG,     /* its long body is being masked, in turns; or it waits for that */
    STEP_RECORD,   /* waits until its record is stored */
    STEP_PROBE,    /* /ready waits for what probe.c finds */
    STEP_UPSTREAM, /* sent or being sent; no answer yet */
    STEP_RELAY,    /* the answer is coming */
    STEP_ENDED,
};

/* A refusal that waits until the request's body was read, so that the connection survives. */
struct refusal {
    uint16_t status; /* 0: none */
    const char *code, *message;
};

struct exchange {
    /* Kept over reuse: memory, emptied by reap. */
    struct buf body;    /* as received, later as decoded */
    struct buf headers; /* header lines that may go upstream */
    struct buf query;   /* "?a=b" that may go upstream, or empty */
    struct buf model;   /* name asked for; hops borrow from it */
    struct buf out;     /* the request to the upstream */
    struct buf head;    /* header lines of the upstream's that go to the client */
    struct buf answer;  /* a whole body; or events held before the commit point */
    struct buf hold;    /* an incomplete event */
    struct mask_session *map;

    /* Zeroed by reap: from here up to `req`. */
    struct gate *gate;
    struct client *client;
    enum exchange_phase phase;
    enum exchange_step step;
    struct exchange *next, **at; /* in gate.waiting */
    struct fair_item turn;       /* among what takes long: hop_long.c, service.c */
    struct loop_deferred reap;
    uint64_t wait_until_ns;        /* for siblings, all waits together; 0: none yet */
    uint64_t started_ns, total_ns; /* the request was read; when all must be over */
    char id[24];                   /* x-sanctum-request-id */

    /* the request */
    struct http_body framing;
    struct inflate_codings codings;
    uint64_t counted; /* its share of gate.buffered */
    enum llm_surface surface;
    enum llm_dialect dialect;
    uint8_t service;           /* service.c knows them; 0: none */
    struct service_job *job;   /* one that goes on in the next round, or NULL */
    unsigned unread;           /* the status for a body that the service does not read; 0: none */
    struct span unread_answer; /* and its answer, constant */
    bool head_only, http10, wants_body;
    bool stream, include_usage;
    struct refusal refusal;
    const char *allow;                /* with a refusal 405: the methods that the path takes */
    struct key_entry who;             /* a copy */
    struct gate_principal *principal; /* of that name; NULL: nobody's, or too many are known */

    /* the targets */
    size_t n_hops, hop_at;
    bool masked_hop; /* the current hop was masked */
    size_t out_body; /* where the body begins in `out` */
    struct upstream *up;

    /* the answer */
    uint16_t status; /* of the upstream, then what the client got */
    bool committed, streaming, chunked, head_sent;
    struct inflate unpack; /* its coding, where it has one */
    struct restore *restore;
    struct llm_stream seen;
    uint64_t restored;

    /* the books */
    bool opened;      /* a record `opened` is in the ring */
    bool hop_opened;  /* this hop's is: every provider that is sent to has one */
    bool unrecorded;  /* the owner lets requests pass that cannot be recorded */
    uint64_t ring_at; /* of the record put last; or what must be stored before one can be */
    uint32_t owed;    /* its share of gate.owed */

    /* Set before they are read, so neither kept nor zeroed. */
    struct http_request req;
    struct settings_hop hop[SETTINGS_TARGETS_MAX];
    struct sse sse;
    char path[HTTP_NAME_MAX]; /* the request's, cut: for what the gate answers itself */
};

/* A fresh exchange for the next request of `c`; NULL without memory. */
struct exchange *exchange_new(struct client *c);
static inline enum exchange_phase exchange_phase(const struct exchange *x)
{
    return x->phase;
}
/* Feed the head, the body: how many bytes were taken. 0 from the head means: more is needed. The
 * exchange may be over when these return (client->x is then another or NULL). */
size_t exchange_take_head(struct exchange *x, struct span in);
size_t exchange_take_body(struct exchange *x, struct span in);
/* The client did not send its request in time. */
void exchange_too_slow(struct exchange *x);
/* Nothing more comes from the client, and its request is incomplete. */
void exchange_cut(struct exchange *x);
/* Write to the client what it will overlook, to find out whether it is there. False: nothing can be
 * written now that it would. */
bool exchange_ask(struct exchange *x);
/* The client is gone: cancel upstream, record, recycle. */
void exchange_cancel(struct exchange *x);
/* The client's queue is empty again: read on from the upstream. */
void exchange_drained(struct exchange *x);
/* What it waited for may be there. */
void exchange_retry(struct exchange *x);
/* The answer is complete (or was cut): record, hand the client back, recycle. */
void exchange_end(struct exchange *x);
/* n bytes more are held for it until it is over. */
void exchange_hold(struct exchange *x, size_t n);
/* Put x into gate.waiting; take it out. */
void exchange_wait(struct exchange *x, enum exchange_step step);
void exchange_unwait(struct exchange *x);

/* --- refuse.c --- */

/* Answer with an error in the caller's dialect and end. After the commit point: an in-band error,
 * then the connection is cut. */
void refuse(struct exchange *x, unsigned status, const char *code, const char *message);
/* 400 for what is wrong with a body: what, and at which of its (decoded) bytes, where that says
 * something. */
void refuse_body(struct exchange *x, const char *code, const struct fault *f);

/* The provider's own error, whose body cannot be passed on: its status and headers, our words. */
void refuse_as_upstream(struct exchange *x);

/* --- hop.c: from the request to the upstream --- */

/* The body is complete: decode, inspect, route, try the first target. */
void hop_run(struct exchange *x);
/* Try target number x->hop_at. */
void hop_begin(struct exchange *x);
/* Its request is built, or cannot be: `f` has the sentence for the caller. */
void hop_built(struct exchange *x, struct err e, const struct fault *f);
/* Send as soon as the record is stored. */
void hop_stored(struct exchange *x);
/* It is not stored in time. */
void hop_unstored(struct exchange *x);

/* Why a hop brought no answer. */
enum hop_cause {
    HOP_NO_ADDRESS,
    HOP_NO_CONNECTION,
    HOP_UNTRUSTED, /* its certificate is not good */
    HOP_NO_ANSWER,
    HOP_BAD_ANSWER,
    HOP_CUT,
    HOP_SILENT,  /* its answer had begun */
    HOP_NO_ROOM, /* its answer does not fit what all may hold together */
    HOP_STATUS
};
/* The current hop failed: the next target if one is left and nothing was sent, else an error. */
void hop_failed(struct exchange *x, enum hop_cause cause);
/* Is another target left that may be tried? */
bool hop_more(const struct exchange *x);

/* --- hop_request.c, hop_long.c: a hop's request, as the provider gets it --- */

#define HOP_UNMASKABLE "the request cannot be masked"
/* Of the current hop. */
struct gate_provider *hop_provider(const struct exchange *x);
/* Read the body into gate.doc. */
MUST struct err hop_read(struct exchange *x, struct fault *f);
/* Mask and build x->out; hop_built is called with the outcome: at once or, when the body is long,
 * in a later round. `k` may be NULL where nothing is masked. */
void hop_request(struct exchange *x, const struct gate_provider *p, const struct mask_key *k);
/* The exchange is over: leave what is being built for it. */
void hop_drop(struct exchange *x);

/* --- relay.c: from the upstream to the client --- */

/* The upstream's head; `h` may be NULL. Returns false when its body is not wanted (the next target
 * is tried, or the exchange is over). */
bool relay_head(struct exchange *x, unsigned status, struct span content_type,
                const struct http_head *h);
/* A piece of its body. Returns false likewise. */
bool relay_content(struct exchange *x, struct span piece);
/* Everything that was read is fed: send what may go. */
void relay_flush(struct exchange *x);
/* The end of its body; `whole`: by its framing, else by a cut. */
void relay_end(struct exchange *x, bool whole);
/* Send a comment. False where the stream's form has none. */
bool relay_comment(struct exchange *x);
/* Should the upstream be read now, or does the client lag? */
bool relay_ready(const struct exchange *x);

/* --- answer.c: heads of answers --- */

/* Append status line and the headers every answer has; the caller adds framing and the empty line.
 */
MUST struct err answer_head(struct exchange *x, unsigned status, struct buf *out);
/* Append "content-length: n", the empty line. */
MUST struct err answer_length(uint64_t n, struct buf *out);
/* Answer a whole body of ours with this media type and end. */
void answer_whole(struct exchange *x, unsigned status, const char *type, struct span body);

/* --- local.c: what the gate answers itself --- */

/* Is it a request of ours that no dialect has (health, ready)? *known: the path is, at least. */
bool local_knows(const struct http_request *r, bool *known);
/* Answer if this is ours to answer (health, models, tags, version …). */
bool local_answer(struct exchange *x);

/* --- service.c: what the gate does besides passing requests on --- */

/* Is this a service's path? Notes which, and the query. *known: the path is, the method is not. */
bool service_take(struct exchange *x, struct span method, bool *known);
/* Do it, if it is one: the body is complete and decoded. */
bool service_answer(struct exchange *x);
/* The exchange is over: what is not done yet is left. */
void service_drop(struct exchange *x);
#define OUTBOUND_PATH "/guard/outbound"

/* --- echo.c: the provider that is built in --- */

/* Answer from x->out as a model would, at once; sets no x->up. */
void echo_answer(struct exchange *x);

/* --- echo_response.c: its answers in the form of the Responses API --- */

struct json_put;
/* The members of a response; `text` only when its status is completed. */
void echo_response(struct exchange *x, struct json_put *p, const char *status, struct span text);
/* The events of a whole answer. */
MUST struct err echo_response_stream(struct exchange *x, struct span text, struct buf *out);

/* --- cost.c --- */

/* What the usage costs at the settings' prices, in nano-dollars; false when no price matches. */
bool cost_of(const struct exchange *x, const struct llm_usage *u, uint64_t *nanousd);

/* --- record.c: the books --- */

/* Put the `opened` record. OK: go on; ERR_AGAIN: there is no room for it, or it is not stored yet:
 * wait until exchange_retry; else refuse. */
MUST struct err record_opened(struct exchange *x);
/* It cannot be recorded, or not in time: may it go on all the same, because the owner lets it? */
bool record_waived(struct exchange *x);
void record_closed(struct exchange *x);
/* The one record of a request that was refused before it was opened. */
void record_refused(struct exchange *x);
/* The one record of a message that a service answers with 200: what was taken out of it, by type.
 * OK when it is in the ring, or the owner lets requests pass that cannot be recorded. */
MUST struct err record_service(struct exchange *x, const char *path,
                               const uint32_t masked[ENTITY_COUNT]);

#endif
