/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate chains by OpenSSL. Called once per signature. */
#include "cert.h"

#include "b64.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

struct cert_chain cert_chain_init(void)
{
    return (struct cert_chain){.bytes = buf_init((size_t)CERT_MAX * CERT_BYTES_MAX)};
}

void cert_chain_free(struct cert_chain *c)
{
    buf_free(&c->bytes);
    c->n = 0;
}

struct span cert_chain_der(const struct cert_chain *c, size_t i)
{
    return span_cut(buf_span(&c->bytes), c->v[i].at, c->v[i].n);
}

struct err cert_chain_add(struct cert_chain *c, struct span der)
{
    if (c->n == CERT_MAX || der.n > CERT_BYTES_MAX)
        return err(ERR_LIMIT);
    size_t at = c->bytes.n;
    TRY(buf_put(&c->bytes, der));
    c->v[c->n].at = at;
    c->v[c->n++].n = der.n;
    return OK;
}

/* The base64 between two PEM lines, blanks taken out, decoded. */
static struct err add_body(struct cert_chain *c, struct span body)
{
    BUF_AUTO text = buf_init(2 * CERT_BYTES_MAX);
    for (size_t i = 0; i < body.n; i++)
        if (body.p[i] != '\n' && body.p[i] != '\r' && body.p[i] != ' ')
            TRY(buf_put_u8(&text, body.p[i]));
    uint8_t *der = text.p; /* decoding shrinks: in place would alias, so a second buffer */
    BUF_AUTO out = buf_init(2 * CERT_BYTES_MAX);
    TRY(buf_reserve(&out, text.n + 4));
    struct wr w = wr_of(out.p, out.cap);
    TRY(b64_decode(&w, span(der, text.n), B64_STD, NULL));
    TRY(wr_done(&w));
    return cert_chain_add(c, wr_span(&w));
}

struct err cert_chain_pem(struct cert_chain *c, struct span pem)
{
    struct span begin = SPAN_LIT("-----BEGIN CERTIFICATE-----");
    struct span end = SPAN_LIT("-----END CERTIFICATE-----");
    size_t before = c->n;
    for (size_t at = span_search(pem, 0, begin); at < pem.n; at = span_search(pem, at, begin)) {
        size_t stop = span_search(pem, at, end);
        if (stop == pem.n)
            return err(ERR_INPUT);
        TRY(add_body(c, span_cut(pem, at + begin.n, stop - at - begin.n)));
        at = stop;
    }
    return c->n > before ? OK : err(ERR_INPUT);
}

static X509 *parse(struct span der)
{
    const unsigned char *p = der.p;
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    if (x && p != der.p + der.n) {
        X509_free(x);
        return NULL;
    }
    return x;
}

static bool may_sign(X509 *leaf)
{
    uint32_t flags = X509_get_extension_flags(leaf);
    if (flags & EXFLAG_KUSAGE && X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE)
        return true;
    return flags & EXFLAG_XKUSAGE && X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN;
}

static STACK_OF(X509) * stack_of(const struct cert_chain *c, size_t from)
{
    STACK_OF(X509) *s = sk_X509_new_null();
    for (size_t i = from; s && i < c->n; i++) {
        X509 *x = parse(cert_chain_der(c, i));
        if (!x || !sk_X509_push(s, x)) {
            X509_free(x);
            sk_X509_pop_free(s, X509_free);
            return NULL;
        }
    }
    return s;
}

static time_t valid_from(const X509 *leaf)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool good = epoch && ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notBefore(leaf)) == 1;
    ASN1_TIME_free(epoch);
    return good ? (time_t)days * 86400 + seconds : 0;
}

/* Build and check the chain. */
static bool chain_good(X509 *leaf, STACK_OF(X509) * between, STACK_OF(X509) * roots)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool good = store && ctx;
    for (int i = 0; good && i < sk_X509_num(roots); i++)
        good = X509_STORE_add_cert(store, sk_X509_value(roots, i)) == 1;
    good = good && X509_STORE_CTX_init(ctx, store, leaf, between) == 1;
    if (good) {
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), valid_from(leaf));
        good = X509_verify_cert(ctx) == 1;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return good;
}

struct err cert_signer(const struct cert_chain *c, const struct cert_chain *roots,
                       struct sign_key *out, const char **why)
{
    out->key = NULL;
    X509 *leaf = c->n ? parse(cert_chain_der(c, 0)) : NULL;
    STACK_OF(X509) *between = stack_of(c, 1), *trusted = stack_of(roots, 0);
    *why = NULL;
    if (!leaf || !between || !trusted)
        *why = "a certificate that cannot be read";
    else if (!chain_good(leaf, between, trusted))
        *why = "the certificate does not lead to a trusted root";
    else if (!may_sign(leaf))
        *why = "the certificate may not be used for signing";
    BUF_AUTO pem = buf_init(8192);
    struct err e = *why ? err(ERR_DENIED) : OK;
    if (!failed(e)) {
        struct sign_key borrowed = {X509_get0_pubkey(leaf)};
        e = borrowed.key ? sign_key_pem(&borrowed, &pem) : err(ERR_DENIED);
        if (!failed(e))
            e = sign_key_public(buf_span(&pem), out);
        if (failed(e))
            *why = "the certificate's key is of a kind that is not taken";
    }
    X509_free(leaf);
    sk_X509_pop_free(between, X509_free);
    sk_X509_pop_free(trusted, X509_free);
    ERR_clear_error();
    return failed(e) ? err(ERR_DENIED) : OK;
}

bool cert_matches(const struct cert_chain *c, const struct sign_key *key)
{
    X509 *leaf = c->n ? parse(cert_chain_der(c, 0)) : NULL;
    EVP_PKEY *own = leaf ? X509_get0_pubkey(leaf) : NULL;
    bool same = own && EVP_PKEY_eq(own, key->key) == 1;
    X509_free(leaf);
    return same;
}
