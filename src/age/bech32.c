/* SPDX-License-Identifier: Apache-2.0 */
/* Key text. Once a key. Secrets pass through: no table is indexed by them, no branch looks at them.
 */
#include "bech32.h"

enum { CHECKSUM = 6 };

/* 0..31 to "qpzry9x8gf2tvdw0s3jn54khce6mua7l" by arithmetic: every letter is looked at. */
static uint8_t letter_of(uint32_t v)
{
    static const uint8_t letters[33] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    uint32_t out = 0;
    for (uint32_t i = 0; i < 32; i++)
        out |= letters[i] & (uint32_t)(((int32_t)((i ^ v) - 1)) >> 31);
    return (uint8_t)out;
}

/* The reverse for a lower-case letter; 32 when it is none. */
static uint32_t value_of(uint8_t c)
{
    static const uint8_t letters[33] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    uint32_t out = 0, found = 0;
    for (uint32_t i = 0; i < 32; i++) {
        uint32_t same = (uint32_t)(((int32_t)((uint32_t)(letters[i] ^ c) - 1)) >> 31);
        out |= i & same;
        found |= same;
    }
    return out | (32U & ~found);
}

static uint32_t step(uint32_t sum, uint32_t v)
{
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3};
    uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ v;
    for (unsigned i = 0; i < 5; i++)
        sum ^= generator[i] & (0U - (top >> i & 1));
    return sum;
}

static uint32_t sum_hrp(struct span hrp)
{
    uint32_t sum = 1;
    for (size_t i = 0; i < hrp.n; i++)
        sum = step(sum, ascii_lower(hrp.p[i]) >> 5);
    sum = step(sum, 0);
    for (size_t i = 0; i < hrp.n; i++)
        sum = step(sum, ascii_lower(hrp.p[i]) & 31);
    return sum;
}

static bool is_upper(uint8_t c)
{
    return (uint8_t)(c - 'A') < 26;
}

static bool is_lower(uint8_t c)
{
    return (uint8_t)(c - 'a') < 26;
}

static struct err put(struct buf *out, uint32_t v, bool upper)
{
    uint8_t c = letter_of(v);
    uint8_t letter = (uint8_t)((c >> 6) & 1); /* digits are below 0x40 */
    return buf_put_u8(out, (uint8_t)(c - (upper ? letter * 32 : 0)));
}

struct err bech32_encode(struct span hrp, struct span data, struct buf *out)
{
    bool upper = hrp.n && is_upper(hrp.p[0]);
    if (hrp.n == 0 || hrp.n > BECH32_HRP_MAX)
        return err(ERR_BUG);
    TRY(buf_put(out, hrp));
    TRY(buf_put_u8(out, '1'));
    uint32_t sum = sum_hrp(hrp), held = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < data.n; i++) {
        held = held << 8 | data.p[i];
        for (bits += 8; bits >= 5; bits -= 5) {
            uint32_t v = held >> (bits - 5) & 31;
            sum = step(sum, v);
            TRY(put(out, v, upper));
        }
        held &= 0xff;
    }
    if (bits) {
        uint32_t v = held << (5 - bits) & 31;
        sum = step(sum, v);
        TRY(put(out, v, upper));
    }
    for (int i = 0; i < CHECKSUM; i++)
        sum = step(sum, 0);
    sum ^= 1;
    for (int i = 0; i < CHECKSUM; i++)
        TRY(put(out, sum >> (5 * (5 - i)) & 31, upper));
    return OK;
}

/* Printable, one case; *one gets the place of the last "1". */
static struct err check_shape(struct span text, size_t *one, struct fault *f)
{
    bool upper = false, lower = false;
    *one = text.n;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        if (c < 33 || c > 126)
            return fault_at(f, ERR_INPUT, i, "a character that key text cannot hold");
        upper |= is_upper(c);
        lower |= is_lower(c);
        if (c == '1')
            *one = i;
    }
    if (upper && lower)
        return fault_at(f, ERR_INPUT, 0, "upper and lower case mixed");
    if (*one == text.n || *one == 0 || *one > BECH32_HRP_MAX)
        return fault_at(f, ERR_INPUT, 0, "no prefix with a 1 after it");
    if (text.n - *one - 1 < CHECKSUM)
        return fault_at(f, ERR_INPUT, text.n, "too short");
    return OK;
}

struct err bech32_decode(struct span text, struct span *hrp, struct wr *data, struct fault *f)
{
    size_t one;
    TRY(check_shape(text, &one, f));
    *hrp = span_cut(text, 0, one);
    uint32_t sum = sum_hrp(*hrp), held = 0;
    unsigned bits = 0;
    size_t end = text.n - CHECKSUM;
    for (size_t i = one + 1; i < text.n; i++) {
        uint32_t v = value_of(ascii_lower(text.p[i]));
        if (v > 31)
            return fault_at(f, ERR_INPUT, i, "a character that key text cannot hold");
        sum = step(sum, v);
        if (i >= end)
            continue;
        held = (held << 5 | v) & 0xfff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            wr_u8(data, (uint8_t)(held >> bits));
        }
    }
    if (sum != 1)
        return fault_at(f, ERR_INPUT, end, "the checksum is wrong");
    if (bits >= 5 || (held & ((1U << bits) - 1)) != 0)
        return fault_at(f, ERR_INPUT, end, "padding bits are wrong");
    if (data->full)
        return fault_at(f, ERR_LIMIT, text.n, "too long");
    return OK;
}
