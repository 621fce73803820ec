/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prose around a telling word: the verbs that announce its value ("the password for jane is X",
 * "the token you asked for is X"), the value that stands before it ("X is our API key"), and the
 * sentences that announce none. Called behind the word by secret_gap.c and secret_word.c; nearly
 * always the next word says that there is nothing.
 */
#include "secret_gap_int.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

enum { VALUE_MIN = 6 };

#define BIT(c) ((uint32_t)1 << ((c)&31))

/* Does one of the words stand at the cursor? They are in rows by the five low bits of their first
 * byte, each row ends with a NULL. */
static bool starts_with(const struct gap *g, size_t ahead, const char *const *row)
{
    for (; *row; row++)
        if (word_at(g, ahead, *row))
            return true;
    return false;
}

/* The verbs that announce a value, in rows like those; some do so behind whose it is, too. `second`
 * has a bit for the second byte of each. */
struct verb {
    const char *word;
    bool owned;
};
static const struct verbs {
    uint32_t second;
    struct verb of[6];
} verbs[32] = {
    ['a' & 31] = {BIT('r') | BIT('u') | BIT('s'), {{"are", false}, {"auf", false}, {"as", false}}},
    ['c' & 31] = {BIT('h') | BIT(0xa9) | BIT(0xa8) | BIT(0xa4) | BIT('\''),
                  {{"changed to", false}, /* 0xc3, too */
                   {"\xc3\xa9", true},
                   {"\xc3\xa8", true},
                   {"\xc3\xa4r", true},
                   {"c'est", true}}},
    ['e' & 31] = {BIT('s') | BIT('r'), {{"est", true}, {"es", true}, {"er", false}}},
    ['h' & 31] = {BIT('a'), {{"has been", true}}},
    ['i' & 31] = {BIT('s'), {{"is", true}, {"ist", true}}},
    ['l' & 31] = {BIT('a'), {{"lautet", true}, {"lauten", true}}},
    ['m' & 31] = {BIT('u'), {{"must be", true}}},
    ['r' & 31] = {BIT('e') | BIT('o'),
                  {{"reads", true}, {"remains", true}, {"reset to", false}, {"rotated to", false}}},
    ['s' & 31] = {BIT('h') | BIT('e'), {{"should be", true}, {"set to", false}}},
    ['t' & 31] = {BIT('o'), {{"to", false}}},
    ['u' & 31] = {BIT('p'), {{"updated to", false}}},
    ['w' & 31] = {BIT('a') | BIT('u') | BIT('i') | BIT('o'),
                  {{"was", true}, {"wurde", true}, {"will be", false}, {"would be", false}}},
};

/* May a verb stand at the cursor? Most words are none by their first two letters. */
static inline bool verb_may(const struct gap *g)
{
    return verbs[peek(g, 0) & 31].second >> (peek(g, 1) & 31) & 1;
}

/* How long the verb at the cursor is, with the blank or colon behind it; 0 for none. */
static size_t verb_len(const struct gap *g, bool owned)
{
    if (!verb_may(g))
        return 0;
    for (const struct verb *v = verbs[peek(g, 0) & 31].of; v->word; v++) {
        size_t n = strlen(v->word);
        if ((v->owned || !owned) && word_at(g, 0, v->word) &&
            (peek(g, n) == ' ' || peek(g, n) == ':'))
            return n + 1;
    }
    return 0;
}

/* Passes a verb and what may fill it up. `owned`: one that may stand behind whose it is. */
static bool pass_verb(struct gap *g, bool owned)
{
    static const char *const fill[] = {
        "now ",   "still ", "set to ",     "simply ",   "just ",       "jetzt ", "maintenant ",
        "ahora ", "nu ",    "changed to ", "reset to ", "updated to ", "auf "};
    size_t n = verb_len(g, owned);
    if (!n)
        return false;
    g->at += n - 1;
    g->at += peek(g, 0) == ' ';
    for (size_t k = 0; k < sizeof fill / sizeof *fill; k++)
        if (word_at(g, 0, fill[k]))
            g->at += strlen(fill[k]);
    if (peek(g, 0) == ':' || word_at(g, 0, ": "))
        g->at++;
    g->prose = true;
    return true;
}

/* "pass as `n` to f": here the telling word is a verb itself. */
static bool passed_on(const struct gap *g)
{
    return word_at(g, 0, "as") &&
           span_eq_nocase(span_cut(g->text, g->name_at, 5), SPAN_LIT("pass "));
}

bool gap_verb(struct gap *g)
{
    return !passed_on(g) && pass_verb(g, false);
}

/* Which of the 63 bytes from `at` on are a word's, a bit each: letters, and all beyond ASCII. */
static uint64_t word_bits(struct span t, size_t at)
{
    struct span s = span_cut(t, at, 64);
    uint64_t bits = 0;
    size_t i = 0;
#if defined(__x86_64__)
    for (; s.n - i >= 16; i += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i small = _mm_or_si128(v, _mm_set1_epi8(0x20));
        __m128i letter = _mm_cmpgt_epi8(_mm_set1_epi8(-128 + 26),
                                        _mm_add_epi8(small, _mm_set1_epi8(0x80 - 'a')));
        bits |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(letter, v)) << i;
    }
#endif
    for (; i < s.n; i++)
        bits |= (uint64_t)((uint8_t)((s.p[i] | 0x20) - 'a') < 26 || s.p[i] >= 0x80) << i;
    return bits & UINT64_MAX >> 1;
}

/* "secret generated: X", "API key provided: X", "senha inicial: X". */
static bool newly(const struct gap *g, size_t n)
{
    static const char *const words[] = {
        "generated",         "created",     "updated",  "reset",      "issued",
        "rotated",           "changed",     "temporal", "inicial",    "provisional",
        "iniziale",          "provvisoria", "initial",  "provisoire", "temporaire",
        "tempor\xc3\xa1ria", "temporaria",  "provided", "supplied",   "found",
        "detected",          "leaked",      "exposed",  "expired",    "received",
        "rejected",          "revoked",     "below"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && word_at(g, 0, words[i]))
            return true;
    return false;
}

bool gap_clause(struct gap *g)
{
    enum { WORDS = 4, WORD_MAX = 12 };
    _Static_assert(WORDS * (WORD_MAX + 2) < 63, "all words are in word_bits");
    const uint64_t bits = word_bits(g->text, g->at);
    struct gap t = *g;
    size_t first = 0; /* the end of the first word */
    for (unsigned words = 0; words < WORDS; words++) {
        size_t n = (size_t)__builtin_ctzll(~(bits >> (t.at - g->at)));
        bool sign = peek(&t, n) == ':' && (words || newly(&t, n));
        if (n == 0 || n > WORD_MAX || peek(&t, n + sign) != ' ')
            return false;
        t.at += n;
        first = words ? first : t.at;
        t.at += sign + 1U;
        if (!sign && !(verb_may(&t) && pass_verb(&t, true)))
            continue;
        /* "password hash is": the word behind the name may say that the value is none, but "secret
         * with the provider is" */
        if (!word_at(g, 0, "with ") &&
            secret_name_of(span_cut(g->text, g->name_at, first - g->name_at)).kind == NAME_NONE)
            return false;
        *g = t;
        return g->loose = g->prose = true;
    }
    return false;
}

bool gap_owner(struct gap *g)
{
    enum { OWNER_MAX = 56 };
    static const char *const ways[32][11] = {
        ['a' & 31] = {"at "},
        ['d' & 31] = {"der ", "des ", "de ", "del ", "della ", "di ", "do ", "da ", "du ", "d'"},
        ['f' & 31] = {"for ", "f\xc3\xbcr ", "fuer "},
        ['i' & 31] = {"in "},
        ['o' & 31] = {"of ", "on "},
        ['p' & 31] = {"para ", "per ", "pour "},
        ['t' & 31] = {"to the ", "to our ", "to my "},
        ['v' & 31] = {"vom ", "von "},
        ['z' & 31] = {"zum ", "zur "},
    };
    if (!starts_with(g, 0, ways[peek(g, 0) & 31]))
        return false;
    struct gap t = *g;
    for (size_t n = 0; n < OWNER_MAX; n++, t.at++) {
        uint8_t c = peek(&t, 0);
        if (secret_alnum(c))
            continue;
        if ((c == ':' || (c == '=' && n && blank(g->text.p[t.at - 1]))) && blank(peek(&t, 1))) {
            t.at++;
            t.prose = true;
            *g = t;
            return true;
        }
        if (word_at(&t, 0, "-> ") || word_at(&t, 0, "=> ")) {
            t.at += 2;
            t.prose = true;
            *g = t;
            return true;
        }
        if (c == ' ') {
            t.at++;
            if (verb_len(&t, true)) {
                *g = t;
                return gap_verb(g);
            }
            t.at--;
        }
        if (c < ' ' || (!memchr(" '@._-\\/", c, 8) && c < 0x80 && c != '='))
            return false;
    }
    return false;
}

/* One of the words ends right before *at, a blank before it? *at moves to its first letter.
 * `lasts`: what they end in, a bit each. */
static bool step_back(struct span t, size_t *at, uint32_t lasts, const struct span *words, size_t n)
{
    uint8_t last = *at ? ascii_lower(t.p[*at - 1]) : 0;
    if (!(lasts >> (last & 31) & 1))
        return false;
    for (; n; n--, words++)
        if (words->p[words->n - 1] == last && *at >= words->n + 2 &&
            t.p[*at - words->n - 1] == ' ' &&
            span_eq_nocase(span_cut(t, *at - words->n, words->n), *words)) {
            *at -= words->n;
            return true;
        }
    return false;
}

bool secret_said_before(struct secret_pass *p, size_t at, struct around name)
{
    static const struct span whose[] = {SPAN_LIT("the"),  SPAN_LIT("our"),   SPAN_LIT("my"),
                                        SPAN_LIT("your"), SPAN_LIT("their"), SPAN_LIT("its")};
    static const struct span is[] = {SPAN_LIT("is"), SPAN_LIT("was"), SPAN_LIT("as")};
    static const struct span done[] = {SPAN_LIT("hardcoded"), SPAN_LIT("hard-coded"),
                                       SPAN_LIT("set"),       SPAN_LIT("used"),
                                       SPAN_LIT("stored"),    SPAN_LIT("committed")};
    enum { WORDS = 3, VALUE = 100, WHOSE = sizeof whose / sizeof *whose };
    struct span t = p->text;
    size_t i = name.from, first = i;
    for (unsigned n = 0;; n++) {
        if (n == WORDS || i < 4 || t.p[i - 1] != ' ')
            return false;
        i--;
        if (step_back(t, &i, BIT('e') | BIT('r') | BIT('y') | BIT('s'), whose, WHOSE))
            break;
        if (i > 3 && !memcmp(t.p + i - 3, " as", 3)) { /* "use X as password" */
            i++;
            break;
        }
        while (i > 0 && name.from - i < NAME_SIDE && name_byte(t.p[i - 1]))
            i--;
        first = i;
    }
    i--;
    if (!step_back(t, &i, BIT('s'), is, sizeof is / sizeof *is) || i < VALUE_MIN)
        return false;
    size_t end = i - 1, from = end;
    if (step_back(t, &end, BIT('d') | BIT('t'), done, sizeof done / sizeof *done)) /* "X set as" */
        from = --end;
    while (from > 0 && end - from < VALUE && t.p[from - 1] > ' ')
        from--;
    while (from < end && (quote(t.p[from]) || t.p[from] == '*' || t.p[from] == '('))
        from++;
    while (end > from && (quote(t.p[end - 1]) || memchr("*),", t.p[end - 1], 3)))
        end--;
    struct span s = span_cut(t, from, end - from);
    if (s.n < VALUE_MIN ||
        (!secret_opaque(s) && !secret_numbered(s) && !secret_spelled(s) && !secret_dashed(s)) ||
        (secret_surprise(s) < 20 && !secret_numbered(s) && !secret_dashed(s)))
        return false;
    while (at < t.n && at - first < NAME_SIDE && name_byte(t.p[at]) && t.p[at] != '.')
        at++;
    struct secret_named named = secret_name_of(span_cut(t, first, at - first));
    if (named.kind == NAME_NONE || span_ends(span_cut(t, first, at - first), s))
        return false;
    secret_value(p, from, end, named, false);
    return true;
}

/* The quoted literal that closes right before `end`, blanks and closing signs of code between;
 * empty for none. */
static struct span literal_before(struct span t, size_t end, const char *between, size_t most)
{
    enum { LITERAL_MAX = 200 };
    size_t i = end;
    while (i > 0 && end - i < most && (secret_alnum(t.p[i - 1]) || strchr(between, t.p[i - 1])) &&
           t.p[i - 1])
        i--;
    if (i == 0 || !quote(t.p[i - 1]))
        return SPAN_NONE;
    uint8_t sign = t.p[--i];
    size_t from = i;
    while (from > 0 && i - from < LITERAL_MAX && t.p[from - 1] != sign && t.p[from - 1] != '\n')
        from--;
    return from && t.p[from - 1] == sign ? span_cut(t, from, i - from) : SPAN_NONE;
}

/* 'X' --name 'api_token', @"X" forKey:@"token": the name's quote stands before `from`. */
static struct span before_name(struct span t, size_t from)
{
    enum { WORDS_BETWEEN = 40 };
    size_t open = from - 1;
    open -= open > 0 && t.p[open - 1] == '@';
    return open && t.p[open - 1] != ',' ? literal_before(t, open, " :=-_", WORDS_BETWEEN)
                                        : SPAN_NONE;
}

/* f("X"); // jwt key: *from moves from the comment's last word to its first. */
static struct span before_comment(struct span t, size_t *from)
{
    enum { WORDS_MAX = 24, CLOSERS = 12 };
    size_t words = *from;
    while (words > 0 && *from - words < WORDS_MAX &&
           (secret_alnum(t.p[words - 1]) || t.p[words - 1] == ' '))
        words--;
    uint8_t mark = words > 1 ? t.p[words - 1] : 0;
    bool twice = (mark == '/' || mark == '-') && t.p[words - 2] == mark;
    if (mark != '#' && !twice)
        return SPAN_NONE;
    *from = words;
    return literal_before(t, words - 1 - twice, " );,}]", CLOSERS);
}

bool secret_said_behind(struct secret_pass *p, struct around name)
{
    struct span t = p->text, s = SPAN_NONE;
    size_t from = name.from, end = name.end;
    uint8_t after = secret_byte(t, end);
    if (from > 0 && quote(after) && t.p[from - 1] == after)
        s = before_name(t, from);
    else if (after < ' ')
        s = before_comment(t, &from);
    if (s.n < 8 || !secret_strong(s))
        return false;
    struct secret_named named = secret_name_of(span_cut(t, from, end - from));
    bool password = named.kind == NAME_PASSWORD;
    bool random = secret_surprise(s) >= SECRET_RANDOM_LIKELY;
    if (password ? !random && !secret_numbered(s) && !secret_spelled(s) : !random || s.n < 20)
        return false;
    size_t start = (size_t)(s.p - t.p);
    secret_value(p, start, start + s.n, named, true);
    return true;
}

/* Past "jane: ", "> " and the like, which chats and mails put before what somebody says. */
static size_t past_speaker(struct span t, size_t at)
{
    enum { SPEAKER_MAX = 24, MARKS_MAX = 40 };
    size_t from = at;
    while (at - from < MARKS_MAX && (secret_byte(t, at) == '>' || blank(secret_byte(t, at))))
        at++;
    size_t end = at;
    while (end - at < SPEAKER_MAX && (name_byte(secret_byte(t, end)) || secret_byte(t, end) == '@'))
        end++;
    return secret_byte(t, end) == ':' && blank(secret_byte(t, end + 1)) ? end + 2 : at;
}

bool secret_answered(struct secret_pass *p, struct around name)
{
    enum { QUESTION_MAX = 40, MARKS_MAX = 8 };
    struct span t = p->text;
    size_t i = name.end, end = i;
    if (secret_byte(t, i) != ' ' && secret_byte(t, i) != '?')
        return false;
    while (i - name.end < QUESTION_MAX && (secret_alnum(secret_byte(t, i)) ||
                                           blank(secret_byte(t, i)) || secret_byte(t, i) == '\''))
        i++;
    if (secret_byte(t, i) != '?' && secret_byte(t, i) != ':')
        return false;
    i += secret_byte(t, i) == ':';
    for (size_t n = 0; n < MARKS_MAX && (secret_byte(t, i) == '?' || secret_byte(t, i) == '\r');
         n++)
        i++;
    bool said = secret_byte(t, i) == ' ' && secret_byte(t, i + 1) == 'A'; /* Q: …? A: X */
    if ((secret_byte(t, i) != '\n' && !said) ||
        secret_name_of(span_cut(t, name.from, name.end - name.from)).kind != NAME_PASSWORD)
        return false;
    struct gap g = {.text = t, .at = past_speaker(t, i + 1), .prose = true};
    struct value v = gap_value(&g);
    struct span s = span_cut(t, v.start, v.end - v.start);
    end = v.end + v.quoted;
    bool ends = secret_byte(t, end) <= ' ' || memchr(",.)", t.p[end], 3);
    if (!ends || s.n < VALUE_MIN || !secret_strong(s) ||
        !(secret_spelled(s) || secret_numbered(s) || secret_dashed(s) ||
          secret_surprise(s) >= SECRET_RANDOM_LIKELY))
        return false;
    secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
    return true;
}

bool gap_prose(const struct gap *g)
{
    static const char *const allowed[32][10] = {
        ['a' & 31] = {"are ", "as ", "at "},
        ['b' & 31] = {"by "},
        ['c' & 31] = {"changed to ", "constant ", "c'est "},
        ['d' & 31] = {"de ", "del ", "do ", "da ", "der ", "des ", "du ", "d'", "di "},
        ['e' & 31] = {"est ", "es "},
        ['f' & 31] = {"for ", "from "},
        ['h' & 31] = {"has been "},
        ['i' & 31] = {"is ", "ist ", "in "},
        ['l' & 31] = {"lautet "},
        ['n' & 31] = {"no "},
        ['o' & 31] = {"of ", "on "},
        ['p' & 31] = {"phrase", "para ", "per ", "pour "},
        ['r' & 31] = {"remains ", "reset to ", "rotated to "},
        ['m' & 31] = {"must be "},
        ['s' & 31] = {"set to ", "should be "},
        ['t' & 31] = {"to "},
        ['u' & 31] = {"updated to "},
        ['v' & 31] = {"von ", "vom "},
        ['w' & 31] = {"was ", "will ", "would ", "with ", "wurde "},
        ['z' & 31] = {"zum ", "zur "},
    };
    enum { RANDOM_MIN = 8, WORD_MAX = 25 };
    size_t n = 1;
    while (n < WORD_MAX && (uint8_t)((peek(g, n) | 0x20) - 'a') < 26)
        n++;
    uint8_t c = peek(g, n);
    if (n == 1 || n == WORD_MAX || (c > ' ' && !memchr(".,;)!?'", c, 7)) ||
        (c && memchr(".!?", c, 3) && secret_alnum(peek(g, n + 1))))
        return false;
    if (starts_with(g, 1, allowed[peek(g, 1) & 31]))
        return false;
    if (n > RANDOM_MIN &&
        secret_surprise(span_cut(g->text, g->at + 1, n - 1)) >= SECRET_RANDOM_SURE)
        return false; /* letters that no word is made of */
    while (blank(c))
        c = peek(g, ++n);
    struct gap clause = {.text = g->text, .at = g->at + 1, .name_at = g->name_at};
    return c != '=' && c != ':' && c != '(' && !gap_clause(&clause);
}
