/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: whole messages in order, descriptors that move and never leak, ceilings. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc.h"
#include "shm.h"

static uint8_t room[IPC_MSG_MAX];

/* Open descriptors of this process below 256. */
static int open_fds(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

struct both {
    struct ipc a, b;
};

static void connect_both(struct both *c, size_t queue)
{
    int fds[2];
    assert_ok(ipc_pair(fds));
    ipc_open(&c->a, fds[0], queue);
    ipc_open(&c->b, fds[1], queue);
}

static void close_both(struct both *c)
{
    ipc_close(&c->a);
    ipc_close(&c->b);
    ipc_close(&c->b);
}

static void messages(void **state)
{
    (void)state;
    struct both c;
    struct ipc_msg m;
    connect_both(&c, 0);
    assert_fails(ERR_AGAIN, ipc_recv(&c.b, room, sizeof room, &m));
    assert_fails(ERR_AGAIN, ipc_wait(&c.b, 1));
    assert_ok(ipc_send(&c.a, SPAN_LIT("one"), NULL, 0));
    assert_ok(ipc_send(&c.a, SPAN_LIT("three"), NULL, 0));
    assert_ok(ipc_wait(&c.b, 1000));
    assert_ok(ipc_recv(&c.b, room, sizeof room, &m));
    assert_span(span(room, m.n), SPAN_LIT("one"));
    assert_ok(ipc_recv(&c.b, room, sizeof room, &m));
    assert_span(span(room, m.n), SPAN_LIT("three"));
    ipc_close(&c.a);
    assert_fails(ERR_CLOSED, ipc_recv(&c.b, room, sizeof room, &m));
    assert_fails(ERR_CLOSED, ipc_send(&c.b, SPAN_LIT("x"), NULL, 0));
    close_both(&c);
}

static void descriptors(void **state)
{
    (void)state;
    int before = open_fds();
    struct both c;
    struct ipc_msg m;
    connect_both(&c, 0);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    int end = fds[0];
    assert_ok(ipc_send(&c.a, SPAN_LIT("take"), fds, 2));
    assert_int_equal(fcntl(end, F_GETFD), -1); /* given */
    assert_ok(ipc_recv(&c.b, room, sizeof room, &m));
    assert_int_equal(m.fd_count, 2);
    assert_true(fcntl(m.fds[0], F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(m.fds[1], "x", 1), 1);
    assert_int_equal(read(m.fds[0], room, 1), 1);
    ipc_msg_drop(&m);
    /* Failing to send closes them too. */
    assert_int_equal(pipe(fds), 0);
    assert_fails(ERR_BUG, ipc_send(&c.a, SPAN_NONE, fds, 2));
    ipc_close(&c.b);
    assert_int_equal(pipe(fds), 0);
    assert_fails(ERR_CLOSED, ipc_send(&c.a, SPAN_LIT("x"), fds, 2));
    close_both(&c);
    assert_int_equal(open_fds(), before);
}

static void queue_and_its_ceiling(void **state)
{
    (void)state;
    int before = open_fds();
    struct both c;
    struct ipc_msg m;
    connect_both(&c, 256 * 1024);
    static uint8_t big[IPC_MSG_MAX];
    uint32_t sent = 0, got = 0;
    struct err e = OK;
    while (sent < 1000) {
        memcpy(big, &sent, sizeof sent);
        int fd = dup(0);
        e = ipc_send(&c.a, span(big, sizeof big), &fd, 1);
        if (failed(e))
            break;
        sent++;
    }
    assert_fails(ERR_LIMIT, e);
    assert_int_equal(c.a.queued, 256 * 1024);
    while (got < sent) {
        assert_ok(ipc_recv(&c.b, room, sizeof room, &m));
        assert_int_equal(m.n, sizeof big);
        assert_memory_equal(room, &got, sizeof got);
        assert_int_equal(m.fd_count, 1);
        ipc_msg_drop(&m);
        got++;
        assert_ok(ipc_flush(&c.a));
    }
    /* A queue that is never sent closes what it holds. */
    for (int i = 0; i < 1000; i++) {
        int fd = dup(0);
        if (failed(ipc_send(&c.a, span(big, sizeof big), &fd, 1)))
            break;
    }
    close_both(&c);
    assert_int_equal(open_fds(), before);
}

/* Send raw, as an attacker would. */
static void send_raw(int fd, size_t bytes, const int *fds, size_t n)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(253 * sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    static uint8_t payload[2 * IPC_MSG_MAX];
    struct iovec part = {payload, bytes};
    struct msghdr h = {.msg_iov = &part, .msg_iovlen = 1};
    if (n) {
        h.msg_control = &control;
        h.msg_controllen = CMSG_SPACE(n * sizeof(int));
        struct cmsghdr *head = CMSG_FIRSTHDR(&h);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(head), fds, n * sizeof(int));
    }
    assert_int_equal(sendmsg(fd, &h, 0), (ssize_t)bytes);
}

static void bad_messages(void **state)
{
    (void)state;
    int before = open_fds();
    int many[200];
    for (size_t i = 0; i < 200; i++)
        many[i] = 0;
    struct both c;
    struct ipc_msg m;
    connect_both(&c, 0);
    send_raw(c.a.fd, IPC_MSG_MAX + 1, many, 1); /* too long */
    assert_fails(ERR_INPUT, ipc_recv(&c.b, room, sizeof room, &m));
    assert_int_equal(m.fd_count, 0);
    send_raw(c.a.fd, 4, many, 200); /* too many descriptors */
    assert_fails(ERR_INPUT, ipc_recv(&c.b, room, sizeof room, &m));
    send_raw(c.a.fd, 0, many, 3); /* nothing but descriptors */
    assert_fails(ERR_INPUT, ipc_recv(&c.b, room, sizeof room, &m));
    send_raw(c.a.fd, IPC_MSG_MAX, many, IPC_FDS_MAX); /* the control: as much as may be */
    assert_ok(ipc_recv(&c.b, room, sizeof room, &m));
    assert_int_equal(m.fd_count, IPC_FDS_MAX);
    ipc_msg_drop(&m);
    close_both(&c);
    assert_int_equal(open_fds(), before);
}

static void sealed_memory(void **state)
{
    (void)state;
    int fd, ro, own;
    struct shm a, b;
    assert_ok(shm_create("test", 10000, &fd));
    assert_ok(shm_map(fd, SHM_READ_WRITE, 10000, &a));
    assert_fails(ERR_INPUT, shm_map(fd, SHM_READ_WRITE, 10001, &b));
    assert_ok(shm_read_only(fd, &ro));
    assert_fails(ERR_DENIED, shm_map(ro, SHM_READ_WRITE, 1, &b));
    assert_ok(shm_map(ro, SHM_READ, 1, &b));
    ((uint8_t *)a.p)[9999] = 42;
    assert_int_equal(((uint8_t *)b.p)[9999], 42);
    shm_unmap(&a);
    shm_unmap(&b);
    close(ro);
    close(fd);
    assert_ok(shm_blob("test", SPAN_LIT("content"), &fd));
    assert_ok(shm_map(fd, SHM_READ, 1, &a));
    assert_span(shm_span(&a), SPAN_LIT("content"));
    assert_int_equal(write(fd, "x", 1), -1);
    /* Nor through a descriptor that could write. */
    char path[40];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    own = open(path, O_RDWR);
    if (own >= 0) {
        assert_int_equal(write(own, "x", 1), -1);
        assert_int_equal(ftruncate(own, 0), -1);
        close(own);
    }
    shm_unmap(&a);
    close(fd);
    assert_fails(ERR_LIMIT, shm_create("test", 0, &fd));
    assert_fails(ERR_DENIED, shm_map(0, SHM_READ, 1, &a));
}

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

enum { LARGE = 2 << 20 /* bytes of a large page on most machines */ };

/* Bytes of large pages in the mapping that begins at p, as the kernel tells in smaps. */
static size_t large_bytes(const struct shm *m)
{
    FILE *f = fopen("/proc/self/smaps", "r");
    assert_non_null(f);
    for (size_t i = 0; i < m->n; i += 4096)
        (void)((const volatile uint8_t *)m->p)[i];
    char line[1024], head[32];
    size_t bytes = 0, kb;
    bool here = false;
    snprintf(head, sizeof head, "%lx-", (unsigned long)(uintptr_t)m->p);
    while (fgets(line, sizeof line, f)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            here = !strncmp(line, head, strlen(head));
        else if (here && (sscanf(line, "ShmemPmdMapped: %zu", &kb) == 1 ||
                          sscanf(line, "FilePmdMapped: %zu", &kb) == 1))
            bytes += kb << 10;
    }
    fclose(f);
    return bytes;
}

/* Does the kernel give such a segment large pages at all? */
static bool large_pages_allowed(struct span bytes)
{
    int fd;
    struct shm m;
    assert_ok(shm_blob("test", bytes, &fd));
    assert_ok(shm_map(fd, SHM_READ, bytes.n, &m));
    bool allowed = madvise(m.p, m.n - m.n % LARGE, MADV_COLLAPSE) == 0 && large_bytes(&m) > 0;
    shm_unmap(&m);
    close(fd);
    return allowed;
}

static void large_segment(void **state)
{
    (void)state;
    enum { BYTES = 2 * LARGE + 1000 };
    uint8_t *bytes = malloc(BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 4096);
    int fd;
    struct shm a;
    assert_ok(shm_blob("test", span(bytes, BYTES), &fd));
    shm_large_pages(fd);
    assert_ok(shm_map(fd, SHM_READ, BYTES, &a));
    assert_int_equal((uintptr_t)a.p % LARGE, 0);
    assert_span(shm_span(&a), span(bytes, BYTES));
    if (large_pages_allowed(span(bytes, BYTES)))
        assert_true(large_bytes(&a) >= LARGE);
    shm_unmap(&a);
    shm_large_pages(0); /* no segment: nothing happens */
    close(fd);
    free(bytes);
}

static void sealed_file(void **state)
{
    (void)state;
    char path[] = "/tmp/sanctum-ipc-XXXXXX";
    int from = mkstemp(path), fd;
    assert_true(from >= 0);
    assert_int_equal(write(from, "content", 7), 7);
    struct shm a;
    assert_ok(shm_blob_file("test", path, 7, &fd));
    assert_int_equal(pwrite(from, "C", 1, 0), 1); /* the copy is one of its own */
    assert_ok(shm_map(fd, SHM_READ, 1, &a));
    assert_span(shm_span(&a), SPAN_LIT("content"));
    assert_int_equal(write(fd, "x", 1), -1);
    shm_unmap(&a);
    close(fd);
    int before = open_fds();
    assert_fails(ERR_LIMIT, shm_blob_file("test", path, 6, &fd));
    assert_fails(ERR_IO, shm_blob_file("test", "/no/such/file", 6, &fd));
    assert_int_equal(fd, -1);
    assert_int_equal(open_fds(), before);
    close(from);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(descriptors),
        cmocka_unit_test(queue_and_its_ceiling),
        cmocka_unit_test(bad_messages),
        cmocka_unit_test(sealed_memory),
        cmocka_unit_test(large_segment),
        cmocka_unit_test(sealed_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
