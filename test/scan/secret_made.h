/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Made-up tokens of every format in secret_rules.def, with checksums that hold; for the tests and
 * for the fuzz targets, so that no token has to lie in a file. The CRCs come from zlib: the code
 * under test does not vouch for itself.
 */
#ifndef SANCTUM_TEST_SCAN_SECRET_MADE_H
#define SANCTUM_TEST_SCAN_SECRET_MADE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { TOKEN_MAX = 8192 };

struct rule {
    const char *id, *name, *prefix, *shape, *check;
    int score;
};
static const struct rule rules[] = {
#define SECRET(id, name, prefix, shape, check, score) {#id, name, prefix, shape, #check, score},
#define CONTEXT(id, name)
#include "secret_rules.def"
#undef SECRET
#undef CONTEXT
};
enum { RULES = sizeof rules / sizeof *rules };

static uint64_t draw_seed = 20261121;
static unsigned draw(unsigned n)
{
    draw_seed = draw_seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(draw_seed >> 33) % n;
}

static const char *alphabet(char class)
{
    static const char word[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=~+/%";
    switch (class) {
    case 'd':
        return "0123456789";
    case 'x':
    case 'X':
        return "0123456789abcdef";
    case 'l':
        return "abcdefghijklmnopqrstuvwxyz0123456789";
    case 'u':
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    case 'L':
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    case 'q':
        return "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    case 'Q':
        return "abcdefghijklmnopqrstuvwxyz234567";
    case 'z':
        return "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    case 'p':
        return "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    default:
        return word;
    }
}

static size_t alphabet_len(char class)
{
    /* of the classes that hold all letters and digits, only those 62 are drawn */
    size_t n = strlen(alphabet(class));
    return n > 62 ? 62 : n;
}

/* A token of the rule: prefix and a random shape. */
static size_t make_token(const struct rule *r, char *out)
{
    size_t n = (size_t)sprintf(out, "%s", r->prefix);
    for (const char *s = r->shape; *s;) {
        if (*s == '\'') {
            for (s++; *s != '\''; s++)
                out[n++] = *s;
            s++;
            continue;
        }
        char class = *s++;
        char *end;
        size_t low = strtoul(s, &end, 10), high = low;
        if (*end == '-')
            high = strtoul(end + 1, &end, 10);
        s = end;
        high = high > low + 40 ? low + 40 : high;
        for (size_t k = low + draw((unsigned)(high - low) + 1); k > 0; k--)
            out[n++] = alphabet(class)[draw((unsigned)alphabet_len(class))];
    }
    out[n] = 0;
    return n;
}

static void put_base(char *out, size_t n, unsigned long v, unsigned base)
{
    const char *digits = base == 62
                             ? "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             : "0123456789abcdefghijklmnopqrstuvwxyz";
    while (n-- > 0) {
        out[n] = digits[v % base];
        v /= base;
    }
}

/* Make the checksum of a CRC family right. False for rules that have none to make. */
static bool mend(const struct rule *r, char *t, size_t n)
{
    const Bytef *p = (const Bytef *)t;
    size_t body = strlen(r->prefix);
    char hex[9];
    if (!strcmp(r->check, "crc62")) {
        put_base(t + n - 6, 6, crc32(0, p + body, (uInt)(n - 6 - body)), 62);
    } else if (!strcmp(r->check, "gitlab")) {
        char *dot = memchr(t + body, '.', n - body);
        put_base(t + n - 9, 2, (unsigned long)(dot - t) - body, 36);
        put_base(t + n - 7, 7, crc32(0, p, (uInt)(n - 7)), 36);
    } else if (!strcmp(r->check, "grafana")) {
        sprintf(hex, "%08x", __builtin_bswap32((unsigned)crc32(0, p, (uInt)(n - 9))));
        memcpy(t + n - 8, hex, 8);
    } else if (!strcmp(r->check, "cloudflare")) {
        sprintf(hex, "%08x", (unsigned)crc32(0, p + body, (uInt)(n - 8 - body)));
        memcpy(t + n - 8, hex, 8);
    } else if (!strcmp(r->check, "atlassian")) {
        sprintf(hex, "%08X", (unsigned)crc32(0, p, (uInt)(n - 8)));
        memcpy(t + n - 8, hex, 8);
    } else {
        return false;
    }
    return true;
}

#endif
