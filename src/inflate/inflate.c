/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens, lists of codings, and the dispatch to the codecs. Called once per message that has a
 * Content-Encoding; most have none.
 */
#include "inflate.h"

#include "codec_int.h"

static const struct {
    const char *token;
    enum inflate_coding coding;
} tokens[] = {
    {"identity", INFLATE_IDENTITY}, {"gzip", INFLATE_GZIP}, {"x-gzip", INFLATE_GZIP},
    {"deflate", INFLATE_DEFLATE},   {"zstd", INFLATE_ZSTD}, {"br", INFLATE_BROTLI},
};

static const struct inflate_codec *const codecs[] = {
    [INFLATE_IDENTITY] = NULL,
    [INFLATE_GZIP] = &inflate_codec_gzip,
    [INFLATE_DEFLATE] = &inflate_codec_deflate,
    [INFLATE_ZSTD] = &inflate_codec_zstd,
    [INFLATE_BROTLI] = &inflate_codec_brotli,
};

struct err inflate_find(struct span token, enum inflate_coding *out)
{
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        if (span_eq_nocase(token, span_str(tokens[i].token))) {
            *out = tokens[i].coding;
            return OK;
        }
    return err(ERR_INPUT);
}

const char *inflate_name(enum inflate_coding c)
{
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++)
        if (tokens[i].coding == c)
            return tokens[i].token;
    return "";
}

struct err inflate_parse(struct span content_encoding, struct inflate_codings *out)
{
    out->n = 0;
    if (span_trim(content_encoding).n == 0)
        return OK;
    for (size_t at = 0; at <= content_encoding.n;) {
        size_t comma = span_find(content_encoding, at, ',');
        enum inflate_coding c;
        TRY(inflate_find(span_trim(span_cut(content_encoding, at, comma - at)), &c));
        if (c != INFLATE_IDENTITY && out->n == INFLATE_CODINGS_MAX)
            return err(ERR_LIMIT);
        if (c != INFLATE_IDENTITY)
            out->v[out->n++] = c;
        at = comma + 1;
    }
    return OK;
}

struct err inflate_body(enum inflate_coding c, struct span in, struct buf *out)
{
    return codecs[c] ? inflate_once(codecs[c], in, out) : buf_put(out, in);
}

struct err inflate_all(const struct inflate_codings *c, struct span in, struct buf *out)
{
    if (out->n || c->n > INFLATE_CODINGS_MAX)
        return err(ERR_BUG);
    if (c->n == 0)
        return buf_put(out, in);
    if (c->n == 1)
        return inflate_body(c->v[0], in, out);
    BUF_AUTO inner = buf_init(out->max);
    TRY(inflate_body(c->v[1], in, &inner));
    return inflate_body(c->v[0], buf_span(&inner), out);
}

struct err inflate_begin(struct inflate *z, enum inflate_coding c)
{
    *z = (struct inflate){.coding = c, .done = !codecs[c]};
    return codecs[c] ? codecs[c]->begin(&z->state) : OK;
}

struct err inflate_more(struct inflate *z, struct span in, struct buf *out)
{
    if (!codecs[z->coding])
        return buf_put(out, in);
    return codecs[z->coding]->more(z->state, in, out, &z->done);
}

struct err inflate_end(const struct inflate *z)
{
    return z->done ? OK : err(ERR_INPUT);
}

void inflate_free(struct inflate *z)
{
    if (codecs[z->coding] && z->state)
        codecs[z->coding]->free(z->state);
    *z = (struct inflate){.coding = z->coding};
}
