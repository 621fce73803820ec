/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets that a command line gives to a short option: -p is a port to one tool, a path to another
 * and a password to a third. The anchor is the option (" -p"), which other texts hardly hold; then
 * the tool is looked for before it on the line. Where a user is named as well (-u NAME -p X), or
 * the value is user:password, any tool will do. Long options (--password=…) are names like any
 * other. Called by secret_word.c.
 */
#include "secret_gap_int.h"

/* How an option gives its value. */
enum how {
    APART = 1,   /* -p value */
    GLUED = 2,   /* -pvalue */
    PERCENT = 4, /* domain\\user%value */
    COMMA = 8,   /* user,value */
    PAIR = 16,   /* user:value */
};

static const struct tool {
    const char *name; /* "" any */
    char flag;
    uint8_t how;
} tools[] = {
    {"sshpass", 'p', APART | GLUED},
    {"mysql", 'p', GLUED},
    {"mariadb", 'p', GLUED},
    {"7z", 'p', GLUED},
    {"7za", 'p', GLUED},
    {"rar", 'p', GLUED},
    {"unrar", 'p', GLUED},
    {"redis-cli", 'a', APART},
    {"ldap", 'w', APART | GLUED},
    {"ldappasswd", 's', APART | GLUED},
    {"snmp", 'c', APART},
    {"snmp", 'A', APART},
    {"snmp", 'X', APART},
    {"ipmi", 'P', APART},
    {"p4", 'P', APART},
    {"gem push", 'k', APART},
    {"zip", 'P', APART | GLUED},
    {"unzip", 'P', APART | GLUED},
    {"openssl", 'k', APART},
    {"sqlcmd", 'P', APART | GLUED},
    {"tsql", 'P', APART},
    {"isql", 'P', APART},
    {"osql", 'P', APART},
    {"bcp", 'P', APART | GLUED},
    {"mosquitto_", 'P', APART},
    {"security", 'w', APART},
    {"security", 'p', APART},
    {"security", 'P', APART},
    {"certutil", 'p', APART},
    {"transmission-remote", 'n', APART | PAIR},
    {"ssh-keygen", 'N', APART},
    {"ssh-keygen", 'P', APART},
    {"lftp", 'u', APART | COMMA},
    {"http", 'a', APART | PAIR},
    {"xh", 'a', APART | PAIR},
    {"", 'U', APART | PERCENT},
    {"", 'u', APART | PAIR},
    {"curl", 'U', APART | PAIR},
};

/* The word at `at`, behind `sign` where that parts user and password: empty when there is none. */
static struct value operand(struct span t, size_t at, uint8_t sign, struct span *user)
{
    struct gap g = {.text = t, .at = at};
    struct value v = gap_value(&g), none = {at, at, false};
    *user = SPAN_NONE;
    if (!sign)
        return v;
    size_t part = span_find(span_cut(t, 0, v.end + 1), v.start, sign);
    if (part > v.end || part >= t.n)
        return none;
    *user = span_cut(t, v.start, part - v.start);
    if (part == v.end) { /* a comma ends a bare value */
        g.at = part + 1;
        v.end = gap_value(&g).end;
    }
    v.start = part + 1;
    return v;
}

void secret_argument(struct secret_pass *p, size_t at, uint8_t sign)
{
    struct span user;
    struct value v = operand(p->text, at, sign, &user);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    if (s.n < 6 || s.p[0] == '-')
        return;
    size_t hash = secret_crypt(s);
    if (hash)
        secret_emit(p, v.start, v.start + hash, SECRET_password_hash, 0.75F);
    else
        secret_password(p, v.start, v.end, SECRET_password, 0.8F);
}

static bool parts_commands(uint8_t c)
{
    return c == '|' || c == ';' || c == '&';
}

size_t secret_command_start(struct span t, size_t at)
{
    size_t i = at, low = at > COMMAND_MAX ? at - COMMAND_MAX : 0;
    while (i > low && t.p[i - 1] != '\n' &&
           !(parts_commands(t.p[i - 1]) && secret_byte(t, i) == ' '))
        i--;
    return i;
}

size_t secret_command_end(struct span t, size_t at)
{
    size_t i = at;
    while (i < t.n && i - at < COMMAND_MAX && t.p[i] != '\n' &&
           !(parts_commands(t.p[i]) && t.p[i - 1] == ' '))
        i++;
    return i;
}

/* Does a word of `before` begin with `name`? */
static bool names_tool(struct span before, const char *name)
{
    struct span word = span_str(name);
    if (!word.n)
        return true;
    for (size_t i = 0; (i = span_search(before, i, word)) < before.n; i++)
        if (i == 0 || !secret_alnum(before.p[i - 1]))
            return true;
    return false;
}

/* "-u NAME", "--username NAME" or the word "login" in the command: its -p is a password. */
static bool names_user(struct span command)
{
    static const char *const ways[] = {" -u ", " -U ", " --user", " -l ", "login ", "useradd "};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (span_search(command, 0, span_str(ways[i])) < command.n)
            return true;
    return false;
}

/* The value at `at` when nothing but the form of the command speaks for it. */
static bool strong_at(struct secret_pass *p, size_t at, uint8_t sign)
{
    struct span user;
    struct value v = operand(p->text, at, sign, &user);
    struct span s = span_cut(p->text, v.start, v.end - v.start);
    return secret_strong(s) && secret_byte(s, 0) != '-' && !span_eq(s, user);
}

/* Long or short, the value of a user option: user:password. */
static bool user_option(struct secret_pass *p, size_t at)
{
    static const char *const options[] = {"-user ", "-user=", "-proxy-user ", "-proxy-user="};
    struct gap g = {.text = p->text, .at = at + 2};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (word_at(&g, 0, options[i])) {
            size_t value = g.at + strlen(options[i]);
            if (strong_at(p, value, ':'))
                secret_argument(p, value, ':');
            return true;
        }
    return false;
}

/* az keyvault secret set … --value VALUE */
static bool secret_store(struct secret_pass *p, size_t at)
{
    static const char *const stores[] = {"secret set", "secret create", "securestring"};
    static const struct secret_words of = {.words = stores,
                                           .n = sizeof stores / sizeof *stores,
                                           .apart = 1,
                                           .nocase = true,
                                           .next = {['s' & 31] = SECRET_BIT('e')}};
    struct gap g = {.text = p->text, .at = at + 3};
    size_t from = secret_command_start(p->text, at);
    if (!(word_at(&g, 0, "value ") || word_at(&g, 0, "value=")) ||
        !secret_holds(span_cut(p->text, from, at - from), &of))
        return false;
    secret_argument(p, at + 9, 0);
    return true;
}

static bool fits(const struct tool *tool, uint8_t flag, bool apart)
{
    return (uint8_t)tool->flag == flag && tool->how & (apart ? APART : GLUED);
}

/* COMMAND <<< VALUE, behind `at` in the command. */
static bool here_string(struct secret_pass *p, size_t at, uint8_t sign)
{
    struct span rest = span_cut(p->text, at, secret_command_end(p->text, at + 1) - at);
    size_t here = span_search(rest, 0, SPAN_LIT("<<<"));
    if (here < rest.n)
        secret_argument(p, at + here + 3, sign);
    return here < rest.n;
}

/* curl -sSLu user:password, options of one letter written together. */
static bool cluster(struct secret_pass *p, size_t at, size_t start)
{
    enum { LETTERS_MAX = 6 };
    struct span t = p->text;
    size_t end = at + 2;
    while (end - at < LETTERS_MAX + 2 && secret_alnum(secret_byte(t, end)))
        end++;
    if (end < at + 4 || t.p[end - 1] != 'u' || secret_byte(t, end) != ' ' ||
        !names_tool(span_cut(t, start, at - start), "curl") || !strong_at(p, end + 1, ':'))
        return false;
    secret_argument(p, end + 1, ':');
    return true;
}

bool secret_option(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    if (t.n - at < 6 || t.p[at] != ' ' || t.p[at + 1] != '-')
        return false;
    uint8_t flag = t.p[at + 2];
    if (flag == '-')
        return user_option(p, at) || secret_store(p, at);
    if (flag == 'h') { /* rar -hpVALUE: the names of the files, too */
        size_t line = t.p[at + 3] == 'p' ? secret_command_start(t, at) : at;
        if (line < at && names_tool(span_cut(t, line, at - line), "rar"))
            secret_argument(p, at + 4, 0);
        return true;
    }
    if (flag == 'W' && here_string(p, at, 0)) /* psql -W <<< VALUE */
        return true;
    if (flag == 'S' && at >= 4 && !memcmp(t.p + at - 4, "sudo", 4))
        return secret_piped(p, at);
    if (!memcmp(t.p + at, " -pw ", 5) || !memcmp(t.p + at, " -xp ", 5)) { /* plink; sendemail */
        if (strong_at(p, at + 5, 0))
            secret_argument(p, at + 5, 0);
        return true;
    }
    size_t start = secret_command_start(t, at);
    if (cluster(p, at, start))
        return true;
    bool apart = t.p[at + 3] == ' ';
    size_t value = at + 3;
    while (apart && secret_byte(t, value) == ' ' && value - at < 6)
        value++;
    struct span before = span_cut(t, start, at - start);
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++) {
        const struct tool *tool = &tools[i];
        uint8_t sign = tool->how & PERCENT ? '%'
                       : tool->how & COMMA ? ','
                       : tool->how & PAIR  ? ':'
                                           : 0;
        if (!fits(tool, flag, apart) || !names_tool(before, tool->name) ||
            (!tool->name[0] && !strong_at(p, value, sign)))
            continue;
        secret_argument(p, value, sign);
        return true;
    }
    bool colon = flag == 'p' && t.p[at + 3] == ':'; /* winrs -u:bob -p:VALUE */
    if ((colon || (apart && (flag == 'p' || flag == 'P'))) && strong_at(p, value + colon, 0)) {
        struct span whole = span_cut(t, start, secret_command_end(t, at + 1) - start);
        if (colon ? span_search(whole, 0, SPAN_LIT(" -u:")) < whole.n : names_user(whole))
            secret_argument(p, value + colon, 0);
    }
    return true;
}

bool secret_prompt(struct secret_pass *p, size_t at)
{
    enum { LINE_BACK = 60, ANSWER = 60 };
    struct span t = p->text;
    size_t line = at, end = at, low = at > LINE_BACK ? at - LINE_BACK : 0;
    if (span_find(span_cut(t, low, at - low), 0, 'x') == at - low)
        return false; /* no "expect ", nearly always */
    while (line > low && t.p[line - 1] != '\n')
        line--;
    if (span_search(span_cut(t, line, at - line), 0, SPAN_LIT("expect ")) >= at - line)
        return false;
    while (end < t.n && end - at < ANSWER && t.p[end] != '\n')
        end++;
    size_t send = span_search(span_cut(t, at, end + ANSWER - at), 0, SPAN_LIT("send "));
    struct gap g = {.text = t, .at = at + send + 5, .need_quote = true};
    if (word_at(&g, 0, "-- "))
        g.at += 3;
    struct value v = gap_value(&g);
    if (!v.quoted || v.end - v.start < 8 || t.p[v.end - 2] != '\\' ||
        !memchr("rn", t.p[v.end - 1], 2))
        return false;
    secret_password(p, v.start, v.end - 2, SECRET_password, 0.8F);
    return true;
}

/* ---- what a command is given through a pipe ---- */

/* htpasswd -b [-cBimd] [-C COST] FILE USER password; without FILE behind -n. */
static bool htpasswd(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    bool batch = false, shown = false, cost = false;
    size_t stop = at + COMMAND_MAX;
    for (unsigned place = 1;;) {
        gap_blanks(&g);
        if (g.at >= stop)
            return true;
        if (peek(&g, 0) == '-') {
            for (g.at++; secret_alnum(peek(&g, 0)) && g.at < stop; g.at++) {
                batch |= peek(&g, 0) == 'b';
                shown |= peek(&g, 0) == 'n';
                cost = peek(&g, 0) == 'C';
            }
            continue;
        }
        if (place == (shown ? 2 : 3))
            break;
        struct value v = gap_value(&g);
        if (v.end == v.start)
            return true;
        g.at = v.end + v.quoted;
        place += !cost;
        cost = false;
    }
    if (batch)
        secret_argument(p, g.at, 0);
    return true;
}

bool secret_here_string(struct secret_pass *p, size_t at)
{
    struct span rest = span_cut(p->text, at, COMMAND_MAX);
    size_t sign = span_find(rest, 0, '<');
    if (sign + 4 >= rest.n || rest.p[sign + 1] != '<' || rest.p[sign + 2] != '<' ||
        span_find(rest, 0, '\n') < sign || !strong_at(p, at + sign + 3, 0))
        return false;
    return here_string(p, at, 0);
}

/* chpasswd <<EOF, and cloud-init's "chpasswd:": lines of user:password behind that of `at`. */
static bool listed_users(struct secret_pass *p, size_t at)
{
    enum { LINES = 16, USER_MAX = 32 };
    struct span t = p->text;
    size_t sign = at + 6, i = at;
    while (sign - at < COMMAND_MAX && blank(secret_byte(t, sign)))
        sign++;
    if (secret_byte(t, sign) != ':' &&
        (secret_byte(t, sign) != '<' || secret_byte(t, sign + 2) == '<'))
        return false;
    for (unsigned n = 0; n < LINES && at >= p->place_end; n++) {
        size_t line = span_find(span_cut(t, 0, i + COMMAND_MAX), i, '\n');
        if (secret_byte(t, line) != '\n')
            break;
        i = line + 1;
        while (i - line < COMMAND_MAX && (blank(secret_byte(t, i)) || secret_byte(t, i) == '-'))
            i++;
        size_t colon = i;
        while (colon - i < USER_MAX && name_byte(secret_byte(t, colon)))
            colon++;
        uint8_t after = secret_byte(t, colon + 1);
        if (colon > i && secret_byte(t, colon) == ':' && after > ' ')
            secret_argument(p, colon + 1, 0);
        else if (colon == i || after == '\n')
            break;
    }
    p->place_end = i > p->place_end ? i : p->place_end; /* linear time */
    return true;
}

/* openssl passwd [-6] [-salt X] VALUE: `at` behind "passwd". */
static bool hashed(struct secret_pass *p, size_t at)
{
    struct gap g = {.text = p->text, .at = at};
    size_t stop = at + COMMAND_MAX;
    while (gap_blanks(&g) && g.at < stop && peek(&g, 0) == '-') {
        if (word_at(&g, 0, "-stdin") || word_at(&g, 0, "-in "))
            return true;
        g.at += word_at(&g, 0, "-salt ") ? 6 : 1;
        while (peek(&g, 0) > ' ' && g.at < stop)
            g.at++;
    }
    uint8_t c = peek(&g, 0);
    if (blank(p->text.p[g.at - 1]) && c > ' ' && c != '$' && c != '-')
        secret_argument(p, g.at, 0);
    return true;
}

bool secret_piped(struct secret_pass *p, size_t at)
{
    static const char *const writers[] = {"echo ", "printf ", "<<< ", "<<<"};
    struct span t = p->text;
    struct gap g = {.text = t, .at = at};
    bool of_tool = at >= 2 && word_at(&g, 0, "passwd");
    bool pair = of_tool && !memcmp(t.p + at - 2, "ch", 2);
    if (of_tool && (!memcmp(t.p + at - 2, "ht", 2) || !memcmp(t.p + at - 2, "o_", 2)))
        return htpasswd(p, at + 6);
    if (of_tool && at >= 8 && !memcmp(t.p + at - 8, "openssl ", 8))
        return hashed(p, at + 6);
    if (pair && listed_users(p, at))
        return true;
    bool waits = word_at(&g, 0, " -S") || word_at(&g, 0, "passwd --stdin") || /* sudo, passwd */
                 word_at(&g, 0, "| su ") || word_at(&g, 0, "kinit ") ||
                 word_at(&g, 0, "| cryptsetup ");
    if (!pair && !waits && !word_at(&g, 0, "password-stdin") &&
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
                secret_argument(p, g.at, pair ? ':' : 0);
            return true;
        }
    here_string(p, at, pair ? ':' : 0); /* passwd --stdin jane <<< VALUE */
    return true;
}
