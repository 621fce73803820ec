/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Witnessing (C2SP tlog-witness): a log shows its new head and that it follows from the one the
 * witness saw last; the witness cosigns. The body of `POST <prefix>/add-checkpoint`:
 *
 *     old <size>         of the head that the witness cosigned last, 0: none
 *     base64 …           consistency proof from there, at most 63 lines
 *                        (empty line)
 *     the signed checkpoint
 *
 * This header is the form and the judgement. Storing what was cosigned, before the answer goes out,
 * is the caller's: without that a witness is worth nothing.
 */
#ifndef SANCTUM_MERKLE_WITNESS_H
#define SANCTUM_MERKLE_WITNESS_H

#include "checkpoint.h"

enum { WITNESS_ASK_MAX = NOTE_MAX + 4096 }; /* bytes of a body */

struct witness_ask {
    uint64_t old;
    struct merkle_proof proof;
    struct span checkpoint; /* the signed note, borrowed */
};
/* The form down to the checkpoint, which witness_judge opens. ERR_INPUT with position. */
MUST struct err witness_ask_parse(struct span body, struct witness_ask *out, struct fault *f);
/* Append the body. */
MUST struct err witness_ask_put(const struct witness_ask *a, struct buf *out);
/* The origin that the checkpoint names, before anything is verified; empty: it names none. */
struct span witness_ask_origin(const struct witness_ask *a);

/* The answers, as HTTP statuses. */
enum witness_verdict {
    WITNESS_COSIGN = 200,
    WITNESS_MALFORMED = 400,   /* also: old is larger than the new size */
    WITNESS_NOT_SIGNED = 403,  /* not by this log's key, or wrongly */
    WITNESS_UNKNOWN_LOG = 404, /* the caller's: no key for that origin */
    WITNESS_OTHER_OLD = 409, /* old is not what was cosigned last; the answer's body is that size */
    WITNESS_INCONSISTENT = 422, /* another history: the proof does not hold */
};
/*
 * May the asked head be cosigned after `last` (NULL: none was), for the log with this key? On
 * WITNESS_COSIGN *next is the head, borrowed from the ask; the same head again is cosigned again.
 */
enum witness_verdict witness_judge(const struct witness_ask *a, const struct checkpoint *last,
                                   const struct note_key *log, struct checkpoint *next);

#endif
