/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nanoseconds for the heads and frames of one proxied request. Inputs are drawn from several real
 * client shapes in turn, each at its own address, so that no single input is learned.
 */
#include "http.h"
#include "sse.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 7, COUNT = 200000, COPIES = 64 };

static const char *const requests[] = {
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:4040\r\nAccept: application/json\r\n"
    "Content-Type: application/json\r\nUser-Agent: OpenAI/JS 6.49.0\r\n"
    "Authorization: Bearer sk-sanctum-abcdefgh-0123456789abcdef0123456789abcdef\r\n"
    "X-Stainless-Lang: js\r\nX-Stainless-Retry-Count: 0\r\nAccept-Encoding: gzip, deflate\r\n"
    "Connection: keep-alive\r\nContent-Length: 1024\r\n\r\n",
    "POST /v1/messages?beta=true HTTP/1.1\r\nhost: localhost:4040\r\naccept: application/json\r\n"
    "content-type: application/json\r\nuser-agent: claude-cli/2.1.328\r\n"
    "x-api-key: sk-sanctum-abcdefgh-0123456789abcdef0123456789abcdef\r\n"
    "anthropic-version: 2023-06-01\r\nanthropic-beta: context-1m,interleaved-thinking\r\n"
    "accept-encoding: gzip, deflate, br\r\nconnection: keep-alive\r\ncontent-length: 76012\r\n\r\n",
};

static const char response[] =
    "HTTP/1.1 200 OK\r\ndate: Sat, 21 Nov 2026 10:00:00 GMT\r\nserver: uvicorn\r\n"
    "content-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    "x-accel-buffering: no\r\nx-request-id: req_0123456789abcdef\r\n"
    "openai-processing-ms: 12\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n";

static const char event[] =
    "data: "
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},\"finish_reason\":null}]}\n\n";

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct span copies[COPIES];

static void fill(const char *const *texts, size_t n)
{
    for (size_t i = 0; i < COPIES; i++) {
        size_t len = strlen(texts[i % n]);
        uint8_t *p = malloc(len);
        if (!p)
            exit(2);
        memcpy(p, texts[i % n], len);
        free((void *)(uintptr_t)copies[i].p);
        copies[i] = span(p, len);
    }
}

static void need(bool ok)
{
    if (ok)
        return;
    fprintf(stderr, "bench_http: an input was refused\n");
    exit(2);
}

static void run_requests(void)
{
    static struct http_request r;
    for (size_t i = 0; i < COUNT; i++) {
        size_t used;
        http_request_init(&r);
        need(!failed(http_parse_request(copies[i % COPIES], &r, &used, NULL)));
    }
}

static void run_responses(void)
{
    static struct http_response r;
    for (size_t i = 0; i < COUNT; i++) {
        size_t used;
        http_response_init(&r, HTTP_POST);
        need(!failed(http_parse_response(copies[i % COPIES], &r, &used, NULL)));
    }
}

static void run_events(void)
{
    static struct buf hold;
    static struct sse s;
    hold.max = SSE_EVENT_MAX;
    sse_init(&s, SSE_EVENTS, &hold);
    for (size_t i = 0; i < COUNT; i++) {
        struct sse_event e;
        size_t used;
        need(!failed(sse_next(&s, copies[i % COPIES], &used, &e)));
    }
}

static void run_writes(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t out[512];
        struct wr w = wr_of(out, sizeof out);
        http_write_status(&w, 200);
        http_write_known(&w, HTTP_CONTENT_TYPE, SPAN_LIT("application/json"));
        http_write_known(&w, HTTP_CACHE_CONTROL, SPAN_LIT("no-cache"));
        http_write_header(&w, SPAN_LIT("x-sanctum-request-id"), SPAN_LIT("req_0123456789abcdef"));
        http_write_header(&w, SPAN_LIT("x-sanctum-route"), SPAN_LIT("openrouter/small;hops=1"));
        http_write_length(&w, 1024 + i);
        http_write_end(&w);
        need(!failed(wr_done(&w)));
    }
}

static void measure(const char *what, void (*run)(void))
{
    double best = 1e30;
    for (int i = 0; i < ROUNDS; i++) {
        double t = now();
        run();
        t = (now() - t) / COUNT;
        best = t < best ? t : best;
    }
    printf("%-34s %7.1f ns\n", what, best);
}

int main(void)
{
    fill(requests, sizeof requests / sizeof requests[0]);
    measure("request head, 10 fields", run_requests);
    const char *one = response;
    fill(&one, 1);
    measure("response head, 9 fields", run_responses);
    one = event;
    fill(&one, 1);
    measure("event of one data line, 160 bytes", run_events);
    measure("writing a head of 5 fields", run_writes);
    return 0;
}
