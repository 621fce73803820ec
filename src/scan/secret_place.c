/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets whose place says what they are, not a name right before them: the data of a Kubernetes
 * Secret, the password argument of a command, the signature of a signed link. Called by
 * secret_word.c for the words that announce such a place.
 */
#include "secret_gap_int.h"

enum {
    COMMAND_MAX = 200,
    DATA_MAX = 8192,
    DATA_BEHIND = 800,
    DATA_MIN = 12,
    SIGNATURE_MIN = 40,
    LINE_MAX_BYTES = 4096
};

/* ---- a command's argument ---- */

/* Emit the word at `at` when it can be a password; `pair` when it is user:password. */
static void argument(struct secret_pass *p, size_t at, bool pair)
{
    struct gap g = {.text = p->text, .at = at};
    struct value v = gap_value(&g);
    size_t from = v.start;
    if (pair) {
        from = span_find(span_cut(p->text, 0, v.end), v.start, ':') + 1;
        if (from >= v.end)
            return;
    }
    struct span s = span_cut(p->text, from, v.end - from);
    if (s.n >= 6 && s.p[0] != '-')
        secret_password(p, from, v.end, SECRET_password, 0.8F);
}

/* " -u user:password", " -ppassword", " -p password" behind a command's name, on its line. */
static void option(struct secret_pass *p, size_t at, const char *flag, bool pair, bool apart)
{
    struct span t = p->text;
    size_t n = strlen(flag), i = at;
    for (; i < t.n && i - at < COMMAND_MAX && t.p[i] != '\n'; i++) {
        struct gap g = {.text = t, .at = i};
        if (t.p[i] != ' ' || !word_at(&g, 1, flag) || t.p[i + n] != (uint8_t)flag[n - 1])
            continue;
        size_t value = i + 1 + n;
        if (apart && secret_byte(t, value) == ' ')
            value++;
        else if (apart && pair)
            continue;
        if (secret_byte(t, value) > ' ') {
            argument(p, value, pair);
            break;
        }
    }
    p->place_end = i > p->place_end ? i : p->place_end;
}

/* "docker login -u …", "az login -u …": a user is named on the line. */
static bool takes_user(struct span t, size_t at)
{
    struct span line = span_cut(t, at, COMMAND_MAX);
    size_t end = span_find(line, 0, '\n');
    return span_search(span_cut(line, 0, end), 0, SPAN_LIT(" -u ")) < end ||
           span_search(span_cut(line, 0, end), 0, SPAN_LIT(" --user")) < end;
}

static bool ldap_tool(const struct gap *g)
{
    return word_at(g, 4, "search ") || word_at(g, 4, "modify ") || word_at(g, 4, "add ") ||
           word_at(g, 4, "whoami ") || word_at(g, 4, "delete ");
}

bool secret_command(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    if (at < p->place_end)
        return false;
    if (word_at(&g, 0, "curl ")) {
        option(p, at + 4, "-u", true, true);
        option(p, at + 4, "--user", true, true);
    } else if (word_at(&g, 0, "sshpass ")) {
        option(p, at + 7, "-p", false, true);
    } else if (word_at(&g, 0, "mysql")) {
        option(p, at + 5, "-p", false, false);
    } else if (word_at(&g, 0, "redis-cli ")) {
        option(p, at + 9, "-a", false, true);
    } else if (word_at(&g, 0, "ldap") && ldap_tool(&g)) {
        option(p, at + 7, "-w", false, true);
    } else if (word_at(&g, 0, "sqlplus ")) {
        for (g.at = at + 8; g.at - at < COMMAND_MAX && peek(&g, 0) > '\r'; g.at++)
            if (p->text.p[g.at - 1] == ' ' && secret_slash_pair(p, g.at))
                break;
        p->place_end = g.at;
    } else if (word_at(&g, 0, "snmp-server community ")) {
        argument(p, at + 22, false);
    } else if (word_at(&g, 0, "snmp")) {
        option(p, at + 4, "-c", false, true);
    } else if (word_at(&g, 0, "login ") && takes_user(p->text, at)) {
        option(p, at + 5, "-p", false, true);
    } else {
        return false;
    }
    return true;
}

/* ---- a call's second argument ---- */

/* Past one quoted argument and the comma behind it; false when there is none. */
static bool next_argument(struct gap *g, struct value *v)
{
    gap_blanks(g);
    if (peek(g, 0) == '(') /* (ConvertTo-SecureString …) */
        g->at++;
    g->need_quote = true;
    *v = gap_value(g);
    if (!v->quoted || v->end == v->start || v->end - v->start > 120)
        return false;
    g->at = v->end + 1;
    return true;
}

bool secret_second_argument(struct secret_pass *p, size_t at)
{
    static const char *const words[] = {"basic_auth", "basic-auth",  "basicauth", "auth",
                                        "login",      "credentials", "credential"};
    enum { ARGUMENTS = 5 };
    struct gap g = {.text = p->text, .at = at};
    size_t n = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words && !n; i++)
        n = word_at(&g, 0, words[i]) ? strlen(words[i]) : 0;
    g.at += n;
    gap_blanks(&g);
    g.at += peek(&g, 0) == '=';
    gap_blanks(&g);
    bool procedure = at >= 6 && !memcmp(p->text.p + at - 6, "sp_add", 6); /* sp_addlogin 'a', 'b' */
    if (!n || (peek(&g, 0) != '(' && !procedure))
        return false;
    g.at += !procedure;
    struct value v = {0}, last = {0};
    unsigned count = 0;
    while (count < ARGUMENTS && next_argument(&g, &v)) {
        last = v;
        /* the second; of credentials the last */
        if (++count == 2 && ascii_lower(p->text.p[at]) != 'c')
            break;
        gap_blanks(&g);
        if (peek(&g, 0) != ',')
            break;
        g.at++;
    }
    if (count < 2)
        return false;
    secret_value(p, last.start, last.end, SECRET_A_PASSWORD, true);
    return true;
}

/* ---- what a command is given through a pipe ---- */

/* htpasswd -b[cBimd] FILE USER password: the fourth word, the third with -n. */
static bool htpasswd(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    gap_blanks(&g);
    size_t option = g.at;
    while (secret_alnum(peek(&g, 0)) || peek(&g, 0) == '-')
        g.at++;
    struct span letters = span_cut(p->text, option, g.at - option);
    if (letters.n < 2 || letters.p[0] != '-' || !memchr(letters.p, 'b', letters.n))
        return true;
    for (unsigned skip = memchr(letters.p, 'n', letters.n) ? 1 : 2; skip; skip--) {
        gap_blanks(&g);
        struct value v = gap_value(&g);
        if (v.end == v.start)
            return true;
        g.at = v.end + v.quoted;
    }
    gap_blanks(&g);
    argument(p, g.at, false);
    return true;
}

bool secret_piped(struct secret_pass *p, size_t at)
{
    static const char *const writers[] = {"echo ", "printf ", "<<< ", "<<<"};
    struct span t = p->text;
    struct gap g = {.text = t, .at = at};
    bool of_tool = at >= 2 && word_at(&g, 0, "passwd");
    bool pair = of_tool && !memcmp(t.p + at - 2, "ch", 2);
    if (of_tool && !memcmp(t.p + at - 2, "ht", 2))
        return htpasswd(p, at + 6);
    if (!pair && !word_at(&g, 0, "password-stdin") &&
        !(at >= 5 && word_at(&g, 0, "token") && !memcmp(t.p + at - 5, "with-", 5)))
        return false;
    size_t low = at > COMMAND_MAX ? at - COMMAND_MAX : 0, line = at;
    while (line > low && t.p[line - 1] != '\n')
        line--;
    for (g.at = line; g.at < at; g.at++)
        for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
            if (!word_at(&g, 0, writers[i]))
                continue;
            g.at += strlen(writers[i]);
            while (peek(&g, 0) == '-' || peek(&g, 0) == '%' ||
                   (quote(peek(&g, 0)) && peek(&g, 1) == '%')) /* -n, "%s\n" */
                g.at = span_find(span_cut(t, 0, at), g.at, ' ') + 1;
            if (g.at < at && peek(&g, 0) != '$')
                argument(p, g.at, pair);
            return true;
        }
    return true;
}

/* ---- creds: user / password ---- */

bool secret_pair(struct secret_pass *p, size_t at)
{
    static const char *const words[] = {"credentials", "creds", "logins", "login"};
    struct gap g = {.text = p->text, .at = at};
    size_t n = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words && !n; i++)
        n = word_at(&g, 0, words[i]) ? strlen(words[i]) : 0;
    if (!n || (at && secret_alnum(p->text.p[at - 1])))
        return false;
    g.at += n;
    g.name_at = at;
    size_t apart = gap_blanks(&g);
    if (apart && (word_at(&g, 0, "with ") || word_at(&g, 0, "as ")))
        g.at += word_at(&g, 0, "as ") ? 3 : 5;
    else if (!(apart && (gap_owner(&g) || gap_verb(&g))) && !gap_operator(&g))
        return false;
    gap_blanks(&g);
    size_t user = g.at;
    while (g.at - user < 60 && (name_byte(peek(&g, 0)) || peek(&g, 0) == '@'))
        g.at++;
    size_t blanks = g.at > user ? gap_blanks(&g) : 0;
    if (g.at == user || (peek(&g, 0) != '/' && peek(&g, 0) != ':') || peek(&g, 1) == '/')
        return false;
    g.at++;
    if (blanks != gap_blanks(&g))
        return false;
    g.prose = true;
    struct value v = gap_value(&g);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    bool digit = false, letter = false;
    for (size_t i = 0; i < s.n; i++) {
        digit |= secret_digit(s.p[i]);
        letter |= secret_alnum(s.p[i]) && !secret_digit(s.p[i]);
    }
    if (!digit || !letter)
        return false;
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

/* ---- a signed link ---- */

bool secret_signature(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    struct gap g = {.text = t, .at = at};
    size_t n = word_at(&g, 0, "signature=") ? 10 : word_at(&g, 0, "sig=") ? 4 : 0;
    if (at < 1 || !n || !memchr("&?;-", t.p[at - 1], 4))
        return false;
    size_t start = at + n, end = start;
    while (end < t.n && end - start < SECRET_VALUE_MAX &&
           (secret_alnum(t.p[end]) || (t.p[end] && strchr("%+/=-_", t.p[end]))))
        end++;
    if (end - start >= SIGNATURE_MIN && !secret_placeholder(span_cut(t, start, end - start)))
        secret_emit(p, start, end, SECRET_url_query, 0.85F);
    return true;
}

/* ---- a Kubernetes Secret ---- */

static size_t line_end(struct span t, size_t at)
{
    size_t most = t.n - at > LINE_MAX_BYTES ? at + LINE_MAX_BYTES : t.n;
    return span_find(span_cut(t, 0, most), at, '\n');
}

/* "key: |": the first line of what follows. */
static void block_value(struct secret_pass *p, size_t at)
{
    while (secret_byte(p->text, at) == ' ')
        at++;
    size_t end = line_end(p->text, at);
    struct span s = span_cut(p->text, at, end - at);
    if (s.n >= DATA_MIN && s.n <= SECRET_VALUE_MAX && !secret_placeholder(s))
        secret_emit(p, at, end, SECRET_generic_key, 0.8F);
}

/* The values of the indented lines from `at` to the end of their block. */
static void data_block(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    for (size_t i = at; i < t.n && i - at < DATA_MAX && (t.p[i] == ' ' || t.p[i] == '\n');) {
        size_t end = line_end(t, i);
        size_t colon = span_search(span_cut(t, 0, end), i, SPAN_LIT(": "));
        size_t from = i;
        while (from < end && t.p[from] == ' ')
            from++;
        if (colon < end && secret_byte(t, from) != '#') {
            struct gap g = {.text = t, .at = colon + 2};
            struct value v = gap_value(&g);
            struct span s = span_cut(t, v.start, v.end - v.start);
            if (s.n >= DATA_MIN && !secret_placeholder(s))
                secret_emit(p, v.start, v.end, SECRET_generic_key, 0.8F);
            else if (s.n == 1 && (s.p[0] == '|' || s.p[0] == '>') && end + 1 < t.n)
                block_value(p, end + 1);
        }
        i = end + 1;
    }
}

bool secret_kubernetes(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    size_t from = at, i;
    if (at < p->place_end)
        return false;
    if (from && quote(t.p[from - 1]))
        from--;
    if (from < 6 || memcmp(t.p + from - 6, "kind: ", 6) != 0 || (from > 6 && t.p[from - 7] != '\n'))
        return false;
    size_t low = from - 6 > DATA_BEHIND ? from - 6 - DATA_BEHIND : 0;
    size_t high = t.n - at > DATA_MAX ? at + DATA_MAX : t.n;
    for (i = from - 6; i > low && i >= 4; i--) /* not past the document's start */
        if (!memcmp(t.p + i - 4, "\n---", 4))
            low = i;
    for (i = low; i < high;) {
        size_t end = line_end(t, i);
        struct span line = span_cut(t, i, end - i);
        if (i > at && span_is(line, "---"))
            break;
        bool whole = i == 0 || t.p[i - 1] == '\n';
        if (whole && (span_is(line, "data:") || span_is(line, "stringData:")))
            data_block(p, end + 1);
        i = end + 1;
    }
    p->place_end = i;
    return true;
}
