/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be proved about a token without asking anyone: check digits, CRCs, payloads that decode
 * to what their vendor writes. Called for tokens whose shape already matched, so rarely; no
 * function allocates. Sources: the vendors' descriptions of their formats, each verified by
 * calculation on public samples; BIP-32 and BIP-173, age's specification.
 */
#include "b64.h"
#include "hash.h"
#include "num.h"
#include "secret_int.h"

static uint32_t crc32_ieee(struct span s)
{
    /* of four bits at a time */
    static const uint32_t step[16] = {0x00000000U, 0x1db71064U, 0x3b6e20c8U, 0x26d930acU,
                                      0x76dc4190U, 0x6b6b51f4U, 0x4db26158U, 0x5005713cU,
                                      0xedb88320U, 0xf00f9344U, 0xd6d6a3e8U, 0xcb61b38cU,
                                      0x9b64c2b0U, 0x86d3d2d4U, 0xa00ae278U, 0xbdbdf21cU};
    uint32_t crc = 0xffffffffU;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= s.p[i];
        crc = crc >> 4 ^ step[crc & 15];
        crc = crc >> 4 ^ step[crc & 15];
    }
    return ~crc;
}

static const char digits62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* Does `text` spell `v` in `base` (36: 0-9a-z, 62: 0-9A-Za-z), padded with 0 in front? */
static bool spells(struct span text, uint32_t v, unsigned base)
{
    const char *d = base == 62 ? digits62 : "0123456789abcdefghijklmnopqrstuvwxyz";
    for (size_t i = text.n; i-- > 0; v /= base)
        if (text.p[i] != (uint8_t)d[v % base])
            return false;
    return v == 0;
}

/* Does `text` (8 digits, any case) spell the four bytes of `v`, highest first? */
static bool spells_hex(struct span text, uint32_t v)
{
    uint64_t got;
    return text.n == 8 && !failed(num_hex(text, &got)) && got == v;
}

/* GitHub, npm, Vercel: the last six are the CRC-32 of the body before them. */
static bool check_crc62(struct span token, size_t body)
{
    struct span b = span_from(token, body);
    return b.n > 6 && spells(span_from(b, b.n - 6), crc32_ieee(span_cut(b, 0, b.n - 6)), 62);
}

/* GitLab routable: payload '.' two characters '.' payload length (base 36), CRC-32 of all before.
 */
static bool check_gitlab(struct span token, size_t body)
{
    size_t dot = span_find(token, body, '.');
    if (token.n < 9 || dot >= token.n)
        return false;
    struct span crc = span_from(token, token.n - 7);
    struct span len = span_cut(token, token.n - 9, 2);
    return spells(crc, crc32_ieee(span_cut(token, 0, token.n - 7)), 36) &&
           spells(len, (uint32_t)(dot - body), 36);
}

/* Decode up to `cap` bytes of base64 of either alphabet, padded or not; 0 when it is none. */
static size_t decode64(struct span in, uint8_t *out, size_t cap)
{
    while (in.n && in.p[in.n - 1] == '=')
        in.n--;
    bool url = span_find(in, 0, '-') < in.n || span_find(in, 0, '_') < in.n;
    if (in.n / 4 * 3 + 3 > cap)
        in.n = cap / 3 * 4 - 4;
    struct wr w = wr_of(out, cap);
    if (failed(
            b64_decode(&w, span_cut(in, 0, in.n / 4 * 4), url ? B64_URL_RAW : B64_STD_RAW, NULL)))
        return 0;
    return w.n;
}

/* The body, with `lead` in front, is base64 of a JSON object. */
static bool is_json64(struct span body)
{
    uint8_t out[96];
    size_t n = decode64(body, out, sizeof out);
    if (n < 8 || out[0] != '{' || out[1] != '"')
        return false;
    for (size_t i = 0; i < n; i++)
        if (out[i] < 0x20 || out[i] > 0x7e)
            return false;
    return true;
}

static bool check_json64(struct span token, size_t body)
{
    return is_json64(span_from(token, body));
}

/* sntrys_ + JSON + '_' + signature; the prefix of the rule reaches into the JSON. */
static bool check_sentry(struct span token, size_t body)
{
    struct span json = span_from(token, body - 3);
    return is_json64(span_cut(json, 0, span_find(json, 0, '_')));
}

/* A macaroon of version 2: 02 01, length, the index's host name. */
static bool check_macaroon(struct span token, size_t body)
{
    uint8_t out[48];
    size_t n = decode64(span_from(token, body - 3), out, sizeof out);
    if (n < 20 || out[0] != 2 || out[1] != 1 || out[2] < 4 || out[2] > n - 3)
        return false;
    for (size_t i = 3; i < 3U + out[2]; i++)
        if (!secret_alnum(out[i]) && out[i] != '.' && out[i] != '-')
            return false;
    return true;
}

/* glsa_ + 32 + '_' + CRC-32 of all before the '_', its bytes lowest first. */
static bool check_grafana(struct span token, size_t body)
{
    (void)body;
    uint32_t crc = crc32_ieee(span_cut(token, 0, token.n - 9));
    return spells_hex(span_from(token, token.n - 8), __builtin_bswap32(crc));
}

static bool check_cloudflare(struct span token, size_t body)
{
    struct span b = span_from(token, body);
    return spells_hex(span_from(b, b.n - 8), crc32_ieee(span_cut(b, 0, b.n - 8)));
}

static bool check_atlassian(struct span token, size_t body)
{
    (void)body;
    return spells_hex(span_from(token, token.n - 8), crc32_ieee(span_cut(token, 0, token.n - 8)));
}

/* The shape holds a fixed inner marker: matching it was the check. */
static bool check_marker(struct span token, size_t body)
{
    (void)token, (void)body;
    return true;
}

/* Eleven characters and 43 around ten times A: not as many A as data of zeros has. */
static bool check_dropbox(struct span token, size_t body)
{
    enum { HEAD = 11, MARK = 10, FEW = 6 };
    size_t n = 0;
    for (size_t i = 0; i < token.n - body; i++)
        n += (i < HEAD || i >= HEAD + MARK) && token.p[body + i] == 'A';
    return n <= FEW;
}

static bool check_link(struct span token, size_t body)
{
    return check_marker(token, body);
}

static bool check_end_aa(struct span token, size_t body)
{
    (void)body;
    return span_ends(token, SPAN_LIT("AA"));
}

/* Marvin32 of whole blocks of four bytes, lowest first. */
static uint32_t marvin32(const uint8_t *p, size_t blocks, uint64_t seed)
{
    uint32_t a = (uint32_t)seed, b = (uint32_t)(seed >> 32);
    for (size_t i = 0; i < blocks + 2; i++) {
        if (i < blocks)
            a += p[4 * i] | (uint32_t)p[4 * i + 1] << 8 | (uint32_t)p[4 * i + 2] << 16 |
                 (uint32_t)p[4 * i + 3] << 24;
        else if (i == blocks)
            a += 0x80; /* the end */
        b ^= a;
        a = (a << 20 | a >> 12) + b;
        b = (b << 9 | b >> 23) ^ a;
        a = (a << 27 | a >> 5) + b;
        b = b << 19 | b >> 13;
    }
    return a ^ b;
}

/* v in base 62, highest digit first, then zeros, then the padding that makes it base64 of four
 * bytes. */
enum { CASK_SUM = 8 };
static void cask_sum(uint32_t v, uint8_t out[CASK_SUM])
{
    uint8_t lowest_first[CASK_SUM];
    size_t n = 0;
    do
        lowest_first[n++] = (uint8_t)digits62[v % 62];
    while (v /= 62);
    memcpy(out, "000000==", CASK_SUM);
    for (size_t i = 0; i < n; i++)
        out[i] = lowest_first[n - 1 - i];
}

/* Azure's common annotated keys: behind 80 characters of base64 the Marvin32 of what they decode
 * to, its bytes (lowest first) in base64 or as a number in base 62; all of it or four characters.
 */
static bool check_cask(struct span token, size_t body)
{
    enum { SUMMED = 80, BYTES = SUMMED / 4 * 3 };
    const uint64_t seed = 0x44656661756c7430U; /* "Default0" */
    (void)body;
    uint8_t bytes[BYTES + 8], number[CASK_SUM], coded[CASK_SUM];
    if (decode64(span_cut(token, 0, SUMMED), bytes, sizeof bytes) != BYTES)
        return false;
    uint32_t sum = marvin32(bytes, BYTES / 4, seed);
    struct wr low = wr_of(bytes, sizeof bytes), w = wr_of(coded, sizeof coded);
    wr_le(&low, sizeof sum, sum);
    b64_encode(&w, span(bytes, sizeof sum), B64_STD);
    cask_sum(__builtin_bswap32(sum), number);
    struct span said = span_from(token, SUMMED);
    return span_starts(span(number, CASK_SUM), said) || span_starts(span(coded, CASK_SUM), said);
}

/* The vendor's name in base64 stands between two halves of at least 20. */
static bool check_openai(struct span token, size_t body)
{
    struct span mark = SPAN_LIT("T3BlbkFJ");
    size_t at = span_search(token, body, mark);
    return at >= body + 20 && at < token.n && token.n - at - mark.n >= 20;
}

/* The first six bytes of the base32 hold the account number: twelve decimal digits. */
static bool check_aws(struct span token, size_t body)
{
    struct span b = span_from(token, body);
    uint64_t v = 0;
    for (size_t i = 0; i < 10; i++) {
        uint8_t c = b.p[i];
        v = v << 5 | (uint64_t)(c >= 'A' ? c - 'A' : c - '2' + 26);
    }
    return (v >> 2 & 0x7fffffffff80U) >> 7 <= 999999999999U;
}

/* The first part is the bot's numeric id. */
static bool check_discord(struct span token, size_t body)
{
    uint8_t out[32];
    struct span id = span_cut(token, body, span_find(token, body, '.') - body);
    size_t n = decode64(id, out, sizeof out);
    if (n < 15)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!secret_digit(out[i]))
            return false;
    return true;
}

/* Bech32 over the whole string, upper case: the part before the last '1' is the name. */
static bool check_bech32(struct span token, size_t body)
{
    static const char charset[] = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    static const uint32_t gen[] = {0x3b6a57b2U, 0x26508e6dU, 0x1ea119faU, 0x3d4233ddU, 0x2a1462b3U};
    uint32_t sum = 1;
    size_t name = body - 1;
    for (size_t i = 0; i < 2 * name + 1 + token.n - body; i++) {
        uint32_t v = 0;
        if (i < name)
            v = (token.p[i] | 0x20U) >> 5;
        else if (i > name && i <= 2 * name)
            v = (token.p[i - name - 1] | 0x20U) & 31;
        else if (i > 2 * name) {
            const char *at = memchr(charset, token.p[body + i - 2 * name - 1], 32);
            if (!at)
                return false;
            v = (uint32_t)(at - charset);
        }
        uint32_t top = sum >> 25;
        sum = (sum & 0x1ffffffU) << 5 ^ v;
        for (unsigned k = 0; k < 5; k++)
            sum ^= top >> k & 1 ? gen[k] : 0;
    }
    return sum == 1;
}

/* Base58check over the whole string: the last four bytes are SHA-256 twice of the others. */
static bool check_base58(struct span token, size_t body)
{
    static const char charset[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    (void)body;
    uint8_t out[96] = {0};
    size_t used = 0; /* bytes of out in use, from its end */
    for (size_t i = 0; i < token.n; i++) {
        const char *at = memchr(charset, token.p[i], 58);
        if (!at)
            return false;
        unsigned carry = (unsigned)(at - charset);
        for (size_t k = 0; k < used || carry; k++) {
            if (k >= sizeof out)
                return false;
            carry += 58U * out[sizeof out - 1 - k];
            out[sizeof out - 1 - k] = (uint8_t)carry;
            carry >>= 8;
            used = k + 1 > used ? k + 1 : used;
        }
    }
    if (used < 8)
        return false;
    const uint8_t *p = out + sizeof out - used;
    uint8_t once[HASH_BYTES], twice[HASH_BYTES];
    hash_sha256(span(p, used - 4), once);
    hash_sha256(span(once, sizeof once), twice);
    return memcmp(twice, p + used - 4, 4) == 0;
}

bool secret_check(enum secret_check check, struct span token, size_t body)
{
    static bool (*const checks[])(struct span, size_t) = {
#define CHECK(name) [SECRET_CHECK_##name] = check_##name,
#include "secret_checks.def"
#undef CHECK
    };
    return check != SECRET_CHECK_none && checks[check](token, body);
}
