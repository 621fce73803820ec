/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the readers of one format each share: the look at one file, its findings, and the list of
 * things still to be looked at. Containers put their members on that list instead of calling the
 * readers: nothing recurses, and memory is that of the deepest chain.
 */
#ifndef SANCTUM_MACHINE_WEIGHTS_WEIGHTS_LOOK_INT_H
#define SANCTUM_MACHINE_WEIGHTS_WEIGHTS_LOOK_INT_H

#include "buf.h"
#include "file.h"
#include "weights.h"

/* Bytes that items point into: the file itself (buf empty) or something decompressed. */
struct blob {
    struct buf bytes;
    size_t users;
};

enum packing { PACK_NONE, PACK_DEFLATE, PACK_ZIP_LZMA };

enum setting {
    IN_FILE,
    IN_ARCHIVE,       /* a member of a zip or tar, or what a compressed file holds */
    IN_TORCH,         /* data.pkl of a torch archive: persistent ids belong there */
    IN_TORCH_STORAGE, /* raw numbers: only a pickle known to be dangerous is told */
};

/* The raw storages of a torch archive by their number, sorted: what its data.pkl may lean on. */
struct stored {
    uint64_t key, bytes;
};
struct stores {
    struct stored *v;
    size_t n;
};

/* Something to be looked at. */
struct item {
    struct blob *blob;           /* NULL: the file */
    struct span bytes;           /* packed or plain */
    const char *name;            /* in the look's arena; "" for the file */
    const struct stores *stores; /* NULL: not known; in the report's arena */
    enum packing packing;
    enum setting setting;
    unsigned depth; /* archives around it */
};

struct look {
    struct weights_report *report;
    const char *path;     /* may be NULL */
    struct file_map *map; /* NULL: the bytes are not mapped */
    struct item *todo;
    size_t todo_n, todo_cap;
    const struct item *now;
    size_t unpacked; /* bytes held by blobs */
    uint64_t
        budget;   /* bytes of members still to be looked at, decompressed: all nesting together */
    bool spent;   /* told that it ran out */
    struct err e; /* the look itself failed */
};

/* Add a finding about the item in hand. The reason is a printf text; outside bytes go through
 * look_text first. */
void look_note(struct look *k, enum weights_verdict level, const char *rule, uint64_t at,
               const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Outside bytes made printable and short, in the report's arena. */
const char *look_text(struct look *k, struct span s);
/* The name of the item in hand: a member's, or the path of the file itself; else empty. */
struct span look_name(const struct look *k);
/* Does a file's name in a model lead out of the model's folder, or hold a zero byte? */
bool look_path_leaves(struct span path);
/* Look at this later, as part of the item in hand. */
void look_later(struct look *k, struct item it);
/* Everything before p (a byte of the item in hand) was read: its memory may go if it is the file's.
 */
void look_passed(struct look *k, const uint8_t *p);
/* Room left for decompressed bytes. */
size_t look_room(const struct look *k);
/* Put `plain` (taken over, emptied) on the list as what the item in hand decompressed to. */
void look_later_unpacked(struct look *k, struct buf *plain, const char *name);

/* Findings so far, to be dropped again when a guess at the format was wrong. */
struct look_point {
    size_t n;
    enum weights_verdict verdict;
    bool more;
};
struct look_point look_point(const struct look *k);
void look_rewind(struct look *k, struct look_point p);

/* ---- readers, one a file; each adds its findings about k->now ---- */
void safetensors_look(struct look *k, struct span s);
void gguf_look(struct look *k, struct span s);
void zip_look(struct look *k, struct span s);
void npy_look(struct look *k, struct span s);
void onnx_look(struct look *k, struct span s);
void hdf5_look(struct look *k, struct span s);
void tar_look(struct look *k, struct span s);
void text_look(struct look *k, struct span s);

/* How a stream read as pickles went. */
enum pickle_end {
    PICKLE_WHOLE,  /* every pickle ended with STOP */
    PICKLE_BROKEN, /* something is not as it must be */
};
enum pickle_end pickle_look(struct look *k, struct span s);

/* Jinja chat template text at offset `at`. */
void template_look(struct look *k, struct span text, uint64_t at);
/* Is this an attribute that leads from an object to its code, frame or globals? `s` is not empty.
 */
bool template_inner_name(struct span s);
/* Names that its code computes. */
void template_code_look(struct look *k, struct span text, uint64_t at);
/* Settings in YAML, models in XML: what makes their readers load code or files. */
void text_mark_look(struct look *k, struct span s);
/* Is this a module of Python that a model never needs anything of? */
bool text_code_dangerous(struct span module);
/* A JSON document: chat templates, Keras layers. `keras`: it is a Keras model's config. */
void json_look(struct look *k, struct span s, bool keras);

/* Does the format's own mark stand where it must? */
bool onnx_is(struct span s);
bool zip_is(struct span s);
/* A zip's end record that fits lies behind other content. */
bool zip_tail_is(struct span s, size_t *at);
bool tar_is(struct span s);
/* Does the byte at `place` belong to one of a tar's members? */
bool tar_covers(struct span s, size_t place);
bool safetensors_is(struct span s);
/* A compressed stream: its name, or NULL. */
const char *packed_is(struct span s);
/* Decompress the item in hand and put it on the list. */
void packed_look(struct look *k, struct span s);

#endif
