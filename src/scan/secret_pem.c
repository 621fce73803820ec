/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key blocks: -----BEGIN … PRIVATE KEY----- is masked whole, to its END line or to where its lines
 * end. Also with line breaks written as \n or \r\n inside a JSON or program string. Certificates,
 * public keys and encrypted messages are stepped over, so that no rule looks into their base64.
 */
#include "b64.h"
#include "secret_int.h"

enum { LABEL_MAX = 40, BODY_MIN = 24, BODY_USUAL = 120 };

/* Bytes that a block's lines are made of: base64, headers, escapes, indentation, quotes and + of
 * strings in pieces, comment leaders. */
#define ALNUM(c)                                                                                   \
    (((c) >= '0' && (c) <= '9') || ((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z'))
#define BASE64(c) (ALNUM(c) || (c) == '+' || (c) == '/')
#define BODY(c)                                                                                    \
    (BASE64(c) || (c) == '=' || (c) == '_' || (c) == ' ' || (c) == '\t' || (c) == '\r' ||          \
     (c) == '\n' || (c) == '\\' || (c) == ':' || (c) == ',' || (c) == '.' || (c) == '"' ||         \
     (c) == '\'' || (c) == '#' || (c) == '*' || (c) == '>' || (c) == '|' || (c) == ';' ||          \
     (c) == '(' || (c) == ')' || (c) == '@' || (c) == '-')
static const bool body_byte[256] = {SECRET_EACH_BYTE(BODY)};
static const uint8_t base64_byte[256] = {SECRET_EACH_BYTE(BASE64)};

/* The label between "-----BEGIN " and "-----", empty if there is none. */
static struct span label_at(struct span text, size_t at)
{
    size_t from = at + 11;
    struct span rest = span_cut(text, from, LABEL_MAX + 5);
    size_t n = span_search(rest, 0, SPAN_LIT("-----"));
    if (n >= rest.n || n > LABEL_MAX || text.p[from - 1] != ' ')
        return SPAN_NONE;
    for (size_t i = 0; i < n; i++)
        if (!(rest.p[i] >= 'A' && rest.p[i] <= 'Z') && !secret_digit(rest.p[i]) && rest.p[i] != ' ')
            return SPAN_NONE;
    return span_cut(rest, 0, n);
}

/* The first base64 of the body (line breaks and their escapes left out) decodes to a DER sequence
 * or to what OpenSSH writes. */
static bool body_decodes(struct span body)
{
    uint8_t chars[24], out[24];
    size_t n = 0;
    for (size_t i = 0; i < body.n && n < sizeof chars; i++) {
        if (body.p[i] == '\\' && i + 1 < body.n && memchr("nrt", body.p[i + 1], 3))
            i++;
        else if (secret_alnum(body.p[i]) || body.p[i] == '+' || body.p[i] == '/')
            chars[n++] = body.p[i];
    }
    struct wr w = wr_of(out, sizeof out);
    if (n < sizeof chars || failed(b64_decode(&w, span(chars, n), B64_STD_RAW, NULL)))
        return false;
    return (out[0] == 0x30 && (out[1] == 0x82 || out[1] == 0x81 || out[1] < 0x80)) ||
           memcmp(out, "openssh-key-v1", 14) == 0;
}

/* The next base64 character's six bits at *at in an armoured body, past line breaks and their
 * escapes; -1 at its end. *line: it begins a line. */
static int next_sextet(struct span body, size_t *at, bool *line)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    *line = false;
    for (; *at < body.n; ++*at) {
        uint8_t c = body.p[*at];
        bool escape = c == '\\' && *at + 1 < body.n && memchr("nrt", body.p[*at + 1], 3);
        if (c == '\n' || escape) {
            *line = true;
            *at += escape;
            continue;
        }
        if (c == ' ' || c == '\r' || c == '\t' || c == '"' || c == ',')
            continue;
        const char *found = c ? strchr(set, c) : NULL;
        return found ? (int)(found - set) : -1;
    }
    return -1;
}

/* Where the armour's data begins: behind an empty line, which ends the headers. */
static size_t armour_start(struct span body)
{
    static const char *const ends[] = {"\n\n", "\r\n\r\n", "\\n\\n", "\\r\\n\\r\\n"};
    size_t start = body.n;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        size_t at = span_search(body, 0, span_str(ends[i]));
        start = at < start ? at : start;
    }
    return start;
}

/* OpenPGP's armour (RFC 9580, 6.1): "=" and four characters are the CRC-24 of the data. */
static bool armour_holds(struct span body)
{
    size_t at = armour_start(body);
    uint32_t crc = 0xB704CE, bits = 0, n = 0, sum = 0;
    bool line;
    for (;; at++) {
        int v = next_sextet(body, &at, &line);
        if (v < 0)
            break;
        bits = bits << 6 | (uint32_t)v;
        n += 6;
        if (n < 8)
            continue;
        n -= 8;
        crc ^= (bits >> n & 0xFF) << 16;
        for (int k = 0; k < 8; k++)
            crc = crc << 1 ^ (crc & 0x800000 ? 0x1864CFB : 0);
        crc &= 0xFFFFFF;
    }
    while (!line && at < body.n && body.p[at] == '=') { /* padding */
        at++;
        next_sextet(body, &at, &line);
    }
    if (at >= body.n || body.p[at] != '=')
        return false;
    at++;
    for (int k = 0; k < 4; k++, at++) {
        int v = next_sextet(body, &at, &line);
        if (v < 0)
            return false;
        sum = sum << 6 | (uint32_t)v;
    }
    return sum == crc;
}

/* Does a sample's name stand before the block (exampleKey = '-----BEGIN …)? */
static bool sample_before(struct span text, size_t at)
{
    static const char *const words[] = {"example", "fake", "test", "dummy", "mock", "sample"};
    size_t from = at > 48 ? at - 48 : 0;
    struct span before = span_cut(text, from, at - from);
    for (size_t i = before.n; i-- > 0;)
        if (before.p[i] == '\n') {
            before = span_from(before, i + 1);
            break;
        }
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (size_t i = 0; i < before.n; i++) {
            size_t n = strlen(words[w]);
            if (before.n - i >= n && span_eq_nocase(span_cut(before, i, n), span_str(words[w])))
                return true;
        }
    return false;
}

static bool label_is_secret(struct span label)
{
    return span_search(label, 0, SPAN_LIT("PRIVATE KEY")) < label.n ||
           span_is(label, "OPENSSH PRIVATE KEY");
}

/* Base64 characters in the body: a block with none to speak of is documentation. */
static size_t count_body(struct span body)
{
    size_t n = 0;
#pragma GCC unroll 4
    for (size_t i = 0; i < body.n; i++)
        n += base64_byte[body.p[i]];
    return n;
}

void secret_at_pem(struct secret_pass *p, size_t at)
{
    struct span text = p->text;
    if (at < p->skip || text.n - at < 16)
        return;
    struct span label = label_at(text, at);
    if (!label.n)
        return;
    size_t from = at + 11 + label.n + 5, end = from;
    size_t stop = end + span_cut(text, end, at + SECRET_BLOCK_MAX - end).n;
    while (end < stop && body_byte[text.p[end]] &&
           !(text.p[end] == '-' && span_starts(span_from(text, end), SPAN_LIT("-----"))))
        end++;
    struct span body = span_cut(text, from, end - from);
    bool closed = span_starts(span_from(text, end), SPAN_LIT("-----END "));
    if (closed) {
        struct span tail = span_cut(text, end + 9, LABEL_MAX + 5);
        size_t n = span_search(tail, 0, SPAN_LIT("-----"));
        end = n < tail.n ? end + 9 + n + 5 : end;
    }
    if (count_body(body) < BODY_MIN)
        return; /* no block: what stands there may be a secret of another kind */
    size_t before = p->skip;
    p->skip = end;
    if (!label_is_secret(label) || span_search(body, 0, SPAN_LIT("...")) < body.n)
        return;
    if (!closed) /* cut off: up to the last line break before what does not belong */
        while (end > from && !secret_alnum(text.p[end - 1]) && text.p[end - 1] != '=')
            end--;
    bool pgp = span_starts(label, SPAN_LIT("PGP "));
    bool decodes = pgp ? armour_holds(body) : body_decodes(body);
    bool small = !decodes && count_body(body) < BODY_USUAL;
    float score = decodes ? 1 : small || sample_before(text, at) ? 0.5F : 0.9F;
    if (small)
        p->skip = before; /* hardly a key: it may be a secret of another kind */
    secret_emit(p, at, end, SECRET_private_key, score);
}
