/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords that no name announces: "I've reset it to X", "use X to open the zip",
 * bcrypt.hash("X"), "radtest jane X". The words around them stand in every text, so the anchor is
 * the value, a word in which a digit stands at a letter; such words are rare where nothing is
 * announced. Up to its first digit the value is read backwards, then what stands before it.
 */
#include "secret_gap_int.h"

enum { VALUE_MIN = 8, VALUE_MAX = 40 };

/* What the bytes of such a value are. */
enum {
    OF_END = 1,   /* none of it */
    OF_PLACE = 2, /* of a path, a host, a version */
    OF_PAIR = 4,  /* between a user and a password */
    OF_NAME = 8,  /* of a program's names */
    OF_SIGN = 16, /* of no name and no number */
};
#define PART(c)                                                                                    \
    ((c) == '.' || (c) == '\\'  ? OF_PLACE                                                         \
     : (c) == '/' || (c) == ':' ? OF_PAIR                                                          \
     : (c) == '_'               ? OF_NAME                                                          \
     : (c) == '@' || (c) == '!' || (c) == '*' || (c) == '&' || (c) == '^' || (c) == '#' ||         \
             (c) == '$'                                                                            \
         ? OF_SIGN                                                                                 \
     : ((c) >= 'a' && (c) <= 'z') || ((c) >= 'A' && (c) <= 'Z') || ((c) >= '0' && (c) <= '9') ||   \
             (c) == '%' || (c) == '+' || (c) == '~' || (c) == '?' || (c) == '-' || (c) == '='      \
         ? 0                                                                                       \
         : OF_END)
static const uint8_t parts[256] = {SECRET_EACH_BYTE(PART)};
/* A word or sign of prose before a blank; an argument; brackets behind a word; a value that begins
 * with a sign; a user before the sign. */
enum { IN_PROSE = 1, IN_QUOTES = 2, IN_BRACKETS = 4, BEHIND_SIGN = 8, BEHIND_USER = 16 };
#define FIRST(c)                                                                                   \
    ((c) == ' '                                ? IN_PROSE                                          \
     : (c) == '"' || (c) == '\'' || (c) == '`' ? IN_QUOTES                                         \
     : (c) == '('                              ? IN_BRACKETS                                       \
     : PART(c) == OF_SIGN                      ? BEHIND_SIGN | BEHIND_USER                         \
     : (c) == '/' || (c) == ':'                ? BEHIND_USER                                       \
                                               : 0)
#define SECOND(c)                                                                                    \
    ((c) == 'b'                                                 ? IN_PROSE | BEHIND_USER | IN_QUOTES \
     : ((c) >= 'a' && (c) <= 'z') || ((c) >= '0' && (c) <= '9') ? IN_PROSE | BEHIND_USER             \
     : (c) >= 'A' && (c) <= 'Z'                                 ? BEHIND_USER                        \
     : (c) == '*' || (c) == ':' || (c) == 0xa9                  ? IN_PROSE                           \
     : (c) == ' '                                            ? IN_QUOTES | IN_BRACKETS | BEHIND_SIGN \
     : (c) == '(' || (c) == ',' || (c) == '\n' || (c) == '[' ? IN_QUOTES                             \
     : (c) == '"' || (c) == '\'' || (c) == '`'               ? BEHIND_SIGN                           \
                                                             : 0)
const uint8_t secret_first_before[256] = {SECRET_EACH_BYTE(FIRST)};
const uint8_t secret_second_before[256] = {SECRET_EACH_BYTE(SECOND)};

/* Where the value begins that the word at `start` is of, SIZE_MAX when it is of none. */
static size_t value_start(struct span t, size_t start)
{
    enum { USER_MAX = 16 };
    size_t from = start;
    if (parts[t.p[from - 1]] != OF_END)
        from--;
    if (from < start)
        while (from && start - from < USER_MAX && name_byte(t.p[from - 1]))
            from--;
    return !from || parts[t.p[from - 1]] == OF_END ? from : SIZE_MAX;
}

/* And where it ends, without what the sentence ends with; `from` when it cannot be one. */
static size_t value_stop(struct span t, size_t from, size_t at, unsigned *of)
{
    size_t end = at, high = at + span_cut(t, at, VALUE_MAX).n;
    while (end < high && !(parts[t.p[end]] & (OF_END | OF_PLACE)))
        *of |= parts[t.p[end++]];
    bool stop = secret_byte(t, end) == '.' && parts[secret_byte(t, end + 1)] == OF_END;
    if (end - at == VALUE_MAX || (end < t.n && !stop && parts[t.p[end]] != OF_END))
        return from;
    end -= t.p[end - 1] == ':' || (t.p[end - 1] == '?' && !(*of & OF_SIGN));
    return end - from < VALUE_MIN ? from : end;
}

/* ---- what the value is like ---- */

/* Letters of a code, a commit, a part number: no small ones, or hexadecimal digits. */
static bool of_code(struct span s)
{
    return secret_hex(s) || !(secret_made_of(s, secret_classes) & F_LOWER);
}

/* Made as people make passwords: with signs, or at random. */
static bool like_password(struct span s)
{
    return s.n >= VALUE_MIN && !secret_uuid(s) &&
           (secret_spelled(s) || (secret_opaque(s) && !of_code(s) && span_find(s, 0, '_') == s.n &&
                                  secret_surprise(s) >= SECRET_RANDOM_LIKELY));
}

/* Or of words and a number; Office365 and OAuth2 are products. */
bool secret_like_password(struct span s)
{
    return span_search(s, 0, SPAN_LIT("Auth")) == s.n &&
           (like_password(s) || ((secret_numbered(s) || secret_dashed(s)) && !of_code(s) &&
                                 !span_ends(s, SPAN_LIT("365"))));
}

/* premium2024, 2fa-via-sms, PK11SDR_Encrypt: a plan, a way to log in, a function. */
static bool of_programs(struct span s)
{
    if (span_search(s, 0, SPAN_LIT("crypt")) < s.n)
        return true;
    return !(secret_made_of(s, secret_classes) & F_UPPER) && secret_program_words(s);
}

/* Does one of the words stand near s? */
static bool beside(struct span t, struct span s, const struct secret_words *of)
{
    enum { ASIDE = 100 };
    size_t at = (size_t)(s.p - t.p), low = at > ASIDE ? at - ASIDE : 0;
    return secret_holds(span_cut(t, low, at - low), of) ||
           secret_holds(span_cut(t, at + s.n, ASIDE), of);
}

/* Is a password spoken of? */
static bool of_passwords(struct span t, struct span s)
{
    static const char *const words[] = {"passw", "passp", "passc", "pw ", "pwd"};
    static const struct secret_words of = {
        .words = words,
        .n = sizeof words / sizeof *words,
        .apart = 1,
        .nocase = true,
        .next = {['p' & 31] = SECRET_BIT('a') | SECRET_BIT('w')}};
    return beside(t, s, &of);
}

/* Or something that a password opens? */
static bool of_locks(struct span t, struct span s)
{
    static const char *const words[] = {"protect", "crypt",   "locked",  "passw",   "login",
                                        "log in",  "logging", "sign in", "account", "unlock",
                                        "wifi",    "wi-fi",   "pw ",     "pwd",     "vpn"};
    static const struct secret_words of = {
        .words = words,
        .n = sizeof words / sizeof *words,
        .apart = 1,
        .nocase = true,
        .next = {['p' & 31] = SECRET_BIT('r') | SECRET_BIT('a') | SECRET_BIT('w'),
                 ['c' & 31] = SECRET_BIT('r'),
                 ['l' & 31] = SECRET_BIT('o'),
                 ['s' & 31] = SECRET_BIT('i'),
                 ['a' & 31] = SECRET_BIT('c'),
                 ['u' & 31] = SECRET_BIT('n'),
                 ['w' & 31] = SECRET_BIT('i'),
                 ['v' & 31] = SECRET_BIT('p')}};
    return beside(t, s, &of);
}

static void found(struct secret_pass *p, struct span s, bool quoted)
{
    size_t at = (size_t)(s.p - p->text.p);
    secret_value(p, at, at + s.n, SECRET_A_PASSWORD, quoted);
}

/* ---- prose ---- */

/* Does one of the words stand in `line`, behind no letter? */
static bool any_word(struct span line, const char *const *words)
{
    struct gap g = {.text = line};
    for (; g.at < line.n; g.at++)
        for (size_t i = 0; (!g.at || !secret_alnum(line.p[g.at - 1])) && words[i]; i++)
            if (word_at(&g, 0, words[i]))
                return true;
    return false;
}

/* "use X to open it": does `rest`, from behind X, say what it is used for? */
static bool opens(struct span rest)
{
    static const char *const ways[] = {" to open",    " to unlock", " to log",       " to sign",
                                       " to decrypt", " to get in", " to unzip",     " to extract",
                                       " to connect", " to access", " for the login"};
    struct gap g = {.text = rest, .at = rest.n && quote(rest.p[0])};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (word_at(&g, 0, ways[i]))
            return true;
    return false;
}

/* The verbs that hand over what stands right behind a word, which the line holds before that; some
 * name a password. */
static const struct handed {
    const char *word;
    bool named;
    const char *const verbs[14];
} handed[] = {
    {"to", false, {"reset", "changed it", "set it", "set yours", "switched it", NULL}},
    {"now", false, {"is", "it's", "are", "s", NULL}},
    {"with",
     false,
     {"log in", "login", "log on", "logon", "sign in", "signin", "logging in", "signing in",
      "unlock", "open", "decrypt", "encrypted", "unzip", NULL}},
    {"using",
     false,
     {"log in", "login", "sign in", "unlock", "open", "decrypt", "encrypted", NULL}},
    {"it's", true, {"password", "passwort", "pw", "passphrase", "pass", "passcode", NULL}},
    {"be", false, {"used to", NULL}},
    {"is", false, {"new one", "old one", NULL}},
    {"was", false, {"new one", "old one", "previous one", NULL}},
    {"uses", false, {"account", "admin", "root", "login", NULL}},
    {"echo", true, {"password-file=<(", "passfile=<(", NULL}},
    {"\"echo", true, {"password-command", NULL}},
    {"je", true, {"heslo", "geslo", "lozinka", "lozinku", NULL}},
    {"er", true, {"adgangskode", "kodeord", NULL}},
    {"\xc3\xa9", true, {"palavra-passe", NULL}},
};

/* Passwords in languages that have no other anchor, with the colon behind, or as the word itself.
 */
static bool named_right_before(struct span word)
{
    static const char *const names[] = {
        "heslo:",     "geslo:",   "lozinka:",       "jelszavad", "adgangskode:", "adgangskoden:",
        "jelszavad:", "kodeord:", "palavra-passe:", "eap",       "pw's"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is_nocase(word, names[i]))
            return true;
    return false;
}

/* The word that ends at `end`. */
static struct span last_word(struct span t, size_t end)
{
    enum { WORD_MAX = 16 };
    size_t from = end;
    while (from && end - from < WORD_MAX && t.p[from - 1] > ' ' && t.p[from - 1] != '(')
        from--;
    return span_cut(t, from, end - from);
}

/* *named: a password is. */
static bool told_by_verb(struct span t, struct span word, size_t behind, bool *named)
{
    enum { BACK = 60, AHEAD = 16 };
    static const char *const uses[] = {"use", "enter", "try", "type", "using"};
    size_t at = (size_t)(word.p - t.p);
    for (size_t i = 0; i < sizeof handed / sizeof *handed; i++)
        if (span_is_nocase(word, handed[i].word)) {
            *named = handed[i].named;
            return any_word(secret_line_before(t, at, BACK), handed[i].verbs);
        }
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (span_is_nocase(word, uses[i]))
            return opens(span_cut(t, behind, AHEAD));
    return false;
}

/* Passes "jane:" or "root/" of "use jane:X", where the words say that a login is meant; the value
 * is what stands behind the sign, empty when there is no such pair. */
static struct span of_pair(struct span s, uint8_t sign)
{
    size_t at = span_find(s, 0, sign);
    if (!at || at >= s.n || span_find(s, at + 1, sign) < s.n)
        return SPAN_NONE;
    for (size_t i = 0; i < at; i++)
        if (!name_byte(s.p[i]))
            return SPAN_NONE;
    return span_from(s, at + 1);
}

/* "use jane:X", "creds are jane:X", "root/X on the BMC", "--proxy-user jane:X". */
static bool pair(struct secret_pass *p, struct span s, struct span word)
{
    static const char *const words[] = {"use", "try", "using", "are", "creds"};
    struct span before = span_cut(p->text, 0, word.n ? (size_t)(word.p - p->text.p) : 0);
    bool option = span_is_nocase(word, "--proxy-user") ||
                  (span_is_nocase(word, "add") && span_ends(before, SPAN_LIT("user ")));
    struct span value = of_pair(s, '/');
    bool told = value.n && secret_default_user(span_cut(s, 0, s.n - value.n - 1));
    if (!value.n)
        value = of_pair(s, ':');
    for (size_t i = 0; !told && value.n && i < sizeof words / sizeof *words; i++)
        told = span_is_nocase(word, words[i]);
    if (option ? !value.n || !secret_like_password(value) : !told || !like_password(value))
        return false;
    found(p, value, false);
    return true;
}

/* "Root account X": X is no name where it is random. */
static bool of_account(struct span t, struct span word)
{
    size_t at = (size_t)(word.p - t.p);
    return (span_is_nocase(word, "account") || span_is_nocase(word, "login")) && at > 1 &&
           secret_default_user(last_word(t, at - 1));
}

/* "please rotate X", "I leaked X": where X is no word with a number; longer ones are runs
 * (secret_token.c). */
static bool leaked(struct span word, struct span s)
{
    static const char *const words[] = {"rotate", "revoke", "leaked", "exposed"};
    bool told = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        told |= span_is_nocase(word, words[i]);
    return told && secret_alnum(s.p[0]) && like_password(s) && /* Rotate *float32 */
           (secret_spelled(s) || secret_surprise(s) >= SECRET_RANDOM_SURE);
}

/* Behind a blank. */
static bool in_prose(struct secret_pass *p, struct span s, bool quoted)
{
    struct span t = p->text;
    size_t at = (size_t)(s.p - t.p), behind = at + s.n + quoted;
    struct span word = at > quoted ? last_word(t, at - 1 - quoted) : SPAN_NONE;
    if (pair(p, s, word) || (span_is_nocase(word, "target") && secret_slash_pair(p, at)))
        return true; /* rman target sys/X@db */
    if (!word.n)
        return false;
    bool named = named_right_before(word), told = named || told_by_verb(t, word, behind, &named);
    if (leaked(word, s)) {
        found(p, s, quoted);
        return true;
    }
    if (!told && !of_account(t, word))
        return false;
    /* much else is "now" or "the new one" */
    bool vague =
        span_is_nocase(word, "now") || span_is_nocase(word, "is") || span_is_nocase(word, "was");
    bool meant = named || ((vague ? of_passwords(t, s) : of_locks(t, s)) && !of_programs(s));
    if (!(!meant ? secret_spelled(s) : told ? secret_like_password(s) : like_password(s)))
        return false;
    found(p, s, quoted);
    return true;
}

/* "password-protected (X)" */
static bool in_brackets(struct secret_pass *p, struct span s)
{
    static const struct span words[] = {SPAN_LIT("protected"), SPAN_LIT("encrypted"),
                                        SPAN_LIT("locked")};
    struct span t = p->text;
    size_t at = (size_t)(s.p - t.p);
    struct span word = at > 2 && t.p[at - 2] == ' ' ? last_word(t, at - 2) : SPAN_NONE;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_ends(word, words[i]) && secret_byte(t, at + s.n) == ')' &&
            secret_like_password(s)) {
            found(p, s, false);
            return true;
        }
    return false;
}

/* May the word that ends before the blank at `at` tell of a password? */
static bool may_tell(struct span t, size_t at)
{
    /* what the words of handed, uses, pair, leaked and of_account end in */
    static const char ends[32][9] = {['o' & 31] = "th",    ['w' & 31] = "o",       ['h' & 31] = "t",
                                     ['s' & 31] = "d'aie", ['e' & 31] = "sbprjtk", ['r' & 31] = "e",
                                     ['y' & 31] = "r",     ['g' & 31] = "n",       ['t' & 31] = "n",
                                     ['n' & 31] = "i",     ['d' & 31] = "ae",      ['p' & 31] = "a",
                                     [':' & 31] = "oaedn", [0xa9 & 31] = "\xc3"};
    uint8_t last = at > 1 ? t.p[at - 1] : 0;
    return last > ' ' && t.p[at - 2] && strchr(ends[last & 31], ascii_lower(t.p[at - 2]));
}

void secret_at_mixed(struct secret_pass *p, size_t start, size_t at)
{
    enum { RUN_MAX = 24 };
    struct span t = p->text;
    bool pair = parts[t.p[start - 1]] == OF_PAIR;
    size_t run = p->run_end > start ? p->run_end - start : 0; /* no value ends inside it */
    if (at < p->skip || run > (pair ? RUN_MAX : VALUE_MAX))   /* most pairs are in base64 */
        return;
    size_t from = value_start(t, start);
    if (from == SIZE_MAX)
        return;
    uint8_t before = from ? t.p[from - 1] : '\n';
    bool quoted = quote(before);
    bool told = pair || (from > 1 && (before == ' ' || quoted) && may_tell(t, from - 1 - quoted));
    unsigned of = 0;
    size_t end = value_stop(t, from, at, &of);
    struct span s = span_cut(t, from, end - from);
    if (!s.n || (quoted && secret_byte(t, end) != before))
        return;
    if ((told && in_prose(p, s, quoted)) || pair || (of & OF_PAIR) ||
        ((of & OF_NAME) && !(of & OF_SIGN)))
        return;
    if (before == '(')
        in_brackets(p, s);
    else if (!quoted || !secret_call_argument(p, s))
        secret_command_word(p, s, quoted);
}
