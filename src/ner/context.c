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
    return t->sign;
}

static bool is_letters(const struct tok *t)
{
    return t->kind == WORD_LETTERS;
}

/* A chain: tokens [from, to) with nothing between them, cut at quotes, brackets and commas. */
struct chain {
    size_t from, to;
    unsigned slashes, dots, at, words, digits, score, equals, upper, lower, mixed;
    bool link, leading_slash;
};

static bool ends_chain(uint8_t c)
{
    return c == '"' || c == '\'' || c == '<' || c == '>' || c == '(' || c == ')' || c == ',' ||
           c == ';' || c == '[' || c == ']' || c == '{' || c == '}' || c == '|' || c == '`' ||
           c == '*' || c == '\t' || c == 1;
}

/* All counts of every token: what comes next in a chain cannot be guessed. */
static void chain_count(struct chain *c, struct seq s, size_t i)
{
    const struct tok *t = &s.v[i];
    const uint8_t is = sign(t);
    bool word = t->kind == WORD_LETTERS;
    c->words += word;
    c->upper += word & (t->cap != CAP_LOWER);
    c->lower += word & (t->cap == CAP_LOWER);
    c->mixed += word & (t->cap == CAP_MIXED);
    c->digits += t->kind == WORD_DIGITS;
    c->slashes += (is == '/') | (is == '\\');
    c->leading_slash |= (i == c->from) & ((is == '/') | (is == '~'));
    c->dots += is == '.';
    c->at += is == '@';
    c->score += is == '_';
    c->equals += is == '=';
    c->link |= is == ':' && i + 2 < s.n && sign(&s.v[i + 1]) == '/' && sign(&s.v[i + 2]) == '/';
}

/* @Priyanka, somebody spoken to by a given name; other handles are made up. */
static bool calls_by_name(const struct chain *c, struct seq s)
{
    enum { LISTED = 2 };
    const struct word *w = s.v[c->from + 1].w;
    return c->words == 1 && !c->digits && sign(&s.v[c->from]) == '@' && w->cap == CAP_FIRST &&
           w->gaz.first >= LISTED && !w->gaz.common;
}

static bool chain_is_code(const struct chain *c, struct seq s)
{
    size_t bytes = s.v[c->to - 1].end - s.v[c->from].start;
    if (c->link || c->score || c->leading_slash)
        return c->words > 0;
    if (c->dots && c->words > 1 && c->lower == c->words) /* user.name */
        return true;
    if (c->at) /* a mail address or a handle */
        return c->words > 0 && !calls_by_name(c, s);
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
    return !ends_chain(sign(&s.v[i])) && s.v[i].kind != WORD_NEWLINE;
}

/* first_name=Anna&last_name=Smith: each key and each value by itself. */
static void mark_fields(struct seq s, size_t from, size_t to)
{
    while (from < to) {
        struct chain c = {.from = from, .to = from};
        while (c.to < to && sign(&s.v[c.to]) != '=' && sign(&s.v[c.to]) != '&')
            chain_count(&c, s, c.to++);
        if (c.to - c.from > 1 && chain_is_code(&c, s))
            mark(s, c.from, c.to);
        from = c.to + 1;
    }
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
    if (c.equals && !c.link && !c.leading_slash)
        mark_fields(s, c.from, c.to);
    else if (c.to - c.from > 1 && chain_is_code(&c, s))
        mark(s, c.from, c.to);
    return c.to;
}

/* len(x): what is called is no person. */
static void mark_called(struct seq s, size_t i)
{
    struct tok *t = &s.v[i];
    if (t->flags & TOKEN_GLUED_LEFT && t->flags & TOKEN_GLUED_RIGHT && t[-1].cap == CAP_LOWER)
        t[-1].flags |= TOKEN_CODE;
}

/* abc123, 0x1f: letters of more than two glued to digits. */
static void mark_glued(struct seq s, size_t i)
{
    struct tok *t = &s.v[i];
    if (t->kind == WORD_LETTERS) {
        t->flags |= TOKEN_CODE; /* too long for a name */
        return;
    }
    bool left = (t[-1].kind == WORD_LETTERS) & (t[-1].w->len > 2);
    bool right = (t[1].kind == WORD_LETTERS) & (t[1].w->len > 2);
    t[-1].flags |= left && t->flags & TOKEN_GLUED_LEFT ? TOKEN_CODE : 0;
    t[1].flags |= right && t->flags & TOKEN_GLUED_RIGHT ? TOKEN_CODE : 0;
}

/* The tokens to look closer at; a dot only between two others. Returns how many. */
static size_t marked(struct seq s, uint16_t *at)
{
    const uint8_t both = TOKEN_GLUED_LEFT | TOKEN_GLUED_RIGHT;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        const struct tok *t = &s.v[i];
        at[n] = (uint16_t)i;
        n += ((t->marks & MARK_CODE) != 0) & ((t->sign != '.') | ((t->flags & both) == both));
    }
    return n;
}

static void mark_code(struct seq s)
{
    uint16_t at[BLOCK_TOKENS];
    size_t done = 0, n = marked(s, at);
    for (size_t k = 0; k < n; k++) {
        size_t i = at[k];
        if (sign(&s.v[i]) == '(') {
            mark_called(s, i);
            continue;
        }
        if (s.v[i].kind != WORD_SIGN)
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
        if (t->kind == WORD_NEWLINE)
            return;
        if (sign(t) != '"')
            continue;
        const struct tok *before = t - 1;
        if (colon == k || before->kind == WORD_NEWLINE || sign(before) == '{' ||
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
        if (t->kind == WORD_NEWLINE)
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
    if (s.v[sep].line == s.v[i].line)
        k.far = (unsigned)(i - sep > 7 ? 7 : i - sep);
    return k;
}

unsigned context_pos(struct seq s, size_t i)
{
    enum { REACH = 4 };
    for (size_t k = 1; k <= REACH; k++) {
        const struct tok *t = &s.v[i] - k;
        if (t->kind == WORD_NEWLINE)
            return 2;
        if (t->kind == WORD_LETTERS)
            return 0;
        uint8_t c = sign(t);
        if (c == '.' || c == '!' || c == '?') {
            const struct tok *p = t - 1; /* "1." begins a line, "word." ends a sentence */
            return p->kind == WORD_DIGITS && (p - 1)->kind == WORD_NEWLINE ? 2 : 1;
        }
    }
    return 0;
}

struct line {
    unsigned words, upper, all;
};

/* Where the lines of the block begin, and of one more. */
struct lines {
    uint16_t first[BLOCK_TOKENS + 2];
    size_t n;
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

/* Does the key that ends its line speak for the list below it? */
static bool opens_list(struct seq s, size_t i)
{
    return s.v[key_word(s, i)].w->gaz.lex == LEX_KEY;
}

static void fill_lines(struct seq s, struct lines *lines)
{
    static const uint8_t upper[] = {
        [CAP_FIRST] = 1, [CAP_ALL] = 1, [CAP_MIXED] = 1, [CAP_INITIAL] = 1, [CAP_NEWLINE] = 0};
    static const uint8_t all[] = {[CAP_ALL] = 1, [CAP_INITIAL] = 1, [CAP_NEWLINE] = 0};
    struct line l = {0};
    uint16_t line = 0, key = 0, list = 0;
    lines->first[0] = 0;
    for (size_t i = 0; i < s.n; i++) {
        struct tok *t = &s.v[i];
        t->line = line;
        t->key_at = key;
        l.words += t->kind == WORD_LETTERS;
        l.upper += upper[t->cap];
        l.all += all[t->cap];
        if (!(t->marks & MARK_LINE))
            continue;
        if (t->kind == WORD_SIGN) {
            key = separator(s, i, key);
        } else {
            if (i == lines->first[line])
                list = 0;
            close_line(s, line++, &l);
            lines->first[line] = (uint16_t)(i + 1);
            if (key != i || i == 0) /* a key at the end of its line speaks for the next one */
                key = list;
            else if (opens_list(s, i - 1U))
                list = key;
        }
    }
    close_line(s, line, &l);
    lines->n = line + 1U;
    lines->first[lines->n] = (uint16_t)(s.n + 1);
}

/* ---- tables: rows of fields under a line of their names */

enum { COLUMNS = 32, NAME_WORDS = 3 /* of a column */ };

struct table {
    uint8_t by; /* what separates fields; 0 = no table */
    size_t columns;
    uint16_t end[COLUMNS]; /* the token behind each column's name */
};

static bool separates(uint8_t c)
{
    return c == ',' || c == ';' || c == '|' || c == '\t';
}

/* Of a comma that separates fields: a blank behind it belongs to prose. */
static bool is_separator(const struct tok *t, uint8_t by)
{
    return sign(t) == by && (by == '|' || by == '\t' || t->flags & TOKEN_GLUED_RIGHT);
}

/* Are tokens [from, to) the names of columns? */
static bool table_open(struct seq s, size_t from, size_t to, struct table *t)
{
    unsigned words = 0;
    *t = (struct table){0};
    for (size_t i = from; i < to; i++) {
        uint8_t c = sign(&s.v[i]);
        if (is_letters(&s.v[i])) {
            if (++words > NAME_WORDS)
                return false;
        } else if (t->by ? is_separator(&s.v[i], t->by)
                         : separates(c) && is_separator(&s.v[i], c)) {
            if (t->columns == COLUMNS - 1 || (words == 0 && c != '|'))
                return false;
            t->by = c;
            t->end[t->columns++] = (uint16_t)i;
            words = 0;
        } else if (c != '"' && c != '_' && c != '-' && c != '.') {
            return false;
        }
    }
    t->end[t->columns++] = (uint16_t)to;
    return t->by != 0;
}

/* The fields of [from, to); `fill` gives their tokens the names of the table's columns. */
static size_t fields(struct seq s, size_t from, size_t to, const struct table *t, bool fill)
{
    size_t at = 0;
    bool quoted = false;
    for (size_t i = from; i < to; i++) {
        uint8_t c = sign(&s.v[i]);
        quoted ^= c == '"';
        if (c == t->by && !quoted)
            at++;
        else if (fill && key_word(s, t->end[at]) != t->end[at])
            s.v[i].key_at = (uint16_t)(t->end[at] + 1);
    }
    return at + 1;
}

static void fill_tables(struct seq s, const struct lines *lines)
{
    struct table t = {0};
    for (size_t k = 0; k < lines->n; k++) {
        size_t from = lines->first[k], to = lines->first[k + 1] - 1U;
        if (t.by && fields(s, from, to, &t, false) == t.columns)
            fields(s, from, to, &t, true);
        else if (!table_open(s, from, to, &t))
            t.by = 0;
    }
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
    if (t->kind != WORD_LETTERS || t->flags & TOKEN_CODE)
        return false;
    if (t->cap == CAP_LOWER || s.line_case[t->line] == LINE_ALL_CAPITALS)
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

/* More than one blank before the token: columns, not words of one name. */
static bool apart(const struct tok *t)
{
    return t->start > t[-1].end + 1;
}

static void fill_runs(struct seq s)
{
    enum { RUN_LINKS = 3 };
    size_t done = 0;
    for (size_t k = 0; k < s.maybes; k++) {
        size_t i = s.maybe[k], to = i + 1;
        if (i < done || !name_like(s, &s.v[i]))
            continue;
        for (size_t j = to, gap = 0; j < s.n && gap < RUN_LINKS && !apart(&s.v[j]); j++) {
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
    struct lines lines;
    mark_code(*s);
    fill_lines(*s, &lines);
    fill_tables(*s, &lines);
    fill_maybe(s);
    fill_runs(*s);
}
