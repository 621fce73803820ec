/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last stage of every log line. Removes (1) the secret values this process told it of, (2) what
 * follows the words that announce a key, (3) long runs of letters and digits that could be one. It
 * errs towards removing: a log line is for names and numbers.
 */
#include "log.h"

#include <string.h>

static const char mark[] = "[redacted]";
enum {
    MARK = sizeof mark - 1,
    SECRET_MIN = 8,
    AFTER_WORD_MIN = 8,
    AFTER_BLANK_MIN = 12,
    RUN_MIN = 32
};

static struct span secrets[LOG_SECRETS_MAX];
static size_t secret_count;

struct err log_secret(struct span value)
{
    if (value.n < SECRET_MIN)
        return OK; /* too short to tell from ordinary text */
    if (secret_count == LOG_SECRETS_MAX)
        return err(ERR_LIMIT);
    secrets[secret_count++] = value;
    return OK;
}

void log_secret_drop(struct span value)
{
    for (size_t i = 0; i < secret_count; i++)
        if (secrets[i].p == value.p && secrets[i].n == value.n)
            secrets[i] = secrets[--secret_count];
}

/* What a key begins with. Matched in any case, at the start of a word; so many key characters must
 * follow, more after a blank, since "basic training" is no key. */
static const char *const words[] = {
    "sk-",     "sk_",      "rk_",    "pk_live_", "ghp_",      "gho_",        "ghu_",
    "ghs_",    "ghr_",     "glpat-", "xox",      "AKIA",      "ASIA",        "AIza",
    "ya29.",   "eyJ",      "hf_",    "npm_",     "pypi-",     "github_pat_", "AGE-SECRET-KEY-",
    "Bearer ", "Basic ",   "key=",   "token=",   "password=", "passwd=",     "secret=",
    "apikey=", "api_key=",
};

static bool is_word(uint8_t c)
{
    return (uint8_t)(ascii_lower(c) - 'a') < 26 || (uint8_t)(c - '0') < 10;
}

static bool is_key(uint8_t c)
{
    return is_word(c) || (c && strchr("-_.~+/=", c));
}

static size_t key_run(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && is_key(p[i]))
        i++;
    return i;
}

/* Bytes at p that are a known secret. */
static size_t known(const uint8_t *p, size_t n)
{
    size_t longest = 0;
    for (size_t i = 0; i < secret_count; i++) {
        struct span s = secrets[i];
        if (s.n <= n && s.n > longest && memcmp(p, s.p, s.n) == 0)
            longest = s.n;
    }
    return longest;
}

/* Bytes at p, the start of a word, that are a key by its first letters. */
static size_t announced(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct span w = span_str(words[i]);
        if (w.n > n || !span_eq_nocase(w, span(p, w.n)))
            continue;
        size_t run = key_run(p + w.n, n - w.n);
        if (run >= (w.p[w.n - 1] == ' ' ? AFTER_BLANK_MIN : AFTER_WORD_MIN))
            return w.n + run;
    }
    return 0;
}

/* Bytes at p, the start of a word, that are a long run with letters and digits. Slashes and dots
 * end it: paths and host names are no keys. */
static size_t unannounced(const uint8_t *p, size_t n)
{
    size_t i = 0;
    bool letter = false, digit = false;
    for (; i < n && (is_word(p[i]) || (p[i] && strchr("-_+=", p[i]))); i++) {
        bool d = (uint8_t)(p[i] - '0') < 10;
        digit |= d;
        letter |= !d && is_word(p[i]);
    }
    return i >= RUN_MIN && letter && digit ? i : 0;
}

size_t log_redact(uint8_t *line, size_t n)
{
    size_t out = 0;
    bool in_word = false; /* the byte before belongs to a word */
    for (size_t at = 0; at < n;) {
        bool starts = !in_word && is_word(line[at]);
        size_t hit = known(line + at, n - at);
        if (!hit && starts)
            hit = announced(line + at, n - at);
        if (!hit && starts)
            hit = unannounced(line + at, n - at);
        in_word = !hit && is_word(line[at]);
        if (!hit) {
            line[out++] = line[at++];
            continue;
        }
        /* Never longer than what it replaces, so the line is rewritten in place. */
        size_t put = hit < MARK ? hit : MARK;
        memcpy(line + out, put == MARK ? mark : "**********", put);
        out += put;
        at += hit;
    }
    return out;
}
