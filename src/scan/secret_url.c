/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The password of a link: scheme://user:password@host. Only the password is the secret. Called at
 * every "://", which prose and code hold often; nearly always the host ends before an '@'.
 */
#include "secret_int.h"

enum { AUTHORITY_MAX = 512 };

static bool ends_authority(uint8_t c)
{
    return c <= ' ' || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == '/' ||
           c == '?' || c == '#' || c == '\\' || c == '|' || c == '^';
}

/* Long, mixed and random. */
static bool surely_random(struct span s)
{
    bool digit = false, letter = false;
    for (size_t i = 0; i < s.n; i++) {
        digit |= secret_digit(s.p[i]);
        letter |= !secret_digit(s.p[i]) && secret_alnum(s.p[i]);
    }
    return s.n >= 10 && digit && letter && secret_surprise(s) >= SECRET_RANDOM_LIKELY;
}

/* The letter that a digit or sign stands for in p4$$w0rd. */
static uint8_t plain_letter(uint8_t c)
{
    static const char from[] = "0134578$@!", to[] = "oieastbsai";
    const char *at = c ? memchr(from, c, sizeof from - 1) : NULL;
    return at ? (uint8_t)to[at - from] : ascii_lower(c);
}

/* password123, s3cr3t!, my-pass: does it hold a word that examples write for a password? */
static bool holds_sample(struct span s)
{
    static const char *const words[] = {"pass", "secret", "pwd",  "user", "admin", "root",  "test",
                                        "demo", "guest",  "foo",  "temp", "token", "abc",   "qwe",
                                        "asdf", "letme",  "host", "name", "login", "hunter"};
    for (size_t at = 0; at < s.n; at++)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            size_t k = 0;
            while (words[i][k] && at + k < s.n && plain_letter(s.p[at + k]) == (uint8_t)words[i][k])
                k++;
            if (!words[i][k])
                return true;
        }
    return false;
}

/* What examples write for a password. Nobody's is made of less than eight characters or of letters
 * alone. */
static bool of_an_example(struct span s)
{
    bool other = false;
    for (size_t at = 0; at < s.n; at++)
        other |= !secret_alnum(s.p[at]) || secret_digit(s.p[at]);
    if (s.n < 20 && holds_sample(s))
        return true;
    return s.n < 8 || (!other && secret_surprise(s) < SECRET_RANDOM_SURE);
}

/* vless://, trojan://: who is in the link may use the proxy. `from`: behind the slashes. */
static bool of_proxy(struct span text, size_t from)
{
    static const struct span schemes[] = {SPAN_LIT("vless://"), SPAN_LIT("trojan://"),
                                          SPAN_LIT("tuic://"), SPAN_LIT("hysteria2://")};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (span_ends(span_cut(text, 0, from), schemes[i]))
            return true;
    return false;
}

/* https://TOKEN@host: user information without a password, if it is a token; enode://KEY@host has
 * the node's public key. */
static void lone_token(struct secret_pass *p, size_t from, size_t at)
{
    enum { DIGEST = 32, NODE = 128 };
    struct span s = span_cut(p->text, from, at - from);
    for (size_t i = 0; i < s.n; i++)
        if (!secret_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-')
            return;
    if (s.n >= 20 && surely_random(s) && secret_surprise(s) >= SECRET_RANDOM_SURE &&
        (!secret_uuid(s) || of_proxy(p->text, from)) &&
        !(secret_hex(s) && (s.n == DIGEST || s.n == NODE)) && !secret_placeholder(s))
        secret_emit(p, from, at, SECRET_url_password, 0.8F);
}

/* A name nobody's secret opens: RFC 2606 and a bare placeholder. */
static bool sample_host(struct span host)
{
    static const char *const names[] = {"example", "example.com", "example.org", "example.net",
                                        "host",    "hostname",    "HOST",        "domain.com"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_eq_nocase(host, span_str(names[i])))
            return true;
    static const char *const ends[] = {".example", ".example.com", ".example.org", ".example.net",
                                       ".invalid"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (span_ends(host, span_str(ends[i])))
            return true;
    return false;
}

/* Is the scheme one of the web's? Passwords of the others are written unescaped, '/' included. */
static bool web_scheme(struct span text, size_t colon)
{
    return colon >= 4 && (text.p[colon - 1] == 's' || text.p[colon - 1] == 'p') &&
           (text.p[colon - 4] == 'h' || text.p[colon - 4] == 't');
}

/* Digits from `at` to what ends a port: host:8080/…, not user:8080…@. */
static bool is_port(struct span text, size_t at)
{
    size_t i = at;
    while (i < text.n && i - at < 6 && secret_digit(text.p[i]))
        i++;
    return i > at && (ends_authority(secret_byte(text, i)));
}

static bool upper(uint8_t c)
{
    return (uint8_t)(c - 'A') < 26;
}

/* The '@' that ends the user information: the last before the host, 0 if there is none. Behind
 * "user:" a '#' or '?' may be the password's. */
static size_t find_at(struct span text, size_t from, bool loose)
{
    size_t at = 0;
    bool password = false;
    for (size_t i = from; i < text.n && i - from < AUTHORITY_MAX; i++) {
        uint8_t c = text.p[i];
        if (c == '@')
            at = i;
        else if (c == '\\' && !password && secret_byte(text, i + 1) == '\\')
            i++; /* DOMAIN\\user, in a string */
        else if (c == '\\' && !password && loose && upper(secret_byte(text, i - 1)))
            continue; /* DOMAIN\user */
        else if (c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\\')
            break;
        else if (ends_authority(c) && (at || !password || (c == '/' && !loose)))
            break;
        if (c == ':' && !password) {
            password = true;
            if (is_port(text, i + 1))
                break;
        }
    }
    return at;
}

/* Small letters alone, for a data base or the like that has a domain or an address: somebody's weak
 * password. */
static bool weak_but_used(struct span pass, struct span host)
{
    static const char *const services[] = {"default", "postgres", "mysql",   "redis",    "rabbit",
                                           "mongo",   "elastic",  "mariadb", "anonymous"};
    for (size_t i = 0; i < pass.n; i++)
        if ((uint8_t)(pass.p[i] - 'a') >= 26)
            return false;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (span_search(pass, 0, span_str(services[i])) < pass.n)
            return false;
    return pass.n >= 8 && span_find(host, 0, '.') < host.n &&
           !span_starts(host, SPAN_LIT("127.")) && !holds_sample(pass) && !secret_placeholder(pass);
}

void secret_at_url(struct secret_pass *p, size_t colon)
{
    struct span text = p->text;
    size_t from = colon + 3;
    if (colon < p->skip || from >= text.n)
        return;
    size_t at = find_at(text, from, !web_scheme(text, colon));
    if (!at)
        return;
    size_t sep = span_find(span_cut(text, 0, at), from, ':');
    if (sep >= at) {
        lone_token(p, from, at);
        return;
    }
    struct span user = span_cut(text, from, sep - from);
    struct span pass = span_cut(text, sep + 1, at - sep - 1);
    size_t end = at + 1;
    while (end < text.n && !ends_authority(text.p[end]) && text.p[end] != ':' && text.p[end] != ',')
        end++;
    struct span host = span_cut(text, at + 1, end - at - 1);
    /* host=/var/run: a path to a socket, no host */
    bool manual = pass.n && pass.p[0] == ']' && secret_byte(user, 0) == '['; /* [USER:]PASSWORD@ */
    if (!pass.n || manual || (!host.n && secret_byte(text, end) != '/') ||
        span_eq_nocase(user, pass) || secret_byte(host, 0) == '{' || secret_byte(host, 0) == '$' ||
        (pass.p[0] == '$' && pass.n > 1 && !secret_digit(pass.p[1]) && user.n && user.p[0] == '$'))
        return;
    /* The password decides: people put theirs behind example hosts when they ask. */
    float score = !sample_host(host) ? 0.85F : of_an_example(pass) ? 0.4F : 0.75F;
    if (score > 0.8F && !web_scheme(text, colon) && weak_but_used(pass, host))
        secret_emit(p, sep + 1, at, SECRET_url_password, 0.75F);
    else
        secret_password(p, sep + 1, at, SECRET_url_password, score);
}
