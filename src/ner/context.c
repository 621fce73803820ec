/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token's surroundings say, computed once per block in linear passes: code that holds no
 * names, first of a line or sentence, letter case of the line, the key before a colon, and the run
 * of name-like words it stands in. Both the trainer and the tagger see places through this.
 */
#include "ner_int.h"

/* ---- code: identifiers, links, mail addresses, handles, keys, base64 (invariant N5) */

static uint8_t sign(const struct tok *t)
{
    return t->w->kind == WORD_SIGN ? t->w->sign : 0;
}

static bool is_letters(const struct tok *t)
{
    return t->w->kind == WORD_LETTERS;
}

/* A chain: tokens [from, to) with nothing between them, cut at quotes, brackets and commas. */
struct chain {
    size_t from, to;
    unsigned slashes, dots, at, words, digits, score, upper, lower, mixed;
    bool link, leading_slash;
};

static bool ends_chain(uint8_t c)
{
    return c == '"' || c == '\'' || c == '<' || c == '>' || c == '(' || c == ')' || c == ',' ||
           c == ';' || c == '[' || c == ']' || c == '{' || c == '}' || c == '|' || c == '`' ||
           c == '*' || c == '\t' || c == 1;
}

static void chain_count(struct chain *c, struct seq s, size_t i)
{
    const struct tok *t = &s.v[i];
    switch (t->w->kind) {
    case WORD_LETTERS:
        c->words++;
        c->upper += t->w->cap != CAP_LOWER;
        c->lower += t->w->cap == CAP_LOWER;
        c->mixed += t->w->cap == CAP_MIXED;
        break;
    case WORD_DIGITS:
        c->digits++;
        break;
    default:
        c->slashes += sign(t) == '/' || sign(t) == '\\';
        c->leading_slash |= i == c->from && (sign(t) == '/' || sign(t) == '~');
        c->dots += sign(t) == '.';
        c->at += sign(t) == '@';
        c->score += sign(t) == '_';
        c->link |=
            sign(t) == ':' && i + 2 < s.n && sign(&s.v[i + 1]) == '/' && sign(&s.v[i + 2]) == '/';
    }
}

static bool chain_is_code(const struct chain *c, struct seq s)
{
    size_t bytes = s.v[c->to - 1].end - s.v[c->from].start;
    if (c->link || c->score || c->leading_slash)
        return c->words > 0;
    if (c->at) /* a mail address or a handle */
        return c->words > 0;
    if (c->slashes && (c->dots || c->slashes > 1) && c->lower)
        return true;
    return bytes >= 20 && c->digits && c->words > 1 && (c->digits > 2 || c->mixed) &&
           c->lower + c->mixed;
}

static void mark(struct seq s, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        s.v[i].flags |= TOKEN_CODE;
}

static void mark_chains(struct seq s)
{
    for (size_t i = 0; i < s.n;) {
        struct chain c = {.from = i, .to = i};
        if (ends_chain(sign(&s.v[i])) || s.v[i].w->kind == WORD_NEWLINE) {
            i++;
            continue;
        }
        do
            chain_count(&c, s, c.to++);
        while (c.to < s.n && s.v[c.to].flags & TOKEN_GLUED_LEFT && !ends_chain(sign(&s.v[c.to])));
        if (c.to - c.from > 1 && chain_is_code(&c, s))
            mark(s, c.from, c.to);
        i = c.to;
    }
}

/* abc123, 0x1f: letters of more than two glued to digits; fooBar. */
static void mark_words(struct seq s)
{
    for (size_t i = 0; i < s.n; i++) {
        struct tok *t = &s.v[i];
        if (!is_letters(t))
            continue;
        bool left = t->flags & TOKEN_GLUED_LEFT && s.v[i - 1].w->kind == WORD_DIGITS;
        bool right = t->flags & TOKEN_GLUED_RIGHT && s.v[i + 1].w->kind == WORD_DIGITS;
        if ((left || right) && t->w->len > 2)
            t->flags |= TOKEN_CODE;
        if (t->w->len > 24)
            t->flags |= TOKEN_CODE;
    }
}

/* The words of "…": at the start of a JSON member. */
static void mark_json_key(struct seq s, size_t colon)
{
    enum { KEY_TOKENS = 8 };
    if (colon < 2 || sign(&s.v[colon - 1]) != '"')
        return;
    for (size_t k = 2; k <= KEY_TOKENS && k <= colon; k++) {
        const struct tok *t = &s.v[colon - k];
        if (t->w->kind == WORD_NEWLINE)
            return;
        if (sign(t) != '"')
            continue;
        const struct tok *before = t - 1;
        if (colon == k || before->w->kind == WORD_NEWLINE || sign(before) == '{' ||
            sign(before) == ',')
            mark(s, colon - k, colon);
        return;
    }
}

/* ---- keys */

static bool is_separator(uint8_t c)
{
    return c == ':' || c == '=' || c == '|' || c == '>' || c == '\t';
}

struct key {
    uint32_t one, two;
    unsigned far;
};

/* The word before the separator at i, over quotes and stars; and the one before that. */
static struct key key_before(struct seq s, size_t i)
{
    struct key k = {0};
    for (size_t back = 1; back <= 3 && back <= i; back++) {
        const struct tok *t = &s.v[i - back];
        if (t->w->kind == WORD_NEWLINE)
            return k;
        if (!is_letters(t))
            continue;
        k.one = t->w->id;
        k.far = 1;
        const struct tok *p = t - 1;
        if (i > back && (sign(p) == '_' || sign(p) == '-' || sign(p) == '.') && i > back + 1)
            p--;
        k.two = k.one * 31 + (i > back && is_letters(p) ? p->w->id : 7);
        return k;
    }
    return k;
}

static void fill_keys(struct seq s)
{
    struct key k = {0};
    for (size_t i = 0; i < s.n; i++) {
        struct tok *t = &s.v[i];
        if (t->w->kind == WORD_NEWLINE) {
            bool carried = i > 0 && is_separator(sign(&s.v[i - 1])) && k.far == 1;
            if (!carried)
                k = (struct key){0};
            continue;
        }
        t->key = k.one;
        t->key2 = k.two;
        t->key_far = (uint8_t)k.far;
        if (k.far && k.far < 7 && is_letters(t))
            k.far++;
        if (is_separator(sign(t))) {
            if (sign(t) == ':')
                mark_json_key(s, i);
            struct key next = key_before(s, i);
            if (next.one)
                k = next;
        }
    }
}

/* ---- lines */

static enum line_case case_of_line(unsigned words, unsigned upper, unsigned all)
{
    if (upper == 0)
        return LINE_NO_CAPITALS;
    if (all == words && words > 1)
        return LINE_ALL_CAPITALS;
    return words > 3 && upper * 5 >= words * 3 ? LINE_MANY_CAPITALS : LINE_NORMAL;
}

static void fill_line(struct seq s, size_t from, size_t to)
{
    unsigned words = 0, upper = 0, all = 0;
    for (size_t i = from; i < to; i++) {
        const struct word *w = s.v[i].w;
        if (w->kind != WORD_LETTERS)
            continue;
        words++;
        upper += w->cap != CAP_LOWER && w->cap != CAP_NONE;
        all += w->cap == CAP_ALL || w->cap == CAP_INITIAL;
    }
    enum line_case c = case_of_line(words, upper, all);
    unsigned pos = 2;
    for (size_t i = from; i < to; i++) {
        struct tok *t = &s.v[i];
        t->line = (uint8_t)c;
        t->pos = (uint8_t)pos;
        uint8_t g = sign(t);
        if (g == '.' || g == '!' || g == '?')
            pos = 1;
        else if (t->w->kind != WORD_SIGN && !(pos == 2 && t->w->kind == WORD_DIGITS))
            pos = 0;
    }
}

static void fill_lines(struct seq s)
{
    for (size_t i = 0; i < s.n;) {
        size_t to = i;
        while (to < s.n && s.v[to].w->kind != WORD_NEWLINE)
            to++;
        fill_line(s, i, to);
        if (to < s.n)
            s.v[to].line = LINE_NORMAL;
        i = to + 1;
    }
}

/* ---- runs of name-like words */

/* A word that looks like part of a name by its case, or by the lists where case says nothing. */
static bool name_like(const struct tok *t)
{
    const struct word *w = t->w;
    if (w->kind != WORD_LETTERS || t->flags & TOKEN_CODE)
        return false;
    if (w->cap == CAP_LOWER || t->line == LINE_ALL_CAPITALS)
        return (w->gaz.first || w->gaz.last) && w->gaz.common == 0;
    return true;
}

/* May stand between two words of a run: Mary-Ann, J. Smith, Smith & Sons, van der Berg. */
static bool links(const struct tok *t)
{
    uint8_t c = sign(t);
    if (c)
        return c == '-' || c == '.' || c == '&' || c == '\'';
    return t->w->gaz.lex == LEX_PARTICLE;
}

static void fill_runs(struct seq s)
{
    enum { RUN_LINKS = 3 };
    for (size_t i = 0; i < s.n; i++) {
        if (!name_like(&s.v[i]))
            continue;
        size_t to = i + 1;
        for (size_t j = to, gap = 0; j < s.n && gap < RUN_LINKS; j++) {
            if (name_like(&s.v[j])) {
                to = j + 1;
                gap = 0;
            } else if (links(&s.v[j])) {
                gap++;
            } else {
                break;
            }
        }
        for (size_t j = i; j < to; j++) {
            s.v[j].run_from = (uint16_t)i;
            s.v[j].run_to = (uint16_t)to;
        }
        i = to - 1;
    }
}

void context_fill(struct span text, struct seq s)
{
    (void)text;
    mark_chains(s);
    mark_words(s);
    fill_keys(s);
    fill_lines(s);
    fill_runs(s);
}
