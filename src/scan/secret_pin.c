/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers that open something: the PIN of a card, the code of a door, the code that a login asks
 * for. Called by secret_label.c at "pin:" and "code:", by secret_word.c at "pin "; four to eight
 * digits count, behind a colon or verb, or right behind words that leave no doubt.
 */
#include "secret_gap_int.h"

enum { DIGITS_MIN = 4, DIGITS_MAX = 8, POSTAL = 6 };

/* The words before "code" and "pin" that say what it opens, in lower case. */
static bool opens_something(struct span t, size_t at)
{
    static const char *const words[] = {
        "door",      "gate",           "entry",  "entrance", "alarm",
        "keypad",    "lock",           "garage", "lockbox",  "safe",
        "access",    "building",       "login",  "security", "verification",
        "voicemail", "pairing",        "unlock", "sim",      "card",
        "atm",       "debit",          "bank",   "phone",    "factor",
        "time",      "authentication", "my",     "your",     "her",
        "his"};
    size_t end = at - (at && (t.p[at - 1] == ' ' || t.p[at - 1] == '-')), from = end;
    while (from > 0 && end - from < 20 && secret_alnum(t.p[from - 1]))
        from--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is_nocase(span_cut(t, from, end - from), words[i]))
            return true;
    return false;
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
    bool code = ascii_lower(t.p[at]) == 'c', told = opens_something(t, at);
    if ((at && name_byte(t.p[at - 1]) && t.p[at - 1] != '_') || (code && !told))
        return false;
    struct gap g = {.text = t, .at = behind_word, .name_at = at};
    bool colon = peek(&g, 0) == ':';
    g.at += colon;
    gap_blanks(&g);
    if (!colon && !gap_verb(&g) && !gap_owner(&g) && !told)
        return false;
    gap_blanks(&g);
    size_t from = g.at + quote(peek(&g, 0)), end = from;
    while (secret_digit(secret_byte(t, end)) && end - from <= DIGITS_MAX)
        end++;
    struct span s = span_cut(t, from, end - from);
    uint8_t behind = secret_byte(t, end), next = secret_byte(t, end + 1);
    bool number = behind && memchr("., :", behind, 4) && secret_digit(next);
    bool goes_on = number || secret_alnum(behind) || behind >= 0x80 || behind == '-' ||
                   behind == '/' || behind == '_';
    if (s.n < DIGITS_MIN || s.n > DIGITS_MAX || goes_on || counted(s) ||
        (!told && s.n == POSTAL)) /* India's PIN */
        return false;
    secret_emit(p, from, end, SECRET_password, 0.75F);
    return true;
}
