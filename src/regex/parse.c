/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expression text to tree. One pass, no backtracking; groups nest at most REGEX_DEPTH deep, which
 * bounds the recursion here and in compile.c. Everything that RE2 refuses is refused.
 */
#include "regex_int.h"

#include "utf8.h"

enum { SWAP = 1 << 8 /* U: lazy repeats are greedy, greedy ones lazy */ };

struct parser {
    struct span in;
    size_t at;
    unsigned depth;
    unsigned flags; /* enum regex_flag, SWAP */
    bool looking;   /* inside look-around */
    struct arena *a;
    struct fault *f;
};

static struct err bad(struct parser *p, size_t at, const char *why)
{
    return fault_at(p->f, ERR_INPUT, at, why);
}

static bool has(const struct parser *p, unsigned flag)
{
    return (p->flags & flag) != 0;
}

static int peek(const struct parser *p)
{
    return p->at < p->in.n ? p->in.p[p->at] : -1;
}

static bool eat(struct parser *p, uint8_t c)
{
    if (peek(p) != c)
        return false;
    p->at++;
    return true;
}

static uint32_t next_cp(struct parser *p)
{
    uint32_t cp;
    p->at += utf8_next(p->in, p->at, &cp);
    return cp;
}

static struct err new_node(struct parser *p, enum re_node_kind kind, struct re_node **out)
{
    void *m;
    TRY(arena_take(p->a, sizeof **out, &m));
    *out = m;
    (*out)->kind = kind;
    return OK;
}

static struct err class_node(struct parser *p, const struct re_range *v, size_t n,
                             struct re_node **out)
{
    TRY(new_node(p, RE_CLASS, out));
    (*out)->range = v;
    (*out)->n_range = n;
    return OK;
}

static struct err literal(struct parser *p, uint32_t cp, struct re_node **out)
{
    struct re_class c = {0};
    TRY(re_class_add(p->a, &c, cp, cp));
    if (has(p, REGEX_NOCASE))
        TRY(re_class_fold(p->a, &c));
    return class_node(p, c.v, c.n, out);
}

static struct err assertion(struct parser *p, enum re_assert kind, struct re_node **out)
{
    TRY(new_node(p, RE_ASSERT, out));
    (*out)->assert = kind;
    return OK;
}

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

/* An escape that names one code point; the backslash is read, its letter is next. */
static struct err escape_cp(struct parser *p, size_t from, uint32_t *cp)
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

/* \pL, \p{Lu}, \p{^Lu}; `letter` p or P is read. */
static struct err unicode_class(struct parser *p, size_t from, uint8_t letter, struct re_class *c)
{
    bool negate = letter == 'P';
    size_t start = p->at, end = start + 1;
    if (eat(p, '{')) {
        if (eat(p, '^'))
            negate = !negate;
        start = p->at;
        end = span_find(p->in, start, '}');
    }
    if (end > p->in.n || (end == p->in.n && start != p->at))
        return bad(p, from, "unclosed class name");
    struct span name = span_cut(p->in, start, end - start);
    p->at = start == from + 2 ? end : end + 1;
    struct err e = OK;
    if (p->at > p->in.n || !re_class_unicode(p->a, c, name, negate, &e))
        return bad(p, from, "unknown Unicode class");
    return e;
}

/* \d or \pL as part of a class; *done false when the escape is something else (nothing read). */
static struct err class_escape(struct parser *p, struct re_class *c, bool *done)
{
    *done = false;
    if (peek(p) != '\\' || p->in.n - p->at < 2)
        return OK;
    uint8_t letter = p->in.p[p->at + 1];
    size_t from = p->at;
    if (letter == 'p' || letter == 'P') {
        p->at += 2;
        *done = true;
        return unicode_class(p, from, letter, c);
    }
    struct err e = OK;
    if (re_class_perl(p->a, c, letter, has(p, REGEX_UNICODE), &e)) {
        p->at += 2;
        *done = true;
    }
    return e;
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
    size_t start = p->at + 2 + negate;
    struct err e = OK;
    if (end < start || !re_class_posix(p->a, c, span_cut(p->in, start, end - start), negate, &e))
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
    return escape_cp(p, from, cp);
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

/* After "[". */
static struct err bracket(struct parser *p, size_t from, struct re_node **out)
{
    struct re_class c = {0};
    bool negate = eat(p, '^');
    for (bool first = true; first || peek(p) != ']'; first = false) {
        if (p->at >= p->in.n)
            return bad(p, from, "class without its closing bracket");
        bool done;
        TRY(posix_class(p, &c, &done));
        if (!done)
            TRY(class_escape(p, &c, &done));
        if (!done)
            TRY(class_range(p, &c));
    }
    p->at++;
    re_class_close(&c);
    if (has(p, REGEX_NOCASE))
        TRY(re_class_fold(p->a, &c));
    if (negate)
        TRY(re_class_negate(p->a, &c));
    return class_node(p, c.v, c.n, out);
}

static struct err any_char(struct parser *p, struct re_node **out)
{
    struct re_class c = {0};
    TRY(re_class_add(p->a, &c, 0, has(p, REGEX_DOTALL) ? CP_MAX : '\n' - 1));
    if (!has(p, REGEX_DOTALL))
        TRY(re_class_add(p->a, &c, '\n' + 1, CP_MAX));
    return class_node(p, c.v, c.n, out);
}

/* Do two digits of 0..7 stand here? */
static bool octal(const struct parser *p)
{
    struct span s = span_cut(p->in, p->at, 2);
    return s.n == 2 && s.p[0] <= '7' && s.p[1] >= '0' && s.p[1] <= '7';
}

/* After a backslash outside a class, \Q excepted. */
static struct err escape(struct parser *p, size_t from, struct re_node **out)
{
    switch (peek(p)) {
    case 'A':
        p->at++;
        return assertion(p, RE_TEXT_START, out);
    case 'Z':
        if (!has(p, REGEX_LOOK))
            return bad(p, from, "unknown escape");
        p->at++;
        return assertion(p, RE_TEXT_END, out);
    case 'z':
        p->at++;
        return assertion(p, RE_TEXT_END, out);
    case 'b':
        p->at++;
        return assertion(p, has(p, REGEX_UNICODE) ? RE_WORD_EDGE_UNICODE : RE_WORD_EDGE, out);
    case 'B':
        p->at++;
        return assertion(p, has(p, REGEX_UNICODE) ? RE_NO_WORD_EDGE_UNICODE : RE_NO_WORD_EDGE, out);
    case -1:
        return bad(p, from, "backslash at the end");
    default:
        if (peek(p) >= '1' && peek(p) <= '9' && !octal(p))
            return bad(p, from, "back-references cannot be matched in linear time");
        break;
    }
    size_t n;
    const struct re_range *set = re_perl_ranges((uint8_t)peek(p), has(p, REGEX_UNICODE), &n);
    if (set) {
        p->at++;
        return class_node(p, set, n, out);
    }
    struct re_class c = {0};
    bool done;
    p->at = from;
    TRY(class_escape(p, &c, &done));
    if (done) {
        re_class_close(&c);
        return class_node(p, c.v, c.n, out);
    }
    p->at = from + 1;
    uint32_t cp;
    TRY(escape_cp(p, from, &cp));
    return literal(p, cp, out);
}

static struct err alternation(struct parser *p, struct re_node **out);

/* A letter of (?imsU-imsU), 0 for another. */
static unsigned flag_of(int letter)
{
    static const char letters[] = "imsU";
    static const unsigned flags[] = {REGEX_NOCASE, REGEX_LINES, REGEX_DOTALL, SWAP};
    const char *at = letter > 0 ? strchr(letters, letter) : NULL;
    return at ? flags[at - letters] : 0;
}

/* The letters, a and u among them where Python's are accepted; the closing ) or : is next after. */
static struct err flags(struct parser *p, size_t from)
{
    bool on = true, some = false;
    for (;; p->at++) {
        int c = peek(p);
        if (c == ':' || c == ')')
            return on || some ? OK : bad(p, from, "bad flags");
        if (c == '-') {
            if (!on)
                return bad(p, from, "bad flags");
            on = some = false;
            continue;
        }
        bool python = (c == 'a' || c == 'u') && on && has(p, REGEX_LOOK);
        unsigned flag = python ? REGEX_UNICODE : flag_of(c);
        if (!flag)
            return bad(p, from, "unknown group");
        if (on && c != 'a')
            p->flags |= flag;
        else
            p->flags &= ~flag;
        some = true;
    }
}

static struct err group_name(struct parser *p, size_t from)
{
    size_t end = span_find(p->in, p->at, '>');
    if (end == p->in.n || end == p->at)
        return bad(p, from, "bad group name");
    for (; p->at < end; p->at++) {
        uint8_t c = p->in.p[p->at], l = ascii_lower(c);
        if (!(l >= 'a' && l <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return bad(p, from, "bad group name");
    }
    p->at++;
    return OK;
}

/* ---- look-around ---- */

/* "?=" "?!" "?<=" "?<!" after "(": bytes of it, 0 when it is another group. */
static size_t look_mark(const struct parser *p, bool *behind, bool *negate)
{
    struct span s = span_from(p->in, p->at);
    size_t n = span_starts(s, SPAN_LIT("?<")) ? 2 : span_starts(s, SPAN_LIT("?")) ? 1 : 0;
    if (n == 0 || n >= s.n || (s.p[n] != '=' && s.p[n] != '!'))
        return 0;
    *behind = n == 2;
    *negate = s.p[n] == '!';
    return n + 1;
}

/* The body and ")" of a look-around; its mark is read. */
static struct err look(struct parser *p, size_t from, bool behind, bool negate,
                       struct re_node **out)
{
    if (!has(p, REGEX_LOOK))
        return bad(p, from, "look-around cannot be matched in linear time");
    if (p->looking)
        return bad(p, from, "look-around inside look-around");
    struct re_node *body;
    struct parser before = *p;
    p->looking = true;
    if (++p->depth > REGEX_DEPTH)
        return fault_at(p->f, ERR_LIMIT, from, "groups nested too deep");
    TRY(alternation(p, &body));
    if (!eat(p, ')'))
        return bad(p, from, "group without its closing parenthesis");
    size_t at = p->at;
    *p = before;
    p->at = at;
    int n = re_width(body);
    if (n < 0 || n > REGEX_LOOK_WIDTH)
        return bad(p, from, "look-around over more than 32 characters");
    TRY(new_node(p, RE_LOOK, out));
    (*out)->behind = behind;
    (*out)->negate = negate;
    (*out)->max = n;
    (*out)->first = body;
    return OK;
}

/* After "(": flags, name, body, ")". A group that only sets flags is empty; its flags stay. */
static struct err group(struct parser *p, size_t from, struct re_node **out)
{
    struct parser before = *p;
    bool behind, negate;
    size_t mark = look_mark(p, &behind, &negate);
    p->at += mark;
    if (mark)
        return look(p, from, behind, negate, out);
    if (eat(p, '?')) {
        if (span_starts(span_from(p->in, p->at), SPAN_LIT("P=")))
            return bad(p, from, "back-references cannot be matched in linear time");
        if (eat(p, 'P') ? eat(p, '<') : eat(p, '<')) {
            TRY(group_name(p, from));
        } else {
            TRY(flags(p, from));
            if (eat(p, ')'))
                return new_node(p, RE_EMPTY, out);
            p->at++;
        }
    }
    if (++p->depth > REGEX_DEPTH)
        return fault_at(p->f, ERR_LIMIT, from, "groups nested too deep");
    TRY(alternation(p, out));
    if (!eat(p, ')'))
        return bad(p, from, "group without its closing parenthesis");
    p->depth--;
    p->flags = before.flags;
    return OK;
}

static struct err atom(struct parser *p, struct re_node **out)
{
    size_t from = p->at;
    uint32_t cp = next_cp(p);
    switch (cp) {
    case '(':
        return group(p, from, out);
    case '[':
        return bracket(p, from, out);
    case '.':
        return any_char(p, out);
    case '^':
        return assertion(p, has(p, REGEX_LINES) ? RE_LINE_START : RE_TEXT_START, out);
    case '$':
        return assertion(p, has(p, REGEX_LINES) ? RE_LINE_END : RE_TEXT_END, out);
    case '\\':
        return escape(p, from, out);
    case '*':
    case '+':
    case '?':
        return bad(p, from, "nothing to repeat");
    default:
        return literal(p, cp, out);
    }
}

static bool count(struct parser *p, int *out)
{
    int v = 0;
    size_t from = p->at;
    while (peek(p) >= '0' && peek(p) <= '9' && v <= REGEX_REPEAT)
        v = v * 10 + (p->in.p[p->at++] - '0');
    *out = v;
    return p->at > from;
}

/* {n} {n,} {n,m}: false, with nothing read, when it is none of them and so literal text. */
static bool braces(struct parser *p, int *min, int *max)
{
    size_t from = p->at++;
    bool ok = count(p, min);
    *max = *min;
    if (ok && *min <= REGEX_REPEAT && eat(p, ',')) {
        *max = -1;
        if (peek(p) != '}')
            ok = count(p, max);
    }
    if (ok && (*min > REGEX_REPEAT || *max > REGEX_REPEAT))
        return true;
    if (ok && eat(p, '}'))
        return true;
    p->at = from;
    return false;
}

static bool quantifier(struct parser *p, int *min, int *max)
{
    int c = peek(p);
    if (c == '{')
        return braces(p, min, max);
    if (c != '*' && c != '+' && c != '?')
        return false;
    *min = c == '+';
    *max = c == '?' ? 1 : -1;
    p->at++;
    return true;
}

static struct err repeated(struct parser *p, struct re_node **node)
{
    int min = 0, max = 0, again_min, again_max;
    size_t from = p->at;
    if (!quantifier(p, &min, &max))
        return OK;
    if (min > REGEX_REPEAT || max > REGEX_REPEAT || (max >= 0 && max < min))
        return bad(p, from, "bad repeat count");
    if ((*node)->kind == RE_LOOK)
        return bad(p, from, "a repeat of look-around");
    struct re_node *r;
    TRY(new_node(p, RE_REPEAT, &r));
    r->min = min;
    r->max = max;
    r->lazy = eat(p, '?') != has(p, SWAP);
    r->first = *node;
    *node = r;
    size_t next = p->at;
    if (quantifier(p, &again_min, &again_max))
        return bad(p, next, "a repeat of a repeat");
    return OK;
}

/* Append to a list of siblings. */
static void append(struct re_node *list, struct re_node **last, struct re_node *one)
{
    if (*last)
        (*last)->next = one;
    else
        list->first = one;
    *last = one;
}

/* \Q…\E: each character for itself. */
static struct err quoted(struct parser *p, struct re_node *list, struct re_node **last)
{
    p->at += 2;
    while (p->at < p->in.n && !span_starts(span_from(p->in, p->at), SPAN_LIT("\\E"))) {
        struct re_node *one;
        TRY(literal(p, next_cp(p), &one));
        if (span_starts(span_from(p->in, p->at), SPAN_LIT("\\E"))) {
            p->at += 2;
            TRY(repeated(p, &one));
            append(list, last, one);
            return OK;
        }
        append(list, last, one);
    }
    if (p->at < p->in.n)
        p->at += 2;
    return OK;
}

static struct err sequence(struct parser *p, struct re_node **out)
{
    struct re_node *last = NULL;
    TRY(new_node(p, RE_CAT, out));
    while (p->at < p->in.n && peek(p) != '|' && peek(p) != ')') {
        if (span_starts(span_from(p->in, p->at), SPAN_LIT("\\Q"))) {
            TRY(quoted(p, *out, &last));
            continue;
        }
        struct re_node *one;
        TRY(atom(p, &one));
        TRY(repeated(p, &one));
        append(*out, &last, one);
    }
    return OK;
}

static struct err alternation(struct parser *p, struct re_node **out)
{
    struct re_node *last = NULL, *one;
    TRY(new_node(p, RE_ALT, out));
    do {
        TRY(sequence(p, &one));
        append(*out, &last, one);
    } while (eat(p, '|'));
    return OK;
}

struct err re_parse(struct span pattern, unsigned flags, struct arena *a, struct re_node **out,
                    struct fault *f)
{
    struct parser p = {.in = pattern, .a = a, .f = f, .flags = flags};
    TRY(alternation(&p, out));
    if (p.at < pattern.n)
        return bad(&p, p.at, "closing parenthesis without its group");
    return OK;
}
