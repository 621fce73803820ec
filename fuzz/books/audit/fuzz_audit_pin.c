/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pin and the segments of the log, as a stranger may have left them on disk. Any bytes as each
 * of them; and a log of two segments made from the input, one byte of it changed: what is read is
 * what was written, up to the damage, and damage before the last segment is told.
 */
#include "audit_int.h"
#include "audit_pin_int.h"
#include "audit_time.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* covers: src/books/audit/audit_pin.c src/books/audit/audit_frame.c src/books/audit/audit_time.c */
/* covers: src/books/audit/audit_reader.c */
/* planted: src/books/audit/audit_pin.c | text.n != end + 2 + 2 * HASH_BYTES | text.n < end + 2 + 2
 * * HASH_BYTES */

enum { SEGMENTS = 2, BYTES = 1 << 16, RECORDS = 4096 };

static char folder[64];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void put_file(const char *path, struct span bytes)
{
    FILE *f = fopen(path, "wb");
    must(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n && fclose(f) == 0);
}

static void put_segment(uint64_t first, struct span bytes)
{
    char *path = segment_path(folder, first);
    must(path);
    put_file(path, bytes);
    free(path);
}

static void drop_segment(uint64_t first)
{
    char *path = segment_path(folder, first);
    must(path && unlink(path) == 0);
    free(path);
}

/* ---- a log of our own ---- */

struct log {
    uint8_t bytes[SEGMENTS][BYTES];
    size_t n[SEGMENTS];
    uint64_t first[SEGMENTS];
    struct span record[RECORDS];
    size_t records;
    uint8_t last[HASH_BYTES];
};

/* A segment's frames, of `each` records (a length and bytes) a frame. */
static struct span fill(struct log *l, size_t i, struct span in, size_t each)
{
    uint8_t *p = l->bytes[i];
    struct segment_head head = {.first = l->records};
    memcpy(head.prev, l->last, HASH_BYTES);
    segment_head_write(&head, p);
    l->first[i] = l->records;
    l->n[i] = SEGMENT_HEAD;
    for (size_t frame = 0; in.n && frame < 3; frame++) {
        struct frame_head h = {.first = l->records, .synced = (uint32_t)l->n[i]};
        struct wr w = wr_of(p + l->n[i] + FRAME_HEAD, BYTES - FRAME_HEAD - l->n[i]);
        memcpy(h.prev, l->last, HASH_BYTES);
        for (; in.n && h.count < each; h.count++) {
            struct span record = span_cut(in, 1, in.p[0]);
            wr_be(&w, 2, record.n);
            wr_put(&w, record);
            l->record[l->records++] = record;
            in = span_from(in, 1 + record.n);
        }
        h.bytes = (uint32_t)w.n;
        memset(w.p + w.n, 0, 8);
        frame_seal(&h, p + l->n[i]);
        memcpy(l->last, h.self, HASH_BYTES);
        l->n[i] += frame_size(&h);
    }
    return in;
}

/* Read to the end: the records are those of the log, in order. */
static struct err read_all(struct audit_reader *r, const struct log *l, size_t *n)
{
    struct audit_entry e;
    struct err end;
    uint64_t ns;
    for (*n = 0; !failed(end = audit_reader_next(r, &e)); (*n)++) {
        must(e.seq == *n && (!l || (*n < l->records && span_eq(e.json, l->record[*n]))));
        (void)!failed(audit_entry_time(e.json, &ns));
    }
    must(err_cat(end) == ERR_AGAIN || (err_cat(end) == ERR_CORRUPT && audit_reader_fault(r).why));
    return end;
}

static void read_log(const struct log *l, bool damaged, size_t where, uint64_t seek)
{
    struct audit_reader *r;
    struct audit_entry e;
    size_t n;
    uint64_t next;
    must(!failed(audit_reader_open(folder, &r)));
    struct err end = read_all(r, l, &n);
    must(err_cat(end) == ERR_CORRUPT || n == l->records || (damaged && where == SEGMENTS - 1));
    must(damaged || err_cat(end) == ERR_AGAIN);
    if (!failed(audit_reader_seek(r, seek)) && !failed(audit_reader_next(r, &e)))
        must(e.seq == seek && span_eq(e.json, l->record[seek]));
    must(damaged || (!failed(audit_reader_end(r, &next)) && next == l->records));
    (void)!failed(audit_reader_seek_time(r, UINT64_C(1700000000000000000)));
    audit_reader_close(r);
}

/* Byte 0: records a frame, and whether one byte is changed; 1 and 2: which one; 3: how. */
static void own_log(struct span in)
{
    static struct log l;
    if (in.n < 4 || in.n > RECORDS)
        return;
    l.records = 0;
    memset(l.last, 0, sizeof l.last);
    struct span rest = fill(&l, 0, span_from(in, 4), 1 + in.p[0] % 8);
    (void)fill(&l, 1, rest, 1 + in.p[0] % 8);
    size_t where = in.p[1] % SEGMENTS, at = (in.p[1] / SEGMENTS * 256U + in.p[2]) % l.n[where];
    bool damaged = in.p[0] >= 0x80 && in.p[3];
    if (damaged)
        l.bytes[where][at] ^= in.p[3];
    size_t used = l.first[1] ? SEGMENTS : 1; /* a second one of the same name is none */
    for (size_t i = 0; i < used; i++)
        put_segment(l.first[i], span(l.bytes[i], l.n[i]));
    read_log(&l, damaged, used == 1 ? SEGMENTS - 1 : where, in.p[2]);
    for (size_t i = 0; i < used; i++)
        drop_segment(l.first[i]);
}

/* ---- any bytes ---- */

static void as_segment(struct span in)
{
    struct audit_reader *r;
    size_t n;
    put_segment(0, in);
    must(!failed(audit_reader_open(folder, &r)));
    struct err e = read_all(r, NULL, &n);
    must(failed(e));
    audit_reader_close(r);
    drop_segment(0);
}

/* A pin has one text. */
static void as_pin(struct span in)
{
    char path[80];
    uint8_t back[256];
    struct audit_pin pin, again;
    bool pinned = !failed(audit_pin_parse(in, &pin));
    snprintf(path, sizeof path, "%s/pin", folder);
    must(failed(audit_pin_read(folder, &again)));
    must(!failed(audit_pin_read(path, &again)) && again.next == 0);
    if (!pinned)
        return;
    must(!failed(audit_pin_write(path, &pin)) &&
         !failed(audit_pin_records(path, &again.next, again.last)));
    must(again.next == pin.next && memcmp(again.last, pin.last, HASH_BYTES) == 0);
    FILE *f = fopen(path, "rb");
    must(f && span_eq(span(back, fread(back, 1, sizeof back, f)), in) && fclose(f) == 0);
    must(unlink(path) == 0);
}

static void as_heads(struct span in)
{
    struct segment_head segment;
    struct frame_head frame;
    struct span json;
    size_t at = 0;
    uint8_t again[SEGMENT_HEAD];
    if (!failed(segment_head_read(in, &segment))) {
        segment_head_write(&segment, again);
        must(span_eq(span(again, sizeof again), span_cut(in, 0, sizeof again)));
    }
    if (!failed(frame_head_read(in, &frame)))
        must(frame_size(&frame) >= frame.bytes);
    while (!failed(frame_record(in, &at, &json)))
        must(json.n == 0 || (json.p >= in.p && json.p + json.n <= in.p + in.n));
}

static void as_time(struct span in)
{
    uint64_t ns;
    uint8_t text[AUDIT_TIME_BYTES];
    struct wr w = wr_of(text, sizeof text);
    if (failed(audit_time_read(in, &ns)))
        return;
    audit_time_put(&w, ns);
    must(span_starts(wr_span(&w), span_cut(in, 0, 19)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span(data, size);
    const char *temp = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%.40s/audit-XXXXXX", temp ? temp : "/tmp");
    must(mkdtemp(folder) != NULL);
    as_heads(in);
    as_time(in);
    as_pin(in);
    as_segment(in);
    own_log(in);
    must(rmdir(folder) == 0);
    return 0;
}
