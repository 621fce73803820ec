/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of tiles: called for every entry; touches the disk once in 256 and at each flush. */
#include "tile_log.h"

#include "disk.h"
#include "file.h"
#include "tile_dir.h"

#include <errno.h>
#include <stdio.h>

enum { DIR_MODE = 0700, NAME_MAX_BYTES = 4096, PARTIALS_MAX = TILE_WIDTH * 256 };

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

static struct err open_fresh(const char *name, int *fd)
{
    struct err e = disk_open(name, DISK_CREATE, fd);
    if (err_cat(e) != ERR_IO || err_detail(e) != EEXIST)
        return e;
    TRY(disk_remove(name)); /* of a crash, or of the same size flushed before */
    return disk_open(name, DISK_CREATE, fd);
}

/* Written, not yet synchronised, and open. */
static struct err put_open(const char *name, struct span bytes, int *fd)
{
    TRY(open_fresh(name, fd));
    struct err e = disk_put(*fd, bytes, 0);
    if (!failed(e))
        return OK;
    disk_close(fd);
    failed(disk_remove(name)); /* gives back what a full disk had left */
    return e;
}

static struct err sync_and_close(int *fd)
{
    struct err e = *fd < 0 ? OK : disk_sync(*fd);
    disk_close(fd);
    return e;
}

/* Begun now: space for many files is given out in one go of the file system's journal, and the
 * first of them that is waited for takes the others along. */
static struct err sync_later(struct tile_log *l, int fd)
{
    disk_begin_sync(fd);
    struct err e = sync_and_close(&l->under_way[l->oldest]);
    l->under_way[l->oldest] = fd;
    l->oldest = (l->oldest + 1) % TILE_LOG_UNDER_WAY;
    return e;
}

/* Make the folder and those above it, down from the log's, each one's name durable. */
static struct err make_folder(const struct tile_log *l, const char *folder)
{
    BUF_AUTO above = buf_init(NAME_MAX_BYTES);
    TRY(file_make_dirs(folder, DIR_MODE));
    for (size_t n = strlen(folder); n > strlen(l->path);) {
        TRY(folder_of(span(folder, n), &above));
        TRY(disk_sync_dir((const char *)above.p));
        n = above.n - 1;
    }
    return OK;
}

/* Remember that a name in `folder` is not durable yet; another folder in its place is synced. */
static struct err note_folder(struct buf *slot, const char *folder)
{
    if (slot->n && strcmp((const char *)slot->p, folder) == 0)
        return OK;
    if (slot->n)
        TRY(disk_sync_dir((const char *)slot->p));
    buf_clear(slot);
    TRY(buf_puts(slot, folder));
    return buf_put_u8(slot, 0);
}

static struct err sync_all(struct tile_log *l)
{
    for (size_t i = 0; i < TILE_LOG_UNDER_WAY; i++)
        TRY(sync_and_close(&l->under_way[i]));
    for (size_t i = 0; i < TILE_LOG_FOLDERS; i++) {
        if (l->unsynced[i].n)
            TRY(disk_sync_dir((const char *)l->unsynced[i].p));
        buf_clear(&l->unsynced[i]);
    }
    return OK;
}

static struct err write_tile(struct tile_log *l, const struct tile *t, struct span bytes)
{
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    BUF_AUTO folder = buf_init(NAME_MAX_BYTES);
    int fd;
    TRY(tile_dir_name(l->path, t, &name));
    TRY(folder_of(buf_span(&name), &folder));
    struct err e = put_open((const char *)name.p, bytes, &fd);
    if (err_cat(e) == ERR_IO && err_detail(e) == ENOENT) {
        TRY(make_folder(l, (const char *)folder.p));
        e = put_open((const char *)name.p, bytes, &fd);
    }
    TRY(e);
    TRY(sync_later(l, fd));
    size_t slot = 2 * (size_t)(t->level + 1) + (t->width < TILE_WIDTH);
    l->partials[t->level + 1] |= t->width < TILE_WIDTH;
    return note_folder(&l->unsynced[slot], (const char *)folder.p);
}

/* The partial tiles of a number that is full now. They are of no more use and do no harm, so what
 * fails here stays. */
static void drop_partials(struct tile_log *l, const struct tile *full)
{
    bool any = l->partials[full->level + 1];
    l->partials[full->level + 1] = false;
    if (!any)
        return;
    BUF_AUTO names = buf_init(PARTIALS_MAX);
    BUF_AUTO path = buf_init(NAME_MAX_BYTES);
    BUF_AUTO folder = buf_init(NAME_MAX_BYTES);
    struct tile one = {full->level, 1, full->number};
    if (failed(tile_dir_name(l->path, &one, &path)) ||
        failed(folder_of(buf_span(&path), &folder)) ||
        failed(disk_names((const char *)folder.p, &names)))
        return;
    for (size_t at = 0; at < names.n; at += strlen((const char *)names.p + at) + 1)
        if (!failed(text_of((const char *)folder.p, (const char *)names.p + at, &path)))
            failed(disk_remove((const char *)path.p));
    remove((const char *)folder.p);
}

/* ---- the log ---- */

/* The bundle goes first: a tile is never there without its entries. */
static struct err tile_full_now(void *self, const struct tile *t, const struct merkle_hash *hashes)
{
    struct tile_log *l = self;
    if (t->level == 0) {
        struct tile bundle = {TILE_ENTRIES, TILE_WIDTH, t->number};
        TRY(write_tile(l, &bundle, buf_span(&l->bundle)));
        drop_partials(l, &bundle);
        buf_clear(&l->bundle);
    }
    TRY(write_tile(l, t, span(hashes, TILE_BYTES)));
    drop_partials(l, t);
    return OK;
}

static struct err load(struct tile_log *l, uint64_t size)
{
    struct tile_dir d = tile_dir_of(l->path, size);
    BUF_AUTO bytes = buf_init(TILE_BYTES);
    for (int at = 0; at < TILE_LEVELS; at++) {
        struct tile t = {at, tile_partial(size, at), tile_full(size, at)};
        if (t.width == 0)
            continue;
        TRY(tile_dir_read(&d, &t, &bytes));
        memcpy(l->stack.level[at], bytes.p, bytes.n);
    }
    l->stack.size = size;
    for (int at = TILE_ENTRIES; at < TILE_LEVELS; at++)
        l->flushed[at + 1] = size >> (at > 0 ? 8 * at : 0);
    struct tile t = {TILE_ENTRIES, tile_partial(size, TILE_ENTRIES), tile_full(size, TILE_ENTRIES)};
    if (t.width == 0)
        return OK;
    TRY(tile_dir_read(&d, &t, &l->bundle));
    struct rd r = rd_of(buf_span(&l->bundle));
    struct span entry;
    for (unsigned i = 0; i < t.width; i++)
        if (failed(tile_bundle_next(&r, &entry)))
            return err(ERR_CORRUPT);
    l->bundle.n = r.at;
    return OK;
}

struct err tile_log_open(const char *path, uint64_t size, struct tile_log *out)
{
    memset(out, 0, sizeof *out);
    out->path = path;
    memset(out->partials, true, sizeof out->partials);
    memset(out->flushed, 0xff, sizeof out->flushed); /* no number of hashes */
    out->bundle = buf_init(TILE_BUNDLE_MAX);
    for (size_t i = 0; i < TILE_LOG_FOLDERS; i++)
        out->unsynced[i] = buf_init(NAME_MAX_BYTES);
    memset(out->under_way, -1, sizeof out->under_way);
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
    for (size_t i = 0; i < TILE_LOG_UNDER_WAY; i++)
        disk_close(&l->under_way[i]);
    for (size_t i = 0; i < TILE_LOG_FOLDERS; i++)
        buf_free(&l->unsynced[i]);
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
    if (l->flushed[level + 1] == hashes || t.width == 0)
        return OK;
    if (level != TILE_ENTRIES)
        bytes = span(l->stack.level[level], t.width * (size_t)MERKLE_BYTES);
    TRY(write_tile(l, &t, bytes));
    l->flushed[level + 1] = hashes;
    return OK;
}

struct err tile_log_flush(struct tile_log *l)
{
    for (int at = TILE_ENTRIES; at < TILE_LEVELS; at++)
        TRY(flush_level(l, at));
    return sync_all(l);
}

struct err tile_log_publish(struct tile_log *l, struct span note)
{
    BUF_AUTO temp = buf_init(NAME_MAX_BYTES);
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    TRY(text_of(l->path, "next-checkpoint", &temp));
    TRY(text_of(l->path, "checkpoint", &name));
    int fd;
    TRY(put_open((const char *)temp.p, note, &fd));
    TRY(sync_and_close(&fd));
    TRY(disk_rename((const char *)temp.p, (const char *)name.p));
    return disk_sync_dir(l->path);
}
