/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expression text to tree. One pass, no backtracking; groups nest at most REGEX_DEPTH deep, which
 * bounds the recursion here and in compile.c. Everything that RE2 refuses is refused.
 */
#include "parse_int.h"

struct err re_new_node(struct parser *p, enum re_node_kind kind, struct re_node **out)
{
    void *m;
    TRY(arena_take(p->a, sizeof **out, &m));
    *out = m;
    (*out)->kind = kind;
    return OK;
}

static struct err literal(struct parser *p, uint32_t cp, struct re_node **out)
{
    struct re_class c = {0};
    TRY(re_class_add(p->a, &c, cp, cp));
    if (has(p, REGEX_NOCASE))
        TRY(re_class_fold(p->a, &c));
    return re_class_node(p, c.v, c.n, out);
}

static struct err assertion(struct parser *p, enum re_assert kind, struct re_node **out)
{
    TRY(re_new_node(p, RE_ASSERT, out));
    (*out)->assert = kind;
    return OK;
}

static struct err any_char(struct parser *p, struct re_node **out)
{
    struct re_class c = {0};
    TRY(re_class_add(p->a, &c, 0, has(p, REGEX_DOTALL) ? CP_MAX : '\n' - 1));
    if (!has(p, REGEX_DOTALL))
        TRY(re_class_add(p->a, &c, '\n' + 1, CP_MAX));
    return re_class_node(p, c.v, c.n, out);
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
    bool done;
    p->at = from;
    TRY(re_escaped_class(p, out, &done));
    if (done)
        return OK;
    p->at = from + 1;
    uint32_t cp;
    TRY(re_escaped_cp(p, from, &cp));
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
    TRY(re_new_node(p, RE_LOOK, out));
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
                return re_new_node(p, RE_EMPTY, out);
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
        return re_bracket(p, from, out);
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
    TRY(re_new_node(p, RE_REPEAT, &r));
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
    TRY(re_new_node(p, RE_CAT, out));
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
    TRY(re_new_node(p, RE_ALT, out));
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
