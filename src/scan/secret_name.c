/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a name announces: DB_PASSWORD, x-api-key, token_type. The name is cut into words (at case
 * changes, digits and punctuation); lists of words (secret_listed.def) decide. Called where the
 * text holds one of the telling words, so a few times in a kilobyte of configuration, seldom in
 * prose.
 */
#include "secret_gap_int.h"
#include "secret_listed_int.h"

/* ---- where it stands ---- */

struct span secret_name_around(struct span text, size_t at, struct around near)
{
    size_t from = near.from, end = near.end;
    while (end < text.n && end - at < NAME_SIDE &&
           (name_byte(text.p[end]) || text.p[end] == 0xc3 || text.p[end] == 0xb1)) /* ñ */
        end++;
    while (end > at && (text.p[end - 1] == '.' || text.p[end - 1] == '-'))
        end--;
    /* \napi_key, \tpassword: the letter is the escape's */
    if (from > 0 && from < at && text.p[from - 1] == '\\' && memchr("nrt", text.p[from], 3))
        from++;
    while (from < at && (text.p[from] == '-' || text.p[from] == '.'))
        from++;
    return span_cut(text, from, end - from);
}

/* ---- what it says ---- */

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

static inline bool upper(uint8_t c)
{
    return secret_classes[c] & F_UPPER;
}

static inline bool lower(uint8_t c)
{
    return secret_classes[c] & F_LOWER;
}

/* A letter of a word in lower case, 0 for any other byte. */
#define LETTER(c)                                                                                  \
    ((c) >= 'A' && (c) <= 'Z' ? (c) | 0x20 : ((c) >= 'a' && (c) <= 'z') || (c) >= 0x80 ? (c) : 0)
static const uint8_t letters[256] = {SECRET_EACH_BYTE(LETTER)};

/* A capital that begins a word: the K of apiKey and of APIKey. */
static inline bool hump(struct span name, size_t i)
{
    uint8_t before = name.p[i - 1];
    return upper(name.p[i]) &&
           (lower(before) || (upper(before) && lower(secret_byte(name, i + 1))));
}

/* The word whose first letter is name[i]; where it ends. */
static inline __attribute__((always_inline)) size_t word_add(struct words *out, struct span name,
                                                             size_t i)
{
    char *w = out->w[out->n];
    size_t len = 0;
    uint8_t c = letters[name.p[i]];
    memset(w, 0, WORD_MAX);
    do {
        w[len] = (char)c;
        len += len < WORD_MAX - 1;
        i++;
    } while (i < name.n && (c = letters[name.p[i]]) && !hump(name, i));
    w[len] = 0;
    out->len[out->n] = (uint8_t)len;
    out->any |= out->of[out->n++] = lists_of(w);
    return i;
}

static inline __attribute__((always_inline)) void cut_words(struct span name, struct words *out)
{
    out->n = out->any = 0;
    for (size_t i = 0; out->n < WORDS_MAX;) {
        while (i < name.n && !letters[name.p[i]])
            i++;
        if (i == name.n)
            return;
        i = word_add(out, name, i);
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
    if (pair(w, LISTED_web, LISTED_socket) ||
        ((w->any & LISTED_cursor) && (w->any & LISTED_plain_token)))
        return true;
    for (size_t i = 0; i < w->n && (w->any & LISTED_innocent); i++)
        if ((w->of[i] & LISTED_innocent) && !((w->of[i] & LISTED_input) && i + 1 == w->n) &&
            !((w->of[i] & LISTED_s) && w->n > 3) && /* fs.s3a.secret.key */
            !((w->of[i] & LISTED_gpg) && (w->any & LISTED_password)))
            return true;
    return false;
}

SECRET_RARE bool secret_program_words(struct span s)
{
    enum { SHORTEST = 3 };
    struct words w;
    cut_words(s, &w);
    for (size_t i = 0; i < w.n; i++)
        if (w.of[i] && w.len[i] >= SHORTEST)
            return true;
    return false;
}

/* ADMIN_SECRET: a variable of the environment, where "secret: a-b-c-d" may refer to one. */
static bool in_capitals(struct span name)
{
    return !(secret_made_of(name, secret_classes) & F_LOWER);
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
    bool shared = (w.any & LISTED_preshared) || pair(&w, LISTED_pre, LISTED_shared) ||
                  pair(&w, LISTED_key, LISTED_material) || pair(&w, LISTED_bind, LISTED_token);
    out.kind = shared ? NAME_PASSWORD : kind;
    out.phrase = (w.any & LISTED_phrase) ||
                 ((w.any & LISTED_secret) && ((w.any & LISTED_signs) || in_capitals(name)));
    out.made = out.kind == NAME_KEY && (w.any & LISTED_secret);
    out.once = pair(&w, LISTED_once, LISTED_plain_token);
    out.aws = pair(&w, LISTED_secret, LISTED_access) ||
              ((w.of[0] & LISTED_aws) && pair(&w, LISTED_secret, LISTED_key));
    return out;
}

/* ---- with the words before it ---- */

/* Can the words before a key's name make it a password's or AWS's? */
static bool say_more(struct span words)
{
    static const char *const more[] = {"pass",  "pw",       "psw",      "psk",    "senha",
                                       "clave", "contrase", "kennwort", "secret", "aws"};
    static const struct secret_words of = {
        .words = more,
        .n = sizeof more / sizeof *more,
        .apart = 1,
        .nocase = true,
        .next = {['p' & 31] = SECRET_BIT('a') | SECRET_BIT('w') | SECRET_BIT('s'),
                 ['s' & 31] = SECRET_BIT('e'),
                 ['c' & 31] = SECRET_BIT('l') | SECRET_BIT('o'),
                 ['k' & 31] = SECRET_BIT('e'),
                 ['a' & 31] = SECRET_BIT('w')}};
    return secret_holds(words, &of);
}

/* "Boarding pass": a paper. */
static bool of_travel(struct span text, size_t at)
{
    static const struct span words[] = {SPAN_LIT("boarding "), SPAN_LIT("season "),
                                        SPAN_LIT("travel "), SPAN_LIT("ski "), SPAN_LIT("bus ")};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (at >= words[i].n &&
            span_eq_nocase(span_cut(text, at - words[i].n, words[i].n), words[i]))
            return true;
    return false;
}

/* session({secret: …, app.secret_key = …: what signs the cookies of a server, often some words. */
static bool of_session(struct span text, size_t at)
{
    enum { BACK = 40 };
    size_t open = at, low = at > BACK ? at - BACK : 0;
    if (span_ends(span_cut(text, 0, at), SPAN_LIT("app.")))
        return true;
    while (open > low && text.p[open - 1] != '(' && text.p[open - 1] != '"')
        open--;
    return span_ends(span_cut(text, 0, open), SPAN_LIT("ession("));
}

struct secret_named secret_name_in_prose(struct span text, struct span name)
{
    struct secret_named named = secret_name_of(name);
    size_t at = (size_t)(name.p - text.p), from = at;
    if (named.kind == NAME_WEAK && name.n == 3 && secret_network_key(text, at))
        return SECRET_A_PASSWORD;
    if (named.kind == NAME_KEY && name.n == 6 &&
        (secret_of_device(text, at) || secret_network_key(text, at) ||
         span_ends(span_cut(text, 0, at), SPAN_LIT("shared "))))
        return SECRET_A_PASSWORD;
    if ((name.n == 4 && of_travel(text, at)) ||
        span_ends(span_cut(text, 0, at), SPAN_LIT("public key "))) /* an assembly's token */
        return (struct secret_named){.kind = NAME_NONE};
    if (named.kind == NAME_KEY && ascii_lower(name.p[0]) == 's' && of_session(text, at))
        named.phrase = true;
    if ((named.kind == NAME_WEAK || named.kind == NAME_KEY) && from > 2 &&
        text.p[from - 1] == ' ') {
        from--;
        while (from > 0 && at - from < 32 &&
               (secret_alnum(text.p[from - 1]) || text.p[from - 1] == ' '))
            from--;
        if (named.kind == NAME_KEY && !named.aws && !say_more(span_cut(text, from, at - from)))
            return named;
        if (span_eq_nocase(span_cut(text, from, 8), SPAN_LIT("invalid ")))
            from += 8; /* what a server says of it */
        struct secret_named both = secret_name_of(span_cut(text, from, at + name.n - from));
        if (both.kind > named.kind || both.aws ||
            (named.kind == NAME_WEAK && both.kind == NAME_NONE))
            return both; /* "Public key": none */
    }
    return named;
}
