/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and their text. Once a key; the texts come from people and files. */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "b64.h"
#include "bech32.h"
#include "dh.h"
#include "random.h"

#include <stdlib.h>

struct err age_keys_add(struct age_keys *k, enum age_kind kind, struct age_key **out)
{
    if (k->n == AGE_KEYS_MAX)
        return err(ERR_LIMIT);
    if (k->n == k->cap) {
        size_t cap = k->cap ? k->cap * 2 : 4;
        struct age_key *v = calloc(cap, sizeof *v);
        if (!v)
            return err(ERR_NOMEM);
        if (k->n)
            memcpy(v, k->v, k->n * sizeof *v);
        if (k->v)
            explicit_bzero(k->v, k->n * sizeof *v);
        free(k->v);
        k->v = v;
        k->cap = cap;
    }
    struct age_key *key = &k->v[k->n++];
    *key = (struct age_key){.kind = kind};
    *out = key;
    return OK;
}

void age_keys_pop(struct age_keys *k)
{
    struct age_key *key = &k->v[--k->n];
    buf_wipe(&key->own);
    explicit_bzero(key, sizeof *key);
}

void age_keys_free(struct age_keys *k)
{
    while (k->n)
        age_keys_pop(k);
    free(k->v);
    *k = (struct age_keys){0};
}

static struct err bad(struct fault *f, const char *why)
{
    return fault_at(f, ERR_INPUT, 0, why);
}

/* Bech32 text with exactly `n` bytes of data under `hrp`. */
static struct err decode_key(struct span text, const char *hrp, uint8_t *out, size_t n,
                             struct fault *f)
{
    struct span got;
    struct wr w = wr_of(out, n);
    TRY(bech32_decode(text, &got, &w, f));
    if (!span_is(got, hrp))
        return bad(f, "not a key of this kind");
    return w.n == n ? OK : bad(f, "the key has the wrong length");
}

static struct err parse_hybrid_recipient(struct span text, struct age_keys *out, struct fault *f)
{
    uint8_t pk[AGE_HYBRID_PK];
    struct age_key *key;
    TRY(decode_key(text, AGE_RECIPIENT_PQ, pk, sizeof pk, f));
    TRY(age_keys_add(out, AGE_HYBRID, &key));
    key->own = buf_init(sizeof pk);
    return buf_put(&key->own, span(pk, sizeof pk));
}

struct err age_recipient_parse(struct span text, struct age_keys *out, struct fault *f)
{
    struct age_key *key;
    if (span_starts(text, SPAN_LIT("ssh-")))
        return age_ssh_recipient(text, out, f);
    if (span_starts(text, SPAN_LIT(AGE_RECIPIENT_PQ "1")))
        return parse_hybrid_recipient(text, out, f);
    uint8_t point[DH_BYTES];
    size_t one = 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '1')
            one = i;
    if (span_starts(text, SPAN_LIT("age1")) && one > 3)
        return fault_at(f, ERR_DENIED, 0, "a plugin's recipient; plugins are not run");
    if (!span_starts(text, SPAN_LIT("age1")))
        return bad(f, "not a recipient: expected age1…, ssh-ed25519 … or ssh-rsa …");
    TRY(decode_key(text, AGE_RECIPIENT_HRP, point, sizeof point, f));
    TRY(age_keys_add(out, AGE_X25519, &key));
    memcpy(key->point, point, sizeof point);
    return OK;
}

static struct err fill_identity(struct age_key *key)
{
    key->secret = true;
    if (key->kind == AGE_X25519) {
        dh_public(key->seed, key->point);
        return OK;
    }
    uint8_t pk[AGE_HYBRID_PK];
    age_hybrid_public(key->seed, pk);
    key->own = buf_init(sizeof pk);
    return buf_put(&key->own, span(pk, sizeof pk));
}

struct err age_identity_parse(struct span text, struct age_keys *out, struct fault *f)
{
    struct age_key *key;
    bool pq = span_starts(text, SPAN_LIT(AGE_IDENTITY_PQ "1"));
    if (span_starts(text, SPAN_LIT("AGE-PLUGIN-")))
        return fault_at(f, ERR_DENIED, 0, "a plugin's identity; plugins are not run");
    if (!pq && !span_starts(text, SPAN_LIT(AGE_IDENTITY_HRP "1")))
        return bad(f, "not an identity: expected AGE-SECRET-KEY-1… or AGE-SECRET-KEY-PQ-1…");
    TRY(age_keys_add(out, pq ? AGE_HYBRID : AGE_X25519, &key));
    struct err e =
        decode_key(text, pq ? AGE_IDENTITY_PQ : AGE_IDENTITY_HRP, key->seed, sizeof key->seed, f);
    if (!failed(e))
        e = fill_identity(key);
    if (failed(e))
        age_keys_pop(out);
    return e;
}

typedef struct err parse_line(struct span text, struct age_keys *out, struct fault *f);

static struct err parse_lines(struct span file, parse_line *parse, struct age_keys *out,
                              struct fault *f)
{
    size_t before = out->n;
    if (file.n > AGE_KEY_FILE_MAX)
        return fault_at(f, ERR_LIMIT, 0, "the file is too large");
    for (size_t at = 0; at < file.n;) {
        size_t end = span_find(file, at, '\n');
        struct span line = span_cut(file, at, end - at);
        if (span_ends(line, SPAN_LIT("\r")))
            line.n--;
        if (line.n && line.p[0] != '#') {
            struct err e = parse(line, out, f);
            if (failed(e)) {
                if (f)
                    f->at = at;
                return e;
            }
        }
        at = end + 1;
    }
    return out->n > before ? OK : fault_at(f, ERR_INPUT, 0, "the file holds no key");
}

/* A key that ssh-keygen made and age has no use for may stand in a recipients file. */
static struct err parse_or_skip(struct span line, struct age_keys *out, struct fault *f)
{
    return age_recipient_foreign(line) ? OK : age_recipient_parse(line, out, f);
}

struct err age_recipients_file(struct span file, struct age_keys *out, struct fault *f)
{
    return parse_lines(file, parse_or_skip, out, f);
}

struct err age_identities_file(struct span file, struct age_keys *out, struct fault *f)
{
    if (span_starts(file, SPAN_LIT(AGE_SSH_PEM)))
        return age_ssh_identity(file, out, f);
    if (span_starts(file, SPAN_LIT("-----BEGIN")))
        return bad(f, "a private key of another kind: OpenSSH's own format is read "
                      "(ssh-keygen -p rewrites it)");
    return parse_lines(file, age_identity_parse, out, f);
}

bool age_identities_locked(struct span file)
{
    return span_starts(file, SPAN_LIT(AGE_SSH_PEM)) && age_ssh_locked(file);
}

struct err age_identities_unlock(struct span file, struct span passphrase, struct age_keys *out,
                                 struct fault *f)
{
    return age_ssh_identity_open(file, passphrase, out, f);
}

struct err age_passphrase(struct span passphrase, unsigned work, struct age_keys *out)
{
    struct age_key *key;
    if (passphrase.n == 0 || work < 1 || work > AGE_WORK_MAX)
        return err(ERR_INPUT);
    TRY(age_keys_add(out, AGE_SCRYPT, &key));
    key->secret = true;
    key->work = work;
    key->own = buf_init(passphrase.n);
    return buf_put(&key->own, passphrase);
}

struct err age_generate(enum age_kind kind, struct age_keys *out)
{
    struct age_key *key;
    if (kind != AGE_X25519 && kind != AGE_HYBRID)
        return err(ERR_INPUT);
    TRY(age_keys_add(out, kind, &key));
    random_bytes(key->seed, sizeof key->seed);
    return fill_identity(key);
}

static struct err copy_public(const struct age_key *from, struct age_keys *out)
{
    struct age_key *key;
    struct span public = from->kind == AGE_HYBRID ? buf_span(&from->own) : from->wire;
    TRY(age_keys_add(out, from->kind, &key));
    memcpy(key->point, from->point, sizeof key->point);
    memcpy(key->tag, from->tag, sizeof key->tag);
    if (from->kind == AGE_X25519)
        return OK;
    key->own = buf_init(public.n);
    TRY(buf_put(&key->own, public));
    if (from->kind == AGE_HYBRID)
        return OK;
    key->wire = buf_span(&key->own);
    if (from->kind == AGE_SSH_RSA) {
        key->n = span(key->own.p + (from->n.p - from->wire.p), from->n.n);
        key->e = span(key->own.p + (from->e.p - from->wire.p), from->e.n);
    }
    return OK;
}

struct err age_recipients_of(const struct age_keys *ids, struct age_keys *out)
{
    for (size_t i = 0; i < ids->n; i++) {
        if (ids->v[i].kind == AGE_SCRYPT)
            return err(ERR_INPUT);
        TRY(copy_public(&ids->v[i], out));
    }
    return OK;
}

struct err age_identity_text(const struct age_key *k, struct buf *out)
{
    if (!k->secret || (k->kind != AGE_X25519 && k->kind != AGE_HYBRID))
        return err(ERR_INPUT);
    const char *hrp = k->kind == AGE_HYBRID ? AGE_IDENTITY_PQ : AGE_IDENTITY_HRP;
    return bech32_encode(span_str(hrp), span(k->seed, sizeof k->seed), out);
}

static struct err ssh_text(const struct age_key *k, struct buf *out)
{
    TRY(buf_puts(out, k->kind == AGE_SSH_RSA ? "ssh-rsa " : "ssh-ed25519 "));
    size_t n = b64_len(k->wire.n, B64_STD);
    TRY(buf_reserve(out, n));
    struct wr w = wr_of(out->p + out->n, n);
    b64_encode(&w, k->wire, B64_STD);
    out->n += w.n;
    return wr_done(&w);
}

struct err age_recipient_text(const struct age_key *k, struct buf *out)
{
    switch (k->kind) {
    case AGE_X25519:
        return bech32_encode(SPAN_LIT(AGE_RECIPIENT_HRP), span(k->point, sizeof k->point), out);
    case AGE_HYBRID:
        return bech32_encode(SPAN_LIT(AGE_RECIPIENT_PQ), buf_span(&k->own), out);
    case AGE_SSH_ED25519:
    case AGE_SSH_RSA:
        return ssh_text(k, out);
    case AGE_SCRYPT:
        break;
    }
    return err(ERR_INPUT);
}
