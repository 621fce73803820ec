/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The check of a whole log: open the checkpoint, open what was remembered, walk the entries, judge.
 * Run by hand and by timers; nothing in the directory is trusted, whatever it holds.
 */
#include "log_check.h"

#include "file.h"
#include "tile_dir.h"
#include "tile_stack.h"

#include <errno.h>
#include <stdlib.h>

enum { NAME_MAX_BYTES = 4096, LATER_LOOK = 4096 };

/* One check under way. */
struct walk {
    const struct log_ask *ask;
    struct log_report *report;
    struct tile_dir dir;
    struct tile_stack stack;
    struct buf bundle, tile;
    bool leaf_differs, node_differs; /* some tile of level 0, of a level above, differs */
    uint64_t leaf_at, node_at;       /* first entry it concerns */
    struct checkpoint remembered[LOG_REMEMBERED];
    struct note_seen seen[LOG_REMEMBERED][CHECKPOINT_KEYS];
};

const char *log_check_word(enum log_verdict v)
{
    static const char *const words[LOG_VERDICTS] = {
        "altered",    "truncated",   "missing",          "rewritten", "fork",
        "split view", "rolled back", "unauthorised key", "clock",     "incomplete"};
    return words[v];
}

void log_check_found(struct log_report *r, struct log_finding f)
{
    if (r->findings < LOG_FINDINGS)
        r->finding[r->findings++] = f;
}

void log_check_free(struct log_report *r)
{
    buf_free(&r->note);
}

static void found(struct walk *w, enum log_verdict v, const char *why)
{
    log_check_found(w->report, (struct log_finding){.verdict = v, .why = why});
}

static void found_at(struct walk *w, enum log_verdict v, uint64_t index, const char *why)
{
    log_check_found(w->report, (struct log_finding){
                                   .verdict = v, .has_index = true, .index = index, .why = why});
}

static bool not_there(struct err e)
{
    return err_cat(e) == ERR_IO && (err_detail(e) == ENOENT || err_detail(e) == ENOTDIR);
}

/* ---- the tiles, compared with what the entries give ---- */

static void differs(struct walk *w, int level, uint64_t number, size_t at)
{
    uint64_t index = (number * TILE_WIDTH + at) << (8 * (unsigned)level);
    bool *any = level == 0 ? &w->leaf_differs : &w->node_differs;
    uint64_t *first = level == 0 ? &w->leaf_at : &w->node_at;
    if (!*any || index < *first)
        *first = index;
    *any = true;
}

static struct err compare(void *self, const struct tile *t, const struct merkle_hash *hashes)
{
    struct walk *w = self;
    struct err e = tile_dir_read(&w->dir, t, &w->tile);
    if (not_there(e) || err_cat(e) == ERR_CORRUPT) {
        differs(w, t->level, t->number, 0);
        return OK;
    }
    TRY(e);
    for (size_t i = 0; i < t->width; i++)
        if (memcmp(w->tile.p + i * MERKLE_BYTES, hashes[i].b, MERKLE_BYTES) != 0) {
            differs(w, t->level, t->number, i);
            break;
        }
    return OK;
}

static struct err compare_partial(struct walk *w)
{
    uint64_t size = w->stack.size;
    for (int at = 0; at < TILE_LEVELS; at++) {
        struct tile t = {at, tile_partial(size, at), tile_full(size, at)};
        if (t.width)
            TRY(compare(w, &t, w->stack.level[at]));
    }
    return OK;
}

/* ---- the entries ---- */

static void compare_remembered(struct walk *w)
{
    struct merkle_hash root;
    for (size_t i = 0; i < w->ask->remembered_count; i++) {
        const struct checkpoint *c = &w->remembered[i];
        if (c->size != w->stack.size || c->size == w->report->head.size)
            continue;
        tile_stack_root(&w->stack, &root);
        if (!merkle_same(&root, &c->root))
            found(w, LOG_REWRITTEN, "a head signed earlier is not of this log");
    }
}

/* Is any entry on disk in a bundle after `number`? Looked for in the next LATER_LOOK bundles and in
 * the last, so that a head of 2^60 entries without any ends at once. */
static bool later_bundle(struct walk *w, uint64_t number)
{
    uint64_t last = (w->dir.size - 1) / TILE_WIDTH;
    for (uint64_t n = number + 1; n <= last; n++) {
        if (n - number > LATER_LOOK)
            n = last;
        struct tile t = {TILE_ENTRIES, TILE_WIDTH, n};
        if (n == last && tile_partial(w->dir.size, TILE_ENTRIES))
            t.width = tile_partial(w->dir.size, TILE_ENTRIES);
        if (tile_dir_has(&w->dir, &t))
            return true;
    }
    return false;
}

static void entries_gone(struct walk *w)
{
    uint64_t at = w->stack.size, size = w->dir.size;
    if (later_bundle(w, at / TILE_WIDTH))
        found_at(w, LOG_ALTERED, at, "entries are gone from the middle");
    else if (at == 0)
        found(w, LOG_MISSING, "not one entry is left");
    else
        log_check_found(w->report, (struct log_finding){LOG_TRUNCATED, true, at, size - at,
                                                        "entries are gone from the end"});
}

/* Push the entries of the bundle read, at most `width`. False: some are not there. */
static struct err push_entries(struct walk *w, unsigned width, bool *complete)
{
    struct rd r = rd_of(buf_span(&w->bundle));
    struct tile_sink sink = {compare, w};
    struct span entry;
    struct merkle_hash leaf;
    *complete = false;
    for (unsigned i = 0; i < width; i++) {
        if (failed(tile_bundle_next(&r, &entry)))
            return OK;
        merkle_leaf(entry, &leaf);
        TRY(tile_stack_push(&w->stack, &leaf, &sink));
        compare_remembered(w);
    }
    *complete = true;
    if (width == TILE_WIDTH && rd_left(&r))
        found_at(w, LOG_ALTERED, w->stack.size, "a bundle holds more than its 256 entries");
    return OK;
}

/* The widest bundle of this number that is left, when the one wanted is not there. */
static struct err narrower(struct walk *w, struct tile *t)
{
    while (t->width > 1) {
        t->width--;
        if (tile_dir_has(&w->dir, t))
            return tile_dir_read(&w->dir, t, &w->bundle);
    }
    return err_make(ERR_IO, ENOENT);
}

/* False in *complete: the walk ends here, and the report says why. */
static struct err walk_entries(struct walk *w, bool *complete)
{
    *complete = true;
    while (w->stack.size < w->dir.size) {
        uint64_t left = w->dir.size - w->stack.size;
        struct tile t = {TILE_ENTRIES, left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH,
                         w->stack.size / TILE_WIDTH};
        struct err e = tile_dir_read(&w->dir, &t, &w->bundle);
        bool whole = !not_there(e);
        if (!whole)
            e = narrower(w, &t);
        if (err_cat(e) == ERR_CORRUPT) {
            found_at(w, LOG_ALTERED, w->stack.size, "a bundle is no regular file or too large");
            *complete = false;
            return OK;
        }
        bool pushed = false;
        if (!not_there(e)) {
            TRY(e);
            TRY(push_entries(w, t.width, &pushed));
        }
        if (!whole || !pushed) {
            entries_gone(w);
            *complete = false;
            return OK;
        }
    }
    return OK;
}

/* ---- partial tiles of sizes signed before: each is the beginning of what is there now ---- */

static void compare_older_hashes(struct walk *w)
{
    for (int at = 0; at < TILE_LEVELS; at++) {
        struct tile t = {at, 1, tile_full(w->stack.size, at)};
        for (; t.width < tile_partial(w->stack.size, at); t.width++)
            if (tile_dir_has(&w->dir, &t) &&
                (failed(tile_dir_read(&w->dir, &t, &w->tile)) ||
                 memcmp(w->tile.p, w->stack.level[at], w->tile.n) != 0))
                differs(w, at, t.number, 0);
    }
}

/* Bytes that the first `n` entries of the bundle read last take. */
static size_t entries_bytes(const struct walk *w, unsigned n)
{
    struct rd r = rd_of(buf_span(&w->bundle));
    struct span entry;
    while (n-- && !failed(tile_bundle_next(&r, &entry)))
        ;
    return r.at;
}

static struct err compare_older_bundles(struct walk *w)
{
    BUF_AUTO older = buf_init(TILE_BUNDLE_MAX);
    unsigned width = tile_partial(w->stack.size, TILE_ENTRIES);
    struct tile t = {TILE_ENTRIES, 1, tile_full(w->stack.size, TILE_ENTRIES)};
    for (; t.width <= width; t.width++) {
        if (!tile_dir_has(&w->dir, &t))
            continue;
        struct err e = tile_dir_read(&w->dir, &t, &older);
        if (err_cat(e) == ERR_NOMEM)
            return e;
        size_t n = entries_bytes(w, t.width);
        if (failed(e) || older.n != n || memcmp(older.p, w->bundle.p, n) != 0) {
            found_at(w, LOG_ALTERED, t.number * TILE_WIDTH,
                     "a bundle of a size signed before is not what it was");
            break;
        }
    }
    return OK;
}

/* ---- the verdicts ---- */

static void judge_root(struct walk *w)
{
    struct merkle_hash root;
    tile_stack_root(&w->stack, &root);
    if (merkle_same(&root, &w->report->head.root)) {
        if (w->leaf_differs)
            found_at(w, LOG_ALTERED, w->leaf_at,
                     "a tile is not that of its entries, which are intact");
        else if (w->node_differs)
            found_at(w, LOG_ALTERED, w->node_at,
                     "a tile above the leaves is not that of its entries");
        return;
    }
    if (w->leaf_differs)
        found_at(w, LOG_ALTERED, w->leaf_at, "an entry is not the one that its tile was made of");
    else if (w->node_differs)
        found_at(w, LOG_REWRITTEN, w->node_at, "entries and their tiles are not those signed");
    else
        found(w, LOG_REWRITTEN, "the root is not the one signed");
}

/* Entries are gone from some point on; those before it may differ as well. */
static void judge_walked(struct walk *w)
{
    if (w->leaf_differs)
        found_at(w, LOG_ALTERED, w->leaf_at, "an entry is not the one that its tile was made of");
}

static void judge_remembered(struct walk *w)
{
    const struct checkpoint *head = &w->report->head;
    for (size_t i = 0; i < w->ask->remembered_count; i++) {
        const struct checkpoint *c = &w->remembered[i];
        bool witnessed = false;
        for (size_t k = 1; k < w->ask->key_count; k++) {
            witnessed = witnessed || w->seen[i][k].good;
            if (w->seen[i][k].good && w->report->seen[k].good && head->size > c->size &&
                w->report->seen[k].time < w->seen[i][k].time)
                found(w, LOG_CLOCK, "a later cosignature has an earlier time");
        }
        if (c->size > head->size && head->size == 0)
            found(w, LOG_MISSING, "the log began again at nothing");
        else if (c->size > head->size)
            log_check_found(w->report,
                            (struct log_finding){LOG_ROLLED_BACK, true, head->size,
                                                 c->size - head->size, "the log was longer once"});
        else if (c->size == head->size && !merkle_same(&c->root, &head->root))
            found(w, witnessed ? LOG_SPLIT_VIEW : LOG_FORK,
                  witnessed ? "witnesses signed another log of this size"
                            : "the key signed two logs of this size");
    }
}

static void judge_quorum(struct walk *w)
{
    size_t have = 0;
    for (size_t k = 1; k < w->ask->key_count; k++)
        have += w->report->seen[k].good;
    if (have < w->ask->quorum)
        found(w, LOG_SPLIT_VIEW, "fewer witnesses than asked for have signed this head");
}

/* ---- the heads ---- */

static struct err open_remembered(struct walk *w)
{
    for (size_t i = 0; i < w->ask->remembered_count; i++) {
        struct err e =
            checkpoint_open(w->ask->remembered[i], w->ask->origin, w->ask->keys, w->ask->key_count,
                            &w->remembered[i], w->seen[i], &w->report->fault);
        if (failed(e))
            return err_cat(e) == ERR_NOMEM ? e : err(ERR_INPUT);
    }
    return OK;
}

/* Reads the checkpoint; without a good one the report says so and has_head stays false. */
static struct err open_head(struct walk *w)
{
    struct log_report *r = w->report;
    BUF_AUTO name = buf_init(NAME_MAX_BYTES);
    TRY(buf_printf(&name, "%s/checkpoint", w->ask->path));
    TRY(buf_put_u8(&name, 0));
    struct err e = tile_dir_file((const char *)name.p, &r->note);
    if (not_there(e) && (w->ask->remembered_count || file_exists(w->ask->path))) {
        found(w, LOG_MISSING, "there is no checkpoint");
        return OK;
    }
    if (err_cat(e) == ERR_CORRUPT) {
        found(w, LOG_ALTERED, "the checkpoint is no regular file");
        return OK;
    }
    if (err_cat(e) != ERR_LIMIT) /* one that is too long is parsed, and refused */
        TRY(e);
    e = checkpoint_open(buf_span(&r->note), w->ask->origin, w->ask->keys, w->ask->key_count,
                        &r->head, r->seen, &r->fault);
    r->has_head = !failed(e);
    if (err_cat(e) == ERR_NOMEM || err_cat(e) == ERR_BUG)
        return e;
    if (err_cat(e) == ERR_DENIED)
        found(w, LOG_UNAUTHORISED_KEY, r->fault.why);
    else if (failed(e))
        found(w, LOG_ALTERED, r->fault.why);
    return OK;
}

/* Entries written after the checkpoint: in a wider bundle of its last number, or in later ones. */
static void count_tail(struct walk *w)
{
    uint64_t size = w->report->head.size;
    struct tile t = {TILE_ENTRIES, TILE_WIDTH, tile_full(size, TILE_ENTRIES)};
    uint64_t end = size;
    for (; tile_dir_has(&w->dir, &t); t.number++)
        end = (t.number + 1) * TILE_WIDTH;
    unsigned least = t.number * TILE_WIDTH < size ? tile_partial(size, TILE_ENTRIES) : 0;
    for (t.width = TILE_WIDTH - 1; t.width > least; t.width--)
        if (tile_dir_has(&w->dir, &t)) {
            end = t.number * TILE_WIDTH + t.width;
            break;
        }
    w->report->tail = end - size;
}

static struct err check(struct walk *w)
{
    bool complete = false;
    TRY(open_remembered(w));
    TRY(open_head(w));
    if (!w->report->has_head)
        return OK;
    judge_remembered(w);
    judge_quorum(w);
    w->dir = tile_dir_of(w->ask->path, w->report->head.size);
    compare_remembered(w);
    struct err e = walk_entries(w, &complete);
    w->report->checked = w->stack.size;
    TRY(e);
    if (complete) {
        TRY(compare_partial(w));
        compare_older_hashes(w);
        judge_root(w);
        if (w->report->findings == 0)
            TRY(compare_older_bundles(w));
        count_tail(w);
    } else {
        judge_walked(w);
    }
    return OK;
}

struct err log_check(const struct log_ask *ask, struct log_report *out)
{
    memset(out, 0, sizeof *out);
    out->note = buf_init(NOTE_MAX + 1);
    if (ask->remembered_count > LOG_REMEMBERED || ask->key_count == 0 ||
        ask->key_count > CHECKPOINT_KEYS)
        return err(ERR_BUG);
    struct walk *w = calloc(1, sizeof *w);
    if (!w)
        return err(ERR_NOMEM);
    w->ask = ask;
    w->report = out;
    w->bundle = buf_init(TILE_BUNDLE_MAX);
    w->tile = buf_init(TILE_BYTES);
    struct err e = check(w);
    buf_free(&w->bundle);
    buf_free(&w->tile);
    free(w);
    return e;
}
