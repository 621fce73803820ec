/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The textual header: parsed as a whole before anything is believed. Once a file; the bytes are
 * hostile. The arena holds stanzas and decoded bodies, all within the header's own size.
 */
#include "age_int.h"
#include "b64.h"
#include "light.h"
#include "rd.h"

enum { LINE = 64, LINE_BYTES = 48 };

struct parser {
    struct span text;
    size_t at;
    struct fault *fault;
};

static struct err bad(struct parser *p, size_t at, const char *why)
{
    return age_fail(p->fault, AGE_HEADER_FAILURE, at, why);
}

/* The next line without its newline. */
static struct err take_line(struct parser *p, struct span *line)
{
    size_t end = span_find(p->text, p->at, '\n');
    if (end == p->text.n)
        return bad(p, p->text.n, "the header ends in the middle");
    *line = span_cut(p->text, p->at, end - p->at);
    p->at = end + 1;
    return OK;
}

static struct err check_word(struct parser *p, size_t at, struct span word)
{
    if (word.n == 0)
        return bad(p, at, "an empty stanza argument");
    for (size_t i = 0; i < word.n; i++)
        if (word.p[i] < 0x21 || word.p[i] > 0x7e)
            return bad(p, at + i, "a stanza argument holds an unprintable character");
    return OK;
}

/* "-> TYPE ARG ARG": type into s->type, the first AGE_ARGS_MAX arguments into s->arg. */
static struct err parse_words(struct parser *p, size_t at, struct span line, struct age_stanza *s)
{
    struct span rest = span_from(line, 3);
    for (size_t count = 0;; count++) {
        size_t end = span_find(rest, 0, ' ');
        struct span word = span_cut(rest, 0, end);
        TRY(check_word(p, at + (size_t)(word.p - line.p), word));
        if (count == 0)
            s->type = word;
        else if (count <= AGE_ARGS_MAX)
            s->arg[count - 1] = word;
        s->args = count;
        if (end == rest.n)
            return OK;
        rest = span_from(rest, end + 1);
    }
}

/* Base64 lines of 64, the last one shorter. */
static struct err parse_body(struct parser *p, struct arena *arena, struct age_stanza *s)
{
    size_t start = p->at, chars = 0;
    struct span line;
    struct parser ahead = *p;
    do {
        TRY(take_line(&ahead, &line));
        chars += line.n;
        if (line.n > LINE)
            return bad(p, ahead.at - 1, "a stanza line is longer than 64 characters");
    } while (line.n == LINE);
    void *memory;
    struct err e = arena_take(arena, chars / 4 * 3 + 3, &memory);
    if (failed(e))
        return e;
    struct wr w = wr_of(memory, chars / 4 * 3 + 3);
    for (p->at = start; p->at < ahead.at;) {
        size_t at = p->at, wrong = 0;
        TRY(take_line(p, &line));
        if (failed(b64_decode(&w, line, B64_STD_RAW, &wrong)))
            return bad(p, at + wrong, "a stanza body is not canonical base64");
    }
    s->body = wr_span(&w);
    return OK;
}

static struct err parse_stanza(struct parser *p, size_t at, struct span line, struct age_header *h,
                               struct age_stanza ***last)
{
    void *memory;
    if (++h->stanzas > AGE_STANZAS_MAX)
        return bad(p, at, "too many stanzas");
    TRY(arena_take(&h->arena, sizeof(struct age_stanza), &memory));
    struct age_stanza *s = memory;
    TRY(parse_words(p, at, line, s));
    TRY(parse_body(p, &h->arena, s));
    **last = s;
    *last = &s->next;
    return OK;
}

/* "--- MAC" and nothing after it. */
static struct err parse_mac(struct parser *p, size_t at, struct span line, struct age_header *h)
{
    struct wr w = wr_of(h->mac, AGE_MAC);
    size_t wrong = 0;
    if (line.n < 4 || line.p[3] != ' ')
        return bad(p, at + 3, "no MAC after the dashes");
    if (failed(b64_decode(&w, span_from(line, 4), B64_STD_RAW, &wrong)) || w.full || w.n != AGE_MAC)
        return bad(p, at + 4 + wrong, "the MAC is not 32 bytes in canonical base64");
    if (p->at != p->text.n)
        return bad(p, p->at, "bytes after the header");
    h->mac_covers = at + 3;
    return OK;
}

/* A passphrase stanza must stand alone, or a reader could be made to give away which one fits. */
static struct err check_scrypt(struct parser *p, const struct age_header *h)
{
    for (const struct age_stanza *s = h->first; s; s = s->next)
        if (span_is(s->type, "scrypt") && h->stanzas != 1)
            return bad(p, 0, "a passphrase stanza beside another stanza");
    return OK;
}

struct err age_header_parse(struct age_header *h, struct fault *f)
{
    struct parser p = {buf_span(&h->text), 0, f};
    struct age_stanza **last = &h->first;
    struct span line;
    h->arena = arena_init(AGE_HEADER_MAX + AGE_STANZAS_MAX * sizeof(struct age_stanza));
    TRY(take_line(&p, &line));
    if (!span_is(line, AGE_INTRO))
        return bad(&p, 0, "not an age v1 file");
    for (;;) {
        size_t at = p.at;
        TRY(take_line(&p, &line));
        if (span_starts(line, SPAN_LIT("-> "))) {
            TRY(parse_stanza(&p, at, line, h, &last));
            continue;
        }
        if (!span_starts(line, SPAN_LIT("---")))
            return bad(&p, at, "neither a stanza nor the end of the header");
        if (h->stanzas == 0)
            return bad(&p, at, "no stanza");
        TRY(parse_mac(&p, at, line, h));
        return check_scrypt(&p, h);
    }
}

void age_header_mac(const uint8_t file_key[AGE_FILE_KEY], struct span text, uint8_t mac[AGE_MAC])
{
    uint8_t key[LIGHT_BYTES];
    light_hkdf(span(file_key, AGE_FILE_KEY), SPAN_NONE, SPAN_LIT("header"), key);
    light_mac(span(key, sizeof key), &text, 1, mac);
}

struct err age_stanza_write(struct buf *out, const char *type, struct span args, struct span body)
{
    TRY(buf_puts(out, "-> "));
    TRY(buf_puts(out, type));
    TRY(buf_put_u8(out, ' '));
    TRY(buf_put(out, args));
    TRY(buf_put_u8(out, '\n'));
    for (size_t at = 0;; at += LINE_BYTES) {
        uint8_t line[LINE + 1];
        struct wr w = wr_of(line, sizeof line);
        struct span some = span_cut(body, at, LINE_BYTES);
        b64_encode(&w, some, B64_STD_RAW);
        wr_u8(&w, '\n');
        TRY(buf_put(out, wr_span(&w)));
        if (some.n < LINE_BYTES)
            return OK;
    }
}
