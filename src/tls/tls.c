/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Endpoints. Frequent: tls_read and tls_write on a connection that has been up for a while. All
 * results of OpenSSL pass through settle(), the one place that says what they mean here.
 *
 * Invariant: T1 once `dead` is set, OpenSSL is not called again for this endpoint but to free it.
 */
#include "tls_int.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_BYTES = 16 * 1024 };

static struct err die(struct tls *t, struct err e, const char *reason)
{
    t->dead = true;
    t->reason = reason ? reason : "the peer broke the protocol";
    ERR_clear_error();
    return e;
}

/* SSL_ERROR_SSL: a failed verification, a cut, a bad record, or something that is not our TLS. */
static struct err settle_protocol(struct tls *t)
{
    unsigned long e = ERR_peek_error();
    long verdict = SSL_get_verify_result(t->ssl);
    switch (ERR_GET_REASON(e)) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return die(t, err(ERR_DENIED), X509_verify_cert_error_string(verdict));
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
        return die(t, err(ERR_CORRUPT), "the connection was cut without a goodbye");
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
        return die(t, err(ERR_CORRUPT), "a record was altered on the way");
    default:
        return die(t, err(ERR_INPUT), ERR_reason_error_string(e));
    }
}

static struct err settle(struct tls *t, int result)
{
    int sys = errno;
    switch (SSL_get_error(t->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        t->want = TLS_WANT_READ;
        return err(ERR_AGAIN);
    case SSL_ERROR_WANT_WRITE:
        t->want = TLS_WANT_WRITE;
        return err(ERR_AGAIN);
    case SSL_ERROR_ZERO_RETURN:
        return err(ERR_CLOSED);
    case SSL_ERROR_SYSCALL:
        if (sys == 0)
            return die(t, err(ERR_CORRUPT), "the connection was cut without a goodbye");
        return die(t, err_make(ERR_IO, (uint32_t)sys), "the socket failed");
    default:
        return settle_protocol(t);
    }
}

/* Before each call: OpenSSL's error queue and errno speak of this call only. */
static struct err ready(struct tls *t)
{
    if (t->dead)
        return err(ERR_BUG);
    ERR_clear_error();
    errno = 0;
    t->want = TLS_WANT_NONE;
    t->reason = "";
    return OK;
}

static struct err new_endpoint(struct tls **out, struct tls_config *c, int fd)
{
    *out = NULL;
    struct tls *t = calloc(1, sizeof *t);
    if (!t)
        return err(ERR_NOMEM);
    t->config = c;
    c->users++;
    t->reason = "";
    t->ssl = SSL_new(c->ctx);
    if (!t->ssl || SSL_set_fd(t->ssl, fd) != 1) {
        tls_free(&t);
        return err(ERR_NOMEM);
    }
    SSL_set_app_data(t->ssl, t);
    *out = t;
    return OK;
}

/* Letters, digits and the few other bytes of names and addresses: nothing that could hide another
 * name behind a NUL or a blank. */
static bool good_host(struct span host)
{
    if (host.n == 0 || host.n > TLS_HOST_MAX || host.p[host.n - 1] == '.' || host.p[0] == '.')
        return false;
    for (size_t i = 0; i < host.n; i++) {
        uint8_t c = ascii_lower(host.p[i]);
        bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
        if (!letter && !digit && !memchr("-._:", c, 4))
            return false;
    }
    return true;
}

/* What the certificate must say. An address is looked for among addresses only, a name among DNS
 * names only; the subject's common name counts for neither (RFC 9525 §6.3). */
static bool expect_host(struct tls *t)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_ip_asc(param, t->host) == 1)
        return true;
    ERR_clear_error();
    return !strchr(t->host, ':') && X509_VERIFY_PARAM_set1_host(param, t->host, 0) == 1 &&
           SSL_set_tlsext_host_name(t->ssl, t->host) == 1;
}

struct err tls_client(struct tls **out, struct tls_config *c, int fd, struct span host)
{
    *out = NULL;
    if (c->server)
        return err(ERR_BUG);
    if (!good_host(host))
        return err(ERR_INPUT);
    struct tls *t;
    TRY(new_endpoint(&t, c, fd));
    for (size_t i = 0; i < host.n; i++)
        t->host[i] = (char)ascii_lower(host.p[i]);
    if (!expect_host(t)) {
        tls_free(&t);
        return err(ERR_INPUT);
    }
    SSL_set_connect_state(t->ssl);
    tls_session_offer(t);
    *out = t;
    return OK;
}

struct err tls_server(struct tls **out, struct tls_config *c, int fd)
{
    *out = NULL;
    if (!c->server)
        return err(ERR_BUG);
    TRY(new_endpoint(out, c, fd));
    SSL_set_accept_state((*out)->ssl);
    return OK;
}

void tls_free(struct tls **t)
{
    if (!*t)
        return;
    /* SSL_free would drop a session of a connection that was not shut down; ours lives on. */
    if ((*t)->ssl)
        SSL_set_shutdown((*t)->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free((*t)->ssl);
    tls_config_drop((*t)->config);
    free(*t);
    *t = NULL;
}

struct err tls_handshake(struct tls *t)
{
    TRY(ready(t));
    int result = SSL_do_handshake(t->ssl);
    return result == 1 ? OK : settle(t, result);
}

struct err tls_read(struct tls *t, uint8_t *p, size_t cap, size_t *n)
{
    *n = 0;
    TRY(ready(t));
    int result = SSL_read_ex(t->ssl, p, cap, n);
    return result == 1 ? OK : settle(t, result);
}

struct err tls_write(struct tls *t, struct span in, size_t *n)
{
    *n = 0;
    TRY(ready(t));
    int result = SSL_write_ex(t->ssl, in.p, in.n < RECORD_BYTES ? in.n : RECORD_BYTES, n);
    return result == 1 ? OK : settle(t, result);
}

struct err tls_close(struct tls *t)
{
    TRY(ready(t));
    if (!SSL_is_init_finished(t->ssl))
        return OK; /* nothing was agreed on that could be ended */
    int result = SSL_shutdown(t->ssl);
    return result >= 0 ? OK : settle(t, result);
}

enum tls_want tls_want(const struct tls *t)
{
    return t->want;
}

bool tls_pending(const struct tls *t)
{
    return !t->dead && SSL_has_pending(t->ssl) == 1;
}

const char *tls_reason(const struct tls *t)
{
    return t->reason;
}

const char *tls_version(const struct tls *t)
{
    return SSL_get_version(t->ssl);
}

bool tls_resumed(const struct tls *t)
{
    return SSL_session_reused(t->ssl) == 1;
}
