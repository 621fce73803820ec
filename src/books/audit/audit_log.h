/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of records on disk, for its one writer (the ledger role, or a command when no daemon
 * runs; the caller holds the state lock).
 *
 *     DIR/segment-00000000000000000000    records 0 …      reserved at full size, 16 MiB
 *     DIR/segment-00000000000000045012    records 45012 …  (the name is the first record's number)
 *     PIN                                 how long the log was at last: outside DIR
 *
 * A segment is a header and then frames; one frame is one commit, a number of records in the form
 * of C2SP entry bundles (u16 length, JSON), with the hash of the frame before and of itself. So one
 * write and one synchronisation store any number of records, and a crash leaves whole commits only.
 *
 * L1 record numbers have no gaps and never change. L2 a record that audit_log_commit answered OK
 * for is read back after a crash of the process (both modes) and of the machine (durable mode). L3
 * bytes that were synchronised are never written again. L4 after a failed write or synchronisation
 * the segment gets no more frames: the next commit goes to a new segment, which takes the numbers
 * of what failed. L5 a frame says how far its segment was synchronised when it was written, so a
 * damaged frame that had been stored is told from one that a crash tore.
 *
 *          audit_log_add …            audit_log_commit
 *   open ───────────────▶ pending ───────────────────▶ stored       (ERR_AGAIN from add: commit
 * first) ▲            │ ERR_IO: nothing is acknowledged, pending stays └────────────┘ call again
 * later
 */
#ifndef SANCTUM_AUDIT_LOG_H
#define SANCTUM_AUDIT_LOG_H

#include "audit_record.h"

enum audit_mode {
    AUDIT_LOG_DURABLE, /* commit = on the medium */
    AUDIT_LOG_BATCHED, /* commit = handed to the kernel; audit_log_tend synchronises */
};

enum {
    AUDIT_SEGMENT_BYTES = 16 * 1024 * 1024,
    AUDIT_SEGMENT_BYTES_MIN = 2 * 1024 * 1024,
    AUDIT_COMMIT_MAX = 512 * 1024, /* bytes of one commit */
    AUDIT_HASH = 32,
};

struct audit_log_options {
    const char *dir;  /* made with mode 0700 when missing */
    const char *pin;  /* file; NULL: no pin */
    struct span boot; /* this boot's id, at most AUDIT_BOOT_MAX printable bytes */
    enum audit_mode mode;
    uint32_t segment_bytes; /* 0: AUDIT_SEGMENT_BYTES */
};

/* What opening found. */
struct audit_found {
    uint64_t next;    /* number of the next record = records there are */
    uint64_t cut;     /* bytes of a torn last commit that were removed */
    const char *why;  /* on ERR_CORRUPT: a sentence */
    uint64_t missing; /* on ERR_CORRUPT: records that the pin knows and the log has not */
};

struct audit_log;
/* Recover and open. ERR_CORRUPT: the log is not what was written (`found` says what), nothing was
 * changed. Reads the last segment: about 10 ms. */
MUST struct err audit_log_open(const struct audit_log_options *o, struct audit_log **out,
                               struct audit_found *found);
/* Commits nothing. NULL is fine. */
void audit_log_close(struct audit_log *l);

/* Number the record and put it to the pending commit. ERR_AGAIN: that is full, commit first.
 * ERR_INPUT as audit_record_encode. Needs no cleaned record. */
MUST struct err audit_log_add(struct audit_log *l, const struct audit_record *r, uint64_t *seq);
/* The same for a record as audit_record_decode gave it, which is clean. */
MUST struct err audit_log_add_decoded(struct audit_log *l, const struct audit_record *r,
                                      uint64_t *seq);
/* Store what is pending (nothing pending: OK). On ERR_IO see L4 above. */
MUST struct err audit_log_commit(struct audit_log *l);
/* What need not be done while somebody waits: synchronise (batched), reserve the next segment,
 * write the pin. Call every second or when idle. ERR_IO: not done, and in batched mode see L4. */
MUST struct err audit_log_tend(struct audit_log *l);

/* Number of the next record. */
uint64_t audit_log_next(const struct audit_log *l);
/* True: audit_log_add would answer ERR_AGAIN. */
bool audit_log_full(const struct audit_log *l);
/* Records pending. */
size_t audit_log_pending(const struct audit_log *l);

/* Records there were when the pin was written, and the hash of the frame that held the last of
 * them; a missing pin is 0. ERR_CORRUPT: it is no pin. */
MUST struct err audit_pin_records(const char *path, uint64_t *next, uint8_t last[AUDIT_HASH]);

#endif
