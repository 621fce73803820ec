/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: settings, and the store of sessions to resume. */
#ifndef SANCTUM_TLS_TLS_INT_H
#define SANCTUM_TLS_TLS_INT_H

#include "tls.h"

#include <openssl/ssl.h>

enum { TLS_SESSIONS_MAX = 64 }; /* hosts remembered per config, the oldest goes first */

struct tls_session {
    char host[TLS_HOST_MAX + 1];
    SSL_SESSION *session; /* owned; NULL = free slot */
};

struct tls_config {
    SSL_CTX *ctx;
    size_t users; /* the owner's hold and one per living endpoint */
    bool server;
    size_t next; /* slot to reuse when none is free */
    struct tls_session sessions[TLS_SESSIONS_MAX];
};

struct tls {
    SSL *ssl;
    struct tls_config *config; /* shared, counted */
    enum tls_want want;
    bool dead;          /* after a fatal error OpenSSL must not be called again */
    const char *reason; /* constant text */
    char host[TLS_HOST_MAX + 1];
};

/* Give up one hold; frees with the last. */
void tls_config_drop(struct tls_config *c);

/* Sessions are keyed by the verified host name: one host's ticket is never offered to another. */
void tls_session_hooks(SSL_CTX *ctx);
/* Offer the session kept for t->host, if there is one. */
void tls_session_offer(struct tls *t);
void tls_session_forget_all(struct tls_config *c);

#endif
