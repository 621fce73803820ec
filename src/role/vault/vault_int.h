/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the vault role share.
 *
 *   main.c    life and messages
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
/* Append the key of that provider to out. ERR_CLOSED: it has none, or there is no such provider. */
MUST struct err values_provider_key(struct values *v, struct span provider, struct buf *out);
MUST struct err values_mask_key(struct values *v, struct span principal, uint8_t out[32]);

#endif
