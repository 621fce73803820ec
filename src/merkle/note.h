/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes (C2SP signed-note): a text and the signatures of some people under it.
 *
 *     text          UTF-8, no control characters but newline, ends with newline
 *                   (empty line)
 *     — NAME BASE64 one line a signature: 4 bytes of key id, then the signature
 *
 * and the keys: `NAME+hex(key id)+base64(type ‖ public key)`, key id = the first 4 bytes of
 * SHA-256(NAME ‖ 0x0A ‖ type ‖ public key). Types read here: 1 Ed25519 over the text; 4 Ed25519
 * cosignature v1 (C2SP tlog-cosignature): 8 bytes of time, then the signature of
 * "cosignature/v1\ntime T\n" and the text.
 */
#ifndef SANCTUM_MERKLE_NOTE_H
#define SANCTUM_MERKLE_NOTE_H

#include "buf.h"
#include "wr.h"

enum {
    NOTE_MAX = 1 << 20,    /* bytes of a note */
    NOTE_SIGNATURES = 100, /* signature lines of a note */
    NOTE_BLOB_MAX = 8192,  /* bytes of one signature with its key id; ML-DSA-44 takes 2,432 */
    NOTE_NAME_MAX = 255,   /* bytes of a key name */
    NOTE_KEY_TEXT_MAX = NOTE_NAME_MAX + 64, /* characters of a key of the types read here */
};

enum note_type { NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 };

struct note_key {
    char name[NOTE_NAME_MAX + 1]; /* NUL-terminated, holds no NUL */
    enum note_type type;
    uint32_t id;
    uint8_t key[32];
};

/* A verifier key from its text. ERR_INPUT: not one, or its key id is of another key; ERR_LIMIT:
 * of a type that is not read here. */
MUST struct err note_key_parse(struct span text, struct note_key *out, struct fault *f);
/* Append its text. */
void note_key_write(const struct note_key *k, struct wr *out);

/* A secret key; wipe with note_signer_wipe. */
struct note_signer {
    struct note_key public;
    uint8_t seed[32];
};
/* ERR_INPUT: not a key name (empty, too long, white space, '+', not UTF-8). ERR_NOMEM. */
MUST struct err note_signer_make(struct span name, enum note_type type, const uint8_t seed[32],
                                 struct note_signer *out);
/* From "PRIVATE+KEY+NAME+hex(key id)+base64(type ‖ seed)", the form of Go's note package. */
MUST struct err note_signer_parse(struct span text, struct note_signer *out, struct fault *f);
/* Append that form. */
void note_signer_write(const struct note_signer *s, struct wr *out);
void note_signer_wipe(struct note_signer *s);

/* A note taken apart; both borrow its bytes. */
struct note {
    struct span text;       /* with its last newline */
    struct span signatures; /* the lines */
};
/* The whole form is checked, every signature line too. ERR_INPUT with position. */
MUST struct err note_parse(struct span bytes, struct note *out, struct fault *f);

/* One signature line. */
struct note_signature {
    struct span name;
    uint32_t id;
    size_t n; /* bytes of blob used: the signature without its key id */
    uint8_t blob[NOTE_BLOB_MAX];
};
/* The next line at *at (0 at first). ERR_CLOSED: no more. `n` is one that note_parse accepted. */
MUST struct err note_next(const struct note *n, size_t *at, struct note_signature *out);

/* What note_verify says of one key. */
struct note_seen {
    bool good;     /* a signature by it is there, and all by it are valid */
    uint64_t time; /* of its newest cosignature, seconds of Unix time; 0 for a plain signature */
};
/*
 * Check the signatures of `n` keys; those of nobody known are ignored. ERR_DENIED: none is by a
 * known key. ERR_CORRUPT: one by a known key is not valid, whatever else is: nothing of the note
 * may be believed. ERR_NOMEM. `seen` has n entries, of meaning only when OK is returned.
 */
MUST struct err note_verify(const struct note *n, const struct note_key *keys, size_t count,
                            struct note_seen *seen, struct fault *f);

/* Append text, empty line and one signature line a signer (of type NOTE_ED25519; else ERR_BUG).
 * ERR_INPUT: `text` cannot be a note's. */
MUST struct err note_write(struct span text, const struct note_signer *signers, size_t n,
                           struct buf *out);
/* Append the line of a cosignature of `note` at `time`; appended to the note it is a part of it. */
MUST struct err note_cosign(const struct note *note, const struct note_signer *signer,
                            uint64_t time, struct buf *out);

#endif
