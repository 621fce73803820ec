/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record ring: one producer (a gate) hands records to one consumer (ledger) through shared
 * memory and learns what is safely stored. No system call on either side while both are awake.
 *
 * Two segments with least rights: `data` (producer writes, consumer maps read-only: head, records)
 * and `ack` (consumer writes, producer maps read-only: committed, how the consumer sleeps). Each
 * side keeps its own state privately and trusts no word of the other's: the consumer checks every
 * length against what can be there, copies a record out before it looks at it, and calls a ring
 * whose words cannot be true broken (ERR_INPUT) for ever.
 *
 * A position is the number of bytes put so far, frames included: it only grows, and the position
 * that ring_put gives names its record. `committed` >= that position: the record is stored. Space
 * is free again only when committed, so a consumer that dies loses nothing: its successor attaches
 * at the committed position and reads everything after it again. What was stored just before the
 * death but not committed is not read twice: the consumer says before it stores how far it read and
 * by what its store will show that (R5).
 *
 * R1 committed <= read <= head <= committed + size.   R2 records are at most RING_RECORD_MAX bytes.
 * R3 head, committed never go back.   R4 a side that goes to sleep publishes so first, then looks
 * once more; the other side publishes data first, then looks for sleepers: no wake is lost.
 * R5 ring_intend before anything is stored, ring_resume before anything is read: each record is
 * stored once, whenever the consumer dies.
 */
#ifndef SANCTUM_SYS_RING_H
#define SANCTUM_SYS_RING_H

#include "shm.h"

enum { RING_RECORD_MAX = 4096, RING_SIZE_MIN = 16 * 1024, RING_SIZE_MAX = 1 << 26 };

/* Everything a ring is, as descriptors; parent makes and keeps it. */
struct ring_fds {
    int data_rw, data_ro; /* producer's segment: for the producer, for the consumer */
    int ack_rw, ack_ro;   /* consumer's segment: for the consumer, for the producer */
    int to_consumer;      /* eventfd: wakes the consumer */
    int to_producer;      /* eventfd: wakes the producer */
};
/* `size`: bytes for records, a power of two from RING_SIZE_MIN to RING_SIZE_MAX. */
MUST struct err ring_create(size_t size, struct ring_fds *out);
void ring_close(struct ring_fds *r);

/* ---- producer ---- */

struct ring_out {
    struct shm data, ack;
    uint64_t head, committed; /* private copies */
    uint64_t woken;           /* the consumer's sleep that was ended already */
    size_t size;
    int wake; /* to_consumer, given */
};

enum ring_urgency {
    RING_BATCHED, /* wakes the consumer only when it asked for any record or the ring is half full
                   */
    RING_DURABLE, /* wakes it at once if it sleeps */
};

/* Maps and checks both segments; goes on at the head found. Descriptors data_rw and ack_ro may be
 * closed after, `wake` is given. ERR_CORRUPT when the words cannot be true. */
MUST struct err ring_out_attach(struct ring_out *r, int data_rw, int ack_ro, int wake);
void ring_out_detach(struct ring_out *r);
/* Put one record made of `count` parts. *pos names it. ERR_LIMIT over RING_RECORD_MAX or empty;
 * ERR_AGAIN: no room until more is committed (see ring_out_room_at). */
MUST struct err ring_put(struct ring_out *r, const struct span *parts, size_t count,
                         enum ring_urgency u, uint64_t *pos);
/* All records up to this position are stored. One load. */
uint64_t ring_committed(struct ring_out *r);
/* Ask for a wake through to_producer as soon as committed >= pos. True: it is already, no wake will
 * come. Only one position is awaited at a time: ask for the lowest that is open, and on the wake
 * for the next. */
bool ring_out_await(struct ring_out *r, uint64_t pos);
/* Bytes of the ring that a record of n bytes takes. */
size_t ring_frame(size_t n);
/* Are so many bytes (ring_frame's, at most the ring's size) free? */
bool ring_out_has_room(struct ring_out *r, size_t bytes);
/* The position to await for that: once it is committed they are. */
uint64_t ring_out_room_at(struct ring_out *r, size_t bytes);
/* Bytes put and not yet committed. */
size_t ring_out_pending(struct ring_out *r);

/* ---- consumer ---- */

struct ring_in {
    struct shm data, ack;
    uint64_t read, committed; /* private copies */
    uint64_t sleeps;
    uint64_t woken; /* the awaited position that was answered already */
    size_t size;
    int wake; /* to_producer, given */
    bool broken;
};

enum ring_sleep {
    RING_AWAKE,        /* no wakes: the consumer looks by itself (by a timer) */
    RING_WAKE_DURABLE, /* wake for durable records, or when half full */
    RING_WAKE_ANY,     /* wake for the next record whatever it is */
};

/* Goes on at the committed position. data_ro and ack_rw may be closed after, `wake` is given. */
MUST struct err ring_in_attach(struct ring_in *r, int data_ro, int ack_rw, int wake);
void ring_in_detach(struct ring_in *r);
/* Copy the next record into out; *n its bytes, *pos its position. ERR_AGAIN: none now. ERR_INPUT:
 * the producer broke the ring: everything before was fine, nothing after can be read. */
MUST struct err ring_get(struct ring_in *r, uint8_t out[RING_RECORD_MAX], size_t *n, uint64_t *pos);
/* Everything up to `pos` (one that ring_get gave) is stored: frees the room, wakes the producer if
 * it awaits that. */
void ring_commit(struct ring_in *r, uint64_t pos);
/* Everything up to `pos` is about to be stored, all or nothing; it is when the consumer's store has
 * reached `mark` (a count that only grows and that a later consumer can find out by itself). */
void ring_intend(struct ring_in *r, uint64_t pos, uint64_t mark);
/* After ring_in_attach: the store has reached this mark. If the consumer before died between
 * storing and ring_commit, commit for it. Call it before the store grows again. */
void ring_resume(struct ring_in *r, uint64_t reached);
/* Say when to be woken through to_consumer. False: there is something to read already, do not sleep
 * (only after RING_AWAKE is it always true). Call RING_AWAKE after a wake, or ask anew. */
bool ring_sleep(struct ring_in *r, enum ring_sleep how);

/* Empty an eventfd after a wake. */
void ring_clear_wake(int fd);

#endif
