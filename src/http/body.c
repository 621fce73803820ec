/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies. Content is handed out in the largest pieces the input holds; only chunk heads and
 * trailers are looked at byte by byte. Frequent: LENGTH with all bytes there; chunks of a few
 * hundred bytes, one an event. Trailers practically never happen.
 */
#include "head_int.h"

#include "http_scan_int.h"
#include "num.h"

enum state {
    DATA,     /* content bytes */
    SIZE,     /* chunk size digits */
    EXT,      /* chunk extension, up to CR */
    SIZE_LF,  /* the LF after the size */
    DATA_CR,  /* CR after a chunk's content */
    DATA_LF,  /* its LF */
    FIELD,    /* first byte of a trailer line, or CR of the empty one */
    NAME,     /* inside a trailer's name */
    VALUE,    /* inside its value */
    FIELD_LF, /* its LF */
    LAST_LF,  /* the LF of the empty line */
    DONE,
};

enum { SIZE_DIGITS_MAX = 15 }; /* 60 bits: no overflow, and no size is longer */

void http_body_init(struct http_body *b, const struct http_head *h)
{
    *b = (struct http_body){.framing = (uint8_t)h->framing, .state = DATA};
    if (h->framing == HTTP_NO_BODY)
        b->state = DONE;
    if (h->framing == HTTP_LENGTH)
        b->left = h->length;
    if (h->framing == HTTP_CHUNKED)
        b->state = SIZE;
}

bool http_body_done(const struct http_body *b)
{
    return b->state == DONE;
}

struct err http_body_eof(struct http_body *b)
{
    if (b->framing == HTTP_UNTIL_CLOSE)
        b->state = DONE;
    return b->state == DONE ? OK : err(ERR_CLOSED);
}

static const char *size_byte(struct http_body *b, uint8_t c)
{
    unsigned digit = num_hex_digit(c);
    if (digit < 16) {
        if (b->digits == SIZE_DIGITS_MAX)
            return "a chunk size has more than 15 digits";
        b->left = b->left << 4 | digit;
        b->digits++;
        return NULL;
    }
    if (b->digits == 0 || (c != ';' && c != '\r'))
        return "a chunk size is not hexadecimal digits";
    b->budget = HTTP_CHUNK_EXT_MAX;
    b->state = c == ';' ? EXT : SIZE_LF;
    return NULL;
}

static const char *ext_byte(struct http_body *b, uint8_t c)
{
    if (c == '\r') {
        b->state = SIZE_LF;
        return NULL;
    }
    if (!http_is_text(c))
        return "a chunk extension holds a control character";
    if (b->budget-- == 0)
        return "a chunk's extensions are longer than 256 bytes";
    return NULL;
}

static const char *size_lf(struct http_body *b, uint8_t c)
{
    if (c != '\n')
        return "a chunk size is not followed by CR LF";
    b->budget = HTTP_TRAILER_MAX;
    b->state = b->left ? DATA : FIELD;
    return NULL;
}

static const char *data_end(struct http_body *b, uint8_t c)
{
    if (c != (b->state == DATA_CR ? '\r' : '\n'))
        return "a chunk's content is not followed by CR LF";
    b->digits = 0;
    b->state = b->state == DATA_CR ? DATA_LF : SIZE;
    return NULL;
}

static const char *trailer_name(struct http_body *b, uint8_t c)
{
    if (b->state == FIELD && c == '\r') {
        b->state = LAST_LF;
        return NULL;
    }
    if (b->state == NAME && c == ':') {
        b->state = VALUE;
        return NULL;
    }
    if (!(http_class[c] & HTTP_CLASS_TOKEN))
        return "a trailer field's name holds a character that is not allowed";
    b->state = NAME;
    return NULL;
}

static const char *trailer_value(struct http_body *b, uint8_t c)
{
    if (c == '\r')
        b->state = FIELD_LF;
    else if (!http_is_text(c))
        return "a trailer field's value holds a control character";
    return NULL;
}

static const char *trailer_lf(struct http_body *b, uint8_t c)
{
    if (c != '\n')
        return "a trailer line ends in CR without LF";
    b->state = b->state == LAST_LF ? DONE : FIELD;
    return NULL;
}

static const char *trailer_byte(struct http_body *b, uint8_t c)
{
    if (b->budget-- == 0)
        return "the trailer section is longer than 8 KiB";
    if (b->state == FIELD || b->state == NAME)
        return trailer_name(b, c);
    return b->state == VALUE ? trailer_value(b, c) : trailer_lf(b, c);
}

/* One byte of framing; NULL, or why it is wrong. */
static const char *frame_byte(struct http_body *b, uint8_t c)
{
    switch ((enum state)b->state) {
    case SIZE:
        return size_byte(b, c);
    case EXT:
        return ext_byte(b, c);
    case SIZE_LF:
        return size_lf(b, c);
    case DATA_CR:
    case DATA_LF:
        return data_end(b, c);
    default:
        return trailer_byte(b, c);
    }
}

static struct span take_data(struct http_body *b, struct span in)
{
    size_t n = in.n;
    if (b->framing != HTTP_UNTIL_CLOSE && n > b->left)
        n = (size_t)b->left;
    b->total += n;
    if (b->framing == HTTP_UNTIL_CLOSE)
        return span(in.p, n);
    b->left -= n;
    if (b->left == 0)
        b->state = b->framing == HTTP_LENGTH ? DONE : DATA_CR;
    return span(in.p, n);
}

/* Has the budget of an extension or the trailers run out (it wraps below 0)? */
static enum err_cat category(const struct http_body *b)
{
    return b->budget == UINT32_MAX ? ERR_LIMIT : ERR_INPUT;
}

struct err http_body_next(struct http_body *b, struct span in, size_t *used, struct span *content,
                          struct fault *f)
{
    *content = SPAN_NONE;
    for (*used = 0; *used < in.n && b->state != DONE;) {
        if (b->state == DATA) {
            *content = take_data(b, span_from(in, *used));
            *used += content->n;
            return OK;
        }
        const char *why = frame_byte(b, in.p[*used]);
        if (why)
            return fault_at(f, category(b), *used, why);
        ++*used;
    }
    return b->state == DONE ? OK : err(ERR_AGAIN);
}
