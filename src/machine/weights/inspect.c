/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The look at one file: a list of things to look at, each given to the reader its content asks for.
 * The file itself comes first; containers add their members; the last added is looked at next, so
 * that what was decompressed is let go before its siblings are.
 */
#include "file.h"
#include "inflate.h"
#include "sniff_int.h"
#include "weights_look_int.h"

#include <stdio.h>
#include <stdlib.h>

enum { TODO_MAX = 65536, TEXT_ARENA = 1 << 20, RATIO_MAX = 100, RATIO_FREE = 1 << 20 };
/* Of all members together: a hundred times the file, and this much for a small one. */
#define BUDGET_LEAST ((uint64_t)128 << 20)

size_t look_room(const struct look *k)
{
    return k->unpacked < WEIGHTS_MEMORY_MAX ? WEIGHTS_MEMORY_MAX - k->unpacked : 0;
}

void look_later(struct look *k, struct item it)
{
    if (k->todo_n == TODO_MAX) {
        look_note(k, WEIGHTS_SUSPICIOUS, "limit", 0, "more than %d members", TODO_MAX);
        return;
    }
    if (k->todo_n == k->todo_cap) {
        size_t cap = k->todo_cap ? 2 * k->todo_cap : 16;
        struct item *v = realloc(k->todo, cap * sizeof *v);
        if (!v) {
            k->e = err(ERR_NOMEM);
            return;
        }
        k->todo = v;
        k->todo_cap = cap;
    }
    if (it.blob)
        it.blob->users++;
    k->todo[k->todo_n++] = it;
}

static void blob_drop(struct look *k, struct blob *b)
{
    if (!b || --b->users)
        return;
    k->unpacked -= b->bytes.n;
    buf_free(&b->bytes);
    free(b);
}

static struct blob *blob_of(struct look *k, struct buf *plain)
{
    struct blob *b = calloc(1, sizeof *b);
    if (!b) {
        k->e = err(ERR_NOMEM);
        buf_free(plain);
        return NULL;
    }
    b->bytes = *plain;
    *plain = buf_init(0);
    k->unpacked += b->bytes.n;
    return b;
}

void look_later_unpacked(struct look *k, struct buf *plain, const char *name)
{
    struct blob *b = blob_of(k, plain);
    if (!b)
        return;
    struct item it = {
        .blob = b,
        .bytes = buf_span(&b->bytes),
        .name = name,
        /* numbers may look like a compressed stream; what comes out of them is noise */
        .setting = k->now->setting == IN_TORCH_STORAGE ? IN_TORCH_STORAGE : IN_ARCHIVE,
        .depth = k->now->depth + 1};
    b->users = 1;
    look_later(k, it);
    blob_drop(k, b);
}

/* A zip member of method 14: a version, the size of the properties, the properties and the stream
 * (APPNOTE 5.8.8). The .lzma file format has an unknown size of eight bytes 255 in between. */
static struct err inflate_zip_lzma(struct span in, struct buf *out)
{
    enum { VERSION = 4, PROPERTIES = 5, SIZE = 8, PACKED_MAX = 4 << 20 };
    if (in.n < VERSION + PROPERTIES || in.p[2] != PROPERTIES || in.p[3])
        return err(ERR_INPUT);
    BUF_AUTO file = buf_init(PACKED_MAX);
    static const uint8_t unknown[SIZE] = {255, 255, 255, 255, 255, 255, 255, 255};
    TRY(buf_put(&file, span_cut(in, VERSION, PROPERTIES)));
    TRY(buf_put(&file, span(unknown, SIZE)));
    TRY(buf_put(&file, span_from(in, VERSION + PROPERTIES)));
    return inflate_lzma(buf_span(&file), out);
}

/* Replace a packed item by its plain bytes. What came out before a failure is still looked at. */
static void unpack(struct look *k, struct item *it)
{
    size_t room = look_room(k);
    struct buf plain = buf_init(room);
    struct err e = it->packing == PACK_ZIP_LZMA ? inflate_zip_lzma(it->bytes, &plain)
                                                : inflate_raw(it->bytes, &plain, NULL);
    if (err_cat(e) == ERR_LIMIT && it->setting != IN_TORCH_STORAGE)
        look_note(k, WEIGHTS_SUSPICIOUS, "limit", 0,
                  "decompresses to more than %zu bytes; only these were read", room);
    else if (failed(e) && err_cat(e) != ERR_LIMIT)
        look_note(k, WEIGHTS_MALFORMED, "deflate", 0, "the compressed bytes are broken");
    if (plain.n > RATIO_FREE && plain.n / RATIO_MAX > it->bytes.n)
        look_note(k, WEIGHTS_MALFORMED, "bomb", 0, "%zu bytes decompress to more than %zu",
                  it->bytes.n, plain.n);
    struct blob *b = blob_of(k, &plain);
    if (!b)
        return;
    blob_drop(k, it->blob);
    b->users = 1;
    it->blob = b;
    it->bytes = buf_span(&b->bytes);
    it->packing = PACK_NONE;
}

/* Members may overlap, nest and decompress a thousandfold: what they cost together is bounded.
 * False: nothing is left for this one. */
static bool affordable(struct look *k, const struct item *it)
{
    if (it->depth == 0 || k->budget)
        return true;
    if (!k->spent)
        look_note(k, WEIGHTS_MALFORMED, "bomb", 0,
                  "the members decompress to too many bytes together: the rest was not read");
    k->spent = true;
    return false;
}

static void pay(struct look *k, const struct item *it)
{
    if (it->depth)
        k->budget -= it->bytes.n < k->budget ? it->bytes.n : k->budget;
}

static void look_one(struct look *k, struct item it)
{
    k->now = &it;
    if (it.depth > WEIGHTS_DEPTH_MAX)
        look_note(k, WEIGHTS_SUSPICIOUS, "depth", 0, "archives nested more than %d deep",
                  WEIGHTS_DEPTH_MAX);
    else if (affordable(k, &it)) {
        if (it.packing != PACK_NONE)
            unpack(k, &it);
        pay(k, &it);
        const char *format = sniff_and_look(k, it.bytes);
        if (it.depth == 0)
            k->report->format = format;
    }
    k->now = NULL;
    blob_drop(k, it.blob);
}

void look_passed(struct look *k, const uint8_t *p)
{
    if (k->map && k->now && !k->now->blob)
        file_map_passed(k->map, (size_t)(p - k->map->bytes.p));
}

static struct err inspect(struct span bytes, const char *path, struct file_map *map,
                          struct weights_report *out)
{
    uint64_t budget = (uint64_t)bytes.n * RATIO_MAX;
    struct look k = {.report = out,
                     .path = path,
                     .map = map,
                     .budget = budget > BUDGET_LEAST ? budget : BUDGET_LEAST};
    look_later(&k, (struct item){.bytes = bytes, .name = ""});
    while (k.todo_n)
        look_one(&k, k.todo[--k.todo_n]);
    free(k.todo);
    return k.e;
}

static struct weights_report empty_report(void)
{
    return (struct weights_report){
        .format = "unknown", .data = buf_init(WEIGHTS_DATA_MAX), .text = arena_init(TEXT_ARENA)};
}

struct err weights_inspect(struct span bytes, const char *path, struct weights_report *out)
{
    *out = empty_report();
    return inspect(bytes, path, NULL, out);
}

struct err weights_inspect_file(const char *path, struct weights_report *out)
{
    *out = empty_report();
    struct file_map m;
    TRY(file_map_open(path, &m));
    struct err e = inspect(m.bytes, path, &m, out);
    if (!failed(e) && file_map_torn(&m))
        e = err(ERR_CLOSED); /* what was found is not what the file holds now */
    file_map_close(&m);
    return e;
}
