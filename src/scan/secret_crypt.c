/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes that were written for a password: of crypt, of directories, of web frameworks and of
 * databases. Called by secret_token.c at a '$' and behind a '}', by others for a value in hand.
 */
#include "secret_int.h"

size_t secret_crypt(struct span s)
{
    static const struct {
        const char *head;
        uint8_t min;
    } forms[] = {
        {"$2a$", 56},         {"$2b$", 56},      {"$2y$", 56},      {"$2x$", 56},
        {"$1$", 24},          {"$5$", 45},       {"$6$", 88},       {"$y$", 40},
        {"$gy$", 40},         {"$7$", 40},       {"$apr1$", 28},    {"$md5$", 24},
        {"$md5,rounds=", 30}, {"$argon2i$", 40}, {"$argon2d$", 40}, {"$argon2id$", 40},
        {"$scrypt$", 40},     {"$pbkdf2", 40},   {"$sha1$", 40},    {"$P$B", 34},
        {"$H$9", 34},
    };
    if (s.n == 0 || s.p[0] != '$')
        return 0;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (!span_starts(s, span_str(forms[i].head)))
            continue;
        size_t n = 0;
        while (n < s.n && n < 400 && (secret_alnum(s.p[n]) || memchr("./$=,+-_", s.p[n], 8)))
            n++;
        while (n && memchr(",-_", s.p[n - 1], 3))
            n--;
        return n >= forms[i].min ? n : 0;
    }
    return 0;
}

/* pbkdf2_sha256$600000$salt$hash of Django, scrypt:32768:8:1$salt$hash of Werkzeug,
 * SCRAM-SHA-256$4096:salt$key:key of PostgreSQL: the hash whose name ends before the first '$', at
 * `at`; empty for none. */
static struct span named_hash(struct span t, size_t at)
{
    enum { NAME_MAX = 24, LENGTH_MIN = 60, LENGTH_MAX = 400 };
    static const struct span names[] = {SPAN_LIT("pbkdf2_sha"), SPAN_LIT("pbkdf2:sha"),
                                        SPAN_LIT("scrypt"), SPAN_LIT("SCRAM-SHA-")};
    if (!at || !(secret_digit(t.p[at - 1]) || t.p[at - 1] == 't'))
        return SPAN_NONE;
    size_t from = at, end = at, parts = 0;
    while (from && at - from < NAME_MAX &&
           (secret_alnum(t.p[from - 1]) || memchr("_:-", t.p[from - 1], 3)))
        from--;
    struct span name = span_cut(t, from, at - from);
    size_t n = name.n;
    for (size_t i = 0; i < sizeof names / sizeof *names && n == name.n; i++)
        n = span_search(name, 0, names[i]);
    if (n == name.n || (n && secret_alnum(name.p[n - 1])))
        return SPAN_NONE;
    bool scram = name.p[n] == 'S';
    from += n;
    for (uint8_t c; (c = secret_byte(t, end)) && end - from < LENGTH_MAX; end++) {
        if (!secret_alnum(c) && !memchr("./$=+", c, 5) && !(scram && c == ':'))
            break;
        parts += c == '$';
    }
    struct span hash = span_cut(t, from, end - from);
    return parts >= 2 && hash.n >= LENGTH_MIN ? hash : SPAN_NONE;
}

size_t secret_hash(struct secret_pass *p, size_t at)
{
    struct span text = p->text, hash = span_cut(text, at, secret_crypt(span_from(text, at)));
    if (!hash.n)
        hash = named_hash(text, at);
    if (!hash.n)
        return at;
    /* Behind a name that says it is a hash, or in a page about hashes, it is expected there. */
    size_t start = (size_t)(hash.p - text.p), from = start > 64 ? start - 64 : 0;
    struct span before = span_cut(text, from, start - from);
    bool told = false;
    static const char *const words[] = {"hash",   "Hash",   "HASH",  "xample",
                                        "digest", "bcrypt", "crypt("};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        told |= span_search(before, 0, span_str(words[i])) < before.n;
    told &= span_search(before, 0, SPAN_LIT(" dump")) == before.n; /* "the hash in the dump was" */
    secret_emit(p, start, start + hash.n, SECRET_password_hash, told ? 0.45F : 0.75F);
    return start + hash.n;
}

size_t secret_ldap_hash(struct secret_pass *p, size_t at)
{
    static const char *const heads[] = {"{SHA}", "{SSHA}", "{SSHA256}", "{SSHA512}", "{SMD5}"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t n = strlen(heads[i]), end = at;
        if (at < n || memcmp(p->text.p + at - n, heads[i], n) != 0)
            continue;
        while (secret_alnum(secret_byte(p->text, end)) ||
               (secret_byte(p->text, end) && memchr("+/=", p->text.p[end], 3)))
            end++;
        if (end - at >= 24 && end - at <= 200)
            secret_emit(p, at - n, end, SECRET_password_hash, 0.75F);
        return end;
    }
    return at;
}
