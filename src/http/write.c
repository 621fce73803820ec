/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing heads and chunk frames into memory of the caller's. Frequent: a status line, six fields,
 * chunk heads. Never happens: outside bytes that end a line early; they poison the writer.
 */
#include "head_int.h"

#include "http_scan_int.h"

static bool is_token(struct span s)
{
    return s.n && http_class_prefix(s, HTTP_CLASS_TOKEN) == s.n;
}

/* Visible ASCII without blanks. */
static bool is_target(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
            return false;
    return s.n != 0;
}

void http_write_request_line(struct wr *w, struct span method, struct span target)
{
    if (!is_token(method) || !is_target(target)) {
        w->full = true;
        return;
    }
    wr_put(w, method);
    wr_u8(w, ' ');
    wr_put(w, target);
    wr_put(w, SPAN_LIT(" HTTP/1.1\r\n"));
}

void http_write_status(struct wr *w, unsigned status)
{
    if (status < 100 || status > 599) {
        w->full = true;
        return;
    }
    wr_put(w, SPAN_LIT("HTTP/1.1 "));
    wr_dec(w, status);
    wr_u8(w, ' ');
    wr_str(w, http_reason(status));
    wr_put(w, SPAN_LIT("\r\n"));
}

static void write_field(struct wr *w, struct span name, struct span value)
{
    if (http_scan_text(value) != value.n) {
        w->full = true;
        return;
    }
    wr_put(w, name);
    wr_put(w, SPAN_LIT(": "));
    wr_put(w, value);
    wr_put(w, SPAN_LIT("\r\n"));
}

void http_write_header(struct wr *w, struct span name, struct span value)
{
    if (!is_token(name)) {
        w->full = true;
        return;
    }
    write_field(w, name, value);
}

void http_write_known(struct wr *w, enum http_id id, struct span value)
{
    http_write_header(w, http_id_name(id), value);
}

void http_write_length(struct wr *w, uint64_t n)
{
    wr_put(w, SPAN_LIT("content-length: "));
    wr_dec(w, n);
    wr_put(w, SPAN_LIT("\r\n"));
}

void http_write_end(struct wr *w)
{
    wr_put(w, SPAN_LIT("\r\n"));
}

void http_write_chunk_head(struct wr *w, uint64_t n)
{
    char hex[HTTP_CHUNK_HEAD_MAX];
    size_t at = sizeof hex;
    hex[--at] = '\n';
    hex[--at] = '\r';
    do
        hex[--at] = "0123456789abcdef"[n & 15];
    while ((n >>= 4) != 0);
    wr_put(w, span(hex + at, sizeof hex - at));
}

static const struct {
    uint16_t status;
    const char *reason;
} reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *http_reason(unsigned status)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}
