/* SPDX-License-Identifier: Apache-2.0 */
/* What a file says of itself before anything opens it. Once a file, reading it to its end. */
#include "age_int.h"

/* Counts what is read from below. */
struct counted {
    struct age_source source;
    struct age_source *below;
    uint64_t bytes;
};

static struct err counted_read(struct age_source *s, uint8_t *p, size_t cap, size_t *n)
{
    struct counted *c = (struct counted *)s;
    TRY(c->below->read(c->below, p, cap, n));
    c->bytes += *n;
    return OK;
}

static enum age_quantum quantum_of(struct span type)
{
    static const char *const classical[] = {"X25519", "ssh-rsa", "ssh-ed25519", "p256tag",
                                            "piv-p256"};
    static const char *const safe[] = {"mlkem768x25519", "scrypt", "mlkem768p256tag"};
    for (size_t i = 0; i < sizeof classical / sizeof *classical; i++)
        if (span_is(type, classical[i]))
            return AGE_CLASSICAL;
    for (size_t i = 0; i < sizeof safe / sizeof *safe; i++)
        if (span_is(type, safe[i]))
            return AGE_POST_QUANTUM;
    return AGE_QUANTUM_UNKNOWN;
}

/* A file is as strong as its weakest stanza. */
static struct err look_at_stanzas(const struct age_header *h, struct age_about *out,
                                  struct buf *types)
{
    out->quantum = AGE_POST_QUANTUM;
    for (const struct age_stanza *s = h->first; s; s = s->next) {
        enum age_quantum q = quantum_of(s->type);
        if (q < out->quantum)
            out->quantum = q;
        TRY(buf_put(types, s->type));
        TRY(buf_put_u8(types, '\n'));
    }
    return OK;
}

static struct err count_rest(struct age_input *in, uint64_t *n)
{
    size_t have;
    for (*n = 0;; *n += have) {
        TRY(age_input_fill(in, AGE_SEALED, &have));
        if (have == 0)
            return OK;
        in->at += have;
    }
}

/* Nonce and chunks of `sealed` bytes: how many of them are plain text. */
static struct err payload_size(uint64_t sealed, struct age_about *out, struct fault *f)
{
    if (sealed < AGE_NONCE)
        return age_fail(f, AGE_HEADER_FAILURE, (size_t)out->header,
                        "the file ends in the payload's nonce");
    uint64_t rest = sealed - AGE_NONCE, chunks = (rest + AGE_SEALED - 1) / AGE_SEALED;
    uint64_t last = chunks ? rest - (chunks - 1) * AGE_SEALED : 0;
    if (last < AGE_TAG || (last == AGE_TAG && chunks > 1))
        return age_fail(f, AGE_PAYLOAD_FAILURE, (size_t)(out->header + sealed),
                        "a payload of this size cannot be");
    out->overhead = AGE_NONCE + chunks * AGE_TAG;
    out->plain = sealed - out->overhead;
    return OK;
}

static struct err describe(struct age_file *file, const struct counted *in, struct age_about *out,
                           struct buf *types)
{
    uint64_t sealed;
    TRY(look_at_stanzas(file->header, out, types));
    TRY(count_rest(file->in, &sealed));
    out->header = file->header->text.n;
    out->armored = file->in->armor != NULL;
    out->armor = in->bytes - out->header - sealed;
    return payload_size(sealed, out, &file->fault);
}

struct err age_describe(struct age_source *in, struct age_about *out, struct buf *types,
                        struct fault *f)
{
    struct counted counted = {{counted_read}, in, 0};
    struct age_file file = {0};
    *out = (struct age_about){0};
    struct err e = age_begin(&file, &counted.source);
    if (!failed(e))
        e = describe(&file, &counted, out, types);
    if (f)
        *f = file.fault;
    age_end(&file);
    return e;
}
