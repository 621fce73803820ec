/* SPDX-License-Identifier: Apache-2.0 */
/* Making and reading the text of access keys. The gate asks key_text_id once a request. */
#define _DEFAULT_SOURCE
#include "keytext.h"
#include "b64.h"
#include "hash.h"
#include "random.h"

#include <string.h>

enum {
    PREFIX_CHARS = sizeof KEY_TEXT_PREFIX - 1,
    CRC_AT = KEY_TEXT_CHARS - KEY_CRC_CHARS,
};
_Static_assert(PREFIX_CHARS + KEY_ID_CHARS + 1 + KEY_SECRET_CHARS + KEY_CRC_CHARS == KEY_TEXT_CHARS,
               "the parts make the whole");

/* CRC-32 as IEEE 802.3 and zlib have it. Bit by bit: only commands and tests check digits. */
static uint32_t crc32_of(struct span s)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < s.n; i++) {
        crc ^= s.p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xedb88320U & (0U - (crc & 1)));
    }
    return ~crc;
}

static void put_random(struct wr *w, unsigned chars)
{
    while (chars) {
        uint64_t v;
        unsigned some = chars < 12 ? chars : 12;
        random_bytes(&v, sizeof v);
        base32_crockford(w, v, some);
        explicit_bzero(&v, sizeof v);
        chars -= some;
    }
}

void key_text_make(char out[KEY_TEXT_CHARS + 1])
{
    struct wr w = wr_of(out, KEY_TEXT_CHARS);
    wr_str(&w, KEY_TEXT_PREFIX);
    put_random(&w, KEY_ID_CHARS);
    wr_u8(&w, '-');
    put_random(&w, KEY_SECRET_CHARS);
    base32_crockford(&w, crc32_of(wr_span(&w)), KEY_CRC_CHARS);
    out[KEY_TEXT_CHARS] = 0;
}

/* All of the lower-case Crockford alphabet: no i, l, o, u. Looks at every byte. */
static bool all_base32(struct span s)
{
    unsigned bad = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        unsigned digit = (uint8_t)(c - '0') < 10, letter = (uint8_t)(c - 'a') < 26;
        bad |= !(digit | letter) | (c == 'i') | (c == 'l') | (c == 'o') | (c == 'u');
    }
    return !bad;
}

struct err key_text_id(struct span text, struct span *id)
{
    if (text.n != KEY_TEXT_CHARS || !span_starts(text, SPAN_LIT(KEY_TEXT_PREFIX)))
        return err(ERR_INPUT);
    *id = span_cut(text, PREFIX_CHARS, KEY_ID_CHARS);
    size_t dash = PREFIX_CHARS + KEY_ID_CHARS;
    if (!all_base32(*id) || text.p[dash] != '-' || !all_base32(span_from(text, dash + 1)))
        return err(ERR_INPUT);
    return OK;
}

struct err key_text_check(struct span text, const char **why)
{
    struct span id;
    *why = "not the shape of a key (sk-sanctum-, 8 characters, -, 33 characters)";
    TRY(key_text_id(text, &id));
    uint8_t digits[KEY_CRC_CHARS];
    struct wr w = wr_of(digits, sizeof digits);
    base32_crockford(&w, crc32_of(span_cut(text, 0, CRC_AT)), KEY_CRC_CHARS);
    *why = "the check digits do not fit: a character is wrong";
    return span_eq_const_time(wr_span(&w), span_from(text, CRC_AT)) ? OK : err(ERR_INPUT);
}

void key_text_hash(struct span text, uint8_t out[KEY_HASH_BYTES])
{
    hash_sha256(text, out);
}

static bool is_alnum(uint8_t c)
{
    return (uint8_t)(c - '0') < 10 || (uint8_t)(ascii_lower(c) - 'a') < 26;
}

bool key_name_valid(struct span name)
{
    if (name.n == 0 || name.n > KEY_NAME_MAX || !is_alnum(name.p[0]))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!is_alnum(name.p[i]) && name.p[i] != '.' && name.p[i] != '_' && name.p[i] != '-')
            return false;
    return true;
}

static const struct {
    const char *name;
    uint32_t bit;
} scopes_by_name[] = {
#define KEY_SCOPE(name, bit, by_default, help) {#name, 1U << (bit)},
#include "keyscope.def"
#undef KEY_SCOPE
};
enum { SCOPES = sizeof scopes_by_name / sizeof *scopes_by_name };

static struct err one_scope(struct span name, uint32_t *bit)
{
    for (size_t i = 0; i < SCOPES; i++)
        if (span_is(name, scopes_by_name[i].name)) {
            *bit = scopes_by_name[i].bit;
            return OK;
        }
    return err(ERR_INPUT);
}

struct err key_scopes_read(struct span text, uint32_t *scopes)
{
    uint32_t all = 0;
    for (size_t at = 0; at <= text.n;) {
        size_t comma = span_find(text, at, ',');
        uint32_t bit;
        TRY(one_scope(span_cut(text, at, comma - at), &bit));
        all |= bit;
        at = comma + 1;
    }
    *scopes = all;
    return OK;
}

const char *key_scopes_format(uint32_t scopes, char out[KEY_SCOPES_TEXT_MAX])
{
    struct wr w = wr_of(out, KEY_SCOPES_TEXT_MAX - 1);
    for (size_t i = 0; i < SCOPES; i++)
        if (scopes & scopes_by_name[i].bit) {
            if (w.n)
                wr_u8(&w, ',');
            wr_str(&w, scopes_by_name[i].name);
        }
    if (w.n == 0)
        wr_u8(&w, '-');
    out[w.n] = 0;
    return out;
}
