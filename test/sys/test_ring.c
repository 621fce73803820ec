/* SPDX-License-Identifier: Apache-2.0 */
/* The record ring: whole records in order, recovery on both sides, wakes, a producer that lies. */
#include "unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ring.h"

enum { SIZE = RING_SIZE_MIN };

struct both {
    struct ring_fds fds;
    struct ring_out out;
    struct ring_in in;
};

static void attach_out(struct both *b)
{
    assert_ok(ring_out_attach(&b->out, b->fds.data_rw, b->fds.ack_ro, dup(b->fds.to_consumer)));
}

static void attach_in(struct both *b)
{
    assert_ok(ring_in_attach(&b->in, b->fds.data_ro, b->fds.ack_rw, dup(b->fds.to_producer)));
}

static struct both new_ring(void)
{
    struct both b;
    assert_ok(ring_create(SIZE, &b.fds));
    attach_out(&b);
    attach_in(&b);
    return b;
}

static void free_ring(struct both *b)
{
    ring_out_detach(&b->out);
    ring_in_detach(&b->in);
    ring_close(&b->fds);
}

/* Wakes so far on an eventfd. */
static uint64_t wakes(int fd)
{
    uint64_t n = 0;
    return read(fd, &n, sizeof n) == (ssize_t)sizeof n ? n : 0;
}

static struct err put(struct both *b, size_t n, uint8_t fill, enum ring_urgency u, uint64_t *pos)
{
    uint8_t bytes[RING_RECORD_MAX + 1];
    memset(bytes, fill, sizeof bytes);
    struct span parts[] = {span(bytes, n / 3), span(bytes, n - n / 3)};
    return ring_put(&b->out, parts, 2, u, pos);
}

static void get(struct both *b, size_t want, uint8_t fill, uint64_t *pos)
{
    uint8_t out[RING_RECORD_MAX];
    size_t n;
    assert_ok(ring_get(&b->in, out, &n, pos));
    assert_int_equal(n, want);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(out[i], fill);
}

static void records_around_the_end(void **state)
{
    (void)state;
    struct both b = new_ring();
    uint64_t put_pos, got_pos = 0;
    uint8_t room[RING_RECORD_MAX];
    size_t n;
    srand(3);
    for (unsigned i = 0; i < 20000; i++) {
        size_t size = 1 + (size_t)rand() % RING_RECORD_MAX;
        assert_ok(put(&b, size, (uint8_t)i, RING_BATCHED, &put_pos));
        get(&b, size, (uint8_t)i, &got_pos);
        assert_int_equal(put_pos, got_pos);
        assert_true(ring_committed(&b.out) < put_pos);
        ring_commit(&b.in, got_pos);
        assert_int_equal(ring_committed(&b.out), put_pos);
    }
    assert_fails(ERR_AGAIN, ring_get(&b.in, room, &n, &got_pos));
    free_ring(&b);
}

static void limits(void **state)
{
    (void)state;
    struct both b = new_ring();
    uint64_t pos;
    struct ring_fds none;
    assert_fails(ERR_LIMIT, ring_create(SIZE - 1, &none));
    assert_fails(ERR_LIMIT, ring_create(SIZE / 2, &none));
    assert_fails(ERR_LIMIT, ring_create(SIZE + 8, &none));
    assert_fails(ERR_LIMIT, put(&b, 0, 0, RING_BATCHED, &pos));
    assert_fails(ERR_LIMIT, put(&b, RING_RECORD_MAX + 1, 0, RING_BATCHED, &pos));
    /* Full: room comes with a commit, not with reading. */
    size_t fit = 0;
    while (!failed(put(&b, 1000, 7, RING_BATCHED, &pos)))
        fit++;
    assert_int_equal(fit, SIZE / 1008);
    assert_false(ring_out_has_room(&b.out, ring_frame(1000)));
    assert_false(ring_out_await(&b.out, ring_out_room_at(&b.out, ring_frame(1000))));
    get(&b, 1000, 7, &pos);
    assert_fails(ERR_AGAIN, put(&b, 1000, 7, RING_BATCHED, &pos));
    assert_int_equal(wakes(b.fds.to_producer), 0);
    ring_commit(&b.in, b.in.read);
    assert_int_equal(wakes(b.fds.to_producer), 1);
    assert_true(ring_out_await(&b.out, ring_out_room_at(&b.out, ring_frame(1000))));
    assert_ok(put(&b, 1000, 7, RING_BATCHED, &pos));
    free_ring(&b);
}

/* A ledger that dies loses nothing: everything after the commit is read again. */
static void new_consumer(void **state)
{
    (void)state;
    struct both b = new_ring();
    uint64_t pos[3], got;
    for (uint8_t i = 0; i < 3; i++)
        assert_ok(put(&b, 100, i, RING_DURABLE, &pos[i]));
    get(&b, 100, 0, &got);
    get(&b, 100, 1, &got);
    ring_commit(&b.in, pos[0]);
    ring_in_detach(&b.in);
    attach_in(&b);
    get(&b, 100, 1, &got);
    assert_int_equal(got, pos[1]);
    get(&b, 100, 2, &got);
    assert_int_equal(got, pos[2]);
    free_ring(&b);
}

/* One that dies between storing and committing: its successor goes on behind what was stored (R5)
 * and reads again what was not. */
static void exactly_once(void **state)
{
    (void)state;
    static const struct {
        uint64_t mark, reached;
        uint8_t next; /* the record that is read first afterwards */
    } cases[] = {{12, 12, 2}, {12, 13, 2}, {12, 11, 0}, {12, 10, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct both b = new_ring();
        uint64_t pos, got;
        for (uint8_t k = 0; k < 3; k++)
            assert_ok(put(&b, 100, k, RING_DURABLE, &pos));
        get(&b, 100, 0, &got);
        get(&b, 100, 1, &got);
        ring_intend(&b.in, got, cases[i].mark);
        ring_in_detach(&b.in);
        attach_in(&b);
        ring_resume(&b.in, cases[i].reached);
        assert_int_equal(ring_committed(&b.out), cases[i].next ? got : 0);
        get(&b, 100, cases[i].next, &got);
        /* The intention is used up: what is stored from now on says nothing about it. */
        ring_in_detach(&b.in);
        attach_in(&b);
        ring_resume(&b.in, 100);
        get(&b, 100, cases[i].next, &got);
        free_ring(&b);
    }
}

/* An intention that cannot be true moves nothing (R1). */
static void false_intention(void **state)
{
    (void)state;
    struct both b = new_ring();
    uint64_t pos, got;
    assert_ok(put(&b, 100, 7, RING_DURABLE, &pos));
    for (unsigned i = 0; i < 2; i++) {
        ring_intend(&b.in, i ? pos + 8 : UINT64_MAX, 1);
        ring_in_detach(&b.in);
        attach_in(&b);
        ring_resume(&b.in, 1);
        assert_int_equal(ring_committed(&b.out), 0);
    }
    get(&b, 100, 7, &got);
    free_ring(&b);
}

/* A gate that dies: its records are there, its successor goes on behind them. */
static void new_producer(void **state)
{
    (void)state;
    struct both b = new_ring();
    uint64_t pos, got;
    assert_ok(put(&b, 100, 1, RING_DURABLE, &pos));
    ring_out_detach(&b.out);
    attach_out(&b);
    assert_ok(put(&b, 100, 2, RING_DURABLE, &pos));
    get(&b, 100, 1, &got);
    get(&b, 100, 2, &got);
    free_ring(&b);
}

static void wakes_of_the_consumer(void **state)
{
    (void)state;
    struct both b = new_ring();
    uint64_t pos;
    int fd = b.fds.to_consumer;
    assert_ok(put(&b, 10, 1, RING_DURABLE, &pos));
    assert_int_equal(wakes(fd), 0);                 /* awake: no system call */
    assert_false(ring_sleep(&b.in, RING_WAKE_ANY)); /* there is something */
    get(&b, 10, 1, &pos);
    assert_true(ring_sleep(&b.in, RING_WAKE_DURABLE));
    assert_ok(put(&b, 10, 2, RING_BATCHED, &pos));
    assert_int_equal(wakes(fd), 0);
    for (int i = 0; i < 100; i++)
        assert_ok(put(&b, 10, 2, RING_DURABLE, &pos));
    assert_int_equal(wakes(fd), 1); /* once a sleep */
    for (int i = 0; i < 101; i++)
        get(&b, 10, 2, &pos);
    ring_commit(&b.in, pos);
    assert_true(ring_sleep(&b.in, RING_WAKE_ANY));
    assert_ok(put(&b, 10, 3, RING_BATCHED, &pos));
    assert_int_equal(wakes(fd), 1);
    get(&b, 10, 3, &pos);
    ring_commit(&b.in, pos);
    /* Batched records wake when half of the ring is full. */
    assert_true(ring_sleep(&b.in, RING_WAKE_DURABLE));
    for (int i = 0; i < SIZE / 2 / 1008; i++)
        assert_ok(put(&b, 1000, 4, RING_BATCHED, &pos));
    assert_int_equal(wakes(fd), 0);
    assert_ok(put(&b, 1000, 4, RING_BATCHED, &pos));
    assert_int_equal(wakes(fd), 1);
    free_ring(&b);
}

static void wakes_of_the_producer(void **state)
{
    (void)state;
    struct both b = new_ring();
    uint64_t pos[3], got;
    for (uint8_t i = 0; i < 3; i++)
        assert_ok(put(&b, 10, i, RING_DURABLE, &pos[i]));
    get(&b, 10, 0, &got);
    ring_commit(&b.in, got);
    assert_int_equal(wakes(b.fds.to_producer), 0); /* nobody asked */
    assert_true(ring_out_await(&b.out, pos[0]));
    assert_false(ring_out_await(&b.out, pos[2]));
    get(&b, 10, 1, &got);
    ring_commit(&b.in, got);
    assert_int_equal(wakes(b.fds.to_producer), 0);
    get(&b, 10, 2, &got);
    ring_commit(&b.in, got);
    ring_commit(&b.in, got);
    assert_int_equal(wakes(b.fds.to_producer), 1);
    /* A commit that cannot be true changes nothing. */
    ring_commit(&b.in, got + 4096);
    assert_int_equal(ring_committed(&b.out), got);
    free_ring(&b);
}

/* ---- a producer that lies ---- */

static uint64_t *head_word(struct both *b)
{
    return (uint64_t *)((uint8_t *)b->out.data.p + 64);
}

static uint32_t *frame(struct both *b)
{
    return (uint32_t *)((uint8_t *)b->out.data.p + 4096);
}

static void broken_after(struct both *b)
{
    uint8_t out[RING_RECORD_MAX];
    size_t n;
    uint64_t pos;
    assert_fails(ERR_INPUT, ring_get(&b->in, out, &n, &pos));
    *head_word(b) = 0;
    assert_fails(ERR_INPUT, ring_get(&b->in, out, &n, &pos)); /* for ever */
    free_ring(b);
}

static void lies(void **state)
{
    (void)state;
    static const uint64_t heads[] = {SIZE + 8, 3, UINT64_MAX, 1ULL << 63, SIZE * 4};
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct both b = new_ring();
        *head_word(&b) = heads[i];
        broken_after(&b);
    }
    static const uint32_t frames[][2] = {{0, 0},
                                         {RING_RECORD_MAX + 1, 0},
                                         {UINT32_MAX, 0},
                                         {100, 0} /* more than is there */,
                                         {8, 1}};
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        struct both b = new_ring();
        frame(&b)[0] = frames[i][0];
        frame(&b)[1] = frames[i][1];
        *head_word(&b) = 16;
        broken_after(&b);
    }
    /* The control: the same by hand, but true. */
    struct both b = new_ring();
    frame(&b)[0] = 8;
    *head_word(&b) = 16;
    uint8_t out[RING_RECORD_MAX];
    size_t n;
    uint64_t pos;
    assert_ok(ring_get(&b.in, out, &n, &pos));
    assert_int_equal(n, 8);
    /* Going back. */
    *head_word(&b) = 8;
    broken_after(&b);
}

static void rights(void **state)
{
    (void)state;
    struct ring_fds r;
    struct shm m;
    assert_ok(ring_create(SIZE, &r));
    assert_fails(ERR_DENIED, shm_map(r.data_ro, SHM_READ_WRITE, 1, &m));
    assert_fails(ERR_DENIED, shm_map(r.ack_ro, SHM_READ_WRITE, 1, &m));
    assert_int_not_equal(ftruncate(r.data_rw, 4096), 0);
    struct ring_out out;
    assert_fails(ERR_DENIED, ring_out_attach(&out, r.data_ro, r.ack_ro, -1));
    assert_fails(ERR_CORRUPT, ring_out_attach(&out, r.data_rw, r.data_ro, -1));
    int pipe_fds[2];
    assert_int_equal(pipe(pipe_fds), 0);
    assert_fails(ERR_DENIED, ring_out_attach(&out, pipe_fds[0], r.ack_ro, -1));
    ring_close(&r);
}

/* Two processes at full speed with sleeps on both sides: no wake may get lost. */
enum { MANY = 200000 };

static void wait_for(int fd)
{
    fd_set s;
    FD_ZERO(&s);
    FD_SET(fd, &s);
    struct timeval limit = {5, 0};
    if (select(fd + 1, &s, NULL, NULL, &limit) != 1)
        _exit(3); /* a wake was lost */
    ring_clear_wake(fd);
}

static void consume(struct both *b)
{
    uint8_t out[RING_RECORD_MAX];
    size_t n;
    uint64_t pos = 0;
    for (uint32_t i = 0; i < MANY;) {
        struct err e = ring_get(&b->in, out, &n, &pos);
        if (!failed(e)) {
            uint32_t v;
            memcpy(&v, out, sizeof v);
            if (n != 4 + v % 60 || v != i++)
                _exit(2);
            if (i % 7 == 0 || i == MANY)
                ring_commit(&b->in, pos);
            continue;
        }
        if (err_cat(e) != ERR_AGAIN)
            _exit(4);
        ring_commit(&b->in, pos);
        if (ring_sleep(&b->in, RING_WAKE_DURABLE))
            wait_for(b->fds.to_consumer);
    }
    _exit(0);
}

static void two_processes(void **state)
{
    (void)state;
    struct both b = new_ring();
    pid_t child = fork();
    if (child == 0)
        consume(&b);
    uint8_t bytes[64] = {0};
    uint64_t pos = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        memcpy(bytes, &i, sizeof i);
        struct span s = span(bytes, 4 + i % 60);
        while (failed(ring_put(&b.out, &s, 1, RING_DURABLE, &pos)))
            if (!ring_out_await(&b.out, ring_out_room_at(&b.out, ring_frame(s.n))))
                wait_for(b.fds.to_producer);
        if (i % 1000 == 0 && !ring_out_await(&b.out, pos))
            wait_for(b.fds.to_producer);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(ring_committed(&b.out), pos);
    free_ring(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_around_the_end),
        cmocka_unit_test(limits),
        cmocka_unit_test(new_consumer),
        cmocka_unit_test(new_producer),
        cmocka_unit_test(exactly_once),
        cmocka_unit_test(false_intention),
        cmocka_unit_test(wakes_of_the_consumer),
        cmocka_unit_test(wakes_of_the_producer),
        cmocka_unit_test(lies),
        cmocka_unit_test(rights),
        cmocka_unit_test(two_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
