/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the log forward. Called by `sanctum ledger` and by the ledger role for pages of records.
 * It holds one frame in memory. A frame that is not whole at the end of the last segment is a
 * commit in the making; anywhere else it is damage.
 *
 *        load_frame ok                    last record of the frame given
 *   ──▶ [in a frame] ◀──────────────────── [between frames] ──▶ ERR_AGAIN at the end
 *                                                │ next segment's first record reached
 *                                                ▼ open_segment
 */
#include "audit_reader.h"
#include "audit_int.h"
#include "audit_time.h"
#include "disk.h"

#include <stdlib.h>

struct audit_reader {
    char *dir;
    uint64_t *firsts; /* of the segments there were when last looked */
    size_t n, cur;
    int fd;          /* segment `cur`, -1 none */
    uint64_t at;     /* byte of the next frame */
    uint64_t judged; /* the end in this segment that was looked behind already */
    uint64_t next;   /* number of the next record */
    uint8_t last[HASH_BYTES];
    struct frame_head frame;
    struct buf bytes;  /* the frame in memory, header first */
    size_t in_payload; /* next record in it */
    uint32_t left;     /* records of it not yet given */
    struct audit_fault fault;
};

static struct err corrupt(struct audit_reader *r, const char *why)
{
    uint64_t segment = r->cur < r->n ? r->firsts[r->cur] : 0;
    r->fault = (struct audit_fault){r->next, segment, r->at, why};
    return err(ERR_CORRUPT);
}

struct audit_fault audit_reader_fault(const struct audit_reader *r)
{
    return r->fault;
}

static struct err relist(struct audit_reader *r)
{
    uint64_t *firsts;
    size_t n;
    TRY(segment_list(r->dir, &firsts, &n));
    free(r->firsts);
    r->firsts = firsts;
    r->n = n;
    return OK;
}

/* Open segment `i`. With `chained`, it must begin where the reader is. */
static struct err open_segment(struct audit_reader *r, size_t i, bool chained)
{
    uint8_t bytes[SEGMENT_HEAD];
    struct segment_head h;
    size_t got;
    r->cur = i;
    r->at = r->judged = 0;
    disk_close(&r->fd);
    char *path = segment_path(r->dir, r->firsts[i]);
    if (!path)
        return err(ERR_NOMEM);
    struct err e = disk_open(path, DISK_READ, &r->fd);
    free(path);
    if (!failed(e))
        e = disk_get(r->fd, bytes, sizeof bytes, 0, &got);
    if (disk_is_odd(e))
        return corrupt(r, "altered: the segment is no regular file");
    TRY(e);
    e = segment_head_read(span(bytes, got), &h);
    if (err_cat(e) == ERR_DENIED)
        return corrupt(r, "this segment's format is newer than this program");
    if (failed(e) || h.first != r->firsts[i])
        return corrupt(r, "altered: the segment's header is damaged");
    if (chained && (h.first != r->next || memcmp(h.prev, r->last, HASH_BYTES) != 0))
        return corrupt(r, "altered: the segment does not follow the one before");
    r->next = h.first;
    memcpy(r->last, h.prev, HASH_BYTES);
    r->at = SEGMENT_HEAD;
    r->left = 0;
    return OK;
}

struct err audit_reader_open(const char *dir, struct audit_reader **out)
{
    struct audit_reader *r = malloc(sizeof *r);
    if (!r)
        return err(ERR_NOMEM);
    *r = (struct audit_reader){.fd = -1, .bytes = buf_init(FRAME_MAX), .dir = strdup(dir)};
    struct err e = r->dir ? relist(r) : err(ERR_NOMEM);
    if (failed(e)) {
        audit_reader_close(r);
        return e;
    }
    *out = r;
    return OK;
}

void audit_reader_close(struct audit_reader *r)
{
    if (!r)
        return;
    disk_close(&r->fd);
    buf_free(&r->bytes);
    free(r->firsts);
    free(r->dir);
    free(r);
}

/* The frame's header at r->at. ERR_AGAIN: none there. */
static struct err load_head(struct audit_reader *r)
{
    size_t got;
    r->bytes.n = 0;
    TRY(buf_reserve(&r->bytes, FRAME_HEAD));
    TRY(disk_get(r->fd, r->bytes.p, FRAME_HEAD, r->at, &got));
    if (failed(frame_head_read(span(r->bytes.p, got), &r->frame)) || r->frame.first != r->next ||
        memcmp(r->frame.prev, r->last, HASH_BYTES) != 0)
        return err(ERR_AGAIN);
    r->bytes.n = FRAME_HEAD;
    return OK;
}

/* The whole frame. ERR_AGAIN: not (yet) there. */
static struct err load_frame(struct audit_reader *r)
{
    size_t got;
    TRY(load_head(r));
    TRY(buf_reserve(&r->bytes, r->frame.bytes));
    TRY(disk_get(r->fd, r->bytes.p + FRAME_HEAD, r->frame.bytes, r->at + FRAME_HEAD, &got));
    r->bytes.n += got;
    struct span all = buf_span(&r->bytes);
    if (!frame_is_whole(&r->frame, span_cut(all, 0, FRAME_HEAD), span_from(all, FRAME_HEAD)))
        return err(ERR_AGAIN);
    r->left = r->frame.count;
    r->in_payload = 0;
    return OK;
}

static void pass_frame(struct audit_reader *r)
{
    r->at += frame_size(&r->frame);
    memcpy(r->last, r->frame.self, HASH_BYTES);
}

/* The chain ends here in the last segment: nothing more, a commit in the making, or damage (L5)? */
static struct err judge_end(struct audit_reader *r)
{
    struct segment_walk w = {0};
    size_t got;
    if (r->judged == r->at)
        return err(ERR_AGAIN);
    r->bytes.n = 0;
    TRY(buf_reserve(&r->bytes, FRAME_MAX));
    TRY(disk_get(r->fd, r->bytes.p, FRAME_MAX, r->at, &got));
    if (!all_zero(span(r->bytes.p, got))) {
        TRY(segment_walk(r->fd, &w, NULL, NULL));
        if (w.damaged && w.end == r->at)
            return corrupt(r, "altered: a stored commit is damaged");
    }
    r->judged = r->at;
    return err(ERR_AGAIN);
}

/* Make a frame current, over segment borders. */
static struct err advance(struct audit_reader *r)
{
    if (r->fd < 0) {
        if (r->n == 0)
            TRY(relist(r));
        if (r->n == 0)
            return err(ERR_AGAIN);
        if (r->firsts[0] != 0)
            return corrupt(r, "missing: the first segment is not there");
        TRY(open_segment(r, 0, false));
    }
    for (;;) {
        bool more = r->cur + 1 < r->n;
        if (more && r->next >= r->firsts[r->cur + 1]) {
            TRY(open_segment(r, r->cur + 1, true));
            continue;
        }
        struct err e = load_frame(r);
        if (err_cat(e) != ERR_AGAIN)
            return e;
        if (more)
            return corrupt(r, "altered: records are missing or damaged");
        size_t before = r->n;
        TRY(relist(r));
        if (r->n == before)
            return judge_end(r);
    }
}

struct err audit_reader_next(struct audit_reader *r, struct audit_entry *e)
{
    if (r->left == 0)
        TRY(advance(r));
    struct span payload = span_from(buf_span(&r->bytes), FRAME_HEAD);
    if (failed(frame_record(payload, &r->in_payload, &e->json)))
        return err(ERR_BUG); /* frame_is_whole counted them */
    e->seq = r->next++;
    if (--r->left == 0)
        pass_frame(r);
    return OK;
}

const uint8_t *audit_reader_frame(const struct audit_reader *r)
{
    return r->left ? NULL : r->last;
}

/* The last segment that begins at or before `seq`. */
static struct err open_for(struct audit_reader *r, uint64_t seq)
{
    TRY(relist(r));
    size_t i = 0;
    while (i + 1 < r->n && r->firsts[i + 1] <= seq)
        i++;
    return r->n ? open_segment(r, i, false) : OK;
}

struct err audit_reader_seek(struct audit_reader *r, uint64_t seq)
{
    TRY(open_for(r, seq));
    while (r->fd >= 0 && !failed(load_head(r)) && r->frame.first + r->frame.count <= seq) {
        r->next += r->frame.count;
        pass_frame(r);
    }
    struct audit_entry e;
    while (r->next < seq) {
        struct err end = audit_reader_next(r, &e);
        if (failed(end))
            return err_cat(end) == ERR_AGAIN ? OK : end;
    }
    return OK;
}

struct err audit_reader_end(struct audit_reader *r, uint64_t *next)
{
    TRY(audit_reader_seek(r, UINT64_MAX));
    *next = r->next;
    return OK;
}

struct err audit_entry_time(struct span json, uint64_t *ns)
{
    struct span name = SPAN_LIT("\"time\":\"");
    size_t at = span_search(json, 0, name);
    if (at == json.n)
        return err(ERR_INPUT);
    return audit_time_read(span_cut(json, at + name.n, AUDIT_TIME_BYTES), ns);
}

/* The time of a segment's first record; false when it has none. */
static bool segment_time(struct audit_reader *r, size_t i, uint64_t *ns)
{
    struct audit_entry e;
    return !failed(open_segment(r, i, false)) && !failed(audit_reader_next(r, &e)) &&
           !failed(audit_entry_time(e.json, ns));
}

struct err audit_reader_seek_time(struct audit_reader *r, uint64_t ns)
{
    uint64_t t;
    TRY(relist(r));
    size_t i = r->n;
    while (i > 0 && !(segment_time(r, i - 1, &t) && t < ns))
        i--;
    if (r->n)
        TRY(open_segment(r, i ? i - 1 : 0, false));
    for (;;) {
        struct audit_entry e;
        uint64_t seq = r->next;
        struct err end = audit_reader_next(r, &e);
        if (failed(end))
            return err_cat(end) == ERR_AGAIN ? OK : end;
        if (!failed(audit_entry_time(e.json, &t)) && t >= ns)
            return audit_reader_seek(r, seq);
    }
}
