/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and lines of settings whose secret is told by the words before it, not by a short
 * option: "net user NAME X", "snmp-server … version 2c X", "vault kv put PATH NAME=X", "on >X" of
 * Redis. Tables of what these tools' manuals say; called by secret_anchor.c at a word of each.
 */
#include "secret_gap_int.h"

/* ---- the word behind so many others ---- */

/* Commands whose secret is a word that is told by how many stand before it. */
static const struct {
    const char *words;
    unsigned before;
} placed[] = {{"snmp-server community ", 0}, {"net user ", 1},
              {"mc alias set ", 3},          {"mc config host add ", 3},
              {"rabbitmqctl add_user ", 1},  {"rabbitmqctl authenticate_user ", 1}};

static struct span word_there(struct gap g, bool *quoted)
{
    struct value v = gap_value(&g);
    *quoted = v.quoted;
    return span_cut(g.text, v.start, v.end - v.start);
}

/* Emit the word there when it can be a password: a command would be told nothing weaker. */
static bool strong_word(struct secret_pass *p, struct gap *g)
{
    bool quoted;
    struct span s = word_there(*g, &quoted);
    uint8_t first = secret_byte(s, 0);
    bool told = quoted || secret_strong(s);
    if (told && first != '$' && first != '-')
        secret_argument(p, g->at, 0);
    return told;
}

/* Past a word and the blanks behind it; false at the end of the line. */
static bool next_word(struct gap *g)
{
    struct value v = gap_value(g);
    if (v.end == v.start)
        return false;
    g->at = v.end + v.quoted;
    return gap_blanks(g) > 0;
}

static void nth_word(struct secret_pass *p, struct gap *g, unsigned before)
{
    gap_blanks(g);
    for (; before; before--)
        if (peek(g, 0) == '/' || !next_word(g))
            return;
    strong_word(p, g);
}

static bool placed_word(struct secret_pass *p, struct gap *g)
{
    uint8_t before = g->at ? p->text.p[g->at - 1] : ' ';
    for (size_t i = 0; i < sizeof placed / sizeof *placed; i++)
        if (word_at(g, 0, placed[i].words) && !secret_alnum(before)) {
            g->at += strlen(placed[i].words);
            nth_word(p, g, placed[i].before);
            return true;
        }
    return false;
}

/* Commands that no anchor of their own has, by how many words stand before the secret. */
static const struct {
    struct span words;
    unsigned before;
} late[] = {{SPAN_LIT("bw unlock "), 0},
            {SPAN_LIT("rclone obscure "), 0},
            {SPAN_LIT("qpdf --encrypt "), 0},
            {SPAN_LIT("bw login "), 1},
            {SPAN_LIT("radtest "), 1},
            {SPAN_LIT("wpa_passphrase "), 1},
            {SPAN_LIT("qpdf --encrypt "), 1},
            {SPAN_LIT("drush user:password "), 1},
            {SPAN_LIT("samba-tool user add "), 1},
            {SPAN_LIT("samba-tool user create "), 1},
            {SPAN_LIT("isql "), 2},
            {SPAN_LIT("mc alias set "), 2},
            {SPAN_LIT("mc admin user add "), 2},
            {SPAN_LIT("-setairportnetwork "), 2},
            {SPAN_LIT("radtest "), 4}};

/* Moves *end from behind a blank to behind the one before; false when a line begins there. */
static bool step_back(struct span t, size_t *end)
{
    if (*end == 0)
        return false;
    size_t at = *end - 1, low = at > COMMAND_MAX ? at - COMMAND_MAX : 0;
    while (at > low && t.p[at - 1] > ' ')
        at--;
    bool blank = at > low && at < *end - 1 && t.p[at - 1] == ' ';
    *end = at;
    return blank;
}

/* "jane * X *": a line of chap-secrets, not one of a program that multiplies. */
static bool of_chap(struct span t, size_t at, size_t end)
{
    if (at < 4 || memcmp(t.p + at - 3, " * ", 3) || secret_byte(t, end) != ' ' ||
        secret_byte(t, end + 1) != '*' || secret_byte(t, end + 2) > ' ' ||
        secret_byte(t, end + 2) == ' ')
        return false;
    size_t user = at - 2;
    return !step_back(t, &user) && (!user || t.p[user - 1] == '\n');
}

bool secret_command_word(struct secret_pass *p, struct span s, bool quoted)
{
    struct span t = p->text;
    size_t at = (size_t)(s.p - t.p) - quoted, end = at;
    bool told = of_chap(t, at, at + s.n + 2 * (size_t)quoted);
    unsigned n = 0;
    for (size_t i = 0; i < sizeof late / sizeof *late && !told; i++) {
        for (; n < late[i].before; n++)
            if (!step_back(t, &end))
                return false;
        struct span words = late[i].words;
        told = end >= words.n && t.p[end - 2] == words.p[words.n - 2] &&
               !memcmp(t.p + end - words.n, words.p, words.n);
    }
    if (!told || !secret_like_password(s))
        return false;
    secret_argument(p, at, 0);
    return true;
}

/* ConvertTo-SecureString [-String] X [-AsPlainText]: `g` behind "to-securestring ". */
static bool secure_string(struct secret_pass *p, struct gap *g)
{
    size_t stop = g->at + 48;
    while (peek(g, 0) == '-' && g->at < stop && next_word(g)) /* -String, -AsPlainText */
        ;
    return strong_word(p, g);
}

/* rootpw [--plaintext | --iscrypted] VALUE: `g` behind "otpw ". */
static void root_password(struct secret_pass *p, struct gap *g)
{
    size_t at = g->at;
    while (peek(g, 0) == '-' && g->at - at < GAP_MAX) {
        size_t blank = span_find(span_cut(p->text, 0, g->at + GAP_MAX), g->at, ' ');
        g->at = blank < p->text.n ? blank + 1 : blank;
    }
    secret_argument(p, g->at, 0);
}

/* sqlplus user/password@… */
static void oracle_login(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    for (; g.at - at < COMMAND_MAX && peek(&g, 0) > '\r'; g.at++)
        if (p->text.p[g.at - 1] == ' ' && secret_slash_pair(p, g.at))
            break;
    p->place_end = g.at;
}

/* expdp user/password: nothing need stand behind it. */
static void oracle_dump(struct secret_pass *p, struct gap *g)
{
    size_t from = g->at;
    while (g->at - from < GAP_MAX && name_byte(peek(g, 0)))
        g->at++;
    if (g->at == from || peek(g, 0) != '/')
        return;
    g->at++;
    struct value v = gap_value(g);
    v.end = span_find(span_cut(p->text, 0, v.end), v.start, '@');
    if (secret_strong(span_cut(p->text, v.start, v.end - v.start)))
        secret_password(p, v.start, v.end, SECRET_password, 0.8F);
}

/* ---- the word behind the name of a method ---- */

/* sha X, aes 128 X, version 2c X: the words of SNMP's users and hosts, up to the end of the line,
 * behind the cursor. */
static void method_words(struct secret_pass *p, struct gap *g)
{
    enum { LINE = 200 };
    static const char *const methods[] = {"md5 ",  "sha ",    "sha256 ",  "sha512 ",
                                          "aes ",  "aes128 ", "aes256 ",  "des ",
                                          "3des ", "2c ",     "SHA-256 ", "SHA-512 "};
    static const char *const bits[] = {"128 ", "192 ", "256 "};
    for (size_t stop = g->at + LINE; g->at < stop && peek(g, 0) > ' ';) {
        bool method = false;
        for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
            method |= word_at(g, 0, methods[i]);
        if (!next_word(g))
            return;
        for (size_t i = 0; method && i < sizeof bits / sizeof *bits; i++)
            g->at += word_at(g, 0, bits[i]) ? 4 : 0;
        if (method)
            strong_word(p, g);
    }
}

bool secret_command(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    if (at < p->place_end)
        return false;
    if (word_at(&g, 0, "sqlplus ")) {
        oracle_login(p, at + 8);
        return true;
    }
    if (word_at(&g, 0, "expdp ") || word_at(&g, 0, "impdp ")) {
        g.at += 6;
        oracle_dump(p, &g);
        return true;
    }
    if (placed_word(p, &g))
        return true;
    if (word_at(&g, 0, "snmp-server host ") || word_at(&g, 0, "snmp-server user ")) {
        g.at += 17;
        method_words(p, &g);
        return true;
    }
    if (word_at(&g, 0, "to-securestring ")) { /* PowerShell */
        g.at += 16;
        return secure_string(p, &g);
    }
    if (!word_at(&g, 0, "otpw "))
        return false;
    g.at += 5;
    root_password(p, &g);
    return true;
}

bool secret_snmp_user(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    if (!word_at(&g, 0, "teuser ")) /* createUser */
        return false;
    g.at += 7;
    method_words(p, &g);
    return true;
}

bool secret_db2(struct secret_pass *p, size_t at)
{
    static const char *const words[] = {"nect to ", "user ", "using "};
    struct gap g = {.text = p->text, .at = at};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if ((i && !next_word(&g)) || !word_at(&g, 0, words[i]))
            return false;
        g.at += strlen(words[i]);
    }
    return strong_word(p, &g);
}

/* ---- community strings ---- */

bool secret_community(struct secret_pass *p, size_t at)
{
    enum { BEFORE = 8 };
    static const char *const signs[] = {"string ", "string:", "is ", ": ", "= "};
    struct span t = p->text;
    struct gap g = {.text = t, .at = at};
    if (!word_at(&g, 0, "community"))
        return false;
    size_t low = at > BEFORE ? at - BEFORE : 0;
    struct span before = span_cut(t, low, at - low);
    bool told =
        before.n >= 2 && (span_ends(before, SPAN_LIT("ro")) || span_ends(before, SPAN_LIT("rw")));
    for (size_t i = 0; !told && i + 5 <= before.n; i++)
        told = span_eq_nocase(span_cut(before, i, 5), SPAN_LIT("snmp "));
    g.at += 9;
    told |= word_at(&g, 0, " string");
    if (!told)
        return false;
    gap_blanks(&g);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        g.at += word_at(&g, 0, signs[i]) ? strlen(signs[i]) : 0;
    gap_blanks(&g);
    g.prose = true;
    return !word_at(&g, 0, "snmp") && strong_word(p, &g); /* SNMPv2c */
}

/* ---- on >PASSWORD: a user of Redis ---- */

/* "user " at line.p[i]: of "ACL SETUSER", "--user", a line of users.acl, not of prose? */
static bool acl_user(struct span line, size_t i)
{
    uint8_t before = i ? ascii_lower(line.p[i - 1]) : 't';
    return memchr("t-\"'", before, 4) || !span_trim(span_cut(line, 0, i)).n;
}

bool secret_acl(struct secret_pass *p, size_t at)
{
    enum { LINE = 120 };
    struct span t = p->text;
    struct gap g = {.text = t, .at = at + 4};
    size_t from = at;
    if (!at || t.p[at - 1] != ' ' || ascii_lower(t.p[at]) != 'o')
        return false;
    while (from && at - from < LINE && t.p[from - 1] != '\n')
        from--;
    struct span line = span_cut(t, from, at - from);
    for (size_t i = 0; i + 5 < line.n; i++)
        if (span_eq_nocase(span_cut(line, i, 5), SPAN_LIT("user ")) && acl_user(line, i))
            return strong_word(p, &g);
    return false;
}

/* ---- /rp X ---- */

bool secret_slash_option(struct secret_pass *p, size_t at)
{
    static const struct {
        const char *tool, *option;
    } rows[] = {{"schtasks", " /rp "}, {"signtool", " /p "}};
    struct gap g = {.text = p->text, .at = at};
    size_t start = secret_command_start(p->text, at);
    struct span before = span_cut(p->text, start, at - start);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (word_at(&g, 0, rows[i].option) &&
            span_search(before, 0, span_str(rows[i].tool)) < before.n) {
            g.at += strlen(rows[i].option);
            return strong_word(p, &g);
        }
    return false;
}

/* ---- NAME=VALUE, as many as there are ---- */

/* A setting beside the secrets: region=eu-west-1. */
static bool plain_setting(struct span name)
{
    static const char *const words[] = {"env",  "environment", "region", "host", "hostname",
                                        "user", "username",    "port",   "url",  "db",
                                        "name", "version",     "email",  "zone", "database"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is_nocase(name, words[i]))
            return true;
    return false;
}

bool secret_named_values(struct secret_pass *p, size_t at)
{
    static const char *const heads[] = {"kv put ", "secrets set ", "secret generic "};
    struct span t = p->text;
    struct gap g = {.text = t, .at = at};
    size_t head = 0;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        head = word_at(&g, 0, heads[i]) ? strlen(heads[i]) : head;
    if (!head || at < p->place_end)
        return false;
    const size_t end = secret_command_end(t, at);
    for (g.at += head; g.at < end;) {
        static const char literal[] = "--from-literal=";
        gap_blanks(&g);
        g.at += word_at(&g, 0, literal) ? sizeof literal - 1 : 0;
        size_t from = g.at;
        bool option = peek(&g, 0) == '-'; /* --from-file=key=id_rsa */
        while (g.at < end && !option && (name_byte(peek(&g, 0)) || peek(&g, 0) == '/'))
            g.at++;
        if (!option && peek(&g, 0) == '=' && peek(&g, 1) != '`' &&
            !plain_setting(span_cut(t, from, g.at - from)))
            secret_of_map(p, g.at + 1);
        while (g.at < end && !blank(peek(&g, 0)))
            g.at++;
    }
    p->place_end = end; /* linear time */
    return false;       /* the name "secret" may announce more */
}

/* ---- hmac-sha256:NAME:VALUE ---- */

bool secret_tsig(struct secret_pass *p, size_t at)
{
    enum { NAME_MAX = 80 };
    struct gap g = {.text = p->text, .at = at};
    if (!word_at(&g, 0, "hmac-"))
        return false;
    for (unsigned signs = 0; signs < 2; g.at++) {
        uint8_t c = peek(&g, 0);
        if (g.at - at > NAME_MAX || (c != ':' && !name_byte(c)))
            return false;
        signs += c == ':';
    }
    struct value v = gap_value(&g);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    if (s.n < 16 || secret_surprise(s) < SECRET_RANDOM_LIKELY || secret_placeholder(s))
        return false;
    secret_emit(p, v.start, v.end, SECRET_generic_key, 0.85F);
    return true;
}

/* ---- <<< VALUE ---- */

bool secret_told_here(struct secret_pass *p, size_t at)
{
    static const char *const tools[] = {"cryptsetup", "passwd",     "kinit",      "realm join",
                                        "adcli",      "sudo -S",    "secret put", "env add",
                                        "login",      "secrets set"};
    static const char *const readers[] = {"grep", "awk", "sed ", "read "}; /* "login" is a word */
    struct span t = p->text;
    struct gap g = {.text = t, .at = at + 3};
    bool quoted;
    gap_blanks(&g);
    struct span s = word_there(g, &quoted);
    if (secret_byte(s, 0) == '<' || !(quoted || secret_strong(s)))
        return false; /* before the command is read: the sign may fill a text */
    size_t start = secret_command_start(t, at);
    struct span before = span_cut(t, start, at - start);
    if (span_search(before, 0, SPAN_LIT("chpasswd")) < before.n)
        return false; /* user:password (secret_piped) */
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (span_search(before, 0, span_str(readers[i])) < before.n)
            return false;
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        if (span_search(before, 0, span_str(tools[i])) < before.n)
            return strong_word(p, &g);
    return false;
}

/* ---- echo -e "X\nX" | smbpasswd -a NAME ---- */

/* The words of the string v, "\n" between them: each a password typed. */
static void typed(struct secret_pass *p, struct value v)
{
    struct span t = span_cut(p->text, 0, v.end);
    for (size_t from = v.start; from < v.end;) {
        size_t end = span_search(t, from, SPAN_LIT("\\n"));
        struct span s = span_cut(t, from, end - from);
        if (secret_strong(s) && span_find(s, 0, ' ') == s.n) /* else a message */
            secret_password(p, from, end, SECRET_password, 0.8F);
        from = end + 2;
    }
}

bool secret_typed_twice(struct secret_pass *p, size_t at)
{
    enum { VALUES = 3 };
    struct span t = p->text;
    size_t low = at > COMMAND_MAX ? at - COMMAND_MAX : 0, line = at;
    while (line > low && t.p[line - 1] != '\n')
        line--;
    struct gap g = {.text = t, .at = line};
    if (span_find(span_cut(t, line, at - line), 0, '|') == at - line)
        return false;
    while (g.at < at && t.p[g.at] != '|') {
        bool echo = word_at(&g, 0, "echo "), print = word_at(&g, 0, "printf ");
        g.at += echo ? 5 : print ? 7 : 1;
        for (unsigned n = 0; (echo || print) && n < VALUES && g.at < at; n++) {
            gap_blanks(&g);
            struct value v = gap_value(&g);
            if (v.end == v.start)
                break;
            if (peek(&g, 0) != '-' && t.p[v.start] != '%' && t.p[v.start] != '$')
                typed(p, v);
            g.at = v.end + v.quoted;
        }
    }
    return true;
}

/* ---- lines of two words in quotes ---- */

/* md5 and 32 hexadecimal digits, or a password: not a version, a UUID or another's digest. */
static bool like_listed(struct span s)
{
    if (s.n == 35 && span_starts(s, SPAN_LIT("md5")))
        return secret_hex(span_from(s, 3));
    size_t hex = 0;
    while (hex < s.n && (memchr("-.", s.p[hex], 2) || secret_hex(span_cut(s, hex, 1))))
        hex++;
    return hex < s.n && secret_strong(s) &&
           (secret_spelled(s) || secret_surprise(s) >= SECRET_RANDOM_LIKELY);
}

/* "user" "password", a line of pgbouncer's userlist.txt. */
bool secret_listed_user(struct secret_pass *p, size_t at)
{
    enum { USER_MAX = 40 };
    struct span t = p->text;
    size_t from = at;
    while (from && at - from < USER_MAX && name_byte(t.p[from - 1]))
        from--;
    if (from == at || !from || t.p[from - 1] != '"' || (from > 1 && t.p[from - 2] != '\n'))
        return false;
    struct gap g = {.text = t, .at = at + 2};
    struct value v = gap_value(&g);
    struct span s = span_cut(t, v.start, v.end - v.start);
    uint8_t behind = secret_byte(t, v.end + 1);
    if (!v.quoted || (behind && behind != '\n' && behind != '\r') || s.n < 8 || !like_listed(s))
        return false;
    secret_password(p, v.start, v.end, SECRET_password, 0.8F);
    return true;
}

/* ---- a key of a router's ---- */

bool secret_device_key(struct secret_pass *p, const struct gap *after, struct span name)
{
    enum { FILLERS = 3 };
    static const char *const names[] = {
        "message-digest-key", "authentication-key", "key-string", "pre-shared-key", "wpa-psk",
        "pre-share-key"};
    static const char *const fillers[] = {"md5 ",   "ascii ",  "ascii-text ",
                                          "local ", "remote ", "hmac-sha-256 "};
    struct gap g = *after;
    bool told = false;
    uint8_t last = name.n < 7 ? 0 : ascii_lower(name.p[name.n - 1]);
    if (last != 'y' && last != 'g' && last != 'k')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        told |= span_is_nocase(name, names[i]);
    if (!told)
        return false;
    gap_blanks(&g);
    for (unsigned n = 0; n < FILLERS; n++) {
        size_t digits = 0;
        while (secret_digit(peek(&g, digits)) && digits < 4)
            digits++;
        g.at += digits && peek(&g, digits) == ' ' ? digits + 1 : 0;
        for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++)
            g.at += word_at(&g, 0, fillers[i]) ? strlen(fillers[i]) : 0;
    }
    return strong_word(p, &g);
}
