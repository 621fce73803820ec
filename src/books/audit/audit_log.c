/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer of the log. Frequent: audit_log_add and one audit_log_commit for all that is queued:
 * one write into reserved space, one synchronisation. Rare: a new segment, every 16 MiB. What never
 * happens: a record acknowledged that a crash could lose (L2), a second write to synchronised
 * bytes (L3).
 */
#define _GNU_SOURCE
#include "audit_log.h"
#include "audit_int.h"
#include "audit_pin_int.h"
#include "disk.h"
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct audit_log {
    struct audit_log_options o;
    struct audit_disk disk;
    char boot[AUDIT_BOOT_MAX + 1];
    char *dir, *pin, *spare; /* spare: path of the segment reserved ahead */
    int fd, spare_fd;
    uint64_t size; /* of the segment's file */
    uint64_t spare_size;
    uint64_t end;    /* where the next frame goes */
    uint64_t synced; /* bytes of the segment known to be on the medium */
    uint64_t next;   /* number of the next record stored, pending ones not counted */
    uint8_t last[HASH_BYTES];
    bool spent;      /* L4: no more frames into this segment */
    uint64_t pinned; /* `next` as the pin has it */
    uint32_t n_pending;
    struct buf frame; /* FRAME_HEAD free bytes, then the pending payload */
};

static const struct audit_disk real_disk = {disk_put, disk_sync, disk_reserve};

void audit_log_set_disk(struct audit_log *l, const struct audit_disk *d)
{
    l->disk = d ? *d : real_disk;
}

uint64_t audit_log_next(const struct audit_log *l)
{
    return l->next + l->n_pending;
}

size_t audit_log_pending(const struct audit_log *l)
{
    return l->n_pending;
}

bool audit_log_full(const struct audit_log *l)
{
    return l->frame.n + 2 + AUDIT_JSON_MAX > FRAME_HEAD + AUDIT_COMMIT_MAX;
}

/* --- segments ------------------------------------------------------------------------------ */

static struct err reserve_spare(struct audit_log *l, uint64_t bytes)
{
    struct err e = disk_remove(l->spare);
    if (failed(e) && err_detail(e) != ENOENT)
        return e;
    TRY(disk_open(l->spare, DISK_CREATE, &l->spare_fd));
    e = l->disk.reserve(l->spare_fd, bytes);
    l->spare_size = bytes;
    if (failed(e)) {
        disk_close(&l->spare_fd);
        failed(disk_remove(l->spare)); /* gives back what a full disk had left */
    }
    return e;
}

/* Reserve the file for the segment after this one, under a name that is no segment's. A disk that
 * has no room for a whole one may have it for a smaller one. */
static struct err make_spare(struct audit_log *l)
{
    struct err e = OK;
    for (uint64_t bytes = l->o.segment_bytes; l->spare_fd < 0; bytes /= 2) {
        e = reserve_spare(l, bytes);
        if (failed(e) && (err_detail(e) != ENOSPC || bytes / 2 < AUDIT_SEGMENT_BYTES_MIN))
            break;
    }
    return e;
}

/* Go on in a new segment that begins with the next record. On failure all is as before. */
static struct err new_segment(struct audit_log *l)
{
    uint8_t head[SEGMENT_HEAD];
    struct segment_head h = {.first = l->next};
    memcpy(h.prev, l->last, HASH_BYTES);
    segment_head_write(&h, head);
    TRY(make_spare(l));
    char *path = segment_path(l->dir, l->next);
    if (!path)
        return err(ERR_NOMEM);
    struct err e = l->disk.put(l->spare_fd, span(head, sizeof head), 0);
    if (!failed(e))
        e = l->disk.sync(l->spare_fd);
    if (!failed(e))
        e = disk_rename(l->spare, path);
    if (!failed(e))
        e = disk_sync_dir(l->dir);
    free(path);
    if (failed(e)) {
        disk_close(&l->spare_fd); /* half written: make another next time */
        return e;
    }
    disk_close(&l->fd);
    l->fd = l->spare_fd;
    l->spare_fd = -1;
    l->size = l->spare_size;
    l->end = l->synced = SEGMENT_HEAD;
    l->spent = false;
    return OK;
}

/* --- recovery ------------------------------------------------------------------------------ */

/* Is the log at least what the pin says? */
struct pin_check {
    struct audit_pin pin;
    bool differs;
};

static void compare_pin(void *arg, const struct frame_head *h)
{
    struct pin_check *c = arg;
    if (h->first + h->count == c->pin.next && memcmp(h->self, c->pin.last, HASH_BYTES) != 0)
        c->differs = true;
}

static struct err corrupt(struct audit_found *found, const char *why)
{
    found->why = why;
    return err(ERR_CORRUPT);
}

static struct err check_pin(const struct pin_check *c, const struct segment_walk *w,
                            struct audit_found *found)
{
    if (c->pin.next > w->next) {
        found->missing = c->pin.next - w->next;
        return corrupt(found, "truncated: the newest records are missing");
    }
    if (c->differs ||
        (c->pin.next == w->head.first && memcmp(c->pin.last, w->head.prev, HASH_BYTES) != 0))
        return corrupt(found, "rewritten: the log is not the one that was pinned");
    return OK;
}

/* Zero what a torn commit left behind, so that no later reader can take it for a frame. */
static struct err cut_tail(struct audit_log *l, uint64_t from, struct audit_found *found)
{
    static const uint8_t zeros[64 * 1024];
    uint64_t size;
    TRY(disk_size(l->fd, &size));
    for (uint64_t at = from; at < size;) {
        size_t n = size - at < sizeof zeros ? (size_t)(size - at) : sizeof zeros;
        TRY(disk_put(l->fd, span(zeros, n), at));
        at += n;
    }
    found->cut = size - from;
    return disk_sync(l->fd);
}

static struct err open_last(struct audit_log *l, uint64_t first, struct pin_check *pin,
                            struct audit_found *found)
{
    char *path = segment_path(l->dir, first);
    if (!path)
        return err(ERR_NOMEM);
    struct err e = disk_open(path, DISK_WRITE, &l->fd);
    free(path);
    struct segment_walk w = {0};
    if (!failed(e))
        e = segment_walk(l->fd, &w, compare_pin, pin);
    if (disk_is_odd(e))
        return corrupt(found, "altered: a segment is no regular file");
    if (err_cat(e) == ERR_DENIED)
        return corrupt(found, "the log's format is newer than this program");
    if (err_cat(e) == ERR_INPUT || (!failed(e) && w.head.first != first))
        return corrupt(found, "altered: a segment's header is damaged");
    TRY(e);
    if (w.damaged)
        return corrupt(found, "altered: a stored commit is damaged");
    TRY(check_pin(pin, &w, found));
    if (!w.clean)
        TRY(cut_tail(l, w.end, found));
    /* What a killed writer left in the kernel's memory counts as stored from here on (L2). */
    TRY(disk_sync(l->fd));
    TRY(disk_size(l->fd, &l->size));
    l->end = l->synced = w.end;
    l->next = found->next = w.next;
    memcpy(l->last, w.last, HASH_BYTES);
    return OK;
}

static struct err recover(struct audit_log *l, struct audit_found *found)
{
    struct pin_check pin = {0};
    uint64_t *firsts;
    size_t n;
    if (l->pin)
        TRY(audit_pin_read(l->pin, &pin.pin));
    TRY(segment_list(l->dir, &firsts, &n));
    uint64_t last = n ? firsts[n - 1] : 0;
    free(firsts);
    if (n)
        TRY(open_last(l, last, &pin, found));
    else if (pin.pin.next) {
        found->missing = pin.pin.next;
        return corrupt(found, "missing: there is no log where there was one");
    } else
        TRY(new_segment(l));
    l->pinned = pin.pin.next;
    return OK;
}

static struct err set_up(struct audit_log *l, const struct audit_log_options *o)
{
    if (o->boot.n > AUDIT_BOOT_MAX || l->o.segment_bytes < AUDIT_SEGMENT_BYTES_MIN)
        return err(ERR_LIMIT);
    memcpy(l->boot, o->boot.p, o->boot.n);
    l->o.boot = span(l->boot, o->boot.n);
    l->dir = strdup(o->dir);
    l->pin = o->pin ? strdup(o->pin) : NULL;
    if (asprintf(&l->spare, "%s/next-segment", o->dir) < 0)
        l->spare = NULL;
    if (!l->dir || !l->spare || (o->pin && !l->pin))
        return err(ERR_NOMEM);
    TRY(buf_reserve(&l->frame, FRAME_MAX));
    l->frame.n = FRAME_HEAD;
    return file_make_dirs(o->dir, 0700);
}

struct err audit_log_open(const struct audit_log_options *o, struct audit_log **out,
                          struct audit_found *found)
{
    *found = (struct audit_found){0};
    *out = NULL;
    struct audit_log *l = malloc(sizeof *l);
    if (!l)
        return err(ERR_NOMEM);
    *l = (struct audit_log){
        .o = *o, .disk = real_disk, .fd = -1, .spare_fd = -1, .frame = buf_init(FRAME_MAX)};
    if (l->o.segment_bytes == 0)
        l->o.segment_bytes = AUDIT_SEGMENT_BYTES;
    struct err e = set_up(l, o);
    if (!failed(e))
        e = recover(l, found);
    if (failed(e)) {
        audit_log_close(l);
        return e;
    }
    *out = l;
    return OK;
}

void audit_log_close(struct audit_log *l)
{
    if (!l)
        return;
    disk_close(&l->fd);
    disk_close(&l->spare_fd);
    buf_free(&l->frame);
    free(l->dir);
    free(l->pin);
    free(l->spare);
    free(l);
}

/* --- writing ------------------------------------------------------------------------------- */

struct err audit_log_add(struct audit_log *l, const struct audit_record *r, uint64_t *seq)
{
    uint8_t wire[AUDIT_RECORD_MAX];
    struct audit_record clean;
    size_t n;
    TRY(audit_record_encode(r, wire, &n));
    TRY(audit_record_decode(span(wire, n), &clean));
    return audit_log_add_decoded(l, &clean, seq);
}

struct err audit_log_add_decoded(struct audit_log *l, const struct audit_record *r, uint64_t *seq)
{
    if (audit_log_full(l))
        return err(ERR_AGAIN);
    uint8_t *at = l->frame.p + l->frame.n;
    struct wr w = wr_of(at + 2, AUDIT_JSON_MAX);
    *seq = audit_log_next(l);
    TRY(audit_record_json(r, *seq, l->o.boot, &w));
    struct wr length = wr_of(at, 2);
    wr_be(&length, 2, w.n);
    l->frame.n += 2 + w.n;
    l->n_pending++;
    return OK;
}

/* Write and synchronise the sealed frame; on failure the segment is spent (L4). */
static struct err store(struct audit_log *l, struct span frame)
{
    struct err e = l->disk.put(l->fd, frame, l->end);
    if (!failed(e) && l->o.mode == AUDIT_LOG_DURABLE)
        e = l->disk.sync(l->fd);
    l->spent = failed(e);
    return e;
}

/* Batched mode: what the kernel still holds. */
static struct err sync_rest(struct audit_log *l)
{
    if (l->spent || l->synced == l->end)
        return OK;
    struct err e = l->disk.sync(l->fd);
    l->spent = failed(e);
    if (!l->spent)
        l->synced = l->end;
    return e;
}

struct err audit_log_commit(struct audit_log *l)
{
    if (l->n_pending == 0)
        return OK;
    struct frame_head h = {
        .bytes = (uint32_t)(l->frame.n - FRAME_HEAD), .count = l->n_pending, .first = l->next};
    if (l->spent || l->end + frame_size(&h) > l->size) {
        TRY(sync_rest(l)); /* the old segment is whole before a new one begins */
        TRY(new_segment(l));
    }
    h.synced = (uint32_t)l->synced;
    memcpy(h.prev, l->last, HASH_BYTES);
    frame_seal(&h, l->frame.p);
    memset(l->frame.p + l->frame.n, 0, 8);
    TRY(store(l, span(l->frame.p, frame_size(&h))));
    l->end += frame_size(&h);
    if (l->o.mode == AUDIT_LOG_DURABLE)
        l->synced = l->end;
    l->next += h.count;
    memcpy(l->last, h.self, HASH_BYTES);
    l->n_pending = 0;
    l->frame.n = FRAME_HEAD;
    return OK;
}

struct err audit_log_tend(struct audit_log *l)
{
    TRY(sync_rest(l));
    if (l->end > l->size / 2)
        TRY(make_spare(l));
    if (!l->pin || l->pinned == l->next || l->spent)
        return OK;
    struct audit_pin pin = {.next = l->next};
    memcpy(pin.last, l->last, HASH_BYTES);
    TRY(audit_pin_write(l->pin, &pin));
    l->pinned = l->next;
    return OK;
}
