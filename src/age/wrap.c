/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stanzas: the file key wrapped for one key, for X25519 and passphrases; dispatch for the others.
 * A stanza that is malformed is a header failure as soon as an identity of its kind looks at it,
 * before anything is decrypted; one that merely does not open is ERR_AGAIN.
 */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "b64.h"
#include "chunk.h"
#include "dh.h"
#include "light.h"
#include "num.h"
#include "random.h"
#include "scrypt.h"

enum { SALT = 16 };
#define X25519_LABEL "age-encryption.org/v1/X25519"
#define SCRYPT_LABEL "age-encryption.org/v1/scrypt"

struct err age_arg(const struct age_stanza *s, size_t i, uint8_t *out, size_t n)
{
    struct wr w = wr_of(out, n);
    if (i >= s->args || i >= AGE_ARGS_MAX)
        return err(ERR_INPUT);
    TRY(b64_decode(&w, s->arg[i], B64_STD_RAW, NULL));
    return !w.full && w.n == n ? OK : err(ERR_INPUT);
}

static const uint8_t zero_nonce[CHUNK_NONCE];

void age_body_seal(const uint8_t key[32], const uint8_t file_key[AGE_FILE_KEY],
                   uint8_t body[AGE_BODY])
{
    chunk_seal_once(key, zero_nonce, span(file_key, AGE_FILE_KEY), body);
}

struct err age_body_open(const uint8_t key[32], struct span body, uint8_t file_key[AGE_FILE_KEY])
{
    if (body.n != AGE_BODY || failed(chunk_open_once(key, zero_nonce, body, file_key)))
        return err(ERR_AGAIN);
    return OK;
}

static struct err put_arg(struct buf *out, struct span bytes)
{
    uint8_t text[96];
    struct wr w = wr_of(text, sizeof text);
    b64_encode(&w, bytes, B64_STD_RAW);
    TRY(wr_done(&w));
    return buf_put(out, wr_span(&w));
}

/* ---- X25519 ---- */

static void x25519_key(const uint8_t shared[DH_BYTES], const uint8_t share[DH_BYTES],
                       const uint8_t point[DH_BYTES], uint8_t key[32])
{
    uint8_t salt[2 * DH_BYTES];
    memcpy(salt, share, DH_BYTES);
    memcpy(salt + DH_BYTES, point, DH_BYTES);
    light_hkdf(span(shared, DH_BYTES), span(salt, sizeof salt), SPAN_LIT(X25519_LABEL), key);
}

static struct err wrap_x25519(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY],
                              struct buf *out)
{
    uint8_t secret[DH_BYTES], share[DH_BYTES], shared[DH_BYTES], key[32], body[AGE_BODY];
    BUF_AUTO args = buf_init(128);
    random_bytes(secret, sizeof secret);
    dh_public(secret, share);
    TRY(dh_shared(secret, r->point, shared));
    x25519_key(shared, share, r->point, key);
    age_body_seal(key, file_key, body);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(shared, sizeof shared);
    explicit_bzero(key, sizeof key);
    TRY(put_arg(&args, span(share, sizeof share)));
    return age_stanza_write(out, "X25519", buf_span(&args), span(body, sizeof body));
}

static struct err unwrap_x25519(const struct age_key *id, const struct age_stanza *s,
                                uint8_t file_key[AGE_FILE_KEY], struct fault *f)
{
    uint8_t share[DH_BYTES], shared[DH_BYTES], key[32];
    if (s->args != 1 || failed(age_arg(s, 0, share, sizeof share)))
        return age_fail(f, AGE_HEADER_FAILURE, 0, "an X25519 stanza with a malformed share");
    if (s->body.n != AGE_BODY)
        return age_fail(f, AGE_HEADER_FAILURE, 0, "an X25519 stanza with a body of wrong length");
    if (failed(dh_shared(id->seed, share, shared)))
        return age_fail(f, AGE_HEADER_FAILURE, 0, "an X25519 stanza with a share of small order");
    x25519_key(shared, share, id->point, key);
    struct err e = age_body_open(key, s->body, file_key);
    explicit_bzero(shared, sizeof shared);
    explicit_bzero(key, sizeof key);
    return e;
}

/* ---- passphrase ---- */

static struct err scrypt_wrap_key(const struct age_key *k, const uint8_t salt[SALT], unsigned work,
                                  uint8_t key[32])
{
    uint8_t whole[sizeof SCRYPT_LABEL - 1 + SALT];
    memcpy(whole, SCRYPT_LABEL, sizeof SCRYPT_LABEL - 1);
    memcpy(whole + sizeof SCRYPT_LABEL - 1, salt, SALT);
    return scrypt_key(buf_span(&k->own), span(whole, sizeof whole), work, key);
}

static struct err wrap_scrypt(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY],
                              struct buf *out)
{
    uint8_t salt[SALT], key[32], body[AGE_BODY];
    BUF_AUTO args = buf_init(128);
    random_bytes(salt, sizeof salt);
    TRY(scrypt_wrap_key(r, salt, r->work, key));
    age_body_seal(key, file_key, body);
    explicit_bzero(key, sizeof key);
    TRY(put_arg(&args, span(salt, sizeof salt)));
    TRY(buf_put_u8(&args, ' '));
    TRY(buf_put_u64(&args, r->work));
    return age_stanza_write(out, "scrypt", buf_span(&args), span(body, sizeof body));
}

static struct err unwrap_scrypt(const struct age_key *id, const struct age_stanza *s,
                                uint8_t file_key[AGE_FILE_KEY], struct fault *f)
{
    uint8_t salt[SALT], key[32];
    uint64_t work;
    if (s->args != 2 || failed(age_arg(s, 0, salt, sizeof salt)) ||
        failed(num_u64(s->arg[1], UINT32_MAX, &work)) || work == 0)
        return age_fail(f, AGE_HEADER_FAILURE, 0, "a passphrase stanza with malformed arguments");
    if (work > AGE_WORK_MAX)
        return age_fail(f, AGE_HEADER_FAILURE, 0,
                        "a passphrase stanza that asks for too much work");
    if (s->body.n != AGE_BODY)
        return age_fail(f, AGE_HEADER_FAILURE, 0,
                        "a passphrase stanza with a body of wrong length");
    TRY(scrypt_wrap_key(id, salt, (unsigned)work, key));
    struct err e = age_body_open(key, s->body, file_key);
    explicit_bzero(key, sizeof key);
    return e;
}

/* ---- dispatch ---- */

struct err age_wrap(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY], struct buf *out)
{
    switch (r->kind) {
    case AGE_X25519:
        return wrap_x25519(r, file_key, out);
    case AGE_HYBRID:
        return age_wrap_hybrid(r, file_key, out);
    case AGE_SCRYPT:
        return wrap_scrypt(r, file_key, out);
    case AGE_SSH_ED25519:
    case AGE_SSH_RSA:
        return age_wrap_ssh(r, file_key, out);
    }
    return err(ERR_BUG);
}

struct err age_unwrap(const struct age_key *id, const struct age_stanza *s,
                      uint8_t file_key[AGE_FILE_KEY], struct fault *f)
{
    static const char *const types[] = {"X25519", "mlkem768x25519", "scrypt", "ssh-ed25519",
                                        "ssh-rsa"};
    if (!span_is(s->type, types[id->kind]))
        return err(ERR_AGAIN);
    switch (id->kind) {
    case AGE_X25519:
        return unwrap_x25519(id, s, file_key, f);
    case AGE_HYBRID:
        return age_unwrap_hybrid(id, s, file_key, f);
    case AGE_SCRYPT:
        return unwrap_scrypt(id, s, file_key, f);
    case AGE_SSH_ED25519:
    case AGE_SSH_RSA:
        return age_unwrap_ssh(id, s, file_key, f);
    }
    return err(ERR_BUG);
}
