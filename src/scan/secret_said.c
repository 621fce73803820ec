/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prose around a telling word: the verbs that announce its value ("the password for jane is X",
 * "the token you asked for is X"), the value that stands before it ("X is our API key"), and the
 * sentences that announce none. Called behind the word by secret_gap.c and secret_word.c; nearly
 * always the next word says that there is nothing.
 */
#include "secret_gap_int.h"

enum { NAME_SIDE = 50, VALUE_MIN = 6 };

/* The verbs that announce a value; the first few do so behind whose it is, too. */
static const char *const verbs[] = {
    "is",       "was",      "ist",       "est",   "es",       "lautet",    "lauten",    "reads",
    "\xc3\xa9", "\xc3\xa8", "\xc3\xa4r", "wurde", "has been", "should be", "must be",   "are",
    "to",       "will be",  "would be",  "auf",   "er",       "set to",    "changed to"};
enum { OWNED_VERBS = 15, VERBS = sizeof verbs / sizeof *verbs };

/* How long the verb at the cursor is, with the blank or colon behind it; 0 for none. */
static size_t verb_len(const struct gap *g, size_t most)
{
    if (!memchr("iwatelsmrch\xc3", ascii_lower(peek(g, 0)), 12))
        return 0; /* none of them begins so */
    for (size_t i = 0; i < most; i++) {
        size_t n = strlen(verbs[i]);
        if (word_at(g, 0, verbs[i]) && (peek(g, n) == ' ' || peek(g, n) == ':'))
            return n + 1;
    }
    return 0;
}

/* Passes one of the first `most` verbs and what may fill it up. */
static bool pass_verb(struct gap *g, size_t most)
{
    static const char *const fill[] = {
        "now ",   "still ", "set to ",     "simply ",   "just ",       "jetzt ", "maintenant ",
        "ahora ", "nu ",    "changed to ", "reset to ", "updated to ", "auf "};
    size_t n = verb_len(g, most);
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

bool gap_verb(struct gap *g)
{
    return pass_verb(g, VERBS);
}

bool gap_clause(struct gap *g)
{
    enum { WORDS = 4, WORD_MAX = 12 };
    struct gap t = *g;
    for (unsigned words = 0; words < WORDS; words++) {
        size_t n = 0;
        while (n <= WORD_MAX && ((uint8_t)((peek(&t, n) | 0x20) - 'a') < 26 || peek(&t, n) >= 0x80))
            n++;
        bool sign = peek(&t, n) == ':' && words;
        if (n == 0 || n > WORD_MAX || peek(&t, n + sign) != ' ')
            return false;
        t.at += n;
        /* "password hash is": the word behind the name may say that the value is none */
        if (!words &&
            secret_name_of(span_cut(g->text, g->name_at, t.at - g->name_at)).kind == NAME_NONE)
            return false;
        t.at += sign + 1U;
        if (!sign && !pass_verb(&t, OWNED_VERBS))
            continue;
        *g = t;
        return g->loose = g->prose = true;
    }
    return false;
}

bool gap_owner(struct gap *g)
{
    enum { OWNER_MAX = 40 };
    static const char *const ways[] = {
        "for ", "of ",  "on ",  "in ",  "to the ", "to our ", "to my ", "f\xc3\xbcr ", "fuer ",
        "vom ", "von ", "zum ", "zur ", "der ",    "des ",    "de ",    "del ",        "della ",
        "di ",  "do ",  "da ",  "du ",  "d'",      "para ",   "per ",   "pour ",       "at "};
    bool owned = false;
    if (!memchr("foitvzdpa", ascii_lower(peek(g, 0)), 9))
        return false;
    for (size_t i = 0; i < sizeof ways / sizeof *ways && !owned; i++)
        owned = word_at(g, 0, ways[i]);
    if (!owned)
        return false;
    struct gap t = *g;
    for (size_t n = 0; n < OWNER_MAX; n++, t.at++) {
        uint8_t c = peek(&t, 0);
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
            if (verb_len(&t, OWNED_VERBS)) {
                *g = t;
                return gap_verb(g);
            }
            t.at--;
        }
        if (c < ' ' || (!secret_alnum(c) && !memchr(" '@._-\\", c, 7) && c < 0x80 && c != '='))
            return false;
    }
    return false;
}

/* One of the words ends right before *at, a blank behind it? *at moves to its first letter. */
static bool step_back(struct span t, size_t *at, const struct span *words, size_t n)
{
    uint8_t last = *at ? ascii_lower(t.p[*at - 1]) : 0;
    for (; n; n--, words++)
        if (words->p[words->n - 1] == last && *at >= words->n + 2 &&
            t.p[*at - words->n - 1] == ' ' &&
            span_eq_nocase(span_cut(t, *at - words->n, words->n), *words)) {
            *at -= words->n;
            return true;
        }
    return false;
}

bool secret_said_before(struct secret_pass *p, size_t at)
{
    static const struct span whose[] = {SPAN_LIT("the"),  SPAN_LIT("our"),   SPAN_LIT("my"),
                                        SPAN_LIT("your"), SPAN_LIT("their"), SPAN_LIT("its")};
    static const struct span is[] = {SPAN_LIT("is"), SPAN_LIT("was"), SPAN_LIT("as")};
    enum { WORDS = 3, VALUE = 100, WHOSE = sizeof whose / sizeof *whose };
    struct span t = p->text;
    size_t i = at;
    while (i > 0 && at - i < NAME_SIDE && name_byte(t.p[i - 1]))
        i--;
    size_t name = i, first = i;
    for (unsigned n = 0;; n++) {
        if (n == WORDS || i < 4 || t.p[i - 1] != ' ')
            return false;
        i--;
        if (step_back(t, &i, whose, WHOSE))
            break;
        if (i > 3 && !memcmp(t.p + i - 3, " as", 3)) { /* "use X as password" */
            i++;
            break;
        }
        while (i > 0 && name - i < NAME_SIDE && name_byte(t.p[i - 1]))
            i--;
        first = i;
    }
    i--;
    if (!step_back(t, &i, is, sizeof is / sizeof *is) || i < VALUE_MIN)
        return false;
    size_t end = i - 1, from = end;
    while (from > 0 && end - from < VALUE && t.p[from - 1] > ' ')
        from--;
    while (from < end && (quote(t.p[from]) || t.p[from] == '*' || t.p[from] == '('))
        from++;
    while (end > from && (quote(t.p[end - 1]) || memchr("*),", t.p[end - 1], 3)))
        end--;
    struct span s = span_cut(t, from, end - from);
    if (s.n < VALUE_MIN || (!secret_opaque(s) && !secret_numbered(s) && !secret_spelled(s)) ||
        secret_surprise(s) < 20)
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
    enum { WORDS_BETWEEN = 20 };
    size_t open = from - 1;
    open -= open > 0 && t.p[open - 1] == '@';
    return open && t.p[open - 1] != ',' ? literal_before(t, open, " :=-", WORDS_BETWEEN)
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
    return literal_before(t, words - 1 - twice, " );,}", CLOSERS);
}

bool secret_said_behind(struct secret_pass *p, size_t at)
{
    struct span t = p->text, s = SPAN_NONE;
    size_t from = at, end = at;
    while (from > 0 && at - from < NAME_SIDE && name_byte(t.p[from - 1]))
        from--;
    while (end < t.n && end - at < NAME_SIDE && name_byte(t.p[end]))
        end++;
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

bool gap_prose(const struct gap *g)
{
    static const char *const allowed[] = {
        "is ",     "was ",  "are ", "to ",    "will ",   "would ",      "ist ",  "est ",
        "lautet ", "es ",   "by ",  "phrase", "for ",    "of ",         "with ", "de ",
        "del ",    "do ",   "da ",  "der ",   "des ",    "du ",         "d'",    "di ",
        "von ",    "vom ",  "zum ", "zur ",   "as ",     "in ",         "on ",   "at ",
        "no ",     "para ", "per ", "pour ",  "set to ", "changed to ", "from "};
    enum { RANDOM_MIN = 8 };
    uint8_t first = ascii_lower(peek(g, 1));
    size_t n = 1;
    while (n < 25 && (uint8_t)(ascii_lower(peek(g, n)) - 'a') < 26)
        n++;
    uint8_t c = peek(g, n);
    if (n == 1 || n == 25 || (c > ' ' && !memchr(".,;)!?'", c, 7)) ||
        (c == '.' && secret_alnum(peek(g, n + 1))))
        return false;
    for (size_t i = 0;
         i < sizeof allowed / sizeof *allowed && memchr("iwatelbpfodvzncsm", first, 17); i++)
        if (word_at(g, 1, allowed[i]))
            return false;
    if (n > RANDOM_MIN &&
        secret_surprise(span_cut(g->text, g->at + 1, n - 1)) >= SECRET_RANDOM_SURE)
        return false; /* letters that no word is made of */
    while (blank(c))
        c = peek(g, ++n);
    struct gap clause = {.text = g->text, .at = g->at + 1, .name_at = g->name_at};
    return c != '=' && c != ':' && c != '(' && !gap_clause(&clause);
}
