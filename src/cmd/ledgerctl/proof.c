/* SPDX-License-Identifier: Apache-2.0 */
/* What goes to others: the proof of one record, the signed head, a copy of the log. */
#include "b64.h"
#include "file.h"
#include "ledgerctl_int.h"
#include "num.h"
#include "tile_dir.h"
#include "tile_log.h"
#include "tlog_proof.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MODE = 0600, PROOF_MAX = 2 << 20, ENTRY_MAX = 1 << 20 };

/* The checkpoint in --checkpoint, with whatever cosignatures it has, instead of the newest. */
static int read_checkpoint(struct cmd_call *c, struct signed_log *s, const char *path)
{
    struct note_seen seen;
    struct fault f = {0, NULL};
    struct err e = file_read(path, &s->note);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", path, cmd_err_text(e));
    e = checkpoint_open(buf_span(&s->note), SPAN_NONE, &s->key, 1, &s->head, &seen, &f);
    return failed(e) ? cmd_fail(c, EXIT_FINDING, "%s: %s", path, f.why ? f.why : cmd_err_text(e))
                     : EXIT_CLEAN;
}

int signed_open(struct cmd_call *c, struct signed_log *s)
{
    s->note = buf_init(NOTE_MAX);
    int status = place_find(c, &s->p);
    if (status == EXIT_CLEAN)
        status = place_key(c, &s->p, &s->key);
    if (status == EXIT_CLEAN)
        status = cmd_value(c, "checkpoint")
                     ? read_checkpoint(c, s, cmd_value(c, "checkpoint"))
                     : place_checkpoint(c, &s->p, &s->key, &s->note, &s->head);
    return status;
}

/* --- prove --------------------------------------------------------------------------------- */

static struct err make_proof(const struct signed_log *s, uint64_t index, struct buf *out)
{
    struct tile_dir dir = tile_dir_of(s->p.dir, s->head.size);
    struct merkle_source source = {tile_dir_node, &dir};
    struct tlog_proof proof = {.index = index, .checkpoint = buf_span(&s->note)};
    BUF_AUTO bundle = buf_init(TILE_BUNDLE_MAX);
    BUF_AUTO extra = buf_init(PROOF_MAX);
    struct span record;
    struct err e = merkle_proof_inclusion(&source, index, s->head.size, &proof.proof);
    tile_dir_close(&dir);
    if (!failed(e))
        e = tile_dir_entry(&dir, index, &bundle, &record);
    TRY(e);
    TRY(buf_reserve(&extra, b64_len(record.n, B64_STD)));
    struct wr w = wr_of(extra.p, b64_len(record.n, B64_STD));
    b64_encode(&w, record, B64_STD);
    proof.extra = wr_span(&w);
    struct merkle_hash leaf;
    struct checkpoint head;
    struct note_seen seen;
    merkle_leaf(record, &leaf);
    TRY(tlog_proof_verify(&proof, &leaf, SPAN_NONE, &s->key, 1, &head, &seen, NULL));
    return tlog_proof_put(&proof, out);
}

int put_file(struct cmd_call *c, struct span bytes)
{
    const char *path = cmd_value(c, "output");
    if (!path)
        return fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n ? EXIT_CLEAN : EXIT_ERROR;
    struct err e = file_put(path, bytes, FILE_MODE);
    return failed(e) ? cmd_fail(c, EXIT_ERROR, "%s: %s", path, cmd_err_text(e)) : EXIT_CLEAN;
}

int run_prove(struct cmd_call *c)
{
    struct signed_log s;
    uint64_t index;
    BUF_AUTO proof = buf_init(PROOF_MAX);
    if (cmd_operands(c) != 1 || failed(num_u64(span_str(cmd_operand(c, 0)), UINT64_MAX, &index)))
        return cmd_fail(c, EXIT_USAGE, "give the number of one record");
    int status = signed_open(c, &s);
    if (status == EXIT_CLEAN && index >= s.head.size)
        status =
            cmd_fail(c, EXIT_ERROR, "record %llu is not signed yet: the checkpoint covers %llu",
                     (unsigned long long)index, (unsigned long long)s.head.size);
    if (status == EXIT_CLEAN) {
        struct err e = make_proof(&s, index, &proof);
        if (failed(e))
            status = cmd_fail(c, EXIT_FINDING,
                              "record %llu cannot be proven (%s): see sanctum ledger "
                              "verify",
                              (unsigned long long)index, cmd_err_text(e));
        else
            status = put_file(c, buf_span(&proof));
    }
    buf_free(&s.note);
    return status;
}

/* --- check-proof --------------------------------------------------------------------------- */

/* The record that the proof is about: from --entry, else from the file itself. */
static int read_record(struct cmd_call *c, const struct tlog_proof *p, struct buf *out)
{
    const char *entry = cmd_value(c, "entry");
    if (entry) {
        struct err e = file_read(entry, out);
        return failed(e) ? cmd_fail(c, EXIT_ERROR, "%s: %s", entry, cmd_err_text(e)) : EXIT_CLEAN;
    }
    if (p->extra.n == 0)
        return cmd_fail(c, EXIT_USAGE, "the file does not hold its record: give --entry FILE");
    if (failed(buf_reserve(out, p->extra.n)))
        return cmd_fail(c, EXIT_ERROR, "the record is too long");
    struct wr w = wr_of(out->p, p->extra.n);
    if (failed(b64_decode(&w, p->extra, B64_STD, NULL)))
        return say_finding(c, "altered", NULL, "the record in the file is not base64");
    out->n = w.n;
    return EXIT_CLEAN;
}

static void say_proven(struct cmd_call *c, const struct tlog_proof *p,
                       const struct checkpoint *head, struct span record)
{
    if (!cmd_has(c, "json")) {
        printf("record %llu of %llu in %.*s: proven\n%.*s\n", (unsigned long long)p->index,
               (unsigned long long)head->size, SPAN_ARG(head->origin), SPAN_ARG(record));
        return;
    }
    printf("{\"ok\":true,\"seq\":%llu,\"size\":%llu,\"origin\":", (unsigned long long)p->index,
           (unsigned long long)head->size);
    cmd_json_string(stdout, head->origin);
    printf(",\"record\":");
    cmd_json_string(stdout, record);
    printf("}\n");
}

static int check_proof(struct cmd_call *c, struct span bytes, const struct note_key *key)
{
    struct tlog_proof proof;
    struct checkpoint head;
    struct note_seen seen;
    struct merkle_hash leaf;
    struct fault f = {0, NULL};
    BUF_AUTO record = buf_init(ENTRY_MAX);
    if (failed(tlog_proof_parse(bytes, &proof, &f)))
        return say_finding(c, "altered", NULL, f.why);
    int status = read_record(c, &proof, &record);
    if (status != EXIT_CLEAN)
        return status;
    merkle_leaf(buf_span(&record), &leaf);
    struct err e = tlog_proof_verify(&proof, &leaf, SPAN_NONE, key, 1, &head, &seen, &f);
    if (failed(e))
        return say_finding(c, err_cat(e) == ERR_DENIED ? "unauthorised key" : "altered", NULL,
                           f.why ? f.why : cmd_err_text(e));
    say_proven(c, &proof, &head, buf_span(&record));
    return EXIT_CLEAN;
}

int run_check_proof(struct cmd_call *c)
{
    struct place p;
    struct note_key key;
    BUF_AUTO bytes = buf_init(PROOF_MAX);
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "give one proof file");
    int status = place_find(c, &p);
    if (status == EXIT_CLEAN)
        status = place_key(c, &p, &key);
    if (status != EXIT_CLEAN)
        return status;
    struct err e = file_read(cmd_operand(c, 0), &bytes);
    if (failed(e))
        return cmd_fail(c, EXIT_ERROR, "%s: %s", cmd_operand(c, 0), cmd_err_text(e));
    return check_proof(c, buf_span(&bytes), &key);
}

/* --- checkpoint, export -------------------------------------------------------------------- */

int run_checkpoint(struct cmd_call *c)
{
    struct signed_log s;
    char root[2 * MERKLE_BYTES];
    struct wr w = wr_of(root, sizeof root);
    int status = signed_open(c, &s);
    if (status == EXIT_CLEAN && cmd_has(c, "json")) {
        hex_encode(&w, span(s.head.root.b, MERKLE_BYTES));
        printf("{\"origin\":");
        cmd_json_string(stdout, s.head.origin);
        printf(",\"size\":%llu,\"root\":\"%.*s\"}\n", (unsigned long long)s.head.size,
               SPAN_ARG(wr_span(&w)));
    } else if (status == EXIT_CLEAN) {
        fwrite(s.note.p, 1, s.note.n, stdout);
    }
    buf_free(&s.note);
    return status;
}

static struct err copy_entries(const struct signed_log *s, struct tile_log *to)
{
    struct tile_dir from = tile_dir_of(s->p.dir, s->head.size);
    BUF_AUTO bundle = buf_init(TILE_BUNDLE_MAX);
    struct span entry;
    while (tile_log_size(to) < s->head.size) {
        uint64_t left = s->head.size - tile_log_size(to);
        unsigned width = left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
        struct tile t = {TILE_ENTRIES, width, tile_log_size(to) / TILE_WIDTH};
        TRY(tile_dir_read(&from, &t, &bundle));
        struct rd r = rd_of(buf_span(&bundle));
        for (unsigned i = 0; i < width; i++) {
            if (failed(tile_bundle_next(&r, &entry)))
                return err(ERR_CORRUPT);
            TRY(tile_log_append(to, entry));
        }
    }
    return tile_log_flush(to);
}

/* A copy appears complete: its checkpoint comes last, and only when the root is the signed one. */
static struct err copy_log(const struct signed_log *s, const char *dir)
{
    struct tile_log to;
    struct merkle_hash root;
    TRY(tile_log_open(dir, 0, &to));
    struct err e = copy_entries(s, &to);
    tile_log_root(&to, &root);
    if (!failed(e) && !merkle_same(&root, &s->head.root))
        e = err(ERR_CORRUPT);
    if (!failed(e))
        e = tile_log_settle(dir, 0, s->head.size);
    if (!failed(e))
        e = tile_log_publish(&to, buf_span(&s->note));
    tile_log_close(&to);
    return e;
}

int run_export(struct cmd_call *c)
{
    struct signed_log s;
    const char *dir = cmd_operand(c, 0);
    if (cmd_operands(c) != 1)
        return cmd_fail(c, EXIT_USAGE, "give the directory to make");
    if (file_exists(dir))
        return cmd_fail(c, EXIT_USAGE, "%s is there already", dir);
    int status = signed_open(c, &s);
    if (status == EXIT_CLEAN) {
        struct err e = copy_log(&s, dir);
        if (err_cat(e) == ERR_CORRUPT)
            status = cmd_fail(c, EXIT_FINDING, "the log is not whole: see sanctum ledger verify");
        else if (failed(e))
            status = cmd_fail(c, EXIT_ERROR, "%s: %s", dir, cmd_err_text(e));
    }
    if (status == EXIT_CLEAN && cmd_has(c, "json")) {
        printf("{\"path\":");
        cmd_json_string(stdout, span_str(dir));
        printf(",\"records\":%llu}\n", (unsigned long long)s.head.size);
    } else if (status == EXIT_CLEAN) {
        printf("%s: %llu records; the key is in %s\n", dir, (unsigned long long)s.head.size,
               s.p.vkey);
    }
    buf_free(&s.note);
    return status;
}
