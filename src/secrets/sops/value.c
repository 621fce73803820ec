/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value: its ENC text, and the bytes that are sealed and hashed for each type. Once a value.
 */
#define _GNU_SOURCE
#include "b64.h"
#include "random.h"
#include "sops_int.h"
#include "wr.h"

#define ENC_START "ENC[AES256_GCM,"
static const char *const type_names[] = {"str", "int", "float", "bool", "time", "bytes", "comment"};

bool sops_is_sealed(struct span text)
{
    return span_starts(text, SPAN_LIT(ENC_START));
}

/* "name:VALUE" up to `end`; moves *at behind it. */
static bool take_field(struct span text, size_t *at, const char *name, uint8_t end,
                       struct span *out)
{
    struct span left = span_from(text, *at), head = span_str(name);
    if (!span_starts(left, head))
        return false;
    size_t stop = span_find(left, head.n, end);
    if (stop == left.n)
        return false;
    *out = span_cut(left, head.n, stop - head.n);
    *at += stop + 1;
    return true;
}

static bool decode(struct span text, uint8_t *out, size_t n)
{
    struct wr w = wr_of(out, n);
    return !failed(b64_decode(&w, text, B64_STD, NULL)) && !w.full && w.n == n;
}

struct err sops_sealed_parse(struct span text, struct arena *arena, struct sops_sealed *out)
{
    struct span data, iv, tag, type;
    size_t at = sizeof ENC_START - 1;
    void *memory;
    if (!sops_is_sealed(text) || !take_field(text, &at, "data:", ',', &data) ||
        !take_field(text, &at, "iv:", ',', &iv) || !take_field(text, &at, "tag:", ',', &tag) ||
        !take_field(text, &at, "type:", ']', &type))
        return err(ERR_INPUT);
    if (!decode(iv, out->iv, sizeof out->iv) || !decode(tag, out->tag, sizeof out->tag))
        return err(ERR_INPUT);
    TRY(arena_take(arena, data.n / 4 * 3 + 3, &memory));
    struct wr w = wr_of(memory, data.n / 4 * 3 + 3);
    TRY(b64_decode(&w, data, B64_STD, NULL));
    out->data = wr_span(&w);
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (span_is(type, type_names[i])) {
            out->type = (enum sops_type)i;
            return OK;
        }
    return err(ERR_INPUT);
}

struct err sops_value_open(struct gcm *g, struct span text, struct span about, struct arena *arena,
                           struct span *plain, enum sops_type *type)
{
    struct sops_sealed s;
    void *memory;
    if (failed(sops_sealed_parse(text, arena, &s)))
        return err_make(ERR_CORRUPT, SOPS_DECRYPT);
    TRY(arena_take(arena, s.data.n, &memory));
    if (failed(gcm_open(g, s.iv, about, s.data, s.tag, memory)))
        return err_make(ERR_CORRUPT, SOPS_DECRYPT);
    *plain = span(memory, s.data.n);
    *type = s.type;
    return OK;
}

struct err sops_value_seal(struct gcm *g, struct span plain, enum sops_type type, struct span about,
                           struct arena *arena, struct span *out)
{
    uint8_t iv[GCM_NONCE], tag[GCM_TAG];
    void *sealed, *text;
    size_t room = b64_len(plain.n, B64_STD) + 160;
    random_bytes(iv, sizeof iv);
    TRY(arena_take(arena, plain.n, &sealed));
    TRY(arena_take(arena, room, &text));
    TRY(gcm_seal(g, iv, about, plain, sealed, tag));
    struct wr w = wr_of(text, room);
    wr_str(&w, ENC_START "data:");
    b64_encode(&w, span(sealed, plain.n), B64_STD);
    wr_str(&w, ",iv:");
    b64_encode(&w, span(iv, sizeof iv), B64_STD);
    wr_str(&w, ",tag:");
    b64_encode(&w, span(tag, sizeof tag), B64_STD);
    wr_str(&w, ",type:");
    wr_str(&w, type_names[type]);
    wr_u8(&w, ']');
    *out = wr_span(&w);
    return wr_done(&w);
}

/* ---- canonical bytes ---- */

/* A YAML timestamp as RFC 3339: a day alone is its midnight, no zone is UTC. */
static struct err canonical_time(struct span text, struct arena *arena, struct span *out)
{
    uint8_t room[SOPS_TIME_MAX];
    struct wr w = wr_of(room, sizeof room);
    if (!sops_time(text, &w))
        return err(ERR_INPUT);
    TRY(wr_done(&w));
    return arena_copy(arena, wr_span(&w), out);
}

struct err sops_canonical(enum sops_type type, struct span text, struct arena *arena,
                          struct span *out)
{
    if (type == SOPS_INT || type == SOPS_FLOAT)
        return sops_number_canonical(type, text, arena, out);
    if (type == SOPS_TIME)
        return canonical_time(text, arena, out);
    *out = text;
    if (type == SOPS_BOOL)
        *out = text.n && (text.p[0] | 32) == 't' ? SPAN_LIT("True") : SPAN_LIT("False");
    return OK;
}
