/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets inside an encoding: base64, percent, JSON escapes, and texts with invisible or look-alike
 * characters. A piece of bounded size is decoded onto the stack and read like any text; what is
 * found is mapped back to the bytes that spelt it. At most two encodings deep.
 */
#include "b64.h"
#include "num.h"
#include "secret_int.h"
#include "utf8.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum {
    PIECE_MAX = 4096,
    BASE64_MIN = 24,
    BLOCK_CHARS_MAX = 8192,
    HIDDEN_LEFT = 96,
    INNER_MAX = 64,
    JOINTS_MAX = 32
};

/* A decoded piece: out[i] was spelt by text[from[i], from[i + 1]). */
struct piece {
    uint8_t out[PIECE_MAX];
    uint32_t from[PIECE_MAX + 1];
    size_t n;
    bool base64;                /* a character may hold bits of two bytes */
    uint32_t joint[JOINTS_MAX]; /* where something invisible stood before out[…] */
    size_t joints;
};

static void piece_add(struct piece *d, uint8_t c, size_t from)
{
    if (d->n < PIECE_MAX) {
        d->out[d->n] = c;
        d->from[d->n++] = (uint32_t)from;
    }
}

/* Read the decoded bytes; emit, in the outer text, what is found there and covers `must`. */
static void read_inside(struct secret_pass *p, const struct piece *d, size_t must_from,
                        size_t must_to)
{
    struct findings inner = {.max = INNER_MAX};
    struct secret_pass sub = secret_pass_of(span(d->out, d->n), &inner);
    sub.depth = p->depth + 1;
    sub.joints = (struct secret_joints){d->joint, d->joints, 0};
    secret_sweep(&sub);
    secret_settle(&inner, 0);
    for (size_t i = 0; i < inner.n; i++) {
        const struct finding *f = &inner.v[i];
        size_t start = d->from[f->start], end = d->from[f->end];
        if (d->base64 && f->end < d->n && f->end % 3 != 0)
            end++;
        for (size_t k = 0; k < d->joints; k++)
            if (d->joint[k] == f->end) /* what is invisible behind it is not its own */
                end = utf8_ceil(p->text, d->from[f->end - 1] + 1);
        if (f->score >= SECRET_MASKED && start < must_to && end > must_from)
            secret_emit(p, start, end, f->rule, f->score);
    }
    /* A list that is full is as good as found: only memory is an error. */
    if (err_cat(sub.err) == ERR_NOMEM && !failed(p->err))
        p->err = sub.err;
    findings_free(&inner);
}

/* ---- base64 ---- */

static bool base64_byte(uint8_t c)
{
    return secret_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

static int base64_value(uint8_t c)
{
    if ((uint8_t)(c - 'A') < 26)
        return c - 'A';
    if ((uint8_t)(c - 'a') < 26)
        return c - 'a' + 26;
    if (secret_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : 63;
}

static bool printable(uint8_t c)
{
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t';
}

/* Decode four characters at a time as long as the result is text. */
static void base64_text(struct span text, size_t at, size_t end, struct piece *d)
{
    d->n = d->joints = 0;
    d->base64 = true;
    for (size_t i = at; i < end && d->n + 4 < PIECE_MAX; i += 4) {
        size_t n = end - i < 4 ? end - i : 4;
        uint32_t v = 0;
        for (size_t k = 0; k < 4; k++)
            v = v << 6 | (uint32_t)(k < n ? base64_value(text.p[i + k]) : 0);
        for (size_t k = 0; k + 1 < n; k++) {
            uint8_t c = (uint8_t)(v >> (16 - 8 * k));
            if (!printable(c)) {
                d->from[d->n] = (uint32_t)i;
                return;
            }
            /* the character that holds the byte's first bits */
            piece_add(d, c, i + k);
        }
    }
    d->from[d->n] = (uint32_t)end;
}

/* Do the first six bytes decode to text? Hardly an identifier does. */
static bool base64_likely(struct span text, size_t at)
{
    for (size_t i = at; i < at + 8; i += 4) {
        uint32_t v = 0;
        for (size_t k = 0; k < 4; k++)
            v = v << 6 | (uint32_t)base64_value(text.p[i + k]);
        if (!printable((uint8_t)(v >> 16)) || !printable((uint8_t)(v >> 8)) ||
            !printable((uint8_t)v))
            return false;
    }
    return true;
}

__attribute__((noinline)) static void decode_base64(struct secret_pass *p, size_t at, size_t end)
{
    struct piece d;
    base64_text(p->text, at, end, &d);
    if (d.n < 16 || d.n + 4 < (end - at) * 3 / 4)
        return;
    size_t after = end;
    while (secret_byte(p->text, after) == '=' && after - end < 2)
        after++;
    d.from[d.n] = (uint32_t)after;
    read_inside(p, &d, at, after);
}

/* The base64 of "-----BEGIN", perhaps broken into lines: a whole key block in base64. */
static bool decode_block(struct secret_pass *p, size_t at)
{
    struct span text = p->text;
    if (!span_starts(span_from(text, at), SPAN_LIT("LS0tLS1CRUdJTi")))
        return false;
    uint8_t head[96];
    struct wr w = wr_of(head, sizeof head);
    size_t end = at, last = at;
    for (; end < text.n && end - at < BLOCK_CHARS_MAX; end++) {
        uint8_t c = text.p[end];
        if (base64_byte(c) || c == '=')
            last = end + 1;
        else if (!(c == '\n' || c == '\r' || c == ' ' || c == '\t'))
            break;
    }
    if (last - at < 64 || failed(b64_decode(&w, span_cut(text, at, 64), B64_STD_RAW, NULL)))
        return false;
    if (span_search(wr_span(&w), 0, SPAN_LIT("PRIVATE KEY")) >= w.n)
        return false;
    secret_emit(p, at, last, SECRET_encoded, 0.9F);
    p->skip = last;
    return true;
}

/* ---- percent ---- */

__attribute__((noinline)) static void decode_percent(struct secret_pass *p, size_t at, size_t end)
{
    struct span text = p->text;
    struct piece d;
    d.n = d.joints = 0;
    d.base64 = false;
    size_t hits = 0, i = at;
    while (i < end && d.n < PIECE_MAX) {
        unsigned high = num_hex_digit(secret_byte(text, i + 1));
        unsigned low = num_hex_digit(secret_byte(text, i + 2));
        if (text.p[i] == '%' && i + 2 < end && high < 16 && low < 16) {
            piece_add(&d, (uint8_t)(high << 4 | low), i);
            hits++;
            i += 3;
        } else {
            piece_add(&d, text.p[i], i);
            i++;
        }
    }
    d.from[d.n] = (uint32_t)i;
    if (hits)
        read_inside(p, &d, at, end);
}

/* Where the base64 characters of a run from `at` on end: at '.', '=', '~', '$' or '%', the run's
 * others. */
static size_t base64_end(struct span text, size_t at, size_t end)
{
    static const bool ends[256] = {
        ['.'] = true, ['='] = true, ['~'] = true, ['$'] = true, ['%'] = true};
#if defined(__x86_64__)
    for (; end - at >= 16; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.p + at)), found;
        found = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')),
                             _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
        found = _mm_or_si128(found, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('~')),
                                                 _mm_cmpeq_epi8(v, _mm_set1_epi8('$'))));
        found = _mm_or_si128(found, _mm_cmpeq_epi8(v, _mm_set1_epi8('%')));
        unsigned bits = (unsigned)_mm_movemask_epi8(found);
        if (bits)
            return at + (size_t)__builtin_ctz(bits);
    }
#endif
    while (at < end && !ends[text.p[at]])
        at++;
    return at;
}

void secret_decode(struct secret_pass *p, size_t at, size_t end)
{
    struct span text = p->text;
    if (decode_block(p, at))
        return;
    if (span_find(span_cut(text, 0, end), at, '%') < end)
        decode_percent(p, at, end);
    /* each piece of base64 characters in the run */
    for (size_t i = at; i < end;) {
        size_t from = i;
        i = base64_end(text, from, end);
        if (i - from >= BASE64_MIN && base64_likely(text, from))
            decode_base64(p, from, i - from > PIECE_MAX ? from + PIECE_MAX : i);
        i++;
    }
}

/* ---- JSON escapes ---- */

/* The escape at text[i] and what it stands for; its length, 0 when it ends the run. */
static size_t escape_at(struct span text, size_t i, uint8_t *c)
{
    if (secret_byte(text, i) != '\\')
        return 0;
    if (secret_byte(text, i + 1) == '/') {
        *c = '/';
        return 2;
    }
    uint64_t v;
    if (secret_byte(text, i + 1) != 'u' || text.n - i < 6 ||
        failed(num_hex(span_cut(text, i + 2, 4), &v)) || v > 0x7f || !secret_run_byte[v])
        return 0;
    *c = (uint8_t)v;
    return 6;
}

size_t secret_escaped(struct secret_pass *p, size_t at, size_t end)
{
    struct span text = p->text;
    struct piece d;
    d.n = d.joints = 0;
    d.base64 = false;
    uint8_t c = 0;
    if (!escape_at(text, end, &c))
        return end;
    size_t i = at;
    while (i < text.n && d.n < PIECE_MAX) {
        size_t n = escape_at(text, i, &c);
        if (!n && !secret_run_byte[text.p[i]])
            break;
        piece_add(&d, n ? c : text.p[i], i);
        i += n ? n : 1;
    }
    d.from[d.n] = (uint32_t)i;
    read_inside(p, &d, at, i);
    return i;
}

/* ---- characters that hide ---- */

/* A look-alike of an ASCII letter: UTF-8 bytes after the first, and the letter. */
static uint8_t look_alike(uint8_t first, uint8_t second)
{
    static const char d0[] = "\x90"
                             "A\x92"
                             "B\x95"
                             "E\x9a"
                             "K\x9c"
                             "M\x9d"
                             "H\x9e"
                             "O\xa0"
                             "P\xa1"
                             "C"
                             "\xa2"
                             "T\xa5"
                             "X\xb0"
                             "a\xb5"
                             "e\xbe"
                             "o";
    static const char d1[] = "\x80"
                             "p\x81"
                             "c\x83"
                             "y\x85"
                             "x\x95"
                             "s\x96"
                             "i\x98"
                             "j";
    static const char ce[] = "\x91"
                             "A\x92"
                             "B\x95"
                             "E\x96"
                             "Z\x97"
                             "H\x99"
                             "I\x9a"
                             "K\x9c"
                             "M\x9d"
                             "N"
                             "\x9f"
                             "O\xa1"
                             "P\xa4"
                             "T\xa5"
                             "Y\xa7"
                             "X\xbf"
                             "o";
    const char *table = first == 0xd0 ? d0 : first == 0xd1 ? d1 : first == 0xce ? ce : "";
    for (; *table; table += 2)
        if ((uint8_t)table[0] == second)
            return (uint8_t)table[1];
    return 0;
}

/* What hides at text[i]: the length of the character, 0 if it is none of those; *c the letter it
 * looks like, 0 if it is invisible. */
static size_t hidden_at(struct span text, size_t i, uint8_t *c)
{
    uint8_t a = secret_byte(text, i), b = secret_byte(text, i + 1), d = secret_byte(text, i + 2);
    *c = 0;
    if (a == 0xc2 && b == 0xad)
        return 2;
    if (a == 0xe2 && ((b == 0x80 && ((d >= 0x8b && d <= 0x8f) || (d >= 0xaa && d <= 0xae))) ||
                      (b == 0x81 && d >= 0xa0 && d <= 0xa4)))
        return 3;
    if (a == 0xef && b == 0xbb && d == 0xbf)
        return 3;
    if (a == 0xef && (b == 0xbc || b == 0xbd)) { /* full width: U+FF01 to U+FF5E */
        unsigned u = 0xf000U | (b & 0x3fU) << 6 | (d & 0x3fU);
        if (u < 0xff01 || u > 0xff5e)
            return 0;
        *c = (uint8_t)(u - 0xff00 + 0x20);
        return 3;
    }
    *c = look_alike(a, b);
    return *c ? 2 : 0;
}

bool secret_hides(struct span text, size_t at)
{
    uint8_t c;
    return hidden_at(text, at, &c) > 0;
}

void secret_at_hidden(struct secret_pass *p, size_t at)
{
    struct span text = p->text;
    if (at < p->skip || at < p->hide_end || p->depth >= 2)
        return;
    struct piece d;
    d.n = d.joints = 0;
    d.base64 = false;
    size_t i = at, seen = 0;
    while (i > 0 && at - i < HIDDEN_LEFT && text.p[i - 1] >= 0x20 && text.p[i - 1] < 0x7f)
        i--;
    size_t from = i;
    while (i < text.n && d.n < PIECE_MAX) {
        uint8_t c;
        size_t n = hidden_at(text, i, &c);
        if (!n && (text.p[i] >= 0x80 || (i > at && text.p[i] <= ' ')))
            break;
        seen += n > 0;
        if (!n || c)
            piece_add(&d, n ? c : text.p[i], i);
        else if (d.joints < JOINTS_MAX && (!d.joints || d.joint[d.joints - 1] < d.n))
            d.joint[d.joints++] = (uint32_t)d.n;
        i += n ? n : 1;
    }
    d.from[d.n] = (uint32_t)i;
    p->hide_end = i;
    if (seen && d.n >= 8 && i - from > 8)
        read_inside(p, &d, at, at + 1);
}
