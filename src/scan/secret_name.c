/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a name announces: DB_PASSWORD, x-api-key, token_type. The name is cut into words (at case
 * changes, digits and punctuation); lists of words (secret_listed.def) decide. Called where the
 * text holds one of the telling words, so a few times in a kilobyte of configuration, seldom in
 * prose.
 */
#include "secret_int.h"
#include "secret_listed_int.h"

enum { WORDS_MAX = 16, WORD_MAX = 24 };

struct words {
    char w[WORDS_MAX][WORD_MAX]; /* lower case, zeros behind the end */
    uint8_t len[WORDS_MAX];
    uint32_t of[WORDS_MAX]; /* the lists it is in, LISTED_… */
    uint32_t any;           /* those that one of the words is in */
    size_t n;
};

/* The lists that `word` is in: at least sixteen bytes, zeros behind its end. */
static uint32_t lists_of(const char *word)
{
    uint64_t low, high;
    memcpy(&low, word, 8);
    memcpy(&high, word + 8, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    low = __builtin_bswap64(low);
    high = __builtin_bswap64(high);
#endif
    size_t hash = ((low ^ high * 3) * 0x9E3779B97F4A7C15U) >> (64 - LISTED_BITS);
    for (size_t i = listed_first[hash]; i < listed_first[hash + 1]; i++)
        if (memcmp(listed_words[i].word, word, sizeof listed_words[i].word) == 0)
            return listed_words[i].of;
    return 0;
}

static void word_add(struct words *out, struct span s)
{
    char *w = out->w[out->n];
    size_t len = s.n < WORD_MAX - 1 ? s.n : WORD_MAX - 1;
    memset(w, 0, WORD_MAX);
    for (size_t i = 0; i < len; i++)
        w[i] = (char)ascii_lower(s.p[i]);
    out->len[out->n] = (uint8_t)len;
    out->any |= out->of[out->n++] = lists_of(w);
}

static inline bool upper(uint8_t c)
{
    return secret_classes[c] & F_UPPER;
}

static inline bool lower(uint8_t c)
{
    return secret_classes[c] & F_LOWER;
}

static inline bool letter(uint8_t c)
{
    return (secret_classes[c] & (F_LOWER | F_UPPER)) || c >= 0x80;
}

/* A capital that begins a word: the K of apiKey and of APIKey. */
static inline bool hump(struct span name, size_t i)
{
    uint8_t before = name.p[i - 1];
    return upper(name.p[i]) &&
           (lower(before) || (upper(before) && lower(secret_byte(name, i + 1))));
}

static void cut_words(struct span name, struct words *out)
{
    out->n = out->any = 0;
    for (size_t i = 0; out->n < WORDS_MAX;) {
        while (i < name.n && !letter(name.p[i]))
            i++;
        if (i == name.n)
            return;
        size_t from = i++;
        while (i < name.n && letter(name.p[i]) && !hump(name, i))
            i++;
        word_add(out, span_cut(name, from, i - from));
    }
}

/* Is there a pair of neighbouring words, one of list `a`, one of list `b`? */
static bool pair(const struct words *w, uint32_t a, uint32_t b)
{
    for (size_t i = 0; (w->any & a) && (w->any & b) && i + 1 < w->n; i++)
        if ((w->of[i] & a) && (w->of[i + 1] & b))
            return true;
    return false;
}

/* Does word `i` end in `tail`, and have more? */
static bool ends_in(const struct words *w, size_t i, struct span tail)
{
    return w->len[i] > tail.n && !memcmp(w->w[i] + w->len[i] - tail.n, tail.p, tail.n);
}

/* vncpasswd, userpassword, Adminpasswort: is word `i` made with a password's name? */
static bool password_of(const struct words *w, size_t i)
{
    return ends_in(w, i, SPAN_LIT("password")) || ends_in(w, i, SPAN_LIT("passwd")) ||
           ends_in(w, i, SPAN_LIT("passwort")) || ends_in(w, i, SPAN_LIT("kennwort"));
}

/* What word `i` announces by itself. */
static enum secret_name kind_of(const struct words *w, size_t i)
{
    uint32_t of = w->of[i];
    uint8_t last = (uint8_t)w->w[i][w->len[i] - 1];
    bool pass = (of & LISTED_pass) && i + 1 < w->n; /* PASS_DEPTH: no password */
    if (((of & LISTED_password) && !pass) || ((last == 'd' || last == 't') && password_of(w, i)))
        return NAME_PASSWORD;
    if ((of & LISTED_token) || (last == 'y' && ends_in(w, i, SPAN_LIT("apikey"))) ||
        (last == 't' && ends_in(w, i, SPAN_LIT("secret"))) ||
        (last == 'n' && ends_in(w, i, SPAN_LIT("token"))))
        return NAME_KEY;
    if (of & LISTED_key)
        return i ? NAME_KEY : NAME_WEAK;
    return of & LISTED_weak ? NAME_WEAK : NAME_NONE;
}

static enum secret_name strongest(const struct words *w)
{
    enum secret_name best = NAME_NONE;
    for (size_t i = 0; i < w->n; i++) {
        enum secret_name k = kind_of(w, i);
        best = k > best ? k : best;
    }
    return best;
}

/* The value is about a secret, or the secret is none. */
static bool harmless(const struct words *w)
{
    if (pair(w, LISTED_secret, LISTED_id) || pair(w, LISTED_connection, LISTED_string))
        return false;
    if (w->n > 1 && ((w->of[w->n - 1] & LISTED_tail) || (w->of[0] & LISTED_asks)))
        return true;
    if (pair(w, LISTED_web, LISTED_socket))
        return true;
    for (size_t i = 0; i < w->n && (w->any & LISTED_innocent); i++)
        if ((w->of[i] & LISTED_innocent) && !((w->of[i] & LISTED_input) && i + 1 == w->n) &&
            !((w->of[i] & LISTED_s) && w->n > 3)) /* fs.s3a.secret.key */
            return true;
    return false;
}

struct secret_named secret_name_of(struct span name)
{
    struct words w;
    struct secret_named out = {.kind = NAME_NONE};
    cut_words(span_cut(name, 0, 100), &w);
    if (!w.n)
        return out;
    out.sample = w.any & LISTED_sample;
    enum secret_name kind = strongest(&w);
    if (kind == NAME_PASSWORD && (w.of[w.n - 1] & LISTED_hash)) {
        out.kind = NAME_HASH;
        return out;
    }
    if (kind == NAME_NONE || harmless(&w))
        return out;
    bool shared = (w.any & LISTED_preshared) || pair(&w, LISTED_pre, LISTED_shared);
    out.kind = shared ? NAME_PASSWORD : kind;
    out.phrase = (w.any & LISTED_phrase) || ((w.any & LISTED_signs) && (w.any & LISTED_secret));
    out.once = pair(&w, LISTED_once, LISTED_plain_token);
    out.aws = pair(&w, LISTED_secret, LISTED_access) ||
              ((w.of[0] & LISTED_aws) && pair(&w, LISTED_secret, LISTED_key));
    return out;
}
