/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets whose place says what they are, not a name right before them: the data of a Kubernetes
 * Secret, "creds: user / password", the signature of a signed link. Called by
 * secret_word.c for the words that announce such a place.
 */
#include "secret_gap_int.h"

enum {
    DATA_MAX = 8192,
    DATA_BEHIND = 800, /* and the line that begins before */
    DATA_MIN = 12,
    SIGNATURE_MIN = 40,
    LINE_MAX_BYTES = 4096
};
_Static_assert(DATA_BEHIND + 100 <= SECRET_LOOK_BACK, "and the word itself");
_Static_assert(2 * (DATA_MAX + LINE_MAX_BYTES) <= SECRET_BLOCK_MAX, "a map, and a block in it");

/* ---- creds: user / password ---- */

/* "creds", "login data", "Zugangsdaten": how long, 0 for none. *told: nothing else is meant. */
static size_t pair_words(const struct gap *g, bool *told)
{
    static const struct {
        const char *word;
        bool told;
    } words[] = {{"credentials", true},  {"creds", true},        {"logindaten", true},
                 {"logins", false},      {"login", false},       {"log in", false},
                 {"sign in", false},     {"zugangsdaten", true}, {"zugang", false},
                 {"identifiants", true}, {"vpn", false}};
    static const char *const nouns[] = {" data", " details", " info"};
    size_t n = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words && !n; i++)
        if (word_at(g, 0, words[i].word)) {
            n = strlen(words[i].word);
            *told = words[i].told;
        }
    for (size_t i = 0; n && i < sizeof nouns / sizeof *nouns; i++)
        if (word_at(g, n, nouns[i])) {
            *told = true;
            return n + strlen(nouns[i]);
        }
    return n;
}

/* Passes what stands between user and password: '/' or ':' with as much before as behind, or blanks
 * alone, g->loose. */
static bool pair_sign(struct gap *g)
{
    static const char *const joins[] = {"and ", "with ", "using ", "password "};
    size_t blanks = gap_blanks(g);
    uint8_t c = peek(g, 0);
    for (size_t i = 0; blanks && i < sizeof joins / sizeof *joins; i++)
        g->at += word_at(g, 0, joins[i]) ? strlen(joins[i]) : 0;
    if (c != '/' && c != ':')
        return g->loose = blanks > 0;
    if (peek(g, 1) == '/')
        return false;
    g->at++;
    return gap_blanks(g) == blanks;
}

/* What a value must be like beside a user: the less is known of both, the more. */
static bool like_password(struct span s, bool told)
{
    return secret_spelled(s) || (told && (secret_numbered(s) || secret_dashed(s) ||
                                          secret_surprise(s) >= SECRET_RANDOM_LIKELY));
}

bool secret_pair(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at, .name_at = at};
    bool named = false;
    size_t n = pair_words(&g, &named);
    if (!n || (at && secret_alnum(p->text.p[at - 1])))
        return false;
    g.at += n;
    size_t blanks = gap_blanks(&g);
    bool told = true, sign = false, as = blanks && word_at(&g, 0, "as ");
    if (blanks && (word_at(&g, 0, "with ") || word_at(&g, 0, "as ") || word_at(&g, 0, "using ")))
        g.at = span_find(p->text, g.at, ' ') + 1;
    else if (!(blanks && (gap_owner(&g) || gap_verb(&g))))
        told = sign = gap_operator(&g);
    /* "admin creds root / VALUE", "login root / VALUE" */
    bool login = !told && ascii_lower(g.text.p[at]) == 'l';
    if (!told && (!blanks || (!login && !memchr("ci", g.text.p[at], 2))))
        return false;
    gap_blanks(&g);
    size_t user = g.at;
    while (g.at - user < 60 && (name_byte(peek(&g, 0)) || peek(&g, 0) == '@'))
        g.at++;
    bool mail = span_find(span_cut(p->text, 0, g.at), user, '@') < g.at;
    if (g.at == user || !pair_sign(&g))
        return false;
    g.prose = true;
    as = as && span_ends(span_cut(p->text, 0, g.at), SPAN_LIT("with "));
    struct value v = gap_value(&g);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    if (g.loose && !(named && sign) &&
        !(s.n >= 8 && (mail ? secret_strong(s) : (sign || told) && like_password(s, as))))
        return false;
    if ((!told || g.loose || g.text.p[at] == 'v' || g.text.p[at] == 'V') && !secret_strong(s))
        return false;
    if (login && !mail && !secret_spelled(s) && secret_surprise(s) < SECRET_RANDOM_LIKELY)
        return false;
    bool digit = false, letter = false;
    for (size_t i = 0; i < s.n; i++) {
        digit |= secret_digit(s.p[i]);
        letter |= secret_alnum(s.p[i]) && !secret_digit(s.p[i]);
    }
    if (!(digit && letter) && !secret_letters(s))
        return false;
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

/* ---- admin / password, admin:password ---- */

bool secret_default_user(struct span s)
{
    static const char *const users[] = {
        "admin",    "administrator", "root", "user", "guest", "elastic", "postgres", "test",
        "operator", "ubuntu",        "pi",   "sa",   "sysop", "support", "office"};
    for (size_t i = 0; i < sizeof users / sizeof *users; i++)
        if (span_is_nocase(s, users[i]))
            return true;
    return false;
}

/* Does the line speak of an account before `at`? A slash stands between much else. */
static bool of_login(struct span line)
{
    static const char *const words[] = {"login", "log in",  "logon", "default",
                                        "cred",  "account", "zugang"};
    static const struct secret_words of = {.words = words,
                                           .n = sizeof words / sizeof *words,
                                           .nocase = true,
                                           .apart = 1,
                                           .next = {['l' & 31] = SECRET_BIT('o'),
                                                    ['d' & 31] = SECRET_BIT('e'),
                                                    ['c' & 31] = SECRET_BIT('r'),
                                                    ['a' & 31] = SECRET_BIT('c'),
                                                    ['z' & 31] = SECRET_BIT('u')}};
    return secret_holds(line, &of);
}

/* Or of what one logs in to? Much else is said of that: "WiFi: 802.11ac / Bluetooth5". */
static bool of_network(struct span line)
{
    static const char *const words[] = {"wifi", "wi-fi", "wlan", "ssid", "vpn",
                                        "ilo",  "idrac", "ssh ", "rdp"};
    static const struct secret_words of = {.words = words,
                                           .n = sizeof words / sizeof *words,
                                           .nocase = true,
                                           .apart = 1,
                                           .next = {['w' & 31] = SECRET_BIT('i') | SECRET_BIT('l'),
                                                    ['s' & 31] = SECRET_BIT('s'),
                                                    ['v' & 31] = SECRET_BIT('p'),
                                                    ['i' & 31] = SECRET_BIT('l') | SECRET_BIT('d'),
                                                    ['r' & 31] = SECRET_BIT('d')}};
    return secret_holds(line, &of);
}

/* "user jane", "jane@10.1.1.4": is it a user who stands there? */
static bool named_user(struct span line, struct span user)
{
    size_t n = line.n < 5 ? line.n : 5;
    return span_find(user, 0, '@') < user.n ||
           span_eq_nocase(span_cut(line, line.n - n, n), SPAN_LIT("user "));
}

/* "user group / usergroup2024": another name. */
static bool made_of(struct span s, struct span user)
{
    for (size_t i = 0; i + user.n <= s.n; i++)
        if (span_eq_nocase(span_cut(s, i, user.n), user))
            return true;
    return false;
}

struct span secret_line_before(struct span t, size_t at, size_t most)
{
    size_t from = at;
    while (from > 0 && at - from < most && t.p[from - 1] != '\n')
        from--;
    return span_cut(t, from, at - from);
}

/* "ftp.lab.lan / user / X": does a host stand before the user? */
static bool of_host(struct span t, size_t from)
{
    enum { HOST_MAX = 60 };
    if (from < 5 || memcmp(t.p + from - 3, " / ", 3) != 0)
        return false;
    size_t i = from - 3;
    while (i && from - i < HOST_MAX && name_byte(t.p[i - 1]))
        i--;
    return span_find(span_cut(t, 0, from - 3), i, '.') < from - 3;
}

/* Is `user / value` all of its line? */
static bool whole_line(struct span t, size_t from, size_t end)
{
    return (!from || t.p[from - 1] == '\n') && (end >= t.n || memchr("\r\n", t.p[end], 2));
}

bool secret_default_login(struct secret_pass *p, size_t at)
{
    enum { USER_MAX = 48, LINE_BACK = 100 };
    struct span t = p->text;
    bool apart = t.p[at] == ' ', closed = at && quote(t.p[at - 1]);
    size_t end = at - closed, from = end;
    while (from > 0 && end - from < USER_MAX &&
           (name_byte(t.p[from - 1]) || (apart && t.p[from - 1] == '@')))
        from--;
    struct span user = span_cut(t, from, end - from);
    uint8_t before = from ? t.p[from - 1] : '\n';
    if (!user.n || !(before <= ' ' || quote(before) || before == '('))
        return false;
    struct gap g = {.text = t, .at = at + (apart ? 3 : 1), .prose = true};
    struct value v = gap_value(&g);
    struct span s = span_cut(t, v.start, v.end - v.start);
    uint8_t behind = secret_byte(t, v.end + v.quoted);
    if (s.n < 8 || (behind > ' ' && !memchr(",;.)", behind, 4)) || span_find(s, 0, '/') < s.n ||
        !secret_strong(s))
        return false;
    if (span_is(user, "foo") || span_is(user, "bar"))
        return false;
    struct span line = secret_line_before(t, from, LINE_BACK);
    bool login = apart && of_login(line), random = secret_surprise(s) >= SECRET_RANDOM_LIKELY;
    bool named = apart && named_user(line, user);
    bool place = login || named || (apart && (of_network(line) || of_host(t, from)));
    bool listed = closed && v.quoted && secret_spelled(s); /* `deploy` / `X`: both are literals */
    bool known = secret_default_user(user) || (apart && listed),
         lower = (uint8_t)(user.p[0] - 'a') < 26;
    bool told = known || login || (named && !made_of(s, user)) || (place && random);
    if (!(lower || place) || !like_password(s, told))
        return false;
    if (apart && !known && !place && !(random && whole_line(t, from - closed, v.end + v.quoted)))
        return false;
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

/* ---- u: user p: password ---- */

bool secret_user_and(struct secret_pass *p, size_t at)
{
    enum { USER_BACK = 40 };
    struct span t = p->text;
    struct gap g = {.text = t, .at = at + 1, .prose = true};
    if (!word_at(&g, 0, "p:"))
        return false;
    g.at += 2;
    size_t from = at;
    while (from && at - from < USER_BACK && t.p[from - 1] != '\n')
        from--;
    size_t user = span_search(span_cut(t, from, at - from), 0, SPAN_LIT("u:"));
    if (user >= at - from || (from + user && secret_alnum(t.p[from + user - 1])))
        return false;
    gap_blanks(&g);
    struct value v = gap_value(&g);
    struct span s = span_cut(t, v.start, v.end - v.start);
    if (!v.quoted && !secret_strong(s))
        return false;
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

/* ---- echo VALUE > secret-file ---- */

bool secret_written(struct secret_pass *p, size_t at)
{
    enum { PATH_MAX_BACK = 80 };
    static const char *const writers[] = {"echo ", "printf ", "echo -n "};
    struct span t = p->text;
    size_t path = at, end;
    while (path > 0 && at - path < PATH_MAX_BACK &&
           (name_byte(t.p[path - 1]) || memchr("/~$", t.p[path - 1], 3)))
        path--;
    end = path - (path > 0 && t.p[path - 1] == ' ');
    if (end < 8 || t.p[end - 1] != '>')
        return false;
    while (end > 0 && (t.p[end - 1] == '>' || t.p[end - 1] == ' '))
        end--;
    size_t low = at > SECRET_LOOK_BACK ? at - SECRET_LOOK_BACK : 0;
    for (size_t from = end; from > low && t.p[from - 1] != '\n'; from--) {
        struct gap g = {.text = t, .at = from - 1};
        uint8_t first = t.p[from - 1] | 0x20;
        if (first != 'e' && first != 'p') /* of echo and printf: lines are long */
            continue;
        for (size_t i = 0; i < sizeof writers / sizeof *writers; i++) {
            if (!word_at(&g, 0, writers[i]))
                continue;
            struct gap told = {.text = t, .at = g.at + strlen(writers[i])};
            struct value v = gap_value(&told);
            size_t name = at;
            while (name > path && t.p[name - 1] != '/')
                name--;
            if (v.end + v.quoted == end)
                secret_value(p, v.start, v.end, secret_name_of(span_cut(t, name, at + 5 - name)),
                             v.quoted);
            return true;
        }
    }
    return false;
}

/* ---- the key of a network ---- */

bool secret_network_key(struct span t, size_t at)
{
    enum { BACK = 100 };
    static const char *const words[] = {"ssid",   "wifi", "wi-fi",   "wlan",    "radius", "tacacs",
                                        "isakmp", "wpa",  "network", "option ", "type=f", "type=p"};
    size_t from = at;
    size_t line = at;
    while (line > 0 && at - line < BACK && blank(t.p[line - 1]))
        line--;
    bool alone = line && t.p[line - 1] == '\n'; /* a form: "SSID: x", "Key: VALUE" */
    while (from > 0 && at - from < BACK && (alone || t.p[from - 1] != '\n'))
        from--;
    static const struct secret_words of = {
        .words = words,
        .n = sizeof words / sizeof *words,
        .apart = 1,
        .nocase = true,
        .next = {['s' & 31] = SECRET_BIT('s'),
                 ['w' & 31] = SECRET_BIT('i') | SECRET_BIT('l') | SECRET_BIT('p'),
                 ['r' & 31] = SECRET_BIT('a'),
                 ['t' & 31] = SECRET_BIT('a') | SECRET_BIT('y'),
                 ['i' & 31] = SECRET_BIT('s'),
                 ['n' & 31] = SECRET_BIT('e'),
                 ['o' & 31] = SECRET_BIT('p')}};
    return secret_holds(span_cut(t, from, at - from), &of);
}

bool secret_of_device(struct span t, size_t at)
{
    struct span before = span_cut(t, 0, at);
    bool level = at > 3 && t.p[at - 1] == ' ' && secret_digit(t.p[at - 2]); /* privilege 15 */
    return level || span_ends(before, SPAN_LIT("enable "));
}

/* ---- a signed link ---- */

bool secret_signature(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    struct gap g = {.text = t, .at = at};
    if (at < 1 || !memchr("&?;-", t.p[at - 1], 4))
        return false;
    size_t n = word_at(&g, 0, "signature=") ? 10 : word_at(&g, 0, "sig=") ? 4 : 0;
    if (!n)
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
    size_t end = line_end(p->text, at);
    while (at < end && p->text.p[at] == ' ')
        at++;
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

/* ---- secrets: and a map of them ---- */

void secret_of_map(struct secret_pass *p, size_t at)
{
    enum { VALUE_MIN = 8, HEX_MIN = 32 };
    struct gap g = {.text = p->text, .at = at};
    gap_blanks(&g);
    struct value v = gap_value(&g);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    uint8_t first = secret_byte(s, 0);
    if (s.n < VALUE_MIN || secret_placeholder(s) || first == '.' || first == '/' || first == '$' ||
        first == '@')
        return;
    bool hex = secret_hex(s) && s.n >= HEX_MIN;
    if (hex || secret_spelled(s) || secret_numbered(s) ||
        (secret_opaque(s) && secret_surprise(s) >= SECRET_RANDOM_LIKELY))
        secret_emit(p, v.start, v.end, SECRET_generic_key, 0.8F);
}

/* "- source", "name": the entry of a compose file that says where a secret is, not what. */
static bool says_where(struct span key)
{
    static const char *const words[] = {"source", "target", "name", "file", "environment"};
    while (key.n && (*key.p == '-' || *key.p == ' '))
        key = span_from(key, 1);
    while (key.n && blank(key.p[key.n - 1]))
        key.n--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(key, words[i]))
            return true;
    return false;
}

/* Where the head of a map ends, "secrets:" or "[secrets]" at `at`, alone on its line; 0 when it is
 * none. *indent: what stands before it, by which the lines of YAML's are told. */
static size_t map_head(struct span t, size_t at, bool *table, size_t *indent)
{
    enum { WORD = 7, INDENT_MAX = 64 };
    size_t line = at, i = at + WORD;
    while (line > 0 && at - line < INDENT_MAX && (t.p[line - 1] == ' ' || t.p[line - 1] == '['))
        line--;
    *indent = at - line;
    *table = secret_byte(t, i) == ']';
    if ((line && t.p[line - 1] != '\n') || (!*table && secret_byte(t, i) != ':'))
        return 0;
    i++;
    i += secret_byte(t, i) == '\r';
    return secret_byte(t, i) == '\n' ? i : 0;
}

/* "secrets:", "[secrets]": the lines of its block, deeper ones or up to the next table. Empty lines
 * and comments end neither. */
static bool secrets_map(struct secret_pass *p, size_t at)
{
    struct span t = span_cut(p->text, 0, at + DATA_MAX);
    bool table;
    size_t indent, i = map_head(t, at, &table, &indent);
    if (!i)
        return false;
    while (i < t.n && t.p[i] == '\n') {
        size_t from = i + 1, end = line_end(t, from), first = from;
        while (first < end && t.p[first] == ' ')
            first++;
        bool empty = first == end || t.p[first] == '\r' || t.p[first] == '#';
        if (!empty && (table ? t.p[first] == '[' : first - from <= indent))
            break;
        size_t sign = span_find(span_cut(t, 0, end), first, table ? '=' : ':');
        if (!empty && sign + 1 < end && !says_where(span_cut(t, first, sign - first)))
            secret_of_map(p, sign + 1);
        i = end;
    }
    p->place_end = i > p->place_end ? i : p->place_end; /* linear time */
    return true;
}

bool secret_kubernetes(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    size_t from = at, i;
    if (at < p->place_end)
        return false;
    if (secret_byte(t, at + 6) == 's' && secrets_map(p, at))
        return true;
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

/* ---- {"kty":"…", …}: a JSON Web Key (RFC 7518) ---- */

/* Emit the value of the member whose name's quote stands at `at`, when that is a private one; where
 * it ends. */
static size_t private_member(struct secret_pass *p, size_t at)
{
    enum { MEMBER_MIN = 20 };
    static const char *const names[] = {"d", "k", "p", "q", "dp", "dq", "qi"};
    struct gap g = {.text = p->text, .at = at + 1, .need_quote = true};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        if (!word_at(&g, 0, names[i]) || secret_alnum(peek(&g, n)))
            continue;
        g.at += n;
        gap_closers(&g);
        gap_blanks(&g);
        if (!gap_operator(&g))
            return at;
        struct value v = gap_value(&g);
        struct span s = span_cut(p->text, v.start, v.end - v.start);
        if (s.n >= MEMBER_MIN && secret_surprise(s) >= SECRET_RANDOM_LIKELY &&
            !secret_placeholder(s))
            secret_emit(p, v.start, v.end, SECRET_generic_key, 0.85F);
        return v.end;
    }
    return at;
}

bool secret_jwk(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    size_t from = at, end = at, inner = 0;
    if (!at || t.p[at - 1] != '"' || at < p->jwk_end)
        return false;
    for (; from > p->jwk_end && at - from < DATA_BEHIND; from--) {
        uint8_t c = t.p[from - 1];
        if (c == '{' && !inner)
            break;
        inner += c == '}';
        inner -= c == '{';
    }
    for (inner = 0; end < t.n && end - at < DATA_MAX; end++) {
        uint8_t c = t.p[end];
        if (c == '}' && !inner)
            break;
        inner += c == '{';
        inner -= c == '}';
    }
    for (size_t i = from; i < end; i++)
        if (t.p[i] == '"')
            i = private_member(p, i);
    p->jwk_end = end;
    return true;
}
