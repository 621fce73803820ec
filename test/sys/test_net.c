/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses as text and as values, and sockets of all three families. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lookup.h"
#include "net.h"

static void parse_and_format(void **state)
{
    (void)state;
    static const char *const same[] = {
        "127.0.0.1:4040", "0.0.0.0:0",         "255.255.255.255:65535", "[::1]:80",
        "[::]:1",         "[2001:db8::1]:443", "[::ffff:1.2.3.4]:53",   "[fe80::1]:22"};
    char text[NET_TEXT_MAX];
    struct net_addr a;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        assert_ok(net_parse(span_str(same[i]), &a));
        assert_string_equal(net_format(&a, text), same[i]);
    }
    static const char *const wrong[] = {"",
                                        ":80",
                                        "127.0.0.1",
                                        "127.0.0.1:",
                                        "127.0.0.1:65536",
                                        "127.0.0.1:+1",
                                        "::1:80",
                                        "[::1]",
                                        "[127.0.0.1]:80",
                                        "1.2.3:80",
                                        "1.2.3.4.5:80",
                                        "01.2.3.4:80",
                                        "host:80",
                                        "[::1]:080",
                                        "[::1:80",
                                        "[::1%eth0]:80",
                                        " 1.2.3.4:80",
                                        "1.2.3.4:80 ",
                                        "1.2.3.4:8 0",
                                        "[fe80::1%1]:2",
                                        "0x7f.1:80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (err_cat(net_parse(span_str(wrong[i]), &a)) != ERR_INPUT)
            fail_msg("accepted: %s", wrong[i]);
    assert_ok(net_parse_ip(SPAN_LIT("[::1]"), 7, &a));
    assert_int_equal(a.port, 7);
    assert_fails(ERR_INPUT, net_parse_ip(SPAN_LIT("1.2.3.4\0x"), 7, &a));
}

static struct net_addr ip(const char *text)
{
    struct net_addr a;
    assert_ok(net_parse_ip(span_str(text), 1, &a));
    return a;
}

static void kinds(void **state)
{
    (void)state;
    static const char *const global[] = {"1.1.1.1",          "9.255.255.255",  "11.0.0.0",
                                         "100.63.255.255",   "100.128.0.0",    "172.15.255.255",
                                         "172.32.0.0",       "192.167.1.1",    "223.255.255.255",
                                         "2606:4700::1",     "2a00::1",        "2001:4860::8",
                                         "64:ff9b::1.1.1.1", "::ffff:8.8.8.8", "2002:101:101::1"};
    static const char *const local[] = {"0.0.0.0",
                                        "10.0.0.1",
                                        "100.64.0.1",
                                        "127.0.0.1",
                                        "169.254.169.254",
                                        "172.16.0.1",
                                        "172.31.255.255",
                                        "192.0.2.1",
                                        "192.168.0.1",
                                        "198.18.0.1",
                                        "203.0.113.9",
                                        "224.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "fe80::1",
                                        "fc00::1",
                                        "fd12::1",
                                        "ff02::1",
                                        "2001:db8::1",
                                        "::ffff:10.0.0.1",
                                        "64:ff9b::7f00:1",
                                        "2002:a00:1::1",
                                        "::ffff:127.0.0.1",
                                        "2001::1",
                                        "100::1"};
    for (size_t i = 0; i < sizeof global / sizeof global[0]; i++) {
        struct net_addr a = ip(global[i]);
        if (!net_is_global(&a))
            fail_msg("%s is global", global[i]);
    }
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++) {
        struct net_addr a = ip(local[i]);
        if (net_is_global(&a))
            fail_msg("%s is not global", local[i]);
    }
    static const char *const loop[] = {"127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"};
    for (size_t i = 0; i < 4; i++) {
        struct net_addr a = ip(loop[i]);
        assert_true(net_is_loopback(&a));
    }
    struct net_addr a = ip("128.0.0.1"), u = {.family = NET_UNIX}, none = {0};
    assert_false(net_is_loopback(&a));
    assert_true(net_is_loopback(&u));
    assert_false(net_is_loopback(&none));
    assert_false(net_is_global(&none));
}

static void accept_one(int listener, int *fd)
{
    struct net_addr peer;
    struct err e;
    for (int i = 0; i < 1000; i++) {
        e = net_accept(listener, fd, &peer);
        if (err_cat(e) != ERR_AGAIN)
            break;
        usleep(1000);
    }
    assert_ok(e);
    assert_int_not_equal(peer.family, NET_NONE);
}

static void read_all(int fd, char *text, size_t want)
{
    size_t have = 0, n;
    for (int i = 0; i < 1000 && have < want; i++) {
        struct err e = net_read(fd, text + have, want - have, &n);
        have += n;
        if (err_cat(e) == ERR_AGAIN)
            usleep(1000);
    }
    assert_int_equal(have, want);
}

static void talk(int listener, int a)
{
    int b;
    char text[64];
    size_t n;
    accept_one(listener, &b);
    assert_true(fcntl(b, F_GETFD) & FD_CLOEXEC);
    assert_fails(ERR_AGAIN, net_read(b, text, sizeof text, &n));
    struct span parts[] = {SPAN_LIT("one "), SPAN_NONE, SPAN_LIT("two "), SPAN_LIT("three")};
    assert_ok(net_writev(a, parts, 4, &n));
    assert_int_equal(n, 13);
    read_all(b, text, 13);
    assert_memory_equal(text, "one two three", 13);
    assert_ok(net_write(b, SPAN_LIT("back"), &n));
    read_all(a, text, 4);
    net_finish(a);
    for (int i = 0; i < 1000; i++) {
        struct err e = net_read(b, text, sizeof text, &n);
        if (err_cat(e) == ERR_CLOSED)
            break;
        assert_fails(ERR_AGAIN, e);
        usleep(1000);
    }
    assert_fails(ERR_CLOSED, net_read(b, text, sizeof text, &n));
    net_reset(&a);
    usleep(20000);
    for (int i = 0; i < 3; i++) { /* no SIGPIPE */
        struct err e = net_write(b, SPAN_LIT("x"), &n);
        if (i == 2)
            assert_fails(ERR_CLOSED, e);
    }
    net_close(&b);
    net_close(&b);
}

static void tcp(void **state)
{
    (void)state;
    static const char *const any[] = {"127.0.0.1:0", "[::1]:0"};
    for (size_t i = 0; i < 2; i++) {
        struct net_addr a;
        int listener, fd;
        assert_ok(net_parse(span_str(any[i]), &a));
        struct err e = net_listen(&a, false, &listener);
        if (failed(e) && i == 1)
            skip(); /* a machine without IPv6 */
        assert_ok(e);
        assert_ok(net_local(listener, &a));
        e = net_connect(&a, &fd);
        assert_true(!failed(e) || err_cat(e) == ERR_AGAIN);
        for (int k = 0; k < 1000 && err_cat(net_connected(fd)) == ERR_AGAIN; k++)
            usleep(1000);
        assert_ok(net_connected(fd));
        talk(listener, fd);
        int second;
        assert_fails(ERR_IO, net_listen(&a, false, &second)); /* taken */
        assert_int_equal(second, -1);
        net_close(&listener);
        e = net_connect(&a, &fd);
        if (err_cat(e) == ERR_AGAIN) {
            usleep(20000);
            e = net_connected(fd);
        }
        assert_fails(ERR_IO, e);
        net_close(&fd);
    }
}

static void shared_port(void **state)
{
    (void)state;
    struct net_addr a;
    int one, two;
    assert_ok(net_parse(SPAN_LIT("127.0.0.1:0"), &a));
    assert_ok(net_listen(&a, true, &one));
    assert_ok(net_local(one, &a));
    assert_ok(net_listen(&a, true, &two));
    net_close(&one);
    net_close(&two);
}

static void unix_sockets(void **state)
{
    (void)state;
    char dir[] = "/tmp/sanctum-net-test.XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/socket", dir);
    int listener, fd, second;
    assert_ok(net_listen_unix(path, 0600, &listener));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_ok(net_connect_unix(path, &fd));
    struct net_peer who;
    assert_ok(net_peer(fd, &who));
    assert_int_equal(who.uid, geteuid());
    assert_int_equal(who.pid, getpid());
    talk(listener, fd);
    assert_fails(ERR_DENIED, net_listen_unix(path, 0600, &second)); /* somebody answers there */
    net_close(&listener);
    assert_ok(net_listen_unix(path, 0600, &listener)); /* a dead one is replaced */
    net_close(&listener);
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    assert_fails(ERR_INPUT, net_listen_unix(path, 0600, &listener)); /* no socket: left alone */
    assert_int_equal(unlink(path), 0);
    char longer[200];
    memset(longer, 'x', sizeof longer);
    longer[199] = 0;
    assert_fails(ERR_INPUT, net_connect_unix(longer, &fd));
    rmdir(dir);
}

static void lookup(void **state)
{
    (void)state;
    skip_without_localhost();
    struct net_addr a[4];
    size_t n;
    assert_ok(lookup_host(SPAN_LIT("localhost"), 99, a, 4, &n));
    assert_true(n >= 1);
    for (size_t i = 0; i < n; i++) {
        assert_true(net_is_loopback(&a[i]));
        assert_int_equal(a[i].port, 99);
    }
    assert_ok(lookup_host(SPAN_LIT("192.0.2.7"), 1, a, 4, &n));
    assert_int_equal(n, 1);
    assert_fails(ERR_INPUT, lookup_host(SPAN_NONE, 1, a, 4, &n));
    assert_fails(ERR_INPUT, lookup_host(SPAN_LIT("a\0b"), 1, a, 4, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_and_format),
        cmocka_unit_test(kinds),
        cmocka_unit_test(tcp),
        cmocka_unit_test(shared_port),
        cmocka_unit_test(unix_sockets),
        cmocka_unit_test(lookup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
