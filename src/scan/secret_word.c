/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a telling word to the value it announces. The anchor is the word ("pass", "token", "key"),
 * not the sign between name and value: such words are rare, '=' and ':' are not. From the word the
 * whole name is read, then what may stand between a name and its value in the languages people
 * write:
 *
 *     name [quote] (= : := => -> == ?= ||= , | ( is) [quote] value      most of them
 *     name: Type = value      <name>value</name>      name="…" value="…"
 *     - name: NAME, next line value: VALUE            variable "name" { default = "value" }
 *     set NAME value, ENV NAME value, --name value    INSERT … (a, name) VALUES ('x', 'value')
 *     Authorization: Scheme value                     # name, next line the value alone
 *
 * Called where the text holds one of the words. Bounded: a name is at most 100 bytes, what stands
 * between at most 200, a value SECRET_VALUE_MAX.
 */
#include "secret_int.h"

#include "b64.h"

enum { NAME_SIDE = 50, GAP_MAX = 40, TYPE_MAX = 40, BLOCK_GAP = 160, SQL_MAX = 600, NEAR = 64 };

const uint8_t secret_word_keys[SECRET_WORD_KEYS][4] = {
    "pass", "pwd",  "psw",  "secr", "toke", "key",  "cred", "auth", "bear", "basi",
    "senh", "clav", "cont", "kenn", "motd", "mnem", "seed", "iden", "jwt",
};

/* A place in the text, with what was learnt on the way to the value. */
struct gap {
    struct span text;
    size_t at;
    size_t name_at;
    bool quoted_name; /* a quote closed right behind the name */
    bool prose;       /* the value stands in a sentence: trailing punctuation is not its own */
    bool need_quote;  /* only a quoted value counts */
    bool strict;      /* only a surely random value counts */
};

static uint8_t peek(const struct gap *g, size_t ahead)
{
    return secret_byte(g->text, g->at + ahead);
}

static bool name_byte(uint8_t c)
{
    return secret_alnum(c) || c == '_' || c == '-' || c == '.';
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool quote(uint8_t c)
{
    return c == '"' || c == '\'' || c == '`';
}

static size_t skip_blanks(struct gap *g)
{
    size_t n = 0;
    while (n < GAP_MAX && blank(peek(g, 0))) {
        g->at++;
        n++;
    }
    return n;
}

/* Case-insensitive literal at g->at + ahead. */
static bool word_at(const struct gap *g, size_t ahead, const char *word)
{
    size_t n = strlen(word);
    struct span s = span_cut(g->text, g->at + ahead, n);
    return s.n == n && span_eq_nocase(s, span_str(word));
}

/* ")", "]", quotes and their backslashes behind a name. */
static void skip_closers(struct gap *g)
{
    for (unsigned i = 0; i < 6; i++) {
        uint8_t c = peek(g, 0);
        if (c == '\\' && quote(peek(g, 1)))
            g->at++;
        else if (quote(c))
            g->quoted_name = true;
        else if (word_at(g, 0, "&quot;")) {
            g->quoted_name = true;
            g->at += 5;
        } else if (!(c == ']' || (c == ')' && g->quoted_name)))
            return;
        g->at++;
    }
}

/* ---- the signs between ---- */

/* "value" behind a name that itself was a value: key="NAME" value="…", name: NAME \n value: …. */
static bool skip_value_word(struct gap *g)
{
    struct gap t = *g;
    size_t n = 0;
    while (n < GAP_MAX && (blank(peek(&t, 0)) || peek(&t, 0) == '\n' || peek(&t, 0) == '\r' ||
                           peek(&t, 0) == ',' || peek(&t, 0) == '>')) {
        t.at++;
        n++;
    }
    if (quote(peek(&t, 0)))
        t.at++;
    if (word_at(&t, 0, "stringValue"))
        t.at += 6;
    if (!word_at(&t, 0, "value") || (secret_alnum(peek(&t, 5)) && !word_at(&t, 5, "From")))
        return false;
    t.at += 5;
    if (quote(peek(&t, 0)))
        t.at++;
    skip_blanks(&t);
    if (peek(&t, 0) != '=' && peek(&t, 0) != ':' && peek(&t, 0) != '>')
        return false;
    t.at++;
    *g = t;
    return true;
}

/* One of the operators; moves behind it. */
static bool skip_operator(struct gap *g)
{
    static const char *const long_ops[] = {"||=", "===", ":=", "=>", "->", "==", "?=", "+=", "::"};
    for (size_t i = 0; i < sizeof long_ops / sizeof *long_ops; i++)
        if (word_at(g, 0, long_ops[i])) {
            g->at += strlen(long_ops[i]);
            return true;
        }
    uint8_t c = peek(g, 0);
    if (c == '=' || c == ':' || c == '|') {
        g->at++;
        return true;
    }
    if (c == ',' && g->quoted_name) {
        g->at++;
        g->need_quote = true;
        return true;
    }
    if (c == '(') {
        g->at++;
        g->need_quote = true;
        return true;
    }
    return false;
}

/* ": Type =" or " string =": a declaration. */
static void skip_type(struct gap *g)
{
    struct gap t = *g;
    size_t n = 0;
    skip_blanks(&t);
    while (n < TYPE_MAX && (name_byte(peek(&t, 0)) || memchr("<>?[]*&!", peek(&t, 0), 8))) {
        if (!peek(&t, 0))
            return;
        t.at++;
        n++;
    }
    if (!n || n == TYPE_MAX)
        return;
    skip_blanks(&t);
    if (peek(&t, 0) == '=' && peek(&t, 1) != '=' && n < 24) {
        t.at++;
        *g = t;
    }
}

/* " is ", " was ", " = " in prose; "to" of "set the password to X". */
static bool skip_verb(struct gap *g)
{
    static const char *const verbs[] = {"is ",       "was ", "are ",    "to ",  "will be ",
                                        "would be ", "ist ", "lautet ", "est ", "es "};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (word_at(g, 0, verbs[i])) {
            g->at += strlen(verbs[i]);
            static const char *const fill[] = {"now ", "still ", "set to ", "simply ", "just "};
            for (size_t k = 0; k < sizeof fill / sizeof *fill; k++)
                if (word_at(g, 0, fill[k]))
                    g->at += strlen(fill[k]);
            g->prose = true;
            return true;
        }
    return false;
}

/* Words before a name that make the next word its value: set NAME value. */
static bool told_before(const struct gap *g)
{
    static const char *const words[] = {"set",        "setx",   "env",      "export",
                                        "arg",        "setenv", "password", "secret",
                                        "config:set", "-e",     "--env",    "secretsmanager"};
    size_t at = g->name_at;
    if (at >= 2 && g->text.p[at - 1] == '-')
        return true; /* --name, -name: the dashes are the name's */
    if (at == 0 || !blank(g->text.p[at - 1]))
        return false;
    size_t end = at - 1, from = end;
    while (from > 0 && end - from < 16 && !blank(g->text.p[from - 1]) &&
           g->text.p[from - 1] != '\n')
        from--;
    struct span before = span_cut(g->text, from, end - from);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_eq_nocase(before, span_str(words[i])))
            return true;
    return false;
}

/* variable "name" { … default = "value": to behind the sign. */
static bool skip_block(struct gap *g)
{
    struct span rest = span_cut(g->text, g->at, BLOCK_GAP);
    size_t at = span_search(rest, 0, SPAN_LIT("default"));
    if (at >= rest.n || span_find(rest, 0, '}') < at)
        return false;
    struct gap t = *g;
    t.at += at + 7;
    skip_blanks(&t);
    if (peek(&t, 0) != '=' && peek(&t, 0) != ':')
        return false;
    t.at++;
    *g = t;
    return true;
}

/* <name>value or <name attr="x">value: to behind the '>'. */
static bool skip_tag(struct gap *g)
{
    size_t open = g->name_at;
    while (open > 0 && g->name_at - open < 16 &&
           (name_byte(g->text.p[open - 1]) || g->text.p[open - 1] == ':'))
        open--;
    if (open == 0 || g->text.p[open - 1] != '<')
        return false;
    for (size_t n = 0; n < 120; n++) {
        uint8_t c = peek(g, n);
        if (c == 0 || c == '<' || c == '\n' || (c == '/' && peek(g, n + 1) == '>'))
            return false;
        if (c == '>') {
            g->at += n + 1;
            if (word_at(g, 0, "<![CDATA["))
                g->at += 9;
            return true;
        }
    }
    return false;
}

/* A line break and deeper blanks behind YAML's | or >, or behind a bare sign. */
static void skip_yaml_block(struct gap *g)
{
    struct gap t = *g;
    if (peek(&t, 0) == '|' || peek(&t, 0) == '>') {
        t.at++;
        if (peek(&t, 0) == '-' || peek(&t, 0) == '+')
            t.at++;
        skip_blanks(&t);
        if (peek(&t, 0) == '\r')
            t.at++;
        if (peek(&t, 0) != '\n')
            return;
        t.at++;
        if (skip_blanks(&t))
            *g = t;
    }
}

/* A comment or heading ends with the name; the value is the next line by itself. */
static bool skip_line(struct gap *g)
{
    size_t n = peek(g, 0) == '\r';
    if (peek(g, n) != '\n')
        return false;
    g->at += n + 1;
    g->strict = true;
    return true;
}

/* From behind the name to the value. False when no value is announced. */
static bool find_gap(struct gap *g)
{
    if (skip_tag(g))
        return true;
    skip_closers(g);
    if (skip_value_word(g))
        return true;
    size_t blanks = skip_blanks(g);
    if (peek(g, 0) == '{' && g->quoted_name)
        return skip_block(g);
    if (blanks && skip_verb(g))
        return true;
    if (skip_operator(g)) {
        skip_type(g);
        skip_yaml_block(g);
        skip_blanks(g);
        return true;
    }
    if (skip_line(g))
        return true;
    if (!blanks)
        return false;
    if (quote(peek(g, 0))) /* PASSWORD 'x', IDENTIFIED BY 'x' */
        return true;
    struct gap t = *g;
    skip_type(&t); /* name string = "x" */
    if (t.at != g->at) {
        *g = t;
        skip_blanks(g);
        return true;
    }
    return told_before(g);
}

/* ---- the value ---- */

struct value {
    size_t start, end;
    bool quoted;
};

static bool value_ends(uint8_t c, bool prose)
{
    return c <= ' ' || memchr(";,&\"'`)]}<|", c, 11) || (prose && c == '(');
}

static struct value quoted_value(const struct gap *g, bool escaped)
{
    uint8_t q = peek(g, 0);
    struct value v = {g->at + 1, g->at + 1, true};
    while (v.end < g->text.n && v.end - v.start <= SECRET_VALUE_MAX) {
        uint8_t c = g->text.p[v.end];
        if (c == '\n' || c == '\r' || c == 0)
            break;
        if (escaped && c == '\\' && secret_byte(g->text, v.end + 1) == q)
            return v;
        if (!escaped && c == q)
            return v;
        v.end += !escaped && c == '\\' && v.end + 1 < g->text.n ? 2 : 1;
    }
    v.end = v.start; /* never closed: none */
    return v;
}

/* The value at g->at, empty when there is none. */
static struct value find_value(struct gap *g)
{
    struct value none = {g->at, g->at, false};
    /* String.valueOf("…"), b"…", getenv("X", "…"): the quote stands a little later */
    uint8_t c = peek(g, 0);
    if ((c == 'b' || c == 'r' || c == 'f' || c == 'u' || c == '@' || c == '$' || c == 'N') &&
        quote(peek(g, 1)))
        g->at++;
    if (peek(g, 0) == '\\' && quote(peek(g, 1))) {
        g->at++;
        return quoted_value(g, true);
    }
    if (word_at(g, 0, "&quot;")) {
        g->at += 6;
        struct span rest = span_cut(g->text, g->at, SECRET_VALUE_MAX);
        size_t n = span_search(rest, 0, SPAN_LIT("&quot;"));
        return n < rest.n ? (struct value){g->at, g->at + n, true} : none;
    }
    if (quote(peek(g, 0)))
        return quoted_value(g, false);
    if (g->need_quote)
        return none;
    struct value v = {g->at, g->at, false};
    while (v.end < g->text.n && v.end - v.start <= SECRET_VALUE_MAX &&
           !value_ends(g->text.p[v.end], g->prose)) {
        if (g->text.p[v.end] == '\\' && memchr("nrt\"'", secret_byte(g->text, v.end + 1), 5))
            break;
        v.end++;
    }
    while (g->prose && v.end > v.start && memchr(".,:?", g->text.p[v.end - 1], 4))
        v.end--;
    return v;
}

/* ---- SQL: the n-th column's value ---- */

/* (a, name, c) VALUES ('x', 'value', 'z'). */
static bool sql_value(struct gap *g)
{
    size_t open = g->name_at, column = 0;
    while (open > 0 && g->name_at - open < 200 && g->text.p[open - 1] != '(') {
        column += g->text.p[open - 1] == ',';
        if (g->text.p[open - 1] == '\n' || g->text.p[open - 1] == ')')
            return false;
        open--;
    }
    struct span rest = span_cut(g->text, g->at, SQL_MAX);
    size_t at = 0;
    while (at < rest.n && (name_byte(rest.p[at]) || memchr(" ,`\"\n", rest.p[at], 5)))
        at++;
    if (at >= rest.n || rest.p[at] != ')' || open == 0)
        return false;
    while (++at < rest.n && (blank(rest.p[at]) || rest.p[at] == '\n'))
        ;
    if (rest.n - at < 7 || !span_eq_nocase(span_cut(rest, at, 6), SPAN_LIT("values")))
        return false;
    at = span_find(rest, at, '(') + 1;
    bool inside = false;
    for (; at < rest.n && column; at++) {
        inside ^= rest.p[at] == '\'';
        column -= rest.p[at] == ',' && !inside;
    }
    while (at < rest.n && blank(rest.p[at]))
        at++;
    if (at >= rest.n || rest.p[at] != '\'')
        return false;
    g->at += at;
    return true;
}

/* ---- Authorization ---- */

/* "user:password" in base64. */
static bool basic_holds(struct span s)
{
    uint8_t out[512];
    struct wr w = wr_of(out, sizeof out);
    bool padded = s.n && s.p[s.n - 1] == '=';
    if (s.n < 8 || s.n > 600 || failed(b64_decode(&w, s, padded ? B64_STD : B64_STD_RAW, NULL)))
        return false;
    struct span pair = wr_span(&w);
    size_t colon = span_find(pair, 0, ':');
    for (size_t i = 0; i < pair.n; i++)
        if (pair.p[i] < 0x20 || pair.p[i] == 0x7f)
            return false;
    return colon + 1 < pair.n && !secret_placeholder(span_from(pair, colon + 1));
}

/* The credential behind a scheme's name; g->at stands on its first byte. */
static void auth_value(struct secret_pass *p, struct gap *g, bool basic)
{
    struct value v = find_value(g);
    struct span s = span_cut(g->text, v.start, v.end - v.start);
    if (s.n < 8 || secret_placeholder(s))
        return;
    if (basic) {
        if (basic_holds(s))
            secret_emit(p, v.start, v.end, SECRET_basic_auth, 0.85F);
        return;
    }
    if (s.n >= 16 && (secret_surprise(s) >= SECRET_RANDOM_LIKELY || secret_uuid(s) ||
                      (secret_hex(s) && s.n >= 20)))
        secret_emit(p, v.start, v.end, SECRET_bearer_auth, 0.85F);
}

/* Authorization: [Scheme] value. */
static void authorization(struct secret_pass *p, struct gap *g)
{
    static const char *const schemes[] = {"Bearer ",   "Token ",  "ApiKey ",        "SSWS ",
                                          "Key ",      "Apikey ", "PRIVATE-TOKEN ", "JWT ",
                                          "GenieKey ", "token="};
    skip_closers(g);
    skip_blanks(g);
    if (!skip_operator(g))
        return;
    skip_blanks(g);
    if (peek(g, 0) == '\\')
        g->at++;
    bool q = quote(peek(g, 0));
    size_t quote_at = g->at;
    g->at += q;
    if (word_at(g, 0, "Basic ")) {
        g->at += 6;
        auth_value(p, g, true);
        return;
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (word_at(g, 0, schemes[i])) {
            g->at += strlen(schemes[i]);
            skip_blanks(g);
            auth_value(p, g, false);
            return;
        }
    g->at = quote_at;
    g->need_quote = false;
    auth_value(p, g, false);
}

/* ---- mnemonic ---- */

/* mnemonic: 12, 15, 18, 21 or 24 words of three to eight small letters. */
static void mnemonic(struct secret_pass *p, struct gap *g)
{
    struct gap t = *g;
    if (word_at(&t, 0, " phrase"))
        t.at += 7;
    skip_closers(&t);
    skip_blanks(&t);
    if (!skip_operator(&t) && !skip_verb(&t))
        return;
    skip_blanks(&t);
    while (quote(peek(&t, 0)))
        t.at++;
    size_t start = t.at, end = start, words = 0, letters = 0;
    for (size_t i = start; i - start < 24 * 9 + 1; i++) {
        uint8_t c = secret_byte(t.text, i);
        if ((uint8_t)(c - 'a') < 26) {
            letters++;
            continue;
        }
        if (letters < 3 || letters > 8)
            break;
        words++;
        end = i;
        letters = 0;
        if (c != ' ')
            break;
    }
    if (words >= 12 && words <= 24 && words % 3 == 0)
        secret_emit(p, start, end, SECRET_mnemonic, 0.85F);
}

/* ---- the name ---- */

static struct span name_around(struct span text, size_t at)
{
    size_t from = at, end = at;
    while (from > 0 && at - from < NAME_SIDE && name_byte(text.p[from - 1]))
        from--;
    while (end < text.n && end - at < NAME_SIDE && name_byte(text.p[end]))
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

/* Two words make a name in prose and forms: "API key is", "Secret Access Key:". */
static struct secret_named name_with_word_before(struct span text, struct span name)
{
    struct secret_named named = secret_name_of(name);
    size_t at = (size_t)(name.p - text.p), from = at;
    if ((named.kind == NAME_WEAK || named.kind == NAME_KEY) && from > 2 &&
        text.p[from - 1] == ' ') {
        from--;
        while (from > 0 && at - from < 32 &&
               (secret_alnum(text.p[from - 1]) || text.p[from - 1] == ' '))
            from--;
        struct secret_named both = secret_name_of(span_cut(text, from, at + name.n - from));
        if (both.kind > named.kind || both.aws)
            return both;
    }
    return named;
}

static bool identified_by(struct gap *g)
{
    if (!word_at(g, 0, " by "))
        return false;
    g->at += 4;
    if (word_at(g, 0, "password "))
        g->at += 9;
    g->need_quote = true;
    return true;
}

static void assignment(struct secret_pass *p, struct gap *g, struct secret_named named)
{
    struct gap t = *g;
    if (!find_gap(&t)) {
        t = *g;
        if (!sql_value(&t))
            return;
    }
    struct value v = find_value(&t);
    if (v.end <= v.start)
        return;
    if (t.prose && !v.quoted && named.kind == NAME_PASSWORD &&
        secret_surprise(span_cut(t.text, v.start, v.end - v.start)) < 20)
        return;
    if (t.strict &&
        (v.end - v.start < 20 ||
         secret_surprise(span_cut(t.text, v.start, v.end - v.start)) < SECRET_RANDOM_SURE))
        return;
    secret_value(p, v.start, v.end, named, v.quoted);
}

/* The key matched by its first bytes only: is it the word? */
static bool is_word(struct span text, size_t at)
{
    static const char *const full[] = {
        "passw", "passphrase", "passcode",   "pwd",      "psw",        "secret",
        "token", "key",        "credential", "auth",     "bearer",     "basic",
        "senha", "clave",      "contrase",   "kennwort", "motdepasse", "mnemonic",
        "seed",  "identified", "jwt",        "pass",
    };
    struct gap g = {.text = text, .at = at};
    for (size_t i = 0; i < sizeof full / sizeof *full; i++)
        if (word_at(&g, 0, full[i])) {
            uint8_t next = secret_byte(text, at + strlen(full[i]));
            bool whole = i != 7 && i != 21; /* key, pass: only at a word's end */
            return whole || !((uint8_t)(next - 'a') < 26);
        }
    return false;
}

void secret_at_word(struct secret_pass *p, size_t at)
{
    struct span text = p->text;
    if (at < p->skip || at < p->name_end || !is_word(text, at))
        return;
    struct span name = name_around(text, at);
    struct gap g = {.text = text, .at = (size_t)(name.p - text.p) + name.n};
    g.name_at = g.at - name.n;
    p->name_end = g.at;
    if (span_eq_nocase(name, SPAN_LIT("identified"))) {
        if (identified_by(&g))
            assignment(p, &g, (struct secret_named){NAME_PASSWORD, false, false});
        return;
    }
    size_t tail = name.n >= 13 ? name.n - 13 : 0;
    if (span_eq_nocase(span_from(name, tail), SPAN_LIT("authorization"))) {
        authorization(p, &g);
        return;
    }
    if ((span_eq_nocase(name, SPAN_LIT("bearer")) || span_eq_nocase(name, SPAN_LIT("basic"))) &&
        peek(&g, 0) == ' ') {
        g.at++;
        auth_value(p, &g, name.n == 5);
        return;
    }
    if (span_eq_nocase(name, SPAN_LIT("mnemonic")) || span_eq_nocase(name, SPAN_LIT("seed"))) {
        mnemonic(p, &g);
        return;
    }
    struct secret_named named = name_with_word_before(text, name);
    if (named.kind != NAME_NONE)
        assignment(p, &g, named);
}

bool secret_near(struct span text, size_t at)
{
    static const char *const words[] = {"key", "token", "secret", "passw", "auth", "cred", "api"};
    size_t from = at > NEAR ? at - NEAR : 0;
    struct gap g = {.text = span_cut(text, 0, at), .at = at};
    for (; g.at > from; g.at--) {
        if (text.p[g.at - 1] == '\n')
            return false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (word_at(&g, 0, words[i]))
                return true;
    }
    return false;
}
