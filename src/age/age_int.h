/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share: the parsed header, buffered input, wrapping of file keys. */
#ifndef SANCTUM_AGE_AGE_INT_H
#define SANCTUM_AGE_AGE_INT_H

#include "age.h"
#include "arena.h"

enum {
    AGE_TAG = 16,
    AGE_NONCE = 16,
    AGE_SEALED = AGE_CHUNK + AGE_TAG,
    AGE_MAC = 32,
    AGE_BODY = AGE_FILE_KEY + AGE_TAG, /* of the stanzas known here, but ssh-rsa */
    AGE_HYBRID_ENC = 1120,
    AGE_HYBRID_PK = 1216,
    AGE_ARGS_MAX = 16, /* arguments kept of a stanza; `args` counts all */
    AGE_BATCH = 4,     /* chunks read at once */
};

#define AGE_INTRO         "age-encryption.org/v1"
#define AGE_ARMOR_BEGIN   "-----BEGIN AGE ENCRYPTED FILE-----"
#define AGE_ARMOR_END     "-----END AGE ENCRYPTED FILE-----"
#define AGE_IDENTITY_HRP  "AGE-SECRET-KEY-"
#define AGE_IDENTITY_PQ   "AGE-SECRET-KEY-PQ-"
#define AGE_RECIPIENT_HRP "age"
#define AGE_RECIPIENT_PQ  "age1pq"

/* Fill *f and return the error of a class. */
struct err age_fail(struct fault *f, enum age_failure class, size_t at, const char *why);

/* ---- header.c ---- */

struct age_stanza {
    struct span type, arg[AGE_ARGS_MAX];
    size_t args; /* without the type */
    struct span body;
    struct age_stanza *next;
};
struct age_header {
    struct buf text; /* from the first byte to the newline after the MAC */
    struct arena arena;
    struct age_stanza *first;
    size_t stanzas;
    size_t mac_covers; /* bytes, up to and with the three dashes */
    uint8_t mac[AGE_MAC];
};
/* Parse h->text. */
MUST struct err age_header_parse(struct age_header *h, struct fault *f);
/* The MAC of `text` (through the three dashes) under a file key. */
void age_header_mac(const uint8_t file_key[AGE_FILE_KEY], struct span text, uint8_t mac[AGE_MAC]);
/* Append one stanza; args is the rest of the first line after the type. */
MUST struct err age_stanza_write(struct buf *out, const char *type, struct span args,
                                 struct span body);

/* ---- input.c ---- */

struct age_input {
    struct age_source *source;
    struct age_source *armor; /* the decoding layer, owned; NULL when the file is binary */
    uint8_t *p;
    size_t at, n, cap;
    bool ended;
};
MUST struct err age_input_new(struct age_source *source, struct age_input **out);
void age_input_free(struct age_input *in);
/* Have at least `want` (<= AGE_SEALED) bytes, or all there are; *have tells. */
MUST struct err age_input_fill(struct age_input *in, size_t want, size_t *have);
/* Put a decoding layer below when the file is armored. */
MUST struct err age_input_detect(struct age_input *in);

/* ---- armor.c ---- */

/* A source that decodes what `in` gives (`head` first). Freed with age_armor_free. */
MUST struct err age_armor_reader(struct age_source *in, struct span head, struct age_source **out);
void age_armor_free(struct age_source *s);
/* After its armor failure: at the line that begins there. */
struct fault age_armor_fault(const struct age_source *s);
/* A sink that encodes into `out`. age_armor_finish ends the armor and frees. */
MUST struct err age_armor_writer(struct age_sink *out, struct age_sink **sink);
MUST struct err age_armor_finish(struct age_sink *sink);
void age_armor_drop(struct age_sink *sink);

/* ---- wrap.c, hybrid.c, ssh.c ---- */

/* Append the stanza that carries `file_key` to `r`. */
MUST struct err age_wrap(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY],
                         struct buf *out);
/* Try identity `id` on a stanza. ERR_AGAIN: not for this one. */
MUST struct err age_unwrap(const struct age_key *id, const struct age_stanza *s,
                           uint8_t file_key[AGE_FILE_KEY], struct fault *f);
MUST struct err age_wrap_hybrid(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY],
                                struct buf *out);
MUST struct err age_unwrap_hybrid(const struct age_key *id, const struct age_stanza *s,
                                  uint8_t file_key[AGE_FILE_KEY], struct fault *f);
MUST struct err age_wrap_ssh(const struct age_key *r, const uint8_t file_key[AGE_FILE_KEY],
                             struct buf *out);
MUST struct err age_unwrap_ssh(const struct age_key *id, const struct age_stanza *s,
                               uint8_t file_key[AGE_FILE_KEY], struct fault *f);
/* The public key of a hybrid seed, AGE_HYBRID_PK bytes. */
void age_hybrid_public(const uint8_t seed[32], uint8_t out[AGE_HYBRID_PK]);
/* A base64 argument of exactly n bytes. */
MUST struct err age_arg(const struct age_stanza *s, size_t i, uint8_t *out, size_t n);
/* Wrap under a key used once: nonce zero. */
void age_body_seal(const uint8_t key[32], const uint8_t file_key[AGE_FILE_KEY],
                   uint8_t body[AGE_BODY]);
/* ERR_AGAIN when it does not open. */
MUST struct err age_body_open(const uint8_t key[32], struct span body,
                              uint8_t file_key[AGE_FILE_KEY]);

/* ---- key.c, sshkey.c ---- */

/* Append an empty key to the list and point at it. */
MUST struct err age_keys_add(struct age_keys *k, enum age_kind kind, struct age_key **out);
/* Drop the last key (after a failure half-way). */
void age_keys_pop(struct age_keys *k);
MUST struct err age_ssh_recipient(struct span line, struct age_keys *out, struct fault *f);
/* `file` starts with the PEM line of an OpenSSH private key. */
MUST struct err age_ssh_identity(struct span file, struct age_keys *out, struct fault *f);
/* The same, opened with a passphrase (not empty). ERR_DENIED: the wrong one. */
MUST struct err age_ssh_identity_open(struct span file, struct span passphrase,
                                      struct age_keys *out, struct fault *f);
/* Does an OpenSSH private key say that it is encrypted? */
bool age_ssh_locked(struct span file);
#define AGE_SSH_PEM "-----BEGIN OPENSSH PRIVATE KEY-----"

/* ---- sshlock.c ---- */

/* Decrypt an OpenSSH private key's inner part where it lies. ERR_DENIED: a cipher or derivation
 * that is not read here, or too many rounds. */
MUST struct err age_ssh_unlock(struct span cipher, struct span kdf, struct span options,
                               struct span passphrase, uint8_t *body, size_t n, struct fault *f);

/* ---- payload.c ---- */

struct chunk;
/* Nonce of chunk `i`. */
void age_chunk_nonce(uint64_t i, bool last, uint8_t nonce[12]);
/* The payload key of a file key and the nonce in front of the payload, ready to use. */
void age_payload_key(const uint8_t file_key[AGE_FILE_KEY], const uint8_t nonce[AGE_NONCE],
                     struct chunk *out);

#endif
