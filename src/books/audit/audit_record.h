/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of the books: what happened, never what was said. A request leaves two: `opened`
 * before its bytes go upstream, `closed` at its end (or one `refused`). The gate fills a struct
 * audit_record, encodes it into its ring, and the ledger decodes it, gives it a sequence number and
 * writes it as canonical JSON.
 *
 * Two forms:
 *   binary  gate → ledger, through shared memory of one machine: fixed part in native byte order,
 *           then the texts. Strict: the ledger treats it as hostile.
 *   JSON    in the log: RFC 8785, members sorted. It is the leaf of the Merkle tree: what is not in
 *           it is not stored.
 *
 * Texts are cleaned by the encoder, so that logging cannot fail on what a client sent: a byte
 * outside printable ASCII, a quote or a backslash becomes '?', a text over its limit is cut, and
 * either is marked by '~' and 16 hexadecimal digits of the SHA-256 of the original.
 */
#ifndef SANCTUM_AUDIT_RECORD_H
#define SANCTUM_AUDIT_RECORD_H

#include "err.h"
#include "finding.h"
#include "span.h"
#include "wr.h"

/* Limits in bytes: of each text as stored, of a whole record in either form. */
enum {
    AUDIT_REQUEST_ID_MAX = 40,
    AUDIT_KEY_MAX = 64,
    AUDIT_KEY_ID_MAX = 24,
    AUDIT_SURFACE_MAX = 48,
    AUDIT_MODEL_MAX = 96,
    AUDIT_PROVIDER_MAX = 64,
    AUDIT_OBJECT_MAX = 128,
    AUDIT_ACTOR_MAX = 32,
    AUDIT_RECORD_MAX = 1280,
    AUDIT_JSON_MAX = 8192,
    AUDIT_BOOT_MAX = 32,
};
/* Amounts (tokens, nano-dollars) above this are stored as this: they stay exact in JSON. */
#define AUDIT_AMOUNT_MAX UINT64_C(999999999999999)

/* Groups of fields; which apply to a kind says audit_kind.def. */
enum {
    AUDIT_PART_REQUEST = 1, /* request_id key key_id surface model provider */
    AUDIT_PART_MASKED = 2,  /* masked */
    AUDIT_PART_RESULT = 4,  /* restored tokens cost status latency */
    AUDIT_PART_KEY = 8,     /* key key_id */
    AUDIT_PART_SECRET = 16, /* actor object */
};

enum audit_kind {
#define AUDIT_KIND(name, number, parts) AUDIT_##name = number,
#include "audit_kind.def"
#undef AUDIT_KIND
};

struct audit_record {
    enum audit_kind kind;
    uint64_t time_ns;        /* wall time, since 1970 */
    uint64_t mono_ns;        /* monotonic time of this boot */
    struct span request_id;  /* as in x-sanctum-request-id */
    struct span key, key_id; /* the principal's name; the id in its access key */
    struct span surface;     /* "/v1/chat/completions" */
    struct span model;       /* as the upstream was asked for */
    struct span provider;
    struct span object; /* what was acted on: "vault:NAME", "credential:NAME", "file:PATH" */
    struct span actor;  /* who did: "gate/0", "command" */
    uint32_t masked[ENTITY_COUNT]; /* values masked, by entity type */
    uint32_t restored;             /* tokens restored in the answer */
    bool tokens_known, cost_known; /* an unknown amount is left out, never 0 */
    uint64_t input_tokens, output_tokens;
    uint64_t cost_nanousd; /* 1e-9 US dollars */
    uint32_t latency_us;   /* from the request's last byte in to the answer's last byte out */
    uint16_t status;       /* HTTP status given to the client; 0: the client had gone */
};

/* Write the binary form of `r` to out[0, *n). Never allocates; about 0.1 µs. ERR_INPUT only for an
 * unknown kind: every text fits after cleaning. */
MUST struct err audit_record_encode(const struct audit_record *r, uint8_t out[AUDIT_RECORD_MAX],
                                    size_t *n);
/* Read it back. Texts borrow from `in`. ERR_INPUT for anything that the encoder does not write:
 * unknown kind or format, fields outside the kind's groups, unclean texts, trailing bytes. */
MUST struct err audit_record_decode(struct span in, struct audit_record *r);

/*
 * Append the JSON form with this sequence number and boot id (printable ASCII, at most
 * AUDIT_BOOT_MAX). `r` must be as audit_record_decode leaves it (clean texts). ERR_LIMIT
 * when `w` is too small (AUDIT_JSON_MAX always suffices).
 */
MUST struct err audit_record_json(const struct audit_record *r, uint64_t seq, struct span boot,
                                  struct wr *w);

/* Name of a kind as the JSON holds it, "unknown" for none. */
const char *audit_kind_name(enum audit_kind kind);

#endif
