/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: their form, what the redactor takes out and what it leaves, the bound on their number;
 * and memory for secrets. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "log.h"
#include "secret.h"

/* Run `body` with standard error going to a file; returns what was written. */
static char *captured(void (*body)(void))
{
    static char text[1 << 20];
    char path[] = "/tmp/sanctum-log-test.XXXXXX";
    int fd = mkstemp(path), keep = dup(2);
    unlink(path);
    dup2(fd, 2);
    body();
    dup2(keep, 2);
    close(keep);
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    close(fd);
    assert_true(n >= 0);
    text[n] = 0;
    return text;
}

static void some_lines(void)
{
    log_open("gate", LOG_LEVEL_INFO, LOG_LOGFMT);
    log_line(LOG_LEVEL_DEBUG, "unseen");
    log_line(LOG_LEVEL_WARNING, "peer closed", LOG_U64("peer", 3), LOG_STR("why", "plain"),
             LOG_STR("text", "two words \"quoted\"\nnext\x1b[31m"), LOG_STR("empty", ""),
             LOG_ERR("error", err_make(ERR_IO, 111)));
}

static void json_line(void)
{
    log_open("gate", LOG_LEVEL_INFO, LOG_JSON);
    log_line(LOG_LEVEL_ERROR, "m", LOG_U64("n", 7), LOG_STR("s", "a\"b\xff"));
}

static void form(void **state)
{
    (void)state;
    const char *t = captured(some_lines);
    assert_null(strstr(t, "unseen"));
    assert_int_equal(t[strlen(t) - 1], '\n');
    assert_ptr_equal(strchr(t, '\n'), t + strlen(t) - 1); /* one line whatever is in it */
    assert_non_null(strstr(t, "Z level=warning role=gate pid="));
    assert_non_null(strstr(t, "msg=\"peer closed\" peer=3 why=plain text=\"two words "
                              "\\\"quoted\\\"\\u000anext\\u001b[31m\" empty=\"\" "
                              "error=\"io: Connection refused\"\n"));
    int year, month, day, hour, minute;
    assert_int_equal(sscanf(t, "time=%4d-%2d-%2dT%2d:%2d", &year, &month, &day, &hour, &minute), 5);
    assert_true(year >= 2024 && month >= 1 && month <= 12 && day >= 1 && day <= 31);
    t = captured(json_line);
    assert_non_null(strstr(t, "\"level\":\"error\",\"role\":\"gate\",\"pid\":"));
    assert_non_null(strstr(t, ",\"msg\":\"m\",\"n\":7,\"s\":\"a\\\"b\\ufffd\"}\n"));
}

static void long_text(void)
{
    char text[5000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    log_open("gate", LOG_LEVEL_INFO, LOG_JSON);
    log_line(LOG_LEVEL_INFO, "m", LOG_STR("a", text), LOG_STR("b", text), LOG_STR("c", text),
             LOG_STR("d", text), LOG_STR("e", text), LOG_U64("last", 1));
}

static void a_line_is_bounded_and_whole(void **state)
{
    (void)state;
    const char *t = captured(long_text);
    assert_true(strlen(t) <= LOG_LINE_MAX);
    assert_string_equal(t + strlen(t) - 2, "}\n");
    assert_non_null(strstr(t, ",\"cut\":true}"));
    assert_null(strstr(t, "last"));
}

static void many_lines(void)
{
    log_open("gate", LOG_LEVEL_INFO, LOG_LOGFMT);
    for (int i = 0; i < 1000; i++)
        log_line(LOG_LEVEL_INFO, "again");
    usleep(200000);
    log_line(LOG_LEVEL_INFO, "after");
}

static void rate(void **state)
{
    (void)state;
    const char *t = captured(many_lines);
    int lines = 0;
    for (const char *p = t; (p = strchr(p, '\n')); p++)
        lines++;
    assert_in_range(lines, LOG_BURST, LOG_BURST + 20);
    assert_non_null(strstr(t, "msg=after dropped="));
}

static void redacts(const char *in, const char *out)
{
    uint8_t line[512];
    size_t n = strlen(in);
    memcpy(line, in, n);
    n = log_redact(line, n);
    assert_span(span(line, n), span_str(out));
}

static void redactor(void **state)
{
    (void)state;
    redacts("key=sk-proj-abcdefgh12345 next", "[redacted] next");
    redacts("x sk-sanctum-abcdefgh-0123456789abcdefghjkmnpqrstvwxyz", "x [redacted]");
    redacts("Authorization: Bearer abcdefghijkl", "Authorization: [redacted]");
    redacts("AKIAIOSFODNN7EXAMPLE", "[redacted]");
    redacts("(ghp_abcdefghijklmnop)", "([redacted])");
    redacts("hash 0123456789abcdef0123456789abcdef0", "hash [redacted]");
    /* What people need to read stays. */
    static const char *const stays[] = {"status=200 request_id=req-0123456789 model=gpt-4o-mini",
                                        "/usr/lib/x86_64-linux-gnu/libevent_core-2.1.so.7",
                                        "task-force sk- ok",
                                        "basic training",
                                        "time=2026-01-02T03:04:05.678Z",
                                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof stays / sizeof stays[0]; i++)
        redacts(stays[i], stays[i]);
    /* Values told to it, wherever they stand; the longest first. */
    struct span v = SPAN_LIT("hunter2 hunter2"), w = SPAN_LIT("hunter2 ");
    assert_ok(log_secret(w));
    assert_ok(log_secret(v));
    redacts("a hunter2 hunter2xhunter2 b", "a [redacted]x********b");
    log_secret_drop(v);
    log_secret_drop(w);
    redacts("a hunter2 hunter2", "a hunter2 hunter2");
    assert_ok(log_secret(SPAN_LIT("short"))); /* too short to be told from text: ignored */
    redacts("short", "short");
}

static void leak(void)
{
    log_open("gate", LOG_LEVEL_INFO, LOG_LOGFMT);
    log_line(LOG_LEVEL_INFO, "m", LOG_STR("header", "x-api-key sk-ant-api03-AAAABBBBCCCC"),
             LOG_STR("told", "pass \"phrase\" here"));
}

static void nothing_leaks_through_a_line(void **state)
{
    (void)state;
    struct span v = SPAN_LIT("pass \"phrase\""); /* escaping must not hide it */
    assert_ok(log_secret(v));
    const char *t = captured(leak);
    log_secret_drop(v);
    assert_null(strstr(t, "AAAABBBB"));
    assert_null(strstr(t, "phrase"));
    assert_non_null(strstr(t, "[redacted]"));
}

static void secrets(void **state)
{
    (void)state;
    struct secret s, none = {0};
    assert_ok(secret_copy(SPAN_LIT("a key"), &s));
    assert_span(secret_span(&s), SPAN_LIT("a key"));
    secret_free(&s);
    secret_free(&s);
    secret_free(&none);
    assert_null(s.p);
    assert_ok(secret_new(0, &s));
    secret_free(&s);
    assert_fails(ERR_LIMIT, secret_new(SECRET_MAX + 1, &s));
    uint8_t bytes[4] = {1, 2, 3, 4};
    secret_wipe(bytes, sizeof bytes);
    assert_int_equal(bytes[0] | bytes[3], 0);
    /* The page behind it is a wall. */
    assert_ok(secret_new(10, &s));
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], s.p + 10, 1), -1);
    assert_int_equal(write(ends[1], s.p + 9, 1), 1);
    close(ends[0]);
    close(ends[1]);
    secret_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form),
        cmocka_unit_test(a_line_is_bounded_and_whole),
        cmocka_unit_test(rate),
        cmocka_unit_test(redactor),
        cmocka_unit_test(nothing_leaks_through_a_line),
        cmocka_unit_test(secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
