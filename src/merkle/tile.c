/* SPDX-License-Identifier: Apache-2.0 */
/* Tile paths and entry bundles: pure text and arithmetic; tile_dir.c and tile_log.c do the files.
 */
#include "tile.h"

#include "num.h"

static unsigned shift_of(int level)
{
    return level == TILE_ENTRIES ? 0 : 8 * (unsigned)level;
}

uint64_t tile_full(uint64_t size, int level)
{
    return size >> shift_of(level) >> 8;
}

unsigned tile_partial(uint64_t size, int level)
{
    return (unsigned)(size >> shift_of(level) & 0xff);
}

static void three_digits(struct wr *out, unsigned v)
{
    wr_u8(out, (uint8_t)('0' + v / 100));
    wr_u8(out, (uint8_t)('0' + v / 10 % 10));
    wr_u8(out, (uint8_t)('0' + v % 10));
}

void tile_path(const struct tile *t, struct wr *out)
{
    wr_str(out, "tile/");
    if (t->level == TILE_ENTRIES)
        wr_str(out, "entries");
    else
        wr_dec(out, (uint64_t)t->level);
    uint64_t above = 1;
    while (t->number / above >= 1000)
        above *= 1000;
    for (; above > 1; above /= 1000) {
        wr_str(out, "/x");
        three_digits(out, (unsigned)(t->number / above % 1000));
    }
    wr_u8(out, '/');
    three_digits(out, (unsigned)(t->number % 1000));
    if (t->width < TILE_WIDTH) {
        wr_str(out, ".p/");
        wr_dec(out, t->width);
    }
}

static bool digit(uint8_t c)
{
    return (uint8_t)(c - '0') < 10;
}

/* "/x001/x234/067" at *at. */
static struct err parse_number(struct span path, size_t *at, uint64_t *out, struct fault *f)
{
    uint64_t v = 0;
    for (bool more = true, first = true; more; first = false) {
        struct span group = span_cut(path, *at, 5);
        more = group.n > 1 && group.p[1] == 'x';
        size_t skip = more ? 2 : 1;
        if (group.n < skip + 3 || group.p[0] != '/' || !digit(group.p[skip]) ||
            !digit(group.p[skip + 1]) || !digit(group.p[skip + 2]))
            return fault_at(f, ERR_INPUT, *at, "a tile number is groups of three digits");
        unsigned three = (unsigned)(group.p[skip] - '0') * 100 +
                         (unsigned)(group.p[skip + 1] - '0') * 10 +
                         (unsigned)(group.p[skip + 2] - '0');
        if (first && more && three == 0)
            return fault_at(f, ERR_INPUT, *at, "a tile number has no leading group of zeros");
        if (v > (TILE_NUMBER_MAX - three) / 1000)
            return fault_at(f, ERR_INPUT, *at, "no tree has a tile of this number");
        v = v * 1000 + three;
        *at += skip + 3;
    }
    *out = v;
    return OK;
}

struct err tile_parse(struct span path, struct tile *out, struct fault *f)
{
    static const char head[] = "tile/", entries[] = "entries";
    size_t at = sizeof head - 1;
    if (!span_starts(path, SPAN_LIT("tile/")))
        return fault_at(f, ERR_INPUT, 0, "a tile path begins with tile/");
    if (span_starts(span_from(path, at), SPAN_LIT("entries"))) {
        out->level = TILE_ENTRIES;
        at += sizeof entries - 1;
    } else {
        if (at >= path.n || (uint8_t)(path.p[at] - '0') >= TILE_LEVELS)
            return fault_at(f, ERR_INPUT, at, "a tile level is 0 to 7 or entries");
        out->level = path.p[at++] - '0';
    }
    TRY(parse_number(path, &at, &out->number, f));
    out->width = TILE_WIDTH;
    if (at == path.n)
        return OK;
    uint64_t width = 0;
    if (!span_starts(span_from(path, at), SPAN_LIT(".p/")))
        return fault_at(f, ERR_INPUT, at, "bytes after the tile number");
    if (failed(num_u64(span_from(path, at + 3), TILE_WIDTH - 1, &width)) || width == 0)
        return fault_at(f, ERR_INPUT, at + 3, "a partial tile's width is 1 to 255");
    out->width = (unsigned)width;
    return OK;
}

struct err tile_bundle_put(struct buf *bundle, struct span entry)
{
    if (entry.n > TILE_ENTRY_MAX)
        return err(ERR_LIMIT);
    uint8_t length[2] = {(uint8_t)(entry.n >> 8), (uint8_t)entry.n};
    TRY(buf_reserve(bundle, entry.n + 2));
    TRY(buf_put(bundle, span(length, 2)));
    return buf_put(bundle, entry);
}

struct err tile_bundle_next(struct rd *bundle, struct span *entry)
{
    uint64_t n;
    if (rd_left(bundle) == 0)
        return err(ERR_CLOSED);
    TRY(rd_be(bundle, 2, &n));
    return rd_take(bundle, n, entry);
}
