/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCRE2 as oracle: for recognisers whose values are regular, texts are made so that a third and
 * more match and the rest are near misses (one byte changed, dropped or doubled), and the scanner
 * must say what the expression says. SANCTUM_ORACLE_TEXTS sets how many per pattern (4,000; 100,000
 * for the long run).
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "unit.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>

#include "scan.h"

static uint64_t seed = 0x9E3779B97F4A7C15U;
static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static unsigned below(unsigned n)
{
    return (unsigned)(next() % n);
}

struct pattern {
    enum entity entity;
    const char *expression; /* the whole value, with its borders */
    size_t (*make)(char *out);
    bool (*valid)(const char *value, size_t n); /* what no expression says; NULL: nothing */
};

static size_t make_ip(char *out)
{
    return (size_t)sprintf(out, "%u.%u.%u.%u", 1 + below(300), below(280), below(280), below(280));
}

static size_t make_mac(char *out)
{
    static const char *const forms[] = {"%02x:%02x:%02x:%02x:%02x:%02x",
                                        "%02X-%02X-%02X-%02X-%02X-%02X"};
    return (size_t)sprintf(out, forms[below(2)], 1 + below(250), below(256), below(256), below(256),
                           below(256), below(256));
}

static size_t make_ssn(char *out)
{
    return (size_t)sprintf(out, "%03u-%02u-%04u", below(1000), below(100), below(10000));
}

static size_t make_mail(char *out)
{
    static const char set[] = "abcxyz019._-+";
    size_t n = 0;
    out[n++] = (char)('a' + below(26));
    for (unsigned k = below(8); k; k--)
        out[n++] = set[below(sizeof set - 1)];
    out[n++] = (char)('a' + below(26));
    out[n++] = '@';
    for (unsigned k = 1 + below(6); k; k--)
        out[n++] = (char)('a' + below(26));
    out[n++] = '.';
    for (unsigned k = 2 + below(3); k; k--)
        out[n++] = (char)('a' + below(26));
    return n;
}

static size_t make_date(char *out)
{
    return (size_t)sprintf(out, "%04u-%02u-%02u", 1900 + below(150), below(14), below(33));
}

/* ---- checks, written for this test alone ---- */

static bool luhn_holds(const char *s, size_t n)
{
    int sum = 0, place = 0;
    for (size_t i = n; i-- > 0;) {
        if (s[i] < '0' || s[i] > '9')
            continue;
        int d = (s[i] - '0') * (1 + place++ % 2);
        sum += d / 10 + d % 10;
    }
    bool same = true;
    for (size_t i = 1; i < n; i++)
        same = same && (s[i] == s[0] || s[i] == ' ' || s[i] == '-');
    return sum % 10 == 0 && !same;
}

static bool mod97_holds(const char *s, size_t n)
{
    char v[64];
    size_t len = 0;
    unsigned r = 0;
    for (size_t i = 0; i < n && len < sizeof v; i++)
        if (s[i] != ' ' && s[i] != '-')
            v[len++] = s[i] >= 'a' ? (char)(s[i] - 32) : s[i];
    for (size_t i = 0; i < len; i++) {
        char c = v[(i + 4) % len];
        unsigned d = c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10);
        r = (r * (d < 10 ? 10 : 100) + d) % 97;
    }
    return r == 1 && memcmp(v + 2, "00", 2) && memcmp(v + 2, "01", 2) && memcmp(v + 2, "99", 2);
}

static size_t grouped(char *out, const char *s, size_t n, unsigned sign)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && i % 4 == 0 && sign)
            out[at++] = (char)sign;
        out[at++] = s[i];
    }
    return at;
}

static size_t make_card(char *out)
{
    static const char *const heads[] = {"4", "51", "2221", "6011", "3528", "62"};
    const char *head = heads[below(6)];
    char s[17];
    size_t n = (size_t)sprintf(s, "%s", head);
    while (n < 16)
        s[n++] = (char)('0' + below(10));
    bool right = below(4) != 0;
    for (unsigned k = 0; right && k < 10 && !luhn_holds(s, 16); k++)
        s[15] = (char)('0' + k);
    return grouped(out, s, 16, " -\0"[below(3)] & 0xFFU);
}

static size_t make_iban(char *out)
{
    static const char *const countries[] = {"DE20", "BE14", "ES22"}; /* digits only; length - 2 */
    const char *c = countries[below(3)];
    size_t n = 2 + (size_t)((c[2] - '0') * 10 + (c[3] - '0'));
    char s[40];
    memcpy(s, c, 2);
    for (size_t i = 2; i < n; i++)
        s[i] = (char)('0' + below(10));
    bool right = below(8) != 0;
    for (unsigned k = 2; right && k < 99 && !mod97_holds(s, n); k++) {
        s[2] = (char)('0' + k / 10);
        s[3] = (char)('0' + k % 10);
    }
    return grouped(out, s, n, below(2) ? ' ' : 0);
}

#define OCTET "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
static const struct pattern patterns[] = {
    {ENTITY_IP_ADDRESS, "(?<![\\w-])(?<!\\w\\.)" OCTET "(?:\\." OCTET "){3}(?![\\w]|\\.\\d|-\\w)",
     make_ip, NULL},
    {ENTITY_MAC_ADDRESS,
     "(?<![\\w.:-])(?!(?:00[:-]){5}00)(?!(?:[fF]{2}[:-]){5}[fF]{2})(?:[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]"
     "{2}){5}"
     "|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5})(?![\\w:-])",
     make_mac, NULL},
    {ENTITY_US_SSN,
     "(?<![\\w.,@$+/"
     "-])(?!000|666|9|078-05-1120|987-65-432|123-45-6789|(\\d)\\1\\1-\\1\\1-\\1{4})\\d{3}-(?!00)"
     "\\d{2}-"
     "(?!0000)\\d{4}(?![\\w@]|-\\w|[.,:+]\\d)",
     make_ssn, NULL},
    {ENTITY_EMAIL_ADDRESS,
     "(?:^|[^\\w+@.-]|\\.{3})[._-]*\\K" /* three dots are a leader */
     "[a-z0-9+](?:(?!\\.{3})[a-z0-9._+-])*(?<!\\.)@"
     "(?!\\d[a-z0-9.-]*\\.(?:png|jpe?g|gif|svg|webp|css|js|ts|json|map|tgz|html)"
     "(?![\\w@]|[.-]+[\\w@]))" /* a file: logo@2x.png */
     "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
     "(?:\\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\\.[a-z]{2,}(?![\\w@]|[.-]+[\\w@])",
     make_mail, NULL},
    {ENTITY_DATE_TIME,
     "(?<![\\w.,:/-])(?:1\\d\\d\\d|2[01]\\d\\d)-(?:(?:0?[13578]|1[02])-(?:0?[1-9]|[12]\\d|3[01])"
     "|(?:0?[469]|11)-(?:0?[1-9]|[12]\\d|30)|0?2-(?:0?[1-9]|1\\d|2[0-8]))(?!\\w|[-.:/]\\d)",
     make_date, NULL},
    {ENTITY_CREDIT_CARD,
     "(?<![\\w*])(?<!\\w[.-])(?:4\\d\\d\\d|5[1-5]\\d\\d|2221|6011|3528|62\\d\\d)(?:([ "
     "-]?)\\d{4})(?:\\1\\d{4}){2}"
     "(?![\\w*@]|[._-]\\w)",
     make_card, luhn_holds},
    {ENTITY_IBAN_CODE,
     "(?i)\\b(?:DE ?\\d\\d(?:(?:-| {0,3})\\d){18}|BE ?\\d\\d(?:(?:-| {0,3})\\d){12}"
     "|ES ?\\d\\d(?:(?:-| {0,3})\\d){20})\\b",
     make_iban, mod97_holds},
};

/* Half the texts as made, half with one byte changed, dropped or doubled. */
static size_t make_text(const struct pattern *p, char *out, size_t *start, size_t *end)
{
    memcpy(out, "Here it is: ", 12);
    size_t n = 12 + p->make(out + 12);
    static const char bytes[] = "0123456789abcdefx.-:@ ";
    if (below(3) == 0) {
        /* another scheme's head has rules of its own */
        size_t keep = p->entity == ENTITY_CREDIT_CARD ? 4 : 0;
        size_t at = 12 + keep + below((unsigned)(n - 12 - keep));
        switch (below(3)) {
        case 0:
            out[at] = bytes[below(sizeof bytes - 1)];
            break;
        case 1:
            memmove(out + at, out + at + 1, --n - at);
            break;
        default:
            memmove(out + at + 1, out + at, n++ - at);
        }
    }
    *start = 12;
    *end = n;
    memcpy(out + n, " ok", 3);
    return n + 3;
}

/* Cards of other lengths have rules of their own. */
static bool sixteen_digits(struct span text)
{
    size_t n = 0;
    for (size_t i = 12; i + 3 < text.n; i++) {
        bool digit = text.p[i] >= '0' && text.p[i] <= '9';
        n += digit;
        if (!digit && text.p[i] != ' ' && text.p[i] != '-')
            return false;
        if (!digit && i > 12 && (text.p[i - 1] < '0' || text.p[i - 1] > '9'))
            return false; /* two signs: two numbers */
    }
    return n == 16;
}

/* The expression has only year-month-day: what a changed byte turns into another layout is left
 * out, and February 29, which depends on the year. */
static bool outside_the_expression(const struct pattern *p, struct span text)
{
    if (p->entity == ENTITY_CREDIT_CARD)
        return !sixteen_digits(text);
    if (p->entity != ENTITY_DATE_TIME)
        return false;
    bool other = text.n != 12 + 10 + 3 || span_search(text, 0, SPAN_LIT("-29")) < text.n;
    for (size_t i = 0; i < 4; i++)
        other = other || text.p[12 + i] < '0' || text.p[12 + i] > '9';
    return other;
}

static void compare(const struct pattern *p, struct scanner *s, size_t texts)
{
    int code;
    PCRE2_SIZE where;
    pcre2_code *re =
        pcre2_compile((PCRE2_SPTR)p->expression, PCRE2_ZERO_TERMINATED, 0, &code, &where, NULL);
    assert_non_null(re);
    pcre2_match_data *m = pcre2_match_data_create_from_pattern(re, NULL);
    size_t matched = 0, missed = 0;
    for (size_t i = 0; i < texts; i++) {
        char text[128];
        size_t start, end, n = make_text(p, text, &start, &end);
        if (outside_the_expression(p, span(text, n)))
            continue;
        struct findings f = {.max = 100};
        assert_ok(scan_text(s, span(text, n), &f));
        int hit = pcre2_match(re, (PCRE2_SPTR)text, n, 0, 0, m, NULL);
        bool found = f.n == 1;
        PCRE2_SIZE *o = pcre2_get_ovector_pointer(m);
        if (hit > 0 && p->valid && !p->valid(text + o[0], o[1] - o[0]))
            hit = 0;
        if (hit > 0) {
            found = found && f.v[0].start == o[0] && f.v[0].end == o[1];
        }
        if (found != (hit > 0))
            fail_msg("%s in \"%.*s\": the expression %s, the scanner finds %zu",
                     entity_name(p->entity), (int)n, text, hit > 0 ? "matches" : "does not", f.n);
        matched += hit > 0;
        missed += hit <= 0;
        findings_free(&f);
    }
    assert_true(matched * 10 >= (matched + missed) * 3 && matched * 10 >= texts);
    assert_true(missed * 20 >= texts);
    pcre2_match_data_free(m);
    pcre2_code_free(re);
}

static void scanner_says_what_the_expression_says(void **state)
{
    (void)state;
    const char *many = getenv("SANCTUM_ORACLE_TEXTS");
    size_t texts = many ? strtoul(many, NULL, 10) : 4000;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct scan_config cfg = scan_config_default();
        cfg.entities = (struct scan_set){{0}};
        scan_set_add(&cfg.entities, patterns[i].entity);
        struct scanner *s;
        assert_ok(scanner_new(&cfg, &s));
        compare(&patterns[i], s, texts);
        scanner_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scanner_says_what_the_expression_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
