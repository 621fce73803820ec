/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operators: what stands for a value instead of a token. Called once for a new value, and not at
 * all where every operator is `token`. What an operator cannot do for a value (a name in a script
 * without stand-ins, a secret too long to be found again in a stream) leaves the token.
 */
#include "b64.h"
#include "gcm.h"
#include "surrogate_int.h"
#include "utf8.h"
#include "work_int.h"

#include <stdlib.h>

enum { ENCRYPT_MAX = 100 }; /* bytes of a value: what stands for it must fit a stream's window */
static const char encrypted_sign[] = "enc_";

struct span style_type(const struct style *y, unsigned entity)
{
    if (entity >= ENTITY_OWN && y && entity - ENTITY_OWN < y->own_n)
        return y->own[entity - ENTITY_OWN];
    return span_str(entity_name((enum entity)entity));
}

struct span mask_type_name(const struct mask_engine *e, unsigned entity)
{
    return style_type(&e->style, entity);
}

/* ---- of an engine ---- */

static struct err keep(struct style *y, struct span text, struct span *out)
{
    *out = span(y->text.p + y->text.n, text.n);
    return buf_put(&y->text, text);
}

struct err style_new(const struct mask_rules *r, struct style *y)
{
    size_t bytes = 0;
    if (r->own_n > ENTITY_ALL - ENTITY_OWN)
        return err(ERR_LIMIT);
    for (size_t i = 0; i < r->own_n; i++)
        bytes += r->own[i].n;
    for (size_t e = 0; r->operators && e < ENTITY_ALL; e++)
        bytes += r->operators[e].text.n;
    y->text = buf_init(bytes);
    TRY(buf_reserve(&y->text, bytes)); /* it does not move any more */
    for (size_t i = 0; i < r->own_n; i++) {
        if (r->own[i].n == 0 || r->own[i].n > TOKEN_NAME_MAX - TOKEN_LONG - TOKEN_VARIANT - 2)
            return err(ERR_INPUT);
        TRY(keep(y, r->own[i], &y->own[i]));
    }
    y->own_n = r->own_n;
    for (size_t e = 0; r->operators && e < ENTITY_ALL; e++) {
        const struct mask_operator *o = &r->operators[e];
        for (size_t i = 0; i < o->text.n; i++)
            if (o->text.p[i] < 0x20 || o->text.p[i] == '"' || o->text.p[i] == '\\')
                return err(ERR_INPUT);
        y->op[e] = *o;
        TRY(keep(y, o->text, &y->op[e].text));
        y->any |= o->kind != MASK_TOKEN && o->kind != MASK_KEEP;
        y->surrogates |= o->kind == MASK_SURROGATE || o->kind == MASK_ENCRYPT;
    }
    return OK;
}

/* ---- of one value ---- */

struct err style_hear(struct mask_session *s, struct span text)
{
    TRY(buf_put(&s->heard, text));
    return buf_put_u8(&s->heard, 0);
}

/* Let `text` stand for the token; a copy is kept behind the values. */
static struct err put_style(struct mask_session *s, uint32_t index, struct span text, bool restores)
{
    struct mask_token *t = &s->v[index];
    t->with = (uint32_t)s->text.n;
    t->with_n = (uint32_t)text.n;
    TRY(buf_put(&s->text, text));
    t->styled = true;
    t->restores = restores;
    return restores ? session_stand_in(s, index) : OK;
}

/* Has nobody this stand-in, and does it stand nowhere in what was read so far? */
static bool is_free(const struct mask_session *s, struct span text)
{
    if (s->stand_ins == STAND_INS_MAX || text.n < STAND_IN_MIN)
        return false;
    if (session_stand_in_of(s, text))
        return false;
    return span_search(buf_span(&s->heard), 0, text) == s->heard.n;
}

static struct err one_word(struct mask_session *s, uint32_t index, struct span word, bool last)
{
    uint8_t out[SURROGATE_MAX];
    for (unsigned k = 0; k < SURROGATE_ATTEMPTS; k++) {
        size_t n = surrogate_name(s->key, word, last, k, out);
        if (n == 0)
            return OK;
        if (is_free(s, span(out, n)) && !span_eq_nocase(span(out, n), word))
            return put_style(s, index, span(out, n), true);
    }
    return OK;
}

static size_t next_word(struct span v, size_t *at)
{
    while (*at < v.n && v.p[*at] <= ' ')
        ++*at;
    size_t end = *at;
    while (end < v.n && v.p[end] > ' ')
        end++;
    return end;
}

/* Initials and what stands small between names stay. */
static bool stays(struct span word)
{
    return word.n <= 3 && (word.p[word.n - 1] == '.' || (uint8_t)(word.p[0] - 'a') < 26);
}

/* A word of a name, or a name of one word: the token that restores it. *part stays without a
 * stand-in where there is none. */
static struct err word_part(struct mask_session *s, struct span word, bool last, uint32_t *part)
{
    TRY(session_token(s, ENTITY_PERSON, TOKEN_PART, word, part));
    return s->v[*part].styled ? OK : one_word(s, *part, word, last);
}

/* Word by word, so that a word of the name alone is told apart and restored, too. */
static struct err a_name(struct mask_session *s, uint32_t index)
{
    uint8_t value[SURROGATE_MAX], out[SURROGATE_MAX];
    struct span v = token_value(s, &s->v[index]);
    if (v.n > sizeof value)
        return OK;
    memcpy(value, v.p, v.n);
    v.p = value;
    struct wr w = wr_of(out, sizeof out);
    size_t at = 0, end = next_word(v, &at), words = 0;
    if (end == v.n) {
        uint32_t part;
        TRY(word_part(s, v, false, &part));
        s->v[index].with = s->v[part].with; /* the part restores it */
        s->v[index].with_n = s->v[part].with_n;
        s->v[index].styled = s->v[part].styled;
        return OK;
    }
    for (size_t from = 0; at < v.n; from = end, at = end, end = next_word(v, &at)) {
        struct span word = span_cut(v, at, end - at);
        size_t after = end;
        uint32_t part;
        if (word.n == 0)
            break;
        wr_put(&w, span_cut(v, from, at - from));
        if (stays(word)) {
            wr_put(&w, word);
            continue;
        }
        bool last = next_word(v, &after) == after && words > 0;
        TRY(word_part(s, word, last, &part));
        if (!s->v[part].styled)
            return OK;
        wr_put(&w, token_shown(s, &s->v[part]));
        words++;
    }
    if (failed(wr_done(&w)) || words == 0 || !is_free(s, wr_span(&w)))
        return OK;
    return put_style(s, index, wr_span(&w), true);
}

static struct err stand_in(struct mask_session *s, uint32_t index)
{
    uint8_t out[SURROGATE_MAX];
    enum entity e = (enum entity)s->v[index].entity;
    struct span value = token_value(s, &s->v[index]);
    if (e == ENTITY_PERSON)
        return a_name(s, index);
    for (unsigned k = 0; k < SURROGATE_ATTEMPTS; k++) {
        size_t n = surrogate_make(s->key, e, value, k, out);
        if (n == 0)
            return OK;
        if (is_free(s, span(out, n)) && !span_eq(span(out, n), value))
            return put_style(s, index, span(out, n), true);
    }
    return OK;
}

/* ---- encrypted ---- */

static struct err gcm_of(const struct mask_key *k, struct gcm *g)
{
    uint8_t key[GCM_KEY];
    const struct span parts[] = {SPAN_LIT("encrypt key"), SPAN_LIT("\0")};
    hash_mac_parts(&k->mac, parts, 2, key);
    struct err e = gcm_begin(g, key);
    explicit_bzero(key, sizeof key);
    return e;
}

/* "enc_" and base64 of nonce, sealed bytes and tag. The nonce follows from the value, so that the
 * same value looks the same in every turn of a conversation. */
static struct err encrypted(struct mask_session *s, uint32_t index)
{
    uint8_t raw[GCM_NONCE + ENCRYPT_MAX + GCM_TAG], out[SURROGATE_MAX];
    struct span value = token_value(s, &s->v[index]);
    if (value.n > ENCRYPT_MAX)
        return OK;
    const struct span of_nonce[] = {SPAN_LIT("encrypt nonce"), SPAN_LIT("\0"), value};
    hash_mac_parts(&s->key->mac, of_nonce, 3, raw);
    struct gcm g = {0};
    struct err e = gcm_of(s->key, &g);
    if (!failed(e))
        e = gcm_seal(&g, raw, SPAN_NONE, value, raw + GCM_NONCE, raw + GCM_NONCE + value.n);
    gcm_end(&g);
    TRY(e);
    struct wr w = wr_of(out, sizeof out);
    wr_str(&w, encrypted_sign);
    b64_encode(&w, span(raw, GCM_NONCE + value.n + GCM_TAG), B64_URL_RAW);
    if (failed(wr_done(&w)) || !is_free(s, wr_span(&w)))
        return OK;
    return put_style(s, index, wr_span(&w), true);
}

struct err mask_decrypt(const struct mask_key *k, struct span text, struct buf *out)
{
    uint8_t raw[GCM_NONCE + ENCRYPT_MAX + GCM_TAG], value[ENCRYPT_MAX];
    struct wr w = wr_of(raw, sizeof raw);
    if (!span_starts(text, span_str(encrypted_sign)) || text.n > SURROGATE_MAX ||
        failed(b64_decode(&w, span_from(text, sizeof encrypted_sign - 1), B64_URL_RAW, NULL)) ||
        w.n < GCM_NONCE + GCM_TAG)
        return err(ERR_INPUT);
    size_t n = w.n - GCM_NONCE - GCM_TAG;
    struct gcm g = {0};
    struct err e = gcm_of(k, &g);
    if (!failed(e))
        e = gcm_open(&g, raw, SPAN_NONE, span(raw + GCM_NONCE, n), raw + GCM_NONCE + n, value);
    gcm_end(&g);
    if (!failed(e))
        e = buf_put(out, span(value, n));
    explicit_bzero(value, sizeof value);
    return err_cat(e) == ERR_CORRUPT ? err(ERR_INPUT) : e;
}

/* ---- those that cannot be undone ---- */

static struct err stars(struct mask_session *s, uint32_t index, size_t stay)
{
    struct span v = token_value(s, &s->v[index]);
    BUF_AUTO out = buf_init(v.n + 1);
    size_t left = utf8_count(v);
    for (size_t at = 0; at < v.n; left--) {
        uint32_t c;
        size_t n = utf8_next(v, at, &c);
        bool sign = c < 0x80 &&
                    !(c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'));
        bool odd = c < 0x20 || c == '"' || c == '\\';
        if ((left <= stay || sign) && !odd)
            TRY(buf_put(&out, span_cut(v, at, n)));
        else
            TRY(buf_put_u8(&out, '*'));
        at += n;
    }
    return put_style(s, index, buf_span(&out), false);
}

static struct err hashed(struct mask_session *s, uint32_t index)
{
    uint8_t digest[HASH_BYTES], hex[HASH_BYTES];
    const struct span parts[] = {SPAN_LIT("hash"), SPAN_LIT("\0"), token_value(s, &s->v[index])};
    hash_mac_parts(&s->key->mac, parts, 3, digest);
    struct wr w = wr_of(hex, sizeof hex);
    hex_encode(&w, span(digest, sizeof hex / 2));
    return put_style(s, index, wr_span(&w), false);
}

static struct err replaced(struct mask_session *s, uint32_t index, struct span text)
{
    uint8_t out[TOKEN_NAME_MAX + 2];
    struct wr w = wr_of(out, sizeof out);
    wr_u8(&w, '<');
    wr_put(&w, style_type(s->style, s->v[index].entity));
    wr_u8(&w, '>');
    return put_style(s, index, text.n ? text : wr_span(&w), false);
}

bool style_undone(const struct mask_session *s, uint32_t index)
{
    const struct mask_token *t = &s->v[index];
    if (!t->styled || t->entity >= ENTITY_ALL)
        return false;
    enum mask_operator_kind kind = s->style->op[t->entity].kind;
    return kind == MASK_SURROGATE || kind == MASK_ENCRYPT;
}

struct err style_apply(struct mask_session *s, uint32_t index)
{
    if (s->v[index].form != TOKEN_PLAIN || s->v[index].entity >= ENTITY_ALL)
        return OK;
    const struct mask_operator *o = &s->style->op[s->v[index].entity];
    switch (o->kind) {
    case MASK_SURROGATE:
        return stand_in(s, index);
    case MASK_ENCRYPT:
        return encrypted(s, index);
    case MASK_STARS:
        return stars(s, index, o->keep);
    case MASK_HASH:
        return hashed(s, index);
    case MASK_REDACT:
        return put_style(s, index, SPAN_NONE, false);
    case MASK_REPLACE:
        return replaced(s, index, o->text);
    default:
        return OK;
    }
}
