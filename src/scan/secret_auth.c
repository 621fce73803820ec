/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values that a fixed word announces: Authorization headers, Bearer and Basic credentials. Called
 * by secret_word.c when the word is one of these.
 */
#include "secret_gap_int.h"

#include "b64.h"

enum { VALUE_MIN = 6 };

/* ---- Authorization ---- */

bool secret_basic(struct span s)
{
    uint8_t out[512];
    struct wr w = wr_of(out, sizeof out);
    bool padded = s.n && s.p[s.n - 1] == '=';
    if (s.n < 8 || s.n > 600 || failed(b64_decode(&w, s, padded ? B64_STD : B64_STD_RAW, NULL)))
        return false;
    struct span pair = wr_span(&w);
    size_t colon = span_find(pair, 0, ':');
    for (size_t i = 0; i < pair.n; i++)
        if (pair.p[i] < 0x20 || pair.p[i] == 0x7f)
            return false;
    /* RFC 2617 and 7617 */
    if (span_eq_nocase(pair, SPAN_LIT("aladdin:opensesame")) ||
        span_eq_nocase(pair, SPAN_LIT("aladdin:open sesame")))
        return false;
    return colon + 1 < pair.n && !secret_placeholder(span_from(pair, colon + 1));
}

/* The credential behind a scheme's name; g->at stands on its first byte. */
void secret_credential(struct secret_pass *p, struct gap *g, bool basic)
{
    /* "Bearer " + "X" */
    for (uint8_t c = peek(g, 0); quote(c) && word_at(g, 1, " + ") && peek(g, 4) == c; g->at += 4)
        ;
    struct value v = gap_value(g);
    struct span s = span_cut(g->text, v.start, v.end - v.start);
    if (s.n < 8 || secret_placeholder(s))
        return;
    if (basic) {
        if (secret_basic(s))
            secret_emit(p, v.start, v.end, SECRET_basic_auth, 0.85F);
        return;
    }
    if (s.n >= 16 && (secret_surprise(s) >= SECRET_RANDOM_LIKELY || secret_uuid(s) ||
                      (secret_hex(s) && s.n >= 20)))
        secret_emit(p, v.start, v.end, SECRET_bearer_auth, 0.85F);
}

/* Authorization: [Scheme] value. */
void secret_authorization(struct secret_pass *p, struct gap *g)
{
    static const char *const schemes[] = {"Bearer ",   "Token ",  "ApiKey ",        "SSWS ",
                                          "Key ",      "Apikey ", "PRIVATE-TOKEN ", "JWT ",
                                          "GenieKey ", "token="};
    gap_closers(g);
    gap_blanks(g);
    if (!gap_operator(g))
        return;
    gap_blanks(g);
    if (peek(g, 0) == '\\')
        g->at++;
    if (secret_alnum(peek(g, 0)) && quote(peek(g, 1))) /* f"…" */
        g->at++;
    size_t quote_at = g->at;
    g->at += quote(peek(g, 0));
    if (word_at(g, 0, "Basic ")) {
        g->at += 6;
        secret_credential(p, g, true);
        return;
    }
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (word_at(g, 0, schemes[i])) {
            g->at += strlen(schemes[i]);
            gap_blanks(g);
            secret_credential(p, g, false);
            return;
        }
    g->at = quote_at;
    g->need_quote = false;
    secret_credential(p, g, false);
}

/* ---- user and password, two words ---- */

/* auth=user:password: from behind the colon where that is what the value is, else where it begins.
 */
size_t secret_pair_start(struct span name, struct span s, size_t start)
{
    static const char *const names[] = {"auth", "cred", "userp"};
    size_t colon = span_find(s, 0, ':');
    if (colon < 2 || colon > 60 || s.n - colon <= VALUE_MIN)
        return start;
    bool told = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t at = 0; at + 4 < name.n + 1; at++)
            told |= span_eq_nocase(span_cut(name, at, strlen(names[i])), span_str(names[i]));
    if (!told)
        return start;
    for (size_t i = 0; i < colon; i++)
        if (!name_byte(s.p[i]) && s.p[i] != '@')
            return start;
    return secret_strong(span_from(s, colon + 1)) ? start + colon + 1 : start;
}

/* "change_password USER VALUE", "http-basic.host USER VALUE", "AUTH [USER] VALUE" at a prompt: the
 * second word, or the first where it is the last. */
bool secret_second_word(struct secret_pass *p, const struct gap *after, struct span name)
{
    static const char *const names[] = {
        "change_password", "set_password",        "add_user", "AUTH", "wpa_passphrase",
        "LOGIN",           "reset-admin-password"};
    if (name.n < 4 || name.n > 60)
        return false;
    bool told = name.n > 11 && span_eq_nocase(span_cut(name, 0, 11), SPAN_LIT("http-basic."));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        told |= name.p[0] == (uint8_t)names[i][0] && span_is(name, names[i]);
    struct gap g = *after;
    if (!told)
        return false;
    for (unsigned n = 0; n < 2; n++) {
        if (!gap_blanks(&g))
            return false;
        struct value v = gap_value(&g);
        struct span s = span_cut(g.text, v.start, v.end - v.start);
        if (secret_strong(s)) {
            secret_value(p, v.start, v.end, SECRET_A_PASSWORD, v.quoted);
            return true;
        }
        g.at = v.end + v.quoted;
    }
    return false;
}

/* ---- AUTH LOGIN ---- */

bool secret_smtp_login(struct secret_pass *p, size_t at)
{
    enum { DIALOGUE = 400, ANSWER_MAX = 200 };
    static const struct span asks = SPAN_LIT("334 UGFzc3dvcmQ6"); /* "Password:" */
    struct span t = p->text;
    if (at < 5 || !span_eq_nocase(span_cut(t, at - 5, 10), SPAN_LIT("auth login")))
        return false;
    struct span dialogue = span_cut(t, at, DIALOGUE);
    size_t asked = span_search(dialogue, 0, asks);
    size_t behind = span_find(dialogue, asked, '\n') + 1; /* what is printed there, too */
    if (behind >= dialogue.n)
        return false;
    size_t line = at + behind, i = line, end;
    for (end = i; end < t.n && end - line < ANSWER_MAX && t.p[end] != '\n' && t.p[end] != '\r';
         end++)
        if (t.p[end] == ' ') /* "C: ", "> " */
            i = end + 1;
    uint8_t out[ANSWER_MAX];
    struct wr w = wr_of(out, sizeof out);
    struct span answer = span_cut(t, i, end - i);
    if (answer.n < VALUE_MIN || failed(b64_decode(&w, answer, B64_STD, NULL)))
        return false;
    secret_emit(p, i, end, SECRET_basic_auth, 0.85F);
    return true;
}

/* ---- IDENTIFIED BY ---- */

/* IDENTIFIED in capitals, or behind a word of SQL's: of prose is "the columns identified by". */
SECRET_RARE static bool of_account(struct span t, size_t at)
{
    enum { BEFORE = 100 };
    static const char *const words[] = {"user", "grant", "alter", "role", "password"};
    static const struct secret_words of = {.words = words,
                                           .n = sizeof words / sizeof *words,
                                           .nocase = true,
                                           .apart = 1,
                                           .next = {['u' & 31] = SECRET_BIT('s'),
                                                    ['g' & 31] = SECRET_BIT('r'),
                                                    ['a' & 31] = SECRET_BIT('l'),
                                                    ['r' & 31] = SECRET_BIT('o'),
                                                    ['p' & 31] = SECRET_BIT('a')}};
    size_t from = at > BEFORE ? at - BEFORE : 0;
    return t.p[at] == 'I' || secret_holds(span_cut(t, from, at - from), &of);
}

/* *plain: nothing but the value's quotes says that it is one. */
SECRET_RARE static bool identified_by(struct gap *g, bool *plain)
{
    static const char with[] = " with ";
    bool plugin = word_at(g, 0, with);
    if (plugin) {
        g->at += sizeof with - 1;
        for (size_t n = 0; n < 40 && (name_byte(peek(g, 0)) || quote(peek(g, 0))); n++)
            g->at++;
    }
    if (!word_at(g, 0, " by "))
        return false;
    g->at += 4;
    bool password = word_at(g, 0, "password ");
    if (password)
        g->at += 9;
    *plain = !plugin && !password && !of_account(g->text, g->name_at);
    return !*plain || peek(g, 0) == '\'';
}

void secret_identified(struct secret_pass *p, struct gap g)
{
    bool plain;
    if (!identified_by(&g, &plain))
        return;
    struct value v = gap_value(&g);
    if ((v.quoted && !plain) || secret_strong(span_cut(g.text, v.start, v.end - v.start)))
        secret_value(p, v.start, v.end, SECRET_A_PASSWORD, true);
}
