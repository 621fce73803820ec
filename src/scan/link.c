/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mail addresses and links. A mail address is found at its '@' and read to both sides; a link at
 * its
 * "://" or "www.".
 */
#include "scan_int.h"

enum { LOCAL_MAX = 64, DOMAIN_MAX = 253, LINK_MAX = 2048, SCHEME_MAX = 12, USER_MAX = 256 };

/* What a local part may be made of; others of C_LOCAL are signs beside one, as text shows. */
static bool in_local(uint8_t c)
{
    static const bool beside[128] = {
        ['='] = true, ['`'] = true, ['|'] = true, ['{'] = true, ['}'] = true,
        ['*'] = true, ['?'] = true, ['%'] = true, ['\''] = true};
    return is(c, C_WORD | C_HIGH) || (is(c, C_LOCAL) && !beside[c]);
}

/* Where the local part begins; `at` when there is none. */
static size_t local_start(struct span t, size_t at)
{
    size_t s = at;
    while (s && at - s < LOCAL_MAX) {
        uint8_t c = t.p[s - 1];
        /* O'Brien@…: an apostrophe between letters. */
        bool apostrophe = c == '\'' && s >= 2 && is(t.p[s - 2], C_LETTER) && s < at;
        if (!in_local(c) && !apostrophe)
            break;
        if (c == '.' && at - s >= 2 && t.p[s] == '.' && t.p[s + 1] == '.')
            break; /* "E-mail.....anna@host" */
        s--;
    }
    /* In "…%2Cname%40host" and the like an escape's two digits are no part of the name. */
    if (s && t.p[s - 1] == '%' && at - s > 2)
        s += 2;
    while (s < at && (t.p[s] == '.' || t.p[s] == '\'' || t.p[s] == '-' || t.p[s] == '_' ||
                      t.p[s] == '&' || t.p[s] == '~' || t.p[s] == '#' || t.p[s] == '!' ||
                      t.p[s] == '$' || (t.p[s] & 0xC0) == 0x80))
        s++;
    if (at - s > 1 && s && t.p[s - 1] == '\\' && (t.p[s] == 'n' || t.p[s] == 't' || t.p[s] == 'r'))
        s++; /* an escape that was left undecoded */
    return s;
}

/* Where the domain ends; `at` when it has no dot or no letter in its last label. */
static size_t domain_end(struct span t, size_t at)
{
    size_t end = at;
    while (end < t.n && end - at < DOMAIN_MAX && is(t.p[end], C_HOST | C_HIGH)) {
        uint8_t c = t.p[end], before = end > at ? t.p[end - 1] : '.';
        if ((c == '-' && before == '.') || (c == '.' && (before == '.' || before == '-')))
            break;
        end++;
    }
    while (end > at && (t.p[end - 1] == '.' || t.p[end - 1] == '-'))
        end--;
    size_t label = end;
    while (label > at && t.p[label - 1] != '.')
        label--;
    if (label <= at + 1 || end - label < 2)
        return at;
    bool letters = true;
    for (size_t i = label; i < end; i++)
        letters = letters && is(t.p[i], C_LETTER | C_HIGH);
    return letters || (end - label > 4 && !memcmp(t.p + label, "xn--", 4)) ? end : at;
}

/* "logo@2x.png", "lib@1.2.js": what follows is a file. */
static bool file_like(struct span domain)
{
    static const char *const ends[] = {"png", "jpg", "jpeg", "gif", "svg", "webp", "css",
                                       "js",  "ts",  "json", "map", "tgz", "html"};
    size_t dot = domain.n;
    if (!dot || !is(domain.p[0], C_DIGIT))
        return false;
    while (dot && domain.p[dot - 1] != '.')
        dot--;
    if (dot < 2) /* a name and its dot */
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (span_is_nocase(span_from(domain, dot), ends[i]))
            return true;
    return false;
}

/* "scheme://user:pass@host": what stands before the '@' is a login, not a mailbox. A login ends
 * before the path: "https://host/users/ann@example.org" holds a mailbox. */
static bool link_user(struct span t, size_t start)
{
    size_t from = start > 80 ? start - 80 : 0;
    for (size_t i = start; i-- > from && t.p[i] > ' ';)
        if (t.p[i] == '/')
            return i >= 2 && t.p[i - 1] == '/' && t.p[i - 2] == ':';
    return false;
}

/* The same for a password that holds signs which no mailbox has. */
static bool link_password(struct span t, size_t start)
{
    bool colon = false;
    for (size_t i = start; i > 2 && start - i < USER_MAX; i--) {
        uint8_t c = t.p[i - 1];
        if (c == '/')
            return colon && t.p[i - 2] == '/' && t.p[i - 3] == ':';
        if (c <= ' ' || memchr("\"'<>?#,;", c, 8))
            return false;
        colon = colon || c == ':';
    }
    return false;
}

/* ---- unusual spellings of mail addresses ---- */

/* Behind "[203.0.113.7]" or "[IPv6:2001:db8::7]" at `at`; `at` when it is neither. */
static size_t literal_end(struct span t, size_t at)
{
    enum { IP6_MAX = 45 };
    if (peek(t, at) != '[')
        return at;
    size_t end = quad_end(t, at + 1);
    if (!end && span_eq_nocase(span_cut(t, at + 1, 5), SPAN_LIT("IPv6:")))
        for (end = at + 6; end - at < IP6_MAX && (is(peek(t, end), C_HEX) || peek(t, end) == ':');)
            end++;
    return end && peek(t, end) == ']' ? end + 1 : at;
}

/* Where the quoted local part begins whose closing quote stands before `at`; `at` for none. */
static size_t quoted_start(struct span t, size_t at)
{
    for (size_t i = at - 1; i && at - i < LOCAL_MAX && t.p[i - 1] >= ' '; i--)
        if (t.p[i - 1] == '"')
            return i < at - 1 && (i < 2 || !is(t.p[i - 2], C_WORD)) ? i - 1 : at;
    return at;
}

/* "user[at]mail[dot]com": how people say that they spell it so, nobody's address. */
static bool placeholder(struct span name)
{
    static const char *const words[] = {"user", "username", "name", "yourname", "you",   "someone",
                                        "me",   "email",    "mail", "address",  "person"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is_nocase(name, words[i]))
            return true;
    return false;
}

/* Blanks stand in the spelling: is it an address and no sentence? It stands alone (between line
 * ends, quotes or brackets), words around it say so, or the name, which ends at `name_end`, is more
 * than a word. */
static bool mail_likely(struct probe *p, size_t start, size_t name_end, size_t end)
{
    struct span t = p->text;
    uint8_t a = prev(t, start), b = peek(t, end);
    if ((!a || memchr("\n\"<(['*`", a, 8)) && (!b || memchr("\n\">)]'*`", b, 8)))
        return true;
    for (size_t i = start; i < name_end; i++)
        if (!is(t.p[i], C_LETTER))
            return true;
    return cues_tier(probe_cues(p, start, end), CUE_CONTACT) >= CUE_NEAR;
}

/* "name @ host.tld" */
static void mail_apart(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t start = local_start(t, at - 1), end = domain_end(t, at + 2);
    if (start < at - 1 && end > at + 2 && !is(prev(t, start), C_WORD) &&
        mail_likely(p, start, at - 1, end))
        scan_emit(p, ENTITY_EMAIL_ADDRESS, start, end, 1.5F, 0);
}

/* Where what stands at `at` says `word` ("at", "dot"), bare between blanks or in brackets: behind
 * it and a blank; `at` when it does not. */
static size_t said_end(struct span t, size_t at, const char *word)
{
    size_t n = strlen(word), i = at + (peek(t, at) == ' ');
    const char *open = "([{", *close = ")]}";
    uint8_t c = peek(t, i);
    const char *kind = c ? strchr(open, c) : NULL;
    if (kind)
        i++;
    else if (i == at)
        return at;
    if (!span_eq_nocase(span_cut(t, i, n), span_str(word)))
        return at;
    i += n;
    if (kind ? peek(t, i) != (uint8_t)close[kind - open] : peek(t, i) != ' ')
        return at;
    i++;
    return i + (kind && peek(t, i) == ' ');
}

static bool is_label(uint8_t c)
{
    return is(c, C_WORD | C_HIGH) || c == '-';
}

/* "host (dot) org", "host.example dot com" at `at`: its end, `at` when it is no domain. *dots: said
 * in words. */
static size_t spelt_domain_end(struct span t, size_t at, unsigned *dots)
{
    size_t end = at, label = at;
    unsigned joints = 0;
    *dots = 0;
    while (end - at < DOMAIN_MAX) {
        label = end;
        while (end - label < 63 && is_label(peek(t, end)))
            end++;
        size_t next = said_end(t, end, "dot");
        bool said = next > end;
        if (!said && peek(t, end) == '.' && is_label(peek(t, end + 1)))
            next = end + 1;
        if (end == label || next == end || !is_label(peek(t, next)))
            break;
        joints++;
        *dots += said;
        end = next;
    }
    bool letters = end >= label + 2;
    for (size_t i = label; i < end; i++)
        letters = letters && is(t.p[i], C_LETTER | C_HIGH);
    return letters && joints ? end : at;
}

/* The word in brackets at `at` says "at". */
static void mail_bracket_at(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t host = said_end(t, at, "at"), name = at - (prev(t, at) == ' ');
    unsigned dots;
    if (host == at || !name)
        return;
    size_t start = local_start(t, name), end = spelt_domain_end(t, host, &dots);
    if (start < name && end > host && !placeholder(span_cut(t, start, name - start)))
        scan_emit(p, ENTITY_EMAIL_ADDRESS, start, end, 3.0F, 0);
}

/* "name at host dot com": the word "dot" at `at`, between blanks, or in brackets. */
static void mail_words_at(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t host = at;
    while (host && at - host < 2 && t.p[host - 1] != 0 && strchr(" ([{", t.p[host - 1]))
        host--;
    if (host == at)
        return;
    size_t dot = host;
    while (host && at - host < 64 && (is_label(t.p[host - 1]) || t.p[host - 1] == '.'))
        host--;
    if (host == dot || host < 5 || !span_eq_nocase(span_cut(t, host - 4, 4), SPAN_LIT(" at ")))
        return;
    unsigned dots;
    size_t start = local_start(t, host - 4), end = spelt_domain_end(t, host, &dots);
    if (start < host - 4 && end > at && dots && mail_likely(p, start, host - 4, end))
        scan_emit(p, ENTITY_EMAIL_ADDRESS, start, end, 2.0F, 0);
}

void mail_spelt_at(struct probe *p, size_t at)
{
    if (!probe_wants(p, ENTITY_EMAIL_ADDRESS))
        return;
    if (ascii_lower(p->text.p[at]) == 'd')
        mail_words_at(p, at);
    else
        mail_bracket_at(p, at);
}

void mail_at(struct probe *p, size_t at, size_t width)
{
    struct span t = p->text;
    if (width == 1 && prev(t, at) == ' ' && peek(t, at + 1) == ' ') {
        mail_apart(p, at);
        return;
    }
    size_t start = prev(t, at) == '"' ? quoted_start(t, at) : local_start(t, at);
    size_t end = domain_end(t, at + width);
    if (end == at + width)
        end = literal_end(t, end);
    if (start == at || end == at + width || prev(t, at) == '.')
        return;
    size_t before = start;
    while (before && start - before < LOCAL_MAX && memchr("-._&~#!$'", t.p[before - 1], 9))
        before--;
    if (peek(t, end) == '@' || (before && t.p[before - 1] == '@'))
        return; /* a@b@c is no address */
    if (peek(t, end) == ':' && at - start == 3 && !memcmp(t.p + start, "git", 3) &&
        !is(peek(t, end + 1), C_DIGIT))
        return; /* scp-style address of a repository */
    if (file_like(span_cut(t, at + width, end - at - width)))
        return;
    if (start && (t.p[start - 1] == ':' || t.p[start - 1] == '/') && start >= 3 &&
        link_user(t, start))
        return;
    if (link_password(t, start))
        return;
    scan_emit(p, ENTITY_EMAIL_ADDRESS, start, end, 4.0F, 0);
}

/* ---- links ---- */

/* Where a link that begins before `at` ends: at a blank, quote or bracket, less what punctuates the
 * sentence around it. */
static size_t link_end(struct span t, size_t at)
{
    size_t end = at;
    int round = 0, square = 0;
    while (end < t.n && end - at < LINK_MAX && is(t.p[end], C_URL | C_HIGH)) {
        uint8_t c = t.p[end];
        round += (c == '(') - (c == ')');
        square += (c == '[') - (c == ']');
        if (round < 0 || square < 0 || c == '\'' || c == '*')
            break;
        end++;
    }
    while (end > at && strchr(".,;:!?'_~*", t.p[end - 1]) && t.p[end - 1])
        end--;
    return end;
}

/* Behind the '@' of "user:password@host" at `at`, which may hold signs that end a link; `at` when
 * there is none. */
static size_t user_end(struct span t, size_t at)
{
    static const bool ends[256] = {['/'] = true,  ['?'] = true, ['#'] = true, ['"'] = true,
                                   ['\''] = true, ['<'] = true, ['>'] = true};
    size_t end = at;
    for (size_t i = at; i < t.n && i - at < USER_MAX && t.p[i] > ' ' && !ends[t.p[i]]; i++)
        if (t.p[i] == '@')
            end = i + 1;
    return end;
}

static bool known_scheme(struct span s)
{
    /* by their first letter */
    static const char *const schemes[32][4] = {
        ['f' & 31] = {"ftp", "ftps", "file"},
        ['g' & 31] = {"git"},
        ['h' & 31] = {"https", "http"},
        ['l' & 31] = {"ldap"},
        ['r' & 31] = {"rtsp"},
        ['s' & 31] = {"sftp", "ssh", "smb"},
        ['w' & 31] = {"ws", "wss"},
    };
    for (const char *const *row = schemes[s.n ? s.p[0] & 31 : 0]; *row; row++)
        if (span_is_nocase(s, *row))
            return true;
    return false;
}

void link_at(struct probe *p, size_t at)
{
    struct span t = p->text;
    size_t start = at;
    while (start && at - start < SCHEME_MAX && is(t.p[start - 1], C_LETTER))
        start--;
    size_t host = at + 3;
    if (!probe_wants(p, ENTITY_URL) || !is(peek(t, host), C_WORD | C_HIGH) ||
        !known_scheme(span_cut(t, start, at - start)))
        return;
    size_t end = link_end(t, user_end(t, host));
    if (end < host + 3)
        return;
    scan_emit(p, ENTITY_URL, start, end, 2.5F, 0);
}

void www_at(struct probe *p, size_t at)
{
    struct span t = p->text;
    uint8_t before = prev(t, at);
    if (peek(t, at + 3) != '.' || is(before, C_WORD | C_HIGH) || before == '.' || before == '/' ||
        before == '-' || before == '@' || !probe_wants(p, ENTITY_URL))
        return;
    size_t end = link_end(t, at + 4);
    if (domain_end(t, at + 4) == at + 4)
        return;
    scan_emit(p, ENTITY_URL, at, end, 2.0F, 0);
}
