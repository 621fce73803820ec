/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec beside libhttp-parser on good, bad and mutated messages. What both accept must say the
 * same in every part. What only one accepts is counted by reason, and each reason must be one of
 * those below: a new kind of difference fails the test until somebody has looked at it.
 */
#include "unit.h"

#include "buf.h"
#include "http_cases.h"

/* Some of its names are ours too: its become their_… for the time of the include. */
// clang-format off
#define http_method their_http_method
#define HTTP_DELETE their_HTTP_DELETE
#define HTTP_GET their_HTTP_GET
#define HTTP_HEAD their_HTTP_HEAD
#define HTTP_POST their_HTTP_POST
#define HTTP_PUT their_HTTP_PUT
#define HTTP_OPTIONS their_HTTP_OPTIONS
#define HTTP_PATCH their_HTTP_PATCH
#include <http_parser.h>
#undef http_method
#undef HTTP_DELETE
#undef HTTP_GET
#undef HTTP_HEAD
#undef HTTP_POST
#undef HTTP_PUT
#undef HTTP_OPTIONS
#undef HTTP_PATCH
// clang-format on
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 200000, TEXT_MAX = 4096 };

/* We refuse, the other parser goes on: it is built to repair. By our sentence. */
static struct {
    const char *why, *because;
    unsigned count;
} stricter[] = {
    {"LF without CR", "it takes a bare LF for a line end", 0},
    {"folding", "it joins folded lines", 0},
    {"blank", "it drops a blank before the colon, and takes blanks in status lines", 0},
    {"control character", "it checks few control bytes in values and phrases", 0},
    {"repeated", "it leaves repeated fields to its caller", 0},
    {"Host is missing", "it does not ask for Host", 0},
    {"not a host", "it does not look at Host", 0},
    {"method", "it skips any number of empty lines before a request", 0},
    {"HTTP version", "it takes any digits, and blanks behind them", 0},
    {"does not start with HTTP/1", "it takes any version, and skips empty lines", 0},
    {"slash", "it takes any scheme, the authority form, and * for any method", 0},
    {"is another than", "it does not compare Host with an absolute target", 0},
    {"target holds", "it takes more bytes in targets", 0},
    {"percent", "it does not look at percent signs", 0},
    {"no version", "it takes HTTP/0.9 requests", 0},
    {"just chunked", "it takes other codings and reads to the end", 0},
    {"HTTP/1.0 has no", "it takes chunked in HTTP/1.0", 0},
    {"Content-Length is not", "it takes leading zeros and blanks", 0},
    {"Expect", "it does not look at Expect", 0},
    {"Connection", "it does not check the list", 0},
    {"between 100", "it takes any number", 0},
    {"three digits", "it takes a status of any length, and blanks before it", 0},
    {"switches", "it hands an upgrade to its caller", 0},
    {"without content", "it ignores lengths on 204 and 1xx", 0},
    {"chunk", "it takes blanks in chunk sizes, bare LF, any extension", 0},
    {"trailer", "it reads trailers as it reads fields", 0},
    {"no colon", "it sees another fault before the line ends", 0},
    {"field name", "it takes other bytes in names", 0},
};

/* It refuses, we go on. By its error number. */
static struct {
    enum http_errno number;
    const char *because;
    unsigned count;
} looser[] = {
    {HPE_INVALID_METHOD, "it knows a fixed list of methods; ours is any token", 0},
    {HPE_INVALID_CONTENT_LENGTH, "it refuses a tab behind the number", 0},
};

enum verdict { ACCEPT, MORE, REFUSE };

/* What a message said, as text, so that two of them compare with one call. */
struct said {
    enum verdict verdict;
    struct buf text, body;
    const char *why;        /* ours */
    enum http_errno number; /* theirs */
    bool upgrade, head, keep;
    bool odd; /* ours: holds what the other parser is known to misread, see is_odd */
    int last; /* theirs: 1 = in a name, 2 = in a value */
};

static struct said nothing(bool head)
{
    return (struct said){.text = buf_init(1 << 16), .body = buf_init(1 << 16), .head = head};
}

static void said_free(struct said *s)
{
    buf_free(&s->text);
    buf_free(&s->body);
}

static void say(struct buf *b, struct span s)
{
    assert_ok(buf_put(b, s));
}

/* It takes "transfer-encodingX" for Transfer-Encoding, and overlooks what follows an empty member
 * of Connection. */
static bool is_odd(struct span name, struct span value)
{
    const struct span coding = SPAN_LIT("transfer-encoding");
    if (name.n > coding.n && span_eq_nocase(span_cut(name, 0, coding.n), coding))
        return true;
    return span_eq_nocase(name, SPAN_LIT("connection")) && http_list_has(value, SPAN_NONE);
}

static void say_head(struct said *s, const struct http_head *h)
{
    for (size_t i = 0; i < h->fields; i++) {
        say(&s->text, SPAN_LIT("\n"));
        say(&s->text, http_field_name(h, i));
        say(&s->text, SPAN_LIT(": "));
        say(&s->text, http_field_value(h, i));
        s->odd |= is_odd(http_field_name(h, i), http_field_value(h, i));
    }
    s->keep = h->keep_alive;
}

static enum verdict our_body(struct said *s, const struct http_head *h, struct span in)
{
    struct http_body b;
    http_body_init(&b, h);
    while (!http_body_done(&b)) {
        struct span content;
        size_t used;
        struct fault f = {0, NULL};
        struct err e = http_body_next(&b, in, &used, &content, &f);
        say(&s->body, content);
        in = span_from(in, used);
        if (err_cat(e) == ERR_AGAIN)
            return failed(http_body_eof(&b)) ? MORE : ACCEPT;
        s->why = f.why;
        if (failed(e))
            return REFUSE;
    }
    return ACCEPT;
}

static void ours(struct said *s, struct span in, bool response)
{
    struct http_request q;
    struct http_response r;
    struct fault f = {0, NULL};
    size_t used;
    http_request_init(&q);
    http_response_init(&r, s->head ? HTTP_HEAD : HTTP_GET);
    struct err e =
        response ? http_parse_response(in, &r, &used, &f) : http_parse_request(in, &q, &used, &f);
    s->why = f.why;
    s->verdict = err_cat(e) == ERR_AGAIN ? MORE : REFUSE;
    if (failed(e))
        return;
    if (response) {
        assert_ok(buf_put_u64(&s->text, r.status));
        say(&s->text, r.reason);
    } else {
        say(&s->text, q.method_text);
        say(&s->text, SPAN_LIT(" "));
        say(&s->text, q.target);
    }
    say_head(s, response ? &r.head : &q.head);
    s->verdict = our_body(s, response ? &r.head : &q.head, span_from(in, used));
}

static int on_url(http_parser *p, const char *at, size_t n)
{
    struct said *s = p->data;
    if (s->text.n == 0) {
        say(&s->text, span_str(http_method_str((enum their_http_method)p->method)));
        say(&s->text, SPAN_LIT(" "));
    }
    say(&s->text, span(at, n));
    return 0;
}

static int on_status(http_parser *p, const char *at, size_t n)
{
    struct said *s = p->data;
    assert_ok(buf_put_u64(&s->text, p->status_code));
    say(&s->text, span(at, n));
    return 0;
}

static int on_name(http_parser *p, const char *at, size_t n)
{
    struct said *s = p->data;
    if (s->last == 3) /* a trailer */
        return 0;
    if (s->last != 1)
        say(&s->text, SPAN_LIT("\n"));
    s->last = 1;
    say(&s->text, span(at, n));
    return 0;
}

static int on_value(http_parser *p, const char *at, size_t n)
{
    struct said *s = p->data;
    if (s->last == 3)
        return 0;
    if (s->last != 2)
        say(&s->text, SPAN_LIT(": "));
    s->last = 2;
    say(&s->text, span_trim(span(at, n)));
    return 0;
}

static int on_head_done(http_parser *p)
{
    struct said *s = p->data;
    s->last = 3;
    s->upgrade = p->upgrade;
    /* Its caller is to say when no body follows; for 304 it would read one. */
    return s->head || p->status_code == 304 ? 1 : 0;
}

static int on_body(http_parser *p, const char *at, size_t n)
{
    struct said *s = p->data;
    say(&s->body, span(at, n));
    return 0;
}

static int on_done(http_parser *p)
{
    struct said *s = p->data;
    s->verdict = ACCEPT;
    s->keep = http_should_keep_alive(p);
    http_parser_pause(p, 1);
    return 0;
}

static void theirs(struct said *s, struct span in, bool response)
{
    http_parser_settings on;
    http_parser_settings_init(&on);
    on.on_url = on_url;
    on.on_status = on_status;
    on.on_header_field = on_name;
    on.on_header_value = on_value;
    on.on_headers_complete = on_head_done;
    on.on_body = on_body;
    on.on_message_complete = on_done;
    http_parser p;
    http_parser_init(&p, response ? HTTP_RESPONSE : HTTP_REQUEST);
    p.data = s;
    s->verdict = MORE;
    http_parser_execute(&p, &on, (const char *)in.p, in.n);
    if (s->verdict == MORE && HTTP_PARSER_ERRNO(&p) == HPE_OK && s->last == 3)
        http_parser_execute(&p, &on, NULL, 0);
    s->number = HTTP_PARSER_ERRNO(&p);
    if (s->verdict == MORE && s->number != HPE_OK && s->number != HPE_INVALID_EOF_STATE)
        s->verdict = REFUSE;
}

static bool explain_stricter(const char *why)
{
    for (size_t i = 0; i < COUNT(stricter); i++)
        if (strstr(why, stricter[i].why)) {
            stricter[i].count++;
            return true;
        }
    return false;
}

static bool explain_looser(enum http_errno number)
{
    for (size_t i = 0; i < COUNT(looser); i++)
        if (looser[i].number == number) {
            looser[i].count++;
            return true;
        }
    return false;
}

static unsigned both_accept, both_refuse, misread;

/* It decides inside a line whose end has not come; we wait for the end. With it we must refuse. */
static bool explain_waiting(struct span in, bool response, bool head)
{
    BUF_AUTO longer = buf_init(2 * TEXT_MAX);
    say(&longer, in);
    say(&longer, SPAN_LIT("\r\n\r\n"));
    struct said a = nothing(head);
    ours(&a, buf_span(&longer), response);
    said_free(&a);
    return a.verdict == REFUSE && explain_stricter(a.why);
}

/* Do the two readers agree, or differ for a reason that is known? Both read the same bytes, but for
 * the test of this function. */
static bool agree(struct span in, struct span there, bool response, bool head)
{
    struct said a = nothing(response && head), b = nothing(response && head);
    ours(&a, in, response);
    theirs(&b, there, response);
    bool ok;
    if (a.verdict == REFUSE && b.verdict == REFUSE) {
        both_refuse++;
        ok = true;
    } else if (a.odd) {
        misread++;
        ok = true;
    } else if (a.verdict == REFUSE) {
        ok = explain_stricter(a.why);
    } else if (a.verdict == MORE && b.verdict != MORE) {
        ok = explain_waiting(in, response, response && head) || explain_looser(b.number);
    } else if (b.verdict == REFUSE) {
        ok = explain_looser(b.number);
    } else if (b.upgrade) {
        ok = true; /* it stops at the head and hands the connection over; we never upgrade */
    } else {
        both_accept += a.verdict == ACCEPT;
        ok = a.verdict == b.verdict && span_eq(buf_span(&a.text), buf_span(&b.text)) &&
             span_eq(buf_span(&a.body), buf_span(&b.body));
        /* It overlooks "close" behind a tab or a cut member; never the reverse. */
        misread += a.verdict == ACCEPT && !a.keep && b.keep;
        ok &= !a.keep || b.keep;
        /* Cut inside a head, neither has said all of it. */
        ok |= a.verdict == MORE && b.verdict == MORE;
    }
    if (!ok)
        print_message("%.*s\n-- ours %d %s\n%.*s\n-- theirs %d %s\n%.*s", SPAN_ARG(in), a.verdict,
                      a.why ? a.why : "", SPAN_ARG(buf_span(&a.text)), b.verdict,
                      http_errno_name(b.number), SPAN_ARG(buf_span(&b.text)));
    said_free(&a);
    said_free(&b);
    return ok;
}

/* A reader that saw one byte otherwise is found, wherever the byte is; so is one that takes what
 * the other refuses for no reason of the tables. */
static void a_difference_is_seen(void **state)
{
    (void)state;
    static const char good[] = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    static const struct {
        const char *from, *to;
    } one[] = {
        {"POST", "PUT"}, {"/a", "/b"}, {"Host: a", "Host: b"}, {"abc", "abd"}, {": 3", ": 2"}};
    assert_true(agree(span_str(good), span_str(good), false, false));
    for (size_t i = 0; i < COUNT(one); i++) {
        char other[sizeof good];
        const char *at = strstr(good, one[i].from);
        int n = snprintf(other, sizeof other, "%.*s%s%s", (int)(at - good), good, one[i].to,
                         at + strlen(one[i].from));
        assert_false(agree(span_str(good), span(other, (size_t)n), false, false));
    }
    assert_false(explain_stricter("a sentence that is in no table"));
    assert_false(explain_looser(HPE_INVALID_CHUNK_SIZE));
}

static uint32_t dice(uint32_t sides)
{
    static uint64_t x = 88172645463325252ULL;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (uint32_t)(x >> 32) % sides;
}

static const char *const bodies[] = {"", "hello", "5\r\nhello\r\n0\r\n\r\n",
                                     "3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nt: v\r\n\r\n",
                                     "012345678901234567890123456789"};

/* One small change of the kinds that matter to framing. */
static void mutate(struct wr *w)
{
    static const char bytes[] = "\r\n \t:;,%?#/*0159aAzZ.-[]\x01\x7f\x80\xff";
    uint8_t c = (uint8_t)bytes[dice(sizeof bytes)]; /* the closing NUL is one of them */
    size_t at = dice((uint32_t)w->n), end = w->n;
    switch (dice(4)) {
    case 0:
        w->p[at] = c;
        break;
    case 1:
        memmove(w->p + at, w->p + at + 1, end - at - 1);
        w->n--;
        break;
    case 2:
        memmove(w->p + at + 1, w->p + at, end - at);
        w->p[at] = c;
        w->n++;
        break;
    default: { /* a piece of it once more */
        size_t n = dice(20) + 1;
        if (n > end - at)
            n = end - at;
        memmove(w->p + at + n, w->p + at, end - at);
        w->n += n;
    }
    }
}

static const char *seed(bool response, uint32_t i)
{
    if (response)
        return i < COUNT(good_responses) ? good_responses[i].text
                                         : bad_responses[i - COUNT(good_responses)].text;
    return i < COUNT(good_requests) ? good_requests[i].text
                                    : bad_requests[i - COUNT(good_requests)].text;
}

static void test_compare(void **state)
{
    (void)state;
    static uint8_t text[TEXT_MAX];
    const uint32_t requests = COUNT(good_requests) + COUNT(bad_requests);
    const uint32_t responses = COUNT(good_responses) + COUNT(bad_responses);
    for (size_t i = 0; i < ROUNDS; i++) {
        bool response = dice(3) == 0, good = dice(3) != 0;
        uint32_t all = response ? responses : requests;
        uint32_t fine = response ? COUNT(good_responses) : COUNT(good_requests);
        struct wr w = wr_of(text, TEXT_MAX - 100);
        wr_str(&w, seed(response, dice(good ? fine : all)));
        wr_str(&w, bodies[dice(COUNT(bodies))]);
        assert_ok(wr_done(&w));
        for (uint32_t n = dice(4); n > 0; n--)
            mutate(&w);
        /* In memory of exactly its size. */
        uint8_t *exact = malloc(w.n + 1);
        memcpy(exact, text, w.n);
        assert_true(agree(span(exact, w.n), span(exact, w.n), response, dice(4) == 0));
        free(exact);
    }
    print_message("both accept %u, both refuse %u, misread there %u\n", both_accept, both_refuse,
                  misread);
    for (size_t i = 0; i < COUNT(stricter); i++)
        print_message("%7u refused here only (%s): %s\n", stricter[i].count, stricter[i].why,
                      stricter[i].because);
    for (size_t i = 0; i < COUNT(looser); i++)
        print_message("%7u accepted here only (%s): %s\n", looser[i].count,
                      http_errno_name(looser[i].number), looser[i].because);
    assert_true(both_accept > ROUNDS / 10);
    assert_true(both_refuse > ROUNDS / 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_difference_is_seen),
                                       cmocka_unit_test(test_compare)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
