/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words whose place decides, not the name they are part of: which file reads what stands behind
 * each key of secret_word.c that is no name. Called by secret_word.c for every key; few words get
 * past the letters that are looked at here.
 */
#include "secret_gap_int.h"

/* Novels have passed and passage. */
bool secret_is_pass(struct span rest)
{
    uint8_t c = secret_byte(rest, 4);
    if ((uint8_t)(c - 'a') >= 26)
        return true;
    return c == 'w' || span_eq_nocase(span_cut(rest, 4, 4), SPAN_LIT("code")) ||
           span_eq_nocase(span_cut(rest, 4, 6), SPAN_LIT("phrase"));
}

static bool word_passwd(struct span t, size_t at)
{
    return span_starts(span_from(t, at), SPAN_LIT("passwd "));
}

/* chpasswd, htpasswd, mosquitto_passwd, password-stdin, passwd --stdin; setPassword(…,
 * PasswordAuthentication(…; the "password:" that a script waits for. */
static bool password_in_place(struct secret_pass *p, size_t at, uint8_t fifth)
{
    struct span t = p->text;
    if (fifth == 'o') /* passord */
        return secret_foreign(p, at);
    if (!secret_is_pass(span_from(t, at)))
        return false;
    uint8_t before = at ? t.p[at - 1] : 0, behind = secret_byte(t, at + 8);
    if ((before == '"' && secret_prompt(p, at)) || (before == '_' && secret_drawn(p, at)))
        return true;
    bool shell = word_passwd(t, at);
    if (shell && (before == 'b' || (before == ' ' && at > 1 && t.p[at - 2] == '|')) &&
        secret_typed_twice(p, at))
        return true;
    bool piped = (shell && before == '_') || before == 'h' || before == 't' || behind == '-' ||
                 (secret_byte(t, at + 6) == ' ' &&
                  (secret_byte(t, at + 7) == '-' || (at > 1 && t.p[at - 2] == 'l')));
    if (piped && secret_piped(p, at))
        return true;
    return fifth == 'w' && (secret_alnum(behind) || behind == '(' || behind == '_') &&
           secret_call(p, at);
}

/* PDO(…), username_pw_set(…, expdp, "pin ". */
static bool of_pin(struct secret_pass *p, size_t at, uint8_t second)
{
    if (second == 'd' && (secret_byte(p->text, at + 2) | 0x20) == 'p')
        return at >= 2 && secret_command(p, at - 2);
    if (second == 'w')
        return secret_call(p, at);
    return second == 'i' ? secret_pin(p, at, at + 3) : second == 'd' && secret_call(p, at);
}

/* An option, "user / password", " p: password". */
static bool behind_blank(struct secret_pass *p, size_t at, uint8_t second)
{
    if (second == '/' && secret_byte(p->text, at + 2) != ' ')
        return secret_slash_option(p, at);
    return second == '-'   ? secret_option(p, at)
           : second == '/' ? secret_default_login(p, at)
                           : secret_user_and(p, at);
}

/* The letters of a key that its readers begin before: "nloc" of unlock, "ocha" of toCharArray. */
static bool before_key(struct secret_pass *p, size_t at, size_t back,
                       bool (*read)(struct secret_pass *p, size_t at))
{
    return at >= back && read(p, at - back);
}

/* Words from L on. Few get past the letters that are looked at here. */
static bool late_in_place(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    uint8_t second = ascii_lower(secret_byte(t, at + 1)), before = at ? t.p[at - 1] : 0;
    uint8_t third = ascii_lower(secret_byte(t, at + 2)),
            fifth = ascii_lower(secret_byte(t, at + 4));
    switch (ascii_lower(t.p[at])) {
    case 'l': /* salasana */
        if (second == 'a')
            return before_key(p, at, 2, secret_foreign);
        return fifth == 'n' &&
               (secret_call(p, at) || secret_pair(p, at) || secret_smtp_login(p, at));
    case 'm': /* mot de passe, not mother; community */
        if (second == 'm')
            return before_key(p, at, 2, secret_community);
        return second == 'y' ? secret_call(p, at)
               : second == 'c'
                   ? secret_command(p, at)
                   : second == 'o' && (fifth == 'd' || fifth == ' ') && secret_foreign(p, at);
    case 'n': /* connect; net user; on >X */
        if (second == ' ')
            return before_key(p, at, 1, secret_acl);
        return third == 'c' ? secret_call(p, at) || secret_db2(p, at)
                            : fifth == 'u' && secret_command(p, at);
    case 'o': /* log in with …, toCharArray */
        if (second == 'c')
            return before_key(p, at, 1, secret_char_array);
        return second == 'g' ? at && secret_pair(p, at - 1) : secret_command(p, at);
    case 'p':
        return second == 'a' ? password_in_place(p, at, fifth) : of_pin(p, at, second);
    case 'r': /* rabbitmqctl, parola */
        return second == 'a' ? secret_command(p, at)
                             : at >= 2 && (t.p[at - 2] | 0x20) == 'p' && secret_foreign(p, at - 2);
    case 's':
        if (second == 'e' && third == 'c' && secret_named_values(p, at))
            return true;
        return ((second == 'q' || second == 'n') && secret_command(p, at)) ||
               (second == 'i' &&
                ((fifth == ' ' && secret_pair(p, at)) || (fifth == 'w' && secret_call(p, at)) ||
                 secret_signature(p, at))) ||
               (third == 'c' && fifth == 'e' && secret_kubernetes(p, at));
    case 't': /* with-token, ConvertTo-SecureString, createUser */
        return (third == 'u' && (secret_snmp_user(p, at) || secret_call(p, at))) ||
               (before == '-' && secret_piped(p, at)) || (third == '-' && secret_command(p, at));
    case 'v':
    case 'z':
        return secret_pair(p, at);
    case 'w':
        return second == 'i' ? secret_call(p, at) : secret_foreign(p, at);
    default:
        return false;
    }
}

/* The same of signs and the words up to K. */
bool secret_in_place(struct secret_pass *p, size_t at)
{
    struct span t = p->text;
    uint8_t second = ascii_lower(secret_byte(t, at + 1)), before = at ? t.p[at - 1] : 0;
    uint8_t fifth = ascii_lower(secret_byte(t, at + 4));
    switch (ascii_lower(t.p[at])) {
    case ' ':
        return behind_blank(p, at, second);
    case '"':
        return secret_listed_user(p, at);
    case '<':
        return secret_told_here(p, at);
    case '-': /* --user, --value */
        return before_key(p, at, 1, secret_option);
    case 'a':
        return second == 's' ? secret_prompt(p, at)
                             : (second != 'u' || !secret_alnum(fifth)) && secret_call(p, at);
    case 'c':
        if (second == 'r') /* creds, credentials */
            return (fifth == 'e' || fifth == 's') && (secret_pair(p, at) || secret_call(p, at));
        if (second == 'n')
            return secret_directory(p, at);
        if (second == 'o' && fifth == ' ') /* "code " */
            return secret_pin(p, at, at + 4);
        return second == 'i' && secret_call(p, at); /* content, clave: names, and no calls */
    case 'h': /* createHmac, hmac.new, not withMAC; Hash::make */
        if (second == ':')
            return before_key(p, at, 3, secret_call);
        return (t.p[at] == 'H' || !secret_alnum(before)) &&
               (secret_call(p, at) || secret_tsig(p, at));
    case 'b':
    case 'f':
    case 'j':
        return secret_call(p, at);
    case 'i': /* identifiants */
        return ascii_lower(secret_byte(t, at + 8)) == 'a' && secret_pair(p, at);
    case 'k': /* kinit, "kty", kv put */
        if (second == 'v')
            return secret_named_values(p, at);
        return second == 'i' ? secret_piped(p, at) : second == 't' && secret_jwk(p, at);
    case '|':
        return secret_piped(p, at);
    default:
        return late_in_place(p, at);
    }
}
