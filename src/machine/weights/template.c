/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chat templates are Jinja programs that a server runs on every request. A clean one loops over
 * messages and prints roles; one that reaches for Python's internals, or builds such names from
 * escapes, is malicious. Called for GGUF metadata, tokenizer_config.json and *.jinja files.
 */
#include "num.h"
#include "utf8.h"
#include "weights_look_int.h"

#include <stdlib.h>

enum { TEMPLATE_MAX = 1 << 20 };

struct word {
    const char *text;
    enum weights_verdict level;
    const char *why;
};

static const struct word anywhere[] = {
    {"__class__", WEIGHTS_MALICIOUS, NULL},
    {"__globals__", WEIGHTS_MALICIOUS, NULL},
    {"__subclasses__", WEIGHTS_MALICIOUS, NULL},
    {"__import__", WEIGHTS_MALICIOUS, NULL},
    {"__builtins__", WEIGHTS_MALICIOUS, NULL},
    {"__mro__", WEIGHTS_MALICIOUS, NULL},
    {"__bases__", WEIGHTS_MALICIOUS, NULL},
    {"__base__", WEIGHTS_MALICIOUS, NULL},
    {"__init__", WEIGHTS_MALICIOUS, NULL},
    {"__dict__", WEIGHTS_MALICIOUS, NULL},
    {"__getattribute__", WEIGHTS_MALICIOUS, NULL},
    {"__code__", WEIGHTS_MALICIOUS, NULL},
    {"__reduce", WEIGHTS_MALICIOUS, NULL},
    {"__getitem__", WEIGHTS_MALICIOUS, NULL},
    {"__self__", WEIGHTS_MALICIOUS, NULL},
    {"__func__", WEIGHTS_MALICIOUS, NULL},
    {"__loader__", WEIGHTS_MALICIOUS, NULL},
    {"__module__", WEIGHTS_MALICIOUS, NULL},
    {"__wrapped__", WEIGHTS_MALICIOUS, NULL},
    {"__call__", WEIGHTS_MALICIOUS, NULL},
    {"_TemplateReference__context", WEIGHTS_MALICIOUS, NULL},
    {"func_globals", WEIGHTS_MALICIOUS, NULL},
    {"gi_frame", WEIGHTS_MALICIOUS, NULL},
    {"f_globals", WEIGHTS_MALICIOUS, NULL},
    {"f_builtins", WEIGHTS_MALICIOUS, NULL},
    {"f_locals", WEIGHTS_MALICIOUS, NULL},
    {"cr_frame", WEIGHTS_MALICIOUS, NULL},
    {"tb_frame", WEIGHTS_MALICIOUS, NULL},
    {"mro(", WEIGHTS_MALICIOUS, NULL},
    {"<|system_override|>", WEIGHTS_SUSPICIOUS, NULL},
    /* letters from their numbers: no role and no marker is spelled that way */
    {"'%c", WEIGHTS_SUSPICIOUS, NULL},
    {"\"%c", WEIGHTS_SUSPICIOUS, NULL},
};

/* Only inside {{ }} and {% %}. */
static const struct word in_code[] = {
    {"import", WEIGHTS_MALICIOUS, "imports another template or module"},
    {"include", WEIGHTS_MALICIOUS, "includes another file"},
    {"extends", WEIGHTS_MALICIOUS, "extends another file"},
    {"|attr(", WEIGHTS_MALICIOUS, "looks attributes up by name"},
    {"os.", WEIGHTS_MALICIOUS, "names the os module"},
    {"popen", WEIGHTS_MALICIOUS, "starts programs"},
    {"subprocess", WEIGHTS_MALICIOUS, "starts programs"},
    {"eval", WEIGHTS_MALICIOUS, "evaluates text"},
    {"exec", WEIGHTS_MALICIOUS, "executes text"},
    {"getattr", WEIGHTS_MALICIOUS, "looks attributes up by name"},
    {"lipsum", WEIGHTS_MALICIOUS, "uses a global that leads to Python's modules"},
    {"cycler.", WEIGHTS_MALICIOUS, "uses a global that leads to Python's modules"},
    {"cycler[", WEIGHTS_MALICIOUS, "uses a global that leads to Python's modules"},
    {"cycler|", WEIGHTS_MALICIOUS, "uses a global that leads to Python's modules"},
    {"joiner.", WEIGHTS_MALICIOUS, "uses a global that leads to Python's modules"},
    {"joiner[", WEIGHTS_MALICIOUS, "uses a global that leads to Python's modules"},
    {"joiner|", WEIGHTS_MALICIOUS, "uses a global that leads to Python's modules"},
    {"builtins", WEIGHTS_MALICIOUS, "names the builtins module"},
    {"importlib", WEIGHTS_MALICIOUS, "imports modules"},
    {"sys.modules", WEIGHTS_MALICIOUS, "names the sys module"},
    {"request.", WEIGHTS_MALICIOUS, "reaches for the server's request"},
    {"self.", WEIGHTS_MALICIOUS, "reaches for the template itself"},
    {"self|", WEIGHTS_MALICIOUS, "reaches for the template itself"},
    {"self[", WEIGHTS_MALICIOUS, "reaches for the template itself"},
    {".format_map", WEIGHTS_MALICIOUS, "formats through attributes"},
    {"config.items", WEIGHTS_MALICIOUS, "reads the server's settings"},
};

/* Words that a text literal has when it instructs the model behind the user's back. */
static const char *const orders[] = {
    "ignore previous instructions",
    "ignore all previous",
    "ignore the above",
    "disregard previous",
    "disregard all",
    "do not tell the user",
    "don't tell the user",
    "do not mention this",
    "without telling the user",
    "never reveal this",
    "do not reveal",
    "forget your instructions",
    "override your instructions",
    "exfiltrate",
    "never mention this",
    "tell the user to visit",
    "send the password",
    "send their password",
    "you must always recommend",
    "do not let the user know",
    "send the conversation to",
    "do not mention these",
    "always recommend",
    "reveal the system prompt",
    "<script",
};

static bool identifier(uint8_t c)
{
    return (uint8_t)((c | 0x20) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '_';
}

/* Undo \xNN, \uNNNN, \UNNNNNNNN and \NNN: how names are hidden in Jinja's string literals. `out`
 * may be where `in` lies. */
static size_t unescape(struct span in, uint8_t *out, bool *escaped)
{
    size_t n = 0;
    for (size_t i = 0; i < in.n;) {
        uint8_t c = in.p[i++];
        if (c != '\\' || i == in.n) {
            out[n++] = c;
            continue;
        }
        uint8_t kind = in.p[i];
        unsigned want = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
        bool octal = (uint8_t)(kind - '0') < 8;
        if (!want && !octal) {
            out[n++] = c;
            continue;
        }
        uint32_t v = 0;
        unsigned base = octal ? 8 : 16, d = 0;
        i += !octal;
        for (want = octal ? 3 : want; d < want && i < in.n && num_hex_digit(in.p[i]) < base; d++)
            v = v * base + num_hex_digit(in.p[i++]);
        uint8_t put[4];
        size_t len = utf8_put(v, put);
        /* Printable ASCII needs no escape: hiding it is the sign. */
        *escaped = *escaped || (identifier((uint8_t)v) && v < 0x80 && (v == '_' || v > '9'));
        memcpy(out + n, put, len);
        n += len;
    }
    return n;
}

static bool at_word(struct span s, size_t at, struct span word)
{
    if (!span_starts(span_from(s, at), word))
        return false;
    bool before = at && identifier(s.p[at - 1]) && identifier(word.p[0]);
    bool after =
        at + word.n < s.n && identifier(s.p[at + word.n]) && identifier(word.p[word.n - 1]);
    return !before && !after;
}

/* `|attr('content')` with a plain name is `.content`: no more than any template does. */
static bool plain_attribute(struct span s, size_t at)
{
    size_t i = at + sizeof "|attr(", begin = i;
    if (i >= s.n || (s.p[i - 1] != '\'' && s.p[i - 1] != '"') || s.p[i] == '_')
        return false;
    while (i < s.n && identifier(s.p[i]))
        i++;
    return i > begin && i + 1 < s.n && s.p[i] == s.p[begin - 1] && s.p[i + 1] == ')' &&
           !template_inner_name(span_cut(s, begin, i - begin));
}

static void in_blocks(struct look *k, struct span s, uint64_t at)
{
    bool told[sizeof in_code / sizeof in_code[0]] = {false};
    bool code = false;
    uint8_t quote = 0; /* inside a literal: words there are text, not code */
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (!quote && s.p[i] == '{' && (s.p[i + 1] == '{' || s.p[i + 1] == '%'))
            code = true;
        if (!quote && (s.p[i] == '}' || s.p[i] == '%') && s.p[i + 1] == '}')
            code = false;
        if (code && (s.p[i] == quote || (!quote && (s.p[i] == '\'' || s.p[i] == '"')))) {
            quote = quote ? 0 : s.p[i];
            continue;
        }
        if (quote)
            continue;
        for (size_t w = 0; code && w < sizeof in_code / sizeof in_code[0]; w++)
            if (!told[w] && s.p[i] == (uint8_t)in_code[w].text[0] &&
                at_word(s, i, span_str(in_code[w].text)) &&
                !(s.p[i] == '|' && plain_attribute(s, i))) {
                told[w] = true;
                look_note(k, in_code[w].level, "template", at, "the chat template %s (%s)",
                          in_code[w].why, in_code[w].text);
            }
    }
}

static void in_text(struct look *k, struct span s, uint64_t at)
{
    for (size_t w = 0; w < sizeof anywhere / sizeof anywhere[0]; w++)
        if (span_search(s, 0, span_str(anywhere[w].text)) < s.n)
            look_note(k, anywhere[w].level, "template", at,
                      "the chat template reaches for Python's internals (%s)", anywhere[w].text);
    uint8_t *low = malloc(s.n + 1);
    if (!low) {
        k->e = err(ERR_NOMEM);
        return;
    }
    for (size_t i = 0; i < s.n; i++)
        low[i] = ascii_lower(s.p[i]);
    for (size_t w = 0; w < sizeof orders / sizeof orders[0]; w++)
        if (span_search(span(low, s.n), 0, span_str(orders[w])) < s.n)
            look_note(k, WEIGHTS_SUSPICIOUS, "template-order", at,
                      "the chat template gives the model orders of its own (%s)", orders[w]);
    free(low);
}

/* Blanks go where code allows them: `x | attr (` is `x|attr(`. String literals keep theirs. */
static size_t squeeze(uint8_t *p, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n; i++) {
        bool blank = p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r';
        if (blank && out && i + 1 < n && identifier(p[out - 1])) {
            size_t j = i;
            while (j < n && (p[j] == ' ' || p[j] == '\t' || p[j] == '\n' || p[j] == '\r'))
                j++;
            if (j < n && !identifier(p[j])) {
                i = j - 1;
                continue;
            }
        } else if (blank && out && !identifier(p[out - 1]) && strchr("|.([", p[out - 1])) {
            continue;
        }
        p[out++] = p[i];
    }
    return out;
}

/* 'a' ~ 'b' and 'a' + 'b' are one text to Jinja: names are built that way. */
static size_t join(uint8_t *p, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n;) {
        if (p[i] == '\'' || p[i] == '"') {
            size_t j = i + 1;
            while (j < n && (p[j] == ' ' || p[j] == '\t'))
                j++;
            size_t op = j;
            if (j < n && (p[j] == '~' || p[j] == '+'))
                j++;
            while (j < n && (p[j] == ' ' || p[j] == '\t'))
                j++;
            if (op < n && j < n && (p[op] == '~' || p[op] == '+' || (op == j && j > i + 1)) &&
                p[j] == p[i]) {
                i = j + 1;
                continue;
            }
        }
        p[out++] = p[i++];
    }
    return out;
}

/* Drop comments, which say nothing to anybody. One with a quote in it stays, for its marks may
 * stand in literals, with code in between; and all stay where `raw` makes marks text. */
static size_t uncomment(uint8_t *p, size_t n)
{
    struct span s = span(p, n);
    size_t out = 0;
    if (span_search(s, 0, SPAN_LIT("raw")) < n)
        return n;
    for (size_t i = 0; i < n;) {
        bool mark = p[i] == '{' && i + 1 < n && p[i + 1] == '#';
        size_t end = mark ? span_search(s, i + 2, SPAN_LIT("#}")) : n;
        struct span inner = span_cut(s, i, end - i);
        if (end < n && span_find(inner, 0, '\'') == inner.n && span_find(inner, 0, '"') == inner.n)
            i = end + 2;
        else
            p[out++] = p[i++];
    }
    return out;
}

void template_look(struct look *k, struct span text, uint64_t at)
{
    if (text.n > TEMPLATE_MAX) {
        look_note(k, WEIGHTS_SUSPICIOUS, "template", at, "a chat template of more than %d bytes",
                  TEMPLATE_MAX);
        text = span_cut(text, 0, TEMPLATE_MAX);
    }
    uint8_t *plain = malloc(text.n + 1);
    if (!plain) {
        k->e = err(ERR_NOMEM);
        return;
    }
    template_code_look(k, text, at);
    bool escaped = false;
    if (text.n)
        memcpy(plain, text.p, text.n);
    size_t n = unescape(span(plain, uncomment(plain, text.n)), plain, &escaped);
    if (escaped)
        look_note(k, WEIGHTS_MALICIOUS, "template-escape", at,
                  "the chat template hides letters behind escapes");
    n = join(plain, n);
    in_text(k, span(plain, n), at);
    n = squeeze(plain, n);
    in_blocks(k, span(plain, n), at);
    free(plain);
}
