/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a secret is called in other languages than English, where the word is no part of a
 * program's names: "hasło do serwera to X", "密码是 X". The anchor is the ASCII byte behind a
 * letter that is none, which English and code hardly hold, or a key of secret_word.c where the word
 * has ASCII letters only. Then up to a sign or a verb of that language, on the same line, then the
 * value. Words that programs do use (senha, clave, kennwort) are names like English ones, in
 * secret_name.c.
 */
#include "secret_gap_int.h"

enum { ENDING_MAX = 24, OWNER_MAX = 48, VALUE_MIN = 6, WIDE_MAX = 128 };

/* A stem and how long its first part is, up to and with its first letters that are not ASCII. */
#define STEM(first, rest) first rest, sizeof(first) - 1

static const struct {
    const char *stem; /* without the endings that cases and articles put behind it */
    uint8_t first;
    uint8_t kind;
    bool wide; /* of a script without blanks: the value ends where that goes on */
} words[] = {
    {STEM("wachtwoord", ""), NAME_PASSWORD, false},
    {STEM("parola", ""), NAME_PASSWORD, false},
    {STEM("has\xc5\x82", ""), NAME_PASSWORD, false},
    {STEM("jelsz\xc3\xb3", ""), NAME_PASSWORD, false},
    {STEM("l\xc3\xb6", "senord"), NAME_PASSWORD, false},
    {STEM("salasana", ""), NAME_PASSWORD, false},
    {STEM("passord", ""), NAME_PASSWORD, false},
    {STEM("mot de passe", ""), NAME_PASSWORD, false},
    {STEM("mots de passe", ""), NAME_PASSWORD, false},
    {STEM("\xc5\x9f", "ifre"), NAME_PASSWORD, false},
    {STEM("\xc5\x9e", "ifre"), NAME_PASSWORD, false},
    {STEM("\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb", ""), NAME_PASSWORD, false},
    {STEM("\xd0\x9f\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb", ""), NAME_PASSWORD, false},
    {STEM("\xd0\x9f\xd0\x90\xd0\xa0\xd0\x9e\xd0\x9b", ""), NAME_PASSWORD, false},
    {STEM("\xce\xba\xcf\x89\xce\xb4\xce\xb9\xce\xba", ""), NAME_PASSWORD, false},
    {STEM("\xce\x9a\xcf\x89\xce\xb4\xce\xb9\xce\xba", ""), NAME_PASSWORD, false},
    {STEM("\xe5\xaf\x86\xe7\xa0\x81", ""), NAME_PASSWORD, true},
    {STEM("\xe5\xaf\x86\xe7\xa2\xbc", ""), NAME_PASSWORD, true},
    {STEM("\xe3\x83\x91\xe3\x82\xb9\xe3\x83\xaf\xe3\x83\xbc\xe3\x83\x89", ""), NAME_PASSWORD, true},
    {STEM("\xeb\xb9\x84\xeb\xb0\x80\xeb\xb2\x88\xed\x98\xb8", ""), NAME_PASSWORD, true},
    {STEM("schl\xc3\xbc", "ssel"), NAME_KEY, false},
    {STEM("cl\xc3\xa9", ""), NAME_KEY, false},
    {STEM("\xd0\xba\xd0\xbb\xd1\x8e\xd1\x87", ""), NAME_KEY, false},
    {STEM("\xd0\x9a\xd0\xbb\xd1\x8e\xd1\x87", ""), NAME_KEY, false},
    {STEM("\xd1\x82\xd0\xbe\xd0\xba\xd0\xb5\xd0\xbd", ""), NAME_KEY, false},
    {STEM("\xd0\xa2\xd0\xbe\xd0\xba\xd0\xb5\xd0\xbd", ""), NAME_KEY, false},
    {STEM("\xe5\xaf\x86\xe9\x92\xa5", ""), NAME_KEY, true},
    {STEM("\xe5\xaf\x86\xe9\x91\xb0", ""), NAME_KEY, true},
};

static bool starts(const struct gap *g, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (word_at(g, 0, list[i]))
            return true;
    return false;
}

/* Behind the word, over whose it is, to behind the sign or verb; *sign: it was a sign. */
static bool announced(struct gap *g, bool *sign)
{
    static const char *const verbs[] = {
        " is ", " ist ",       " est ",
        " es ", " \xc3\xa9 ",  " \xc3\xa8 ",
        " e' ", " \xc3\xa4r ", " er ",
        " to ", " je ",        " jest ",
        " on ", " lautet ",    " \xe2\x80\x94 ",
        " - ",  " este ",      " \xce\xb5\xce\xaf\xce\xbd\xce\xb1\xce\xb9 "};
    gap_closers(g);
    *sign = false;
    for (size_t from = g->at; g->at - from < OWNER_MAX; g->at++) {
        uint8_t c = peek(g, 0);
        *sign = c == ':' || c == '=';
        if (*sign) {
            g->at += 1 + (peek(g, 1) == '=' || peek(g, 1) == '>');
            return true;
        }
        if (c == ' ' && starts(g, verbs, sizeof verbs / sizeof *verbs)) {
            static const char *const now[] = {"nu ",    "jetzt ", "maintenant ",
                                              "ahora ", "teraz ", "nyt "};
            g->at = span_find(g->text, g->at + 1, ' ') + 1;
            for (size_t i = 0; i < sizeof now / sizeof *now; i++)
                g->at += word_at(g, 0, now[i]) ? strlen(now[i]) : 0;
            g->at += word_at(g, 0, ": ") ? 2 : 0;
            return true;
        }
        bool host = (c == '.' || c == '@') && secret_alnum(peek(g, 1));
        if (c < 0x80 && !secret_alnum(c) && !host && !memchr(" '-_()\"", c ? c : 1, 7))
            return false;
    }
    return false;
}

/* The signs and particles between such a word and its value; then what is ASCII up to a blank. */
static struct value wide_value(struct gap *g)
{
    static const char *const between[] = {
        "\xe6\x98\xaf", "\xe4\xb8\xba", "\xe7\x82\xba", "\xe3\x81\xaf", "\xe3\x81\x8c",
        "\xeb\x8a\x94", "\xec\x9d\x80", "\xe3\x80\x8c", "\xe3\x80\x8e", "\xe2\x80\x9c",
        "\xef\xbc\x9a", "\xe3\x80\x81", "\xe3\x82\x92", "\xec\x9d\xb4", "\xea\xb0\x80"};
    struct value v = {g->at, g->at, false};
    for (size_t n = 0; n < 8; n++) {
        if (starts(g, between, sizeof between / sizeof *between))
            g->at += 3;
        else if (blank(peek(g, 0)) || peek(g, 0) == ':' || peek(g, 0) == '=')
            g->at++;
        else
            break;
    }
    if (g->at == v.start)
        return v;
    if (quote(peek(g, 0)))
        return gap_value(g);
    v.start = v.end = g->at;
    while (v.end - v.start < WIDE_MAX && peek(g, v.end - v.start) > ' ' &&
           peek(g, v.end - v.start) < 0x80 && !memchr(",;\"'`<", peek(g, v.end - v.start), 6))
        v.end++;
    while (v.end > v.start && memchr(".)]", g->text.p[v.end - 1], 3))
        v.end--;
    return v;
}

/* Greek calls any code so: "κωδικός πρόσβασης: X" and "ο κωδικός είναι X" announce a password,
 * "κωδικός παραγγελίας: X" an order, "κωδικοποίηση" nothing. `g` stands behind the word, whose
 * ending takes `ending` bytes. */
static bool greek_password(const struct gap *g, size_t ending)
{
    enum { ENDING = 6 };
    static const char *const behind[] = {":",       "=",     "\"",    " πρόσβαση", " μου ",
                                         " σου ",   " μας ", " σας ", " του ",     " της ",
                                         " είναι ", " για ", " στο "};
    return ending <= ENDING && starts(g, behind, sizeof behind / sizeof *behind);
}

/* Codes of orders and errors have capitals and digits alone. */
static bool lower_case(struct span s)
{
    size_t i = 0;
    while (i < s.n && (uint8_t)(s.p[i] - 'a') >= 26)
        i++;
    return i < s.n;
}

/* Over whose it is, in letters that are not ASCII: "пароль от вайфая X". */
static void pass_words(struct gap *g)
{
    enum { WORDS = 3 };
    for (unsigned n = 0; n < WORDS && peek(g, 0) == ' ' && peek(g, 1) >= 0x80; n++) {
        g->at++;
        for (size_t k = 0; k < OWNER_MAX && peek(g, 0) >= 0x80; k++)
            g->at++;
    }
}

static void weigh(struct secret_pass *p, struct gap *g, unsigned kind, bool wide)
{
    struct secret_named named = {.kind = (enum secret_name)kind, .literal = true};
    uint8_t lead = secret_byte(g->text, g->name_at);
    bool sign = true, greek = lead == 0xce || lead == 0xcf;
    struct value v;
    if (wide) {
        v = wide_value(g);
    } else {
        size_t stem = g->at;
        while (g->at - stem < ENDING_MAX && (peek(g, 0) >= 0x80 || name_byte(peek(g, 0))))
            g->at++;
        if (greek && !greek_password(g, g->at - stem))
            return;
        struct gap t = *g;
        if (announced(&t, &sign))
            *g = t;
        else if (!blank(peek(g, 0)))
            return;
        else
            pass_words(g);
        g->prose = true;
        v = gap_value(g);
    }
    struct span s = span_cut(g->text, v.start, v.end - v.start);
    if (named.kind == NAME_KEY && secret_network_key(g->text, v.start))
        named = SECRET_A_PASSWORD; /* WLAN-Schluessel, la cle wifi */
    if (s.n >= VALUE_MIN && !(greek && !lower_case(s)) && (sign || v.quoted || secret_strong(s)))
        secret_value(p, v.start, v.end, named, v.quoted);
}

/* The word of row `i` at `at`? Then its value, if one is announced. */
static bool row_at(struct secret_pass *p, size_t i, size_t at)
{
    struct gap g = {.text = p->text, .at = at, .name_at = at};
    if (!word_at(&g, 0, words[i].stem))
        return false;
    g.at += strlen(words[i].stem);
    weigh(p, &g, words[i].kind, words[i].wide);
    return true;
}

bool secret_foreign(struct secret_pass *p, size_t at)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ascii_lower(p->text.p[at]) == (uint8_t)words[i].stem[0] && row_at(p, i, at))
            return true;
    return false;
}

static void words_before(struct secret_pass *p, size_t at)
{
    enum { WORD_BACK = 36 };
    struct span t = p->text;
    size_t low = at > WORD_BACK ? at - WORD_BACK : 0, from = at;
    uint8_t lead = t.p[at - 2];
    if (at >= 3 && t.p[at - 3] >= 0xe0) { /* three bytes a letter: the word and some particles */
        while (from >= low + 3 && t.p[from - 3] >= 0xe0) {
            from -= 3;
            if (t.p[from] == 0xe5 || t.p[from] == 0xe3 || t.p[from] == 0xeb)
                for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                    if (words[i].wide && row_at(p, i, from))
                        return;
        }
        return;
    }
    while (from > low && t.p[from - 1] >= 0x80)
        from--;
    bool cyrillic = lead == 0xd0 || lead == 0xd1 || lead == 0xce || lead == 0xcf; /* or Greek */
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *stem = words[i].stem;
        size_t n = words[i].first;
        bool whole = (uint8_t)stem[0] >= 0xce;
        if (words[i].wide || whole != cyrillic ||
            (!whole && ((uint8_t)stem[n - 1] != t.p[at - 1] || n > at)))
            continue;
        if ((uint8_t)stem[n - 1] >= 0x80 && row_at(p, i, whole ? from : at - n))
            return;
    }
}

void secret_at_foreign(struct secret_pass *p, size_t at)
{
    if (at >= p->skip && secret_foreign_may(p->text, at))
        words_before(p, at);
}
