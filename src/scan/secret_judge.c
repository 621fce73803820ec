/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes a finding: a value weighed against the name it stands behind. The name says what to
 * expect (a password, a key, perhaps a key), the value must look like it.
 */
#include "secret_int.h"

#include "num.h"
#include "utf8.h"

enum { PASSWORD_MAX = 128, PASSWORD_MIN = 6, KEY_MIN = 16, SHORT_KEY_MIN = 8, WEAK_KEY_MIN = 20 };

void secret_emit(struct secret_pass *p, size_t start, size_t end, unsigned rule, float score)
{
    if (failed(p->err) || start >= end || end > p->text.n || score <= 0)
        return;
    p->err = findings_add(p->out, (struct finding){.start = (uint32_t)utf8_floor(p->text, start),
                                                   .end = (uint32_t)utf8_ceil(p->text, end),
                                                   .entity = ENTITY_SECRET,
                                                   .rule = (uint16_t)rule,
                                                   .score = score});
}

/* What a value is made of. */
struct makeup {
    size_t lower, upper, digit, mark, special; /* mark: - _ . / : , special: other punctuation */
    bool blank, odd;                           /* odd: a control byte, a backslash */
    float random;                              /* secret_surprise */
};

enum kind { SPECIAL, LOWER, UPPER, DIGIT, MARK, BLANK, ODD, KINDS };
#define KIND(c)                                                                                    \
    ((c) >= 'a' && (c) <= 'z'                                 ? LOWER                              \
     : (c) >= 'A' && (c) <= 'Z'                               ? UPPER                              \
     : (c) >= '0' && (c) <= '9'                               ? DIGIT                              \
     : (c) == '_' || (c) == ':' || ((c) >= ',' && (c) <= '/') ? MARK                               \
     : (c) == ' '                                             ? BLANK                              \
     : (c) < ' ' || (c) == 0x7F                               ? ODD                                \
     : (c) < 0x80                                             ? SPECIAL                            \
                                                              : LOWER)
#define ONE_OF(c) ((uint64_t)1 << 8 * KIND(c))
static const uint8_t kinds[256] = {SECRET_EACH_BYTE(KIND)};

/* Counted in the bytes of one number, eight bits a kind, as many at a time as those hold. */
static struct makeup makeup_of(struct secret_pass *p, size_t start, size_t end)
{
    struct span s = span_cut(p->text, start, end - start);
    enum { AT_ONCE = 255 };
    _Static_assert(KINDS <= 8, "a byte each");
    static const uint64_t one_of[256] = {SECRET_EACH_BYTE(ONE_OF)};
    size_t n[KINDS] = {0};
    for (size_t at = 0; at < s.n;) {
        size_t stop = s.n - at > AT_ONCE ? at + AT_ONCE : s.n;
        uint64_t sum = 0;
#pragma GCC unroll 4
        for (; at < stop; at++)
            sum += one_of[s.p[at]];
        for (size_t k = 0; k < KINDS; k++)
            n[k] += (uint8_t)(sum >> (8 * k));
    }
    return (struct makeup){.lower = n[LOWER],
                           .upper = n[UPPER],
                           .digit = n[DIGIT],
                           .mark = n[MARK],
                           .special = n[SPECIAL],
                           .blank = n[BLANK] > 0,
                           .odd = n[ODD] > 0,
                           .random = secret_random(p, start, end)};
}

/* Words that stand where a value would: types, literals, keywords, a variable of SQL's (&password).
 */
static bool literal_word(struct span s)
{
    enum { LITERAL_MAX = 11 };
    if (s.p[0] == '&' && s.n > 1)
        s = span_from(s, 1);
    if (s.n > LITERAL_MAX)
        return false;
    static const char words[][LITERAL_MAX + 1] = {
        "string",    "String",   "str",       "bool",     "boolean",  "null",        "NULL",
        "None",      "none",     "true",      "false",    "True",     "False",       "number",
        "integer",   "object",   "undefined", "nil",      "required", "optional",    "password",
        "passwd",    "secret",   "token",     "Password", "basic",    "bearer",      "Bearer",
        "default",   "disabled", "enabled",   "empty",    "prompt",   "Optional",    "Secret",
        "SecretStr", "unknown",  "plaintext", "Function", "secrets",  "credentials", "username",
        "api_key",   "apikey",   "private",   "public",   "keyring",  "hunter",      "hunter2",
        "String!",
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ascii_lower(s.p[0]) == ascii_lower((uint8_t)words[i][0]) &&
            span_eq_nocase(s, span_str(words[i])))
            return true;
    return false;
}

/* What stands before the number: one word, two joined by a sign, neither shorter than three
 * letters, and perhaps a sign; how many words, 0 for anything else. *capital: it begins with one,
 * as no identifier of one word does. */
static unsigned words_of(struct span s, bool *capital)
{
    unsigned words = 1;
    size_t from = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (kinds[c & 0x7F] == LOWER || kinds[c & 0x7F] == UPPER)
            continue;
        if ((c != '-' && c != '_' && c != '.') || i - from < 3)
            return 0;
        from = i + 1;
        words += from < s.n;
    }
    *capital = s.n && kinds[s.p[0] & 0x7F] == UPPER;
    return words > 2 || (from < s.n && s.n - from < 3) ? 0 : words;
}

/* Larch_Hollow5, K7-vantage-plum, tabby-cat-88-moon: words joined by one sign, a digit at one of
 * them or between, none a word of programs. Names have '_' and '.', too: each word begins with a
 * capital there, which few names do, or `literal`: no name can stand there. */
static bool joined_words(struct span s, bool literal)
{
    enum { SHORTEST = 8, LONGEST = 40, DIGITS_MAX = 4, WORD = 3, SHORT_RANDOM = 22 };
    size_t words = 0, digits = 0, from = 0;
    uint8_t sign = 0;
    bool capitals = true;
    if (s.n < SHORTEST || s.n > LONGEST || !secret_alnum(s.p[s.n - 1]) || !secret_alnum(s.p[0]))
        return false;
    for (size_t i = 0, letters = 0; i <= s.n && digits <= DIGITS_MAX; i++) {
        uint8_t c = i < s.n ? s.p[i] : sign;
        if (secret_alnum(c) && i < s.n) {
            digits += secret_digit(c);
            letters += !secret_digit(c);
            continue;
        }
        if (i == from || (c != '-' && c != '_' && c != '.') || (sign && c != sign))
            return false;
        words += letters >= WORD;
        capitals &= letters < WORD || (uint8_t)(s.p[from] - 'A') < 26;
        sign = c;
        from = i + 1;
        letters = 0;
    }
    /* Qh7_lanting: a part with the digit may be short where no name can stand */
    words += literal && words == 1 && sign && secret_surprise(s) >= SHORT_RANDOM;
    bool told = sign == '-' || (sign == '_' && (capitals || literal)) || (capitals && literal);
    return words >= 2 && digits && digits <= DIGITS_MAX && told && !secret_program_words(s);
}

static bool word_and_number(struct span s)
{
    static const char *const sizes[] = {"16",  "32",  "64",  "128", "160", "192",
                                        "224", "256", "384", "512", "1024"};
    enum { TAIL = 2 };
    size_t to = s.n;
    while (to > 0 && s.n - to < TAIL && !secret_digit(s.p[to - 1]))
        to--;
    size_t from = to;
    while (from > 0 && secret_digit(s.p[from - 1]))
        from--;
    if (s.n < 7 || to - from < 2 || from < 3)
        return false;
    bool capital = false, three = to - from >= 3 && s.n >= 8;
    unsigned words = words_of(span_cut(s, 0, from), &capital);
    if (words == 2 && to == s.n && memchr(s.p, '-', from))
        return true; /* blue-falcon32, blue_falcon-32; but codec.base64, force_zip64 */
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (span_is(span_cut(s, from, to - from), sizes[i]))
            return false;
    return three && to == s.n ? true : words && (three || words == 2 || capital);
}

bool secret_numbered(struct span s)
{
    return word_and_number(s) || joined_words(s, false);
}

/* blue_copper-6: a dash, which no identifier has, and the least of numbers. For what is named a
 * password; a machine may be called so, too. */
static bool numbered_once(struct span s)
{
    bool capital;
    size_t from = s.n - 1;
    return s.n >= 8 && secret_digit(s.p[from]) && kinds[s.p[from - 1] & 0x7F] == MARK &&
           memchr(s.p, '-', s.n) && words_of(span_cut(s, 0, from), &capital) == 2;
}

/* A call, an index, a member path (a.b, a->b): code, not a value. Only for text that stood without
 * quotes. */
static bool code_like(struct span s, const struct makeup *m)
{
    for (size_t i = 1; i < s.n && m->special; i++)
        if (((s.p[i] == '(' || s.p[i] == '[') && secret_alnum(s.p[i - 1]) &&
             (m->digit * 5 < s.n || i + 1 == s.n || memchr("{)'\"", s.p[i + 1], 4))) ||
            (s.p[i] == '>' && s.p[i - 1] == '-' && i > 1))
            return true;
    /* words joined by _ or . or ::, at most a digit or two at the end */
    return m->mark && !m->special && m->digit <= 2 && m->random < 24;
}

/* The name of a type or a function about keys: Ed25519PrivateKey, getAccessToken2. */
static bool key_type(struct span s, const struct makeup *m)
{
    static const struct span words[] = {SPAN_LIT("Key"), SPAN_LIT("Token"), SPAN_LIT("Secret"),
                                        SPAN_LIT("Password"), SPAN_LIT("Credential")};
    /* a bit each, of their first two bytes */
    static const uint8_t begins[256] = {['K'] = 1, ['T'] = 2, ['S'] = 4, ['P'] = 8, ['C'] = 16};
    static const uint8_t seconds[256] = {['e'] = 1 | 4, ['o'] = 2, ['a'] = 8, ['r'] = 16};
    uint8_t last = s.p[s.n - 1];
    bool ends = last == 'y' || last == 'n' || last == 't' || last == 'd' || last == 'l';
    unsigned may = 0;
    if (!m->upper || (m->random >= 28 && !ends))
        return false;
    for (size_t i = 1; i + 1 < s.n; i++)
        may |= begins[s.p[i]] & seconds[s.p[i + 1]];
    for (size_t i = 0; may >> i; i++) {
        size_t at = may >> i & 1 ? span_search(s, 1, words[i]) : s.n, end = at + words[i].n;
        if (at < s.n && secret_alnum(s.p[at - 1]) &&
            !((uint8_t)(secret_byte(s, end) - 'a') < 26 && secret_byte(s, end) != 's') &&
            (end == s.n || m->random < 28))
            return true;
    }
    return false;
}

/* RSA_SIGN_PKCS1_4096, KeySpec.ECC_NIST_P384: words in capitals joined by _, a program's constant.
 */
static bool constant(struct span s, const struct makeup *m)
{
    size_t at, signs = 0;
    if (!m->mark || m->special)
        return false;
    s.n -= s.p[s.n - 1] == ':';
    for (at = s.n; at && s.p[at - 1] != '.'; at--) {
        uint8_t c = s.p[at - 1];
        if (kinds[c] != UPPER && kinds[c] != DIGIT && c != '_')
            return false;
        signs += c == '_';
    }
    return signs && s.n - at > signs && m->random < SECRET_RANDOM_LIKELY;
}

/* 2026-05-01, 2026-05-01T10:00:00Z */
static bool dated(struct span s)
{
    static const char form[] = "dddd-dd-dd";
    for (size_t i = 0; form[i]; i++)
        if (form[i] == 'd' ? !secret_digit(secret_byte(s, i)) : secret_byte(s, i) != '-')
            return false;
    return s.n == 10 || s.p[10] == 'T' || s.p[10] == ' ';
}

/* Does `word` stand in the list of n? */
static bool listed(struct span word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i][0] == (char)word.p[0] && span_is(word, list[i]))
            return true;
    return false;
}

/* Words of sentences; those of the second list a passphrase may hold, too, when its words are
 * joined by a sign. */
static bool of_a_sentence(struct span word, bool joined)
{
    static const char *const prose[] = {
        "the",   "and",      "for",     "with",    "your",  "you",    "must",  "not",    "see",
        "same",  "should",   "need",    "has",     "have",  "are",    "was",   "will",   "this",
        "that",  "from",     "can",     "than",    "ask",   "use",    "set",   "new",    "change",
        "pass",  "password", "invalid", "wrong",   "enter", "please", "field", "forgot", "reset",
        "login", "least",    "minimum", "match",   "key",   "file",   "vault", "secret", "stored",
        "here",  "example",  "only",    "letters", "user",  "name",   "again", "empty",  "none",
        "last",  "first",    "any",     "sent",    "via",   "check",  "data",  "token",  "value"};
    static const char *const often[] = {
        "because", "been",  "being", "which", "when",  "where",    "while",     "then",
        "their",   "also",  "into",  "once",  "until", "without",  "used",      "using",
        "would",   "could", "some",  "such",  "after", "before",   "never",     "always",
        "both",    "each",  "them",  "they",  "what",  "required", "necessary", "needed",
        "saved",   "given", "since", "about", "does",  "did"};
    return listed(word, prose, sizeof prose / sizeof *prose) ||
           (!joined && listed(word, often, sizeof often / sizeof *often));
}

bool secret_passphrase(struct span s)
{
    uint8_t sign = 0;
    bool capital = false;
    size_t words = 1, from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        uint8_t c = i < s.n ? s.p[i] : sign;
        if ((uint8_t)(c - 'a') < 26 || (i == from && sign != ' ' && ascii_lower(c) != c)) {
            capital |= ascii_lower(c) != c;
            continue;
        }
        size_t digits = i;
        while (i == from && words >= 4 && digits < s.n && secret_digit(s.p[digits]))
            digits++;
        if (digits == s.n && digits - i >= 2 && digits - i <= 4 && sign && sign != '_')
            return true; /* copper-tiger-lamp-42 */
        if (i - from < 3 || i - from > 11 || (c != ' ' && c != '-' && c != '_' && c != '.') ||
            (sign && c != sign) || (c == ' ' && capital))
            return false;
        if (of_a_sentence(span_cut(s, from, i - from), c != ' '))
            return false;
        sign = c;
        from = i + 1;
        words += i < s.n;
    }
    return words >= 4 && words <= 10;
}

bool secret_dashed(struct span s)
{
    /* of classes, resources and messages, which are called alike */
    static const char *const named[] = {
        "account",     "admin",    "api",     "app",    "auth",     "backup",   "bar",
        "bold",        "box",      "btn",     "button", "cert",     "certs",    "client",
        "cluster",     "code",     "col",     "config", "control",  "creds",    "current",
        "credentials", "default",  "dev",     "dialog", "email",    "error",    "external",
        "flex",        "form",     "grid",    "group",  "icon",     "input",    "jwt",
        "label",       "link",     "local",   "main",   "manager",  "modal",    "page",
        "panel",       "policy",   "private", "prod",   "public",   "registry", "remote",
        "require",     "required", "role",    "server", "service",  "settings", "shared",
        "small",       "staging",  "state",   "store",  "strength", "text",     "tls",
        "title",       "tooltip",  "type",    "web",    "wrapper"};
    size_t from = 0;
    if (span_find(s, 0, '-') == s.n || !secret_passphrase(s))
        return false;
    for (size_t i = 0; i <= s.n; i++)
        if (i == s.n || s.p[i] == '-') {
            if (listed(span_cut(s, from, i - from), named, sizeof named / sizeof *named))
                return false;
            from = i + 1;
        }
    return true;
}

/* Sixteen small letters, the password that a provider of mail gives a program: less random than
 * others may be, more than names of sixteen letters are. */
static bool of_mail(struct span s, const struct makeup *m)
{
    enum { LETTERS = 16 };
    return s.n == LETTERS && m->lower == LETTERS && m->random >= 22.5F;
}

/* A password: some mixture, or letters no word is made of. */
static float password_score(struct span s, const struct makeup *m, struct secret_named name,
                            bool quoted)
{
    if (s.n < PASSWORD_MIN || s.n > PASSWORD_MAX || m->odd)
        return 0;
    if ((m->blank || name.phrase || m->digit) ? secret_passphrase(s) : secret_dashed(s))
        return 0.75F;
    if (m->blank)
        return 0;
    bool numbered =
        secret_numbered(s) || numbered_once(s) || (name.literal && joined_words(s, true));
    if (!quoted && ((!numbered && code_like(s, m)) || key_type(s, m)))
        return 0;
    if ((!m->digit || !quoted) && constant(s, m))
        return 0;
    size_t letters = m->lower + m->upper;
    if (!letters)
        return m->digit >= 6 && !m->mark ? 0.75F : 0;
    if (m->special || (m->digit && letters && !(m->mark && m->random < 20)))
        return 0.85F;
    if (numbered) /* two words and a number: correct.horse4711 */
        return 0.75F;
    if (m->lower && m->upper && m->random >= 22)
        return 0.8F;
    if (m->random >= SECRET_RANDOM_LIKELY || of_mail(s, m))
        return 0.75F;
    return s.n >= 8 && !m->mark ? 0.4F : 0;
}

/* The salts of WordPress and others: every sign of the keyboard, a blank too. */
static bool of_every_sign(struct span s, const struct makeup *m)
{
    return s.n >= 32 && m->special >= s.n / 6 && m->digit >= 2 && m->upper >= 2 && m->lower >= 2 &&
           m->random >= SECRET_RANDOM_LIKELY;
}

/* Tabby_cat_88_moon, Sandpiper-Run-12: as people make passwords. What a Secret of a cluster is
 * called has small letters alone: it is one where the name leaves no doubt (`told`). */
static bool made_up(struct span s, const struct makeup *m, bool told)
{
    enum { DIGITS_MAX = 6 };
    bool mixed = m->digit && m->upper && m->lower && m->random >= SECRET_RANDOM_SURE; /* q8Zt2LmX */
    return m->digit && m->digit <= DIGITS_MAX && (m->upper || told) &&
           (mixed || secret_numbered(s) || joined_words(s, true)) && !secret_program_words(s);
}

/* A key or token: long and random; short only with a rich mixture. */
static float key_score(struct span s, const struct makeup *m, struct secret_named name, bool quoted)
{
    float random = m->random;
    if (m->odd || s.n > SECRET_VALUE_MAX || s.n < SHORT_KEY_MIN)
        return 0;
    if ((quoted && of_every_sign(s, m)) || (name.phrase && secret_dashed(s)))
        return 0.75F;
    if (m->blank)
        return 0;
    if (name.made && (quoted || name.literal) && made_up(s, m, name.phrase))
        return 0.75F;
    if (!quoted && (code_like(s, m) || key_type(s, m)))
        return 0;
    if (constant(s, m) || span_find(s, 0, ',') < s.n)
        return 0;
    if (secret_uuid(s))
        return name.kind == NAME_KEY && !name.once ? 0.8F : 0;
    bool letters = m->lower + m->upper > 0;
    if (!letters && !m->special && m->mark >= 3)
        return 0; /* 1.2.840.113549.1.9.4 */
    if (name.kind == NAME_WEAK)
        return s.n >= WEAK_KEY_MIN && m->digit && letters && random >= SECRET_RANDOM_SURE &&
                       !(secret_hex(s) && s.n != 32)
                   ? 0.75F
                   : 0;
    if (s.n >= KEY_MIN) {
        if (secret_hex(s))
            return letters && m->digit ? 0.8F : 0;
        if (!m->digit && !m->special)
            return s.n >= 20 && random >= 28 ? 0.75F : 0;
        if (m->special > s.n / 3)
            return 0;
        return random >= SECRET_RANDOM_LIKELY ? 0.8F : random >= 23 && m->digit >= 3 ? 0.7F : 0;
    }
    if (m->digit && letters && m->special && m->lower + m->digit < s.n)
        return 0.75F;
    if (m->special && m->upper && m->lower && random >= SECRET_RANDOM_LIKELY)
        return 0.75F;
    return s.n >= 10 && m->digit && m->lower && m->upper && random >= 30 ? 0.7F : 0;
}

void secret_value(struct secret_pass *p, size_t start, size_t end, struct secret_named name,
                  bool quoted)
{
    struct span s = span_cut(p->text, start, end - start);
    if (name.kind == NAME_NONE || s.n < PASSWORD_MIN || s.n > SECRET_VALUE_MAX)
        return;
    size_t hash = s.p[0] == '$' ? secret_crypt(s) : 0;
    if (hash) {
        secret_emit(p, start, start + hash, SECRET_password_hash, 0.5F);
        return;
    }
    if (name.kind == NAME_HASH)
        return;
    struct makeup m = makeup_of(p, start, end);
    float score = name.kind == NAME_PASSWORD ? password_score(s, &m, name, quoted)
                                             : key_score(s, &m, name, quoted);
    if (score <= 0 || literal_word(s) || dated(s) || secret_known_form(s) || secret_placeholder(s))
        return;
    if (name.sample && score > 0.5F)
        score = 0.45F;
    unsigned rule = name.kind == NAME_PASSWORD ? SECRET_password
                    : name.aws && s.n == 40    ? SECRET_aws_secret_key
                                               : SECRET_generic_key;
    secret_emit(p, start, end, rule, score);
}

void secret_password(struct secret_pass *p, size_t start, size_t end, unsigned rule, float score)
{
    struct span s = span_cut(p->text, start, end - start);
    static const char *const weak[] = {"pass",     "password", "passwd", "secret",    "pwd",
                                       "changeme", "user",     "admin",  "root",      "test",
                                       "guest",    "postgres", "mysql",  "anonymous", "redis",
                                       "rabbitmq", "mongo",    "oauth2", "token"};
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
        if (s.n && ascii_lower(s.p[0]) == (uint8_t)weak[i][0] && span_is_nocase(s, weak[i]))
            return;
    if (s.n < 4 || secret_placeholder(s))
        return;
    struct makeup m = makeup_of(p, start, end);
    bool mixed = m.digit || m.special || (m.lower && m.upper) || secret_passphrase(s);
    if (!mixed && m.random < 25)
        score = 0.5F;
    secret_emit(p, start, end, rule, score);
}
