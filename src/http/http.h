/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 and 1.0 messages, both directions (RFC 9110, RFC 9112): heads, bodies, writing. No
 * sockets, no allocation, no globals. The caller keeps the received bytes in one growing buffer and
 * shows all of them; everything handed out borrows from that buffer.
 *
 * Strict: what two readers could read differently is refused, not repaired. Refused are a bare LF
 * or CR, folded lines, blanks before a colon or in a name, control bytes, a repeated or listed
 * Content-Length, Content-Length beside Transfer-Encoding, any transfer coding but a single
 * "chunked", a missing or repeated Host in 1.1, targets other than "/path?query" (or "*" with
 * OPTIONS, or the absolute form "http://host/path?query" where its host is what Host says), any
 * version but 1.0 and 1.1, and a second field where header_names.def says so.
 *
 * Tolerated, because real peers need it:
 *   T1 In a query: [ ] { } | \ ^ ` unescaped, as URL parsers of browsers and Node leave them.
 *   T2 A status line that ends after its three digits, without the blank (old Python servers).
 *   T3 Status 204 with "Content-Length: 0" (frameworks that always add it).
 *   T4 Bytes 0x80..0xff in field values and reason phrases (obs-text, RFC 9110 §5.5).
 *   T5 One empty line before a request, which old clients send behind a body (RFC 9112 §2.2).
 *
 * The verdict on a line falls when its LF has arrived or a ceiling is passed, so it does not depend
 * on how the bytes were split into reads; feeding one byte at a time costs linear time.
 */
#ifndef SANCTUM_HTTP_HTTP_H
#define SANCTUM_HTTP_HTTP_H

#include "err.h"
#include "span.h"
#include "wr.h"

enum {
    HTTP_FIELDS_MAX = 100,      /* fields in a head: more is 431 */
    HTTP_HEAD_MAX = 64 * 1024,  /* bytes of a head, what model providers accept in all: 431 */
    HTTP_TARGET_MAX = 8 * 1024, /* bytes of a request target: 414 */
    HTTP_NAME_MAX = 256,        /* bytes of a field name: 431 */
    HTTP_METHOD_MAX = 32,       /* bytes of a method: 400 */
    HTTP_CHUNK_EXT_MAX = 256,   /* bytes of one chunk's extensions */
    HTTP_TRAILER_MAX = 8 * 1024 /* bytes of a chunked body's trailer section */
};

/* Well-known field names. HTTP_HEADER_OTHER is every other name. */
enum http_id {
    HTTP_HEADER_OTHER,
#define HEADER(id, name, once) HTTP_##id,
#include "header_names.def"
#undef HEADER
    HTTP_ID_COUNT,
};

enum http_method {
    HTTP_OTHER_METHOD, /* a valid token that is none of these; see method_text */
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_PATCH,
    HTTP_OPTIONS,
};

enum http_framing {
    HTTP_NO_BODY,
    HTTP_LENGTH,      /* exactly head.length bytes (never 0: that is HTTP_NO_BODY) */
    HTTP_CHUNKED,     /* RFC 9112 §7.1 */
    HTTP_UNTIL_CLOSE, /* responses only: the end of the connection ends the body */
};

/* One field, as offsets from the start of the head; read it with the functions below. */
struct http_field {
    uint32_t name_at, value_at, value_n;
    uint16_t name_n;
    uint16_t id; /* enum http_id */
};

/*
 * A head being read, or read. After success everything is set; the caller may move the buffer if
 * it sets `base` to where the first byte of the head now lies.
 */
struct http_head {
    const uint8_t *base; /* first byte of the message, borrowed from the last call's input */
    uint64_t length;     /* HTTP_LENGTH: bytes of the body; HEAD and 304 responses: as announced */
    uint64_t seen;       /* bit i: a field with http_id i is there */
    enum http_framing framing;
    uint8_t minor;    /* HTTP/1.minor: 0 or 1 */
    bool keep_alive;  /* the connection may be used again after this message */
    bool has_length;  /* a Content-Length was there (even 0) */
    uint16_t refusal; /* after a failure: the status to answer with: 400, 414, 417, 431, 501, 505.
                         For responses always 502 */
    uint16_t fields;  /* how many of `field` are set */
    uint8_t first[HTTP_ID_COUNT]; /* index of the first field with that id, if `seen` says so */
    uint32_t line_at, scan_at;    /* the parser's own: start of the unread line, bytes searched */
    struct http_field field[HTTP_FIELDS_MAX];
};

struct http_request {
    enum http_method method;
    struct span method_text;
    struct span target;    /* as received: path?query, "http://host/path?query" or "*" */
    struct span authority; /* of an absolute target, the same as Host; empty otherwise */
    struct span path;  /* up to the first '?'; still percent-encoded; starts with '/' or is "*" */
    struct span query; /* after the first '?', empty without one; still percent-encoded */
    bool has_query;    /* there was a '?' */
    bool expect_continue; /* "Expect: 100-continue": answer 100 before waiting for the body */
    uint32_t line_at;     /* the parser's own: where the request line begins */
    struct http_head head;
};

struct http_response {
    enum http_method asked; /* the request's method: decides whether a body follows */
    uint16_t status;        /* 100..599, never 101. 1xx: read on, another head follows */
    struct span reason;     /* may be empty */
    struct http_head head;
};

/* Ready for a new message. Cheap: touches one cache line, not the field array. */
void http_request_init(struct http_request *r);
void http_response_init(struct http_response *r, enum http_method asked);

/*
 * Read a head from `in`, which starts at the message's first byte and holds everything received so
 * far (bytes after the head may be there too). On ERR_AGAIN call again with the same bytes and
 * more, possibly at another address. On success *used is the length of the head including its empty
 * line; on failure it is 0. ERR_INPUT for malformed, ERR_LIMIT for too long; then head.refusal is
 * set, f (may be NULL) says where and why, and the connection cannot be used further. Then too path
 * and method are of `in`, or empty while the request line was not read.
 * Cost: about 200 ns for ten fields.
 */
MUST struct err http_parse_request(struct span in, struct http_request *r, size_t *used,
                                   struct fault *f);
MUST struct err http_parse_response(struct span in, struct http_response *r, size_t *used,
                                    struct fault *f);

static inline struct span http_field_name(const struct http_head *h, size_t i)
{
    return span(h->base + h->field[i].name_at, h->field[i].name_n);
}

/* Without surrounding blanks; may be empty. */
static inline struct span http_field_value(const struct http_head *h, size_t i)
{
    return span(h->base + h->field[i].value_at, h->field[i].value_n);
}

static inline bool http_has(const struct http_head *h, enum http_id id)
{
    return h->seen >> id & 1;
}

/* Value of the first field with that id; SPAN_NONE when there is none (an empty value has p set).
 */
static inline struct span http_header(const struct http_head *h, enum http_id id)
{
    return http_has(h, id) ? http_field_value(h, h->first[id]) : SPAN_NONE;
}

/* Value of the first field of that name (any case), for names without a number. Linear. */
struct span http_header_named(const struct http_head *h, struct span name);
/* The number of a name, HTTP_HEADER_OTHER when unknown; constant time in the table's size. */
enum http_id http_id_find(struct span name);
/* The name of a number in lower case; "" for HTTP_HEADER_OTHER. */
struct span http_id_name(enum http_id id);
enum http_method http_method_find(struct span text);
/* "POST"; "" for HTTP_OTHER_METHOD. */
struct span http_method_name(enum http_method m);
/* Does a comma-separated list hold this token (any case)? For Connection, Accept and the like. */
bool http_list_has(struct span list, struct span token);
/* The media type of a Content-Type without parameters, blanks trimmed (case as received). */
struct span http_media_type(struct span content_type);

/*
 * A body being read. Zero copy: content borrows from the input.
 *
 *   LENGTH, UNTIL_CLOSE: DATA → DONE
 *   CHUNKED: SIZE → (EXT →) SIZE_LF → DATA → DATA_CR → DATA_LF → SIZE … → trailer → DONE
 */
struct http_body {
    uint64_t left;   /* LENGTH: bytes to come; CHUNKED: bytes of this chunk to come */
    uint64_t total;  /* content bytes handed out so far */
    uint32_t budget; /* bytes the current extension or the trailer section may still have */
    uint8_t framing; /* enum http_framing */
    uint8_t state;   /* body.c's own */
    uint8_t digits;  /* hex digits of the chunk size so far */
};

/* h: a head that was read completely. */
void http_body_init(struct http_body *b, const struct http_head *h);
/*
 * Take bytes from `in` (what follows the bytes consumed before). *used says how many were taken,
 * *content the content among them (one piece, borrowed from `in`). OK: content is not empty, or the
 * body is done; call again while input is left and the body is not done. ERR_AGAIN: all of `in` was
 * taken and no content came. ERR_INPUT, ERR_LIMIT: broken framing; f->at counts from in.p.
 * Trailer fields are checked and dropped. Once done it takes nothing more: what is left in the
 * buffer belongs to the next message.
 */
MUST struct err http_body_next(struct http_body *b, struct span in, size_t *used,
                               struct span *content, struct fault *f);
bool http_body_done(const struct http_body *b);
/* The connection ended: OK when the body was complete (UNTIL_CLOSE: always), else ERR_CLOSED. */
MUST struct err http_body_eof(struct http_body *b);

/*
 * Writing. Nothing is added on its own (no Date, no Server). A name, value, method, target or
 * reason that would break the frame (control bytes; blanks where none may be) poisons the writer:
 * nothing more is written and wr_done fails, so outside bytes cannot inject a line.
 */
void http_write_request_line(struct wr *w, struct span method, struct span target);
/* "HTTP/1.1 429 Too Many Requests\r\n"; the reason phrase of an unlisted status is empty. */
void http_write_status(struct wr *w, unsigned status);
void http_write_header(struct wr *w, struct span name, struct span value);
/* The same by number. */
void http_write_known(struct wr *w, enum http_id id, struct span value);
void http_write_length(struct wr *w, uint64_t n);
/* The empty line after the last field. */
void http_write_end(struct wr *w);

/* A chunk is head, n content bytes, HTTP_CHUNK_TAIL; n > 0, for a chunk of 0 ends the body. */
enum { HTTP_CHUNK_HEAD_MAX = 18 };
void http_write_chunk_head(struct wr *w, uint64_t n);
#define HTTP_CHUNK_TAIL SPAN_LIT("\r\n")
#define HTTP_CHUNK_LAST SPAN_LIT("0\r\n\r\n")

/* Reason phrase (RFC 9110 §15, RFC 6585), "" when unlisted. */
const char *http_reason(unsigned status);

#endif
