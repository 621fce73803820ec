/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins by type. Each maker gets a stream of key bytes for this value and attempt, and the
 * value as it is written; where it cannot keep the way of writing it gives none, and the value gets
 * a token. Called once for a new value of a type whose operator is `surrogate`.
 */
#include "session_int.h"
#include "surrogate_int.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>

unsigned surrogate_roll(struct dice *d, unsigned n)
{
    if (d->left < 2) {
        const uint8_t mark[4] = {0, 2, (uint8_t)d->attempt, (uint8_t)d->block++};
        const struct span parts[] = {SPAN_LIT("surrogate"), span(mark, sizeof mark), d->what};
        hash_mac_parts(&d->k->mac, parts, 3, d->b);
        d->left = HASH_BYTES;
    }
    d->left -= 2;
    return (d->b[d->left] | (unsigned)d->b[d->left + 1] << 8) % n;
}

/* ---- names ---- */

enum script { LATIN, CYRILLIC, GREEK, ARABIC, HEBREW, HAN, HANGUL, SCRIPTS };
enum kind { GIVEN, FAMILY };
struct names {
    const char *const *v;
    size_t n;
};
#define NAMES(script, kind, ...) static const char *const script##_##kind[] = {__VA_ARGS__};
#include "surrogate_names.def"
#undef NAMES
#define NAMES(script, kind, ...)                                                                   \
    [script][kind] = {script##_##kind, sizeof script##_##kind / sizeof *script##_##kind},
static const struct names names[SCRIPTS][2] = {
#include "surrogate_names.def"
};
#undef NAMES

static enum script script_of(struct span word)
{
    for (size_t at = 0; at < word.n;) {
        uint32_t c;
        at += utf8_next(word, at, &c);
        if (c < 0x250)
            continue;
        return c >= 0x370 && c < 0x400     ? GREEK
               : c >= 0x400 && c < 0x530   ? CYRILLIC
               : c >= 0x590 && c < 0x600   ? HEBREW
               : c >= 0x600 && c < 0x780   ? ARABIC
               : c >= 0x4e00 && c < 0xa000 ? HAN
               : c >= 0xac00 && c < 0xd7b0 ? HANGUL
                                           : SCRIPTS;
    }
    return LATIN;
}

/* As the word has its capitals: JONES, jones or Jones. */
void surrogate_dress(struct span word, uint8_t *out, size_t n)
{
    bool lower = false, upper = false;
    for (size_t i = 0; i < word.n; i++) {
        lower |= is_lower(word.p[i]);
        upper |= is_upper(word.p[i]);
    }
    for (size_t i = 0; i < n && word.n > 1; i++)
        if (upper && !lower && is_lower(out[i]))
            out[i] &= 0xdf;
        else if (lower && !upper)
            out[i] = ascii_lower(out[i]);
}

size_t surrogate_name(const struct mask_key *k, struct span word, bool last, unsigned attempt,
                      uint8_t *out)
{
    uint8_t low[64];
    enum script s = script_of(word);
    if (s == SCRIPTS || word.n == 0 || word.n > sizeof low)
        return 0;
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] < 0x80 && !is_upper(word.p[i]) && !is_lower(word.p[i]) &&
            !memchr("-'.", word.p[i], 3))
            return 0;
        low[i] = ascii_lower(word.p[i]);
    }
    struct dice d = {.k = k, .what = span(low, word.n), .attempt = attempt};
    const struct names *list = &names[s][last ? FAMILY : GIVEN];
    const char *name = list->v[surrogate_roll(&d, (unsigned)list->n)];
    size_t n = strlen(name);
    memcpy(out, name, n);
    surrogate_dress(word, out, n);
    return n;
}

/* ---- addresses of machines ---- */

static bool begins_word(const uint8_t *p, size_t i)
{
    return i == 0 || memchr(".@-_+", p[i - 1], 5) != NULL;
}

/* Every word of the value begins with a capital, and has no other. */
static bool has_titles(struct span v)
{
    bool all = true;
    for (size_t i = 0; i < v.n; i++)
        all = all && !(begins_word(v.p, i) ? is_lower(v.p[i]) : is_upper(v.p[i]));
    return all;
}

static size_t make_email(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const hosts[] = {"example.org", "example.com", "example.net"};
    const struct names *a = &names[LATIN][GIVEN], *b = &names[LATIN][FAMILY];
    const char *given = a->v[surrogate_roll(d, (unsigned)a->n)];
    const char *family = b->v[surrogate_roll(d, (unsigned)b->n)];
    unsigned number = surrogate_roll(d, 90) + 10;
    size_t n = (size_t)snprintf((char *)out, SURROGATE_MAX, "%s.%s%u@%s", given, family, number,
                                hosts[surrogate_roll(d, 3)]);
    bool titles = has_titles(v);
    for (size_t i = 0; i < n; i++)
        out[i] = ascii_lower(out[i]);
    if (!titles)
        surrogate_dress(v, out, n);
    for (size_t i = 0; i < n && titles; i++)
        if (begins_word(out, i) && is_lower(out[i]))
            out[i] &= 0xdf;
    return n;
}

static size_t make_ip(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const nets[] = {"192.0.2", "198.51.100", "203.0.113"};
    size_t slash = span_find(v, 0, '/');
    bool four = span_find(v, 0, ':') == v.n;
    int n = four ? snprintf((char *)out, SURROGATE_MAX, "%s.%u", nets[surrogate_roll(d, 3)],
                            surrogate_roll(d, 254) + 1)
                 : snprintf((char *)out, SURROGATE_MAX, "2001:db8::%x:%x",
                            surrogate_roll(d, 0xffff) + 1, surrogate_roll(d, 0xffff) + 1);
    if (span_find(v, 0, '%') < v.n || v.n - slash > 5)
        return 0;
    memcpy(out + n, v.p + slash, v.n - slash);
    return (size_t)n + v.n - slash;
}

/* RFC 7042: 00:00:5E:00:53:xx. */
static size_t make_mac(struct dice *d, struct span v, uint8_t *out)
{
    static const char fixed[] = "00005e0053", hex[] = "0123456789abcdef";
    size_t k = 0;
    bool upper = false;
    for (size_t i = 0; i < v.n; i++)
        upper |= is_upper(v.p[i]);
    for (size_t i = 0; i < v.n; i++) {
        if (memchr(":-.", v.p[i], 3)) {
            out[i] = v.p[i];
            continue;
        }
        uint8_t c = (uint8_t)(k < 10 ? fixed[k] : hex[surrogate_roll(d, 16)]);
        out[i] = upper && is_lower(c) ? c & 0xdf : c;
        k++;
    }
    return k == 12 ? v.n : 0;
}

static size_t make_url(struct dice *d, struct span v, uint8_t *out)
{
    bool plain = span_search(v, 0, SPAN_LIT("://")) == v.n;
    int n = snprintf((char *)out, SURROGATE_MAX, "%sexample.org/%04x%04x", plain ? "" : "https://",
                     surrogate_roll(d, 0xffff), surrogate_roll(d, 0xffff));
    return (size_t)n;
}

/* ---- places and firms ---- */

static size_t make_place(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const towns[] = {"Elmbridge",  "Northvale", "Oakhaven",   "Rivermouth",
                                        "Stonefield", "Westmere",  "Ashcombe",   "Brookdale",
                                        "Clearwater", "Fernhill",  "Harborview", "Lakemont"};
    const char *town = towns[surrogate_roll(d, 12)];
    const struct names *b = &names[LATIN][FAMILY];
    bool street = v.p[0] < 0x80 && span_search(v, 0, SPAN_LIT(" ")) < v.n && ascii_is_digit(v.p[0]);
    int n = street ? snprintf((char *)out, SURROGATE_MAX, "%u %s Street, %s",
                              surrogate_roll(d, 900) + 100, b->v[surrogate_roll(d, (unsigned)b->n)],
                              town)
                   : snprintf((char *)out, SURROGATE_MAX, "%s", town);
    return (size_t)n;
}

static size_t make_firm(struct dice *d, struct span v, uint8_t *out)
{
    static const char *const ends[] = {"Group", "Partners", "Holdings", "Associates"};
    (void)v;
    const struct names *b = &names[LATIN][FAMILY];
    return (size_t)snprintf((char *)out, SURROGATE_MAX, "%s %s",
                            b->v[surrogate_roll(d, (unsigned)b->n)], ends[surrogate_roll(d, 4)]);
}

/* ---- by type ---- */

size_t surrogate_make(const struct mask_key *k, enum entity e, struct span value, unsigned attempt,
                      uint8_t *out)
{
    uint8_t normal[2 * SURROGATE_MAX];
    if (value.n == 0 || value.n > SURROGATE_MAX - 8)
        return 0;
    struct dice d = {.k = k, .attempt = attempt};
    d.what = span(normal, normal_form(e, value, normal));
    switch (e) {
    case ENTITY_EMAIL_ADDRESS:
        return make_email(&d, value, out);
    case ENTITY_PHONE_NUMBER:
        return surrogate_phone(&d, value, out);
    case ENTITY_CREDIT_CARD:
        return surrogate_card(&d, value, out);
    case ENTITY_IBAN_CODE:
        return surrogate_iban(&d, value, out);
    case ENTITY_US_SSN:
        return surrogate_ssn(&d, value, out);
    case ENTITY_IP_ADDRESS:
        return make_ip(&d, value, out);
    case ENTITY_MAC_ADDRESS:
        return make_mac(&d, value, out);
    case ENTITY_URL:
        return make_url(&d, value, out);
    case ENTITY_DATE_TIME:
        return surrogate_date(&d, value, out);
    case ENTITY_LOCATION:
    case ENTITY_STREET_ADDRESS:
        return make_place(&d, value, out);
    case ENTITY_ORGANIZATION:
        return make_firm(&d, value, out);
    case ENTITY_SECRET:
    case ENTITY_CRYPTO:
    case ENTITY_PERSON:
    case ENTITY_NRP:
    case ENTITY_AGE:
    case ENTITY_TITLE:
        return 0;
    default:
        return surrogate_shape(&d, value, out);
    }
}
