/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging a value by itself: is it random, is it a stand-in, is it a hash? Called for candidates
 * only. Every function is linear in the value, which its caller bounds.
 */
#include "secret_int.h"

#include "num.h"
#include "secret_surprise_int.h"

/* No branch depends on a byte: in a random value nothing predicts it. */
float secret_surprise(struct span s)
{
    if (!s.n)
        return 0;
    size_t n = s.n < 512 ? s.n : 512;
    unsigned last = SURPRISE_START, sum = 0;
#pragma GCC unroll 4
    for (size_t i = 0; i < n; i++) {
        unsigned c = surprise_class[s.p[i]];
        sum += surprise_cost[last][c];
        last = c;
    }
    return (float)(sum + surprise_cost[last][SURPRISE_END]) / (float)n;
}

float secret_random(struct secret_pass *p, size_t at, size_t end)
{
    if (p->last.at != at || p->last.end != end) {
        p->last.at = at;
        p->last.end = end;
        p->last.random = secret_surprise(span_cut(p->text, at, end - at));
    }
    return p->last.random;
}

bool secret_hex(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (num_hex_digit(s.p[i]) > 15)
            return false;
    return s.n > 0;
}

bool secret_uuid(struct span s)
{
    if (s.n != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.p[i] != '-' : num_hex_digit(s.p[i]) > 15)
            return false;
    }
    return true;
}

/* How often a byte is the one before it; eight at once. */
static size_t repeats(struct span s)
{
    const uint64_t ones = 0x0101010101010101U, low = ones * 0x7F;
    size_t n = 0, i = 1;
    for (uint64_t a, b; s.n - i >= 8; i += 8) {
        memcpy(&a, s.p + i - 1, 8);
        memcpy(&b, s.p + i, 8);
        uint64_t other = a ^ b;
        uint64_t equal = ~(((other & low) + low) | other | low) >> 7; /* 1 in each byte of 0 */
        n += equal * ones >> 56;
    }
    for (; i < s.n; i++)
        n += s.p[i] == s.p[i - 1];
    return n;
}

/* How many different bytes there are, `most` at the most. */
static size_t different_bytes(struct span s, size_t most)
{
    enum { HEAD = 8 };
    uint64_t seen[4] = {0}, head = 0;
    size_t n = 0;
    for (size_t i = 0; i < HEAD && s.n >= HEAD; i++)
        head |= (uint64_t)1 << (s.p[i] & 63);
    for (size_t i = 1; i < most; i++)
        head &= head - 1;
    if (head) /* of the first bytes alone: nearly always */
        return most;
    for (size_t i = 0; i < s.n && n < most; i++) {
        uint64_t bit = (uint64_t)1 << (s.p[i] & 63);
        n += !(seen[s.p[i] >> 6] & bit);
        seen[s.p[i] >> 6] |= bit;
    }
    return n;
}

/* One character more than half of the time in a row, or three or fewer different ones, or a short
 * piece again and again. */
static bool monotone(struct span s)
{
    enum { FEW = 4, LONG_RUN = 10 };
    size_t run = 1, best = 1, equal = repeats(s), different = different_bytes(s, FEW + 1);
    bool possible = (equal + 1) * 2 > s.n || equal + 1 >= LONG_RUN;
    for (size_t i = 1; i < s.n && possible; i++) {
        run = run * (s.p[i] == s.p[i - 1]) + 1;
        best = run > best ? run : best;
    }
    if (best * 2 > s.n || best >= LONG_RUN || (different < FEW && s.n >= 5) ||
        (different <= FEW && s.n >= 12))
        return true;
    for (size_t period = 2; period <= 10 && period * 2 <= s.n; period++)
        if (!memcmp(s.p, s.p + period, 2) && !memcmp(s.p, s.p + period, s.n - period))
            return true;
    return false;
}

/* From s[i - 1] to s[i]: 1 up, -1 down (0123456, abcdef, 9876), ASCII case ignored; else something
 * else. */
static inline int step_at(struct span s, size_t i)
{
    bool wraps = (s.p[i] == '0') & (s.p[i - 1] == '9');
    return wraps ? 1 : ascii_lower(s.p[i]) - ascii_lower(s.p[i - 1]);
}

/* The longest run up or down by one, when that is at least LADDER_MIN; else some shorter length. A
 * long one has so many steps that one of them is met. */
enum { LADDER_MIN = 6 };
static size_t longest_ladder(struct span s)
{
    size_t best = 1;
    for (size_t i = LADDER_MIN - 1, next; i < s.n; i = next) {
        int step = step_at(s, i);
        next = i + LADDER_MIN - 1;
        if (step != 1 && step != -1)
            continue;
        size_t from = i, to = i + 1;
        while (from > 1 && step_at(s, from - 1) == step)
            from--;
        while (to < s.n && step_at(s, to) == step)
            to++;
        best = to - from + 1 > best ? to - from + 1 : best;
        next = to + LADDER_MIN - 2;
    }
    return best;
}

/* Does `word` (lower case) stand at s[at], case ignored? */
static bool word_here(struct span s, size_t at, const char *word)
{
    size_t k = 0;
    while (word[k] && at + k < s.n && ascii_lower(s.p[at + k]) == (uint8_t)word[k])
        k++;
    return !word[k];
}

/* The next place, from `at` on, where `next` by the bits `of` of its byte allows, a bit each, the
 * byte `apart` from it by its low bits; s.n when there is none. Four at once: most are none. */
static inline size_t pair_next(struct span s, size_t at, size_t apart, const uint32_t *next,
                               unsigned of)
{
    for (; at + apart + 4 <= s.n; at += 4) {
        const uint8_t *p = s.p + at, *q = p + apart;
        uint32_t may = next[p[0] & of] >> (q[0] & 31) | next[p[1] & of] >> (q[1] & 31) |
                       next[p[2] & of] >> (q[2] & 31) | next[p[3] & of] >> (q[3] & 31);
        if (may & 1)
            break;
    }
    while (at + apart < s.n && !(next[s.p[at] & of] >> (s.p[at + apart] & 31) & 1))
        at++;
    return at + apart < s.n ? at : s.n;
}

bool secret_holds(struct span s, const char *const *words, size_t n, size_t apart, bool nocase)
{
    uint32_t next[32] = {0};
    for (size_t i = 0; i < n; i++)
        next[words[i][0] & 31] |= (uint32_t)1 << (words[i][apart] & 31);
    for (size_t at = 0; (at = pair_next(s, at, apart, next, 31)) < s.n; at++)
        for (size_t i = 0; i < n; i++)
            if (!(((uint8_t)words[i][0] ^ s.p[at]) & 31) &&
                (nocase ? word_here(s, at, words[i])
                        : span_starts(span_from(s, at), span_str(words[i]))))
                return true;
    return false;
}

#define BIT(c) ((uint32_t)1 << ((c)&31))

/* One of the words of a stand-in at s[at]. In a long random value a short one may stand by chance.
 */
static bool stand_in_at(struct span s, size_t at)
{
    /* by the first byte's five low bits */
    static const char *const words[32][9] = {
        ['*' & 31] = {"****"},
        ['-' & 31] = {"-here", "masked", "my-secret", "my_secret", "mysecret", "my-token",
                      "my_token"},
        ['.' & 31] = {"...", "notreal", "not-real", "not_a_real"},
        ['_' & 31] = {"_here"},
        [0xe2 & 31] = {"\xe2\x80\xa6"},
        ['a' & 31] = {"a-z"}, /* a pattern's */
        ['c' & 31] = {"change"},
        ['d' & 31] = {"dummy", "deadbeef"},
        ['e' & 31] = {"example", "enter_", "enter-"},
        ['f' & 31] = {"fixme", "foobar", "fake"},
        ['g' & 31] = {"goes-here", "goes_here"},
        ['h' & 31] = {"hidden"},
        ['i' & 31] = {"insert"},
        ['k' & 31] = {"key-here", "key_here"},
        ['l' & 31] = {"lorem"},
        ['o' & 31] = {"obfuscated"},
        ['p' & 31] = {"placeholder", "password-here"},
        ['q' & 31] = {"qwerty"},
        ['r' & 31] = {"replace", "redacted", "removed"},
        ['s' & 31] = {"sample", "secret-here"},
        ['t' & 31] = {"todo", "token-here"},
        ['x' & 31] = {"xxxx"},
        ['y' & 31] = {"your"},
    };
    for (const char *const *word = words[s.p[at] & 31]; *word; word++) {
        if (!word_here(s, at, *word))
            continue;
        bool chance =
            (uint8_t)(**word - 'a') < 26 && **word != 'x' && strlen(*word) <= 4 && s.n > 24;
        if (!chance || secret_surprise(s) < SECRET_RANDOM_SURE)
            return true;
    }
    return false;
}

static bool stand_in_word(struct span s)
{
    /* what the second byte of such a word may be, by the first */
#define LETTER(c, bits) [c] = bits, [(c) - ('a' - 'A')] = bits
    static const uint32_t second[256] = {
        ['*'] = BIT('*'),
        ['-'] = BIT('h'),
        ['.'] = BIT('.'),
        ['_'] = BIT('h'),
        [0xe2] = BIT(0x80),
        LETTER('a', BIT('-')),
        LETTER('c', BIT('h')),
        LETTER('d', BIT('e') | BIT('u')),
        LETTER('e', BIT('n') | BIT('x')),
        LETTER('f', BIT('a') | BIT('i') | BIT('o')),
        LETTER('g', BIT('o')),
        LETTER('h', BIT('i')),
        LETTER('i', BIT('n')),
        LETTER('k', BIT('e')),
        LETTER('l', BIT('o')),
        LETTER('m', BIT('a') | BIT('y')),
        LETTER('n', BIT('o')),
        LETTER('o', BIT('b')),
        LETTER('p', BIT('a') | BIT('l')),
        LETTER('q', BIT('w')),
        LETTER('r', BIT('e')),
        LETTER('s', BIT('a') | BIT('e')),
        LETTER('t', BIT('o')),
        LETTER('x', BIT('x')),
        LETTER('y', BIT('o')),
    };
#undef LETTER
    for (size_t at = 0; (at = pair_next(s, at, 1, second, 255)) < s.n; at++)
        if (stand_in_at(s, at))
            return true;
    return false;
}

/* Something of the program's or the template's: ${…}, {{…}}, <…>, %…%, a call, a reference. */
static bool reference(struct span s)
{
    /* by the first sign's five low bits */
    static const char *const heads[32][13] = {
        ['a' & 31] = {"arn:", "aws-sm:", "args.", "!Ref", "!Sub", "!vault", "!secret", "!GetAtt"},
        ['b' & 31] = {"bw:"},
        ['c' & 31] = {"config.", "credential:", "Config."},
        ['d' & 31] = {"data.", "data:", "document.", "$ANSIBLE_", "$2", "$6$", "$5$", "$1$", "$y$",
                      "$argon2", "$apr1$"},
        ['e' & 31] = {"env.", "ENC[", "ENC(", "ENV[", "Environment"},
        ['f' & 31] = {"file:", "file://", "form."},
        ['g' & 31] = {"getenv", "gcp-sm:"},
        ['h' & 31] = {"http://", "https://", "h1:"},
        ['i' & 31] = {"input."},
        ['j' & 31] = {"json."},
        ['k' & 31] = {"keyring", "keyvault:"},
        ['l' & 31] = {"local."},
        ['m' & 31] = {"module.", "md5:"},
        ['o' & 31] = {"op://", "os.environ", "os.getenv", "options.", "opts.", "/^", "/"},
        ['p' & 31] = {"process.", "projects/", "pass:", "params.", "props."},
        ['r' & 31] = {"ref+", "request.", "req."},
        ['s' & 31] = {"secrets.", "ssm:", "settings.", "self.", "sops:", "sha256:", "sha512-",
                      "sha384-", "sha1-", "sha256-", "string.", "System."},
        ['t' & 31] = {"this."},
        ['u' & 31] = {"urn:"},
        ['v' & 31] = {"vault:", "var."},
        ['w' & 31] = {"window."},
        ['.' & 31] = {"./", "../"},
        ['@' & 31] = {"@Microsoft."},
        ['~' & 31] = {"~/"},
    };
    for (const char *const *head = heads[s.p[0] & 31]; *head; head++) {
        size_t n = 0;
        while ((*head)[n] && n < s.n && s.p[n] == (uint8_t)(*head)[n])
            n++;
        if (!(*head)[n]) /* random base64 may begin with a slash */
            return n > 1 || secret_surprise(s) < SECRET_RANDOM_LIKELY;
    }
    return false;
}

/* These bytes open or close a template's hole, or are a format's or a pattern's. */
static bool template_mark(uint8_t a, uint8_t b, uint8_t after)
{
    switch (a) {
    case '$':
        return b == '{' || b == '(';
    case '{':
    case '}':
        return b == a;
    case '<':
        return b == '%';
    case '#':
        return b == '{';
    case '%':
        return b == '(' || (b == 's' && !secret_alnum(after));
    case '\\':
        return b == 'd' || b == 'w' || b == 'x';
    default:
        return false;
    }
}

static bool template(struct span s)
{
    static const char *const pairs[][2] = {{"<", ">"},   {"{", "}"},  {"[", "]"},   {"$(", ")"},
                                           {"%", "%"},   {"@", "@"},  {"__", "__"}, {"(", ")"},
                                           {"<%", "%>"}, {"#{", "}"}, {"`", "`"}};
    static const bool begins[256] = {
        ['<'] = true, ['{'] = true, ['['] = true, ['$'] = true, ['%'] = true,
        ['@'] = true, ['_'] = true, ['('] = true, ['#'] = true, ['`'] = true};
    for (size_t i = 0; begins[s.p[0]] && i < sizeof pairs / sizeof *pairs; i++)
        if (s.p[0] == (uint8_t)pairs[i][0][0] && span_starts(s, span_str(pairs[i][0])) &&
            span_ends(s, span_str(pairs[i][1])) &&
            (memchr("%@", s.p[0], 2) == NULL || secret_surprise(s) < SECRET_RANDOM_LIKELY))
            return true;
    static const uint8_t opens[256] = {
        ['$'] = 1, ['{'] = 1, ['}'] = 1, ['<'] = 1, ['#'] = 1, ['%'] = 1, ['\\'] = 1};
    bool open = secret_made_of(s, opens);
    for (size_t i = 0; i + 1 < s.n && open; i++)
        if (opens[s.p[i]] && template_mark(s.p[i], s.p[i + 1], secret_byte(s, i + 2)))
            return true;
    /* $NAME or $name: a shell variable; $ENV{NAME}, $config[…], $this->x: Perl's, PHP's. */
    if (s.n >= 2 && s.p[0] == '$' && !secret_digit(s.p[1])) {
        size_t i = 1;
        while (i < s.n && (secret_alnum(s.p[i]) || s.p[i] == '_'))
            i++;
        if (i == s.n)
            return !secret_digit(s.p[s.n - 1]);
        bool inside =
            s.p[i] == '{' || s.p[i] == '[' || (s.p[i] == '-' && secret_byte(s, i + 1) == '>');
        return inside && secret_surprise(s) < SECRET_RANDOM_LIKELY;
    }
    return false;
}

/* A SealedSecret's value: encrypted to the cluster's key. */
static bool sealed(struct span s)
{
    return s.n >= 150 && s.p[0] == 'A' && s.p[1] == 'g' && s.p[2] >= 'A' && s.p[2] <= 'D';
}

/* password1, Password123!: what tests and pages write. */
static bool password_itself(struct span s)
{
    size_t n = s.n;
    while (n && (secret_digit(s.p[n - 1]) || s.p[n - 1] == '!'))
        n--;
    return n == 8 && s.n - n <= 4 &&
           (span_eq_nocase(span_cut(s, 0, n), SPAN_LIT("password")) ||
            span_eq_nocase(span_cut(s, 0, n), SPAN_LIT("passw0rd")));
}

bool secret_placeholder(struct span s)
{
    if (s.n < 4 || sealed(s) || password_itself(s) || monotone(s) || template(s) || reference(s) ||
        stand_in_word(s))
        return true;
    size_t ladder = longest_ladder(s);
    return ladder >= LADDER_MIN && (ladder >= 10 || ladder * 4 >= s.n);
}

size_t secret_crypt(struct span s)
{
    static const struct {
        const char *head;
        uint8_t min;
    } forms[] = {
        {"$2a$", 56},         {"$2b$", 56},      {"$2y$", 56},      {"$2x$", 56},
        {"$1$", 24},          {"$5$", 45},       {"$6$", 88},       {"$y$", 40},
        {"$gy$", 40},         {"$7$", 40},       {"$apr1$", 28},    {"$md5$", 24},
        {"$md5,rounds=", 30}, {"$argon2i$", 40}, {"$argon2d$", 40}, {"$argon2id$", 40},
        {"$scrypt$", 40},     {"$pbkdf2", 40},   {"$sha1$", 40},
    };
    if (s.n == 0 || s.p[0] != '$')
        return 0;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (!span_starts(s, span_str(forms[i].head)))
            continue;
        size_t n = 0;
        while (n < s.n && n < 400 && (secret_alnum(s.p[n]) || memchr("./$=,+-_", s.p[n], 8)))
            n++;
        while (n && memchr(",-_", s.p[n - 1], 3))
            n--;
        return n >= forms[i].min ? n : 0;
    }
    return 0;
}
