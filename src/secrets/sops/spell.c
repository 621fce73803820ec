/* SPDX-License-Identifier: Apache-2.0 */
/* A value as its format writes it. Once a value that changes. */
#include "b64.h"
#include "json.h"
#include "sops_int.h"
#include "utf8.h"
#include "wr.h"

/* Would the text, unquoted in YAML, read back as exactly this text? */
static bool plain_is_safe(struct span s, bool flow)
{
    static const char first[] = "-?:,[]{}#&*!|>'\"%@` ";
    if (s.n == 0 || sops_yaml_type(s) != SOPS_STR || s.p[s.n - 1] == ' ' || s.p[s.n - 1] == ':')
        return false;
    if (memchr(first, s.p[0], sizeof first - 1) || s.p[0] == '=' || s.p[0] == '<')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        bool mark = c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
        if (c < 0x20 || c == 0x7f || (flow && mark) || c >= 0x80)
            return false;
        if ((c == '#' && s.p[i - 1] == ' ') || (c == ':' && s.p[i + 1] == ' '))
            return false;
    }
    /* Words that YAML 1.1 readers take for something else. */
    static const char *const words[] = {"y", "n", "yes", "no", "on", "off", NULL};
    for (const char *const *w = words; *w; w++)
        if (span_eq_nocase(s, span_str(*w)))
            return false;
    return !(s.p[0] >= '0' && s.p[0] <= '9') && s.p[0] != '.' && s.p[0] != '+';
}

/* JSON's quoting is YAML's too. */
static struct err quoted(struct span s, struct buf *out)
{
    TRY(buf_put_u8(out, '"'));
    TRY(json_escape(s, out));
    return buf_put_u8(out, '"');
}

/* Characters that YAML takes in no other way than as an escape, beyond those of JSON. */
static bool must_escape(uint32_t cp)
{
    return (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 || cp == 0xfeff ||
           cp == 0xfffe || cp == 0xffff;
}

static struct err quoted_yaml(struct span s, struct buf *out)
{
    size_t done = 0;
    TRY(buf_put_u8(out, '"'));
    for (size_t i = 0, n; i < s.n; i += n) {
        uint32_t cp = s.p[i];
        n = cp < 0x7f ? 1 : utf8_next(s, i, &cp);
        if (!must_escape(cp))
            continue;
        TRY(json_escape(span_cut(s, done, i - done), out));
        TRY(buf_printf(out, "\\u%04x", cp));
        done = i + n;
    }
    TRY(json_escape(span_from(s, done), out));
    return buf_put_u8(out, '"');
}

/* Bytes that are no text. */
static struct err binary(struct span s, struct buf *out)
{
    TRY(buf_puts(out, "!!binary "));
    size_t n = b64_len(s.n, B64_STD);
    TRY(buf_reserve(out, n));
    struct wr w = wr_of(out->p + out->n, n);
    b64_encode(&w, s, B64_STD);
    out->n += w.n;
    return wr_done(&w);
}

static bool block_is_safe(struct span s)
{
    if (s.n < 2 || s.p[s.n - 1] != '\n' || s.p[s.n - 2] == '\n' || s.p[0] == ' ' || s.p[0] == '\n')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if ((s.p[i] < 0x20 && s.p[i] != '\n') || s.p[i] == 0x7f ||
            (s.p[i] == '\n' && i > 0 && s.p[i - 1] == ' '))
            return false;
    for (size_t i = 0, n; i < s.n; i += n) {
        uint32_t cp = s.p[i];
        n = cp < 0x7f ? 1 : utf8_next(s, i, &cp);
        if (must_escape(cp))
            return false;
    }
    return utf8_valid(s);
}

static struct err block(struct span s, uint32_t column, struct buf *out)
{
    TRY(buf_puts(out, "|"));
    for (size_t at = 0; at < s.n;) {
        size_t end = span_find(s, at, '\n');
        TRY(buf_put_u8(out, '\n'));
        for (uint32_t i = 0; end > at && i < column + 4; i++)
            TRY(buf_put_u8(out, ' '));
        TRY(buf_put(out, span_cut(s, at, end - at)));
        at = end + 1;
    }
    return OK;
}

static struct err spell_yaml(const struct sops_item *it, struct span s, struct buf *out)
{
    if (sops_is_sealed(s) && !it->flow)
        return buf_put(out, s);
    if (!it->flow && block_is_safe(s))
        return block(s, it->column, out);
    if (!utf8_valid(s))
        return binary(s, out);
    return plain_is_safe(s, it->flow) ? buf_put(out, s) : quoted_yaml(s, out);
}

bool sops_ini_misread(struct span s)
{
    bool quoted = s.n > 1 && s.p[0] == '`' && s.p[s.n - 1] == '`';
    if (s.n == 0 || quoted || span_starts(s, SPAN_LIT("\"\"\"")))
        return false;
    return memchr(s.p, ';', s.n) || memchr(s.p, '#', s.n) || s.p[s.n - 1] == '\\';
}

/* Newlines are written as \\n: in dotenv files, and in the sops section of INI files. */
static struct err escaped_lines(struct span s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++)
        TRY(s.p[i] == '\n' ? buf_puts(out, "\\n") : buf_put_u8(out, s.p[i]));
    return OK;
}

static struct err spell_lines(const struct sops_doc *d, bool section, struct span s,
                              struct buf *out)
{
    if (d->format == SOPS_DOTENV || section || s.n == 0)
        return escaped_lines(s, out);
    bool many = memchr(s.p, '\n', s.n) != NULL;
    bool wrap =
        s.p[0] == ' ' || s.p[s.n - 1] == ' ' || s.p[0] == '"' || s.p[0] == '\'' || s.p[0] == '`';
    if (many && span_search(s, 0, SPAN_LIT("\"\"\"")) < s.n)
        return err_make(ERR_INPUT, SOPS_FORMAT);
    /* Three in a row would open a text of several lines. */
    bool quotes = s.p[0] == '"' && (s.n == 1 || s.p[1] == '"');
    bool raw = quotes || s.p[0] == '`' || sops_ini_misread(s);
    const char *mark = many ? "\"\"\"" : raw ? "`" : wrap ? "\"" : "";
    TRY(buf_puts(out, mark));
    TRY(buf_put(out, s));
    return buf_puts(out, mark);
}

/* A comment of an INI file keeps its mark, and the blank behind it or none. */
static struct span comment_mark(const struct sops_doc *d, const struct sops_item *it)
{
    if (d->format != SOPS_INI)
        return SPAN_LIT("#");
    if (it->type != SOPS_COMMENT || it->start == it->end)
        return SPAN_LIT("; ");
    bool blank = it->start + 1 < it->end && d->source.p[it->start + 1] == ' ';
    return span_cut(d->source, it->start, 1U + blank);
}

static struct err spell_comment(const struct sops_doc *d, const struct sops_item *it, struct span s,
                                struct buf *out)
{
    TRY(buf_put(out, comment_mark(d, it)));
    for (size_t i = 0; i < s.n; i++) /* one line, whatever was sealed */
        TRY(buf_put_u8(out, s.p[i] == '\n' || s.p[i] == '\r' ? ' ' : s.p[i]));
    return OK;
}

struct err sops_spell(const struct sops_doc *d, const struct sops_item *item, enum sops_type type,
                      struct span text, struct buf *out)
{
    if (item->type == SOPS_COMMENT || (type == SOPS_COMMENT && !item->flow))
        return spell_comment(d, item, text, out);
    if (type == SOPS_BOOL)
        return buf_puts(out, text.n && (text.p[0] | 32) == 't' ? "true" : "false");
    if (d->format == SOPS_DOTENV || d->format == SOPS_INI)
        return spell_lines(d, item->column == SOPS_IN_SECTION, text, out);
    bool json = d->format != SOPS_YAML;
    if (type == SOPS_NULL)
        return buf_puts(out, "null");
    if (type == SOPS_INT || type == SOPS_FLOAT)
        return sops_number_spell(type, text, json, out);
    if (type == SOPS_TIME && !json)
        return buf_put(out, text);
    if (json && !utf8_valid(text))
        return err_make(ERR_INPUT, SOPS_FORMAT);
    return json ? quoted(text, out) : spell_yaml(item, text, out);
}
