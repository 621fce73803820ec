/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a model file what it claims to be, and does loading it run code? The content decides which
 * format it is, never the name; a name only adds a promise that can be broken. Nothing is executed
 * and nothing is written.
 *
 * Read: safetensors, GGUF, pickle (also several in a file, and torch's old layout), zip (torch,
 * TorchScript, Keras, npz), npy, ONNX, HDF5, tar, gzip, zlib, bz2, xz, lzma, zstd, JSON and text
 * with chat templates. What is none of these is suspicious. Archives inside archives are followed
 * four deep.
 *
 * Cost: linear in the bytes looked at; for safetensors, GGUF and ONNX that is the header. Memory:
 * WEIGHTS_MEMORY_MAX beyond the mapped file.
 */
#ifndef SANCTUM_MACHINE_WEIGHTS_WEIGHTS_H
#define SANCTUM_MACHINE_WEIGHTS_WEIGHTS_H

#include "arena.h"
#include "buf.h"
#include "err.h"
#include "span.h"

enum {
    WEIGHTS_MEMORY_MAX = 16 << 20, /* bytes decompressed at one time */
    WEIGHTS_FINDINGS_MAX = 256,    /* findings kept; worse ones still raise the verdict */
    WEIGHTS_DEPTH_MAX = 4,         /* archives inside each other */
    WEIGHTS_DATA_MAX = 1 << 20,
};

/* From harmless to worst; the verdict of a file is that of its worst finding. */
enum weights_verdict {
    WEIGHTS_OK,         /* also the level of a finding that is only information */
    WEIGHTS_SUSPICIOUS, /* cannot be known to be harmless */
    WEIGHTS_MALFORMED,  /* breaks its format's rules: readers may disagree or crash */
    WEIGHTS_MALICIOUS,  /* loading it runs something that a model never needs */
};

struct weights_finding {
    uint64_t offset;    /* byte in the file, or in the member named by `member` */
    const char *rule;   /* constant, stable: "pickle-global" */
    const char *reason; /* one clause; names from the file are escaped; never NULL */
    const char *member; /* "archive/data.pkl", or "" for the file itself */
    enum weights_verdict level;
};

struct weights_report {
    const char *format; /* constant: "gguf", "pickle", … "unknown" */
    enum weights_verdict verdict;
    struct weights_finding *v; /* in the order they were met */
    size_t n;
    bool more; /* there were further findings */
    /* ONNX: the files, relative to its folder, that hold its tensors; each name ends with a NUL. At
     * most WEIGHTS_DATA_MAX bytes of them. */
    struct buf data;
    struct arena text;
};

/*
 * Look at `bytes`. `path` (may be NULL) is where they lie: its name's promise and, for ONNX, the
 * folder of external data are checked. *out must be freed whatever comes back. An error means that
 * the look itself failed (ERR_NOMEM, ERR_IO), never that something was found.
 */
MUST struct err weights_inspect(struct span bytes, const char *path, struct weights_report *out);
/* The same for a file, mapped read-only: its pages are let go as they are passed. ERR_IO when it
 * cannot be opened, ERR_CLOSED when somebody cut it short meanwhile. */
MUST struct err weights_inspect_file(const char *path, struct weights_report *out);
void weights_report_free(struct weights_report *r);

/* "ok", "suspicious", "malformed", "malicious". */
const char *weights_verdict_name(enum weights_verdict v);

#endif
