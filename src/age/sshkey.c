/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH keys as age uses them: public key lines (RFC 4253 §6.6, RFC 8709), OpenSSH private key files
 * (PROTOCOL.key), and their stanzas. Rare; hostile bytes when a recipients file was fetched.
 */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "b64.h"
#include "dh.h"
#include "light.h"
#include "random.h"
#include "rd.h"
#include "rsa.h"

enum { WIRE_MAX = 8192, PEM_MAX = 64 * 1024, RSA_SMALLEST = RSA_BITS_MIN / 8 };
#define ED25519_LABEL "age-encryption.org/v1/ssh-ed25519"
#define RSA_LABEL     "age-encryption.org/v1/ssh-rsa"
#define PEM_END       "-----END OPENSSH PRIVATE KEY-----"

static struct err bad(struct fault *f, const char *why)
{
    return fault_at(f, ERR_INPUT, 0, why);
}

/* u32 length and bytes. */
static struct err take_string(struct rd *r, struct span *out)
{
    uint64_t n;
    TRY(rd_be(r, 4, &n));
    return rd_take(r, n, out);
}

/* A positive number without its sign byte. */
static struct err take_number(struct rd *r, struct span *out)
{
    TRY(take_string(r, out));
    if (out->n == 0 || out->p[0] & 0x80)
        return err(ERR_INPUT);
    if (out->p[0] == 0)
        *out = span_from(*out, 1);
    return OK;
}

/* Of fewer than 2048 bits? */
static bool is_short(struct span modulus)
{
    return modulus.n < RSA_SMALLEST || (modulus.n == RSA_SMALLEST && modulus.p[0] < 0x80);
}

/* key->own holds the public key as SSH sends it: fill in the rest. */
static struct err read_wire(struct age_key *key, struct span wire, struct fault *f)
{
    struct rd r = rd_of(wire);
    struct span type, point;
    uint8_t digest[LIGHT_BYTES];
    key->wire = wire;
    light_sha256(&wire, 1, digest);
    memcpy(key->tag, digest, sizeof key->tag);
    if (failed(take_string(&r, &type)))
        return bad(f, "a malformed SSH key");
    if (span_is(type, "ssh-ed25519") && !failed(take_string(&r, &point)) && point.n == DH_BYTES &&
        !failed(rd_end(&r))) {
        key->kind = AGE_SSH_ED25519;
        return failed(dh_from_ed25519_public(point.p, key->point))
                   ? bad(f, "an Ed25519 key that is no point of the curve")
                   : OK;
    }
    if (span_is(type, "ssh-rsa") && !failed(take_number(&r, &key->e)) &&
        !failed(take_number(&r, &key->n)) && !failed(rd_end(&r))) {
        key->kind = AGE_SSH_RSA;
        if (is_short(key->n) || key->n.n > RSA_BYTES_MAX)
            return bad(f, "an RSA key that is too short or too long (2048 to 16384 bits)");
        return OK;
    }
    return bad(f, "an SSH key that is neither ssh-ed25519 nor ssh-rsa");
}

/* The next field of a public key line: blanks and tabs stand between. */
static struct span take_field(struct span *line)
{
    size_t n = 0;
    while (line->n && (line->p[0] == ' ' || line->p[0] == '\t'))
        *line = span_from(*line, 1);
    while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
        n++;
    struct span field = span_cut(*line, 0, n);
    *line = span_from(*line, n);
    return field;
}

/* The type and the bytes of a public key line, in base64. */
static bool take_wire(struct span line, struct span *type, struct wr *w)
{
    *type = take_field(&line);
    struct span text = take_field(&line);
    return text.n && !failed(b64_decode(w, text, B64_STD, NULL)) && !w->full;
}

bool age_recipient_foreign(struct span line)
{
    uint8_t bytes[WIRE_MAX];
    struct wr w = wr_of(bytes, sizeof bytes);
    struct span type, inner, e, n;
    size_t one = span_find(line, 0, ' ');
    bool loose = span_find(line, 0, '\t') < line.n || (one + 1 < line.n && line.p[one + 1] == ' ');
    if (loose || !take_wire(line, &type, &w) || span_is(type, "ssh-ed25519"))
        return false;
    struct rd r = rd_of(wr_span(&w));
    if (failed(take_string(&r, &inner)) || !span_eq(type, inner))
        return false;
    if (!span_is(type, "ssh-rsa"))
        return true;
    return !failed(take_number(&r, &e)) && !failed(take_number(&r, &n)) && is_short(n);
}

struct err age_ssh_recipient(struct span line, struct age_keys *out, struct fault *f)
{
    uint8_t bytes[WIRE_MAX];
    struct wr w = wr_of(bytes, sizeof bytes);
    struct span type = {0};
    struct age_key *key;
    bool good = take_wire(line, &type, &w);
    if (!span_is(type, "ssh-ed25519") && !span_is(type, "ssh-rsa"))
        return bad(f, "an SSH key that is neither ssh-ed25519 nor ssh-rsa");
    if (!good)
        return bad(f, "an SSH key that is not base64, or too long");
    TRY(age_keys_add(out, AGE_SSH_ED25519, &key));
    key->own = buf_init(w.n);
    struct err e = buf_put(&key->own, wr_span(&w));
    if (!failed(e))
        e = read_wire(key, buf_span(&key->own), f);
    if (!failed(e) && (key->kind == AGE_SSH_RSA) != span_is(type, "ssh-rsa"))
        e = bad(f, "an SSH key whose two type names differ");
    if (failed(e))
        age_keys_pop(out);
    return e;
}

/* The part after the two check words: type and secret numbers. */
static struct err read_secret(struct age_key *key, struct rd *r, struct fault *f)
{
    struct span type, n, e, pk, sk, ignored;
    if (failed(take_string(r, &type)))
        return bad(f, "a malformed SSH private key");
    key->secret = true;
    if (key->kind == AGE_SSH_ED25519) {
        if (failed(take_string(r, &pk)) || failed(take_string(r, &sk)) || sk.n != 64 ||
            !span_is(type, "ssh-ed25519"))
            return bad(f, "a malformed Ed25519 private key");
        dh_from_ed25519_seed(sk.p, key->seed);
        uint8_t point[DH_BYTES];
        dh_public(key->seed, point);
        return span_eq(span(point, DH_BYTES), span(key->point, DH_BYTES))
                   ? OK
                   : bad(f, "a private key that is not of its public key");
    }
    if (failed(take_number(r, &n)) || failed(take_number(r, &e)) ||
        failed(take_number(r, &key->d)) || failed(take_string(r, &ignored)) ||
        !span_eq(n, key->n) || !span_eq(e, key->e))
        return bad(f, "a malformed RSA private key");
    return OK;
}

/* What an OpenSSH private key file holds beside its secret. */
struct frame {
    struct span cipher, kdf, options, wire, body;
};

static struct err read_frame(struct span file, struct frame *out)
{
    struct rd r = rd_of(file);
    struct span magic;
    uint64_t keys;
    TRY(rd_take(&r, 15, &magic));
    if (!span_eq(magic, SPAN_LIT("openssh-key-v1\0")))
        return err(ERR_INPUT);
    TRY(take_string(&r, &out->cipher));
    TRY(take_string(&r, &out->kdf));
    TRY(take_string(&r, &out->options));
    TRY(rd_be(&r, 4, &keys));
    if (keys != 1)
        return err(ERR_INPUT);
    TRY(take_string(&r, &out->wire));
    return take_string(&r, &out->body);
}

static struct err read_private(struct age_key *key, struct span passphrase, struct fault *f)
{
    struct frame in;
    uint64_t check1, check2;
    if (failed(read_frame(buf_span(&key->own), &in)))
        return bad(f, "a malformed OpenSSH private key");
    bool locked = !span_is(in.cipher, "none");
    if (locked && passphrase.n == 0)
        return fault_at(f, ERR_DENIED, 0, "an SSH key that needs its passphrase");
    TRY(read_wire(key, in.wire, f));
    if (locked)
        TRY(age_ssh_unlock(in.cipher, in.kdf, in.options, passphrase,
                           key->own.p + (in.body.p - key->own.p), in.body.n, f));
    struct rd r = rd_of(in.body);
    if (failed(rd_be(&r, 4, &check1)) || failed(rd_be(&r, 4, &check2)))
        return bad(f, "a malformed OpenSSH private key");
    if (check1 != check2)
        return locked ? fault_at(f, ERR_DENIED, 0, "the wrong passphrase for this SSH key")
                      : bad(f, "a malformed OpenSSH private key");
    return read_secret(key, &r, f);
}

/* The base64 between the PEM lines, line ends left out, into `out`. */
static struct err read_pem(struct span file, struct buf *out, struct fault *f)
{
    struct buf text = buf_init(PEM_MAX);
    size_t at = sizeof AGE_SSH_PEM - 1;
    size_t end = span_search(file, at, SPAN_LIT(PEM_END));
    if (end == file.n || file.n > PEM_MAX)
        return bad(f, "an OpenSSH private key without its end line");
    struct err e = buf_reserve(&text, end - at);
    for (; at < end; at++)
        if (file.p[at] != '\n' && file.p[at] != '\r')
            text.p[text.n++] = file.p[at];
    if (!failed(e))
        e = buf_reserve(out, text.n);
    struct wr w = wr_of(out->p, out->cap);
    if (!failed(e) && (failed(b64_decode(&w, buf_span(&text), B64_STD, NULL)) || w.full))
        e = bad(f, "an OpenSSH private key that is not base64");
    out->n = w.n;
    buf_wipe(&text);
    return e;
}

struct err age_ssh_identity(struct span file, struct age_keys *out, struct fault *f)
{
    return age_ssh_identity_open(file, SPAN_NONE, out, f);
}

bool age_ssh_locked(struct span file)
{
    struct buf bytes = buf_init(PEM_MAX);
    struct frame in;
    bool locked = !failed(read_pem(file, &bytes, NULL)) &&
                  !failed(read_frame(buf_span(&bytes), &in)) && !span_is(in.cipher, "none");
    buf_wipe(&bytes);
    return locked;
}

struct err age_ssh_identity_open(struct span file, struct span passphrase, struct age_keys *out,
                                 struct fault *f)
{
    struct age_key *key;
    TRY(age_keys_add(out, AGE_SSH_ED25519, &key));
    key->own = buf_init(PEM_MAX);
    struct err e = read_pem(file, &key->own, f);
    if (!failed(e))
        e = read_private(key, passphrase, f);
    if (failed(e))
        age_keys_pop(out);
    return e;
}

/* ---- stanzas ---- */

static struct err put_args(const struct age_key *k, struct span share, struct wr *w)
{
    b64_encode(w, span(k->tag, sizeof k->tag), B64_STD_RAW);
    if (share.n) {
        wr_u8(w, ' ');
        b64_encode(w, share, B64_STD_RAW);
    }
    return wr_done(w);
}

/* shared = tweak · (secret · peer); the tweak binds the whole SSH key. */
static struct err ed25519_key(const struct age_key *k, const uint8_t secret[DH_BYTES],
                              const uint8_t peer[DH_BYTES], const uint8_t share[DH_BYTES],
                              uint8_t key[32])
{
    uint8_t raw[DH_BYTES], tweak[32], shared[DH_BYTES], salt[2 * DH_BYTES];
    TRY(dh_shared(secret, peer, raw));
    light_hkdf(SPAN_NONE, k->wire, SPAN_LIT(ED25519_LABEL), tweak);
    TRY(dh_shared(tweak, raw, shared));
    memcpy(salt, share, DH_BYTES);
    memcpy(salt + DH_BYTES, k->point, DH_BYTES);
    light_hkdf(span(shared, sizeof shared), span(salt, sizeof salt), SPAN_LIT(ED25519_LABEL), key);
    explicit_bzero(raw, sizeof raw);
    explicit_bzero(shared, sizeof shared);
    return OK;
}

struct err age_wrap_ssh(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY],
                        struct buf *out)
{
    uint8_t secret[DH_BYTES], share[DH_BYTES], key[32], body[RSA_BYTES_MAX], text[96];
    struct wr args = wr_of(text, sizeof text), w = wr_of(body, sizeof body);
    if (r->kind == AGE_SSH_RSA) {
        struct rsa_key rsa = {.n = r->n, .e = r->e};
        TRY(put_args(r, SPAN_NONE, &args));
        TRY(rsa_seal(&rsa, RSA_LABEL, span(file_key, AGE_FILE_KEY), &w));
        return age_stanza_write(out, "ssh-rsa", wr_span(&args), wr_span(&w));
    }
    random_bytes(secret, sizeof secret);
    dh_public(secret, share);
    TRY(ed25519_key(r, secret, r->point, share, key));
    age_body_seal(key, file_key, body);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(key, sizeof key);
    TRY(put_args(r, span(share, sizeof share), &args));
    return age_stanza_write(out, "ssh-ed25519", wr_span(&args), span(body, AGE_BODY));
}

static struct err unwrap_rsa(const struct age_key *id, const struct age_stanza *s,
                             uint8_t file_key[AGE_FILE_KEY])
{
    struct rsa_key rsa = {.n = id->n, .e = id->e, .d = id->d};
    struct wr w = wr_of(file_key, AGE_FILE_KEY);
    struct err e = rsa_open(&rsa, RSA_LABEL, s->body, &w);
    if (err_cat(e) == ERR_CLOSED || err_cat(e) == ERR_INPUT)
        return e;
    return failed(e) || w.n != AGE_FILE_KEY ? err(ERR_AGAIN) : OK;
}

struct err age_unwrap_ssh(const struct age_key *id, const struct age_stanza *s,
                          uint8_t file_key[AGE_FILE_KEY], struct fault *f)
{
    uint8_t tag[sizeof id->tag], share[DH_BYTES], key[32];
    bool rsa = id->kind == AGE_SSH_RSA;
    if (s->args != (rsa ? 1 : 2) || failed(age_arg(s, 0, tag, sizeof tag)))
        return age_fail(f, AGE_HEADER_FAILURE, 0, "an SSH stanza with malformed arguments");
    if (memcmp(tag, id->tag, sizeof tag) != 0)
        return err(ERR_AGAIN);
    if (rsa)
        return unwrap_rsa(id, s, file_key);
    if (failed(age_arg(s, 1, share, sizeof share)) || s->body.n != AGE_BODY)
        return age_fail(f, AGE_HEADER_FAILURE, 0, "an SSH stanza with malformed arguments");
    if (failed(ed25519_key(id, id->seed, share, share, key)))
        return age_fail(f, AGE_HEADER_FAILURE, 0, "an SSH stanza with a share of small order");
    struct err e = age_body_open(key, s->body, file_key);
    explicit_bzero(key, sizeof key);
    return e;
}
