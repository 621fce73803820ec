/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of clients and servers. Made at start-up and at reload only. Everything that decides
 * about security is fixed here; nothing of it is a parameter.
 */
#include "tls_int.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325 §4.2). 1.3 has no others. */
static const char ciphers_12[] = "ECDHE+AESGCM:ECDHE+CHACHA20";
static const unsigned char alpn[] = "\x08http/1.1";
enum { ALPN_BYTES = sizeof alpn - 1, SECURITY_LEVEL = 2 /* 112 bits */ };

void tls_prepare(void)
{
    static bool done;
    if (done)
        return;
    if (!OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
        abort();
    done = true;
}

static struct err no(const char **why, enum err_cat cat, const char *text)
{
    ERR_clear_error();
    if (why)
        *why = text;
    return err(cat);
}

static bool set_common(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ctx, 1); /* one system call a record instead of two */
    SSL_CTX_set_security_level(ctx, SECURITY_LEVEL);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, ciphers_12) == 1;
}

static struct tls_config *new_config(bool server)
{
    tls_prepare();
    struct tls_config *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->users = 1;
    c->server = server;
    c->ctx = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (!c->ctx || !set_common(c->ctx)) {
        tls_config_drop(c);
        return NULL;
    }
    return c;
}

void tls_config_drop(struct tls_config *c)
{
    if (--c->users)
        return;
    tls_session_forget_all(c);
    SSL_CTX_free(c->ctx);
    free(c);
}

void tls_config_free(struct tls_config **c)
{
    if (*c)
        tls_config_drop(*c);
    *c = NULL;
}

/* A key that wants a passphrase is refused instead of asking at the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *user)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)user;
    return -1;
}

/* Did the PEM reader stop because there is no further block, and not because one is broken? */
static bool pem_ended(void)
{
    unsigned long e = ERR_peek_last_error();
    bool ended = ERR_GET_LIB(e) == ERR_LIB_PEM && ERR_GET_REASON(e) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return ended;
}

static BIO *open_pem(struct span pem)
{
    if (pem.n == 0 || pem.n > TLS_PEM_MAX)
        return NULL;
    ERR_clear_error();
    return BIO_new_mem_buf(pem.p, (int)pem.n);
}

static struct err add_authorities(SSL_CTX *ctx, BIO *in, const char **why)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    size_t count = 0;
    X509 *cert;
    while ((cert = PEM_read_bio_X509(in, NULL, no_passphrase, NULL)) != NULL) {
        int added = X509_STORE_add_cert(store, cert);
        X509_free(cert);
        if (!added)
            return no(why, ERR_NOMEM, "a certificate could not be added");
        count++;
    }
    if (!pem_ended())
        return no(why, ERR_INPUT, "a certificate of the bundle does not parse");
    return count ? OK : no(why, ERR_INPUT, "the bundle holds no certificate");
}

static struct err fill_client(struct tls_config *c, struct span ca_pem, const char **why)
{
    SSL_CTX_set_verify(c->ctx, SSL_VERIFY_PEER, NULL);
    tls_session_hooks(c->ctx);
    if (SSL_CTX_set_alpn_protos(c->ctx, alpn, ALPN_BYTES) != 0)
        return no(why, ERR_NOMEM, "out of memory");
    BIO *in = open_pem(ca_pem);
    if (!in)
        return no(why, ERR_INPUT, "the bundle is empty or larger than 4 MiB");
    struct err e = add_authorities(c->ctx, in, why);
    BIO_free(in);
    return e;
}

struct err tls_client_config(struct tls_config **out, struct span ca_pem, const char **why)
{
    *out = NULL;
    struct tls_config *c = new_config(false);
    if (!c)
        return no(why, ERR_NOMEM, "out of memory");
    struct err e = fill_client(c, ca_pem, why);
    if (failed(e)) {
        tls_config_drop(c);
        return e;
    }
    *out = c;
    return OK;
}

/* A client that offers protocols must offer ours; one that offers none is taken to speak it. */
static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                       const unsigned char *in, unsigned in_n, void *user)
{
    (void)ssl;
    (void)user;
    unsigned char *chosen;
    int code = SSL_select_next_proto(&chosen, out_n, alpn, ALPN_BYTES, in, in_n);
    *out = chosen;
    return code == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static struct err add_chain(SSL_CTX *ctx, BIO *in, const char **why)
{
    X509 *leaf = PEM_read_bio_X509(in, NULL, no_passphrase, NULL);
    if (!leaf)
        return no(why, ERR_INPUT, "the chain holds no certificate, or its first does not parse");
    int code = SSL_CTX_use_certificate(ctx, leaf);
    X509_free(leaf);
    if (code != 1)
        return no(why, ERR_INPUT, "the certificate is not usable (weak key or digest?)");
    X509 *cert;
    while ((cert = PEM_read_bio_X509(in, NULL, no_passphrase, NULL)) != NULL)
        if (SSL_CTX_add0_chain_cert(ctx, cert) != 1) {
            X509_free(cert);
            return no(why, ERR_INPUT, "a certificate of the chain is not usable");
        }
    return pem_ended() ? OK : no(why, ERR_INPUT, "a certificate of the chain does not parse");
}

static struct err add_key(SSL_CTX *ctx, BIO *in, const char **why)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL);
    if (!key)
        return no(why, ERR_INPUT, "the key does not parse, or is encrypted");
    int code = SSL_CTX_use_PrivateKey(ctx, key);
    EVP_PKEY_free(key);
    if (code != 1 || SSL_CTX_check_private_key(ctx) != 1)
        return no(why, ERR_INPUT, "the key does not belong to the certificate");
    return OK;
}

static struct err from_pem(struct err (*add)(SSL_CTX *, BIO *, const char **), SSL_CTX *ctx,
                           struct span pem, const char **why)
{
    BIO *in = open_pem(pem);
    if (!in)
        return no(why, ERR_INPUT, "a PEM text is empty or larger than 4 MiB");
    struct err e = add(ctx, in, why);
    BIO_free(in);
    return e;
}

static struct err fill_server(struct tls_config *c, struct span chain_pem, struct span key_pem,
                              const char **why)
{
    static const unsigned char id[] = "sanctum";
    SSL_CTX_set_alpn_select_cb(c->ctx, select_alpn, NULL);
    SSL_CTX_set_session_cache_mode(c->ctx, SSL_SESS_CACHE_OFF); /* tickets hold the state */
    if (SSL_CTX_set_session_id_context(c->ctx, id, sizeof id - 1) != 1)
        return no(why, ERR_NOMEM, "out of memory");
    TRY(from_pem(add_chain, c->ctx, chain_pem, why));
    return from_pem(add_key, c->ctx, key_pem, why);
}

struct err tls_server_config(struct tls_config **out, struct span chain_pem, struct span key_pem,
                             const char **why)
{
    *out = NULL;
    struct tls_config *c = new_config(true);
    if (!c)
        return no(why, ERR_NOMEM, "out of memory");
    struct err e = fill_server(c, chain_pem, key_pem, why);
    if (failed(e)) {
        tls_config_drop(c);
        return e;
    }
    *out = c;
    return OK;
}
