/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random access to a payload. The last chunk is opened first and must be marked as last, so a file
 * that was cut at a chunk's end is refused and the size is what was written.
 */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "chunk.h"

#include <stdlib.h>

struct age_range {
    struct age_place *place;
    struct chunk key;
    uint64_t start, size; /* where the chunks begin; plain bytes */
    uint64_t chunks;
    uint64_t held; /* number of the chunk in `plain`; chunks when none */
    uint8_t sealed[AGE_SEALED], plain[AGE_CHUNK];
};

/* The front of the place as a stream, for the header. */
struct place_source {
    struct age_source source;
    struct age_place *place;
    uint64_t at;
};

static struct err place_read(struct age_source *s, uint8_t *p, size_t cap, size_t *n)
{
    struct place_source *from = (struct place_source *)s;
    uint64_t left = from->place->size - from->at;
    *n = left < cap ? (size_t)left : cap;
    if (*n == 0)
        return OK;
    TRY(from->place->read_at(from->place, from->at, p, *n));
    from->at += *n;
    return OK;
}

static struct err payload_bad(struct fault *f, uint64_t at, const char *why)
{
    return age_fail(f, AGE_PAYLOAD_FAILURE, (size_t)at, why);
}

static struct err load(struct age_range *r, uint64_t i)
{
    uint8_t nonce[CHUNK_NONCE];
    uint64_t at = i * AGE_SEALED;
    bool last = i == r->chunks - 1;
    size_t n = last ? (size_t)(r->size - i * AGE_CHUNK) + AGE_TAG : AGE_SEALED;
    if (r->held == i)
        return OK;
    r->held = r->chunks;
    TRY(r->place->read_at(r->place, r->start + at, r->sealed, n));
    age_chunk_nonce(i, last, nonce);
    if (failed(chunk_open(&r->key, nonce, span(r->sealed, n), r->plain)))
        return err_make(ERR_CORRUPT, AGE_PAYLOAD_FAILURE);
    r->held = i;
    return OK;
}

/* Sizes from the length of the file, then the proof: the last chunk opens as the last. */
static struct err measure(struct age_range *r, struct fault *f)
{
    uint64_t payload = r->place->size - r->start;
    r->chunks = payload / AGE_SEALED + (payload % AGE_SEALED != 0);
    uint64_t tail = payload - (r->chunks ? r->chunks - 1 : 0) * AGE_SEALED;
    if (tail < AGE_TAG || (tail == AGE_TAG && r->chunks > 1))
        return payload_bad(f, r->start, "the last chunk is too short");
    r->size = payload - r->chunks * AGE_TAG;
    r->held = r->chunks;
    struct err e = load(r, r->chunks - 1);
    return failed(e) && err_cat(e) == ERR_CORRUPT
               ? payload_bad(f, r->start, "the last chunk does not open")
               : e;
}

static struct err open_range(struct age_range *r, struct age_file *file,
                             const struct age_keys *identities)
{
    struct place_source from = {{place_read}, r->place, 0};
    size_t have;
    TRY(age_begin(file, &from.source));
    if (file->in->armor)
        return age_fail(&file->fault, AGE_NO_CLASS, 0, "an armored file has no random access");
    TRY(age_unlock(file, identities));
    TRY(age_input_fill(file->in, AGE_NONCE, &have));
    if (have < AGE_NONCE)
        return age_fail(&file->fault, AGE_HEADER_FAILURE, 0,
                        "the file ends in the payload's nonce");
    age_payload_key(file->file_key, file->in->p + file->in->at, &r->key);
    r->start = file->header->text.n + AGE_NONCE;
    return measure(r, &file->fault);
}

struct err age_range_open(struct age_place *place, const struct age_keys *identities,
                          struct age_range **out, uint64_t *size, struct fault *f)
{
    struct age_file file;
    struct age_range *r = calloc(1, sizeof *r);
    if (!r)
        return err(ERR_NOMEM);
    r->place = place;
    struct err e = open_range(r, &file, identities);
    if (f)
        *f = file.fault;
    age_end(&file);
    if (failed(e)) {
        age_range_close(r);
        return e;
    }
    *out = r;
    *size = r->size;
    return OK;
}

struct err age_range_read(struct age_range *r, uint64_t at, uint8_t *out, size_t n)
{
    if (at > r->size || n > r->size - at)
        return err(ERR_INPUT);
    while (n) {
        size_t inside = (size_t)(at % AGE_CHUNK);
        size_t some = n < AGE_CHUNK - inside ? n : AGE_CHUNK - inside;
        TRY(load(r, at / AGE_CHUNK));
        memcpy(out, r->plain + inside, some);
        out += some;
        at += some;
        n -= some;
    }
    return OK;
}

void age_range_close(struct age_range *r)
{
    if (!r)
        return;
    chunk_end(&r->key);
    explicit_bzero(r, sizeof *r);
    free(r);
}
