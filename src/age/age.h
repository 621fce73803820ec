/* SPDX-License-Identifier: Apache-2.0 */
/*
 * age v1 files (age-encryption.org/v1, C2SP): reading, writing, keys. Streams of any size in
 * constant memory (under 1 MiB a file open), armor, random access.
 *
 * Reading goes in three steps, so that nothing is released before it may be:
 *
 *     TRY(age_begin(&f, in));                  // header parsed, nothing trusted yet
 *     TRY(age_unlock(&f, &identities));        // a stanza opened, and the header's MAC was right
 *     e = age_copy(&f, out);                   // whole chunks that opened, and only those
 *     age_end(&f);
 *
 * Writing: age_encrypt.
 *
 * Failures have a class, in the detail of the error; age_failure_text names it as the published
 * vectors do. A struct fault gives the reason beside it.
 */
#ifndef SANCTUM_AGE_AGE_H
#define SANCTUM_AGE_AGE_H

#include "buf.h"
#include "err.h"
#include "span.h"

enum {
    AGE_CHUNK = 65536,           /* plain bytes a chunk */
    AGE_HEADER_MAX = 4 << 20,    /* bytes of a header: over a thousand recipients */
    AGE_STANZAS_MAX = 16384,     /* stanzas of a header */
    AGE_KEYS_MAX = 16384,        /* keys in a list */
    AGE_KEY_FILE_MAX = 16 << 20, /* bytes of an identity or recipients file */
    AGE_WORK = 18,               /* log2 N of new passphrase stanzas: 0.7 s, 256 MiB */
    AGE_WORK_MAX = 22,           /* the most a reader runs */
    AGE_FILE_KEY = 16,
};

/* Detail of errors: ERR_INPUT for header and armor, ERR_CORRUPT for MAC and payload, ERR_DENIED for
 * no match. */
enum age_failure {
    AGE_NO_CLASS,
    AGE_HEADER_FAILURE,
    AGE_ARMOR_FAILURE,
    AGE_HMAC_FAILURE,
    AGE_PAYLOAD_FAILURE,
    AGE_NO_MATCH,
};
/* "header failure", "armor failure", "HMAC failure", "payload failure", "no match"; NULL for other
 * errors. */
const char *age_failure_text(struct err e);

/* ---- keys ---- */

enum age_kind { AGE_X25519, AGE_HYBRID, AGE_SCRYPT, AGE_SSH_ED25519, AGE_SSH_RSA };

/* An identity (with its secret) or a recipient. Opaque in practice: made by the functions below,
 * freed with its list. */
struct age_key {
    enum age_kind kind;
    bool secret;         /* an identity */
    uint8_t seed[32];    /* X25519 scalar, hybrid seed, or the X25519 form of an Ed25519 key */
    uint8_t point[32];   /* X25519 public key */
    uint8_t tag[4];      /* of an SSH key: start of its SHA-256 */
    unsigned work;       /* passphrase: log2 N */
    struct buf own;      /* hybrid public key, SSH key bytes, or passphrase */
    struct span wire;    /* SSH: the public key as SSH sends it; inside own */
    struct span n, e, d; /* RSA numbers; inside own */
};

struct age_keys {
    struct age_key *v;
    size_t n, cap;
};

/* Wipe and free. */
void age_keys_free(struct age_keys *k);

/* Append one recipient ("age1…", "age1pq1…", "ssh-ed25519 …", "ssh-rsa …") or identity
 * ("AGE-SECRET-KEY-1…", "AGE-SECRET-KEY-PQ-1…"). ERR_INPUT; ERR_DENIED for a plugin's key. */
MUST struct err age_recipient_parse(struct span text, struct age_keys *out, struct fault *f);
MUST struct err age_identity_parse(struct span text, struct age_keys *out, struct fault *f);
/* Is it the public key line of an SSH key that files cannot be encrypted to: one of another type,
 * or an RSA key that is too short? */
bool age_recipient_foreign(struct span line);
/* Files: a key a line, `#` comments and empty lines ignored, and in a recipients file foreign SSH
 * keys; an identity file may also be an OpenSSH private key without passphrase. f->at is the byte
 * offset of the line. */
MUST struct err age_recipients_file(struct span file, struct age_keys *out, struct fault *f);
MUST struct err age_identities_file(struct span file, struct age_keys *out, struct fault *f);
/* Is `file` an OpenSSH private key under a passphrase? Then age_identities_file says ERR_DENIED,
 * and this opens it (some 0.1 s). ERR_DENIED: the wrong passphrase, or a cipher or a count of
 * rounds that is not read here. */
bool age_identities_locked(struct span file);
MUST struct err age_identities_unlock(struct span file, struct span passphrase,
                                      struct age_keys *out, struct fault *f);
/* A passphrase, both ways. `work` is log2 N for writing (1..AGE_WORK_MAX). */
MUST struct err age_passphrase(struct span passphrase, unsigned work, struct age_keys *out);
/* A fresh identity, AGE_X25519 or AGE_HYBRID. */
MUST struct err age_generate(enum age_kind kind, struct age_keys *out);
/* The recipients of all identities in `ids` (not of passphrases: ERR_INPUT). */
MUST struct err age_recipients_of(const struct age_keys *ids, struct age_keys *out);
/* Append a key's text. SSH identities have none of their own: ERR_INPUT. */
MUST struct err age_recipient_text(const struct age_key *k, struct buf *out);
MUST struct err age_identity_text(const struct age_key *k, struct buf *out);

/* ---- bytes in and out; the caller embeds these ---- */

struct age_source {
    /* Up to cap (> 0) bytes; *n == 0 means the end. */
    struct err (*read)(struct age_source *s, uint8_t *p, size_t cap, size_t *n);
};
struct age_sink {
    struct err (*write)(struct age_sink *s, struct span bytes);
};
/* Over memory. */
struct age_span_source {
    struct age_source source;
    struct span left;
};
struct age_buf_sink {
    struct age_sink sink;
    struct buf *out;
};
struct age_span_source age_source_of(struct span bytes);
struct age_buf_sink age_sink_to(struct buf *out);

/* ---- reading ---- */

struct age_header;
struct age_input;
struct age_file {
    struct age_header *header;
    struct age_input *in;
    bool passphrase; /* after age_begin: the file is for a passphrase */
    bool unlocked;
    uint8_t file_key[AGE_FILE_KEY];
    struct fault fault; /* why, after a failure of any step */
};

/* Read and parse the header; armor is recognised. `in` must outlive the file. */
MUST struct err age_begin(struct age_file *f, struct age_source *in);
/* Try the identities in order, check the MAC. May be called again with others after AGE_NO_MATCH.
 */
MUST struct err age_unlock(struct age_file *f, const struct age_keys *identities);
/* Write the plain text, chunk by chunk as each opens. */
MUST struct err age_copy(struct age_file *f, struct age_sink *out);
/* Wipe and free. Safe on a zeroed struct. */
void age_end(struct age_file *f);

/* ---- looking without opening ---- */

/* Weakest first: a file is as strong as its weakest stanza. */
enum age_quantum { AGE_CLASSICAL, AGE_QUANTUM_UNKNOWN, AGE_POST_QUANTUM };

struct age_about {
    bool armored;
    enum age_quantum quantum; /* would it stay closed to a quantum computer? */
    /* bytes: they add up to the file's size; `plain` is what comes out if it opens */
    uint64_t header, armor, overhead, plain;
};
/* Read `in` to its end. `types` gets each stanza's type and a newline. Nothing is authenticated: it
 * is what the file says. Failures as of age_begin, and of a size that cannot be. */
MUST struct err age_describe(struct age_source *in, struct age_about *out, struct buf *types,
                             struct fault *f);

/* ---- random access: files that are not armored ---- */

struct age_place {
    /* Exactly n bytes at `at`; ERR_CLOSED when the file is shorter. */
    struct err (*read_at)(struct age_place *p, uint64_t at, uint8_t *out, size_t n);
    uint64_t size;
};
struct age_range;
/* Header, MAC, and the last chunk, which must be marked as last: then the size is right.
 * *size gets the plain size. */
MUST struct err age_range_open(struct age_place *place, const struct age_keys *identities,
                               struct age_range **out, uint64_t *size, struct fault *f);
/* Plain bytes [at, at+n), all of them (ERR_INPUT beyond the end). Opens each chunk it touches; the
 * last one opened is kept. */
MUST struct err age_range_read(struct age_range *r, uint64_t at, uint8_t *out, size_t n);
void age_range_close(struct age_range *r);

/* ---- writing ---- */

/* Encrypt all of `in` to all recipients. ERR_INPUT: none, a passphrase beside others, or
 * post-quantum and classical recipients mixed (the file would be no better than the weaker). */
MUST struct err age_encrypt(const struct age_keys *recipients, bool armor, struct age_source *in,
                            struct age_sink *out, struct fault *f);

/* Small ones in memory: append the result to `out`. */
MUST struct err age_seal(const struct age_keys *recipients, bool armor, struct span plain,
                         struct buf *out);
MUST struct err age_open(const struct age_keys *identities, struct span sealed, struct buf *out);

#endif
