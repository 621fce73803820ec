/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Key text and key files; what decodes encodes to the same text. And any bytes encoded: they decode
 * to themselves, in either case, and with one character changed they do not decode.
 */
#include "age.h"
#include "bech32.h"

#include <stdlib.h>

/* covers: src/age/bech32.c */
/* planted: src/age/bech32.c | if (bits >= 5 || (held & ((1U << bits) - 1)) != 0) | if (bits >= 5)
 */

enum { DATA_MAX = 4096, TEXT_MAX = 16384 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

static bool has_letter(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'z')
            return true;
    return false;
}

static void decode(struct span text)
{
    uint8_t bytes[DATA_MAX];
    struct wr w = wr_of(bytes, sizeof bytes);
    BUF_AUTO out = buf_init(TEXT_MAX);
    struct span hrp;
    struct fault f = {0, NULL};
    if (failed(bech32_decode(text, &hrp, &w, &f))) {
        must(f.why && f.at <= text.n);
        return;
    }
    if (!has_letter(span_cut(hrp, 0, 1)))
        return; /* which case to write is taken from the prefix's first letter */
    must(!failed(bech32_encode(hrp, wr_span(&w), &out)) && span_eq(buf_span(&out), text));
}

static void encode(struct span in)
{
    static const struct span prefixes[] = {{(const uint8_t *)"age", 3},
                                           {(const uint8_t *)"AGE-SECRET-KEY-", 15}};
    uint8_t bytes[DATA_MAX];
    struct wr w = wr_of(bytes, sizeof bytes);
    BUF_AUTO text = buf_init(TEXT_MAX);
    struct span hrp = prefixes[in.p[0] & 1], found, data = span_cut(in, 2, 1024);
    must(!failed(bech32_encode(hrp, data, &text)));
    must(!failed(bech32_decode(buf_span(&text), &found, &w, NULL)));
    must(span_eq(found, hrp) && span_eq(wr_span(&w), data));
    static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    uint8_t *c = &text.p[hrp.n + 1 + in.p[1] % (text.n - hrp.n - 1)];
    uint8_t other = (uint8_t)letters[in.p[0] / 8];
    if (ascii_lower(*c) == other)
        return;
    *c = hrp.p[0] == 'A' && other > '9' ? (uint8_t)(other - 32) : other;
    w = wr_of(bytes, sizeof bytes);
    must(failed(bech32_decode(buf_span(&text), &found, &w, NULL)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span(data, size);
    struct age_keys keys = {0};
    struct fault f;
    decode(text);
    if (size >= 2)
        encode(text);
    (void)!failed(age_recipients_file(text, &keys, &f));
    age_keys_free(&keys);
    (void)!failed(age_identities_file(text, &keys, &f));
    age_keys_free(&keys);
    return 0;
}
