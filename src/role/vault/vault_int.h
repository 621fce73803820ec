/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the vault role share.
 *
 *   main.c    life and messages
 *   reads.c   keys that are asked for: recorded first, then given
 *   values.c  where values come from: the sealed store, credentials, files
 *   rate.c    how often one peer may ask
 */
#ifndef SANCTUM_ROLE_VAULT_VAULT_INT_H
#define SANCTUM_ROLE_VAULT_VAULT_INT_H

#include "rolekit.h"
#include "secret.h"
#include "storefile.h"

/* A gate asks once a provider and once a principal, and again after a reload. */
enum { RATE_PEERS = 160, RATE_BURST = 256, RATE_PER_SECOND = 32 };
struct rate {
    struct {
        uint64_t peer; /* role_peer_id, 0: free */
        uint64_t at_ns;
        uint32_t left;
    } v[RATE_PEERS];
};
/* May this peer ask now? */
bool rate_take(struct rate *r, uint64_t peer, uint64_t now_ns);
void rate_forget(struct rate *r, uint64_t peer);

struct values {
    char *dir; /* STATE/vault */
    const struct settings *settings;
    struct secret passphrase; /* empty: a key file opens the store */
    struct store *store;
    struct disk_stamp stamp;                    /* of the file that `store` was read from */
    struct secret held[SETTINGS_PROVIDERS_MAX]; /* values of credentials and files, by provider */
};
/* Open or make the store, read credentials and files. Before the ladder. `passphrase` is taken. */
MUST struct err values_open(struct values *v, const char *state, const struct settings *s,
                            struct secret *passphrase);
/* Append the key of provider number i to out. ERR_CLOSED: it has none, or there is no such
 * provider. */
MUST struct err values_provider_key(struct values *v, size_t i, struct buf *out);
MUST struct err values_mask_key(struct values *v, struct span principal, uint8_t out[32]);

/*
 * A key of a provider is given when the ledger has stored a record of it. Until then the asking
 * waits here: also over the end of a ledger, whose successor is told again (a read may so be
 * recorded twice, never not at all), but not longer than READ_WITHIN_MS. Where the settings say
 * `on_failure: allow`, a ledger that is not there or cannot store holds nothing up.
 */
enum { READS_MAX = 256, READ_WITHIN_MS = 5000 };
struct vault_read {
    uint64_t peer;   /* who asked; role_peer_id */
    uint32_t tag;    /* of the asking */
    uint32_t note;   /* our tag to the ledger; 0: free */
    size_t provider; /* place in the settings */
    uint64_t until_ns;
};

struct vault {
    struct role *role;
    struct values values;
    struct rate rate;
    struct vault_read reads[READS_MAX];
    uint32_t last_note;
    struct loop_timer overdue;
    uint64_t answered, limited, unrecorded;
};

/* reads.c */
void reads_begin(struct vault *v, struct role_peer *from, uint32_t tag, size_t provider);
/* The ledger's answer. */
void reads_noted(struct vault *v, const struct wire_body_secret_noted *m);
/* There is a new ledger: tell it of all that wait. */
void reads_tell(struct vault *v);
/* This peer is gone. */
void reads_forget(struct vault *v, uint64_t peer);

/* main.c */
/* Answer with the key, or with why not. */
void vault_give_key(struct vault *v, struct role_peer *to, uint32_t tag, size_t provider,
                    struct err allowed);

#endif
