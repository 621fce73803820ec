/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets behind a word and a colon whose word is too common, too foreign or too special to be an
 * anchor of its own: "wachtwoord:", "Cookie:", "jdbc:oracle:thin:", "WIFI:", "recovery codes:", and
 * the lines of a .pgpass. Called at colons, of which code and logs are full; nearly always the last
 * letter before the colon says no.
 */
#include "secret_gap_int.h"

enum { COOKIE_MAX = 4096, WIFI_MAX = 200, CODES_MAX = 16, CODES_BYTES = 400, FIELD_MAX = 100 };

/* Does `word` (lower case) end right before `at`? */
static bool ends_with(struct span t, size_t at, struct span word)
{
    size_t n = word.n;
    if (at < n)
        return false;
    while (n && ascii_lower(t.p[at - 1]) == word.p[n - 1]) {
        n--;
        at--;
    }
    return n == 0;
}

/* ---- a password's name in languages whose word is no anchor ---- */

static bool foreign_word(struct secret_pass *p, size_t colon)
{
    static const struct span words[] = {
        SPAN_LIT("losenord"),
        SPAN_LIT("haslo"),
        SPAN_LIT("heslo"),
        SPAN_LIT("adgangskode"),
        SPAN_LIT("lozinka"),
        SPAN_LIT("geslo"),
        SPAN_LIT("salasana"),
        SPAN_LIT("passord"),
        SPAN_LIT("kodeord"),
        SPAN_LIT("kata sandi"),
        SPAN_LIT("slaptazodis"),
        SPAN_LIT("m\xe1\xba\xadt kh\xe1\xba\xa9u"),
        SPAN_LIT(
            "\xd9\x83\xd9\x84\xd9\x85\xd8\xa9 \xd8\xa7\xd9\x84\xd9\x85\xd8\xb1\xd9\x88\xd8\xb1"),
        SPAN_LIT(
            "\xe0\xa4\xaa\xe0\xa4\xbe\xe0\xa4\xb8\xe0\xa4\xb5\xe0\xa4\xb0\xe0\xa5\x8d\xe0\xa4\xa1"),
        SPAN_LIT("\xce\xba\xcf\x89\xce\xb4\xce\xb9\xce\xba\xcf\x8c\xcf\x82"),
    };
    struct span t = p->text;
    uint8_t last = ascii_lower(t.p[colon - 1]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].p[words[i].n - 1] != last || !ends_with(t, colon, words[i]))
            continue;
        struct gap g = {.text = t, .at = colon + 1, .name_at = colon - words[i].n};
        struct value v = gap_value(&g);
        secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
        return true;
    }
    return false;
}

/* "chiave API: VALUE" */
static bool key_behind(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    struct value v = gap_value(&g);
    if (v.end - v.start >= 20)
        secret_value(p, v.start, v.end, (struct secret_named){.kind = NAME_WEAK}, v.quoted);
    return true;
}

/* ---- Cookie: a=b; c=d ---- */

/* A cookie that opens a session, by its name. */
static bool opens_session(struct span name)
{
    static const char *const words[] = {"sess", "sid", "auth", "token", "jwt", "login", "remember"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        for (size_t k = 0; k + n <= name.n; k++)
            if (span_eq_nocase(span_cut(name, k, n), span_str(words[i])))
                return true;
    }
    return false;
}

static bool cookies(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    size_t stop = t.n - at > COOKIE_MAX ? at + COOKIE_MAX : t.n;
    while (at < stop && (blank(t.p[at]) || quote(t.p[at])))
        at++;
    while (at < stop) {
        size_t name = at;
        while (at < stop && name_byte(t.p[at]))
            at++;
        struct span called = span_cut(t, name, at - name);
        if (!called.n || secret_byte(t, at) != '=')
            break;
        size_t from = ++at;
        while (at < stop && t.p[at] > ' ' && t.p[at] != ';' && !quote(t.p[at]) && t.p[at] != '\\')
            at++;
        struct span s = span_cut(t, from, at - from);
        if (s.n >= 16 && opens_session(called) && !secret_placeholder(s) &&
            (secret_hex(s) || secret_uuid(s) || secret_surprise(s) >= SECRET_RANDOM_LIKELY))
            secret_emit(p, from, at, SECRET_cookie, 0.8F);
        while (at < stop && (t.p[at] == ';' || t.p[at] == ' '))
            at++;
    }
    return true;
}

/* ---- user/password@, WIFI:…;P:password; ---- */

bool secret_slash_pair(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    size_t i = at;
    while (i - at < FIELD_MAX &&
           (secret_alnum(secret_byte(t, i)) || (secret_byte(t, i) && memchr("_$#.-", t.p[i], 5))))
        i++;
    if (i == at || secret_byte(t, i) != '/')
        return false;
    size_t from = i + 1, end = from;
    bool quoted = secret_byte(t, from) == '"';
    from += quoted;
    for (end = from; end < t.n && end - from < FIELD_MAX && t.p[end] > ' '; end++)
        if (t.p[end] == (quoted ? '"' : '@'))
            break;
    if (secret_byte(t, end + quoted) != '@' || end - from < 4)
        return false;
    secret_password(p, from, end, SECRET_url_password, 0.8F);
    return true;
}

static bool wifi(struct secret_pass *p, size_t at)
{
    struct span rest = span_cut(p->text, at, WIFI_MAX);
    size_t from = span_search(rest, 0, SPAN_LIT(";P:"));
    if (span_starts(rest, SPAN_LIT("P:")))
        from = 0;
    else if (from < rest.n)
        from++;
    else
        return false;
    from += 2;
    size_t end = from;
    while (end < rest.n && rest.p[end] != ';' && rest.p[end] != '\n')
        end += rest.p[end] == '\\' ? 2 : 1;
    if (end >= rest.n || rest.p[end] != ';')
        return false;
    secret_password(p, at + from, at + end, SECRET_password, 0.8F);
    return true;
}

/* "wifi: VALUE" */
static bool network_password(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at, .prose = true};
    struct value v = gap_value(&g);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    bool random = secret_opaque(s) && secret_surprise(s) >= SECRET_RANDOM_SURE;
    if (s.n < 8 || !(secret_spelled(s) || random))
        return false;
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

/* ---- net use \\host\share /user:NAME password ---- */

static bool network_drive(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    size_t low = at > 160 ? at - 160 : 0, line = at;
    while (line > low && t.p[line - 1] != '\n')
        line--;
    struct gap use = {.text = t, .at = line};
    while (use.at < at && !word_at(&use, 0, "net use "))
        use.at++;
    if (use.at >= at)
        return false;
    size_t name = at - 7, from; /* " /user": NET USE X: \\\\host\\share PASSWORD /user:NAME */
    for (from = name; from > line && t.p[from - 1] != ' ';)
        from--;
    if (name > from + 5 && t.p[from] != '\\' && t.p[from] != '/' && t.p[from] != '"')
        secret_value(p, from, name, SECRET_A_PASSWORD, false);
    struct gap g = {.text = t, .at = at};
    struct value user = gap_value(&g);
    g.at = user.end + user.quoted;
    if (user.end == user.start || gap_blanks(&g) == 0 || peek(&g, 0) == '/')
        return false;
    struct value v = gap_value(&g);
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

/* xfreerdp /u:bob /p:password; other tools' /p: is a property. */
static bool option_value(struct secret_pass *p, size_t at)
{
    size_t from = at > 160 ? at - 160 : 0;
    struct span before = span_cut(p->text, from, at - from);
    if (span_search(before, 0, SPAN_LIT("rdp")) >= before.n)
        return true;
    struct gap g = {.text = p->text, .at = at};
    struct value v = gap_value(&g);
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

/* "totp: BASE32" */
static bool one_time_key(struct secret_pass *p, size_t colon)
{
    enum { KEY_MIN = 16 };
    struct gap g = {.text = p->text, .at = colon + 1, .prose = true};
    if (!ends_with(p->text, colon, SPAN_LIT("otp")))
        return false;
    if (secret_pin(p, colon - 3, colon))
        return true;
    struct value v = gap_value(&g);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    for (size_t i = 0; i < s.n; i++)
        if ((uint8_t)(s.p[i] - 'A') > 25 && (uint8_t)(s.p[i] - '2') > 5)
            return true;
    if (s.n >= KEY_MIN && secret_surprise(s) >= SECRET_RANDOM_LIKELY && !secret_placeholder(s))
        secret_emit(p, v.start, v.end, SECRET_generic_key, 0.8F);
    return true;
}

/* ---- recovery codes: one or more codes, each on its own ---- */

/* "recovery codes", "backup code" right before the colon, or in its line where the codes stand
 * below it. */
static bool names_codes(struct span t, size_t colon)
{
    enum { LINE = 60, NAME = 14 };
    static const char *const kinds[] = {"recovery code", "backup code", "rescue code",
                                        "scratch code"};
    static const struct secret_words of = {.words = kinds,
                                           .n = sizeof kinds / sizeof *kinds,
                                           .apart = 1,
                                           .nocase = true,
                                           .next = {['r' & 31] = SECRET_BIT('e'),
                                                    ['b' & 31] = SECRET_BIT('a'),
                                                    ['s' & 31] = SECRET_BIT('c')}};
    bool ends = ends_with(t, colon, SPAN_LIT("code")) || ends_with(t, colon, SPAN_LIT("codes"));
    uint8_t behind = secret_byte(t, colon + 1);
    bool below = behind == '\n' || (behind == '\r' && secret_byte(t, colon + 2) == '\n');
    return (ends || below) && secret_holds(secret_line_before(t, colon, below ? LINE : NAME), &of);
}

static bool recovery_codes(struct secret_pass *p, size_t colon)
{
    struct span t = p->text;
    if (!names_codes(t, colon))
        return false;
    size_t at = colon + 1;
    for (unsigned n = 0; n < CODES_MAX && at - colon < CODES_BYTES; n++) {
        while (at < t.n && (t.p[at] <= ' ' || memchr(",;\"'`*[", t.p[at], 7) ||
                            (t.p[at] == '-' && secret_byte(t, at + 1) == ' ')))
            at++;
        size_t from = at;
        bool digit = false;
        while (at < t.n && at - from <= 40 && (secret_alnum(t.p[at]) || t.p[at] == '-'))
            digit |= secret_digit(t.p[at++]);
        struct span s = span_cut(t, from, at - from);
        if (s.n < 8 || s.n > 40 || !digit || secret_placeholder(s))
            break;
        secret_emit(p, from, at, SECRET_password, 0.75F);
    }
    return true;
}

/* ---- PuTTY's key file: Private-Lines: 1, then as many lines of base64 ---- */

static bool private_lines(struct secret_pass *p, size_t colon)
{
    enum { LINES_MAX = 6000 };
    struct span t = p->text;
    if (!ends_with(t, colon, SPAN_LIT("private-lines")))
        return false;
    size_t from = span_find(span_cut(t, 0, colon + 12), colon, '\n') + 1, end = from;
    while (end < t.n && end - from < LINES_MAX && t.p[end] != ':' && t.p[end] &&
           (secret_alnum(t.p[end]) || memchr("+/=\r\n", t.p[end], 5)))
        end++;
    while (end > from && end < t.n && t.p[end - 1] != '\n') /* Private-MAC: … */
        end--;
    while (end > from && t.p[end - 1] <= ' ')
        end--;
    if (from <= colon + 12 && end - from >= 40)
        secret_emit(p, from, end, SECRET_private_key, 0.9F);
    return true;
}

/* ---- host:port:database:user:password ---- */

/* A data base's usual port: "user:12345:…" may be any key. */
static bool served_at(struct span port)
{
    static const char *const ports[] = {"5432:", "5433:", "6432:", "5439:", "26257:"};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (span_starts(port, span_str(ports[i])))
            return true;
    return false;
}

void secret_at_pgpass(struct secret_pass *p, size_t colon)
{
    struct span t = p->text;
    size_t host = colon;
    bool named = served_at(span_cut(t, colon + 1, 6)) || ends_with(t, colon, SPAN_LIT("localhost"));
    while (host > 0 && colon - host < FIELD_MAX &&
           (name_byte(t.p[host - 1]) || t.p[host - 1] == '*')) {
        uint8_t c = t.p[--host];
        named |= c == '.' || c == '*';
    }
    if (!named || host == colon || (host > 0 && !quote(t.p[host - 1]) && t.p[host - 1] > ' '))
        return;
    size_t at = colon + 1, field = at;
    for (unsigned n = 0; n < 3; n++, at++) { /* port, database, user */
        for (field = at; name_byte(secret_byte(t, at)) || secret_byte(t, at) == '*'; at++)
            if (at - field == FIELD_MAX || (n == 0 && t.p[at] != '*' && !secret_digit(t.p[at])))
                return;
        if (at == field || secret_byte(t, at) != ':' || (n && secret_digit(t.p[field])))
            return;
    }
    size_t end = at;
    for (; end < t.n && end - at < SECRET_VALUE_MAX && t.p[end] > ' ' && !quote(t.p[end]); end++) {
        if (t.p[end] == ':')
            return;
        end += t.p[end] == '\\' && end + 1 < t.n;
    }
    if (end - at >= 6)
        secret_password(p, at, end < t.n ? end : t.n, SECRET_password, 0.8F);
}

/* ---- user:password@tcp(host:port)/name, user:password@host:port ---- */

/* "host:port", nothing of a path behind it. */
static bool host_and_port(struct span t, size_t at)
{
    enum { HOST_MAX = 100, PORT_MAX = 5 };
    size_t colon = at, end;
    while (colon - at < HOST_MAX && (secret_alnum(secret_byte(t, colon)) ||
                                     secret_byte(t, colon) == '.' || secret_byte(t, colon) == '-'))
        colon++;
    for (end = colon + 1; end - colon <= PORT_MAX && secret_digit(secret_byte(t, end)); end++)
        ;
    return colon > at && secret_byte(t, colon) == ':' && end - colon > 2 &&
           !secret_alnum(secret_byte(t, end));
}

/* 10.0.0.4: the first two numbers of an address. */
static bool of_address(struct span t, size_t at)
{
    size_t n = 0;
    while (n < 3 && secret_digit(secret_byte(t, at + n)))
        n++;
    return n && secret_byte(t, at + n) == '.' && secret_digit(secret_byte(t, at + n + 1)) &&
           memchr("0123456789.", secret_byte(t, at + n + 2), 11);
}

/* "register => user:password@host" of Asterisk, ":pserver:user:password@host" of CVS? */
static bool of_account(struct span t, size_t at)
{
    enum { BACK = 60 };
    size_t colon = at, low = at > BACK ? at - BACK : 0;
    while (colon > low && t.p[colon - 1] != ':' && t.p[colon - 1] > ' ')
        colon--;
    if (colon == low || t.p[colon - 1] != ':')
        return false; /* nearly always */
    struct span before = span_cut(t, low, colon - low);
    return span_search(before, 0, SPAN_LIT("register =>")) < before.n ||
           span_search(before, 0, SPAN_LIT(":pserver:")) < before.n;
}

static void user_before(struct secret_pass *p, size_t at, bool strong)
{
    enum { DSN_MAX = 120 };
    struct span t = p->text;
    size_t from = at, colon = at;
    while (from > 0 && at - from < DSN_MAX && t.p[from - 1] > ' ' && !quote(t.p[from - 1]) &&
           !span_ends(span_cut(t, 0, from), SPAN_LIT(":pserver:"))) {
        from--;
        colon = t.p[from] == ':' ? from : colon;
    }
    if (colon == at || colon == from)
        return;
    struct span s = span_cut(t, colon + 1, at - colon - 1);
    if (!strong || (secret_strong(s) && span_find(t, colon, '/') > at))
        secret_password(p, colon + 1, at, SECRET_url_password, 0.85F);
}

/* jane@mail.example / VALUE */
static void behind_slash(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at, .prose = true};
    if (!word_at(&g, 0, " / "))
        return;
    g.at += 3;
    struct value v = gap_value(&g);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    if (s.n >= 8 && secret_byte(p->text, v.end) <= ' ' &&
        (secret_spelled(s) || (secret_opaque(s) && secret_surprise(s) >= SECRET_RANDOM_LIKELY)))
        secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
}

/* ---- mail@host.tld:password, as in lists and postfix's sasl_passwd ---- */

void secret_at_mail(struct secret_pass *p, size_t at)
{
    enum { LOCAL_MAX = 64, HOST_MAX = 100 };
    struct span t = p->text;
    size_t from = at, i = at + 1, dot = 0;
    if (span_starts(span_from(t, i), SPAN_LIT("tcp(")) ||
        span_starts(span_from(t, i), SPAN_LIT("unix("))) {
        user_before(p, at, false);
        return;
    }
    if (host_and_port(t, i) || of_address(t, i)) {
        user_before(p, at, true);
        return;
    }
    for (; i < t.n && i - at < HOST_MAX && name_byte(t.p[i]) && t.p[i] != '_'; i++)
        dot = t.p[i] == '.' ? i : dot;
    if (dot && secret_byte(t, i) == ' ')
        behind_slash(p, i);
    if ((secret_byte(t, i) == '/' || secret_byte(t, i) == ':') && of_account(t, at)) {
        user_before(p, at, true);
        return;
    }
    if (secret_byte(t, i) != ':' || !dot || i - dot < 3 || secret_digit(t.p[dot + 1]))
        return;
    while (from > 0 && at - from < LOCAL_MAX && (name_byte(t.p[from - 1]) || t.p[from - 1] == '+'))
        from--;
    uint8_t before = from ? t.p[from - 1] : '\n';
    bool listed = before == ' ' && from > 1 && secret_digit(t.p[from - 2]); /* [host]:587 jan@… */
    if (from == at ||
        (before != '\n' && before != '\t' && before != ',' && !quote(before) && !listed))
        return;
    struct gap g = {.text = t, .at = i + 1};
    if (blank(peek(&g, 0)) || quote(peek(&g, 0)))
        return;
    struct value v = gap_value(&g);
    struct span s = span_cut(t, v.start, v.end - v.start);
    if (secret_strong(s) && secret_byte(t, v.end) <= ' ' && !span_starts(s, SPAN_LIT("~")))
        secret_value(p, v.start, v.end, SECRET_A_PASSWORD, false);
}

/* The letter before a word's last, by that: ASCII letters say no to nearly all colons. */
static bool may_end(struct span t, size_t colon)
{
#define BIT(c) ((uint32_t)1 << ((c)&31))
    static const uint32_t before[26] = {
        ['a' - 'a'] = BIT('k') | BIT('n'),            /* lozinka, salasana */
        ['d' - 'a'] = BIT('r'),                       /* losenord */
        ['e' - 'a'] = BIT('i') | BIT('s') | BIT('d'), /* cookie, phrase, code */
        ['i' - 'a'] = BIT('p') | BIT('f') | BIT('d'), /* api, wifi, kata sandi */
        ['n' - 'a'] = BIT('i'),                       /* :thin, admin, PIN */
        ['o' - 'a'] = BIT('l'),                       /* haslo */
        ['p' - 'a'] = BIT('/') | BIT('t'),            /* /p, totp */
        ['r' - 'a'] = BIT('e'),                       /* /user */
        ['s' - 'a'] = BIT('e') | BIT('i'),            /* codes, slaptazodis */
        ['u' - 'a'] = BIT(0xa9),                      /* of Vietnam's */
    };
    uint8_t last = (uint8_t)(ascii_lower(t.p[colon - 1]) - 'a');
    return last >= 26 || (colon > 1 && before[last] >> (t.p[colon - 2] & 31) & 1);
}

bool secret_at_label(struct secret_pass *p, size_t colon)
{
    struct span t = p->text;
    if (colon == 0 || !may_end(t, colon) ||
        (secret_byte(t, colon + 1) == '/' && secret_byte(t, colon + 2) == '/'))
        return false;
    if (quote(t.p[colon - 1]))
        return ends_with(t, colon - 1, SPAN_LIT("cookie")) && cookies(p, colon + 1);
    switch (t.p[colon - 1] | 0x20) {
    case 'e':
        if (ends_with(t, colon, SPAN_LIT("cookie")))
            return cookies(p, colon + 1);
        if (ends_with(t, colon, SPAN_LIT("phrase"))) {
            struct gap g = {.text = t, .at = colon, .name_at = colon - 6};
            secret_mnemonic(p, &g);
            return true;
        }
        return recovery_codes(p, colon) ||
               (ends_with(t, colon, SPAN_LIT("code")) && secret_pin(p, colon - 4, colon)) ||
               foreign_word(p, colon);
    case 'i':
        if (ends_with(t, colon, SPAN_LIT(" api")))
            return key_behind(p, colon + 1);
        return ends_with(t, colon, SPAN_LIT("wifi"))
                   ? wifi(p, colon + 1) || network_password(p, colon + 1)
                   : foreign_word(p, colon);
    case 'n':
        if (ends_with(t, colon, SPAN_LIT("admin")))
            return secret_default_login(p, colon);
        if (ends_with(t, colon, SPAN_LIT("pin")))
            return secret_pin(p, colon - 3, colon);
        return (ends_with(t, colon, SPAN_LIT(":thin")) || ends_with(t, colon, SPAN_LIT(":oci"))) &&
               secret_slash_pair(p, colon + 1);
    case 'p':
        return ends_with(t, colon, SPAN_LIT(" /p")) ? option_value(p, colon + 1)
                                                    : one_time_key(p, colon);
    case 'r':
        return ends_with(t, colon, SPAN_LIT(" /user")) && network_drive(p, colon + 1);
    case 's':
        return recovery_codes(p, colon) || private_lines(p, colon) || foreign_word(p, colon);
    default:
        return foreign_word(p, colon);
    }
}
