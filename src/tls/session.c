/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of client sessions. Resuming saves a round trip and the chain's verification, which
 * stays as it was when the session was made: for that host, under this config's authorities.
 */
#include "tls_int.h"

#include <string.h>

static struct tls_session *find(struct tls_config *c, const char *host)
{
    for (size_t i = 0; i < TLS_SESSIONS_MAX; i++)
        if (c->sessions[i].session && strcmp(c->sessions[i].host, host) == 0)
            return &c->sessions[i];
    return NULL;
}

static void clear(struct tls_session *s)
{
    SSL_SESSION_free(s->session);
    s->session = NULL;
}

static struct tls_session *slot_for(struct tls_config *c, const char *host)
{
    struct tls_session *s = find(c, host);
    for (size_t i = 0; !s && i < TLS_SESSIONS_MAX; i++)
        if (!c->sessions[i].session)
            s = &c->sessions[i];
    if (!s) {
        s = &c->sessions[c->next];
        c->next = (c->next + 1) % TLS_SESSIONS_MAX;
    }
    return s;
}

/* OpenSSL hands over a reference when this returns 1. */
static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct tls *t = SSL_get_app_data(ssl);
    if (!t || SSL_get_verify_result(ssl) != X509_V_OK)
        return 0;
    struct tls_session *s = slot_for(t->config, t->host);
    clear(s);
    memcpy(s->host, t->host, sizeof s->host);
    s->session = session;
    return 1;
}

void tls_session_hooks(SSL_CTX *ctx)
{
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, keep_session);
}

void tls_session_offer(struct tls *t)
{
    struct tls_session *s = find(t->config, t->host);
    if (!s)
        return;
    if (SSL_SESSION_is_resumable(s->session))
        SSL_set_session(t->ssl, s->session);
    /* A TLS 1.3 ticket is used once, so that connections cannot be linked (RFC 8446 §C.4). */
    if (SSL_SESSION_get_protocol_version(s->session) >= TLS1_3_VERSION)
        clear(s);
}

void tls_session_forget_all(struct tls_config *c)
{
    for (size_t i = 0; i < TLS_SESSIONS_MAX; i++)
        clear(&c->sessions[i]);
}
