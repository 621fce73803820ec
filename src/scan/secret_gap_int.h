/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a telling name to its value: the cursor that secret_word.c and secret_auth.c move with the
 * functions of secret_gap.c. A name is at most 100 bytes, what stands between at most 200, a value
 * SECRET_VALUE_MAX.
 */
#ifndef SANCTUM_SCAN_SECRET_GAP_INT_H
#define SANCTUM_SCAN_SECRET_GAP_INT_H

#include "secret_int.h"

enum { GAP_MAX = 40, NAME_SIDE = 50 };

/* The bytes of names around a telling word, at most NAME_SIDE before and as many behind where it
 * begins, and the bytes on both sides of them, 0 beyond the text. */
struct around {
    size_t from, end;
    uint8_t before, after;
};

/* A place in the text, with what was learnt on the way to the value. */
struct gap {
    struct span text;
    size_t at;
    size_t name_at;
    size_t column;    /* of an INSERT's tuples, from 1; 0: none */
    bool quoted_name; /* a quote closed right behind the name */
    bool prose;       /* the value stands in a sentence: trailing punctuation is not its own */
    bool need_quote;  /* only a quoted value counts */
    bool function;    /* the name is a function's */
    bool strict;      /* only a surely random value counts */
    bool own_line;    /* NAME=value is all there is on the line */
    bool seed;        /* the name says "TOTP seed", and means a secret */
    bool changed;     /* "from VALUE to VALUE" */
    bool loose;       /* nothing but a blank stands between: only a mixed, random value counts */
};

struct value {
    size_t start, end;
    bool quoted;
};

static inline uint8_t peek(const struct gap *g, size_t ahead)
{
    return secret_byte(g->text, g->at + ahead);
}

static inline bool name_byte(uint8_t c)
{
    return secret_classes[c] & F_NAME;
}

static inline bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static inline bool quote(uint8_t c)
{
    return c == '"' || c == '\'' || c == '`';
}

/* The rest of a word whose first letter stands there. */
bool gap_word_rest(const struct gap *g, size_t ahead, const char *word);

/* Case-insensitive literal at g->at + ahead. Nearly always its first letter says no; the rest is
 * out of line, since hundreds of such words are asked for. */
static inline bool word_at(const struct gap *g, size_t ahead, const char *word)
{
    uint8_t first = (uint8_t)word[0], c = peek(g, ahead);
    bool letter = (uint8_t)((first | 0x20) - 'a') < 26;
    return (letter ? (c | 0x20) == (first | 0x20) : c == first) && gap_word_rest(g, ahead, word);
}

/* How many backslashes stand at the cursor: one, three in JSON inside JSON inside JSON. */
static inline size_t escapes(const struct gap *g)
{
    size_t n = 0;
    while (n < 8 && peek(g, n) == '\\')
        n++;
    return n;
}

/* ---- secret_name.c ---- */

/* The name of the telling word at `at`: what is around it, without signs that are not its own. */
struct span secret_name_around(struct span text, size_t at, struct around near);
/* What `name`, a part of the text, announces. Two words make a name in prose and forms: "API key
 * is", "Secret Access Key:". */
struct secret_named secret_name_in_prose(struct span text, struct span name);

/* ---- secret_gap.c ---- */

/* Blanks and tabs; how many. */
size_t gap_blanks(struct gap *g);
/* Quotes and brackets that close a name. */
void gap_closers(struct gap *g);
/* One operator (= : := => , …); false when none stands here. */
bool gap_operator(struct gap *g);
/* From behind the name to the value. False when no value is announced. */
bool gap_find(struct gap *g);
/* Do the words before the name make what follows a blank its value (set NAME value, --name value)?
 */
bool gap_told(const struct gap *g);
/* ---- secret_said.c ---- */

/* " is ", " was changed to ": a verb that announces a value in prose. */
bool gap_verb(struct gap *g);
/* "you asked for is ", "until Friday: ": a few words of prose, then such a verb or a colon. */
bool gap_clause(struct gap *g);
/* " for jane: ", " of the lab is ": whose it is, then the sign. */
bool gap_owner(struct gap *g);
/* A word of prose behind the telling word, and no verb: "the key question", "a token of". */
bool gap_prose(const struct gap *g);
/* "X is the new password", "use X as our API key": the value stands before the name at `at`, a
 * blank between. */
bool secret_said_before(struct secret_pass *p, size_t at, struct around name);
/* "what is the password?" and on the next line "X", perhaps "jane: X". */
bool secret_answered(struct secret_pass *p, struct around name);
/* f("X"); // jwt key   'X' --name 'api_token': the literal before the name. Only where
 * secret_ends_code says so. */
bool secret_said_behind(struct secret_pass *p, struct around name);

/* Does a quote or the line end behind the name? */
static inline bool secret_ends_code(struct around name)
{
    return name.after < ' ' || (name.after == name.before && quote(name.after));
}

/* ---- secret_tag.c ---- */

/* <key>name</key> <string>value, <name>name</name> <value>value: into the element behind. */
SECRET_RARE bool gap_element(struct gap *g);
/* <password>value, <property name="password"> <value>value: the '>' is at the cursor. */
SECRET_RARE void gap_into_element(struct gap *g);
/* <setting name="ApiKey" serializeAs="String"> <value>, <field name="password" type="string">value:
 * to the '>'. */
SECRET_RARE void gap_attributes(struct gap *g);

/* ---- secret_sql.c ---- */

/* (a, name, c) VALUES ('x', 'value', 'z'): the cursor behind the name. */
bool gap_sql_value(struct gap *g);
/* (`a`, `name`) VALUES: the name's quote, and perhaps the list's end, closed before `at`. */
bool gap_sql_quoted(struct gap *g, size_t at);
/* The same column of the INSERT's next tuple, when the value that ends at `from` was one. */
bool gap_next_row(struct gap *g, size_t from);
/* ---- secret_quote.c ---- */

/* The value at the cursor, empty when there is none. */
struct value gap_value(struct gap *g);

/* ---- secret_auth.c ---- */

/* The credential at the cursor, behind a scheme's name. */
void secret_credential(struct secret_pass *p, struct gap *g, bool basic);
/* Is `s` "user:password" in base64? */
bool secret_basic(struct span s);
/* Behind "Authorization": sign, scheme, credential. */
void secret_authorization(struct secret_pass *p, struct gap *g);

/* auth=user:password: from behind the colon where that is what the value `s` at `start` is, else
 * `start`. */
size_t secret_pair_start(struct span name, struct span s, size_t start);
/* Behind "identified", of SQL: by 'VALUE', with PLUGIN by 'VALUE'. */
SECRET_RARE void secret_identified(struct secret_pass *p, struct gap g);
/* "change_password USER VALUE", "http-basic.host USER VALUE", "AUTH [USER] VALUE" at a prompt. Only
 * where a blank stands behind the name. */
bool secret_second_word(struct secret_pass *p, const struct gap *after, struct span name);
/* LOGIN of "AUTH LOGIN" at `at`: the answer to a mail server's question for the password. */
SECRET_RARE bool secret_smtp_login(struct secret_pass *p, size_t at);

/* ---- secret_decl.c ---- */

/* "(): String = ", " get() = ", ": String { ": from behind the name to the quote of the value. */
bool gap_function(struct gap *g);
/* ").type(" behind the name of a field: to the quote. */
bool gap_typed(struct gap *g);
/* "<<< ", "?: ", "|| " behind a variable's name: to what is given instead. */
bool gap_instead(struct gap *g);

/* process.env.SECRET || "value", getenv("X") ?? "value": what stands for a value that is missing.
 */
SECRET_RARE void gap_fallback(struct gap *g, struct value *v);

/* The password of "random_password" at `at`, a resource of Terraform's: what was drawn for it. */
SECRET_RARE bool secret_drawn(struct secret_pass *p, size_t at);

/* "from " of "the password from VALUE to VALUE". */
bool gap_changed(struct gap *g);

/* ---- secret_phrase.c ---- */

/* Behind "mnemonic", "seed" or "phrase": the words of a wallet's recovery phrase (BIP-39). */
void secret_mnemonic(struct secret_pass *p, struct gap *g);

/* ---- secret_label.c ---- */

/* user/password@ at `at`, as Oracle's tools write it; false when it is none. */
bool secret_slash_pair(struct secret_pass *p, size_t at);

/* ---- secret_made.c ---- */

/* Letters and digits without a sentence's or path's punctuation, or a long random one with
 * base64's. */
bool secret_opaque(struct span s);
/* Letters, digits and a sign that no word and no path holds. */
bool secret_spelled(struct span s);
/* KEY_MAX+1: a constant and a number. */
bool secret_sum(struct span s);
/* Letters of both cases and perhaps signs, as no name of a program's mixes them. */
bool secret_letters(struct span s);
/* Digits alone, as many as the key of a network has at the least. */
bool secret_digits(struct span s);
/* Letters and digits mixed as no word is, or with a sign no word holds, or a passphrase: may stand
 * for a password where only a verb announces it. */
bool secret_strong(struct span s);
/* --token abcdef.0123456789abcdef: letters, digits and dots, no file's name. */
bool secret_told_token(struct span s);
/* jane@10.0.0.4, deploy@web.lab.lan: where somebody logs in, as behind "ssh -i deploy_key". */
bool secret_user_at_host(struct span s);
/* loadKey, xmlSecNssAppPkcs12Load: a function's name: letters alone, or words in a row. */
SECRET_RARE bool secret_function_name(struct span s);
/* A word or a name of the program's, or a call: no password, no key. */
bool secret_plain_word(struct span s, bool quoted);
/* Does it hold what calls, tags and assignments are written with? */
bool secret_has_code(struct span s);

/* ---- secret_command.c: each false when `at` is no such place ---- */

enum { COMMAND_MAX = 240 };
/* Emit the word at `at`, or what stands behind `sign` in it, when it can be a password. */
void secret_argument(struct secret_pass *p, size_t at, uint8_t sign);
/* Where the command begins and ends: its line, or what a shell parts commands with. */
size_t secret_command_start(struct span t, size_t at);
size_t secret_command_end(struct span t, size_t at);

/* At a blank and a dash: curl -u, sshpass -p, mysql -p, redis-cli -a, docker login -p. */
bool secret_option(struct secret_pass *p, size_t at);
/* "assword" of a prompt that a script of expect's waits for: what it sends then. */
bool secret_prompt(struct secret_pass *p, size_t at);
/* A command with the telling word at `at` is given its secret by <<< VALUE. */
bool secret_here_string(struct secret_pass *p, size_t at);
/* echo … | docker login --password-stdin, echo "user:…" | chpasswd. */
bool secret_piped(struct secret_pass *p, size_t at);

/* ---- secret_tool.c: each false when `at` is no such place ---- */

/* sqlplus user/password@…, rootpw, snmp-server community. */
bool secret_command(struct secret_pass *p, size_t at);
/* The word `s`, by how many stand before it in a command: "radtest jane X", "bw unlock X". */
bool secret_command_word(struct secret_pass *p, struct span s, bool quoted);
/* createUser NAME SHA X AES X */
bool secret_snmp_user(struct secret_pass *p, size_t at);
/* connect to NAME user NAME using X: `at` at "nect". */
bool secret_db2(struct secret_pass *p, size_t at);
/* rocommunity X, "the SNMP community is X" */
bool secret_community(struct secret_pass *p, size_t at);
/* user NAME on >X: `at` at "on >". */
bool secret_acl(struct secret_pass *p, size_t at);
/* schtasks … /rp X: `at` at the blank. */
bool secret_slash_option(struct secret_pass *p, size_t at);
/* vault kv put PATH NAME=X NAME=X, kubectl create secret generic NAME --from-literal=NAME=X */
bool secret_named_values(struct secret_pass *p, size_t at);
/* dig -y hmac-sha256:NAME:X: `at` at "hmac". */
SECRET_RARE bool secret_tsig(struct secret_pass *p, size_t at);
/* cryptsetup … <<< X: `at` at the sign. */
bool secret_told_here(struct secret_pass *p, size_t at);
/* echo -e "X\nX" | passwd NAME: `at` at "passwd". */
SECRET_RARE bool secret_typed_twice(struct secret_pass *p, size_t at);
/* "user" "X" alone on its line: `at` at the quote that closes the user. */
bool secret_listed_user(struct secret_pass *p, size_t at);
/* message-digest-key 1 md5 X, key-string X: behind such a name. */
SECRET_RARE bool secret_device_key(struct secret_pass *p, const struct gap *after,
                                   struct span name);

/* ---- secret_anchor.c ---- */

/* A word whose place decides, not the name it is part of; false when it does not. */
bool secret_in_place(struct secret_pass *p, size_t at);
/* "pass": is it the word, or passw…, passphrase, passcode? */
bool secret_is_pass(struct span rest);

/* ---- secret_call.c ---- */

/* login("user", "password"), basicAuth("user", "password"), auth=("user", "password"). */
bool secret_call(struct secret_pass *p, size_t at);

/* bcrypt.hash("X"), create_user("jane", "jane@lab.lan", "X"): is the literal whose inside is `s` a
 * password by its place in a call? */
bool secret_call_argument(struct secret_pass *p, struct span s);

/* bind("cn=admin,dc=corp", "X"), ldap_bind(c, "cn=admin", "X"): `at` at "cn=". */
bool secret_directory(struct secret_pass *p, size_t at);

/* "X".toCharArray() as an argument of what opens a key store: `at` at "toCharArray". */
bool secret_char_array(struct secret_pass *p, size_t at);

/* ---- secret_mixed.c ---- */

/* Made as people make passwords, at random or of words and a number, and not as names, codes, paths
 * and addresses are. */
bool secret_like_password(struct span s);

/* ---- secret_foreign.c ---- */

/* "wachtwoord is X", "пароль: X", "密码是 X". */
bool secret_foreign(struct secret_pass *p, size_t at);

/* ---- secret_pin.c ---- */

/* "PIN: 4471", "my pin is 4471", "door code: 4471": `at` is where "pin" or "code" begins,
 * `behind_word` where it ends. */
bool secret_pin(struct secret_pass *p, size_t at, size_t behind_word);

/* ---- secret_place.c: each false when `at` is no such place ---- */

/* "creds: user / password", "login is user:password". */
bool secret_pair(struct secret_pass *p, size_t at);
/* "kty" at `at`: the private members of a JSON Web Key, on both sides of it. */
bool secret_jwk(struct secret_pass *p, size_t at);
/* "jane / VALUE" at any user's where the line speaks of a login, "admin:VALUE" at one that is
 * called so: `at` is where the user's name ends. */
bool secret_default_login(struct secret_pass *p, size_t at);
/* What its line holds before `at`, at most so much. */
struct span secret_line_before(struct span t, size_t at, size_t most);
/* One of the names that machines are delivered with? */
bool secret_default_user(struct span s);
/* " p:" behind "u: jane": a strong word behind it. */
bool secret_user_and(struct secret_pass *p, size_t at);
/* The name in `echo VALUE > ~/.api_token`, `at` in its telling word: weighs VALUE. Only where
 * secret_may_be_written says so. */
bool secret_written(struct secret_pass *p, size_t at);

/* The value at `at`, which nothing but the map it is in calls a secret. */
void secret_of_map(struct secret_pass *p, size_t at);

/* Is the name behind a '>' or a path's sign, or too long to say? */
static inline bool secret_may_be_written(struct span text, struct around name)
{
    uint8_t c = name.before;
    return c == '>' || c == '/' || c == '~' || c == '$' || name_byte(c) ||
           (c == ' ' && name.from >= 2 && text.p[name.from - 2] == '>');
}

/* Does the line before `at` speak of a network, whose "key" is a password? */
bool secret_network_key(struct span text, size_t at);
/* "secret" at `at`, of a switch or router: "enable secret X", "privilege 15 secret X"? */
bool secret_of_device(struct span text, size_t at);
/* "sig=" of a signed link. */
bool secret_signature(struct secret_pass *p, size_t at);
/* The "Secret" of "kind: Secret": the values under data and stringData. */
bool secret_kubernetes(struct secret_pass *p, size_t at);

/* ---- secret_program.c ---- */

/* Is what looks like the name's value the program's or its documentation's? */
bool secret_of_program(const struct gap *g, struct span name, const struct value *v);

#endif
