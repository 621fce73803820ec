/* SPDX-License-Identifier: Apache-2.0 */
/* The writer of tiles: called for every entry; touches the disk once in 256 and at each flush. */
#include "tile_log.h"

#include "file.h"
#include "tile_dir.h"

enum { FILE_MODE = 0644, DIR_MODE = 0755, NAME_MAX_BYTES = 4096 };

static struct err write_tile(const char *dir, const struct tile *t, struct span bytes)
{
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    BUF_AUTO parent = buf_init(NAME_MAX_BYTES);
    TRY(tile_dir_name(dir, t, &name));
    size_t slash = name.n - 1;
    while (name.p[slash] != '/')
        slash--;
    TRY(buf_put(&parent, span_cut(buf_span(&name), 0, slash)));
    TRY(buf_put_u8(&parent, 0));
    TRY(file_make_dirs((const char *)parent.p, DIR_MODE));
    return file_replace((const char *)name.p, bytes, FILE_MODE);
}

/* The bundle goes first: a tile is never there without its entries. */
static struct err tile_full_now(void *self, const struct tile *t, const struct merkle_hash *hashes)
{
    struct tile_log *l = self;
    if (t->level == 0) {
        struct tile bundle = {TILE_ENTRIES, TILE_WIDTH, t->number};
        TRY(write_tile(l->path, &bundle, buf_span(&l->bundle)));
        buf_clear(&l->bundle);
    }
    return write_tile(l->path, t, span(hashes, TILE_BYTES));
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

struct err tile_log_flush(struct tile_log *l)
{
    uint64_t size = l->stack.size;
    struct tile t = {TILE_ENTRIES, tile_partial(size, TILE_ENTRIES), tile_full(size, TILE_ENTRIES)};
    if (t.width)
        TRY(write_tile(l->path, &t, buf_span(&l->bundle)));
    for (int at = 0; at < TILE_LEVELS; at++) {
        t = (struct tile){at, tile_partial(size, at), tile_full(size, at)};
        if (t.width)
            TRY(write_tile(l->path, &t, span(l->stack.level[at], t.width * (size_t)MERKLE_BYTES)));
    }
    return OK;
}

struct err tile_log_publish(struct tile_log *l, struct span note)
{
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    TRY(buf_printf(&name, "%s/checkpoint", l->path));
    TRY(buf_put_u8(&name, 0));
    return file_replace((const char *)name.p, note, FILE_MODE);
}
