/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles read back: by the checker of a log, by whoever makes proofs, and by the writer at start. */
#include "tile_dir.h"

#include "disk.h"
#include "file.h"
#include "tile_stack.h"

#include <errno.h>

enum { NAME_MAX_BYTES = 4096, READ_STEP = 64 * 1024 };

struct tile_dir tile_dir_of(const char *path, uint64_t size)
{
    struct tile_dir d = {.path = path, .size = size};
    for (int i = 0; i < TILE_LEVELS; i++)
        d.kept[i].bytes = buf_init(TILE_BYTES);
    return d;
}

void tile_dir_close(struct tile_dir *d)
{
    for (int i = 0; i < TILE_LEVELS; i++)
        buf_free(&d->kept[i].bytes);
}

struct err tile_dir_name(const char *dir, const struct tile *t, struct buf *out)
{
    char text[TILE_PATH_MAX];
    struct wr w = wr_of(text, sizeof text);
    tile_path(t, &w);
    TRY(wr_done(&w));
    TRY(buf_puts(out, dir));
    TRY(buf_put_u8(out, '/'));
    TRY(buf_put(out, wr_span(&w)));
    return buf_put_u8(out, 0);
}

bool tile_dir_has(const struct tile_dir *d, const struct tile *t)
{
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    return !failed(tile_dir_name(d->path, t, &name)) && file_exists((const char *)name.p);
}

/* Positioned reads: they fail at once where there is no position, so a pipe holds nobody up. */
static struct err read_all(int fd, struct buf *out)
{
    for (;;) {
        size_t room = out->max - out->n, step = room < READ_STEP ? room : READ_STEP, got;
        uint8_t probe;
        if (step == 0) {
            TRY(disk_get(fd, &probe, 1, out->n, &got));
            return got ? err(ERR_LIMIT) : OK;
        }
        TRY(buf_reserve(out, step));
        TRY(disk_get(fd, out->p + out->n, step, out->n, &got));
        out->n += got;
        if (got < step)
            return OK;
    }
}

struct err tile_dir_file(const char *path, struct buf *out)
{
    int fd;
    struct err e = disk_open(path, DISK_READ, &fd);
    if (!failed(e))
        e = read_all(fd, out);
    disk_close(&fd);
    return disk_is_odd(e) ? err(ERR_CORRUPT) : e;
}

static struct err read_file(const char *dir, const struct tile *t, struct buf *out)
{
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    buf_clear(out);
    TRY(tile_dir_name(dir, t, &name));
    return tile_dir_file((const char *)name.p, out);
}

static bool not_there(struct err e)
{
    return err_cat(e) == ERR_IO && (err_detail(e) == ENOENT || err_detail(e) == ENOTDIR);
}

struct err tile_dir_read(const struct tile_dir *d, const struct tile *t, struct buf *out)
{
    struct tile whole = {t->level, TILE_WIDTH, t->number};
    struct err e = read_file(d->path, t, out);
    bool wider = not_there(e) && t->width < TILE_WIDTH;
    if (wider)
        e = read_file(d->path, &whole, out);
    if (err_cat(e) == ERR_LIMIT)
        return err(ERR_CORRUPT);
    TRY(e);
    if (t->level == TILE_ENTRIES)
        return OK;
    if (out->n != (size_t)(wider ? TILE_WIDTH : t->width) * MERKLE_BYTES)
        return err(ERR_CORRUPT);
    out->n = (size_t)t->width * MERKLE_BYTES;
    return OK;
}

struct err tile_dir_node(void *self, unsigned height, uint64_t index, struct merkle_hash *out)
{
    struct tile_dir *d = self;
    unsigned level = height / 8, within = height % 8;
    uint64_t first = index << within, number = first / TILE_WIDTH;
    if (level >= TILE_LEVELS || number > tile_full(d->size, (int)level))
        return err(ERR_BUG);
    unsigned width =
        number == tile_full(d->size, (int)level) ? tile_partial(d->size, (int)level) : TILE_WIDTH;
    size_t at = first % TILE_WIDTH, n = (size_t)1 << within;
    if (at + n > width)
        return err(ERR_BUG);
    if (!d->kept[level].loaded || d->kept[level].number != number) {
        d->kept[level].loaded = false;
        struct tile t = {(int)level, width, number};
        TRY(tile_dir_read(d, &t, &d->kept[level].bytes));
        d->kept[level].loaded = true;
        d->kept[level].number = number;
    }
    struct merkle_hash hashes[TILE_WIDTH];
    memcpy(hashes, d->kept[level].bytes.p + at * MERKLE_BYTES, n * MERKLE_BYTES);
    tile_stack_fold(hashes, n, out);
    return OK;
}

struct err tile_dir_entry(const struct tile_dir *d, uint64_t index, struct buf *bundle,
                          struct span *out)
{
    if (index >= d->size)
        return err(ERR_INPUT);
    uint64_t number = index / TILE_WIDTH;
    bool full = number < tile_full(d->size, TILE_ENTRIES);
    struct tile t = {TILE_ENTRIES, full ? TILE_WIDTH : tile_partial(d->size, TILE_ENTRIES), number};
    TRY(tile_dir_read(d, &t, bundle));
    struct rd r = rd_of(buf_span(bundle));
    for (uint64_t i = 0; i <= index % TILE_WIDTH; i++)
        if (failed(tile_bundle_next(&r, out)))
            return err(ERR_CORRUPT);
    return OK;
}
