/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What requests and responses share: lines, fields, framing. The caller reads the start line, then
 *
 *   http_head_line → (start line) → http_head_fields → http_head_framing
 *
 * Invariants of a head being read: H1 line_at <= scan_at <= HTTP_HEAD_MAX. H2 no LF lies in
 * [line_at, scan_at). H3 every field lies before line_at.
 */
#ifndef SANCTUM_HTTP_HEAD_INT_H
#define SANCTUM_HTTP_HEAD_INT_H

#include "http.h"

enum { HTTP_EMPTY_LINE = 2 }; /* CR LF; a start line is longer */

/* Character classes; http_class[c] is a set of them. */
enum {
    HTTP_CLASS_TOKEN = 1, /* tchar, RFC 9110 §5.6.2 */
    HTTP_CLASS_PATH = 2,  /* pchar or '/', RFC 3986 §3.3, '%' too */
    HTTP_CLASS_QUERY = 4, /* the same, '?', and what T1 tolerates */
    HTTP_CLASS_HOST = 8,  /* reg-name or IP literal with a port, RFC 3986 §3.2.2 */
};
extern const uint8_t http_class[256];

/* Offset of the first byte of s outside the class; s.n when there is none. */
size_t http_class_prefix(struct span s, uint8_t class);

/* Fill f and h->refusal, return the error. */
struct err http_head_refuse(struct http_head *h, struct fault *f, enum err_cat cat, size_t at,
                            unsigned status, const char *why);
void http_head_init(struct http_head *h);
/* The next line without its CRLF; line_at moves behind it. ERR_AGAIN while its LF is missing. */
MUST struct err http_head_line(struct http_head *h, struct span in, struct span *line,
                               struct fault *f);
/* All field lines up to and including the empty line. */
MUST struct err http_head_fields(struct http_head *h, struct span in, struct fault *f);
/* Content-Length, Transfer-Encoding and Connection into length, framing (NO_BODY, LENGTH, CHUNKED)
 * and keep_alive. */
MUST struct err http_head_framing(struct http_head *h, struct fault *f);

#endif
