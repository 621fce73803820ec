/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sanctum ledger verify`: the records are what their chain says, what the tree of their tiles
 * says, and what was signed; and nothing that was signed or pinned is missing. Also while a daemon
 * writes.
 *
 *   head and pin ─▶ tiles against the checkpoint (log_check) ─▶ every record: chain, number, leaf;
 *   (before the      at the checkpoint's size the root of the records themselves
 *    log: it grows)
 */
#define _GNU_SOURCE
#include "audit_log.h"
#include "audit_tree.h"
#include "file.h"
#include "json.h"
#include "ledgerctl_int.h"
#include "log_check.h"
#include "tile_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TRIES = 8, AGAIN_MS = 150 };

/* One check under way. */
struct check {
    struct cmd_call *c;
    struct place p;
    struct note_key key;
    uint64_t pinned;
    uint8_t pinned_frame[AUDIT_HASH];
    bool signed_before; /* there is a head or a checkpoint */
    struct buf head;    /* the signer's own memory */
    struct log_report report;
    struct merkle tree; /* of the records */
};

/* --- the tree ------------------------------------------------------------------------------ */

/* The first record whose leaf is not the one in the tiles. */
static bool first_other(struct check *k, uint64_t *seq)
{
    struct audit_reader *r;
    struct audit_entry e;
    struct tile_dir dir = tile_dir_of(k->p.dir, k->report.head.size);
    bool found = false;
    if (failed(audit_reader_open(k->p.dir, &r)))
        return false;
    while (!found && !failed(audit_reader_next(r, &e)) && e.seq < dir.size) {
        struct merkle_hash mine, there;
        merkle_leaf(e.json, &mine);
        found = !failed(tile_dir_node(&dir, 0, e.seq, &there)) && !merkle_same(&mine, &there);
        *seq = e.seq;
    }
    tile_dir_close(&dir);
    audit_reader_close(r);
    return found;
}

/* Asked only once the records have been read and are those that were signed. What is wrong with
 * tiles that nobody waited for may be a power cut's doing: then that is said too. */
static int say_tree(struct check *k)
{
    const struct log_finding *f = &k->report.finding[0];
    char why[256];
    bool records = k->report.has_head && k->tree.size >= k->report.head.size;
    bool unsettled = records && f->has_index && f->index >= audit_tree_settled(k->p.head);
    snprintf(why, sizeof why, "%s%s", f->why,
             unsettled
                 ? "; unsettled: the records are whole and those that were signed, their tiles "
                   "had not all reached the medium, as a power cut leaves them: the next "
                   "start makes them again"
                 : "");
    return say_finding(k->c, log_check_word(f->verdict), f->has_index ? &f->index : NULL, why);
}

/* The daemon writes its head before the checkpoint: a log that seems to be behind is looked at
 * again. */
static struct err check_tiles(struct check *k)
{
    struct span remembered[1];
    for (int i = 0;; i++) {
        buf_clear(&k->head);
        struct err e = tile_dir_file(k->p.head, &k->head);
        if (failed(e) && !(err_cat(e) == ERR_IO && err_detail(e) == ENOENT))
            return e;
        remembered[0] = buf_span(&k->head);
        struct log_ask ask = {.path = k->p.dir,
                              .keys = &k->key,
                              .key_count = 1,
                              .remembered = remembered,
                              .remembered_count = k->head.n != 0};
        log_check_free(&k->report);
        e = log_check(&ask, &k->report);
        if (err_cat(e) == ERR_INPUT) { /* the head is not by this key: the checkpoint neither? */
            ask.remembered_count = 0;
            log_check_free(&k->report);
            TRY(log_check(&ask, &k->report));
            return k->report.findings ? OK : e;
        }
        TRY(e);
        bool behind = k->report.findings && (k->report.finding[0].verdict == LOG_ROLLED_BACK ||
                                             k->report.finding[0].verdict == LOG_MISSING);
        if (!behind || i == TRIES)
            return OK;
        nanosleep(&(struct timespec){.tv_nsec = AGAIN_MS * 1000000L}, NULL);
    }
}

static int check_tree(struct check *k)
{
    char path[PLACE_PATH + 16];
    snprintf(path, sizeof path, "%s/checkpoint", k->p.dir);
    k->signed_before = file_exists(path) || file_exists(k->p.head);
    if (!k->signed_before)
        return EXIT_CLEAN;
    int status = place_key(k->c, &k->p, &k->key);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = check_tiles(k);
    if (err_cat(e) == ERR_INPUT)
        return say_finding(k->c, "altered", NULL, "the head of the log is not what its key signed");
    if (err_cat(e) == ERR_LIMIT || err_cat(e) == ERR_CORRUPT)
        return say_finding(k->c, "altered", NULL, "the head of the log is no checkpoint");
    if (failed(e))
        return cmd_fail(k->c, EXIT_ERROR, "cannot check %s: %s", k->p.dir, cmd_err_text(e));
    return EXIT_CLEAN;
}

/* --- the records --------------------------------------------------------------------------- */

/* The numbers that the records themselves carry are their places. */
static bool number_is_right(const struct audit_entry *e)
{
    struct span raw;
    uint64_t seq;
    return !failed(json_find(e->json, &raw, "seq", NULL)) &&
           !failed(json_get_u64(raw, UINT64_MAX, &seq)) && seq == e->seq;
}

/* At the checkpoint's size: is this the tree that was signed? */
static int judge_root(struct check *k)
{
    struct merkle_hash root;
    uint64_t seq = 0;
    merkle_root(&k->tree, &root);
    if (!k->report.has_head || k->tree.size != k->report.head.size ||
        merkle_same(&root, &k->report.head.root))
        return EXIT_CLEAN;
    if (first_other(k, &seq))
        return say_finding(k->c, "altered", &seq, "the record is not the one that was signed");
    return say_finding(k->c, "rewritten", NULL, "the records are not those that were signed");
}

/* At the pinned number: is this the log that was pinned? */
static int judge_pin(struct check *k)
{
    const uint8_t *frame = audit_reader_frame(k->p.reader);
    if (k->tree.size != k->pinned || (frame && memcmp(frame, k->pinned_frame, AUDIT_HASH) == 0))
        return EXIT_CLEAN;
    return say_finding(k->c, "rewritten", NULL, "the records are not those that were pinned");
}

static int check_records(struct check *k)
{
    struct audit_entry e;
    struct err end;
    struct merkle_hash leaf;
    while (!failed(end = audit_reader_next(k->p.reader, &e))) {
        if (!number_is_right(&e))
            return say_finding(k->c, "altered", &e.seq, "the record has another number");
        merkle_leaf(e.json, &leaf);
        if (failed(merkle_append(&k->tree, &leaf)))
            return cmd_fail(k->c, EXIT_ERROR, "too many records");
        int status = judge_root(k);
        if (status == EXIT_CLEAN)
            status = judge_pin(k);
        if (status != EXIT_CLEAN)
            return status;
    }
    return err_cat(end) == ERR_AGAIN ? EXIT_CLEAN : say_damage(k->c, &k->p, end);
}

static int say_missing(struct check *k, uint64_t known)
{
    char why[96];
    uint64_t n = k->tree.size;
    snprintf(why, sizeof why, "%llu records are not there, from number %llu on",
             (unsigned long long)(known - n), (unsigned long long)n);
    return say_finding(k->c, n ? "truncated" : "missing", n ? &n : NULL, why);
}

static int say_whole(struct check *k)
{
    unsigned long long n = k->tree.size, covered = k->report.has_head ? k->report.head.size : 0;
    if (cmd_has(k->c, "json"))
        printf("{\"ok\":true,\"records\":%llu,\"signed\":%llu}\n", n, covered);
    else
        printf("%llu records, whole; %llu of them signed\n", n, covered);
    return EXIT_CLEAN;
}

/* The key that signs lies beside the head: both gone means that the log was there. */
static bool has_signer(const struct check *k)
{
    char path[PLACE_PATH + 16];
    snprintf(path, sizeof path, "%s-key", k->p.pin); /* head/ledger-key */
    return file_exists(path);
}

static int judge(struct check *k)
{
    int status = check_tree(k);
    if (status != EXIT_CLEAN)
        return status;
    status = check_records(k);
    if (status != EXIT_CLEAN)
        return status;
    uint64_t known = k->pinned;
    if (k->report.has_head && k->report.head.size > known)
        known = k->report.head.size;
    if (k->tree.size < known)
        return say_missing(k, known);
    if (k->tree.size == 0 && !k->signed_before && file_exists(k->p.vkey) && !has_signer(k))
        return say_finding(k->c, "missing", NULL,
                           "the records and their head are not there, but the log's public key is");
    return k->report.findings ? say_tree(k) : say_whole(k);
}

int run_verify(struct cmd_call *c)
{
    struct check *k = calloc(1, sizeof *k);
    if (!k)
        return cmd_fail(c, EXIT_ERROR, "no memory");
    k->c = c;
    k->head = buf_init(NOTE_MAX);
    int status = place_open(c, &k->p);
    if (status == EXIT_CLEAN && failed(audit_pin_records(k->p.pin, &k->pinned, k->pinned_frame)))
        status = say_finding(c, "altered", NULL, "the head of the records is none");
    else if (status == EXIT_CLEAN)
        status = judge(k);
    place_close(&k->p);
    log_check_free(&k->report);
    buf_free(&k->head);
    free(k);
    return status;
}
