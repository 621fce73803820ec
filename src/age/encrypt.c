/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing: header for all recipients, then the payload. A chunk is sealed when it is known whether
 * another follows, so a file whose size is a multiple of the chunk has no empty chunk at its end.
 */
#define _DEFAULT_SOURCE
#include "age_int.h"
#include "b64.h"
#include "chunk.h"
#include "random.h"

#include <stdlib.h>

static bool is_post_quantum(const struct age_key *k)
{
    return k->kind == AGE_HYBRID;
}

static struct err check_recipients(const struct age_keys *r, struct fault *f)
{
    if (r->n == 0)
        return age_fail(f, AGE_NO_CLASS, 0, "no recipient");
    for (size_t i = 0; i < r->n; i++) {
        if (r->v[i].kind == AGE_SCRYPT && r->n > 1)
            return age_fail(f, AGE_NO_CLASS, 0, "a passphrase cannot stand beside recipients");
        if (is_post_quantum(&r->v[i]) != is_post_quantum(&r->v[0]))
            return age_fail(f, AGE_NO_CLASS, 0,
                            "post-quantum and classical recipients cannot be mixed: the file would "
                            "be no stronger than the classical ones");
    }
    return OK;
}

static struct err write_header(const struct age_keys *r, const uint8_t file_key[AGE_FILE_KEY],
                               struct buf *out)
{
    uint8_t mac[AGE_MAC], text[64];
    TRY(buf_puts(out, AGE_INTRO "\n"));
    for (size_t i = 0; i < r->n; i++)
        TRY(age_wrap(&r->v[i], file_key, out));
    TRY(buf_puts(out, "---"));
    age_header_mac(file_key, buf_span(out), mac);
    struct wr w = wr_of(text, sizeof text);
    wr_u8(&w, ' ');
    b64_encode(&w, span(mac, AGE_MAC), B64_STD_RAW);
    wr_u8(&w, '\n');
    return buf_put(out, wr_span(&w));
}

static struct err write_chunks(struct chunk *key, struct age_input *in, uint8_t *sealed,
                               struct age_sink *out)
{
    for (uint64_t i = 0;; i++) {
        uint8_t nonce[CHUNK_NONCE];
        size_t have;
        TRY(age_input_fill(in, AGE_CHUNK + 1, &have));
        bool last = have <= AGE_CHUNK;
        struct span plain = span(in->p + in->at, last ? have : AGE_CHUNK);
        age_chunk_nonce(i, last, nonce);
        chunk_seal(key, nonce, plain, sealed);
        in->at += plain.n;
        TRY(out->write(out, span(sealed, plain.n + AGE_TAG)));
        if (last)
            return OK;
    }
}

static struct err write_payload(const uint8_t file_key[AGE_FILE_KEY], struct age_source *source,
                                struct age_sink *out)
{
    struct age_input *in = NULL;
    struct chunk key;
    uint8_t nonce[AGE_NONCE];
    random_bytes(nonce, sizeof nonce);
    TRY(out->write(out, span(nonce, sizeof nonce)));
    TRY(age_input_new(source, &in));
    uint8_t *sealed = malloc(AGE_SEALED);
    age_payload_key(file_key, nonce, &key);
    struct err e = sealed ? write_chunks(&key, in, sealed, out) : err(ERR_NOMEM);
    chunk_end(&key);
    explicit_bzero(in->p, in->cap);
    age_input_free(in);
    free(sealed);
    return e;
}

static struct err write_file(const struct age_keys *r, struct age_source *in, struct age_sink *out)
{
    uint8_t file_key[AGE_FILE_KEY];
    BUF_AUTO header = buf_init(AGE_HEADER_MAX);
    random_bytes(file_key, sizeof file_key);
    struct err e = write_header(r, file_key, &header);
    if (!failed(e))
        e = out->write(out, buf_span(&header));
    if (!failed(e))
        e = write_payload(file_key, in, out);
    explicit_bzero(file_key, sizeof file_key);
    return e;
}

struct err age_encrypt(const struct age_keys *recipients, bool armor, struct age_source *in,
                       struct age_sink *out, struct fault *f)
{
    struct age_sink *coat = NULL;
    TRY(check_recipients(recipients, f));
    if (!armor)
        return write_file(recipients, in, out);
    TRY(age_armor_writer(out, &coat));
    struct err e = write_file(recipients, in, coat);
    if (!failed(e))
        return age_armor_finish(coat);
    age_armor_drop(coat);
    return e;
}

/* ---- in memory ---- */

static struct err span_read(struct age_source *s, uint8_t *p, size_t cap, size_t *n)
{
    struct age_span_source *from = (struct age_span_source *)s;
    struct span some = span_cut(from->left, 0, cap);
    if (some.n)
        memcpy(p, some.p, some.n);
    from->left = span_from(from->left, some.n);
    *n = some.n;
    return OK;
}

struct age_span_source age_source_of(struct span bytes)
{
    return (struct age_span_source){{span_read}, bytes};
}

static struct err buf_write(struct age_sink *s, struct span bytes)
{
    return buf_put(((struct age_buf_sink *)s)->out, bytes);
}

struct age_buf_sink age_sink_to(struct buf *out)
{
    return (struct age_buf_sink){{buf_write}, out};
}

struct err age_seal(const struct age_keys *recipients, bool armor, struct span plain,
                    struct buf *out)
{
    struct age_span_source in = age_source_of(plain);
    struct age_buf_sink to = age_sink_to(out);
    return age_encrypt(recipients, armor, &in.source, &to.sink, NULL);
}

struct err age_open(const struct age_keys *identities, struct span sealed, struct buf *out)
{
    struct age_span_source in = age_source_of(sealed);
    struct age_buf_sink to = age_sink_to(out);
    struct age_file f;
    struct err e = age_begin(&f, &in.source);
    if (!failed(e))
        e = age_unlock(&f, identities);
    if (!failed(e))
        e = age_copy(&f, &to.sink);
    age_end(&f);
    return e;
}
