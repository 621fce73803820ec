/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normal forms: what all spellings of one value share, so that "BOB  SMITH" and "Bob Smith" get
 * tokens a model can see to be the same person. Only ASCII letters are folded: other scripts keep
 * their spelling, which costs a suffix at worst. Called once for each new value.
 */
#include "session_int.h"
#include "terminal.h"
#include "view_int.h"

static bool is_alpha(uint8_t c)
{
    return ascii_is_letter(c);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Bob Smith, Anna-Lena O'Hara: one space between words, a capital where a word begins. */
static size_t name_form(struct span v, uint8_t *out)
{
    size_t n = 0;
    bool inside = false;
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        if (is_blank(c)) {
            if (n && out[n - 1] != ' ')
                out[n++] = ' ';
            inside = false;
            continue;
        }
        uint8_t low = ascii_lower(c);
        out[n++] = is_alpha(c) && !inside ? (uint8_t)(low & 0xdf) : low;
        inside = is_alpha(c) || ascii_is_digit(c) || c >= 0x80;
    }
    return n && out[n - 1] == ' ' ? n - 1 : n;
}

bool normal_digits(struct span v, uint8_t *out, size_t cap, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < v.n; i++) /* `out` may be where the value lies: look first, then write */
        if (ascii_is_digit(v.p[i]))
            ++*n;
        else if (!is_blank(v.p[i]) && !memchr("-./()+", v.p[i], 6))
            return false;
    if (*n > cap)
        return false;
    *n = 0;
    for (size_t i = 0; i < v.n; i++)
        if (ascii_is_digit(v.p[i]))
            out[(*n)++] = v.p[i];
    return *n > 0;
}

/* Upper case without blanks and dashes, for codes of letters and digits. */
static size_t code_form(struct span v, uint8_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        if (is_blank(c) || c == '-')
            continue;
        out[n++] = is_alpha(c) ? (uint8_t)(c & 0xdf) : c;
    }
    return n;
}

static size_t as_is(struct span v, uint8_t *out)
{
    if (v.n)
        memmove(out, v.p, v.n);
    return v.n;
}

size_t normal_form(enum entity e, struct span v, uint8_t *out)
{
    size_t n;
    if (e != ENTITY_SECRET)
        v = span(out, view_plain(v, out));
    v = span(out, terminal_strip(v, out));
    switch (e) {
    case ENTITY_SECRET:
    case ENTITY_URL:
    case ENTITY_CRYPTO:
    case ENTITY_IP_ADDRESS:
    case ENTITY_DATE_TIME:
    case ENTITY_GEO_COORDINATE:
    case ENTITY_USERNAME:
        return as_is(v, out);
    case ENTITY_EMAIL_ADDRESS:
        for (size_t i = 0; i < v.n; i++)
            out[i] = ascii_lower(v.p[i]);
        return v.n;
    case ENTITY_PERSON:
    case ENTITY_LOCATION:
    case ENTITY_STREET_ADDRESS:
    case ENTITY_ORGANIZATION:
    case ENTITY_NRP:
    case ENTITY_TITLE:
        return name_form(v, out);
    default:
        return normal_digits(v, out, v.n, &n) ? n : code_form(v, out);
    }
}
