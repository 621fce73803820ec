/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names that a chat template computes instead of writing them. A clean template subscripts by
 * names, numbers and plain texts; one that puts a name together from letters, turns a text of its
 * own round or cuts it hides what it reaches for. The code between {{ }} and {% %} is read token by
 * token, brackets on a stack; nothing is evaluated. Called once per template.
 *
 *   code ─► token ─► literal: what does it spell, what is done to it?
 *                └─► bracket closed: a subscript? what computed it?
 */
#include "weights_look_int.h"

enum { BRACKETS_MAX = 64, PIECE_MAX = 40, COUNT_DIGITS = 7 };

enum token_kind { T_END, T_NAME, T_NUMBER, T_TEXT, T_SIGN };

struct token {
    enum token_kind kind;
    struct span text; /* of a text: without its quotes; of a sign: one byte */
    size_t at;
};

struct bracket {
    uint8_t open;
    bool value;   /* behind a value: a subscript or a call, else a list */
    bool dict;    /* the arguments of dict() */
    bool texts;   /* a text stands in it */
    bool names;   /* or a name */
    bool built;   /* texts are joined, repeated or formatted in it */
    bool changed; /* something goes through a filter that makes a text of it */
};

struct code {
    struct look *look;
    struct span in;
    size_t at;
    uint64_t place; /* of the template, for findings */
    struct token before, now;
    struct bracket open[BRACKETS_MAX];
    size_t depth;
    bool told;
};

static void tell_as(struct code *c, enum weights_verdict level, const char *rule, const char *why)
{
    if (!c->told)
        look_note(c->look, level, rule, c->place, "the chat template %s (at byte %zu of it)", why,
                  c->now.at);
    c->told = true;
}

static void tell(struct code *c, const char *why)
{
    tell_as(c, WEIGHTS_SUSPICIOUS, "template-built", why);
}

static bool letter(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26 || c == '_';
}

static bool digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

static bool one_of(struct span s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (span_is(s, words[i]))
            return true;
    return false;
}
#define ONE_OF(s, words) one_of(s, words, sizeof(words) / sizeof(words)[0])

/* The next token of the code in hand; T_END at the end of it or of everything. */
static struct token next(struct code *c)
{
    struct span s = c->in;
    while (c->at < s.n && (s.p[c->at] == ' ' || (uint8_t)(s.p[c->at] - '\t') < 5))
        c->at++;
    struct token t = {T_END, SPAN_NONE, c->at};
    if (c->at == s.n || (c->at + 1 < s.n && s.p[c->at + 1] == '}' &&
                         (s.p[c->at] == '%' || (s.p[c->at] == '}' && !c->depth))))
        return t;
    uint8_t first = s.p[c->at++];
    size_t begin = c->at - 1;
    if (first == '\'' || first == '"') {
        while (c->at < s.n && s.p[c->at] != first)
            c->at += s.p[c->at] == '\\' && c->at + 1 < s.n ? 2 : 1;
        t = (struct token){T_TEXT, span_cut(s, begin + 1, c->at - begin - 1), begin};
        c->at += c->at < s.n;
        return t;
    }
    t.kind = letter(first) ? T_NAME : digit(first) ? T_NUMBER : T_SIGN;
    while (t.kind != T_SIGN && c->at < s.n && (letter(s.p[c->at]) || digit(s.p[c->at])))
        c->at++;
    t.text = span_cut(s, begin, c->at - begin);
    return t;
}

/* What comes behind the token in hand, without taking it. */
static struct token peek(struct code *c)
{
    size_t at = c->at;
    struct token t = next(c);
    c->at = at;
    return t;
}

static bool sign_is(const struct token *t, const char *signs)
{
    return t->kind == T_SIGN && t->text.p[0] && strchr(signs, t->text.p[0]);
}

/* A part of a name with two underscores at an end: `__cla`, `ss__`, `__`. */
static bool dunder_piece(struct span s)
{
    s = span_trim(s);
    if (s.n < 2 || s.n > PIECE_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!letter(s.p[i]) && !digit(s.p[i]) && s.p[i] != '-' && s.p[i] != ' ')
            return false;
    return (s.p[0] == '_' && s.p[1] == '_') || (s.p[s.n - 1] == '_' && s.p[s.n - 2] == '_');
}

static bool all_underscores(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] != '_')
            return false;
    return s.n > 0;
}

/* Another text of underscores alone behind an operator or comma, or a number of times this one. */
static bool underscores_again(struct code *c)
{
    size_t at = c->at;
    struct token sign = next(c), other = next(c);
    c->at = at;
    if (sign_is(&sign, "*"))
        return true;
    return sign_is(&sign, "~+,") && other.kind == T_TEXT && all_underscores(other.text);
}

/* `'text'.replace(…)`, `'text'|reverse`, `'text'[…]`: no clean template changes its own words. */
static void check_use(struct code *c)
{
    static const char *const methods[] = {
        "replace",      "lower",      "upper",    "swapcase", "title",        "encode",    "decode",
        "removeprefix", "capitalize", "casefold", "center",   "removesuffix", "translate", "zfill"};
    static const char *const filters[] = {
        "replace", "reverse",   "lower",  "upper",  "capitalize", "title",     "list",
        "center",  "striptags", "batch",  "slice",  "first",      "last",      "random",
        "unique",  "map",       "select", "reject", "sort",       "urlencode", "forceescape"};
    size_t at = c->at;
    struct token sign = next(c), name = next(c);
    c->at = at;
    if (sign_is(&sign, "["))
        tell(c, "cuts or turns a text of its own");
    else if (name.kind == T_NAME && ((sign_is(&sign, ".") && ONE_OF(name.text, methods)) ||
                                     (sign_is(&sign, "|") && ONE_OF(name.text, filters))))
        tell(c, "changes a text of its own");
}

static void on_text(struct code *c)
{
    struct span s = c->now.text;
    if (dunder_piece(s))
        tell(c, "holds a part of a reserved name");
    else if (all_underscores(s) && underscores_again(c))
        tell(c, "puts underscores together");
    check_use(c);
    if (!c->depth)
        return;
    struct bracket *b = &c->open[c->depth - 1];
    struct token after = peek(c);
    b->texts = true;
    b->built = b->built || sign_is(&after, "+*~%") || sign_is(&c->before, "+*~%") ||
               sign_is(&after, "|.") || after.kind == T_TEXT;
}

/* Attributes that lead from an object to its code, its frame or its globals; Jinja's own sandbox
 * refuses them. */
bool template_inner_name(struct span s)
{
    static const char *const inner[] = {
        "func_code", "func_closure", "func_defaults", "func_dict", "func_globals", "im_class",
        "im_func",   "im_self",      "gi_frame",      "gi_code",   "cr_frame",     "cr_code",
        "ag_frame",  "ag_code",      "tb_frame",      "tb_next",   "f_back",       "f_code",
        "f_globals", "f_builtins",   "f_locals",      "mro",       "format_map"};
    return s.p[0] == '_' || ONE_OF(s, inner);
}

/* Functions of Python's that no template is given. */
static bool python_function(struct span s)
{
    static const char *const functions[] = {"open",    "compile",   "globals", "locals",
                                            "vars",    "getattr",   "setattr", "breakpoint",
                                            "delattr", "memoryview"};
    return ONE_OF(s, functions);
}

/* `replace('a.example', 'b.example')`: what people and models said is not to be led elsewhere. */
static bool replaces_address(struct code *c)
{
    size_t at = c->at;
    struct token open = next(c), what = next(c);
    c->at = at;
    if (!sign_is(&open, "(") || what.kind != T_TEXT)
        return false;
    for (size_t i = 1; i + 1 < what.text.n; i++) {
        const uint8_t *p = what.text.p + i;
        if ((p[0] == '.' || p[0] == '@') && letter(p[-1]) && letter(p[1]))
            return true;
    }
    return span_search(what.text, 0, SPAN_LIT("://")) < what.text.n;
}

static void check_name(struct code *c, struct span s, const struct token *after)
{
    bool attribute = sign_is(&c->before, ".");
    if (attribute && template_inner_name(s))
        tell_as(c, WEIGHTS_MALICIOUS, "template", "reads an attribute of Python's own");
    else if (!attribute && !sign_is(&c->before, "|") && sign_is(after, "(") && python_function(s))
        tell_as(c, WEIGHTS_MALICIOUS, "template", "calls a function of Python's");
    else if (span_is(s, "replace") && replaces_address(c))
        tell(c, "replaces addresses in what was said");
}

static void on_name(struct code *c)
{
    static const char *const numbers[] = {"length", "count", "int",     "abs",   "first", "last",
                                          "round",  "min",   "max",     "float", "lower", "string",
                                          "trim",   "upper", "default", "d",     "sum"};
    struct span s = c->now.text;
    struct token after = peek(c);
    check_name(c, s, &after);
    if (sign_is(&c->before, "|") && c->depth && !ONE_OF(s, numbers))
        c->open[c->depth - 1].changed = true;
    if (span_is(s, "attribute") && sign_is(&after, "=")) {
        size_t at = c->at;
        (void)next(c);
        struct token value = next(c);
        c->at = at;
        if (value.kind != T_TEXT && value.kind != T_NUMBER)
            tell(c, "computes the name of an attribute");
    }
    if (span_is(s, "string") && sign_is(&c->before, "|") && sign_is(&after, "|")) {
        size_t at = c->at;
        (void)next(c);
        struct token filter = next(c);
        c->at = at;
        if (filter.kind == T_NAME && span_is(filter.text, "list"))
            tell(c, "takes a text apart into letters");
    }
    if (c->depth)
        c->open[c->depth - 1].names = true;
}

/* A [ behind a value is a subscript, elsewhere it begins a list. */
static bool after_value(const struct code *c)
{
    static const char *const words[] = {"in", "is",   "not",    "and", "or",   "if",
                                        "do", "else", "return", "set", "elif", "print"};
    if (c->before.kind == T_NAME)
        return !ONE_OF(c->before.text, words);
    return c->before.kind == T_TEXT || sign_is(&c->before, ")]}");
}

static void on_close(struct code *c)
{
    struct bracket b = c->depth ? c->open[--c->depth] : (struct bracket){0};
    bool subscript = b.value && b.open == '[';
    if (subscript && (b.changed || (b.texts && b.built)))
        tell(c, "computes the name of what it looks up");
    bool list = b.dict || (!b.value && b.open != '{' && b.texts && !b.names);
    size_t at = c->at;
    struct token sign = next(c), name = next(c);
    c->at = at;
    if (list && sign_is(&sign, "|") && name.kind == T_NAME &&
        (span_is(name.text, "join") || span_is(name.text, "sum")))
        tell(c, "puts a text together from pieces");
}

static void on_sign(struct code *c)
{
    uint8_t sign = c->now.text.p[0];
    if (sign >= 0x80)
        tell(c, "has letters in its code that are no ASCII");
    if (sign == '~' && c->depth)
        c->open[c->depth - 1].built = c->open[c->depth - 1].texts = true;
    if (strchr("([{", sign) && sign) {
        if (c->depth == BRACKETS_MAX) {
            tell(c, "nests brackets too deep to be read");
            return;
        }
        c->open[c->depth++] = (struct bracket){.open = sign,
                                               .value = after_value(c),
                                               .dict = sign == '(' && c->before.kind == T_NAME &&
                                                       span_is(c->before.text, "dict")};
    } else if (sign && strchr(")]}", sign)) {
        on_close(c);
    }
}

/* One stretch of code, up to its end. */
static void stretch(struct code *c)
{
    c->depth = 0;
    c->before = (struct token){T_END, SPAN_NONE, c->at};
    for (bool first = true; (c->now = next(c)).kind != T_END; first = false) {
        if (first && c->now.kind == T_NAME && span_is(c->now.text, "debug"))
            tell(c, "prints everything there is");
        if (c->now.kind == T_NUMBER && c->now.text.n >= COUNT_DIGITS)
            tell(c, "counts to a million or more");
        else if (c->now.kind == T_TEXT)
            on_text(c);
        else if (c->now.kind == T_NAME)
            on_name(c);
        else if (c->now.kind == T_SIGN)
            on_sign(c);
        c->before = c->now;
    }
}

/* Characters that turn the reading order or show nothing at all. */
static bool invisible(struct span s)
{
    for (size_t i = 0; i + 2 < s.n; i++) {
        const uint8_t *p = s.p + i;
        bool order = p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
                                      (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));
        bool tag = p[0] == 0xf3 && p[1] == 0xa0 && (p[2] == 0x80 || p[2] == 0x81);
        if (order || tag)
            return true;
    }
    return false;
}

void template_code_look(struct look *k, struct span text, uint64_t at)
{
    struct code c = {.look = k, .in = text, .place = at};
    if (invisible(text))
        look_note(k, WEIGHTS_SUSPICIOUS, "template-built", at,
                  "the chat template holds characters that nobody sees");
    while (c.at + 1 < text.n && !c.told) {
        const uint8_t *p = text.p + c.at;
        if (p[0] != '{' || (p[1] != '{' && p[1] != '%' && p[1] != '#')) {
            c.at++;
            continue;
        }
        c.at += 2;
        if (p[1] == '#')
            c.at = span_search(text, c.at, SPAN_LIT("#}"));
        else
            stretch(&c);
    }
}
