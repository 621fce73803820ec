/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pull reader. Called for every body that passes through; frequent: a key and a string after
 * it.
 *
 *              json_of
 *                 |            open            value or container closed
 *   START ------------------> (container) ---------------------------------> AFTER / DONE
 *
 * States, by what may come next:
 *   VALUE        a value (start, after a colon, after a comma in an array)
 *   VALUE_OR_END a value or ]   (behind [)
 *   KEY          a key          (after a comma in an object)
 *   KEY_OR_END   a key or }     (behind {)
 *   AFTER        a comma or the container's end
 *   DONE         nothing but blanks
 *
 * A key takes its colon along, so the state behind it is VALUE.
 */
#include "json_int.h"

enum state { VALUE, VALUE_OR_END, KEY, KEY_OR_END, AFTER, DONE };

struct json json_of_depth(struct span in, unsigned max_depth)
{
    if (max_depth == 0 || max_depth > JSON_DEPTH_MAX)
        max_depth = JSON_DEPTH_MAX;
    return (struct json){.in = in, .max_depth = max_depth, .state = VALUE};
}

struct json json_of(struct span in)
{
    return json_of_depth(in, JSON_DEPTH);
}

static struct err refuse(struct json *j, enum err_cat cat, size_t at, const char *why)
{
    j->e = fault_at(&j->fault, cat, at, why);
    return j->e;
}

static inline bool in_object(const struct json *j)
{
    uint32_t d = j->depth - 1;
    return j->depth && (j->objects[d / 64] >> (d % 64) & 1);
}

static inline size_t skip_blanks(const struct json *j, size_t at)
{
    const uint8_t *p = j->in.p;
    while (at < j->in.n && p[at] <= ' ' &&
           (p[at] == ' ' || p[at] == '\n' || p[at] == '\r' || p[at] == '\t'))
        at++;
    return at;
}

static inline void after_value(struct json *j, struct json_token *t, size_t end)
{
    t->end = (uint32_t)end;
    j->at = end;
    j->state = j->depth ? AFTER : DONE;
}

static struct err open_container(struct json *j, struct json_token *t, bool object)
{
    if (j->depth >= j->max_depth)
        return refuse(j, ERR_LIMIT, t->start, "nested too deep");
    uint64_t bit = (uint64_t)1 << (j->depth % 64);
    uint64_t *word = &j->objects[j->depth / 64];
    *word = object ? *word | bit : *word & ~bit;
    j->depth++;
    j->at = t->start + 1;
    t->end = (uint32_t)j->at;
    t->type = object ? JSON_OBJECT : JSON_ARRAY;
    j->state = object ? KEY_OR_END : VALUE_OR_END;
    return OK;
}

static struct err close_container(struct json *j, struct json_token *t)
{
    t->type = in_object(j) ? JSON_OBJECT_END : JSON_ARRAY_END;
    j->depth--;
    t->depth = (uint16_t)j->depth;
    after_value(j, t, (size_t)t->start + 1);
    return OK;
}

static struct err string(struct json *j, struct json_token *t)
{
    unsigned flags = 0;
    const char *why = NULL;
    size_t end = json_scan_string(j->in, (size_t)t->start + 1, &flags, &why);
    if (why)
        return refuse(j, ERR_INPUT, end, why);
    t->escaped = flags & STRING_ESCAPED;
    t->lone = flags & STRING_LONE;
    t->type = JSON_STRING;
    after_value(j, t, end + 1);
    return OK;
}

static struct err key(struct json *j, struct json_token *t)
{
    if (j->in.p[t->start] != '"')
        return refuse(j, ERR_INPUT, t->start, "expected a key in quotes");
    TRY(string(j, t));
    t->type = JSON_KEY;
    size_t at = skip_blanks(j, t->end);
    if (at == j->in.n || j->in.p[at] != ':')
        return refuse(j, ERR_INPUT, at, "expected a colon after a key");
    j->at = at + 1;
    j->state = VALUE;
    return OK;
}

static inline size_t digits(struct span in, size_t at)
{
    while (at < in.n && (uint8_t)(in.p[at] - '0') < 10)
        at++;
    return at;
}

/* RFC 8259 section 6: an integer part without leading zeros, then fraction and exponent. */
static struct err number(struct json *j, struct json_token *t)
{
    struct span in = j->in;
    size_t at = t->start + (in.p[t->start] == '-');
    size_t end = digits(in, at);
    if (end == at)
        return refuse(j, ERR_INPUT, at, "expected a digit");
    if (in.p[at] == '0' && end - at > 1)
        return refuse(j, ERR_INPUT, at, "number with a leading zero");
    if (end < in.n && in.p[end] == '.') {
        at = end + 1;
        end = digits(in, at);
        if (end == at)
            return refuse(j, ERR_INPUT, at, "expected a digit after the decimal point");
    }
    if (end < in.n && (in.p[end] | 0x20) == 'e') {
        at = end + 1;
        if (at < in.n && (in.p[at] == '+' || in.p[at] == '-'))
            at++;
        end = digits(in, at);
        if (end == at)
            return refuse(j, ERR_INPUT, at, "expected a digit in the exponent");
    }
    t->type = JSON_NUMBER;
    after_value(j, t, end);
    return OK;
}

static struct err word(struct json *j, struct json_token *t, struct span w, enum json_type type)
{
    if (!span_eq(span_cut(j->in, t->start, w.n), w))
        return refuse(j, ERR_INPUT, t->start, "expected a value");
    t->type = (uint8_t)type;
    after_value(j, t, t->start + w.n);
    return OK;
}

static struct err value(struct json *j, struct json_token *t)
{
    switch (j->in.p[t->start]) {
    case '"':
        return string(j, t);
    case '{':
        return open_container(j, t, true);
    case '[':
        return open_container(j, t, false);
    case 't':
        return word(j, t, SPAN_LIT("true"), JSON_TRUE);
    case 'f':
        return word(j, t, SPAN_LIT("false"), JSON_FALSE);
    case 'n':
        return word(j, t, SPAN_LIT("null"), JSON_NULL);
    case '-':
    case '0' ... '9':
        return number(j, t);
    case 0xef:
        return refuse(j, ERR_INPUT, t->start,
                      t->start ? "expected a value" : "byte order mark or text before the value");
    default:
        return refuse(j, ERR_INPUT, t->start, "expected a value");
    }
}

/* Nothing is left but blanks: either all is well or the text was cut off. */
static struct err at_end(struct json *j, struct json_token *t)
{
    if (j->state != DONE)
        return refuse(j, ERR_INPUT, j->in.n, "the text ends too early");
    t->type = JSON_END;
    t->end = t->start;
    j->at = t->start;
    return OK;
}

/* In state AFTER: the container's end closes it, a comma leads to the next element. */
static struct err after_comma(struct json *j, struct json_token *t, bool *closed)
{
    uint8_t c = j->in.p[t->start];
    *closed = c == (in_object(j) ? '}' : ']');
    if (*closed)
        return close_container(j, t);
    if (c != ',')
        return refuse(j, ERR_INPUT, t->start,
                      in_object(j) ? "expected a comma or }" : "expected a comma or ]");
    size_t at = skip_blanks(j, (size_t)t->start + 1);
    if (at == j->in.n)
        return refuse(j, ERR_INPUT, at, "the text ends too early");
    t->start = (uint32_t)at;
    j->state = in_object(j) ? KEY : VALUE;
    return OK;
}

struct err json_next(struct json *j, struct json_token *t)
{
    if (failed(j->e))
        return j->e;
    if (j->in.n >= UINT32_MAX)
        return refuse(j, ERR_LIMIT, 0, "text of 4 GiB or more");
    size_t at = skip_blanks(j, j->at);
    *t = (struct json_token){.start = (uint32_t)at, .depth = (uint16_t)j->depth};
    if (at == j->in.n)
        return at_end(j, t);
    if (j->state == AFTER) {
        bool closed;
        TRY(after_comma(j, t, &closed));
        if (closed)
            return OK;
    }
    switch ((enum state)j->state) {
    case VALUE_OR_END:
        return j->in.p[at] == ']' ? close_container(j, t) : value(j, t);
    case KEY_OR_END:
        return j->in.p[at] == '}' ? close_container(j, t) : key(j, t);
    case KEY:
        return key(j, t);
    case VALUE:
        return value(j, t);
    default:
        return refuse(j, ERR_INPUT, at, "something follows the value");
    }
}

struct err json_skip_rest(struct json *j, struct json_token *open)
{
    struct json_token t;
    do
        TRY(json_next(j, &t));
    while (t.depth > open->depth);
    open->end = t.end;
    return OK;
}

struct err json_skip_value(struct json *j, struct span *raw)
{
    struct json_token t;
    TRY(json_next(j, &t));
    if (t.type == JSON_OBJECT || t.type == JSON_ARRAY)
        TRY(json_skip_rest(j, &t));
    else if (t.type < JSON_STRING)
        return refuse(j, ERR_INPUT, t.start, "expected a value");
    if (raw)
        *raw = json_raw(j, &t);
    return OK;
}
