/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes and classes of an expression's text. */
#include "parse_int.h"

/* After "\x": two digits, or {digits}. */
static struct err hex_escape(struct parser *p, size_t from, uint32_t *cp)
{
    bool braces = eat(p, '{');
    uint32_t v = 0;
    int digits = 0;
    while (digits < 8 && (braces || digits < 2) && p->at < p->in.n) {
        uint32_t d = 16;
        uint8_t c = ascii_lower(p->in.p[p->at]);
        if (c >= '0' && c <= '9')
            d = c - '0';
        else if (c >= 'a' && c <= 'f')
            d = c - 'a' + 10u;
        if (d == 16)
            break;
        v = v * 16 + d;
        digits++;
        p->at++;
    }
    if (digits == 0 || (braces && !eat(p, '}')) || (!braces && digits != 2) || v > CP_MAX)
        return bad(p, from, "bad hexadecimal escape");
    *cp = v;
    return OK;
}

struct err re_escaped_cp(struct parser *p, size_t from, uint32_t *cp)
{
    static const char names[] = "aftnrv", values[] = "\a\f\t\n\r\v";
    uint32_t c = next_cp(p);
    const char *named = c && c < 128 ? strchr(names, (int)c) : NULL;
    if (named) {
        *cp = (uint8_t)values[named - names];
        return OK;
    }
    if (c == 'x')
        return hex_escape(p, from, cp);
    int d = peek(p);
    if (c == '0' || (c >= '1' && c <= '7' && d >= '0' && d <= '7')) {
        uint32_t v = c - '0';
        for (int i = 0; i < 2 && peek(p) >= '0' && peek(p) <= '7'; i++)
            v = v * 8 + (uint32_t)(p->in.p[p->at++] - '0');
        *cp = v;
        return OK;
    }
    bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c < 128 && !word && c != '_') {
        *cp = c;
        return OK;
    }
    return bad(p, from, "unknown escape");
}

struct err re_class_node(struct parser *p, const struct re_range *v, size_t n, struct re_node **out)
{
    TRY(re_new_node(p, RE_CLASS, out));
    (*out)->range = v;
    (*out)->n_range = n;
    return OK;
}

/* The class, closed, whose text from `from` on has been read; `named`: ranges of sets in it. */
static struct err keep_class(struct parser *p, size_t from, size_t named, const struct re_class *c,
                             struct re_node **out)
{
    if (named >= MADE_MIN) {
        void *m;
        struct made *one;
        TRY(arena_take(p->a, sizeof *one, &m));
        one = m;
        *one = (struct made){p->made, span_cut(p->in, from, p->at - from), p->flags, c->v, c->n};
        p->made = one;
    }
    return re_class_node(p, c->v, c->n, out);
}

/* Does a class start at `from` that has been made before? It is read then. */
static const struct made *made_before(struct parser *p, size_t from)
{
    for (const struct made *m = p->made; m; m = m->next) {
        if (m->flags == p->flags && span_starts(span_from(p->in, from), m->text)) {
            p->at = from + m->text.n;
            return m;
        }
    }
    return NULL;
}

/* \pL, \p{Lu}, \p{^Lu}; `letter` p or P is read. */
static struct err unicode_class(struct parser *p, size_t from, uint8_t letter, struct re_class *c)
{
    unsigned how = (letter == 'P' ? RE_NEGATED : 0U) | (has(p, REGEX_NOCASE) ? RE_FOLDED : 0U);
    size_t start = p->at, end = start + 1;
    if (eat(p, '{')) {
        if (eat(p, '^'))
            how ^= RE_NEGATED;
        start = p->at;
        end = span_find(p->in, start, '}');
    }
    if (end > p->in.n || (end == p->in.n && start != p->at))
        return bad(p, from, "unclosed class name");
    struct span name = span_cut(p->in, start, end - start);
    p->at = start == from + 2 ? end : end + 1;
    struct err e = OK;
    if (p->at > p->in.n || !re_class_unicode(p->a, c, name, how, &e))
        return bad(p, from, "unknown Unicode class");
    return e;
}

/* \d or \pL as part of a class; *done false when the escape is something else (nothing read). */
static struct err class_escape(struct parser *p, struct re_class *c, bool *done)
{
    size_t from = p->at, had = c->n;
    struct err e = OK;
    *done = false;
    if (peek(p) != '\\' || p->in.n - p->at < 2)
        return OK;
    uint8_t letter = p->in.p[p->at + 1];
    bool fold = has(p, REGEX_NOCASE) && !has(p, REGEX_LOOK); /* Python's \w has no cases */
    if (letter == 'p' || letter == 'P') {
        p->at += 2;
        *done = true;
        e = unicode_class(p, from, letter, c);
    } else if (re_class_perl(p->a, c, letter, has(p, REGEX_UNICODE), fold, &e)) {
        p->at += 2;
        *done = true;
    }
    TRY(e);
    p->named += c->n - had;
    return p->named > NAMED_MAX ? err(ERR_LIMIT) : OK;
}

static struct err posix_class(struct parser *p, struct re_class *c, bool *done)
{
    *done = false;
    if (!span_starts(span_from(p->in, p->at), SPAN_LIT("[:")))
        return OK;
    size_t end = span_search(p->in, p->at + 2, SPAN_LIT(":]"));
    if (end == p->in.n)
        return OK;
    bool negate = p->in.p[p->at + 2] == '^';
    unsigned how = (negate ? RE_NEGATED : 0U) | (has(p, REGEX_NOCASE) ? RE_FOLDED : 0U);
    size_t start = p->at + 2 + negate;
    struct err e = OK;
    if (end < start || !re_class_posix(p->a, c, span_cut(p->in, start, end - start), how, &e))
        return bad(p, p->at, "unknown character class");
    *done = true;
    p->at = end + 2;
    return e;
}

static struct err class_member(struct parser *p, uint32_t *cp)
{
    size_t from = p->at;
    if (p->at >= p->in.n)
        return bad(p, from, "class without its closing bracket");
    if (!eat(p, '\\')) {
        *cp = next_cp(p);
        return OK;
    }
    if (p->at >= p->in.n)
        return bad(p, from, "backslash at the end");
    return re_escaped_cp(p, from, cp);
}

static struct err class_range(struct parser *p, struct re_class *c)
{
    size_t from = p->at;
    uint32_t lo, hi;
    TRY(class_member(p, &lo));
    hi = lo;
    if (peek(p) == '-' && p->in.n - p->at >= 2 && p->in.p[p->at + 1] != ']') {
        p->at++;
        TRY(class_member(p, &hi));
        if (hi < lo)
            return bad(p, from, "class range out of order");
    }
    return re_class_add(p->a, c, lo, hi);
}

/* The members up to "]"; sets that have a name apart from the others. */
static struct err members(struct parser *p, size_t from, struct re_class *c, struct re_class *sets)
{
    for (bool first = true; first || peek(p) != ']'; first = false) {
        if (p->at >= p->in.n)
            return bad(p, from, "class without its closing bracket");
        bool done;
        TRY(posix_class(p, sets, &done));
        if (!done)
            TRY(class_escape(p, sets, &done));
        if (!done)
            TRY(class_range(p, c));
    }
    p->at++;
    return OK;
}

struct err re_bracket(struct parser *p, size_t from, struct re_node **out)
{
    struct re_class c = {0}, sets = {0};
    const struct made *before = made_before(p, from);
    if (before)
        return re_class_node(p, before->v, before->n, out);
    bool negate = eat(p, '^');
    TRY(members(p, from, &c, &sets));
    re_class_close(&c);
    if (has(p, REGEX_NOCASE))
        TRY(re_class_fold(p->a, &c));
    TRY(re_class_join(p->a, &c, sets.v, sets.n));
    re_class_close(&c);
    if (negate)
        TRY(re_class_negate(p->a, &c));
    return keep_class(p, from, sets.n, &c, out);
}

struct err re_escaped_class(struct parser *p, struct re_node **out, bool *done)
{
    size_t from = p->at;
    const struct made *before = made_before(p, from);
    struct re_class c = {0};
    *done = true;
    if (before)
        return re_class_node(p, before->v, before->n, out);
    TRY(class_escape(p, &c, done));
    return *done ? keep_class(p, from, c.n, &c, out) : OK;
}
