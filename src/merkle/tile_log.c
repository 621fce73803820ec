/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of tiles: called for every entry; touches the disk once in 256 and at each flush. */
#include "tile_log.h"

#include "disk.h"
#include "file.h"
#include "num.h"
#include "tile_dir.h"

#include <errno.h>
#include <stdio.h>

enum {
    DIR_MODE = 0700,
    NAME_MAX_BYTES = 4096,
    PARTIALS_MAX = TILE_WIDTH * 256,
    FOLDER_TILES = 1000, /* full tiles in a folder (tile_path) */
};

/* ---- files ---- */

static struct err text_of(const char *dir, const char *name, struct buf *out)
{
    buf_clear(out);
    TRY(buf_printf(out, "%s/%s", dir, name));
    return buf_put_u8(out, 0);
}

/* The folder of a path: up to its last slash, and a NUL. */
static struct err folder_of(struct span path, struct buf *out)
{
    size_t slash = path.n;
    while (slash && path.p[slash - 1] != '/')
        slash--;
    buf_clear(out);
    TRY(buf_put(out, span_cut(path, 0, slash ? slash - 1 : 0)));
    return buf_put_u8(out, 0);
}

/* Is the file there with these bytes? */
static bool has_already(const char *name, struct span bytes)
{
    BUF_AUTO there = buf_init(bytes.n + 1);
    return !failed(tile_dir_file(name, &there)) && span_eq(buf_span(&there), bytes);
}

/* Write the file, unless it is there as it should be. What a crash left of it goes. */
static struct err put_file(struct tile_log *l, const char *name, struct span bytes)
{
    int fd;
    struct err e = disk_open(name, DISK_CREATE, &fd);
    if (err_cat(e) == ERR_IO && err_detail(e) == EEXIST) {
        if (has_already(name, bytes))
            return OK;
        TRY(disk_remove(name));
        e = disk_open(name, DISK_CREATE, &fd);
    }
    TRY(e);
    l->made++;
    e = disk_put(fd, bytes, 0);
    disk_close(&fd);
    if (failed(e))
        failed(disk_remove(name)); /* gives back what a full disk had left */
    return e;
}

static struct err write_tile(struct tile_log *l, const struct tile *t, struct span bytes)
{
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    BUF_AUTO folder = buf_init(NAME_MAX_BYTES);
    TRY(tile_dir_name(l->path, t, &name));
    struct err e = put_file(l, (const char *)name.p, bytes);
    if (err_cat(e) == ERR_IO && err_detail(e) == ENOENT) {
        TRY(folder_of(buf_span(&name), &folder));
        TRY(file_make_dirs((const char *)folder.p, DIR_MODE));
        e = put_file(l, (const char *)name.p, bytes);
    }
    TRY(e);
    l->partials[t->level + 1] |= t->width < TILE_WIDTH;
    return OK;
}

/* The first `width` hashes of a tile, or entries of a bundle; empty: it has no so many. */
static struct span first_of(int level, struct span bytes, uint64_t width)
{
    struct rd r = rd_of(bytes);
    struct span entry;
    if (level != TILE_ENTRIES)
        return width <= bytes.n / MERKLE_BYTES ? span_cut(bytes, 0, width * MERKLE_BYTES)
                                               : SPAN_NONE;
    while (width--)
        if (failed(tile_bundle_next(&r, &entry)))
            return SPAN_NONE;
    return span_cut(bytes, 0, r.at);
}

/* Drop the partial tiles of this number that are not the beginning of `now`: all, when that is
 * empty. They are of no use then, so what fails here stays. */
static void drop_partials(const struct tile_log *l, const struct tile *t, struct span now)
{
    BUF_AUTO names = buf_init(PARTIALS_MAX);
    BUF_AUTO path = buf_init(NAME_MAX_BYTES);
    BUF_AUTO folder = buf_init(NAME_MAX_BYTES);
    struct tile one = {t->level, 1, t->number};
    if (failed(tile_dir_name(l->path, &one, &path)) ||
        failed(folder_of(buf_span(&path), &folder)) ||
        failed(disk_names((const char *)folder.p, &names)))
        return;
    for (size_t at = 0; at < names.n;) {
        const char *name = (const char *)names.p + at;
        uint64_t width;
        at += strlen(name) + 1;
        if (failed(text_of((const char *)folder.p, name, &path)))
            return;
        struct span part = SPAN_NONE;
        if (now.n && !failed(num_u64(span_str(name), TILE_WIDTH - 1, &width)) && width)
            part = first_of(t->level, now, width);
        if (!part.n || !has_already((const char *)path.p, part))
            failed(disk_remove((const char *)path.p));
    }
    remove((const char *)folder.p);
}

/* ---- the log ---- */

static struct err write_full(struct tile_log *l, const struct tile *t, struct span bytes)
{
    bool *partials = &l->partials[t->level + 1];
    TRY(write_tile(l, t, bytes));
    if (*partials)
        drop_partials(l, t, SPAN_NONE);
    *partials = false;
    return OK;
}

/* The bundle goes first: a tile is never there without its entries. */
static struct err tile_full_now(void *self, const struct tile *t, const struct merkle_hash *hashes)
{
    struct tile_log *l = self;
    if (t->level == 0) {
        struct tile bundle = {TILE_ENTRIES, TILE_WIDTH, t->number};
        TRY(write_full(l, &bundle, buf_span(&l->bundle)));
        buf_clear(&l->bundle);
    }
    return write_full(l, t, span(hashes, TILE_BYTES));
}

/* The hashes of a level above 0: the roots of the full tiles below, each of them read. */
static struct err load_above(struct tile_log *l, uint64_t size, int level)
{
    struct tile_dir d = tile_dir_of(l->path, size);
    BUF_AUTO bytes = buf_init(TILE_BYTES);
    struct merkle_hash below[TILE_WIDTH];
    uint64_t first = tile_full(size, level) * TILE_WIDTH;
    for (unsigned i = 0; i < tile_partial(size, level); i++) {
        struct tile t = {level - 1, TILE_WIDTH, first + i};
        TRY(tile_dir_read(&d, &t, &bytes));
        memcpy(below, bytes.p, TILE_BYTES);
        tile_stack_fold(below, TILE_WIDTH, &l->stack.level[level][i]);
    }
    return OK;
}

/* The unfinished tile of level 0 and its bundle. */
static struct err load_leaves(struct tile_log *l, uint64_t size)
{
    struct tile_dir d = tile_dir_of(l->path, size);
    BUF_AUTO bytes = buf_init(TILE_BYTES);
    struct tile t = {0, tile_partial(size, 0), tile_full(size, 0)};
    struct span entry;
    if (t.width == 0)
        return OK;
    TRY(tile_dir_read(&d, &t, &bytes));
    memcpy(l->stack.level[0], bytes.p, bytes.n);
    t.level = TILE_ENTRIES;
    TRY(tile_dir_read(&d, &t, &l->bundle));
    struct rd r = rd_of(buf_span(&l->bundle));
    for (unsigned i = 0; i < t.width; i++)
        if (failed(tile_bundle_next(&r, &entry)))
            return err(ERR_CORRUPT);
    l->bundle.n = r.at;
    return OK;
}

static struct err load(struct tile_log *l, uint64_t size)
{
    for (int level = 1; level < TILE_LEVELS; level++)
        TRY(load_above(l, size, level));
    l->stack.size = size;
    return load_leaves(l, size);
}

struct err tile_log_open(const char *path, uint64_t size, struct tile_log *out)
{
    memset(out, 0, sizeof *out);
    out->path = path;
    memset(out->partials, true, sizeof out->partials);
    memset(out->flushed, 0xff, sizeof out->flushed); /* no number of hashes */
    out->bundle = buf_init(TILE_BUNDLE_MAX);
    if (size == 0)
        return file_make_dirs(path, DIR_MODE);
    struct err e = load(out, size);
    if (failed(e))
        tile_log_close(out);
    return err_cat(e) == ERR_IO ? err(ERR_CORRUPT) : e;
}

void tile_log_close(struct tile_log *l)
{
    buf_free(&l->bundle);
}

struct err tile_log_append(struct tile_log *l, struct span entry)
{
    struct merkle_hash leaf;
    struct tile_sink sink = {tile_full_now, l};
    TRY(tile_bundle_put(&l->bundle, entry));
    merkle_leaf(entry, &leaf);
    return tile_stack_push(&l->stack, &leaf, &sink);
}

static struct err flush_level(struct tile_log *l, int level)
{
    uint64_t size = l->stack.size, hashes = size >> (level > 0 ? 8 * level : 0);
    struct tile t = {level, tile_partial(size, level), tile_full(size, level)};
    struct span bytes = buf_span(&l->bundle);
    if (level != TILE_ENTRIES)
        bytes = span(l->stack.level[level], t.width * (size_t)MERKLE_BYTES);
    if (!l->looked[level + 1])
        drop_partials(l, &t, bytes); /* those that a crash left */
    l->looked[level + 1] = true;
    if (l->flushed[level + 1] == hashes || t.width == 0)
        return OK;
    TRY(write_tile(l, &t, bytes));
    l->flushed[level + 1] = hashes;
    return OK;
}

struct err tile_log_flush(struct tile_log *l)
{
    for (int at = TILE_ENTRIES; at < TILE_LEVELS; at++)
        TRY(flush_level(l, at));
    return OK;
}

/* ---- onto the medium ---- */

/* The folder of a file, and those above it down from the log's. */
static struct err settle_folders(const char *path, struct span file, bool above)
{
    BUF_AUTO folder = buf_init(NAME_MAX_BYTES);
    TRY(folder_of(file, &folder));
    do {
        BUF_AUTO next = buf_init(NAME_MAX_BYTES);
        TRY(disk_sync_dir((const char *)folder.p));
        TRY(folder_of(span(folder.p, folder.n - 1), &next));
        buf_clear(&folder);
        TRY(buf_put(&folder, buf_span(&next)));
    } while (above && folder.n > strlen(path));
    return OK;
}

/* A file whose bytes were lost on the way goes, so that it is written again. */
static struct err settle_file(const char *path, const struct tile *t, bool folder, bool above)
{
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    int fd;
    TRY(tile_dir_name(path, t, &name));
    TRY(disk_open((const char *)name.p, DISK_READ, &fd));
    struct err e = disk_sync(fd);
    disk_close(&fd);
    if (failed(e)) {
        failed(disk_remove((const char *)name.p));
        return e;
    }
    return folder ? settle_folders(path, buf_span(&name), above) : OK;
}

static struct err settle_level(const char *path, uint64_t from, uint64_t to, int level)
{
    uint64_t end = tile_full(to, level), first = tile_full(from, level);
    for (uint64_t n = first; n < end; n++) {
        struct tile t = {level, TILE_WIDTH, n};
        bool new_folder = n % FOLDER_TILES == 0, last = n % FOLDER_TILES == FOLDER_TILES - 1;
        TRY(settle_file(path, &t, last || new_folder || n + 1 == end, new_folder));
    }
    struct tile partial = {level, tile_partial(to, level), end};
    if (partial.width == 0)
        return OK;
    struct err e = settle_file(path, &partial, true, true);
    return err_cat(e) == ERR_IO && err_detail(e) == ENOENT ? OK : e;
}

struct err tile_log_settle(const char *path, uint64_t from, uint64_t to)
{
    for (int at = TILE_ENTRIES; at < TILE_LEVELS; at++)
        TRY(settle_level(path, from, to, at));
    return OK;
}

struct err tile_log_publish(struct tile_log *l, struct span note)
{
    BUF_AUTO temp = buf_init(NAME_MAX_BYTES);
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    TRY(text_of(l->path, "next-checkpoint", &temp));
    TRY(text_of(l->path, "checkpoint", &name));
    int fd;
    struct err e = disk_remove((const char *)temp.p);
    if (failed(e) && err_detail(e) != ENOENT)
        return e;
    TRY(disk_open((const char *)temp.p, DISK_CREATE, &fd));
    e = disk_put(fd, note, 0);
    if (!failed(e))
        e = disk_sync(fd);
    disk_close(&fd);
    TRY(e);
    TRY(disk_rename((const char *)temp.p, (const char *)name.p));
    return disk_sync_dir(l->path);
}
