/* SPDX-License-Identifier: Apache-2.0 */
/* The segment format: headers, frames, file names, and the walk that both recovery and tests use.
 */
#define _GNU_SOURCE
#include "audit_int.h"
#include "disk.h"
#include "num.h"
#include "rd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SEGMENT_MAGIC "sanctum segment\n"
#define SEGMENT_STEM  "segment-"
enum { FORMAT = 1, NAMES_MAX = 8 * 1024 * 1024 };
#define FRAME_MAGIC 0x314d5246U /* "FRM1" */

void segment_head_write(const struct segment_head *h, uint8_t out[SEGMENT_HEAD])
{
    struct wr w = wr_of(out, SEGMENT_HEAD);
    wr_str(&w, SEGMENT_MAGIC);
    wr_le(&w, 4, FORMAT);
    wr_le(&w, 4, 0);
    wr_le(&w, 8, h->first);
    wr_put(&w, span(h->prev, HASH_BYTES));
}

struct err segment_head_read(struct span in, struct segment_head *h)
{
    struct rd r = rd_of(in);
    struct span magic, prev;
    uint64_t format, zero;
    TRY(rd_take(&r, sizeof SEGMENT_MAGIC - 1, &magic));
    TRY(rd_le(&r, 4, &format));
    TRY(rd_le(&r, 4, &zero));
    TRY(rd_le(&r, 8, &h->first));
    TRY(rd_take(&r, HASH_BYTES, &prev));
    memcpy(h->prev, prev.p, HASH_BYTES);
    if (!span_is(magic, SEGMENT_MAGIC))
        return err(ERR_INPUT);
    if (format != FORMAT)
        return err(ERR_DENIED);
    return zero ? err(ERR_INPUT) : OK;
}

uint64_t frame_size(const struct frame_head *h)
{
    return FRAME_HEAD + (((uint64_t)h->bytes + 7) & ~UINT64_C(7));
}

static void frame_hash(struct span head, struct span payload, uint8_t out[HASH_BYTES])
{
    struct span parts[] = {span_cut(head, 0, FRAME_HASHED), payload};
    hash_sha256_parts(parts, 2, out);
}

void frame_seal(struct frame_head *h, uint8_t *p)
{
    struct wr w = wr_of(p, FRAME_HEAD);
    wr_le(&w, 4, FRAME_MAGIC);
    wr_le(&w, 4, h->bytes);
    wr_le(&w, 8, h->first);
    wr_le(&w, 4, h->count);
    wr_le(&w, 4, h->synced);
    wr_put(&w, span(h->prev, HASH_BYTES));
    frame_hash(span(p, FRAME_HASHED), span(p + FRAME_HEAD, h->bytes), h->self);
    wr_put(&w, span(h->self, HASH_BYTES));
}

struct err frame_head_read(struct span in, struct frame_head *h)
{
    struct rd r = rd_of(in);
    struct span prev, self;
    uint64_t magic, bytes, count, synced;
    TRY(rd_le(&r, 4, &magic));
    TRY(rd_le(&r, 4, &bytes));
    TRY(rd_le(&r, 8, &h->first));
    TRY(rd_le(&r, 4, &count));
    TRY(rd_le(&r, 4, &synced));
    TRY(rd_take(&r, HASH_BYTES, &prev));
    TRY(rd_take(&r, HASH_BYTES, &self));
    if (magic != FRAME_MAGIC || bytes > AUDIT_COMMIT_MAX || count == 0 || count > bytes / 2 ||
        h->first > UINT64_MAX - count)
        return err(ERR_INPUT);
    h->bytes = (uint32_t)bytes;
    h->count = (uint32_t)count;
    h->synced = (uint32_t)synced;
    memcpy(h->prev, prev.p, HASH_BYTES);
    memcpy(h->self, self.p, HASH_BYTES);
    return OK;
}

struct err frame_record(struct span payload, size_t *at, struct span *json)
{
    struct rd r = {payload.p, payload.n, *at};
    uint64_t n;
    if (rd_left(&r) == 0)
        return err(ERR_CLOSED);
    TRY(rd_be(&r, 2, &n));
    TRY(rd_take(&r, n, json));
    *at = r.at;
    return OK;
}

bool frame_is_whole(const struct frame_head *h, struct span head, struct span payload)
{
    uint8_t hash[HASH_BYTES];
    struct span json;
    size_t at = 0;
    uint32_t n = 0;
    frame_hash(head, payload, hash);
    if (payload.n != h->bytes || memcmp(hash, h->self, HASH_BYTES) != 0)
        return false;
    struct err e;
    while (!failed(e = frame_record(payload, &at, &json)))
        n++;
    return err_cat(e) == ERR_CLOSED && n == h->count;
}

char *segment_path(const char *dir, uint64_t first)
{
    char *path;
    return asprintf(&path, "%s/" SEGMENT_STEM "%020llu", dir, (unsigned long long)first) < 0 ? NULL
                                                                                             : path;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* The number in "segment-00000000000000045012". */
static bool segment_number(struct span name, uint64_t *first)
{
    if (name.n != SEGMENT_NAME || !span_starts(name, SPAN_LIT(SEGMENT_STEM)))
        return false;
    struct span digits = span_from(name, sizeof SEGMENT_STEM - 1);
    while (digits.n > 1 && digits.p[0] == '0')
        digits = span_from(digits, 1);
    return !failed(num_u64(digits, UINT64_MAX, first));
}

struct err segment_list(const char *dir, uint64_t **firsts, size_t *n)
{
    BUF_AUTO names = buf_init(NAMES_MAX);
    *firsts = NULL;
    *n = 0;
    struct err e = disk_names(dir, &names);
    if (err_cat(e) == ERR_IO && err_detail(e) == ENOENT)
        return OK;
    TRY(e);
    uint64_t *all = malloc((names.n / SEGMENT_NAME + 1) * sizeof *all);
    if (!all)
        return err(ERR_NOMEM);
    for (size_t at = 0; at < names.n;) {
        size_t end = span_find(buf_span(&names), at, 0);
        *n += segment_number(span(names.p + at, end - at), &all[*n]);
        at = end + 1;
    }
    qsort(all, *n, sizeof *all, by_number);
    *firsts = all;
    return OK;
}

bool all_zero(struct span s)
{
    return s.n == 0 || (s.p[0] == 0 && memcmp(s.p, s.p + 1, s.n - 1) == 0);
}

/* A whole frame at `at`? */
static bool frame_at(struct span seg, uint64_t at, struct frame_head *h)
{
    struct span head = span_cut(seg, at, FRAME_HEAD);
    if (failed(frame_head_read(head, h)))
        return false;
    return frame_is_whole(h, head, span_cut(seg, at + FRAME_HEAD, h->bytes));
}

/* Whole frames in the chain, from the header on. */
static void walk_chain(struct span seg, struct segment_walk *w,
                       void (*each)(void *arg, const struct frame_head *h), void *arg)
{
    struct frame_head h;
    while (frame_at(seg, w->end, &h) && h.first == w->next &&
           memcmp(h.prev, w->last, HASH_BYTES) == 0) {
        w->end += frame_size(&h);
        w->next += h.count;
        memcpy(w->last, h.self, HASH_BYTES);
        if (each)
            each(arg, &h);
    }
}

/* L5: a later frame that was written when the place where the chain ends had been synchronised. */
static bool was_stored(struct span seg, uint64_t end)
{
    struct frame_head h;
    for (uint64_t at = end + 8; at + FRAME_HEAD <= seg.n; at += 8)
        if (frame_at(seg, at, &h) && h.synced > end)
            return true;
    return false;
}

struct err segment_walk(int fd, struct segment_walk *w,
                        void (*each)(void *arg, const struct frame_head *h), void *arg)
{
    uint64_t size, written;
    size_t got;
    TRY(disk_size(fd, &size));
    if (size > 16 * (uint64_t)AUDIT_SEGMENT_BYTES)
        return err(ERR_CORRUPT);
    TRY(disk_written(fd, &written)); /* most of a young segment is only reserved */
    if (written > size)
        written = size;
    uint8_t *p = malloc(written + 1);
    if (!p)
        return err(ERR_NOMEM);
    struct err e = disk_get(fd, p, written, 0, &got);
    struct span seg = span(p, got);
    if (!failed(e))
        e = segment_head_read(span_cut(seg, 0, SEGMENT_HEAD), &w->head);
    if (!failed(e)) {
        w->end = SEGMENT_HEAD;
        w->next = w->head.first;
        memcpy(w->last, w->head.prev, HASH_BYTES);
        walk_chain(seg, w, each, arg);
        w->clean = all_zero(span_from(seg, w->end));
        w->damaged = !w->clean && was_stored(seg, w->end);
    }
    free(p);
    return e;
}
