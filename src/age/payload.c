/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files: the order of work (header, stanza, MAC, payload) and the STREAM of chunks. Once a
 * file, and once a 64 KiB chunk.
 *
 * Invariants: P1 nothing is written before the MAC was right. P2 only chunks that opened are
 * written. P3 success means that the chunk marked last was the end of the input.
 */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "b64.h"
#include "chunk.h"
#include "light.h"
#include "random.h"

#include <stdlib.h>

struct err age_fail(struct fault *f, enum age_failure class, size_t at, const char *why)
{
    static const enum err_cat cats[] = {
        [AGE_NO_CLASS] = ERR_INPUT,          [AGE_HEADER_FAILURE] = ERR_INPUT,
        [AGE_ARMOR_FAILURE] = ERR_INPUT,     [AGE_HMAC_FAILURE] = ERR_CORRUPT,
        [AGE_PAYLOAD_FAILURE] = ERR_CORRUPT, [AGE_NO_MATCH] = ERR_DENIED,
    };
    if (f)
        *f = (struct fault){at, why};
    return err_make(cats[class], class);
}

const char *age_failure_text(struct err e)
{
    static const char *const texts[] = {NULL,           "header failure",  "armor failure",
                                        "HMAC failure", "payload failure", "no match"};
    if (err_cat(e) != ERR_INPUT && err_cat(e) != ERR_CORRUPT && err_cat(e) != ERR_DENIED)
        return NULL;
    return err_detail(e) < sizeof texts / sizeof *texts ? texts[err_detail(e)] : NULL;
}

void age_chunk_nonce(uint64_t i, bool last, uint8_t nonce[12])
{
    struct wr w = wr_of(nonce, 12);
    wr_be(&w, 3, 0);
    wr_be(&w, 8, i);
    wr_u8(&w, last);
}

void age_payload_key(const uint8_t file_key[AGE_FILE_KEY], const uint8_t nonce[AGE_NONCE],
                     struct chunk *out)
{
    uint8_t key[LIGHT_BYTES];
    light_hkdf(span(file_key, AGE_FILE_KEY), span(nonce, AGE_NONCE), SPAN_LIT("payload"), key);
    chunk_begin(out, key, CHUNK_AUTO);
    explicit_bzero(key, sizeof key);
}

/* ---- reading ---- */

/* Move lines from the input into the header's text, through the one that begins with "---". */
static struct err read_header(struct age_file *f)
{
    struct age_input *in = f->in;
    struct buf *text = &f->header->text;
    size_t line = 0; /* where the current line starts in text */
    for (;;) {
        size_t have;
        TRY(age_input_fill(in, 1, &have));
        if (have == 0)
            return OK; /* the parser says what is missing */
        struct span left = span(in->p + in->at, have);
        size_t end = span_find(left, 0, '\n');
        bool whole = end < left.n;
        struct span some = span_cut(left, 0, end + whole);
        if (failed(buf_put(text, some)))
            return age_fail(&f->fault, AGE_HEADER_FAILURE, text->n, "the header is too long");
        in->at += some.n;
        struct span intro = SPAN_LIT(AGE_INTRO "\n");
        struct span now = buf_span(text);
        if (!span_eq(span_cut(now, 0, intro.n), span_cut(intro, 0, now.n)))
            return age_fail(&f->fault, AGE_HEADER_FAILURE, 0, "not an age v1 file");
        if (!whole)
            continue;
        if (span_starts(span_from(now, line), SPAN_LIT("---")))
            return OK;
        line = text->n;
    }
}

/* What the armor said, if it was the armor. */
static struct err told(struct age_file *f, struct err e)
{
    if (err_cat(e) == ERR_INPUT && err_detail(e) == AGE_ARMOR_FAILURE && f->in->armor)
        f->fault = age_armor_fault(f->in->armor);
    return e;
}

struct err age_begin(struct age_file *f, struct age_source *in)
{
    *f = (struct age_file){.fault.why = "unreadable"};
    f->header = calloc(1, sizeof *f->header);
    if (!f->header)
        return err(ERR_NOMEM);
    f->header->text = buf_init(AGE_HEADER_MAX);
    TRY(age_input_new(in, &f->in));
    TRY(age_input_detect(f->in));
    TRY(told(f, read_header(f)));
    TRY(age_header_parse(f->header, &f->fault));
    f->passphrase = span_is(f->header->first->type, "scrypt");
    return OK;
}

static struct err check_mac(struct age_file *f, const uint8_t file_key[AGE_FILE_KEY])
{
    uint8_t mac[AGE_MAC];
    struct span text = buf_span(&f->header->text);
    age_header_mac(file_key, span_cut(text, 0, f->header->mac_covers), mac);
    if (!span_eq_const_time(span(mac, AGE_MAC), span(f->header->mac, AGE_MAC)))
        return age_fail(&f->fault, AGE_HMAC_FAILURE, f->header->mac_covers,
                        "the header was changed");
    memcpy(f->file_key, file_key, AGE_FILE_KEY);
    f->unlocked = true;
    return OK;
}

struct err age_unlock(struct age_file *f, const struct age_keys *identities)
{
    uint8_t file_key[AGE_FILE_KEY];
    struct err e = err(ERR_AGAIN);
    for (size_t i = 0; i < identities->n && err_cat(e) == ERR_AGAIN; i++)
        for (struct age_stanza *s = f->header->first; s && err_cat(e) == ERR_AGAIN; s = s->next)
            e = age_unwrap(&identities->v[i], s, file_key, &f->fault);
    if (err_cat(e) == ERR_AGAIN)
        return age_fail(&f->fault, AGE_NO_MATCH, 0, "no identity opens this file");
    if (!failed(e))
        e = check_mac(f, file_key);
    explicit_bzero(file_key, sizeof file_key);
    return e;
}

static struct err payload_bad(struct age_file *f, uint64_t chunk, const char *why)
{
    uint64_t at = f->header->text.n + AGE_NONCE + chunk * AGE_SEALED;
    return age_fail(&f->fault, AGE_PAYLOAD_FAILURE, (size_t)at, why);
}

/* Open the chunk at the input's front into `plain`. A full one may be either kind, a short one only
 * the last. */
static struct err open_chunk(struct age_file *f, struct chunk *key, uint64_t i, struct span sealed,
                             uint8_t *plain, bool *last)
{
    uint8_t nonce[CHUNK_NONCE];
    if (sealed.n < AGE_TAG)
        return payload_bad(f, i, sealed.n ? "a chunk is too short" : "the last chunk is missing");
    *last = false;
    age_chunk_nonce(i, false, nonce);
    if (sealed.n == AGE_SEALED && !failed(chunk_open(key, nonce, sealed, plain)))
        return OK;
    *last = true;
    age_chunk_nonce(i, true, nonce);
    if (failed(chunk_open(key, nonce, sealed, plain)))
        return payload_bad(f, i, "a chunk does not open");
    return OK;
}

static struct err copy_chunks(struct age_file *f, struct chunk *key, uint8_t *plain,
                              struct age_sink *out)
{
    struct age_input *in = f->in;
    size_t have;
    for (uint64_t i = 0;; i++) {
        bool last;
        TRY(age_input_fill(in, AGE_SEALED, &have));
        struct span sealed = span(in->p + in->at, have < AGE_SEALED ? have : AGE_SEALED);
        TRY(open_chunk(f, key, i, sealed, plain, &last));
        in->at += sealed.n;
        if (last && sealed.n == AGE_TAG && i > 0)
            return payload_bad(f, i, "the last chunk is empty");
        if (sealed.n > AGE_TAG)
            TRY(out->write(out, span(plain, sealed.n - AGE_TAG)));
        if (!last)
            continue;
        TRY(age_input_fill(in, 1, &have));
        return have ? payload_bad(f, i, "bytes after the last chunk") : OK;
    }
}

struct err age_copy(struct age_file *f, struct age_sink *out)
{
    size_t have;
    struct chunk key;
    if (!f->unlocked)
        return err(ERR_BUG);
    TRY(told(f, age_input_fill(f->in, AGE_NONCE, &have)));
    if (have < AGE_NONCE)
        return age_fail(&f->fault, AGE_HEADER_FAILURE, f->header->text.n,
                        "the file ends in the payload's nonce");
    uint8_t *plain = malloc(AGE_CHUNK);
    if (!plain)
        return err(ERR_NOMEM);
    age_payload_key(f->file_key, f->in->p + f->in->at, &key);
    f->in->at += AGE_NONCE;
    struct err e = copy_chunks(f, &key, plain, out);
    chunk_end(&key);
    explicit_bzero(plain, AGE_CHUNK);
    free(plain);
    return told(f, e);
}

void age_end(struct age_file *f)
{
    if (f->header) {
        buf_free(&f->header->text);
        arena_free(&f->header->arena);
        free(f->header);
    }
    age_input_free(f->in);
    explicit_bzero(f, sizeof *f);
}
