/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords that a call takes by place: login("user", "password"), getConnection(url, user,
 * "password"). A table names the functions and which argument it is; called by secret_word.c at the
 * words these names begin or end with.
 */
#include "secret_gap_int.h"

enum { ARGUMENTS = 6, ARGUMENT_MAX = 120, READ_MAX = 256, LAST = 0, ANY_KEY = 8, ANY = 9 };

struct function {
    const char *name; /* from the anchor to the parenthesis, in lower case */
    uint8_t place;    /* of the password, from 1; LAST; ANY behind the first that looks like one,
                         ANY_KEY with the first */
};
/* by their first letter */
static const struct function functions[32][10] = {
    ['a' & 31] = {{"auth", ANY},
                  {"auth_password", 3}, /* ssh2_… */
                  {"ap_bind", 3},       /* of LDAP */
                  {"ap_open", 3},       /* of IMAP */
                  {"aes.new", 1},
                  {"aes.encrypt", ANY},
                  {"aes.decrypt", ANY}},
    ['b' & 31] = {{"basic_auth", 2},
                  {"basic-auth", 2},
                  {"basicauth", 2},
                  {"basicauthcredentials", 2},
                  {"basiccredentials", 2},
                  {"basic", 2}},
    ['c' &
        31] = {{"credentials::new", 2}, {"credentials", LAST}, {"credential", 2}, {"cipheriv", 2}},
    ['f' & 31] = {{"fernet", 1}, {"ftp", 3}},
    ['h' & 31] = {{"hmac", 2}, {"hmac.new", ANY_KEY}, {"hash::make", 1}}, /* createHmac */
    ['j' & 31] = {{"jwt.sign", 2}, {"jwt.verify", 2}, {"jwt.encode", 2}, {"jwt.decode", 2}},
    ['l' & 31] = {{"login", ANY}, {"logininfo", ANY}},
    ['m' & 31] = {{"mysqli", 3},
                  {"mysqli_connect", 3},
                  {"mysql_connect", 3},
                  {"mysqli_real_connect", 4},
                  {"mysql_real_connect", 4}},
    ['n' & 31] = {{"nection", 3}, {"nect", ANY}}, /* getConnection, connect */
    ['p' & 31] = {{"pdo", 3},
                  {"pdo->__construct", 3},
                  {"password", ANY}, /* changeUserPassword */
                  {"password_hash", 1},
                  {"pw_set", 2}, /* username_pw_set of MQTT */
                  {"passwordauthentication", 2},
                  {"passwordcredential", 2},
                  {"passwordcredentials", 2},
                  {"passwordauthenticationtoken", 2}},
    ['s' & 31] = {{"signwith", ANY}},
    ['t' & 31] = {{"teuser", ANY}, {"teuserasync", ANY}}, /* createUser */
    ['w' & 31] = {{"wifi.begin", 2}},
};

/* jane@mail.example: a user's name, however many digits it has. */
static bool mail_address(struct span s)
{
    size_t at = span_find(s, 0, '@');
    return span_find(s, at, '.') < s.n;
}

/* Past one argument and the comma or bracket behind it: a literal, or a name of the program's. */
static bool next_argument(struct gap *g, struct value *v)
{
    while (blank(peek(g, 0)) || peek(g, 0) == '\n')
        g->at++;
    if (peek(g, 0) == '(') /* (ConvertTo-SecureString …) */
        g->at++;
    if (word_at(g, 0, "[]byte(")) /* Go */
        g->at += 7;
    if (peek(g, 0) == 'b' && quote(peek(g, 1))) /* Python */
        g->at++;
    g->need_quote = true;
    size_t from = g->at;
    *v = gap_value(g);
    bool empty = quote(peek(g, 0)) && peek(g, 1) == peek(g, 0);
    if (empty) {
        g->at += 2;
    } else if (v->quoted && v->end > v->start && v->end - v->start <= ARGUMENT_MAX) {
        g->at = v->end + 1;
    } else {
        *v = (struct value){from, from, false};
        if (peek(g, 0) == '{') { /* an object's fields */
            g->at = span_find(span_cut(g->text, 0, from + ARGUMENT_MAX), from, '}') + 1;
            gap_blanks(g);
            return true;
        }
        for (g->at = from; g->at - from < ARGUMENT_MAX; g->at++)
            if (!name_byte(peek(g, 0)) && (!peek(g, 0) || !memchr("$[]>:&", peek(g, 0), 6)))
                break;
        if (g->at == from)
            return false;
    }
    size_t n = 0; /* "x".toCharArray() */
    while (v->quoted && n < GAP_MAX && (name_byte(peek(g, n)) || (n && peek(g, n) == '(')))
        n++;
    g->at += n + (n && peek(g, n) == ')');
    gap_blanks(g);
    return true;
}

/* The row of the name that begins at the cursor and ends with its last byte; NULL for none. */
static const struct function *row_at(const struct gap *g)
{
    for (const struct function *f = functions[peek(g, 0) & 31]; f->name; f++)
        if (word_at(g, 0, f->name) && !name_byte(peek(g, strlen(f->name))))
            return f;
    return NULL;
}

/* The function's row, and the cursor behind its opening parenthesis; NULL for none. */
static const struct function *function_at(struct gap *g)
{
    const struct function *f = row_at(g);
    if (!f)
        return NULL;
    size_t whole = g->at;
    while (whole > 0 && name_byte(g->text.p[whole - 1]))
        whole--;
    if (peek(g, 0) == 'C' && span_starts(span_from(g->text, whole), SPAN_LIT("get")))
        return NULL; /* getCredential("name") */
    g->at += strlen(f->name);
    gap_blanks(g);
    bool sign = peek(g, 0) == '=';
    g->at += sign;
    gap_blanks(g);
    bool procedure = !sign && quote(peek(g, 0)); /* sp_addlogin 'a', 'b' */
    if (peek(g, 0) != '(' && !procedure)
        return NULL;
    g->at += !procedure;
    return f;
}

/* bind("cn=…, new DirectoryEntry(path, "cn=…: does the function that this is an argument of ask a
 * directory for somebody? */
static bool asks_directory(struct span t, size_t at)
{
    enum { BACK = 80, NAME_MAX = 40 };
    static const char *const words[] = {"bind", "auth", "login", "conn", "cred", "entry", "user"};
    static const struct secret_words of = {.words = words,
                                           .n = sizeof words / sizeof *words,
                                           .apart = 1,
                                           .nocase = true,
                                           .next = {['b' & 31] = SECRET_BIT('i'),
                                                    ['a' & 31] = SECRET_BIT('u'),
                                                    ['l' & 31] = SECRET_BIT('o'),
                                                    ['c' & 31] = SECRET_BIT('o') | SECRET_BIT('r'),
                                                    ['e' & 31] = SECRET_BIT('n'),
                                                    ['u' & 31] = SECRET_BIT('s')}};
    size_t open = at, low = at > BACK ? at - BACK : 0;
    while (open > low && t.p[open - 1] != '(')
        open--;
    if (open == low)
        return false;
    size_t from = --open;
    while (from && open - from < NAME_MAX && (secret_alnum(t.p[from - 1]) || t.p[from - 1] == '_'))
        from--;
    return secret_holds(span_cut(t, from, open - from), &of);
}

bool secret_directory(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    uint8_t sign = at ? t.p[at - 1] : 0;
    if (!quote(sign) || !asks_directory(t, at - 1))
        return false;
    struct gap g = {.text = t, .at = at - 1};
    struct value dn, v;
    if (!next_argument(&g, &dn) || peek(&g, 0) != ',')
        return false;
    g.at++;
    if (!next_argument(&g, &v) || !v.quoted || (peek(&g, 0) != ')' && peek(&g, 0) != ','))
        return false;
    struct span s = span_cut(t, v.start, v.end - v.start);
    if (span_find(s, 0, ',') < s.n || !secret_strong(s))
        return false; /* another name */
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, true);
    return true;
}

bool secret_char_array(struct secret_pass *p, size_t at)
{
    enum { LITERAL_MAX = 64, CALL_MAX = 100 };
    static const char *const calls[] = {".load(",   ".init(",        ".store(",     ".getkey(",
                                        "keyspec(", ".setkeyentry(", "protection(", ".getentry("};
    struct span t = p->text;
    struct gap g = {.text = t, .at = at};
    if (!word_at(&g, 0, "toCharArray") || at < 4 || t.p[at - 1] != '.' || t.p[at - 2] != '"')
        return false;
    size_t end = at - 2, from = end;
    while (from && end - from < LITERAL_MAX && t.p[from - 1] != '"' && t.p[from - 1] != '\n')
        from--;
    if (!from || t.p[from - 1] != '"' || !secret_strong(span_cut(t, from, end - from)))
        return false;
    size_t low = from > CALL_MAX ? from - CALL_MAX : 0;
    for (g.at = from; g.at > low && t.p[g.at - 1] != '\n' && t.p[g.at - 1] != ';'; g.at--)
        for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
            if (word_at(&g, 0, calls[i])) {
                secret_value(p, from, end, SECRET_A_PASSWORD, true);
                return true;
            }
    return false;
}

/* Reads the arguments at the cursor, which the function f takes. `method`: of an object. */
static bool read_call(struct secret_pass *p, struct gap g, const struct function *f, bool method)
{
    struct value v = {0}, last = {0};
    unsigned count = 0;
    while (count < ARGUMENTS && next_argument(&g, &v)) {
        count++;
        struct span s = span_cut(p->text, v.start, v.end - v.start);
        bool any = f->place == ANY_KEY ||
                   (f->place == ANY && (count > 1 || (method && peek(&g, 0) == ')')));
        bool fits = v.quoted && any && secret_strong(s) && !mail_address(s);
        if (f->place < ANY_KEY || fits)
            last = v;
        if (fits || count == f->place || peek(&g, 0) != ',')
            break;
        g.at++;
    }
    bool placed = f->place && f->place < ANY_KEY;
    if (!last.quoted || (placed && count != f->place) || (f->place == LAST && count < 2))
        return false;
    secret_value(p, last.start, last.end, SECRET_A_PASSWORD, true);
    return true;
}

bool secret_call(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    const struct function *f = function_at(&g);
    bool method = at && memchr(".:>", p->text.p[at - 1], 3); /* red:auth("x") */
    return f && read_call(p, g, f, method);
}

/* ---- from the argument ---- */

/* Functions that no anchor of their own has, by how their names end. */
static const struct function ended[] = {
    {"bcrypt.hash", 1},    {"bcrypt.hashsync", 1},    {"hashpw", 1},
    {"argon2.hash", 1},    {"make_password", 1},      {"generate_password_hash", 1},
    {"sendline", 1},       {"rfc2898derivebytes", 1}, {"pbkdf2", 1},
    {"pbkdf2sync", 1},     {"scryptsync", 1},         {"pbkdf2_hmac", 2},
    {"create_user", ANY},  {"create_superuser", ANY}, {"sequelize", 3},
    {"influxdbclient", 4}, {"pgp_sym_encrypt", 2},    {"pgp_sym_decrypt", 2},
    {"aes_encrypt", 2},    {"aes_decrypt", 2},        {"client", ANY},
    {"newclient", ANY},    {"cookieparser", 1}};

/* cookieSession({name: "x", keys: ["X"]}): is the list that the bracket at `at` opens of the keys
 * that sign a session? */
static bool session_keys(struct span t, size_t at)
{
    enum { BACK = 80 };
    size_t low = at > BACK ? at - BACK : 0;
    while (at && blank(t.p[at - 1]))
        at--;
    struct span before = span_cut(t, low, at - low);
    return span_ends(before, SPAN_LIT("keys:")) &&
           span_search(before, 0, SPAN_LIT("ession(")) < before.n;
}

/* The literals of such a list, from the one whose quote stands at `at` on. */
SECRET_RARE static void read_keys(struct secret_pass *p, size_t at)
{
    enum { KEYS_MAX = 8, HEX_MIN = 32 };
    struct gap g = {.text = p->text, .at = at, .need_quote = true};
    struct value v;
    for (unsigned n = 0; n < KEYS_MAX && next_argument(&g, &v) && v.quoted; n++) {
        struct span s = span_cut(p->text, v.start, v.end - v.start);
        if (secret_like_password(s) || (s.n >= HEX_MIN && secret_hex(s)))
            secret_value(p, v.start, v.end, secret_name_of(SPAN_LIT("secret")), true);
        if (peek(&g, 0) != ',')
            return;
        g.at++;
    }
}

/* Where the call's parenthesis stands before the argument at `at`; `at` for none. */
static size_t opening(struct span t, size_t at)
{
    enum { BACK = 120 };
    size_t low = at > BACK ? at - BACK : 0, inner = 0;
    for (size_t i = at; i > low; i--) {
        uint8_t c = t.p[i - 1];
        if (c == '(' && !inner)
            return i - 1;
        inner += c == ')';
        inner -= c == '(';
    }
    return at;
}

bool secret_call_argument(struct secret_pass *p, struct span s)
{
    struct span t = p->text;
    size_t quote_at = (size_t)(s.p - t.p) - 1, at = quote_at;
    at -= at && t.p[at - 1] == 'b'; /* Python */
    while (at && (blank(t.p[at - 1]) || t.p[at - 1] == '\n') && quote_at - at < GAP_MAX)
        at--;
    uint8_t before = at ? t.p[at - 1] : 0;
    if (before == '[' && session_keys(t, at - 1)) {
        read_keys(p, quote_at);
        return true;
    }
    size_t open = before == '(' ? at - 1 : before == ',' ? opening(t, at) : at;
    if (open == at || !open)
        return false;
    for (size_t i = 0; i < sizeof ended / sizeof *ended; i++) {
        size_t n = strlen(ended[i].name);
        if (open < n || (open > n && secret_alnum(t.p[open - n - 1])) ||
            !span_eq_nocase(span_cut(t, open - n, n), span_str(ended[i].name)))
            continue;
        struct gap g = {.text = span_cut(t, 0, quote_at + READ_MAX), .at = open + 1};
        return secret_like_password(s) && read_call(p, g, &ended[i], false);
    }
    return false;
}
