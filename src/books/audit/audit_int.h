/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share: the segment format, and the seam through which tests make
 * the disk fail. Tests may look, nobody else.
 *
 *   segment header, 64 bytes:  "sanctum segment\n"  u32 format  u32 0  u64 first record  hash[32]
 * of the last frame before (zero in the first segment) frame, 8-aligned:          u32 magic  u32
 * payload bytes  u64 first record  u32 records u32 synchronised up to (byte of this segment)
 *                              hash[32] of the frame before  hash[32] of the 56 bytes above +
 * payload payload: (u16 big-endian length, JSON) …  zeros up to 8-alignment the rest is zero.
 */
#ifndef SANCTUM_AUDIT_INT_H
#define SANCTUM_AUDIT_INT_H

#include "audit_log.h"
#include "audit_reader.h"
#include "hash.h"

enum {
    SEGMENT_HEAD = 64,
    FRAME_HEAD = 88,
    FRAME_HASHED = 56,
    FRAME_MAX = FRAME_HEAD + AUDIT_COMMIT_MAX + 8,
    SEGMENT_NAME = 28, /* "segment-" and 20 digits */
};

/* AUDIT_PART_* of a kind, 0 for an unknown one. */
unsigned audit_kind_parts(enum audit_kind kind);

struct segment_head {
    uint64_t first;
    uint8_t prev[HASH_BYTES];
};
void segment_head_write(const struct segment_head *h, uint8_t out[SEGMENT_HEAD]);
/* ERR_INPUT: no header; ERR_DENIED: a newer format. */
MUST struct err segment_head_read(struct span in, struct segment_head *h);

struct frame_head {
    uint32_t bytes, count, synced;
    uint64_t first;
    uint8_t prev[HASH_BYTES], self[HASH_BYTES];
};
/* Fill p[0..FRAME_HEAD) in front of the payload that follows it in memory; sets h->self. */
void frame_seal(struct frame_head *h, uint8_t *p);
/* Read a header. ERR_INPUT: there is none, or it cannot be true. */
MUST struct err frame_head_read(struct span in, struct frame_head *h);
/* Does the frame hold what its own hash says, and `count` records? */
bool frame_is_whole(const struct frame_head *h, struct span head, struct span payload);
/* Bytes the frame takes in the segment. */
uint64_t frame_size(const struct frame_head *h);
/* The next record of a payload. ERR_CLOSED after the last. */
MUST struct err frame_record(struct span payload, size_t *at, struct span *json);

bool all_zero(struct span s);

/* "DIR/segment-00000000000000000000", malloc'd. NULL without memory. */
char *segment_path(const char *dir, uint64_t first);
/* First records of all segments, ascending; malloc'd. A missing directory has none. */
MUST struct err segment_list(const char *dir, uint64_t **firsts, size_t *n);

/*
 * Walk the frames of one segment from its start. `each` (may be NULL) sees every whole frame in the
 * chain; the walk ends at the first byte that begins none.
 */
struct segment_walk {
    struct segment_head head;
    uint64_t end;             /* byte after the last whole frame */
    uint64_t next;            /* number after its last record */
    uint8_t last[HASH_BYTES]; /* hash of the last frame, or head.prev */
    bool damaged;             /* a frame that had been synchronised is not whole (L5) */
    bool clean;               /* only zeros follow */
};
MUST struct err segment_walk(int fd, struct segment_walk *w,
                             void (*each)(void *arg, const struct frame_head *h), void *arg);

/* How the writer reaches the disk. */
struct audit_disk {
    struct err (*put)(int fd, struct span s, uint64_t at);
    struct err (*sync)(int fd);
    struct err (*reserve)(int fd, uint64_t size);
};
void audit_log_set_disk(struct audit_log *l, const struct audit_disk *d);

#endif
