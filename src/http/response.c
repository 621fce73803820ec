/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Response heads, as a client reads them from a model server. As strict as requests: what an
 * upstream says decides where the next answer on the same connection starts.
 */
#include "head_int.h"

#include "http_scan_int.h"

enum { STATUS_AT = 9, REASON_AT = 13 }; /* "HTTP/1.1 200 OK": offsets of 200 and OK */

void http_response_init(struct http_response *r, enum http_method asked)
{
    r->asked = asked;
    r->status = 0;
    r->reason = SPAN_NONE;
    http_head_init(&r->head);
}

static struct err refuse(struct http_response *r, struct fault *f, size_t at, const char *why)
{
    return http_head_refuse(&r->head, f, ERR_INPUT, at, 502, why);
}

static struct err read_status_line(struct http_response *r, struct span line, struct fault *f)
{
    if (line.n < STATUS_AT + 3 || memcmp(line.p, "HTTP/1.", 7) != 0 ||
        (uint8_t)(line.p[7] - '0') > 1 || line.p[8] != ' ')
        return refuse(r, f, 0, "the status line does not start with HTTP/1.1 or HTTP/1.0");
    r->head.minor = (uint8_t)(line.p[7] - '0');
    unsigned status = 0;
    for (size_t i = STATUS_AT; i < STATUS_AT + 3; i++) {
        unsigned digit = (unsigned)line.p[i] - '0';
        if (digit > 9)
            return refuse(r, f, i, "the status is not three digits");
        status = status * 10 + digit;
    }
    if (status < 100 || status > 599)
        return refuse(r, f, STATUS_AT, "the status is not between 100 and 599");
    if (status == 101) /* never asked for: Upgrade is not sent */
        return refuse(r, f, STATUS_AT, "the server switches protocols without being asked");
    if (line.n > STATUS_AT + 3 && line.p[STATUS_AT + 3] != ' ') /* T2: the blank may be missing */
        return refuse(r, f, STATUS_AT + 3, "the status is not followed by a blank");
    r->status = (uint16_t)status;
    r->reason = span_from(line, REASON_AT);
    size_t bad = http_scan_text(r->reason);
    if (bad != r->reason.n)
        return refuse(r, f, REASON_AT + bad, "the reason phrase holds a control character");
    return OK;
}

/* RFC 9112 §6.3, first to fourth and eighth rule. */
static struct err settle_body(struct http_response *r, struct fault *f)
{
    struct http_head *h = &r->head;
    if (r->status < 200 || r->status == 204) {
        if (h->framing != HTTP_NO_BODY || (h->has_length && r->status != 204)) /* T3 */
            return refuse(r, f, STATUS_AT, "a status without content announces some");
        return OK;
    }
    if (r->asked == HTTP_HEAD || r->status == 304) {
        h->framing = HTTP_NO_BODY; /* length stays: what the answer to GET would have */
        return OK;
    }
    if (h->framing == HTTP_NO_BODY && !h->has_length) {
        h->framing = HTTP_UNTIL_CLOSE;
        h->keep_alive = false;
    }
    return OK;
}

static struct err parse(struct span in, struct http_response *r, struct fault *f)
{
    struct http_head *h = &r->head;
    h->base = in.p;
    if (h->line_at == 0) {
        struct span line;
        TRY(http_head_line(h, in, &line, f));
        TRY(read_status_line(r, line, f));
    }
    TRY(http_head_fields(h, in, f));
    /* The input may lie elsewhere than when the status line was read. */
    r->reason.p = r->reason.n ? in.p + REASON_AT : NULL;
    TRY(http_head_framing(h, f));
    return settle_body(r, f);
}

struct err http_parse_response(struct span in, struct http_response *r, size_t *used,
                               struct fault *f)
{
    *used = 0;
    struct err e = parse(in, r, f);
    if (!failed(e))
        *used = r->head.line_at;
    else if (err_cat(e) != ERR_AGAIN)
        r->head.refusal = 502;
    return e;
}
