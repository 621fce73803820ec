/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the gate share: the process itself, its providers, its principals' keys. */
#ifndef SANCTUM_ROLE_GATE_GATE_INT_H
#define SANCTUM_ROLE_GATE_GATE_INT_H

#include "client.h"
#include "keytable.h"
#include "mask.h"
#include "ring.h"
#include "rolekit.h"
#include "settings.h"

enum {
    GATE_SCRATCH = 128 * 1024,    /* one read's worth; the memory where most requests are parsed */
    GATE_PRINCIPALS = 4096,       /* principals known */
    GATE_ADDRESSES = 16,          /* addresses of one provider's host */
    GATE_ACCEPTS = 64,            /* connections taken in one go */
    GATE_CROWD = 64,              /* clients over the ceiling that are heard before refused */
    GATE_KEPT_MEMORY = 8 << 20,   /* freed memory kept for the next large request */
    GATE_SLICE_NS = 500000,       /* what takes longer takes turns (fiber.h) */
    GATE_WRITE_HIGH = 256 * 1024, /* a client's queue above this stops the upstream being read */
};

struct upstream;
struct presidio;
struct outbound;
struct services;
struct long_builds;

/* Whether a provider's machine takes connections (probe.c). */
struct gate_probe {
    struct loop_watch watch;
    struct loop_timer timer;
    bool runs, reached;
    uint64_t known_ns; /* when that was found out; 0: never */
    size_t address;    /* the one being tried */
};

/* One provider as this process uses it. */
struct gate_provider {
    const struct settings_provider *s;
    uint32_t index;
    struct mask_engine *engine; /* NULL: not masked (trusted, local) */
    /* the access key for it, from vault */
    enum { UPKEY_ABSENT, UPKEY_ASKED, UPKEY_HELD, UPKEY_REFUSED } key_state;
    struct buf key;
    /* where it is, from resolve or written as a number */
    enum { ADDRESS_ABSENT, ADDRESS_ASKED, ADDRESS_HELD, ADDRESS_REFUSED } address_state;
    uint32_t resolver; /* who was asked, while ADDRESS_ASKED */
    struct net_addr address[GATE_ADDRESSES];
    size_t n_address;
    uint64_t address_until_ns; /* ask again after */
    bool tls_told;             /* the log knows that TLS does not come about */
    struct upstream *idle;     /* connections kept for reuse, newest first */
    size_t n_idle;
    struct gate *gate;
    struct gate_probe probe;
};

/* One principal: its masking key, and what is held for it. */
struct gate_principal {
    char name[KEY_NAME_MAX + 1];
    enum { MASK_KEY_ABSENT, MASK_KEY_ASKED, MASK_KEY_HELD } state;
    struct mask_key key;
    uint64_t buffered; /* its part of gate.buffered */
};

struct gate_listener {
    struct loop_watch watch;
    struct loop_timer rest; /* not watched until then: descriptors ran out */
    struct gate *gate;
    struct tls_config *tls; /* NULL: plain */
    uint32_t index;
    int fd;
};

struct gate {
    struct role *role;
    struct loop *loop;
    const struct settings *settings;
    struct gate_listener listeners[SETTINGS_LISTENERS_MAX];
    struct gate_provider providers[SETTINGS_PROVIDERS_MAX];
    struct gate_principal *principals;
    size_t n_principals;
    struct tls_config *upstream_tls;
    /* access keys, mapped read-only */
    struct key_table keys;
    struct loop_timer keys_timer;
    /* records */
    struct ring_out ring;
    struct loop_watch ring_watch;
    bool has_ring;
    uint64_t ring_mark, ring_mark_ns; /* record.c: how old what is not stored may be at most */
    size_t owed;                      /* what the `closed` records of open requests will take */
    struct loop_deferred wake;        /* gate_on_records */
    /* masking: one thread, one scratch */
    struct ner *ner;
    struct shm weights;
    struct mask_work *work;
    struct long_builds *long_builds; /* made when first needed, as the next three */
    struct presidio *presidio;
    struct outbound *outbound;
    struct services *services;
    struct llm_doc doc;
    const struct exchange *doc_of; /* whose request body `doc` holds; NULL: something else */
    /* clients */
    struct client *clients;
    uint64_t n_clients, n_crowd; /* all; those of them over the ceiling */
    struct exchange *waiting;    /* for a key, an address or a durable record */
    struct exchange *spare;      /* ended exchanges, for reuse */
    size_t n_spare;
    struct buf out;    /* scratch for what is about to be written */
    struct buf body;   /* scratch for a restored body */
    uint64_t buffered; /* bytes of bodies held for all clients */
    bool draining;
    uint64_t id_random; /* makes request ids of this process its own */
    uint64_t served, refused, records_lost, id_next;
    uint8_t scratch[GATE_SCRATCH];
};

/* A client went: ends the process when draining and it was the last. */
void gate_client_gone(struct gate *g);
/* An answer of a sibling came or a peer is back: look again at every waiting exchange. */
void gate_wake_waiting(struct gate *g);
/* Be woken (exchange_retry) when the records put so far are stored. */
void gate_await_records(struct gate *g);
void gate_on_records(struct loop_deferred *d);
/* The provider's key and address: OK, ERR_AGAIN (asked for, wait), ERR_DENIED (not to be had). */
MUST struct err gate_provider_ready(struct gate *g, struct gate_provider *p);
/* The principal of that name; NULL when there are too many. */
struct gate_principal *gate_principal(struct gate *g, const char *name);
/* Its masking key: OK, ERR_AGAIN (asked for, wait), ERR_LIMIT (`p` is NULL). */
MUST struct err gate_mask_key(struct gate *g, struct gate_principal *p,
                              const struct mask_key **out);

#endif
