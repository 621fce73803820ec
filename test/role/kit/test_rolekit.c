/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real role (resolve) with this test in parent's place: the hand-over, and what it does with
 * every message of the table and with bytes that are none, sent by a gate: the channel is closed,
 * parent hears of the offence, and the role goes on serving others.
 */
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "ipc.h"
#include "proc.h"
#include "sandbox.h"
#include "settings_load.h"
#include "shm.h"
#include "wire.h"

enum { WAIT_MS = 5000, STDERR = 2 };

static struct proc role;
static struct ipc to_role, gate;
static uint8_t in[WIRE_MAX], out[WIRE_MAX];

static void send_message(struct ipc *c, const struct wire_msg *m, const int *fds, size_t n)
{
    struct wr w = wr_of(out, sizeof out);
    assert_ok(wire_encode(m, &w));
    assert_ok(ipc_send(c, wr_span(&w), fds, n));
}

/* The next message, which must be of that type. */
static struct wire_msg expect(struct ipc *c, enum wire_type type)
{
    struct ipc_msg raw;
    struct wire_msg m;
    assert_ok(ipc_wait(c, WAIT_MS));
    assert_ok(ipc_recv(c, in, sizeof in, &raw));
    assert_ok(wire_decode(span(in, raw.n), &m));
    assert_int_equal(m.type, type);
    return m;
}

static void expect_closed(struct ipc *c)
{
    struct ipc_msg raw;
    assert_ok(ipc_wait(c, WAIT_MS));
    assert_fails(ERR_CLOSED, ipc_recv(c, in, sizeof in, &raw));
    ipc_close(c);
}

static void start_role(int channel)
{
    char path[512];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 40);
    assert_true(n > 0);
    path[n] = 0;
    strcpy(strrchr(path, '/'), "/libexec/sanctum-resolve");
    const char *const argv[] = {"sanctum-resolve", NULL};
    struct proc_spec s = {.path = path,
                          .argv = argv,
                          .fds = {-1, -1, STDERR, channel},
                          .fd_count = 4,
                          .dies_with_parent = true};
    assert_ok(proc_start(&s, &role));
}

static int sealed_settings(void)
{
    static const char yaml[] = "version: 1\nproviders:\n  local: {kind: ollama, base_url: "
                               "\"http://localhost:11434\", trust: local}\n";
    struct settings set;
    struct conf_fault fault;
    struct buf bytes = buf_init(SETTINGS_MESSAGE_MAX);
    int fd;
    assert_ok(settings_parse(span(yaml, sizeof yaml - 1), "test", &set, &fault));
    assert_ok(settings_encode(&set, &bytes));
    assert_ok(shm_blob("settings", buf_span(&bytes), &fd));
    settings_free(&set);
    buf_free(&bytes);
    return fd;
}

static void hand_over(void)
{
    struct wire_grant g = {.kind = WIRE_GRANT_BLOB, .name = "settings"};
    uint8_t bytes[128];
    struct wr w = wr_of(bytes, sizeof bytes);
    wire_grant_encode(&g, &w);
    int fd = sealed_settings();
    struct wire_msg m = {.type = WIRE_HANDOVER,
                         .handover = {.role = WIRE_RESOLVE,
                                      .grant_count = 1,
                                      .state = SPAN_LIT("/nowhere"),
                                      .grants = wr_span(&w)}};
    send_message(&to_role, &m, &fd, 1);
}

/* A new channel to the role, as gate 0. */
static void join(void)
{
    int ends[2];
    struct wire_grant g = {.kind = WIRE_GRANT_PEER, .role = WIRE_GATE};
    uint8_t bytes[64];
    struct wr w = wr_of(bytes, sizeof bytes);
    wire_grant_encode(&g, &w);
    assert_ok(ipc_pair(ends));
    struct wire_msg m = {.type = WIRE_GRANT, .grant = {.grant = wr_span(&w)}};
    send_message(&to_role, &m, &ends[1], 1);
    ipc_open(&gate, ends[0], 0);
}

static void still_answers(void)
{
    join();
    struct wire_msg ask = {
        .type = WIRE_RESOLVE_ASK,
        .resolve_ask = {.tag = 77, .port = 11434, .host = SPAN_LIT("localhost")}};
    send_message(&gate, &ask, NULL, 0);
    struct wire_msg m = expect(&gate, WIRE_RESOLVED);
    assert_int_equal(m.resolved.tag, 77);
    assert_int_equal(m.resolved.status, WIRE_OK);
    ask.resolve_ask.host = SPAN_LIT("elsewhere.example");
    send_message(&gate, &ask, NULL, 0);
    m = expect(&gate, WIRE_RESOLVED);
    assert_int_equal(m.resolved.status, WIRE_DENIED);
    assert_int_equal(m.resolved.count, 0);
    ipc_close(&gate);
}

static void offends(struct span bytes)
{
    join();
    assert_ok(ipc_send(&gate, bytes, NULL, 0));
    expect_closed(&gate);
    struct wire_msg m = expect(&to_role, WIRE_OFFENCE);
    assert_int_equal(m.offence.role, WIRE_GATE);
    assert_int_equal(m.offence.index, 0);
    struct proc_end end;
    assert_ok(proc_reap(&role, &end));
    assert_false(end.ended);
}

static void every_message_of_the_table(void **state)
{
    (void)state;
    skip_without_localhost();
    static const char dir[] = SOURCE_ROOT "/fuzz/role/wire/corpus_wire";
    DIR *d = opendir(dir);
    assert_non_null(d);
    struct dirent *e;
    int seen = 0;
    while ((e = readdir(d)) != NULL) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        struct buf b = buf_init(WIRE_MAX);
        /* Inputs the fuzzer found (named by a digest) may be anything: only the seeds are one
         * message each. */
        if (e->d_name[0] == '.' || strlen(e->d_name) == 40 || failed(file_read(path, &b)))
            continue;
        if (strcmp(e->d_name, "resolve_ask") != 0) {
            offends(buf_span(&b));
            seen++;
        }
        offends(span(b.p, b.n - 1));
        assert_ok(buf_put_u8(&b, 0));
        offends(buf_span(&b));
        buf_free(&b);
    }
    closedir(d);
    assert_true(seen >= WIRE_TYPE_COUNT - 2);
    still_answers();
}

static void bytes_that_are_no_message(void **state)
{
    (void)state;
    skip_without_localhost();
    static uint8_t noise[WIRE_MAX];
    static const size_t sizes[] = {1, 2, 3, 100, WIRE_MAX};
    srand(5);
    for (size_t i = 0; i < 100; i++) {
        for (size_t k = 0; k < sizeof noise; k++)
            noise[k] = (uint8_t)(rand() | 0x80);
        offends(span(noise, sizes[i % 5]));
    }
    still_answers();
}

/* Descriptors where none belong are closed, and an offence. */
static void descriptors_that_nobody_asked_for(void **state)
{
    (void)state;
    skip_without_localhost();
    join();
    struct wire_msg ask = {.type = WIRE_RESOLVE_ASK,
                           .resolve_ask = {.host = SPAN_LIT("localhost")}};
    int fd = dup(0);
    send_message(&gate, &ask, &fd, 1);
    expect_closed(&gate);
    expect(&to_role, WIRE_OFFENCE);
    still_answers();
}

static void drains(void **state)
{
    (void)state;
    skip_without_localhost();
    struct wire_msg m = {.type = WIRE_DRAIN, .drain = {.within_ms = 100}};
    send_message(&to_role, &m, NULL, 0);
    struct proc_end end;
    assert_ok(proc_wait(&role, WAIT_MS, &end));
    assert_int_equal(end.status, 0);
    assert_int_equal(end.signal, 0);
}

static int set_up(void **state)
{
    (void)state;
    int ends[2];
    assert_ok(ipc_pair(ends));
    ipc_open(&to_role, ends[0], 1 << 20);
    start_role(ends[1]);
    close(ends[1]);
    hand_over();
    struct wire_msg m = expect(&to_role, WIRE_READY);
    uint32_t must =
        SANDBOX_LIMITS | SANDBOX_NO_NEW_PRIVILEGES | SANDBOX_NOT_DUMPABLE | SANDBOX_CALLS;
    assert_int_equal(m.ready.holds & must, must);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_of_the_table),
        cmocka_unit_test(bytes_that_are_no_message),
        cmocka_unit_test(descriptors_that_nobody_asked_for),
        cmocka_unit_test(drains),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
