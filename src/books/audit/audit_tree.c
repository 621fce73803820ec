/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree behind the records, read back from the segments. Once a second when little is stored,
 * else when there is time: audit_tree_follow in steps, then audit_tree_publish. The reader stays
 * where it is between the steps, for finding a place in a segment costs a look at each frame.
 *
 *   closed ──open_tiles──▶ standing ──follow──▶ ahead of HEAD ──publish──▶ standing
 *     ▲                                             │ any error: tiles may be half written
 *     └─────────────────────────────────────────────┘ and are made again from HEAD on
 *
 * Tiles are written and not waited for. `settled` is how far they are known to be on the medium;
 * what lies between there and HEAD is compared with the records at start and written again where a
 * crash of the machine took it.
 */
#include "audit_tree.h"

#include "audit_pin_int.h"
#include "audit_reader.h"
#include "audit_tree_int.h"
#include "checkpoint.h"
#include "file.h"
#include "num.h"
#include "tile_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_BYTES = 4096, SETTLED_BYTES = 32 };

struct audit_tree {
    struct audit_tree_options o;
    const struct audit_log *log;
    struct secret key;
    struct note_signer *signer; /* in `key` */
    struct buf note;            /* HEAD: the checkpoint signed last, empty: none yet */
    struct checkpoint head;     /* borrows note; size 0 while there is none */
    uint64_t settled; /* tiles of so many records are on the medium; 256 times something */
    uint64_t sure;    /* size at which this process left whole tiles, on the medium or not */
    bool standing;    /* tiles is open and has no half work */
    struct tile_log tiles;
    struct audit_reader *reader; /* at the next record to take in; NULL: not opened yet */
};

uint64_t audit_tree_size(const struct audit_tree *t)
{
    return t->standing ? tile_log_size(&t->tiles) : t->head.size;
}

uint64_t audit_tree_signed(const struct audit_tree *t)
{
    return t->head.size;
}

static uint64_t stored(const struct audit_tree *t)
{
    return audit_log_next(t->log) - audit_log_pending(t->log);
}

static bool not_there(struct err e)
{
    return err_cat(e) == ERR_IO && err_detail(e) == ENOENT;
}

static struct err corrupt(struct audit_tree_found *found, const char *why)
{
    found->why = why;
    return err(ERR_CORRUPT);
}

/* --- taking records in --------------------------------------------------------------------- */

static void forget_reader(struct audit_tree *t)
{
    audit_reader_close(t->reader);
    t->reader = NULL;
}

static struct err place_reader(struct audit_tree *t)
{
    if (t->reader)
        return OK;
    TRY(audit_reader_open(t->o.dir, &t->reader));
    return audit_reader_seek(t->reader, tile_log_size(&t->tiles));
}

static struct err read_some(struct audit_tree *t, uint64_t to)
{
    struct audit_entry e;
    TRY(place_reader(t));
    while (tile_log_size(&t->tiles) < to) {
        struct err end = audit_reader_next(t->reader, &e);
        if (err_cat(end) == ERR_AGAIN || (!failed(end) && e.seq != tile_log_size(&t->tiles)))
            return err(ERR_CORRUPT);
        TRY(end);
        TRY(tile_log_append(&t->tiles, e.json));
    }
    return OK;
}

/*
 * Records up to number `to`. ERR_CORRUPT: they are not there. A reader that stood at the end of a
 * segment when a commit failed there sees that commit, then a segment that has the same records
 * again (L4): only what a fresh one says is damage.
 */
static struct err take(struct audit_tree *t, uint64_t to)
{
    bool fresh = !t->reader;
    struct err e = tile_log_size(&t->tiles) < to ? read_some(t, to) : OK;
    if (failed(e))
        forget_reader(t);
    if (err_cat(e) == ERR_CORRUPT && !fresh)
        e = read_some(t, to);
    return e;
}

static void fall(struct audit_tree *t)
{
    forget_reader(t);
    if (t->standing)
        tile_log_close(&t->tiles);
    t->standing = false;
}

uint64_t audit_tree_behind(const struct audit_tree *t)
{
    return stored(t) - audit_tree_size(t);
}

/* --- what is on the medium ------------------------------------------------------------------- */

static uint64_t whole_bundles(uint64_t size)
{
    return size - size % TILE_WIDTH;
}

static struct err settled_name(const char *head, struct buf *out)
{
    TRY(buf_printf(out, "%s.tiles", head));
    return buf_put_u8(out, 0);
}

uint64_t audit_tree_settled(const char *head)
{
    BUF_AUTO name = buf_init(PATH_BYTES);
    BUF_AUTO text = buf_init(SETTLED_BYTES);
    uint64_t size = 0;
    if (failed(settled_name(head, &name)) || failed(tile_dir_file((const char *)name.p, &text)) ||
        !text.n || text.p[text.n - 1] != '\n' ||
        failed(num_u64(span(text.p, text.n - 1), UINT64_MAX, &size)))
        return 0;
    return whole_bundles(size);
}

static struct err settled_write(struct audit_tree *t, uint64_t size)
{
    BUF_AUTO name = buf_init(PATH_BYTES);
    BUF_AUTO text = buf_init(SETTLED_BYTES);
    if (t->settled == size)
        return OK;
    TRY(settled_name(t->o.head, &name));
    TRY(buf_printf(&text, "%llu\n", (unsigned long long)size));
    TRY(audit_file_replace((const char *)name.p, buf_span(&text)));
    t->settled = size;
    return OK;
}

uint64_t audit_tree_unsettled(const struct audit_tree *t)
{
    uint64_t whole = whole_bundles(t->head.size);
    return t->standing && whole > t->settled ? whole - t->settled : 0;
}

struct err audit_tree_settle(struct audit_tree *t, uint64_t most)
{
    uint64_t left = audit_tree_unsettled(t), step = most < TILE_WIDTH ? TILE_WIDTH : most;
    uint64_t to = t->settled + (left < step ? left : whole_bundles(step));
    if (!left)
        return OK;
    struct err e = tile_log_settle(t->o.dir, t->settled, to);
    if (!failed(e))
        return settled_write(t, to);
    t->sure = 0;
    fall(t);
    return e;
}

/* --- start --------------------------------------------------------------------------------- */

static bool is_at_head(const struct audit_tree *t)
{
    struct merkle_hash root;
    tile_log_root(&t->tiles, &root);
    return t->head.size == 0 || merkle_same(&root, &t->head.root);
}

/* From tiles of `from` records on, up to HEAD; what is there as it should be stays. ERR_CORRUPT:
 * these tiles and records do not lead to HEAD. */
static struct err stand_up(struct audit_tree *t, uint64_t from, bool *made)
{
    TRY(tile_log_open(t->o.dir, from, &t->tiles));
    t->standing = true;
    struct err e = take(t, t->head.size);
    if (!failed(e) && !is_at_head(t))
        e = err(ERR_CORRUPT);
    if (!failed(e))
        e = tile_log_flush(&t->tiles);
    if (failed(e))
        fall(t);
    else
        t->sure = t->head.size;
    *made = !failed(e) && t->tiles.made;
    return e;
}

/* All tiles again, from the first record on. */
static struct err rebuild(struct audit_tree *t, struct audit_tree_found *found)
{
    TRY(settled_write(t, 0));
    struct err e = stand_up(t, 0, &found->rebuilt);
    if (err_cat(e) != ERR_CORRUPT)
        return e;
    return corrupt(found, "rewritten: the records are not those that were signed");
}

static struct err open_tiles(struct audit_tree *t, struct audit_tree_found *found)
{
    uint64_t settled = t->settled < t->head.size ? t->settled : whole_bundles(t->head.size);
    bool made;
    if (t->sure > settled && !failed(stand_up(t, t->sure, &made)))
        return OK;
    struct err e = stand_up(t, settled, &found->rebuilt);
    return err_cat(e) == ERR_CORRUPT ? rebuild(t, found) : e;
}

struct err audit_tree_follow(struct audit_tree *t, uint64_t most)
{
    struct audit_tree_found found = {0};
    if (!t->standing)
        TRY(open_tiles(t, &found));
    uint64_t behind = audit_tree_behind(t);
    struct err e = take(t, audit_tree_size(t) + (behind < most ? behind : most));
    if (failed(e))
        fall(t);
    return e;
}

/* HEAD, by this very key. */
static struct err open_head(struct audit_tree *t, struct audit_tree_found *found)
{
    struct note_seen seen;
    if (t->note.n == 0)
        return OK;
    struct err e = checkpoint_open(buf_span(&t->note), SPAN_NONE, &t->signer->public, 1, &t->head,
                                   &seen, NULL);
    if (err_cat(e) == ERR_NOMEM)
        return e;
    if (failed(e))
        return corrupt(found, "altered: the head of the log is not what its key signed");
    found->size = t->head.size;
    if (t->head.size <= stored(t))
        return OK;
    found->missing = t->head.size - stored(t);
    return corrupt(found, "truncated: records that were signed are missing");
}

static struct err checkpoint_name(const struct audit_tree *t, struct buf *out)
{
    TRY(buf_printf(out, "%s/checkpoint", t->o.dir));
    return buf_put_u8(out, 0);
}

/* A crash between HEAD and DIR/checkpoint (A2): show what was signed. */
static struct err show_head(struct audit_tree *t)
{
    BUF_AUTO name = buf_init(PATH_BYTES);
    BUF_AUTO there = buf_init(NOTE_MAX);
    TRY(checkpoint_name(t, &name));
    struct err e = tile_dir_file((const char *)name.p, &there);
    if (t->note.n == 0 || (!failed(e) && span_eq(buf_span(&there), buf_span(&t->note))))
        return OK;
    return tile_log_publish(&t->tiles, buf_span(&t->note));
}

static const char unsigned_damage[] =
    "altered: records that were not signed yet are missing or damaged";

/* What waits to be taken in is read once at start: about a microsecond a record, and a log that was
 * tampered with is found before a record is added to it. */
static struct err walk_rest(const struct audit_tree *t, struct audit_tree_found *found)
{
    struct audit_reader *r;
    struct audit_entry entry;
    TRY(audit_reader_open(t->o.dir, &r));
    uint64_t left = audit_tree_behind(t);
    struct err e = audit_reader_seek(r, audit_tree_size(t));
    for (; left && !failed(e); left--)
        e = audit_reader_next(r, &entry);
    audit_reader_close(r);
    if (err_cat(e) == ERR_CORRUPT || err_cat(e) == ERR_AGAIN)
        return corrupt(found, unsigned_damage);
    return e;
}

static struct err set_up(struct audit_tree *t, struct audit_tree_found *found)
{
    BUF_AUTO name = buf_init(PATH_BYTES);
    TRY(checkpoint_name(t, &name));
    struct err e = tile_dir_file(t->o.head, &t->note);
    if (err_cat(e) == ERR_LIMIT || err_cat(e) == ERR_CORRUPT)
        return corrupt(found, "altered: the head of the log is no checkpoint");
    if (failed(e) && !not_there(e))
        return e;
    bool signed_before = t->note.n || file_exists((const char *)name.p);
    if (signed_before && !t->note.n)
        return corrupt(found, "missing: the log was signed, and its head is not there");
    TRY(secret_new(sizeof *t->signer, &t->key));
    t->signer = (struct note_signer *)(void *)t->key.p;
    TRY(audit_signer_open(t->o.key, t->o.vkey, !signed_before, t->signer, &found->why));
    TRY(open_head(t, found));
    t->settled = audit_tree_settled(t->o.head);
    struct err tiles = open_tiles(t, found);
    if (!failed(tiles))
        tiles = show_head(t);
    if (!failed(tiles))
        tiles = audit_tree_follow(t, AUDIT_TREE_AT_START);
    if (!failed(tiles))
        TRY(walk_rest(t, found));
    if (failed(tiles))
        fall(t); /* a full disk stops no record: audit_tree_follow tries again */
    if (err_cat(tiles) == ERR_CORRUPT)
        return found->why ? tiles : corrupt(found, unsigned_damage);
    return OK;
}

struct err audit_tree_open(const struct audit_tree_options *o, const struct audit_log *log,
                           struct audit_tree **out, struct audit_tree_found *found)
{
    *found = (struct audit_tree_found){0};
    *out = NULL;
    struct audit_tree *t = calloc(1, sizeof *t);
    if (!t)
        return err(ERR_NOMEM);
    t->o = *o;
    t->log = log;
    t->note = buf_init(NOTE_MAX);
    struct err e = set_up(t, found);
    if (failed(e)) {
        audit_tree_close(t);
        return e;
    }
    *out = t;
    return OK;
}

void audit_tree_close(struct audit_tree *t)
{
    if (!t)
        return;
    fall(t);
    buf_free(&t->note);
    secret_free(&t->key);
    free(t);
}

/* --- signing ------------------------------------------------------------------------------- */

static struct err sign(struct audit_tree *t, struct buf *note)
{
    struct checkpoint next = {.origin = span_str(t->signer->public.name),
                              .size = tile_log_size(&t->tiles)};
    struct tile_dir dir = tile_dir_of(t->o.dir, next.size);
    struct merkle_source source = {tile_dir_node, &dir};
    struct merkle_proof proof = {0};
    tile_log_root(&t->tiles, &next.root);
    struct err e = merkle_proof_consistency(&source, t->head.size, next.size, &proof);
    tile_dir_close(&dir);
    TRY(e);
    return checkpoint_sign(t->note.n ? &t->head : NULL, &next, &proof, t->signer, note);
}

static struct err publish(struct audit_tree *t)
{
    struct note_seen seen;
    BUF_AUTO note = buf_init(NOTE_MAX);
    TRY(tile_log_flush(&t->tiles));
    TRY(sign(t, &note));
    TRY(audit_file_replace(t->o.head, buf_span(&note)));
    buf_clear(&t->note);
    TRY(buf_put(&t->note, buf_span(&note)));
    TRY(checkpoint_open(buf_span(&t->note), SPAN_NONE, &t->signer->public, 1, &t->head, &seen,
                        NULL));
    t->sure = t->head.size;
    return tile_log_publish(&t->tiles, buf_span(&t->note));
}

struct err audit_tree_publish(struct audit_tree *t)
{
    if (!t->standing || tile_log_size(&t->tiles) == t->head.size)
        return OK;
    struct err e = publish(t);
    if (failed(e))
        fall(t);
    return e;
}
