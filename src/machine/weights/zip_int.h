/* SPDX-License-Identifier: Apache-2.0 */
/* Zip records as found: what the central directory and the local headers say of one member. */
#ifndef SANCTUM_MACHINE_WEIGHTS_ZIP_INT_H
#define SANCTUM_MACHINE_WEIGHTS_ZIP_INT_H

#include "weights_look_int.h"

enum {
    ZIP_STORED = 0,
    ZIP_DEFLATE = 8,
    ZIP_BZIP2 = 12,
    ZIP_LZMA = 14,
    ZIP_ZSTD = 93,
    ZIP_LOCAL_MIN = 30,
    ZIP_CENTRAL_MIN = 46,
    ZIP_END_MIN = 22
};

struct zip_member {
    struct span name;       /* the central directory's, or the local header's when there is none */
    uint64_t at;            /* of the local header */
    uint64_t data;          /* where its bytes begin; 0: no usable local header */
    uint64_t packed, plain; /* sizes as the central directory says */
    uint64_t local_packed;  /* as the local header says */
    uint16_t method, local_method, flags;
    bool central; /* named by the central directory */
    bool link;    /* a symbolic link by its attributes */
};

struct zip {
    struct look *look;
    struct span in;
    struct zip_member *v;
    size_t n, cap;
    uint64_t shift; /* what offsets were moved by: bytes were put before the archive */
    uint64_t directory, directory_end; /* of the central directory; both in.n when there is none */
    const struct stores *stores; /* torch's raw storages; NULL: too many, or no torch archive */
    bool torch, keras;
};

/* Read the local header of *m at m->at; checks it against what the directory said. */
void zip_local(struct zip *z, struct zip_member *m);
/* A comment is text: bytes of another kind in it are somebody else's file. */
void zip_comment(struct zip *z, struct span comment, uint64_t at);
/* The extra field may hold the name once more (Info-ZIP's Unicode path), which some readers prefer.
 */
void zip_other_name(struct zip *z, struct span extra, struct span name, uint64_t at);
/* What the names and marks of all members say: paths, duplicates, TorchScript. */
void zip_names(struct zip *z);
/* Put the member on the list; its bytes end before `limit`. */
void zip_later(struct zip *z, const struct zip_member *m, uint64_t limit);

#endif
