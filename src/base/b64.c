/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, hexadecimal and Crockford base32 by table. Not constant time: for public text only. */
#include "b64.h"

#include "num.h"

static const char std_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char crockford[] = "0123456789abcdefghjkmnpqrstvwxyz";

static bool padded(enum b64_kind kind)
{
    return kind == B64_STD || kind == B64_URL;
}

static bool is_url(enum b64_kind kind)
{
    return kind == B64_URL || kind == B64_URL_RAW;
}

size_t b64_len(size_t n, enum b64_kind kind)
{
    return padded(kind) ? (n + 2) / 3 * 4 : n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0);
}

void b64_encode(struct wr *w, struct span in, enum b64_kind kind)
{
    const char *digits = is_url(kind) ? url_digits : std_digits;
    for (size_t i = 0; i < in.n; i += 3) {
        size_t left = in.n - i;
        uint32_t v = (uint32_t)in.p[i] << 16 | (left > 1 ? (uint32_t)in.p[i + 1] << 8 : 0) |
                     (left > 2 ? in.p[i + 2] : 0);
        wr_u8(w, (uint8_t)digits[v >> 18]);
        wr_u8(w, (uint8_t)digits[v >> 12 & 63]);
        if (left > 1)
            wr_u8(w, (uint8_t)digits[v >> 6 & 63]);
        else if (padded(kind))
            wr_u8(w, '=');
        if (left > 2)
            wr_u8(w, (uint8_t)digits[v & 63]);
        else if (padded(kind))
            wr_u8(w, '=');
    }
}

unsigned b64_digit(uint8_t c, bool url)
{
    if ((uint8_t)(c - 'A') < 26)
        return c - 'A';
    if ((uint8_t)(c - 'a') < 26)
        return c - 'a' + 26U;
    if ((uint8_t)(c - '0') < 10)
        return c - '0' + 52U;
    if (c == (url ? '-' : '+'))
        return 62;
    return c == (url ? '_' : '/') ? 63 : 64;
}

struct err b64_decode(struct wr *w, struct span in, enum b64_kind kind, size_t *at)
{
    size_t ignored, *where = at ? at : &ignored;
    size_t n = in.n;
    *where = n;
    if (padded(kind)) {
        if (n % 4)
            return err(ERR_INPUT);
        for (int i = 0; i < 2 && n && in.p[n - 1] == '='; i++)
            n--;
    }
    if (n % 4 == 1)
        return err(ERR_INPUT);
    uint32_t v = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = b64_digit(in.p[i], is_url(kind));
        *where = i;
        if (d == 64)
            return err(ERR_INPUT);
        v = v << 6 | d;
        if (i % 4 == 1)
            wr_u8(w, (uint8_t)(v >> 4));
        else if (i % 4 == 2)
            wr_u8(w, (uint8_t)(v >> 2));
        else if (i % 4 == 3)
            wr_u8(w, (uint8_t)v);
    }
    if ((n % 4 == 2 && (v & 15)) || (n % 4 == 3 && (v & 3)))
        return err(ERR_INPUT);
    return wr_done(w);
}

void hex_encode(struct wr *w, struct span in)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < in.n; i++) {
        wr_u8(w, (uint8_t)digits[in.p[i] >> 4]);
        wr_u8(w, (uint8_t)digits[in.p[i] & 15]);
    }
}

struct err hex_decode(struct wr *w, struct span in)
{
    if (in.n % 2)
        return err(ERR_INPUT);
    for (size_t i = 0; i < in.n; i++) {
        unsigned d = num_hex_digit(in.p[i]);
        if (d > 15)
            return err(ERR_INPUT);
        if (i % 2 == 0)
            wr_u8(w, (uint8_t)(d << 4));
        else if (!w->full)
            w->p[w->n - 1] |= (uint8_t)d;
    }
    return wr_done(w);
}

void base32_crockford(struct wr *w, uint64_t v, unsigned chars)
{
    for (unsigned i = chars; i-- > 0;)
        wr_u8(w, (uint8_t)crockford[v >> (5 * i) & 31]);
}
