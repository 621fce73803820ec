/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a telling word to the value it announces. The anchor is the word ("pass", "token", "key"),
 * not the sign between name and value: such words are rare, '=' and ':' are not. From the word the
 * whole name is read, then the gap (secret_gap.c), then the value; only when there is one is the
 * name weighed, since in prose hardly any of these words announces anything.
 */
#include "secret_gap_int.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum { AT_ONCE = 16, NEAR = 64, LONG_VALUE = 256, VALUE_MIN = 6, ROWS_MAX = 40, DIGEST_MIN = 32 };

/* clang-format off */
const struct secret_word_key secret_word_keys[SECRET_WORD_KEYS] = {
    /* names */
    {"pass", "^wcpo"}, {"pwd", NULL}, {"psw", NULL}, {"secr", "e"}, {"toke", "n"}, {"key", "^"}, {"cred", "es"},
    {"auth", NULL}, {"bear", "e"}, {"basi", "c"}, {"senh", "a"}, {"clav", "e"}, {"cont", "r"}, {"kenn", "w"},
    {"mnem", "o"}, {"seed", NULL}, {"iden", "t"}, {"jwt", NULL}, {"sig", "n"}, {"pw=", NULL},
    {"pw ", NULL}, {"pw?", NULL}, {" p:", NULL}, {"psk", NULL}, {"ssws", NULL}, {"phra", "s"}, {"pepp", "e"},
    /* options */
    {" -p", NULL}, {" -a", NULL}, {" -w", NULL}, {" -u", NULL}, {" -x", NULL}, {" -k", NULL},
    {" -n", NULL}, {" -c", NULL}, {" -s", NULL}, {" -h", NULL}, {"--us", "e"}, {"--va", "l"},
    /* tools and functions */
    {"mysq", "l"}, {"logi", "n"}, {"sqlp", "l"}, {"snmp", NULL}, {"otpw", NULL}, {"nect", "i"}, {"pdo", ""},
    {"wifi", ""}, {"hmac", ""}, {"ciph", "e"}, {"fern", "e"}, {"to-s", NULL}, {"net ", "u"}, {"mc a", NULL},
    {"assw", NULL}, {"| su", NULL}, {"kini", "t"}, {"zuga", NULL}, {"vpn:", NULL}, {"rabb", NULL}, {"og i", NULL},
    {"kty", NULL}, {"teus", "e"}, {"ap_b", "i"}, {"ap_o", "p"}, {"aes.", "ned"}, {"ftp(", NULL},
    {"| cr", "y"},
    {" /p", NULL}, {" /r", NULL}, {"pw_", NULL}, {"pdp", NULL}, {"cn=", NULL}, {"<<<", NULL},
    {"h::", NULL}, {"kv ", NULL}, {"\" \"", NULL}, {"ocha", "r"}, {"mmun", "i"}, {"n >", NULL},
    /* a user at the password, a number that opens something */
    {" / ", NULL}, {"pin ", NULL}, {"code", ""},
    /* other languages */
    {"mot", "ds"}, {"mdp", NULL}, {"wach", "t"}, {"rola", NULL}, {"lasa", "n"},
};
/* clang-format on */

/* ---- the name ---- */

/* Which of sixteen bytes are a name's. */
static inline unsigned names_of(const uint8_t *p)
{
#if defined(__x86_64__)
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i letter = _mm_add_epi8(_mm_or_si128(v, _mm_set1_epi8(0x20)), _mm_set1_epi8(0x80 - 'a'));
    __m128i digit = _mm_add_epi8(v, _mm_set1_epi8((char)(0x80 - '0')));
    __m128i sign = _mm_add_epi8(v, _mm_set1_epi8((char)(0x80 - '-')));
    __m128i word = _mm_or_si128(_mm_cmpgt_epi8(_mm_set1_epi8(-128 + 26), letter),
                                _mm_cmpgt_epi8(_mm_set1_epi8(-128 + 10), digit));
    sign = _mm_or_si128(_mm_cmpgt_epi8(_mm_set1_epi8(-128 + 2), sign),
                        _mm_cmpeq_epi8(v, _mm_set1_epi8('_')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(word, sign));
#else
    unsigned names = 0;
    for (unsigned i = 0; i < AT_ONCE; i++)
        names |= (unsigned)name_byte(p[i]) << i;
    return names;
#endif
}

static struct around around(struct span text, size_t at)
{
    size_t from = at, end = at, low = at > NAME_SIDE ? at - NAME_SIDE : 0;
    size_t high = at + span_cut(text, at, NAME_SIDE).n;
    if (at >= AT_ONCE && text.n - at >= AT_ONCE) {
        unsigned before = names_of(text.p + at - AT_ONCE) << AT_ONCE;
        from -= (size_t)__builtin_clz(~before);
        end += (size_t)__builtin_ctz(~names_of(text.p + at));
    }
    while (from > low && name_byte(text.p[from - 1]))
        from--;
    while (end < high && name_byte(text.p[end]))
        end++;
    return (struct around){.from = from,
                           .end = end,
                           .before = from ? text.p[from - 1] : 0,
                           .after = secret_byte(text, end)};
}

/* What the name at the gap announces. */
static struct secret_named announced(const struct gap *g, struct span name)
{
    return g->seed ? secret_name_of(SPAN_LIT("secret")) : secret_name_in_prose(g->text, name);
}

/* What stands from `at` to the line's end, without a full stop; empty when that is long. */
static struct span rest_of_line(struct span t, size_t at)
{
    enum { PHRASE_MAX = 100 };
    struct span line = span_cut(t, at, PHRASE_MAX);
    line.n = span_find(line, 0, '\n');
    line.n = span_find(line, 0, '\r');
    if (line.n == PHRASE_MAX)
        return SPAN_NONE;
    line.n -= line.n && line.p[line.n - 1] == '.';
    return line;
}

/* Groups of four letters and digits of base32, a blank between. */
static bool in_groups(struct span line)
{
    enum { GROUP = 4, GROUPS_MIN = 4 };
    bool digit = false;
    for (size_t i = 0; i < line.n; i++) {
        uint8_t c = line.p[i];
        bool base32 = (uint8_t)(ascii_lower(c) - 'a') < 26 || (uint8_t)(c - '2') < 6;
        if (i % (GROUP + 1) == GROUP ? c != ' ' : !base32)
            return false;
        digit |= secret_digit(c);
    }
    return digit && line.n >= GROUPS_MIN * (GROUP + 1) - 1 && line.n % (GROUP + 1) == GROUP;
}

/* "setup key: yopr tkp3 q7uk u5xo": a second factor's, as people are shown it. */
SECRET_RARE static bool grouped_key(struct secret_pass *p, const struct gap *g, struct span name,
                                    size_t at)
{
    struct span line = rest_of_line(g->text, at);
    if (!in_groups(line) || announced(g, name).kind == NAME_NONE)
        return false;
    secret_emit(p, at, at + line.n, SECRET_generic_key, 0.75F);
    return true;
}

/* Could it be the first word of a passphrase in prose? */
static bool lower_word(struct span s)
{
    return s.n >= 3 && s.n < 12 && (uint8_t)(s.p[0] - 'a') < 26 &&
           (uint8_t)(s.p[s.n - 1] - 'a') < 26;
}

/* `"max_tokens": 4096,`: what stands behind most telling names of JSON and YAML, too short for a
 * value. Says no where gap_find has to look closer. */
static bool short_literal(const struct gap *g)
{
    uint8_t before = g->name_at ? g->text.p[g->name_at - 1] : '\n';
    size_t at = peek(g, 0) == '"';
    if (peek(g, at) != ':' || !memchr("\" \n\t{,", before, 6))
        return false;
    at += peek(g, at + 1) == ' ' ? 2 : 1;
    size_t n = 0;
    while (n < VALUE_MIN && secret_alnum(peek(g, at + n)))
        n++;
    uint8_t after = peek(g, at + n);
    return n && n < VALUE_MIN && (after == ',' || after == '}' || after == '\n');
}

/* The second value of "from VALUE to VALUE"; false when there is none. */
SECRET_RARE static bool changed_to(struct secret_pass *p, const struct gap *g,
                                   const struct value *first, struct secret_named named)
{
    struct gap to = {.text = g->text, .at = first->end + first->quoted, .prose = true};
    if (!word_at(&to, 0, " to "))
        return false;
    to.at += 4;
    struct value v = gap_value(&to);
    secret_value(p, v.start, v.end, named, v.quoted);
    return true;
}

/* "ssh -i deploy_key jane@web.lab.lan": is the name a file's, behind which somebody logs in? */
SECRET_RARE static bool identity_file(const struct gap *g, struct span name)
{
    enum { BEFORE = 64 };
    size_t from = g->name_at > BEFORE ? g->name_at - BEFORE : 0;
    struct span before = span_cut(g->text, from, g->name_at - from);
    return (name.n >= 3 && span_eq_nocase(span_from(name, name.n - 3), SPAN_LIT("key"))) ||
           span_search(before, 0, SPAN_LIT("-i ")) < before.n;
}

/* "password jane@10.0.0.4", not "password reset jane@web2.lab.lan". */
static bool right_behind(const struct gap *g, struct span name, struct span s)
{
    struct gap behind = {.text = g->text, .at = (size_t)(name.p - g->text.p) + name.n};
    gap_blanks(&behind);
    return s.p == g->text.p + behind.at;
}

/* May a bare value be meant where nothing but a blank stands before it? */
static bool loose_value(const struct gap *g, struct span name, struct span s)
{
    if (secret_user_at_host(s) && (identity_file(g, name) || !right_behind(g, name, s)))
        return false;
    if (secret_opaque(s) || secret_spelled(s) || secret_numbered(s) || secret_letters(s) ||
        secret_dashed(s))
        return true;
    return gap_told(g) && (secret_told_token(s) || secret_passphrase(s) ||
                           secret_surprise(s) >= SECRET_RANDOM_LIKELY);
}

/* Does the name, or what stands between, ask for more of the value than there is? `verb`: " to "
 * stands right before it. */
static bool too_plain(const struct gap *g, const struct value *v, struct span name,
                      struct secret_named named, float random, bool verb)
{
    struct span s = span_cut(g->text, v->start, v->end - v->start);
    bool pass = name.n == 4 && (verb || !secret_strong(s)); /* "to pass to X" is no password */
    bool password = named.kind == NAME_PASSWORD;
    if (name.n == 9 && span_is_nocase(name, "passwords") && !v->quoted && !secret_spelled(s))
        return true; /* "passwords: 8-64" are spoken of */
    return (g->prose && !v->quoted && password &&
            ((random < 20 && !secret_numbered(s) && !secret_passphrase(s) &&
              (g->loose || !secret_digits(s))) ||
             pass)) ||
           (g->strict && (s.n < 20 || random < SECRET_RANDOM_SURE)) ||
           (g->loose && !v->quoted && random < SECRET_RANDOM_LIKELY &&
            !(password && (secret_numbered(s) || secret_dashed(s))) && !secret_spelled(s) &&
            !gap_told(g));
}

/* "the key in .env: API_TOKEN=…": the value has a name of its own, which is read by itself. */
SECRET_RARE static bool names_another(struct span s)
{
    size_t sign = span_find(s, 0, '=');
    return sign > 3 && sign + VALUE_MIN < s.n && s.p[sign + 1] != '=' &&
           secret_name_of(span_cut(s, 0, sign)).kind != NAME_NONE;
}

/* "Key f(", "KeyPtr load   (": a function behind the type of what it returns, perhaps in columns;
 * but "VALUE (of the router)". */
static bool opens_call(const struct gap *g, size_t end, struct span s)
{
    struct gap after = {.text = g->text, .at = end};
    size_t n = gap_blanks(&after);
    return peek(&after, 0) == '(' && n != 1 && (!n || secret_function_name(s));
}

/* Does the value stand where no name of a program's can: NAME=value, a line "name: value", an
 * option, an element, a query, a connection string, a sentence? */
static bool of_literals(const struct gap *g, struct span name, const struct value *v)
{
    size_t at = (size_t)(name.p - g->text.p), sign = v->start;
    uint8_t before = at ? g->text.p[at - 1] : '\n', behind = secret_byte(g->text, v->end);
    bool setting = sign == at + name.n + 1 && g->text.p[sign - 1] == '=' && behind <= ' ';
    if (setting || g->own_line || (g->prose && !g->loose) || before == '-' || before == '&' ||
        before == ';' || behind == '&' || behind == '<' || behind == '\\')
        return true;
    while (sign && blank(g->text.p[sign - 1]))
        sign--;
    while (at && blank(g->text.p[at - 1]))
        at--;
    return sign > at && g->text.p[sign - 1] == ':' && (!at || g->text.p[at - 1] == '\n') &&
           (behind == '\n' || behind == '\r' || v->end == g->text.n);
}

/* What the name announces of the value s: `key` alone says little, but of a query's ("?key=X") and
 * as many hexadecimal digits as a digest has. */
static struct secret_named announced_of(const struct gap *g, struct span name, struct span s)
{
    struct secret_named named = announced(g, name);
    uint8_t before = g->name_at ? g->text.p[g->name_at - 1] : 0;
    if (named.kind == NAME_WEAK && (before == '?' || before == '&') && s.n >= DIGEST_MIN &&
        secret_hex(s) && secret_byte(g->text, g->name_at + name.n) == '=')
        named.kind = NAME_KEY;
    return named;
}

/* Behind a name: find the value, and if it could be one, weigh it against the name. */
static void assignment(struct secret_pass *p, struct gap g, struct span name)
{
    if ((peek(&g, 0) == '.' && peek(&g, 1) <= ' ') || short_literal(&g) || !gap_find(&g))
        return; /* behind the sentence's end no value is announced */
    struct value v = gap_value(&g);
    uint8_t behind = secret_byte(g.text, v.end);
    if (!g.loose && !v.quoted && (behind == ' ' || quote(behind) || behind == ')'))
        gap_fallback(&g, &v);
    struct span s = span_cut(g.text, v.start, v.end - v.start);
    bool verb = v.start == g.name_at + name.n + 4 && !memcmp(g.text.p + v.start - 4, " to ", 4);
    if (!v.quoted && !g.loose && !verb && secret_byte(g.text, v.end) == ' ' && lower_word(s)) {
        struct span line = rest_of_line(g.text, v.start);
        if (secret_passphrase(line)) {
            secret_value(p, v.start, v.start + line.n, announced(&g, name), true);
            return;
        }
    }
    if (s.n == 4 && !v.quoted && behind == ' ' && grouped_key(p, &g, name, v.start))
        return;
    struct gap next = {.text = g.text, .at = v.end};
    if (word_at(&next, 0, " / ") && g.name_at > 2 &&
        (g.text.p[g.name_at - 1] == '/' || !memcmp(g.text.p + g.name_at - 2, "/ ", 2))) {
        next.at += 3; /* "user / password: jane / VALUE" */
        v = gap_value(&next);
        s = span_cut(g.text, v.start, v.end - v.start);
    }
    if (g.prose && !v.quoted && names_another(s))
        return;
    if (s.n > LONG_VALUE) /* names inside it are not looked at: linear time */
        p->name_end = v.end;
    if ((g.loose && !v.quoted && opens_call(&g, v.end, s)) || secret_of_program(&g, name, &v))
        return;
    size_t password = secret_pair_start(name, s, v.start);
    if (password > v.start && (!g.loose || gap_told(&g))) {
        secret_value(p, password, v.end, SECRET_A_PASSWORD, v.quoted);
        return;
    }
    if (s.n < VALUE_MIN || (g.loose && !v.quoted && !loose_value(&g, name, s)) ||
        (secret_plain_word(s, v.quoted) && !(v.quoted ? secret_passphrase(s) : secret_dashed(s))))
        return;
    if (g.function && name.n > 4 && span_eq_nocase(span_cut(name, 0, 3), SPAN_LIT("get")))
        name = span_from(name, 3); /* getApiKey() = "x" */
    struct secret_named named = announced_of(&g, name, s);
    if (named.kind == NAME_NONE)
        return;
    if (named.kind == NAME_WEAK && span_ends(name, SPAN_LIT("auth")) && secret_basic(s)) {
        /* "auth": "dXNlcjpwYXNz", as in Docker's settings */
        secret_emit(p, v.start, v.end, SECRET_basic_auth, 0.85F);
        return;
    }
    float random = secret_random(p, v.start, v.end);
    if (too_plain(&g, &v, name, named, random, verb))
        return;
    if (g.changed && !changed_to(p, &g, &v, named))
        return;
    named.literal = !v.quoted && of_literals(&g, name, &v);
    secret_value(p, v.start, v.end, named, v.quoted);
    for (unsigned row = 1; g.column && row < ROWS_MAX && gap_next_row(&g, v.end); row++) {
        v = gap_value(&g);
        secret_value(p, v.start, v.end, named, v.quoted);
    }
}

/* "authority", not "authorization"; "secretary", "secretly", "phrased": does the word that begins
 * with `first`, n bytes of `rest`, go on in small letters as another that announces nothing? */
static bool goes_on(struct span rest, size_t n, uint8_t first)
{
    uint8_t c = secret_byte(rest, n), d = secret_byte(rest, n + 1), e = secret_byte(rest, n + 2);
    if (first == 'a')
        return c == 'o' && d == 'r' &&
               (e != 'i' || (secret_byte(rest, n + 3) != 'z' && secret_byte(rest, n + 3) != 's'));
    if (first == 's')
        return n == 6 &&
               ((c == 'a' && d == 'r' && (e == 'y' || e == 'i')) || (c == 'l' && d == 'y'));
    return first == 'p' && n == 6 && c == 'd';
}

/* The key matched by its first bytes only: is it the word? "key" and "pass" only at a word's end.
 */
static bool is_word(struct span text, size_t at)
{
    /* by their first letter, longest first */
    static const struct span words[32][7] = {
        ['a' & 31] = {SPAN_LIT("auth")},
        ['b' & 31] = {SPAN_LIT("bearer"), SPAN_LIT("basic")},
        ['c' & 31] = {SPAN_LIT("credential"), SPAN_LIT("creds"), SPAN_LIT("contrase"),
                      SPAN_LIT("clave")},
        ['i' & 31] = {SPAN_LIT("identified")},
        ['j' & 31] = {SPAN_LIT("jwt")},
        ['k' & 31] = {SPAN_LIT("kennwort"), SPAN_LIT("key")},
        ['m' & 31] = {SPAN_LIT("motdepasse"), SPAN_LIT("mnemonic"), SPAN_LIT("mdp")},
        ['p' & 31] = {SPAN_LIT("pwd"), SPAN_LIT("psw"), SPAN_LIT("psk"), SPAN_LIT("pw"),
                      SPAN_LIT("phrase"), SPAN_LIT("pepper")},
        ['s' & 31] = {SPAN_LIT("secret"), SPAN_LIT("senha"), SPAN_LIT("seed"), SPAN_LIT("ssws")},
        ['t' & 31] = {SPAN_LIT("token")},
    };
    struct span rest = span_from(text, at);
    if ((text.p[at] | 0x20) == 'p' && ascii_lower(secret_byte(text, at + 1)) == 'a')
        return secret_is_pass(rest);
    uint8_t second = secret_byte(text, at + 1) | 0x20;
    for (const struct span *w = words[text.p[at] & 31]; w->n; w++) {
        if (w->p[1] != second)
            continue;
        size_t k = 2;
        while (k < w->n && k < rest.n && (rest.p[k] | 0x20) == w->p[k]) /* they are letters */
            k++;
        if (k < w->n)
            continue;
        if (k > 3 || *w->p != 'k')
            return !goes_on(rest, k, *w->p);
        return (uint8_t)(secret_byte(rest, k) - 'a') >= 26;
    }
    return false;
}

/* Most of these words announce nothing: say so from what stands behind, before anything else. */
static bool says_nothing(struct span text, size_t at, size_t end)
{
    struct gap g = {.text = text, .at = end, .name_at = at};
    uint8_t c = peek(&g, 0), next = peek(&g, 1);
    g.at += c == '?' && next == ' '; /* "the password? VALUE" */
    if (peek(&g, 0) == ' ')
        return gap_prose(&g);
    if (c == '(')
        return !quote(next) && !blank(next) && !memchr("\\bfsE)&", next, 7);
    if (c == ')') {
        while (blank(peek(&g, 1)) || peek(&g, 1) == '\n')
            g.at++;
        return ascii_lower(peek(&g, 1)) != 'v';
    }
    if (c == ';') /* "user;password;mail": a cell of a head */
        return !secret_alnum(next) && !quote(next);
    return c == 0 || c == '!' || c == '?' || c == '+' || (c == '*' && next != '*');
}

/* The KEY of "-----BEGIN … PRIVATE KEY-----": where the block begins, SIZE_MAX if it is none. A
 * pass that has no anchor for the dashes finds key blocks this way. */
SECRET_RARE static size_t block_start(struct span text, size_t at)
{
    if (at < 19 || memcmp(text.p + at - 8, "PRIVATE ", 8) != 0)
        return SIZE_MAX;
    for (size_t back = 19; back <= at && back <= NEAR; back++)
        if (memcmp(text.p + at - back, "-----BEGIN ", 11) == 0)
            return at - back;
    return SIZE_MAX;
}

/* "TOTP seed", "otp seed": the word before says that it is a key. */
static bool one_time(struct span t, size_t at)
{
    return at >= 4 && span_eq_nocase(span_cut(t, at - 3, 2), SPAN_LIT("tp")) &&
           (t.p[at - 1] == ' ' || t.p[at - 1] == '_');
}

/* mnemonic, seed, SEED_PHRASE, wallet_mnemonic, recovery-phrase. */
static bool names_phrase(struct span name)
{
    static const struct span ends[] = {SPAN_LIT("seed"), SPAN_LIT("mnemonic"), SPAN_LIT("phrase"),
                                       SPAN_LIT("seed_words")};
    uint8_t last = name.n ? ascii_lower(name.p[name.n - 1]) : 0;
    if (last != 'd' && last != 'c' && last != 'e' && last != 's')
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (last == ends[i].p[ends[i].n - 1] && name.n >= ends[i].n &&
            span_eq_nocase(span_from(name, name.n - ends[i].n), ends[i]))
            return true;
    return false;
}

/* `"max_tokens": 4096,`: a whole name of JSON's in its quotes, and a short literal. Says so before
 * anything else is looked at, since such fields are most of what telling words are in. */
static bool short_field(struct secret_pass *p, struct around name)
{
    struct span t = p->text;
    size_t from = name.from, end = name.end;
    struct gap g = {.text = t, .at = end, .name_at = from};
    if (!from || t.p[from - 1] != '"' || peek(&g, 0) != '"' || !secret_alnum(t.p[from]) ||
        !secret_alnum(t.p[end - 1]) || !short_literal(&g))
        return false;
    p->name_end = end;
    return true;
}

/* Is it the word? Nearly always its length says no. */
static inline bool is_name(struct span name, struct span word)
{
    return name.n == word.n && span_eq_nocase(name, word);
}

/* The telling word at `at`, in its name: find what it announces. */
static __attribute__((noinline)) void read_word(struct secret_pass *p, size_t at,
                                                struct around near)
{
    struct span text = p->text;
    if ((near.before == ' ' && secret_said_before(p, at, near)) ||
        (secret_ends_code(near) && secret_said_behind(p, near)) ||
        ((text.p[at] | 0x20) == 'p' && secret_answered(p, near)) || secret_here_string(p, at) ||
        (secret_may_be_written(text, near) && secret_written(p, at)))
        return;
    struct span name = secret_name_around(text, at, near);
    struct gap g = {.text = text, .at = (size_t)(name.p - text.p) + name.n};
    g.name_at = g.at - name.n;
    if ((blank(peek(&g, 0)) &&
         (secret_second_word(p, &g, name) || secret_device_key(p, &g, name))) ||
        says_nothing(text, at, near.end))
        return;
    p->name_end = g.at;
    uint8_t after = peek(&g, quote(peek(&g, 0)));
    if (after != ':' && after != '=' && after != '(')
        secret_table_head(p, name);
    if (is_name(name, SPAN_LIT("identified"))) {
        secret_identified(p, g);
        return;
    }
    if (peek(&g, 0) == ':' && name.p >= text.p + 3 && !memcmp(name.p - 3, "://", 3))
        return; /* a link's user; secret_url.c reads the password */
    if (peek(&g, 0) == ':' && (peek(&g, 1) == '?' || peek(&g, 1) == '+') && g.name_at &&
        text.p[g.name_at - 1] == '{')
        return; /* ${NAME:?message} of a shell */
    if (quote(peek(&g, 0)) && name.p >= text.p + 2 && !memcmp(name.p - 2, "::", 2))
        return; /* "AWS::IAM::AccessKey": a type */
    size_t tail = name.n >= 13 ? name.n - 13 : 0;
    if (is_name(span_from(name, tail), SPAN_LIT("authorization"))) {
        secret_authorization(p, &g);
        return;
    }
    if (peek(&g, 0) == ' ' &&
        (is_name(name, SPAN_LIT("bearer")) || is_name(name, SPAN_LIT("basic")) ||
         is_name(name, SPAN_LIT("ssws")))) {
        g.at++;
        secret_credential(p, &g, name.n == 5);
        return;
    }
    if (names_phrase(name)) {
        secret_mnemonic(p, &g);
        g.seed = one_time(text, g.name_at);
        if (!g.seed && span_eq_nocase(name, SPAN_LIT("seed")))
            return;
    }
    assignment(p, g, name);
}

void secret_at_word(struct secret_pass *p, size_t at)
{
    struct span text = p->text;
    if (at >= p->skip && text.p[at] == 'K') {
        size_t block = block_start(text, at);
        if (block != SIZE_MAX)
            secret_at_pem(p, block);
    }
    /* auth.setPassword(, auth.createUser(, auth.basic(: functions inside a name that another word
     * began */
    bool inside = at < p->name_end && secret_byte(text, at + 8) != '(' &&
                  secret_byte(text, at + 6) != '(' && secret_byte(text, at + 5) != '(';
    if (at < p->skip || inside || secret_in_place(p, at) || at < p->name_end || !is_word(text, at))
        return;
    struct around near = around(text, at);
    if (!short_field(p, near))
        read_word(p, at, near);
}

bool secret_near(struct span text, size_t at)
{
    static const char *const words[] = {"key", "token", "secret", "passw", "auth", "cred", "api"};
    size_t from = at > NEAR ? at - NEAR : 0;
    struct gap g = {.text = span_cut(text, 0, at), .at = at};
    for (;; g.at--) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (word_at(&g, 0, words[i]))
                return true;
        if (g.at == from || text.p[g.at - 1] == '\n')
            return false;
    }
}
