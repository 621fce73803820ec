/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part that request and response heads share. The hot path of the whole program: every message
 * passes here twice, usually whole in one read, with around ten fields of 10 + 25 bytes.
 */
#include "head_int.h"

#include "http_scan_int.h"
#include "num.h"

#define NAME_SET  (HTTP_CLASS_TOKEN | HTTP_CLASS_PATH | HTTP_CLASS_QUERY | HTTP_CLASS_HOST)
#define PATH_SET  (HTTP_CLASS_PATH | HTTP_CLASS_QUERY)
#define QUERY_SET HTTP_CLASS_QUERY

const uint8_t http_class[256] = {
    ['0' ... '9'] = NAME_SET,
    ['A' ... 'Z'] = NAME_SET,
    ['a' ... 'z'] = NAME_SET,
    ['-'] = NAME_SET,
    ['.'] = NAME_SET,
    ['_'] = NAME_SET,
    ['~'] = NAME_SET,
    ['!'] = NAME_SET,
    ['$'] = NAME_SET,
    ['&'] = NAME_SET,
    ['\''] = NAME_SET,
    ['*'] = NAME_SET,
    ['+'] = NAME_SET,
    ['%'] = HTTP_CLASS_TOKEN | PATH_SET,
    ['#'] = HTTP_CLASS_TOKEN,
    ['('] = PATH_SET | HTTP_CLASS_HOST,
    [')'] = PATH_SET | HTTP_CLASS_HOST,
    [','] = PATH_SET | HTTP_CLASS_HOST,
    [';'] = PATH_SET | HTTP_CLASS_HOST,
    ['='] = PATH_SET | HTTP_CLASS_HOST,
    [':'] = PATH_SET | HTTP_CLASS_HOST,
    ['@'] = PATH_SET,
    ['/'] = PATH_SET,
    ['?'] = QUERY_SET,
    ['['] = QUERY_SET | HTTP_CLASS_HOST,
    [']'] = QUERY_SET | HTTP_CLASS_HOST,
    ['{'] = QUERY_SET,
    ['}'] = QUERY_SET,
    ['|'] = QUERY_SET | HTTP_CLASS_TOKEN,
    ['\\'] = QUERY_SET,
    ['^'] = QUERY_SET | HTTP_CLASS_TOKEN,
    ['`'] = QUERY_SET | HTTP_CLASS_TOKEN,
};

/* Bit i: a second field with http_id i is refused. */
static const uint64_t once_set = 0
#define HEADER(id, name, once) | (uint64_t)(once) << HTTP_##id
#include "header_names.def"
#undef HEADER
    ;

_Static_assert(HTTP_ID_COUNT < 64, "`seen` has 64 bits");

size_t http_class_prefix(struct span s, uint8_t class)
{
    size_t i = 0;
    while (i < s.n && http_class[s.p[i]] & class)
        i++;
    return i;
}

struct err http_head_refuse(struct http_head *h, struct fault *f, enum err_cat cat, size_t at,
                            unsigned status, const char *why)
{
    h->refusal = (uint16_t)status;
    return fault_at(f, cat, at, why);
}

void http_head_init(struct http_head *h)
{
    h->base = NULL;
    h->length = 0;
    h->seen = 0;
    h->framing = HTTP_NO_BODY;
    h->minor = 0;
    h->keep_alive = h->has_length = false;
    h->refusal = h->fields = 0;
    h->line_at = h->scan_at = 0;
}

struct err http_head_line(struct http_head *h, struct span in, struct span *line, struct fault *f)
{
    struct span head = span_cut(in, 0, HTTP_HEAD_MAX);
    size_t lf = h->scan_at + http_scan_byte(span_from(head, h->scan_at), '\n');
    if (lf == head.n) {
        h->scan_at = (uint32_t)head.n;
        if (head.n < HTTP_HEAD_MAX)
            return err(ERR_AGAIN);
        return http_head_refuse(h, f, ERR_LIMIT, head.n, h->line_at > HTTP_EMPTY_LINE ? 431 : 414,
                                "the message head is longer than 64 KiB");
    }
    if (lf == h->line_at || in.p[lf - 1] != '\r')
        return http_head_refuse(h, f, ERR_INPUT, lf, 400, "a line ends in LF without CR");
    *line = span(in.p + h->line_at, lf - 1 - h->line_at);
    h->line_at = h->scan_at = (uint32_t)lf + 1;
    return OK;
}

static struct err bad_name(struct http_head *h, struct span line, size_t at, struct fault *f)
{
    size_t bad = http_class_prefix(line, HTTP_CLASS_TOKEN);
    const char *why = "a field line has no colon";
    if (bad == 0 && line.n && (line.p[0] == ' ' || line.p[0] == '\t'))
        why = "a field line starts with a blank (folding is not allowed)";
    else if (bad == 0 && line.n && line.p[0] == ':')
        why = "a field has no name";
    else if (bad < line.n && (line.p[bad] == ' ' || line.p[bad] == '\t'))
        why = "a field name holds a blank or has one before its colon";
    else if (bad < line.n)
        why = "a field name holds a character that is not allowed";
    return http_head_refuse(h, f, ERR_INPUT, at + bad, 400, why);
}

/* The value's bytes are text and lie within the line; blanks at its ends go. */
static inline struct span trimmed(struct span v)
{
    while (v.n && (v.p[0] == ' ' || v.p[0] == '\t'))
        v = span(v.p + 1, v.n - 1);
    while (v.n && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t'))
        v.n--;
    return v;
}

static struct err add_field(struct http_head *h, struct span name, struct span value,
                            struct fault *f)
{
    size_t at = (size_t)(name.p - h->base);
    enum http_id id = http_id_find(name);
    /* A known name is a token; only others need the look at each byte. */
    if (id == HTTP_HEADER_OTHER && http_class_prefix(name, HTTP_CLASS_TOKEN) != name.n)
        return bad_name(h, name, at, f);
    if (h->fields == HTTP_FIELDS_MAX)
        return http_head_refuse(h, f, ERR_LIMIT, at, 431, "more than 100 fields");
    uint64_t bit = (uint64_t)1 << id;
    if (h->seen & bit & once_set)
        return http_head_refuse(h, f, ERR_INPUT, at, 400,
                                "a field that may stand once is repeated");
    if (!(h->seen & bit))
        h->first[id] = (uint8_t)h->fields;
    if (id != HTTP_HEADER_OTHER)
        h->seen |= bit;
    h->field[h->fields++] = (struct http_field){(uint32_t)at, (uint32_t)(value.p - h->base),
                                                (uint32_t)value.n, (uint16_t)name.n, (uint16_t)id};
    return OK;
}

static struct err read_field(struct http_head *h, struct span line, struct fault *f)
{
    size_t at = (size_t)(line.p - h->base);
    size_t colon = http_scan_byte(line, ':');
    if (colon == line.n || colon == 0)
        return bad_name(h, line, at, f);
    if (colon > HTTP_NAME_MAX)
        return http_head_refuse(h, f, ERR_LIMIT, at, 431, "a field name is longer than 256 bytes");
    struct span rest = span(line.p + colon + 1, line.n - colon - 1);
    size_t bad = http_scan_text(rest);
    if (bad != rest.n)
        return http_head_refuse(h, f, ERR_INPUT, at + colon + 1 + bad, 400,
                                "a field value holds a control character");
    return add_field(h, span(line.p, colon), trimmed(rest), f);
}

struct err http_head_fields(struct http_head *h, struct span in, struct fault *f)
{
    for (;;) {
        struct span line;
        TRY(http_head_line(h, in, &line, f));
        if (line.n == 0)
            return OK;
        TRY(read_field(h, line, f));
    }
}

static size_t field_at(const struct http_head *h, enum http_id id)
{
    return h->field[h->first[id]].value_at;
}

static struct err read_connection(struct http_head *h, struct fault *f)
{
    bool close = false, keep = false;
    for (size_t i = h->first[HTTP_CONNECTION]; i < h->fields; i++) {
        if (h->field[i].id != HTTP_CONNECTION)
            continue;
        struct span v = http_field_value(h, i);
        /* The two values that nearly every message has, then the general case. */
        bool is_keep = v.n == 10 && span_eq_nocase(v, SPAN_LIT("keep-alive"));
        keep |= is_keep || http_list_has(v, SPAN_LIT("keep-alive"));
        close |= !is_keep && http_list_has(v, SPAN_LIT("close"));
        for (size_t k = 0; k < v.n; k++)
            if (!(http_class[v.p[k]] & HTTP_CLASS_TOKEN) && !memchr(", \t", v.p[k], 3))
                return http_head_refuse(h, f, ERR_INPUT, h->field[i].value_at + k, 400,
                                        "Connection is not a list of tokens");
    }
    h->keep_alive = !close && (h->minor == 1 || keep);
    return OK;
}

static struct err read_length(struct http_head *h, struct fault *f)
{
    struct err e = num_u64(http_header(h, HTTP_CONTENT_LENGTH), INT64_MAX, &h->length);
    if (failed(e))
        return http_head_refuse(h, f, err_cat(e), field_at(h, HTTP_CONTENT_LENGTH), 400,
                                "Content-Length is not one decimal number");
    h->has_length = true;
    h->framing = h->length ? HTTP_LENGTH : HTTP_NO_BODY;
    return OK;
}

static struct err read_coding(struct http_head *h, struct fault *f)
{
    size_t at = field_at(h, HTTP_TRANSFER_ENCODING);
    if (h->minor == 0)
        return http_head_refuse(h, f, ERR_INPUT, at, 400, "HTTP/1.0 has no Transfer-Encoding");
    if (!span_eq_nocase(http_header(h, HTTP_TRANSFER_ENCODING), SPAN_LIT("chunked")))
        return http_head_refuse(h, f, ERR_INPUT, at, 501, "Transfer-Encoding is not just chunked");
    h->framing = HTTP_CHUNKED;
    return OK;
}

struct err http_head_framing(struct http_head *h, struct fault *f)
{
    bool length = http_has(h, HTTP_CONTENT_LENGTH), coding = http_has(h, HTTP_TRANSFER_ENCODING);
    if (length && coding)
        return http_head_refuse(h, f, ERR_INPUT, field_at(h, HTTP_TRANSFER_ENCODING), 400,
                                "Content-Length and Transfer-Encoding stand side by side");
    h->keep_alive = h->minor == 1;
    if (http_has(h, HTTP_CONNECTION))
        TRY(read_connection(h, f));
    if (coding)
        return read_coding(h, f);
    return length ? read_length(h, f) : OK;
}
