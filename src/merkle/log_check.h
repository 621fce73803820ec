/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a log directory (tiles, bundles, checkpoint) what its key signed, all of it? Every entry is
 * read and hashed, every tile compared, the root recomputed, and the heads that somebody remembered
 * are held against it. Nothing is a window: a check is of the whole log or has not been made.
 */
#ifndef SANCTUM_MERKLE_LOG_CHECK_H
#define SANCTUM_MERKLE_LOG_CHECK_H

#include "checkpoint.h"

enum log_verdict {
    LOG_ALTERED,          /* an entry, a tile or the checkpoint is not what it was */
    LOG_TRUNCATED,        /* entries that a checkpoint covers are gone from the end */
    LOG_MISSING,          /* nothing is left, or the log began again at nothing */
    LOG_REWRITTEN,        /* consistent in itself, but not what was signed */
    LOG_FORK,             /* the same key signed two logs of one size */
    LOG_SPLIT_VIEW,       /* the witnesses know another log, or too few know this one */
    LOG_ROLLED_BACK,      /* the log was longer once */
    LOG_UNAUTHORISED_KEY, /* the checkpoint is signed, but not by the log's key */
    LOG_CLOCK,            /* a witness's later cosignature has an earlier time */
    LOG_INCOMPLETE,       /* an earlier check began and did not end; found by the caller */
    LOG_VERDICTS,
};

/* "altered", "rolled back" … */
const char *log_check_word(enum log_verdict v);

struct log_finding {
    enum log_verdict verdict;
    bool has_index;
    uint64_t index;  /* first entry that is not as it was */
    uint64_t count;  /* entries gone, for LOG_TRUNCATED and LOG_ROLLED_BACK */
    const char *why; /* constant */
};

enum { LOG_FINDINGS = 16, LOG_REMEMBERED = 16 };

struct log_ask {
    const char *path;
    struct span origin;            /* as checkpoint_open */
    const struct note_key *keys;   /* keys[0] the log's, then the witnesses' */
    size_t key_count;              /* 1..CHECKPOINT_KEYS */
    size_t quorum;                 /* witnesses that must have cosigned */
    const struct span *remembered; /* signed checkpoints seen before, here or elsewhere */
    size_t remembered_count;       /* at most LOG_REMEMBERED */
};

struct log_report {
    struct buf note;        /* the checkpoint as it stands on disk */
    struct checkpoint head; /* borrows note; valid when has_head */
    bool has_head;
    struct note_seen seen[CHECKPOINT_KEYS];
    uint64_t checked; /* entries read and hashed */
    uint64_t tail;    /* entries on disk behind those that the checkpoint covers */
    struct log_finding finding[LOG_FINDINGS];
    size_t findings;    /* 0: intact */
    struct fault fault; /* of the checkpoint or a remembered one, when that is what is wrong */
};

/*
 * OK: the check was made; findings tell. Otherwise it could not be made (ERR_IO, ERR_NOMEM;
 * ERR_INPUT: remembered[i] does not verify), and findings so far stand. The caller frees with
 * log_check_free either way. Memory: two bundles at most, 33 MiB; cost: about 0.4 µs an entry of
 * 300 bytes.
 */
MUST struct err log_check(const struct log_ask *ask, struct log_report *out);
/* Add a finding (dropped beyond LOG_FINDINGS). */
void log_check_found(struct log_report *r, struct log_finding f);
void log_check_free(struct log_report *r);

#endif
