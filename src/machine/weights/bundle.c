/* SPDX-License-Identifier: Apache-2.0 */
/* The Sigstore bundle and the DSSE envelope around a manifest. Called once per signature. */
#include "b64.h"
#include "json.h"
#include "json_put.h"
#include "manifest.h"

#define BUNDLE_TYPE "application/vnd.dev.sigstore.bundle.v0.3+json"

enum { SIGNATURE_MAX = 1024, KEY_MAX = 8192, CERTS_BYTES = 1 << 20, TEXT_MAX = 256 };

struct bundle bundle_init(void)
{
    return (struct bundle){.payload = buf_init(MANIFEST_FILE_MAX),
                           .signature = buf_init(SIGNATURE_MAX),
                           .hint = buf_init(TEXT_MAX),
                           .key = buf_init(KEY_MAX),
                           .certs = buf_init(CERTS_BYTES)};
}

void bundle_free(struct bundle *b)
{
    buf_free(&b->payload);
    buf_free(&b->signature);
    buf_free(&b->hint);
    buf_free(&b->key);
    buf_free(&b->certs);
}

static struct err decode(struct span raw, struct buf *out)
{
    BUF_AUTO text = buf_init(MANIFEST_FILE_MAX * 2);
    TRY(json_get_string(raw, &text));
    TRY(buf_reserve(out, text.n));
    struct wr w = wr_of(out->p + out->n, out->cap - out->n);
    TRY(b64_decode(&w, buf_span(&text), B64_STD, NULL));
    TRY(wr_done(&w));
    out->n += w.n;
    return OK;
}

static bool text_is(struct span raw, const char *want)
{
    BUF_AUTO text = buf_init(TEXT_MAX);
    return !failed(json_get_string(raw, &text)) && span_is(buf_span(&text), want);
}

/* The only element of an array, or empty. */
static struct span only(struct span array)
{
    struct json j = json_of(array);
    struct json_token t;
    struct span one = SPAN_NONE, more;
    if (failed(json_next(&j, &t)) || t.type != JSON_ARRAY || failed(json_skip_value(&j, &one)))
        return SPAN_NONE;
    return failed(json_skip_value(&j, &more)) ? one : SPAN_NONE;
}

static struct err read_certs(struct span array, struct bundle *b)
{
    struct json j = json_of(array);
    struct json_token t;
    TRY(json_next(&j, &t));
    if (t.type != JSON_ARRAY)
        return err(ERR_INPUT);
    struct span one;
    while (!failed(json_skip_value(&j, &one))) {
        struct span raw;
        if (b->cert_n == MANIFEST_CERTS_MAX)
            return err(ERR_LIMIT);
        size_t before = b->certs.n;
        TRY(json_find(one, &raw, "rawBytes", NULL));
        TRY(decode(raw, &b->certs));
        b->cert_len[b->cert_n++] = b->certs.n - before;
    }
    return b->cert_n ? OK : err(ERR_INPUT);
}

static struct err read_material(struct span file, struct bundle *b)
{
    struct span hint, key, chain, one;
    TRY(json_find(file, &hint, "verificationMaterial", "publicKey", "hint", NULL));
    TRY(json_find(file, &key, "verificationMaterial", "publicKey", "rawBytes", NULL));
    TRY(json_find(file, &chain, "verificationMaterial", "x509CertificateChain", "certificates",
                  NULL));
    TRY(json_find(file, &one, "verificationMaterial", "certificate", "rawBytes", NULL));
    if (hint.n)
        TRY(json_get_string(hint, &b->hint));
    if (key.n)
        TRY(decode(key, &b->key));
    if (chain.n)
        TRY(read_certs(chain, b));
    if (one.n && !b->cert_n) {
        TRY(decode(one, &b->certs));
        b->cert_len[b->cert_n++] = b->certs.n;
    }
    return OK;
}

struct err bundle_read(struct span file, struct bundle *b, struct fault *f)
{
    *b = bundle_init();
    struct span type, payload, payload_type, signatures, sig;
    if (!manifest_keys_once(file))
        return fault_at(f, ERR_INPUT, 0, "the signature is not JSON, or has a key twice");
    TRY(json_find(file, &type, "mediaType", NULL));
    TRY(json_find(file, &payload, "dsseEnvelope", "payload", NULL));
    TRY(json_find(file, &payload_type, "dsseEnvelope", "payloadType", NULL));
    TRY(json_find(file, &signatures, "dsseEnvelope", "signatures", NULL));
    if (!type.n || !text_is(type, BUNDLE_TYPE))
        return fault_at(f, ERR_INPUT, 0, "not a Sigstore bundle of version 0.3");
    if (!payload_type.n || !text_is(payload_type, MANIFEST_PAYLOAD_TYPE))
        return fault_at(f, ERR_INPUT, 0, "the signed payload is no in-toto statement");
    struct span one = signatures.n ? only(signatures) : SPAN_NONE;
    if (!one.n)
        return fault_at(f, ERR_INPUT, 0, "not exactly one signature");
    if (failed(json_find(one, &sig, "sig", NULL)) || !sig.n || failed(decode(sig, &b->signature)) ||
        !b->signature.n)
        return fault_at(f, ERR_INPUT, 0, "the signature is not base64");
    if (!payload.n || failed(decode(payload, &b->payload)))
        return fault_at(f, ERR_INPUT, 0, "the payload is not base64");
    if (failed(read_material(file, b)))
        return fault_at(f, ERR_INPUT, 0, "the key or certificates of the bundle cannot be read");
    return OK;
}

static struct err put_b64(struct json_put *p, const char *name, struct span bytes)
{
    BUF_AUTO text = buf_init(b64_len(bytes.n, B64_STD) + 1);
    TRY(buf_reserve(&text, b64_len(bytes.n, B64_STD) + 1));
    struct wr w = wr_of(text.p, text.cap);
    b64_encode(&w, bytes, B64_STD);
    TRY(wr_done(&w));
    json_put_str(p, name, wr_span(&w));
    return OK;
}

static struct err put_material(struct json_put *p, const struct bundle *b)
{
    json_put_object(p, "verificationMaterial");
    if (b->cert_n) {
        json_put_object(p, "x509CertificateChain");
        json_put_array(p, "certificates");
        for (size_t i = 0, at = 0; i < b->cert_n; at += b->cert_len[i++]) {
            json_put_object(p, NULL);
            TRY(put_b64(p, "rawBytes", span_cut(buf_span(&b->certs), at, b->cert_len[i])));
            json_put_end(p);
        }
        json_put_end(p);
    } else {
        json_put_object(p, "publicKey");
        json_put_str(p, "hint", buf_span(&b->hint));
    }
    json_put_end(p);
    json_put_array(p, "tlogEntries");
    json_put_end(p);
    json_put_end(p);
    return OK;
}

struct err bundle_write(const struct bundle *b, struct buf *out)
{
    struct json_put p = json_put_to(out);
    json_put_object(&p, NULL);
    json_put_text(&p, "mediaType", BUNDLE_TYPE);
    TRY(put_material(&p, b));
    json_put_object(&p, "dsseEnvelope");
    TRY(put_b64(&p, "payload", buf_span(&b->payload)));
    json_put_text(&p, "payloadType", MANIFEST_PAYLOAD_TYPE);
    json_put_array(&p, "signatures");
    json_put_object(&p, NULL);
    TRY(put_b64(&p, "sig", buf_span(&b->signature)));
    json_put_text(&p, "keyid", "");
    for (int i = 0; i < 4; i++)
        json_put_end(&p);
    return json_put_done(&p);
}

struct err bundle_signed_text(struct span payload, struct buf *out)
{
    TRY(buf_printf(out, "DSSEv1 %zu %s %zu ", sizeof MANIFEST_PAYLOAD_TYPE - 1,
                   MANIFEST_PAYLOAD_TYPE, payload.n));
    return buf_put(out, payload);
}
