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
    if (c->dots && c->words > 1 && c->lower == c->words) /* user.name */
        return true;
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

static bool in_chain(struct seq s, size_t i)
{
    return !ends_chain(sign(&s.v[i])) && s.v[i].w->kind != WORD_NEWLINE;
}

/* The chain around token i, which is one that chains of code have. Returns its end. */
static size_t mark_chain(struct seq s, size_t i, size_t after)
{
    struct chain c = {.from = i, .to = i};
    if (!in_chain(s, i))
        return i + 1;
    while (c.from > after && s.v[c.from].flags & TOKEN_GLUED_LEFT && in_chain(s, c.from - 1))
        c.from--;
    c.to = c.from;
    do
        chain_count(&c, s, c.to++);
    while (c.to < s.n && s.v[c.to].flags & TOKEN_GLUED_LEFT && in_chain(s, c.to));
    if (c.to - c.from > 1 && chain_is_code(&c, s))
        mark(s, c.from, c.to);
    return c.to;
}

/* abc123, 0x1f: letters of more than two glued to digits. */
static void mark_glued(struct seq s, size_t i)
{
    struct tok *t = &s.v[i];
    if (t->w->kind == WORD_LETTERS) {
        t->flags |= TOKEN_CODE; /* too long for a name */
        return;
    }
    if (t->flags & TOKEN_GLUED_LEFT && t[-1].w->kind == WORD_LETTERS && t[-1].w->len > 2)
        t[-1].flags |= TOKEN_CODE;
    if (t->flags & TOKEN_GLUED_RIGHT && t[1].w->kind == WORD_LETTERS && t[1].w->len > 2)
        t[1].flags |= TOKEN_CODE;
}

static void mark_code(struct seq s)
{
    size_t done = 0;
    for (size_t i = 0; i < s.n; i++) {
        const uint8_t both = TOKEN_GLUED_LEFT | TOKEN_GLUED_RIGHT;
        if (!(s.v[i].w->marks & MARK_CODE) ||
            (sign(&s.v[i]) == '.' && (s.v[i].flags & both) != both))
            continue;
        if (s.v[i].w->kind != WORD_SIGN)
            mark_glued(s, i);
        if (i >= done && s.v[i].flags & (TOKEN_GLUED_LEFT | TOKEN_GLUED_RIGHT))
            done = mark_chain(s, i, done);
    }
}

/* The words of "...": at the start of a JSON member. */
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

/* ---- lines and keys */

/* The word before the separator at i, over quotes and stars: its index, or i when there is none. */
static size_t key_word(struct seq s, size_t i)
{
    enum { REACH = 3 };
    for (size_t back = 1; back <= REACH && back <= i; back++) {
        const struct tok *t = &s.v[i - back];
        if (t->w->kind == WORD_NEWLINE)
            return i;
        if (is_letters(t))
            return i - back;
    }
    return i;
}

struct key_words context_key(struct seq s, size_t i)
{
    struct key_words k = {0};
    if (s.v[i].key_at == 0)
        return k;
    size_t sep = s.v[i].key_at - 1U, at = key_word(s, sep);
    const struct tok *before = &s.v[at] - 1;
    if (before >= s.v && (sign(before) == '_' || sign(before) == '-' || sign(before) == '.'))
        before--;
    k.one = s.v[at].w->id;
    k.two = k.one * 31 + (before >= s.v && is_letters(before) ? before->w->id : 7);
    k.far = (unsigned)(i - sep > 7 ? 7 : i - sep);
    return k;
}

unsigned context_pos(struct seq s, size_t i)
{
    enum { REACH = 4 };
    for (size_t k = 1; k <= REACH; k++) {
        const struct tok *t = &s.v[i] - k;
        if (t->w->kind == WORD_NEWLINE)
            return 2;
        if (t->w->kind == WORD_LETTERS)
            return 0;
        uint8_t c = sign(t);
        if (c == '.' || c == '!' || c == '?') {
            const struct tok *p = t - 1; /* "1." begins a line, "word." ends a sentence */
            return p->w->kind == WORD_DIGITS && (p - 1)->w->kind == WORD_NEWLINE ? 2 : 1;
        }
    }
    return 0;
}

struct line {
    unsigned words, upper, all;
};

static enum line_case case_of_line(const struct line *l)
{
    if (l->upper == 0)
        return LINE_NO_CAPITALS;
    if (l->all == l->words && l->words > 1)
        return LINE_ALL_CAPITALS;
    return l->words > 3 && l->upper * 5 >= l->words * 3 ? LINE_MANY_CAPITALS : LINE_NORMAL;
}

/* The end of line `line` with the words `l`. */
static void close_line(struct seq s, uint16_t line, struct line *l)
{
    s.line_case[line] = (uint8_t)case_of_line(l);
    *l = (struct line){0};
}

/* The separator at i: the new key_at, or the old one where it has no key. */
static uint16_t separator(struct seq s, size_t i, uint16_t key)
{
    if (sign(&s.v[i]) == ':')
        mark_json_key(s, i);
    return key_word(s, i) != i ? (uint16_t)(i + 1) : key;
}

static void fill_lines(struct seq s)
{
    static const uint8_t upper[] = {
        [CAP_FIRST] = 1, [CAP_ALL] = 1, [CAP_MIXED] = 1, [CAP_INITIAL] = 1, [CAP_NEWLINE] = 0};
    static const uint8_t all[] = {[CAP_ALL] = 1, [CAP_INITIAL] = 1, [CAP_NEWLINE] = 0};
    struct line l = {0};
    uint16_t line = 0, key = 0;
    for (size_t i = 0; i < s.n; i++) {
        struct tok *t = &s.v[i];
        const struct word *w = t->w;
        t->line = line;
        t->key_at = key;
        l.words += w->kind == WORD_LETTERS;
        l.upper += upper[w->cap];
        l.all += all[w->cap];
        if (!(w->marks & MARK_LINE))
            continue;
        if (w->kind == WORD_SIGN) {
            key = separator(s, i, key);
        } else {
            close_line(s, line++, &l);
            if (key != i || i == 0) /* a key at the end of its line speaks for the next one */
                key = 0;
        }
    }
    close_line(s, line, &l);
}

static void fill_maybe(struct seq *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++) {
        s->maybe[n] = (uint16_t)i;
        n += token_maybe(&s->v[i]);
    }
    s->maybes = n;
}

/* ---- runs of name-like words */

/* A word that looks like part of a name by its case, or by the lists where case says nothing. */
static bool name_like(struct seq s, const struct tok *t)
{
    const struct word *w = t->w;
    if (w->kind != WORD_LETTERS || t->flags & TOKEN_CODE)
        return false;
    if (w->cap == CAP_LOWER || s.line_case[t->line] == LINE_ALL_CAPITALS)
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
    size_t done = 0;
    for (size_t k = 0; k < s.maybes; k++) {
        size_t i = s.maybe[k], to = i + 1;
        if (i < done || !name_like(s, &s.v[i]))
            continue;
        for (size_t j = to, gap = 0; j < s.n && gap < RUN_LINKS; j++) {
            if (name_like(s, &s.v[j])) {
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
        done = to;
    }
}

void context_fill(struct seq *s)
{
    mark_code(*s);
    fill_lines(*s);
    fill_maybe(s);
    fill_runs(*s);
}
