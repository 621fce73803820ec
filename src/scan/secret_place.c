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
    } else if (word_at(&g, 0, "login ") && takes_user(p->text, at)) {
        option(p, at + 5, "-p", false, true);
    } else {
        return false;
    }
    return true;
}

/* ---- a password's name in languages whose word is no anchor ---- */

bool secret_at_label(struct secret_pass *p, size_t colon)
{
    static const char *const words[] = {
        "wachtwoord",
        "l\xc3\xb6senord",
        "parola",
        "has\xc5\x82o",
        "heslo",
        "adgangskode",
        "salasana",
        "jelsz\xc3\xb3",
        "\xc5\x9fifre",
        "\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
        "\xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c",
        "\xe5\xaf\x86\xe7\xa0\x81",
        "\xe5\xaf\x86\xe7\xa2\xbc",
        "\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89",
        "\xeb\xb9\x84\xeb\xb0\x80\xeb\xb2\x88\xed\x98\xb8",
    };
    struct span t = p->text;
    if (secret_byte(t, colon + 1) == '/' && secret_byte(t, colon + 2) == '/')
        return false;
    if (colon >= 6 && (t.p[colon - 1] | 0x20) == 'e' &&
        span_eq_nocase(span_cut(t, colon - 6, 6), SPAN_LIT("phrase"))) {
        struct gap g = {.text = t, .at = colon, .name_at = colon - 6};
        secret_mnemonic(p, &g);
        return true;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (colon < n || ascii_lower(t.p[colon - 1]) != (uint8_t)words[i][n - 1] ||
            !span_eq_nocase(span_cut(t, colon - n, n), span_str(words[i])))
            continue;
        struct gap g = {.text = t, .at = colon + 1, .name_at = colon - n};
        struct value v = gap_value(&g);
        secret_value(p, v.start, v.end, (struct secret_named){NAME_PASSWORD, false, false},
                     v.quoted);
        return true;
    }
    return false;
}

/* ---- a call's second argument ---- */

bool secret_second_argument(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    if (word_at(&g, 0, "basic"))
        g.at += 5 + (peek(&g, 5) == '_' || peek(&g, 5) == '-');
    if (word_at(&g, 0, "auth"))
        g.at += 4;
    else if (word_at(&g, 0, "login"))
        g.at += 5;
    else
        return false;
    gap_blanks(&g);
    g.at += peek(&g, 0) == '=';
    gap_blanks(&g);
    if (peek(&g, 0) != '(' || !quote(peek(&g, 1)))
        return false;
    g.at++;
    struct value user = gap_value(&g);
    g.at = user.end + 1;
    if (user.end == user.start || user.end - user.start > 80 || peek(&g, 0) != ',')
        return false;
    g.at++;
    g.need_quote = true;
    struct value v = gap_value(&g);
    secret_value(p, v.start, v.end, (struct secret_named){NAME_PASSWORD, false, false}, true);
    return true;
}

/* ---- a signed link ---- */

bool secret_signature(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    if (at < 1 || (t.p[at - 1] != '&' && t.p[at - 1] != '?' && t.p[at - 1] != ';') ||
        secret_byte(t, at + 3) != '=')
        return false;
    size_t start = at + 4, end = start;
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
