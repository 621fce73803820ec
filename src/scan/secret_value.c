/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judging a value by itself: is it random, is it a stand-in? Called for candidates only. Every
 * function is linear in the value, which its caller bounds.
 */
#include "secret_int.h"

#include "num.h"
#include "secret_stand_in_int.h"
#include "secret_surprise_int.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

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

/* No branch depends on a byte, as above. */
unsigned secret_made_of(struct span s, const uint8_t of[256])
{
    unsigned all = 0;
    size_t i = 0;
    for (; s.n - i >= 4; i += 4) {
        all |= of[s.p[i]] | of[s.p[i + 1]] | of[s.p[i + 2]] | of[s.p[i + 3]];
        __asm__("" : "+r"(all)); /* no vector is to be built of such looks */
    }
    for (; i < s.n; i++)
        all |= of[s.p[i]];
    return all;
}

bool secret_hex(struct span s)
{
#define NO_HEX(c)                                                                                  \
    (!(((c) >= '0' && (c) <= '9') || ((c) >= 'a' && (c) <= 'f') || ((c) >= 'A' && (c) <= 'F')))
    static const uint8_t no_hex[256] = {SECRET_EACH_BYTE(NO_HEX)};
    enum { HEAD = 8 }; /* says it of nearly all values */
    return s.n && !secret_made_of(span_cut(s, 0, HEAD), no_hex) &&
           !secret_made_of(span_from(s, HEAD), no_hex);
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

/* What neighbouring bytes leave possible: a run of one byte, a ladder, a piece that comes again. */
enum { MAY_RUN = 1, MAY_CLIMB = 2, MAY_REPEAT = 4, MAY_ALL = MAY_RUN | MAY_CLIMB | MAY_REPEAT };
enum { LADDER_MIN = 6, PERIOD_MAX = 10 };

#if defined(__x86_64__)
/* Capitals as small letters. */
static inline __m128i folded(__m128i v)
{
    __m128i at = _mm_add_epi8(v, _mm_set1_epi8(0x80 - 'A'));
    __m128i capital = _mm_cmpgt_epi8(_mm_set1_epi8(-128 + 26), at);
    return _mm_or_si128(v, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
}

static inline __m128i bytes_at(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline uint64_t bits_of(__m128i v)
{
    return (unsigned)_mm_movemask_epi8(v);
}

enum { BLOCK = 16, SHORTEST = BLOCK + 3, LONGEST = 64 };

/* Does a run of eight steps or a ladder of six stand in s, SHORTEST to LONGEST bytes? */
static inline unsigned steps_of(struct span s)
{
    uint64_t equal = 0, up = 0, down = 0;
    for (size_t i = 1, last = s.n - BLOCK;; i = i + BLOCK < last ? i + BLOCK : last) {
        __m128i v = bytes_at(s.p + i), before = bytes_at(s.p + i - 1);
        __m128i step = _mm_sub_epi8(folded(v), folded(before));
        __m128i wraps = _mm_and_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('0')),
                                      _mm_cmpeq_epi8(before, _mm_set1_epi8('9')));
        equal |= bits_of(_mm_cmpeq_epi8(v, before)) << i;
        up |= bits_of(_mm_or_si128(wraps, _mm_cmpeq_epi8(step, _mm_set1_epi8(1)))) << i;
        down |= bits_of(_mm_cmpeq_epi8(step, _mm_set1_epi8(-1))) << i;
        if (i == last)
            break;
    }
    equal &= equal >> 1;
    equal &= equal >> 2;
    equal &= equal >> 4;
    up &= up >> 1 & up >> 2 & up >> 3 & up >> 4;
    down &= down >> 1 & down >> 2 & down >> 3 & down >> 4;
    return (equal ? MAY_RUN : 0) | (up | down ? MAY_CLIMB : 0);
}

/* MAY_… of s, never wrongly no: more than half of the shortest is a run of ten, and every ten bytes
 * are in one of the parts. */
static unsigned may_be(struct span s)
{
    enum { STRIDE = LONGEST - BLOCK };
    if (s.n < SHORTEST)
        return MAY_ALL;
    __m128i again = _mm_and_si128(_mm_cmpeq_epi8(bytes_at(s.p + 2), _mm_set1_epi8((char)s.p[0])),
                                  _mm_cmpeq_epi8(bytes_at(s.p + 3), _mm_set1_epi8((char)s.p[1])));
    unsigned may = bits_of(again) << 2 & ((2U << PERIOD_MAX) - 1) ? MAY_REPEAT : 0;
    for (size_t at = 0;; at = s.n - at < STRIDE + LONGEST ? s.n - LONGEST : at + STRIDE) {
        may |= steps_of(span_cut(s, at, LONGEST));
        if (s.n - at <= LONGEST)
            return may;
    }
}
#else
static unsigned may_be(struct span s)
{
    (void)s;
    return MAY_ALL;
}
#endif

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
SECRET_RARE static size_t count_different(struct span s, size_t most)
{
    uint64_t seen[4] = {0};
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < most; i++) {
        uint64_t bit = (uint64_t)1 << (s.p[i] & 63);
        n += !(seen[s.p[i] >> 6] & bit);
        seen[s.p[i] >> 6] |= bit;
    }
    return n;
}

static inline size_t different_bytes(struct span s, size_t most)
{
    enum { HEAD = 8 };
    uint64_t head = 0;
    for (size_t i = 0; i < HEAD && s.n >= HEAD; i++)
        head |= (uint64_t)1 << (s.p[i] & 63);
    for (size_t i = 1; i < most; i++)
        head &= head - 1;
    return head ? most : count_different(s, most); /* the first bytes say it, nearly always */
}

/* One character more than half of the time in a row, or ten times. */
SECRET_RARE static bool one_run(struct span s)
{
    enum { LONG_RUN = 10 };
    size_t run = 1, best = 1, equal = repeats(s);
    bool possible = (equal + 1) * 2 > s.n || equal + 1 >= LONG_RUN;
    for (size_t i = 1; i < s.n && possible; i++) {
        run = run * (s.p[i] == s.p[i - 1]) + 1;
        best = run > best ? run : best;
    }
    return best * 2 > s.n || best >= LONG_RUN;
}

/* A short piece again and again. */
SECRET_RARE static bool repeated(struct span s)
{
    for (size_t period = 2; period <= PERIOD_MAX && period * 2 <= s.n; period++)
        if (!memcmp(s.p, s.p + period, 2) && !memcmp(s.p, s.p + period, s.n - period))
            return true;
    return false;
}

/* Three or fewer different characters, four in a long value, or one of those. */
static bool monotone(struct span s, unsigned may)
{
    enum { FEW = 4 };
    size_t different = different_bytes(s, FEW + 1);
    return (different < FEW && s.n >= 5) || (different <= FEW && s.n >= 12) ||
           (may & MAY_RUN && one_run(s)) || (may & MAY_REPEAT && repeated(s));
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
SECRET_RARE static size_t longest_ladder(struct span s)
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

/* The next place, from `at` on, where the low five bits of a byte and of the one `apart` from it
 * are those of a word; s.n when there is none. Four at once: most are none. */
static inline size_t pair_next(struct span s, size_t at, const struct secret_words *of)
{
    const uint32_t *next = of->next;
    size_t apart = of->apart;
    for (; at + apart + 4 <= s.n; at += 4) {
        const uint8_t *p = s.p + at, *q = p + apart;
        uint32_t may = next[p[0] & 31] >> (q[0] & 31) | next[p[1] & 31] >> (q[1] & 31) |
                       next[p[2] & 31] >> (q[2] & 31) | next[p[3] & 31] >> (q[3] & 31);
        if (may & 1)
            break;
    }
    while (at + apart < s.n && !(next[s.p[at] & 31] >> (s.p[at + apart] & 31) & 1))
        at++;
    return at + apart < s.n ? at : s.n;
}

bool secret_holds(struct span s, const struct secret_words *of)
{
    for (size_t at = 0; (at = pair_next(s, at, of)) < s.n; at++)
        for (size_t i = 0; i < of->n; i++)
            if (!(((uint8_t)of->words[i][0] ^ s.p[at]) & 31) &&
                (of->nocase ? word_here(s, at, of->words[i])
                            : span_starts(span_from(s, at), span_str(of->words[i]))))
                return true;
    return false;
}

/* May one of the words or marks of stand-ins be in s? Nearly always it says no: a group of them is
 * ruled out by four bytes in a row, all groups at once, and no branch depends on a byte. */
static bool stand_in_may(struct span s)
{
    uint64_t barred = UINT64_MAX, all = UINT64_MAX;
#pragma GCC unroll 4
    for (size_t i = 0; i < s.n; i++) {
        barred = barred << 16 | stand_in_bars[s.p[i]];
        all &= barred;
    }
    for (unsigned i = 0; i < STAND_IN_BEHIND; i++) {
        barred = barred << 16 | stand_in_end;
        all &= barred;
    }
    return all >> STAND_IN_LAST != UINT64_MAX >> STAND_IN_LAST;
}

/* One of the words of a stand-in at s[at]. In a long random value a short one may stand by chance.
 */
static bool stand_in_at(struct span s, size_t at)
{
    size_t row = s.p[at] & 31;
    for (size_t i = stand_in_first[row]; i < stand_in_first[row + 1]; i++) {
        const char *word = stand_in_words[i];
        if (!word_here(s, at, word))
            continue;
        bool chance = (uint8_t)(*word - 'a') < 26 && *word != 'x' && strlen(word) <= 4 && s.n > 24;
        if (!chance || secret_surprise(s) < SECRET_RANDOM_SURE)
            return true;
    }
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
        ['p' & 31] = {"process.", "projects/", "pass:", "params.", "props.", "pk_live_", "pk_test_",
                      "phc_", "pk.eyJ"}, /* the last ones are made to be seen */
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

/* One of the marks of templates, formats and patterns at s[at]. */
static bool mark_at(struct span s, size_t at)
{
    for (size_t i = 0; i < sizeof stand_in_marks / sizeof *stand_in_marks; i++)
        if (span_starts(span_from(s, at), span((const uint8_t *)stand_in_marks[i].text, 2)) &&
            !(stand_in_marks[i].last && secret_alnum(secret_byte(s, at + 2))))
            return true;
    return false;
}

/* Such a mark or a word of a stand-in anywhere: where stand_in_may met four bytes of one. */
SECRET_RARE static bool stand_in_inside(struct span s)
{
    uint64_t barred = UINT64_MAX;
    for (size_t i = 0; i < s.n + STAND_IN_BEHIND; i++) {
        size_t at = i - STAND_IN_DEPTH + 1;
        barred = barred << 16 | (i < s.n ? stand_in_bars[s.p[i]] : stand_in_end);
        if (barred >> STAND_IN_LAST != UINT64_MAX >> STAND_IN_LAST &&
            (stand_in_at(s, at) || mark_at(s, at)))
            return true;
    }
    return false;
}

/* %NL80211_ATTR_MAC: a constant in the comments of C: two words of it at the least are letters
 * alone. */
SECRET_RARE static bool named_constant(struct span s)
{
    enum { WORD_MIN = 3 };
    size_t words = 0, from = 1;
    bool letters = true;
    if (s.p[s.n - 1] == '.')
        s.n--;
    for (size_t i = 1; i <= s.n; i++) {
        uint8_t c = secret_byte(s, i);
        if (i == s.n || c == '_') {
            words += letters && i - from >= WORD_MIN;
            letters = true;
            from = i + 1;
        } else if (secret_digit(c)) {
            letters = false;
        } else if ((uint8_t)(c - 'A') >= 26) {
            return false;
        }
    }
    return words >= 2;
}

/* $DB_PASS1: capitals and one or two digits behind them. */
static bool numbered_variable(struct span s)
{
    size_t n = s.n;
    while (n > 1 && s.n - n < 2 && secret_digit(s.p[n - 1]))
        n--;
    for (size_t i = 1; i < n; i++)
        if (s.p[i] != '_' && (uint8_t)(s.p[i] - 'A') >= 26)
            return false;
    return n > 2;
}

SECRET_RARE static bool template_begins(struct span s)
{
    static const char *const pairs[][2] = {{"<", ">"},   {"{", "}"},  {"[", "]"},   {"$(", ")"},
                                           {"%", "%"},   {"@", "@"},  {"__", "__"}, {"(", ")"},
                                           {"<%", "%>"}, {"#{", "}"}, {"`", "`"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (s.p[0] == (uint8_t)pairs[i][0][0] && span_starts(s, span_str(pairs[i][0])) &&
            span_ends(s, span_str(pairs[i][1])) &&
            (memchr("%@", s.p[0], 2) == NULL || secret_surprise(s) < SECRET_RANDOM_LIKELY))
            return true;
    if (s.n >= 2 && s.p[0] == '%' && named_constant(s))
        return true;
    /* $NAME or $name: a shell variable; $ENV{NAME}, $config[…], $this->x: Perl's, PHP's. */
    if (s.n >= 2 && s.p[0] == '$' && !secret_digit(s.p[1])) {
        size_t i = 1;
        while (i < s.n && (secret_alnum(s.p[i]) || s.p[i] == '_'))
            i++;
        if (i == s.n)
            return !secret_digit(s.p[s.n - 1]) || numbered_variable(s);
        bool inside =
            s.p[i] == '{' || s.p[i] == '[' || (s.p[i] == '-' && secret_byte(s, i + 1) == '>');
        return inside && secret_surprise(s) < SECRET_RANDOM_LIKELY;
    }
    return false;
}

static inline bool template(struct span s)
{
    static const bool begins[256] = {
        ['<'] = true, ['{'] = true, ['['] = true, ['$'] = true, ['%'] = true,
        ['@'] = true, ['_'] = true, ['('] = true, ['#'] = true, ['`'] = true};
    return begins[s.p[0]] && template_begins(s);
}

/* A SealedSecret's value: encrypted to the cluster's key. */
static bool sealed(struct span s)
{
    return s.n >= 150 && s.p[0] == 'A' && s.p[1] == 'g' && s.p[2] >= 'A' && s.p[2] <= 'D';
}

/* anonymous, -anonymous@: what is sent where nobody has a password. */
static bool anonymous(struct span s)
{
    static const char word[] = "anonymous";
    enum { WORD = sizeof word - 1, SIGNS_MAX = 4 };
    if (s.n < WORD || s.n > WORD + SIGNS_MAX)
        return false;
    while (s.n && !secret_alnum(s.p[0]))
        s = span_from(s, 1);
    while (s.n && !secret_alnum(s.p[s.n - 1]))
        s.n--;
    return span_is_nocase(s, word);
}

/* password1, Password123!: what tests and pages write. */
static bool password_itself(struct span s)
{
    size_t n = s.n;
    if ((s.p[0] | 0x20) != 'p')
        return false;
    while (n && (secret_digit(s.p[n - 1]) || s.p[n - 1] == '!'))
        n--;
    return n == 8 && s.n - n <= 4 &&
           (span_eq_nocase(span_cut(s, 0, n), SPAN_LIT("password")) ||
            span_eq_nocase(span_cut(s, 0, n), SPAN_LIT("passw0rd")));
}

bool secret_placeholder(struct span s)
{
    if (s.n < 4)
        return true;
    unsigned may = may_be(s);
    if (sealed(s) || password_itself(s) || anonymous(s) || monotone(s, may) || template(s) ||
        reference(s) || (stand_in_may(s) && stand_in_inside(s)))
        return true;
    size_t ladder = may & MAY_CLIMB ? longest_ladder(s) : 0;
    return ladder >= LADDER_MIN && (ladder >= 10 || ladder * 4 >= s.n);
}
