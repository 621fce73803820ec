/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record ring. ring_put and ring_get run for every record of every request; everything else is
 * start-up or happens once a commit. A frame is {u32 bytes, u32 zero} and the record, padded to 8;
 * since the size is a multiple of 8, a frame's head never wraps, its record may.
 */
#define _GNU_SOURCE
#include "ring.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    FRAME_HEAD = 8,
    LINE = 64, /* words of different writers and rhythms are a cache line apart */
};
#define DATA_MAGIC 0x31474e52434e4153U /* "SANCRNG1" */
#define ACK_MAGIC  0x314b4341434e4153U /* "SANCACK1" */

/* First page of the producer's segment; the records follow on the next page. */
struct data_page {
    uint64_t magic, size;
    _Alignas(LINE) _Atomic uint64_t head;
    _Alignas(LINE) _Atomic uint64_t awaited; /* wake me when committed reaches this; 0: never */
};

/* The consumer's segment. */
struct ack_page {
    uint64_t magic;
    _Alignas(LINE) _Atomic uint64_t committed;
    _Alignas(LINE) _Atomic uint64_t sleep; /* how many times it lay down << 2 | enum ring_sleep */
    /* R5, for the next consumer only: up to `intended` is stored if the store reached `mark`. */
    _Alignas(LINE) _Atomic uint64_t intended;
    _Atomic uint64_t mark; /* 0: nothing is intended */
};

size_t ring_frame(size_t n)
{
    return FRAME_HEAD + ((n + 7) & ~(size_t)7);
}

static bool size_ok(uint64_t size)
{
    return size >= RING_SIZE_MIN && size <= RING_SIZE_MAX && (size & (size - 1)) == 0;
}

/* ---- making one ---- */

static struct err new_wake(int *fd)
{
    *fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return *fd < 0 ? err_make(ERR_IO, (uint32_t)errno) : OK;
}

static struct err format(const struct ring_fds *r, size_t size)
{
    struct shm data, ack;
    TRY(shm_map(r->data_rw, SHM_READ_WRITE, PAGE + size, &data));
    struct err e = shm_map(r->ack_rw, SHM_READ_WRITE, PAGE, &ack);
    if (!failed(e)) {
        *(struct data_page *)data.p = (struct data_page){.magic = DATA_MAGIC, .size = size};
        *(struct ack_page *)ack.p = (struct ack_page){.magic = ACK_MAGIC};
        shm_unmap(&ack);
    }
    shm_unmap(&data);
    return e;
}

static struct err create(size_t size, struct ring_fds *r)
{
    TRY(shm_create("sanctum-ring", PAGE + size, &r->data_rw));
    TRY(shm_create("sanctum-ring-ack", PAGE, &r->ack_rw));
    TRY(shm_read_only(r->data_rw, &r->data_ro));
    TRY(shm_read_only(r->ack_rw, &r->ack_ro));
    TRY(new_wake(&r->to_consumer));
    TRY(new_wake(&r->to_producer));
    return format(r, size);
}

struct err ring_create(size_t size, struct ring_fds *out)
{
    *out = (struct ring_fds){-1, -1, -1, -1, -1, -1};
    if (!size_ok(size))
        return err(ERR_LIMIT);
    struct err e = create(size, out);
    if (failed(e))
        ring_close(out);
    return e;
}

void ring_close(struct ring_fds *r)
{
    int *fds[] = {&r->data_rw, &r->data_ro,     &r->ack_rw,
                  &r->ack_ro,  &r->to_consumer, &r->to_producer};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
}

static void wake(int fd)
{
    uint64_t one = 1;
    /* It can only fail when 2^64 - 2 wakes are unread: then the other side is awake. */
    ssize_t put = write(fd, &one, sizeof one);
    (void)put;
}

void ring_clear_wake(int fd)
{
    uint64_t count;
    ssize_t got = read(fd, &count, sizeof count);
    (void)got;
}

/* Map both segments and check what never changes. */
static struct err map_both(int data_fd, enum shm_rights data_rights, int ack_fd,
                           enum shm_rights ack_rights, struct shm *data, struct shm *ack)
{
    *ack = (struct shm){0};
    TRY(shm_map(data_fd, data_rights, PAGE + RING_SIZE_MIN, data));
    TRY(shm_map(ack_fd, ack_rights, PAGE, ack));
    const struct data_page *d = data->p;
    const struct ack_page *a = ack->p;
    bool fine = d->magic == DATA_MAGIC && a->magic == ACK_MAGIC && data->n > PAGE &&
                d->size == data->n - PAGE && size_ok(data->n - PAGE);
    return fine ? OK : err(ERR_CORRUPT);
}

/* ---- producer ---- */

static struct data_page *out_page(const struct ring_out *r)
{
    return r->data.p;
}

struct err ring_out_attach(struct ring_out *r, int data_rw, int ack_ro, int wake_fd)
{
    *r = (struct ring_out){.wake = wake_fd};
    struct err e = map_both(data_rw, SHM_READ_WRITE, ack_ro, SHM_READ, &r->data, &r->ack);
    if (!failed(e)) {
        const struct ack_page *a = r->ack.p;
        r->size = r->data.n - PAGE;
        r->head = atomic_load_explicit(&out_page(r)->head, memory_order_acquire);
        r->committed = atomic_load_explicit(&a->committed, memory_order_acquire);
        if (r->head - r->committed > r->size)
            e = err(ERR_CORRUPT);
    }
    if (failed(e))
        ring_out_detach(r);
    return e;
}

void ring_out_detach(struct ring_out *r)
{
    shm_unmap(&r->data);
    shm_unmap(&r->ack);
    if (r->wake >= 0)
        close(r->wake);
    r->wake = -1;
}

uint64_t ring_committed(struct ring_out *r)
{
    const struct ack_page *a = r->ack.p;
    uint64_t c = atomic_load_explicit(&a->committed, memory_order_acquire);
    /* R1, R3: a word that cannot be true changes nothing. */
    if (c - r->committed <= r->head - r->committed)
        r->committed = c;
    return r->committed;
}

size_t ring_out_pending(struct ring_out *r)
{
    return (size_t)(r->head - ring_committed(r));
}

bool ring_out_has_room(struct ring_out *r, size_t bytes)
{
    if (r->head - r->committed + bytes <= r->size)
        return true;
    return r->head - ring_committed(r) + bytes <= r->size;
}

uint64_t ring_out_room_at(struct ring_out *r, size_t bytes)
{
    return ring_out_has_room(r, bytes) ? r->committed : r->head + bytes - r->size;
}

/* Copy s to position `at` on, around the end where it must. */
static void put_bytes(struct ring_out *r, uint64_t at, struct span s)
{
    uint8_t *base = (uint8_t *)r->data.p + PAGE;
    size_t from = (size_t)at & (r->size - 1);
    struct span head = span_cut(s, 0, r->size - from), tail = span_from(s, head.n);
    if (head.n)
        memcpy(base + from, head.p, head.n);
    if (tail.n)
        memcpy(base, tail.p, tail.n);
}

/* R4: head is published; now look whether the consumer sleeps and wants to know. */
static void wake_consumer(struct ring_out *r, enum ring_urgency u)
{
    atomic_thread_fence(memory_order_seq_cst);
    const struct ack_page *a = r->ack.p;
    uint64_t s = atomic_load_explicit(&a->sleep, memory_order_relaxed);
    enum ring_sleep how = (enum ring_sleep)(s & 3);
    if (how == RING_AWAKE || s == r->woken)
        return;
    if (how == RING_WAKE_ANY || u == RING_DURABLE || ring_out_pending(r) >= r->size / 2) {
        r->woken = s;
        wake(r->wake);
    }
}

struct err ring_put(struct ring_out *r, const struct span *parts, size_t count, enum ring_urgency u,
                    uint64_t *pos)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].n > RING_RECORD_MAX - n)
            return err(ERR_LIMIT);
        n += parts[i].n;
    }
    if (n == 0)
        return err(ERR_LIMIT);
    size_t need = ring_frame(n);
    if (!ring_out_has_room(r, need))
        return err(ERR_AGAIN);
    uint32_t frame[2] = {(uint32_t)n, 0};
    put_bytes(r, r->head, span(frame, sizeof frame));
    uint64_t at = r->head + FRAME_HEAD;
    for (size_t i = 0; i < count; i++) {
        put_bytes(r, at, parts[i]);
        at += parts[i].n;
    }
    r->head += need;
    *pos = r->head;
    atomic_store_explicit(&out_page(r)->head, r->head, memory_order_release);
    wake_consumer(r, u);
    return OK;
}

bool ring_out_await(struct ring_out *r, uint64_t pos)
{
    if (ring_committed(r) >= pos)
        return true;
    atomic_store_explicit(&out_page(r)->awaited, pos, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    return ring_committed(r) >= pos;
}

/* ---- consumer ---- */

static struct ack_page *in_page(const struct ring_in *r)
{
    return r->ack.p;
}

static uint64_t in_head(const struct ring_in *r)
{
    const struct data_page *d = r->data.p;
    return atomic_load_explicit(&d->head, memory_order_acquire);
}

struct err ring_in_attach(struct ring_in *r, int data_ro, int ack_rw, int wake_fd)
{
    *r = (struct ring_in){.wake = wake_fd};
    struct err e = map_both(data_ro, SHM_READ, ack_rw, SHM_READ_WRITE, &r->data, &r->ack);
    if (failed(e)) {
        ring_in_detach(r);
        return e;
    }
    r->size = r->data.n - PAGE;
    r->committed = atomic_load_explicit(&in_page(r)->committed, memory_order_acquire);
    r->read = r->committed;
    /* The predecessor may have been asleep: its sleeps count on. */
    r->sleeps = atomic_load_explicit(&in_page(r)->sleep, memory_order_relaxed) >> 2;
    return OK;
}

void ring_in_detach(struct ring_in *r)
{
    shm_unmap(&r->data);
    shm_unmap(&r->ack);
    if (r->wake >= 0)
        close(r->wake);
    r->wake = -1;
}

static void get_bytes(const struct ring_in *r, uint64_t at, uint8_t *out, size_t n)
{
    const uint8_t *base = (const uint8_t *)r->data.p + PAGE;
    size_t from = (size_t)at & (r->size - 1);
    size_t first = n < r->size - from ? n : r->size - from;
    memcpy(out, base + from, first);
    if (n > first)
        memcpy(out + first, base, n - first);
}

static struct err break_ring(struct ring_in *r)
{
    r->broken = true;
    return err(ERR_INPUT);
}

struct err ring_get(struct ring_in *r, uint8_t out[RING_RECORD_MAX], size_t *n, uint64_t *pos)
{
    if (r->broken)
        return err(ERR_INPUT);
    uint64_t head = in_head(r);
    if (head == r->read)
        return err(ERR_AGAIN);
    uint64_t ready = head - r->read;
    if (ready > r->size || head - r->committed > r->size || (head & 7) != 0)
        return break_ring(r);
    /* The producer may change all this while we look: each word is read once, then checked. */
    uint32_t frame[2];
    get_bytes(r, r->read, (uint8_t *)frame, sizeof frame);
    __asm__ volatile("" : "+m"(frame));
    size_t bytes = frame[0];
    if (bytes == 0 || bytes > RING_RECORD_MAX || frame[1] != 0 || ring_frame(bytes) > ready)
        return break_ring(r);
    get_bytes(r, r->read + FRAME_HEAD, out, bytes);
    r->read += ring_frame(bytes);
    *n = bytes;
    *pos = r->read;
    return OK;
}

void ring_commit(struct ring_in *r, uint64_t pos)
{
    if (pos - r->committed > r->read - r->committed)
        return; /* R1, R3 */
    r->committed = pos;
    atomic_store_explicit(&in_page(r)->committed, pos, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    const struct data_page *d = r->data.p;
    uint64_t awaited = atomic_load_explicit(&d->awaited, memory_order_relaxed);
    if (awaited == 0 || awaited > pos || awaited == r->woken)
        return;
    r->woken = awaited;
    wake(r->wake);
}

/* The mark is away while the position changes: whoever dies in between intended nothing. */
void ring_intend(struct ring_in *r, uint64_t pos, uint64_t mark)
{
    struct ack_page *a = in_page(r);
    atomic_store_explicit(&a->mark, 0, memory_order_seq_cst);
    atomic_store_explicit(&a->intended, pos, memory_order_seq_cst);
    atomic_store_explicit(&a->mark, mark, memory_order_seq_cst);
}

void ring_resume(struct ring_in *r, uint64_t reached)
{
    struct ack_page *a = in_page(r);
    uint64_t mark = atomic_load_explicit(&a->mark, memory_order_seq_cst);
    uint64_t pos = atomic_load_explicit(&a->intended, memory_order_seq_cst);
    if (mark && mark <= reached && pos - r->committed <= in_head(r) - r->committed) {
        r->read = pos;
        ring_commit(r, pos);
    }
    atomic_store_explicit(&a->mark, 0, memory_order_seq_cst);
}

bool ring_sleep(struct ring_in *r, enum ring_sleep how)
{
    if (how != RING_AWAKE)
        r->sleeps++;
    atomic_store_explicit(&in_page(r)->sleep, r->sleeps << 2 | how, memory_order_release);
    if (how == RING_AWAKE)
        return true;
    atomic_thread_fence(memory_order_seq_cst);
    if (r->broken || in_head(r) == r->read)
        return true;
    atomic_store_explicit(&in_page(r)->sleep, r->sleeps << 2 | RING_AWAKE, memory_order_release);
    return false;
}
