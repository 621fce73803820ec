/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The post-quantum stanza: X-Wing (ML-KEM-768 with X25519) inside HPKE base mode (RFC 9180), suite
 * 647a/0001/0003. Safe as long as either half is.
 */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "b64.h"
#include "chunk.h"
#include "dh.h"
#include "keccak.h"
#include "light.h"
#include "mlkem.h"
#include "random.h"

#define INFO_TEXT  "age-encryption.org/mlkem768x25519"
#define SUITE      "HPKE\x64\x7a\x00\x01\x00\x03"
#define XWING_TEXT "\\.//^\\"

_Static_assert(MLKEM_CT + DH_BYTES == AGE_HYBRID_ENC, "enc");
_Static_assert(MLKEM_EK + DH_BYTES == AGE_HYBRID_PK, "public key");

struct secrets {
    uint8_t mlkem[MLKEM_SECRET], x[DH_BYTES], combined[32];
    uint8_t key[32], nonce[CHUNK_NONCE];
};

/* A seed to ML-KEM's seed and X25519's secret. */
struct halves {
    uint8_t mlkem[MLKEM_SEED], x[DH_BYTES];
};

static void split_seed(const uint8_t seed[32], struct halves *h)
{
    struct span in = span(seed, 32);
    keccak_parts(KECCAK_SHAKE256, &in, 1, (uint8_t *)h, sizeof *h);
}
_Static_assert(sizeof(struct halves) == 96, "no padding");

void age_hybrid_public(const uint8_t seed[32], uint8_t out[AGE_HYBRID_PK])
{
    struct halves h;
    uint8_t dk[MLKEM_DK];
    split_seed(seed, &h);
    mlkem_keys(h.mlkem, out, dk);
    dh_public(h.x, out + MLKEM_EK);
    explicit_bzero(&h, sizeof h);
    explicit_bzero(dk, sizeof dk);
}

static void combine(struct secrets *s, const uint8_t ct_x[DH_BYTES], const uint8_t pk_x[DH_BYTES])
{
    struct span parts[] = {span(s->mlkem, sizeof s->mlkem), span(s->x, sizeof s->x),
                           span(ct_x, DH_BYTES), span(pk_x, DH_BYTES), SPAN_LIT(XWING_TEXT)};
    keccak_parts(KECCAK_SHA3_256, parts, 5, s->combined, sizeof s->combined);
}

static void labeled_extract(struct span salt, struct span label, struct span ikm, uint8_t out[32])
{
    struct span parts[] = {SPAN_LIT("HPKE-v1"), SPAN_LIT(SUITE), label, ikm};
    light_mac(salt, parts, 4, out);
}

static void labeled_expand(const uint8_t prk[32], struct span label, struct span info, uint8_t *out,
                           uint8_t n)
{
    uint8_t size[2] = {0, n};
    struct span parts[] = {span(size, 2), SPAN_LIT("HPKE-v1"), SPAN_LIT(SUITE), label, info};
    light_expand(span(prk, 32), parts, 5, out, n);
}

/* RFC 9180 §5.1, mode base. */
static void schedule(struct secrets *s)
{
    uint8_t context[1 + 32 + 32] = {0}, secret[32];
    labeled_extract(SPAN_NONE, SPAN_LIT("psk_id_hash"), SPAN_NONE, context + 1);
    labeled_extract(SPAN_NONE, SPAN_LIT("info_hash"), SPAN_LIT(INFO_TEXT), context + 33);
    labeled_extract(span(s->combined, 32), SPAN_LIT("secret"), SPAN_NONE, secret);
    struct span about = span(context, sizeof context);
    labeled_expand(secret, SPAN_LIT("key"), about, s->key, sizeof s->key);
    labeled_expand(secret, SPAN_LIT("base_nonce"), about, s->nonce, sizeof s->nonce);
    explicit_bzero(secret, sizeof secret);
}

static struct err encapsulate(const struct age_key *r, uint8_t enc[AGE_HYBRID_ENC],
                              struct secrets *s)
{
    uint8_t m[MLKEM_RANDOM], e[DH_BYTES];
    const uint8_t *pk_x = r->own.p + MLKEM_EK;
    random_bytes(m, sizeof m);
    random_bytes(e, sizeof e);
    dh_public(e, enc + MLKEM_CT);
    struct err bad = mlkem_encapsulate(r->own.p, m, enc, s->mlkem);
    if (!failed(bad))
        bad = dh_shared(e, pk_x, s->x);
    explicit_bzero(m, sizeof m);
    explicit_bzero(e, sizeof e);
    if (failed(bad))
        return bad;
    combine(s, enc + MLKEM_CT, pk_x);
    schedule(s);
    return OK;
}

struct err age_wrap_hybrid(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY],
                           struct buf *out)
{
    struct secrets s;
    uint8_t enc[AGE_HYBRID_ENC], body[AGE_BODY], text[AGE_HYBRID_ENC * 4 / 3 + 4];
    TRY(encapsulate(r, enc, &s));
    chunk_seal_once(s.key, s.nonce, span(file_key, AGE_FILE_KEY), body);
    explicit_bzero(&s, sizeof s);
    struct wr w = wr_of(text, sizeof text);
    b64_encode(&w, span(enc, sizeof enc), B64_STD_RAW);
    return age_stanza_write(out, "mlkem768x25519", wr_span(&w), span(body, sizeof body));
}

static struct err decapsulate(const struct age_key *id, const uint8_t enc[AGE_HYBRID_ENC],
                              struct secrets *s)
{
    struct halves h;
    uint8_t ek[MLKEM_EK], dk[MLKEM_DK], pk_x[DH_BYTES];
    split_seed(id->seed, &h);
    struct err e = dh_shared(h.x, enc + MLKEM_CT, s->x);
    if (!failed(e)) {
        mlkem_keys(h.mlkem, ek, dk);
        mlkem_decapsulate(dk, enc, s->mlkem);
        dh_public(h.x, pk_x);
        combine(s, enc + MLKEM_CT, pk_x);
        schedule(s);
    }
    explicit_bzero(&h, sizeof h);
    explicit_bzero(dk, sizeof dk);
    return e;
}

struct err age_unwrap_hybrid(const struct age_key *id, const struct age_stanza *s,
                             uint8_t file_key[AGE_FILE_KEY], struct fault *f)
{
    struct secrets secrets;
    uint8_t enc[AGE_HYBRID_ENC];
    if (s->args != 1 || failed(age_arg(s, 0, enc, sizeof enc)))
        return age_fail(f, AGE_HEADER_FAILURE, 0, "a post-quantum stanza with a malformed share");
    if (s->body.n != AGE_BODY)
        return age_fail(f, AGE_HEADER_FAILURE, 0,
                        "a post-quantum stanza with a body of wrong length");
    if (failed(decapsulate(id, enc, &secrets)))
        return age_fail(f, AGE_HEADER_FAILURE, 0,
                        "a post-quantum stanza with a share of small order");
    struct err e = failed(chunk_open_once(secrets.key, secrets.nonce, s->body, file_key))
                       ? err(ERR_AGAIN)
                       : OK;
    explicit_bzero(&secrets, sizeof secrets);
    return e;
}
