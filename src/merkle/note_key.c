/* SPDX-License-Identifier: Apache-2.0 */
/* Key texts of notes: read a few times a program. */
#define _GNU_SOURCE
#include "note_int.h"

#include "b64.h"
#include "ed25519.h"
#include "hash.h"
#include "num.h"
#include "utf8.h"

#define SECRET_HEAD "PRIVATE+KEY+"
enum { ID_BYTES = 4, KEY_BYTES = 1 + ED25519_PUBLIC };

/* Unicode's White_Space beyond ASCII. */
static bool wide_space(uint32_t c)
{
    return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool note_name_good(struct span name)
{
    if (name.n == 0 || name.n > NOTE_NAME_MAX || !utf8_valid(name))
        return false;
    uint32_t c;
    for (size_t at = 0; at < name.n;) {
        at += utf8_next(name, at, &c);
        if (c <= ' ' || c == '+' || c == 0x7f || wide_space(c))
            return false;
    }
    return true;
}

static uint32_t key_id(const struct note_key *k)
{
    uint8_t digest[HASH_BYTES], head[2] = {'\n', (uint8_t)k->type};
    struct span parts[] = {span_str(k->name), {head, 2}, {k->key, ED25519_PUBLIC}};
    hash_sha256_parts(parts, 3, digest);
    return (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 | (uint32_t)digest[2] << 8 |
           digest[3];
}

/* NAME+hex+base64 into its parts; `raw` gets the bytes of the last, at most KEY_BYTES. */
static struct err parse_parts(struct span text, struct note_key *out, uint8_t raw[KEY_BYTES],
                              struct fault *f)
{
    size_t plus = span_find(text, 0, '+'), second = span_find(text, plus + 1, '+');
    struct span name = span_cut(text, 0, plus), hex = span_cut(text, plus + 1, second - plus - 1);
    uint64_t id, type;
    if (!note_name_good(name))
        return fault_at(f, ERR_INPUT, 0, "not a key name");
    if (plus == text.n || second == text.n || hex.n != 2 * ID_BYTES || failed(num_hex(hex, &id)))
        return fault_at(f, ERR_INPUT, plus, "a key name is followed by + and 8 hexadecimal digits");
    uint8_t bytes[4096];
    struct wr w = wr_of(bytes, sizeof bytes);
    size_t at = 0;
    if (failed(b64_decode(&w, span_from(text, second + 1), B64_STD, &at)) || w.n < 2)
        return fault_at(f, ERR_INPUT, second + 1 + at, "the key itself is not base64");
    type = bytes[0];
    if (type != NOTE_ED25519 && type != NOTE_COSIGNATURE)
        return fault_at(f, ERR_LIMIT, second + 1, "a key of a type that is not read here");
    if (w.n != KEY_BYTES)
        return fault_at(f, ERR_INPUT, second + 1, "a key of its type has 32 bytes");
    memset(out, 0, sizeof *out);
    memcpy(out->name, name.p, name.n);
    out->type = (enum note_type)type;
    out->id = (uint32_t)id;
    memcpy(raw, bytes, KEY_BYTES);
    explicit_bzero(bytes, sizeof bytes);
    return OK;
}

struct err note_key_parse(struct span text, struct note_key *out, struct fault *f)
{
    uint8_t raw[KEY_BYTES];
    TRY(parse_parts(text, out, raw, f));
    memcpy(out->key, raw + 1, ED25519_PUBLIC);
    if (key_id(out) != out->id)
        return fault_at(f, ERR_INPUT, strlen(out->name) + 1, "the key id is not that of the key");
    return OK;
}

/* NAME+hex(key id)+base64(type ‖ bytes): public half or seed. */
static void write_parts(const struct note_key *k, const uint8_t bytes[ED25519_PUBLIC],
                        struct wr *out)
{
    uint8_t id[ID_BYTES] = {(uint8_t)(k->id >> 24), (uint8_t)(k->id >> 16), (uint8_t)(k->id >> 8),
                            (uint8_t)k->id};
    uint8_t raw[KEY_BYTES] = {(uint8_t)k->type};
    memcpy(raw + 1, bytes, ED25519_PUBLIC);
    wr_str(out, k->name);
    wr_u8(out, '+');
    hex_encode(out, span(id, ID_BYTES));
    wr_u8(out, '+');
    b64_encode(out, span(raw, KEY_BYTES), B64_STD);
    explicit_bzero(raw, sizeof raw);
}

void note_key_write(const struct note_key *k, struct wr *out)
{
    write_parts(k, k->key, out);
}

struct err note_signer_make(struct span name, enum note_type type, const uint8_t seed[32],
                            struct note_signer *out)
{
    if (!note_name_good(name))
        return err(ERR_INPUT);
    memset(out, 0, sizeof *out);
    memcpy(out->public.name, name.p, name.n);
    out->public.type = type;
    memcpy(out->seed, seed, ED25519_SEED);
    TRY(ed25519_public(seed, out->public.key));
    out->public.id = key_id(&out->public);
    return OK;
}

struct err note_signer_parse(struct span text, struct note_signer *out, struct fault *f)
{
    static const struct span head = {(const uint8_t *)SECRET_HEAD, sizeof SECRET_HEAD - 1};
    if (!span_starts(text, head))
        return fault_at(f, ERR_INPUT, 0, "a signing key begins with PRIVATE+KEY+");
    struct note_key named;
    uint8_t raw[KEY_BYTES];
    struct err e = parse_parts(span_from(text, head.n), &named, raw, f);
    if (failed(e)) {
        if (f)
            f->at += head.n;
        return e;
    }
    e = note_signer_make(span_str(named.name), named.type, raw + 1, out);
    explicit_bzero(raw, sizeof raw);
    TRY(e);
    if (out->public.id != named.id)
        return fault_at(f, ERR_INPUT, head.n, "the key id is not that of the key");
    return OK;
}

void note_signer_write(const struct note_signer *s, struct wr *out)
{
    wr_str(out, SECRET_HEAD);
    write_parts(&s->public, s->seed, out);
}

void note_signer_wipe(struct note_signer *s)
{
    explicit_bzero(s, sizeof *s);
}
