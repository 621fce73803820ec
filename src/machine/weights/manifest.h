/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an OpenSSF model signature says (model_signing/signature/v1.0): an in-toto statement that
 * lists the files of a model, or pieces of them, with their digests, inside a DSSE envelope inside
 * a Sigstore bundle. Reading is stricter than the original tool: an empty list, a name twice, names
 * that leave the model, `.` among the ignored paths, several signatures are refused.
 */
#ifndef SANCTUM_MACHINE_WEIGHTS_MANIFEST_H
#define SANCTUM_MACHINE_WEIGHTS_MANIFEST_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

#define MANIFEST_FILE_MAX     ((size_t)256 << 20) /* bytes of a signature file */
#define MANIFEST_WHOLE        UINT64_MAX          /* `end` of a whole file */
#define MANIFEST_PAYLOAD_TYPE "application/vnd.in-toto+json"

enum { MANIFEST_DIGEST_MAX = 64, MANIFEST_CERTS_MAX = 16 };

enum manifest_hash { MANIFEST_SHA256, MANIFEST_BLAKE2B, MANIFEST_BLAKE3 };

/* A file, or bytes [start, end) of it. */
struct manifest_part {
    struct span path; /* relative, '/' between components; "." when the model is one file */
    uint64_t start, end;
    uint8_t digest[MANIFEST_DIGEST_MAX];
};

struct manifest {
    struct span subject;
    enum manifest_hash hash;
    uint64_t shard_size; /* 0: whole files */
    bool allow_symlinks;
    struct span *ignore;
    size_t ignore_n;
    struct manifest_part *v; /* in path order: components compared one by one */
    size_t n;
    uint8_t root[32];
    struct arena arena; /* holds all of it */
};

/* Bytes of a digest, and its name: 32 "sha256", 64 "blake2b", 32 "blake3". */
size_t manifest_hash_bytes(enum manifest_hash h);
const char *manifest_hash_name(enum manifest_hash h);
/* Order of paths by their components. */
int manifest_path_cmp(struct span a, struct span b);
/* SHA-256 over all digests in order. */
void manifest_root(const struct manifest *m, uint8_t out[32]);

/* Is it JSON without a key twice anywhere? Parsers differ in which of two they take. */
bool manifest_keys_once(struct span json);

/* A payload to a manifest; its root is recomputed and compared. *m must be freed either way.
 * ERR_INPUT with f->why. */
MUST struct err manifest_read(struct span payload, struct manifest *m, struct fault *f);
/* The payload of a manifest; sets m->root. */
MUST struct err manifest_write(struct manifest *m, struct buf *out);
void manifest_free(struct manifest *m);

/* A bundle's parts. */
struct bundle {
    struct buf payload, signature;
    struct buf hint;  /* of the key: hexadecimal SHA-256 of its PEM text; empty: none */
    struct buf key;   /* the key's PEM text, in old bundles; empty: none */
    struct buf certs; /* DER, one after the other */
    size_t cert_n, cert_len[MANIFEST_CERTS_MAX];
};

/* *b must be freed either way. ERR_INPUT with f->why. */
MUST struct err bundle_read(struct span file, struct bundle *b, struct fault *f);
/* Append the bundle as JSON. */
MUST struct err bundle_write(const struct bundle *b, struct buf *out);
void bundle_free(struct bundle *b);
struct bundle bundle_init(void);
/* What is signed: DSSE's pre-authentication encoding of the payload. */
MUST struct err bundle_signed_text(struct span payload, struct buf *out);

#endif
