/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be done with a span. One table line an operator: its name, which way it works, and the
 * function that checks its parameters and carries it out. Sentences and order of the checks are
 * those that Presidio's clients see.
 */
#include "presidio_int.h"

#include "aes_cbc.h"
#include "b64.h"
#include "hash.h"
#include "random.h"
#include "sha512.h"
#include "utf8.h"

enum {
    SALT_MIN = 16,
    SALT_OWN = 32,
    DIGEST_HEX = 2 * SHA512_BYTES,
};

/* One application of an operator. */
struct job {
    struct request *r;
    struct span entity, text;
    /* parameters, raw; absent ones are empty */
    struct span new_value, masking_char, chars_to_mask, from_end, hash_type, salt, key;
    struct buf *out;
};
static const struct member_to parameters[] = {
    {"new_value", offsetof(struct job, new_value)},
    {"masking_char", offsetof(struct job, masking_char)},
    {"chars_to_mask", offsetof(struct job, chars_to_mask)},
    {"from_end", offsetof(struct job, from_end)},
    {"hash_type", offsetof(struct job, hash_type)},
    {"salt", offsetof(struct job, salt)},
    {"key", offsetof(struct job, key)},
    {0}};

/* What the types are called in complaints; NULL: Presidio has no word for it. */
static const char *type_word(enum raw_type t)
{
    switch (t) {
    case RAW_STRING:
        return "string";
    case RAW_BOOL:
        return "boolean";
    case RAW_INTEGER:
        return "number";
    case RAW_ARRAY:
        return "array";
    default:
        return NULL;
    }
}

static struct err want_type(struct request *r, struct span raw, const char *name,
                            enum raw_type wanted)
{
    enum raw_type t = raw_type(raw);
    if (t == wanted)
        return OK;
    if (!type_word(t))
        return complain(r, 422, "Invalid parameter value for '%s'.", name);
    return complain(r, 422, "Invalid parameter value for %s. Expecting '%s', but got '%s'.", name,
                    type_word(wanted), type_word(t));
}

static struct err need(struct request *r, struct span raw, const char *name, enum raw_type wanted)
{
    if (raw_nothing(raw))
        return complain(r, 422, "Expected parameter %s", name);
    return want_type(r, raw, name, wanted);
}

/* ---- replace, redact, keep ---- */

static struct err run_replace(struct job *j)
{
    struct span value = SPAN_NONE;
    if (!raw_nothing(j->new_value)) {
        TRY(want_type(j->r, j->new_value, "new_value", RAW_STRING));
        TRY(raw_text(j->r, j->new_value, &value));
    }
    if (value.n)
        return buf_put(j->out, value);
    TRY(buf_put_u8(j->out, '<'));
    TRY(buf_put(j->out, j->entity));
    return buf_put_u8(j->out, '>');
}

static struct err run_redact(struct job *j)
{
    (void)j;
    return OK;
}

static struct err run_keep(struct job *j)
{
    return buf_put(j->out, j->text);
}

/* ---- mask ---- */

/* The byte offset of code point `n` of `text`. */
static size_t skip_points(struct span text, size_t n)
{
    size_t at = 0;
    while (n-- > 0 && at < text.n)
        at += json_kept_next(text, at);
    return at;
}

static struct err put_times(struct job *j, struct span c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        TRY(buf_put(j->out, c));
    return OK;
}

static struct err run_mask(struct job *j)
{
    struct span c;
    uint64_t wanted = 0;
    bool from_end;
    TRY(need(j->r, j->masking_char, "masking_char", RAW_STRING));
    TRY(raw_text(j->r, j->masking_char, &c));
    if (json_kept_count(c) > 1)
        return complain(j->r, 422, "Invalid input, masking_char must be a character");
    TRY(need(j->r, j->chars_to_mask, "chars_to_mask", RAW_INTEGER));
    TRY(need(j->r, j->from_end, "from_end", RAW_BOOL));
    TRY(json_get_bool(j->from_end, &from_end));
    size_t length = json_kept_count(j->text);
    if (j->chars_to_mask.p[0] != '-' && failed(json_get_u64(j->chars_to_mask, length, &wanted)))
        wanted = length; /* more than there are */
    if (!from_end) {
        TRY(put_times(j, c, wanted));
        return buf_put(j->out, span_from(j->text, skip_points(j->text, wanted)));
    }
    TRY(buf_put(j->out, span_cut(j->text, 0, skip_points(j->text, length - wanted))));
    return put_times(j, c, wanted);
}

/* ---- hash ---- */

static struct err run_hash(struct job *j)
{
    struct span type = SPAN_LIT("sha256"), salt;
    uint8_t own[SALT_OWN], digest[SHA512_BYTES], hex[DIGEST_HEX];
    size_t n = HASH_BYTES;
    if (raw_type(j->hash_type) == RAW_STRING)
        TRY(raw_text(j->r, j->hash_type, &type));
    bool wide = span_is(type, "sha512");
    bool known = wide || span_is(type, "sha256");
    if (!known || (!raw_nothing(j->hash_type) && raw_type(j->hash_type) != RAW_STRING))
        return complain(j->r, 422,
                        "Parameter hash_type value %.*s is not in range of values ['sha256', "
                        "'sha512']",
                        SPAN_ARG(known ? j->hash_type : type));
    if (raw_nothing(j->salt)) {
        random_bytes(own, sizeof own);
        salt = span(own, sizeof own);
    } else {
        TRY(want_type(j->r, j->salt, "salt", RAW_STRING));
        TRY(raw_text(j->r, j->salt, &salt));
        if (salt.n < SALT_MIN)
            return complain(
                j->r, 422, "Salt must be at least 16 bytes (128 bits). Provided salt is %zu bytes.",
                salt.n);
    }
    const struct span parts[] = {j->text, salt};
    if (wide) {
        TRY(sha512_parts(parts, 2, digest));
        n = SHA512_BYTES;
    } else {
        hash_sha256_parts(parts, 2, digest);
    }
    struct wr w = wr_of(hex, sizeof hex);
    hex_encode(&w, span(digest, n));
    return buf_put(j->out, wr_span(&w));
}

/* ---- encrypt, decrypt ---- */

static struct err read_key(struct job *j, struct span *key)
{
    TRY(need(j->r, j->key, "key", RAW_STRING));
    TRY(raw_text(j->r, j->key, key));
    if (!aes_cbc_key_fits(key->n))
        return complain(j->r, 422, "Invalid input, key must be of length 128, 192 or 256 bits");
    return OK;
}

/* URL-safe base64 of IV and ciphertext. */
static struct err run_encrypt(struct job *j)
{
    struct span key;
    uint8_t iv[AES_CBC_IV];
    TRY(read_key(j, &key));
    random_bytes(iv, sizeof iv);
    BUF_AUTO sealed = buf_init(TEXT_BYTES + 64);
    TRY(buf_put(&sealed, span(iv, sizeof iv)));
    TRY(aes_cbc_encrypt(key, iv, j->text, &sealed));
    size_t n = b64_len(sealed.n, B64_URL);
    TRY(buf_reserve(j->out, n));
    struct wr w = wr_of(j->out->p + j->out->n, n);
    b64_encode(&w, buf_span(&sealed), B64_URL);
    TRY(wr_done(&w));
    j->out->n += n;
    return OK;
}

/* Either alphabet. */
static struct err decode(struct span text, struct wr *w)
{
    size_t at = span_find(text, 0, '+'), slash = span_find(text, 0, '/');
    bool std = at < text.n || slash < text.n;
    return b64_decode(w, text, std ? B64_STD : B64_URL, NULL);
}

static struct err run_decrypt(struct job *j)
{
    struct span key;
    void *p;
    TRY(read_key(j, &key));
    TRY(arena_take(&j->r->arena, j->text.n, &p));
    struct wr w = wr_of(p, j->text.n);
    TRY(decode(j->text, &w));
    struct span sealed = wr_span(&w);
    if (sealed.n < AES_CBC_IV)
        return err(ERR_CORRUPT);
    size_t before = j->out->n;
    TRY(aes_cbc_decrypt(key, sealed.p, span_from(sealed, AES_CBC_IV), j->out));
    return utf8_valid(span_from(buf_span(j->out), before)) ? OK : err(ERR_CORRUPT);
}

/* ---- the table ---- */

static const struct {
    const char *name;
    bool undo;
    struct err (*run)(struct job *);
} operators[] = {
    {"hash", false, run_hash},       {"mask", false, run_mask},
    {"redact", false, run_redact},   {"replace", false, run_replace},
    {"encrypt", false, run_encrypt}, {"keep", false, run_keep},
    {"decrypt", true, run_decrypt},  {"deanonymize_keep", true, run_keep},
};
enum { OPERATORS = sizeof operators / sizeof *operators };

struct err operator_run(struct request *r, const struct operator_call *o, bool undo,
                        struct span entity, struct span text, struct buf *out)
{
    size_t i = 0;
    while (i < OPERATORS && (operators[i].undo != undo || !span_is(o->type, operators[i].name)))
        i++;
    if (i == OPERATORS)
        return complain(r, 422, "Invalid operator class '%.*s'.", SPAN_ARG(o->type));
    struct job j = {.r = r, .entity = entity, .text = text, .out = out};
    if (o->raw.n)
        TRY(read_members(r, o->raw, parameters, &j, NULL));
    return operators[i].run(&j);
}

void put_operators(struct json_put *p, bool undo)
{
    json_put_array(p, NULL);
    for (size_t i = 0; i < OPERATORS; i++)
        if (operators[i].undo == undo)
            json_put_text(p, NULL, operators[i].name);
    json_put_end(p);
}
