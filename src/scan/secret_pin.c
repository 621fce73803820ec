/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that open something: the PIN of a card, the code of a door, the code that a login asks
 * for. Called by secret_label.c at "pin:", "otp:" and "code:", by secret_word.c at "pin " and
 * "code "; four to eight digits count. Behind "code" there is a colon or verb, and before it what
 * it opens; behind "pin" a colon or verb, or before it words that leave no doubt.
 */
#include "secret_gap_int.h"

enum { DIGITS_MIN = 4, DIGITS_MAX = 8, POSTAL = 6 };

/* The word that ends at `end`. */
static struct span word_before(struct span t, size_t end)
{
    enum { WORD_MAX = 20 };
    size_t from = end;
    while (from > 0 && end - from < WORD_MAX && secret_alnum(t.p[from - 1]))
        from--;
    return span_cut(t, from, end - from);
}

/* Where the word before `at` ends, on the other side of a blank or one of the signs. */
static size_t apart(struct span t, size_t at, const char *signs)
{
    return at - (at && t.p[at - 1] && strchr(signs, t.p[at - 1]));
}

/* "one-time code", "one time PIN"; but "bus time code". */
static bool one_time(struct span t, size_t end)
{
    return span_is_nocase(word_before(t, end), "time") && end > 4 &&
           span_is_nocase(word_before(t, apart(t, end - 4, " -")), "one");
}

/* "Postal/PIN: 56001": of India's post. */
static bool postal(struct span t, size_t at)
{
    struct span word = word_before(t, apart(t, at, " -/"));
    return span_is_nocase(word, "postal") || span_is_nocase(word, "post") ||
           span_is_nocase(word, "zip") || span_is_nocase(word, "area");
}

/* How sure a word before "code" and "pin" is of what it opens: of a code with nothing between it
 * and the number, with a verb ("the building code is 2018"), with a colon. */
enum { ALONE = 6, VERB = 20, COLON = 31 };

/* One of the first n words that say what it opens, in lower case. */
static bool opens_something(struct span t, size_t at, size_t n)
{
    static const char *const words[] = {
        "door",         "gate",      "alarm",    "keypad", "garage",         "lockbox",
        "entry",        "lock",      "entrance", "safe",   "access",         "verification",
        "pairing",      "voicemail", "unlock",   "factor", "authentication", "security",
        "confirmation", "login",     "building", "sim",    "card",           "atm",
        "debit",        "bank",      "phone",    "my",     "your",           "her",
        "his"};
    _Static_assert(sizeof words / sizeof *words == COLON, "all of them");
    size_t end = apart(t, at, " -");
    struct span word = word_before(t, end);
    for (size_t i = 0; i < n; i++)
        if (span_is_nocase(word, words[i]))
            return true;
    return one_time(t, end);
}

/* 0000, 1234, 123456: what manuals write. */
static bool counted(struct span s)
{
    bool same = true, next = true;
    for (size_t i = 1; i < s.n; i++) {
        same &= s.p[i] == s.p[0];
        next &= s.p[i] == s.p[i - 1] + 1;
    }
    return same || next;
}

bool secret_pin(struct secret_pass *p, size_t at, size_t behind_word)
{
    struct span t = p->text;
    if (at && name_byte(t.p[at - 1]) && t.p[at - 1] != '_')
        return false;
    struct gap g = {.text = t, .at = behind_word, .name_at = at};
    bool colon = peek(&g, 0) == ':';
    g.at += colon;
    gap_blanks(&g);
    bool said = colon || gap_verb(&g) || gap_owner(&g);
    gap_blanks(&g);
    size_t from = g.at + quote(peek(&g, 0)), end = from;
    while (secret_digit(secret_byte(t, end)) && end - from <= DIGITS_MAX)
        end++;
    struct span s = span_cut(t, from, end - from);
    uint8_t behind = secret_byte(t, end), next = secret_byte(t, end + 1);
    bool number = behind && memchr("., :", behind, 4) && secret_digit(next);
    bool goes_on = number || secret_alnum(behind) || behind >= 0x80 || behind == '-' ||
                   behind == '/' || behind == '_';
    if (s.n < DIGITS_MIN || s.n > DIGITS_MAX || goes_on || counted(s))
        return false; /* most */
    uint8_t first = ascii_lower(t.p[at]);
    bool code = first == 'c', alone = code && !said;
    bool told = first == 'o' || opens_something(t, at,
                                                alone            ? ALONE
                                                : code && !colon ? VERB
                                                                 : COLON);
    if (!(code ? told : said || (told && first == 'p')) || (!told && s.n == POSTAL) ||
        postal(t, at))
        return false; /* among them India's PIN */
    secret_emit(p, from, end, SECRET_password, 0.75F);
    return true;
}
