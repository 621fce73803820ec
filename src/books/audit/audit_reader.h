/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the log, also while it is being written. Everything read is checked: each frame's hash,
 * the chain from frame to frame and segment to segment, the record numbers.
 */
#ifndef SANCTUM_AUDIT_READER_H
#define SANCTUM_AUDIT_READER_H

#include "err.h"
#include "span.h"

struct audit_entry {
    uint64_t seq;
    struct span json; /* borrowed until the next call */
};

struct audit_reader;
/* At record 0. A missing directory is an empty log. */
MUST struct err audit_reader_open(const char *dir, struct audit_reader **out);
void audit_reader_close(struct audit_reader *r);

/* The next record. ERR_AGAIN: the end for now, ask again later. ERR_CORRUPT: audit_reader_fault
 * says where and what; the reader stays there. */
MUST struct err audit_reader_next(struct audit_reader *r, struct audit_entry *e);
/* Go to record `seq`, or to the end when there are fewer. Frames skipped are not checked. */
MUST struct err audit_reader_seek(struct audit_reader *r, uint64_t seq);
/* Go to the first record of or after the time (records are nearly, not strictly, in its order: the
 * first whose segment may hold it, then one by one). */
MUST struct err audit_reader_seek_time(struct audit_reader *r, uint64_t ns);
/* How many records there are now: the number after the last. Moves the reader there. */
MUST struct err audit_reader_end(struct audit_reader *r, uint64_t *next);

/* The hash of the frame given last, 32 bytes; NULL while records of a frame are still to come. */
const uint8_t *audit_reader_frame(const struct audit_reader *r);

struct audit_fault {
    uint64_t seq;     /* the first record that is wrong or missing */
    uint64_t segment; /* its segment's first record */
    uint64_t at;      /* byte in the segment */
    const char *why;
};
struct audit_fault audit_reader_fault(const struct audit_reader *r);

/* The time in a record's JSON. ERR_INPUT when it has none. */
MUST struct err audit_entry_time(struct span json, uint64_t *ns);

#endif
