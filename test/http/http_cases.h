/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads that must be accepted, and heads that must be refused with the status to answer. Shared by
 * the table test and the comparison with the other parser.
 */
#ifndef SANCTUM_TEST_HTTP_CASES_H
#define SANCTUM_TEST_HTTP_CASES_H

#include "http.h"

#define H    "Host: a\r\n"
#define LINE "POST / HTTP/1.1\r\n"

struct good_request {
    const char *text;
    enum http_method method;
    const char *path, *query;
    enum http_framing framing;
    uint64_t length;
    bool keep_alive;
};

static const struct good_request good_requests[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", HTTP_GET, "/", "", HTTP_NO_BODY, 0, true},
    {"HEAD / HTTP/1.1\r\nHost: 127.0.0.1:4040\r\nUser-Agent: Bun/1.1\r\n\r\n", HTTP_HEAD, "/", "",
     HTTP_NO_BODY, 0, true},
    {"POST /v1/messages?beta=true HTTP/1.1\r\nhost:[::1]:80\r\nContent-Length: 12\r\n\r\n",
     HTTP_POST, "/v1/messages", "beta=true", HTTP_LENGTH, 12, true},
    {"POST /v1beta/models/g-2.0:generateContent?alt=sse&include[]=a|b HTTP/1.1\r\n" H
     "transfer-encoding:\tChunked \r\n\r\n",
     HTTP_POST, "/v1beta/models/g-2.0:generateContent", "alt=sse&include[]=a|b", HTTP_CHUNKED, 0,
     true},
    {"GET /a? HTTP/1.1\r\n" H "Connection: close\r\n\r\n", HTTP_GET, "/a", "", HTTP_NO_BODY, 0,
     false},
    {"GET /a?b?c HTTP/1.1\r\n" H "Connection: x,  Close\r\n\r\n", HTTP_GET, "/a", "b?c",
     HTTP_NO_BODY, 0, false},
    {"GET / HTTP/1.1\r\n" H "Connection: keep-alive\r\nConnection: close\r\n\r\n", HTTP_GET, "/",
     "", HTTP_NO_BODY, 0, false},
    {"GET / HTTP/1.0\r\n\r\n", HTTP_GET, "/", "", HTTP_NO_BODY, 0, false},
    {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", HTTP_GET, "/", "", HTTP_NO_BODY, 0, true},
    {"OPTIONS * HTTP/1.1\r\n" H "\r\n", HTTP_OPTIONS, "*", "", HTTP_NO_BODY, 0, true},
    {"BREW /a%20b%2F HTTP/1.1\r\n" H "\r\n", HTTP_OTHER_METHOD, "/a%20b%2F", "", HTTP_NO_BODY, 0,
     true},
    {LINE H "Content-Length: 0\r\n\r\n", HTTP_POST, "/", "", HTTP_NO_BODY, 0, true},
    {LINE H "Content-Length: 9223372036854775807\r\n\r\n", HTTP_POST, "/", "", HTTP_LENGTH,
     INT64_MAX, true},
    {LINE H "Expect: 100-Continue\r\nContent-Length: 1\r\n\r\n", HTTP_POST, "/", "", HTTP_LENGTH, 1,
     true},
    {"GET / HTTP/1.1\r\n" H
     "X-Empty:\r\nX-Blank: \t \r\nX-Latin: \xe9\r\n!#$%&'*+-.^_`|~9: tab\there"
     "\r\n\r\n",
     HTTP_GET, "/", "", HTTP_NO_BODY, 0, true},
    {"DELETE /%7e~!$&'()*+,;=:@/ HTTP/1.1\r\nHost: a-b.c_d:65535\r\n\r\n", HTTP_DELETE,
     "/%7e~!$&'()*+,;=:@/", "", HTTP_NO_BODY, 0, true},
    {"\r\nGET /a HTTP/1.1\r\n" H "\r\n", HTTP_GET, "/a", "", HTTP_NO_BODY, 0, true},
    {"GET http://A/b?c HTTP/1.1\r\n" H "\r\n", HTTP_GET, "/b", "c", HTTP_NO_BODY, 0, true},
    {"\r\nPOST HTTPS://[::1]:80/? HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 1\r\n\r\n",
     HTTP_POST, "/", "", HTTP_LENGTH, 1, true},
    {"GET http://a/ HTTP/1.0\r\n\r\n", HTTP_GET, "/", "", HTTP_NO_BODY, 0, false},
};

struct bad_head {
    const char *text;
    unsigned status;
    const char *why; /* a piece of the sentence */
};

static const struct bad_head bad_requests[] = {
    {"\nGET / HTTP/1.1\r\n" H "\r\n", 400, "LF without CR"},
    {"GET / HTTP/1.1\nHost: a\n\n", 400, "LF without CR"},
    {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400, "LF without CR"},
    {"GET / HTTP/1.1\r\n" H "A: b\rc: d\r\n\r\n", 400, "control character"},
    {"GET / HTTP/1.1\r\r\n" H "\r\n", 400, "HTTP version"},
    {"GET / HTTP/1.1\r\n" H "A: b\r\n c\r\n\r\n", 400, "folding"},
    {"GET / HTTP/1.1\r\n" H "A: b\r\n\tc: d\r\n\r\n", 400, "folding"},
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, "folding"},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "blank"},
    {"GET / HTTP/1.1\r\nHo st: a\r\n\r\n", 400, "blank"},
    {"GET / HTTP/1.1\r\n" H "A\r\n\r\n", 400, "no colon"},
    {"GET / HTTP/1.1\r\n" H ": b\r\n\r\n", 400, "no name"},
    {"GET / HTTP/1.1\r\n" H "a(b: c\r\n\r\n", 400, "not allowed"},
    {"GET / HTTP/1.1\r\n" H "\xc3\xa9: c\r\n\r\n", 400, "not allowed"},
    {"GET / HTTP/1.1\r\n" H "A: b\x7f\r\n\r\n", 400, "control"},
    {"GET / HTTP/1.1\r\n" H "A: 0123456789abcdef\x01\r\n\r\n", 400, "control"},
    {"GET / HTTP/1.1\r\n\r\n", 400, "Host is missing"},
    {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: a:123456\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\nHost: a]b\r\n\r\n", 400, "not a host"},
    {"GET / HTTP/1.1\r\n" H H "\r\n", 400, "repeated"},
    {"GET / HTTP/1.1\r\n" H "hOST: b\r\n\r\n", 400, "repeated"},
    {LINE H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400, "repeated"},
    {LINE H "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "repeated"},
    {LINE H "Content-Length: 1, 1\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: +1\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: -1\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: 01\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: 0x1\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: 1 1\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length:\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: 9223372036854775808\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: 99999999999999999999\r\n\r\n", 400, "Content-Length"},
    {LINE H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "side by side"},
    {LINE H "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400, "side by side"},
    {LINE H "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "repeated"},
    {LINE H "Transfer-Encoding: identity\r\n\r\n", 501, "chunked"},
    {LINE H "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "chunked"},
    {LINE H "Transfer-Encoding: chunked, chunked\r\n\r\n", 501, "chunked"},
    {LINE H "Transfer-Encoding: chunked;q=1\r\n\r\n", 501, "chunked"},
    {LINE H "Transfer-Encoding: xchunked\r\n\r\n", 501, "chunked"},
    {LINE H "Transfer-Encoding:\r\n\r\n", 501, "chunked"},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "HTTP/1.0"},
    {LINE H "Authorization: a\r\nauthorization: b\r\n\r\n", 400, "repeated"},
    {LINE H "Expect: 200-ok\r\n\r\n", 417, "Expect"},
    {LINE H "Connection: a b/c\r\n\r\n", 400, "Connection"},
    {"GET  / HTTP/1.1\r\n" H "\r\n", 400, "slash"},
    {"GET / HTTP/1.1 \r\n" H "\r\n", 400, "HTTP version"},
    {"GET /  HTTP/1.1\r\n" H "\r\n", 400, "HTTP version"},
    {"GET /a b HTTP/1.1\r\n" H "\r\n", 400, "HTTP version"},
    {"GET\t/ HTTP/1.1\r\n" H "\r\n", 400, "method"},
    {" GET / HTTP/1.1\r\n" H "\r\n", 400, "method"},
    {"G(T / HTTP/1.1\r\n" H "\r\n", 400, "method"},
    {"GET\r\n" H "\r\n", 400, "method"},
    {"GET /\r\n" H "\r\n", 400, "no version"},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJ / HTTP/1.1\r\n" H "\r\n", 400, "method"},
    {"GET http://b/ HTTP/1.1\r\n" H "\r\n", 400, "another"},
    {"GET http://x@a/ HTTP/1.1\r\n" H "\r\n", 400, "not a host"},
    {"GET http://a:99999x/ HTTP/1.0\r\n\r\n", 400, "not a host"},
    {"GET http:///a HTTP/1.1\r\n" H "\r\n", 400, "not a host"},
    {"GET http://a/b HTTP/1.1\r\n\r\n", 400, "missing"},
    {"GET http://a HTTP/1.1\r\n" H "\r\n", 400, "no slash"},
    {"GET http://a?b HTTP/1.1\r\n" H "\r\n", 400, "no slash"},
    {"GET http://a/%2 HTTP/1.1\r\n" H "\r\n", 400, "percent"},
    {"GET ftp://a/ HTTP/1.1\r\n" H "\r\n", 400, "slash"},
    {"GET http:/a HTTP/1.1\r\n" H "\r\n", 400, "slash"},
    {"\r\n\r\nGET / HTTP/1.1\r\n" H "\r\n", 400, "method"},
    {"CONNECT a:443 HTTP/1.1\r\n" H "\r\n", 400, "slash"},
    {"GET * HTTP/1.1\r\n" H "\r\n", 400, "slash"},
    {"GET /# HTTP/1.1\r\n" H "\r\n", 400, "not allowed"},
    {"GET /?# HTTP/1.1\r\n" H "\r\n", 400, "not allowed"},
    {"GET /<a> HTTP/1.1\r\n" H "\r\n", 400, "not allowed"},
    {"GET /a[b] HTTP/1.1\r\n" H "\r\n", 400, "not allowed"},
    {"GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n", 400, "not allowed"},
    {"GET /\x01 HTTP/1.1\r\n" H "\r\n", 400, "not allowed"},
    {"GET /%2 HTTP/1.1\r\n" H "\r\n", 400, "percent"},
    {"GET /%zz HTTP/1.1\r\n" H "\r\n", 400, "percent"},
    {"GET /?a=%a HTTP/1.1\r\n" H "\r\n", 400, "percent"},
    {"GET / HTTP/2.0\r\n" H "\r\n", 505, "neither"},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "slash"},
    {"GET / HTTP/1.2\r\n" H "\r\n", 505, "neither"},
    {"GET / HTTP/0.9\r\n" H "\r\n", 505, "neither"},
    {"GET / HTTP/1.10\r\n" H "\r\n", 400, "HTTP version"},
    {"GET / http/1.1\r\n" H "\r\n", 400, "HTTP version"},
    {"GET / HTTP/1,1\r\n" H "\r\n", 400, "HTTP version"},
    {"GET / HTTP/a.1\r\n" H "\r\n", 400, "HTTP version"},
};

struct good_response {
    const char *text;
    enum http_method asked;
    unsigned status;
    const char *reason;
    enum http_framing framing;
    uint64_t length;
    bool keep_alive;
};

static const struct good_response good_responses[] = {
    {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", HTTP_POST, 200, "OK", HTTP_LENGTH, 5, true},
    {"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", HTTP_POST, 200, "OK", HTTP_NO_BODY, 0, true},
    {"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", HTTP_HEAD, 200, "OK", HTTP_NO_BODY, 5, true},
    {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", HTTP_POST, 200, "OK", HTTP_CHUNKED, 0,
     true},
    {"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", HTTP_HEAD, 200, "OK", HTTP_NO_BODY, 0,
     true},
    {"HTTP/1.1 200\r\n\r\n", HTTP_GET, 200, "", HTTP_UNTIL_CLOSE, 0, false},
    {"HTTP/1.1 200 \r\nConnection: keep-alive\r\n\r\n", HTTP_GET, 200, "", HTTP_UNTIL_CLOSE, 0,
     false},
    {"HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6\r\n\r\n", HTTP_GET, 200, "OK", HTTP_UNTIL_CLOSE, 0,
     false},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n", HTTP_GET, 200, "OK",
     HTTP_LENGTH, 2, true},
    {"HTTP/1.1 204 No Content\r\n\r\n", HTTP_POST, 204, "No Content", HTTP_NO_BODY, 0, true},
    {"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", HTTP_POST, 204, "No Content",
     HTTP_NO_BODY, 0, true},
    {"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", HTTP_GET, 304, "Not Modified",
     HTTP_NO_BODY, 9, true},
    {"HTTP/1.1 100 Continue\r\n\r\n", HTTP_POST, 100, "Continue", HTTP_NO_BODY, 0, true},
    {"HTTP/1.1 503 Caf\xe9 zu\t!\r\nretry-after: 1\r\ncontent-length: 1\r\n\r\n", HTTP_POST, 503,
     "Caf\xe9 zu\t!", HTTP_LENGTH, 1, true},
};

static const struct bad_head bad_responses[] = {
    {"HTTP/1.1 200 OK\nA: b\n\n", 502, "LF without CR"},
    {"HTTP/1.1 20 OK\r\n\r\n", 502, "three digits"},
    {"HTTP/1.1 2000 OK\r\n\r\n", 502, "blank"},
    {"HTTP/1.1 099 OK\r\n\r\n", 502, "between"},
    {"HTTP/1.1 600 OK\r\n\r\n", 502, "between"},
    {"HTTP/1.1 101 Switching\r\n\r\n", 502, "switches"},
    {"HTTP/1.1  200 OK\r\n\r\n", 502, "three digits"},
    {"HTTP/1.1 200\tOK\r\n\r\n", 502, "blank"},
    {"HTTP/2 200 OK\r\n\r\n", 502, "HTTP/1.1"},
    {"HTTP/1.2 200 OK\r\n\r\n", 502, "HTTP/1.1"},
    {"ICY 200 OK\r\n\r\n", 502, "HTTP/1.1"},
    {"\r\n\r\n", 502, "HTTP/1.1"},
    {"HTTP/1.1 200 O\x01K\r\n\r\n", 502, "control"},
    {"HTTP/1.1 200 OK\r\n a: b\r\n\r\n", 502, "folding"},
    {"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n", 502, "repeated"},
    {"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 502,
     "side by side"},
    {"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n", 502, "chunked"},
    {"HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", 502, "HTTP/1.0"},
    {"HTTP/1.1 204 No Content\r\ncontent-length: 1\r\n\r\n", 502, "without content"},
    {"HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n", 502, "without content"},
    {"HTTP/1.1 103 Early Hints\r\ncontent-length: 0\r\n\r\n", 502, "without content"},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

#endif
