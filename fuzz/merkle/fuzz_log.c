/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log on disk, grown, signed, cosigned and tampered with as the input says, then read back by its
 * checker and by proofs. Checked: an untouched log is intact and all of its entries were read; one
 * byte changed in a file under its head is found; two checks find the same; a proof that is made
 * verifies when nothing was touched.
 */
/* covers: src/merkle/log_check.c src/merkle/tile_dir.c src/merkle/tile_stack.c */
/* planted: src/merkle/log_check.c | hashes[i].b, MERKLE_BYTES) != 0 |
 * hashes[i].b, MERKLE_BYTES - 1) != 0 */
#define _GNU_SOURCE
#include "log_check.h"
#include "tile_dir.h"
#include "tile_log.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOTES = 8, FILES = 64, NAME = 128, OPS = 24, WITNESSES = 2 };

struct play {
    char dir[NAME];
    struct tile_log log;
    struct note_signer signer, stranger, witness[WITNESSES];
    struct buf note[NOTES]; /* signed heads, oldest first */
    size_t notes;
    size_t remembered[LOG_REMEMBERED]; /* which of them */
    size_t remembered_n, quorum;
    bool touched;  /* something may be found */
    bool one_byte; /* the last thing done: a byte of a file under the head was changed */
};

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void must_ok(struct err e)
{
    must(!failed(e));
}

/* --- files --------------------------------------------------------------------------------- */

static char files[FILES][NAME];
static size_t files_n;

static int list_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
    (void)st, (void)f;
    if (type == FTW_F && files_n < FILES && strlen(path) < NAME)
        strcpy(files[files_n++], path);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
    (void)st, (void)type, (void)f;
    return remove(path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static const char *pick_file(const struct play *p, uint8_t which)
{
    files_n = 0;
    nftw(p->dir, list_one, 8, FTW_PHYS);
    qsort(files, files_n, NAME, by_name);
    return files_n ? files[which % files_n] : NULL;
}

static void put_file(const char *path, struct span bytes)
{
    FILE *f = fopen(path, "wb");
    must(f && fwrite(bytes.p, 1, bytes.n, f) == bytes.n && !fclose(f));
}

/* Does the head cover this file, and is it the one that is read for it? */
static bool under_head(const struct play *p, const char *path)
{
    uint64_t size = tile_log_size(&p->log);
    struct tile t;
    struct span name = span_from(span_str(path), strlen(p->dir) + 1);
    if (span_is(name, "checkpoint"))
        return true;
    if (failed(tile_parse(name, &t, NULL)))
        return false;
    return t.width == TILE_WIDTH
               ? t.number < tile_full(size, t.level)
               : t.number == tile_full(size, t.level) && t.width == tile_partial(size, t.level);
}

/* --- what the input says ------------------------------------------------------------------- */

static uint8_t byte(struct rd *in)
{
    uint8_t v = 0;
    return failed(rd_u8(in, &v)) ? 0 : v;
}

static void append(struct play *p, unsigned n, uint8_t seed)
{
    char text[32];
    for (unsigned i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%u %u", seed, (unsigned)tile_log_size(&p->log));
        must_ok(tile_log_append(&p->log, span_str(text)));
    }
    p->touched = true; /* until it is signed */
}

static void sign(struct play *p, const struct note_signer *s, uint8_t twist, bool publish)
{
    struct checkpoint c = {.origin = span_str(p->signer.public.name),
                           .size = tile_log_size(&p->log)};
    if (p->notes == NOTES)
        return;
    must_ok(tile_log_flush(&p->log));
    tile_log_root(&p->log, &c.root);
    c.root.b[0] ^= twist;
    struct buf *note = &p->note[p->notes++];
    must_ok(checkpoint_sign(NULL, &c, NULL, s, note));
    if (publish)
        must_ok(tile_log_publish(&p->log, buf_span(note)));
}

static void cosign(struct play *p, const struct note_signer *w, uint8_t time)
{
    struct note n;
    BUF_AUTO line = buf_init(NOTE_MAX);
    if (!p->notes || failed(note_parse(buf_span(&p->note[p->notes - 1]), &n, NULL)))
        return;
    if (failed(note_cosign(&n, w, time, &line)))
        return;
    must_ok(buf_put(&p->note[p->notes - 1], buf_span(&line)));
    must_ok(tile_log_publish(&p->log, buf_span(&p->note[p->notes - 1])));
}

static void remember(struct play *p, uint8_t which)
{
    if (p->notes && p->remembered_n < LOG_REMEMBERED)
        p->remembered[p->remembered_n++] = which % p->notes;
}

enum tamper { CHANGE, CUT, REMOVE, REPLACE, LENGTHEN };

static void tamper(struct play *p, enum tamper how, struct rd *in)
{
    const char *path = pick_file(p, byte(in));
    BUF_AUTO bytes = buf_init(1 << 20);
    size_t at = byte(in) * 256U + byte(in);
    struct span put = span_cut(span_from(span(in->p, in->n), in->at), 0, at % 64);
    if (!path || failed(tile_dir_file(path, &bytes)) || !bytes.n)
        return;
    bool untouched = !p->touched;
    p->touched = true;
    if (how == REMOVE) {
        remove(path);
        return;
    }
    if (how == CHANGE) {
        bytes.p[at % bytes.n] ^= (uint8_t)(1 + byte(in) % 255);
        p->one_byte = untouched && under_head(p, path);
    } else if (how == CUT) {
        bytes.n = at % bytes.n;
    } else if (how == LENGTHEN) {
        must_ok(buf_put_u8(&bytes, (uint8_t)at));
    }
    put_file(path, how == REPLACE ? put : buf_span(&bytes));
}

static void step(struct play *p, struct rd *in)
{
    uint8_t what = byte(in), n = byte(in);
    p->one_byte = false;
    switch (what % 12) {
    case 0:
        append(p, n + 1U, what);
        break;
    case 1:
        append(p, 4U * n, what);
        break;
    case 2:
        p->touched = p->touched && n % 4 == 3;
        sign(p, n % 4 == 3 ? &p->stranger : &p->signer, 0, true);
        p->touched = p->touched || n % 4 == 3;
        break;
    case 3:
        cosign(p, &p->witness[n % WITNESSES], byte(in));
        p->touched = true;
        break;
    case 4:
        remember(p, n);
        p->touched = true;
        break;
    case 5:
        sign(p, &p->signer, n, false); /* another log of this size, shown to somebody */
        p->touched = true;
        break;
    case 6:
        p->quorum = n % (WITNESSES + 1);
        p->touched = true;
        break;
    case 7:
        if (p->notes)
            must_ok(tile_log_publish(&p->log, buf_span(&p->note[n % p->notes])));
        p->touched = true;
        break;
    default:
        tamper(p, what % 12 == 8 ? CHANGE : (enum tamper)(n % 5), in);
        break;
    }
}

/* --- the judgement ------------------------------------------------------------------------- */

static struct err check(const struct play *p, struct log_report *r)
{
    struct note_key keys[1 + WITNESSES] = {p->signer.public, p->witness[0].public,
                                           p->witness[1].public};
    struct span remembered[LOG_REMEMBERED];
    for (size_t i = 0; i < p->remembered_n; i++)
        remembered[i] = buf_span(&p->note[p->remembered[i]]);
    struct log_ask ask = {.path = p->dir,
                          .keys = keys,
                          .key_count = 1 + WITNESSES,
                          .quorum = p->quorum,
                          .remembered = remembered,
                          .remembered_count = p->remembered_n};
    return log_check(&ask, r);
}

static void judge(const struct play *p)
{
    struct log_report a, b;
    struct err e = check(p, &a), again = check(p, &b);
    must(err_cat(e) == err_cat(again) && a.findings == b.findings && a.checked == b.checked);
    for (size_t i = 0; i < a.findings; i++)
        must(a.finding[i].verdict < LOG_VERDICTS && a.finding[i].why &&
             log_check_word(a.finding[i].verdict));
    if (p->notes && !p->touched)
        must(!failed(e) && a.findings == 0 && a.checked == tile_log_size(&p->log));
    if (p->notes && p->one_byte)
        must(failed(e) || a.findings > 0);
    log_check_free(&a);
    log_check_free(&b);
}

static void prove(const struct play *p, uint64_t index)
{
    uint64_t size = tile_log_size(&p->log);
    struct tile_dir d = tile_dir_of(p->dir, size);
    struct merkle_source source = {tile_dir_node, &d};
    struct merkle_proof proof;
    struct merkle_hash leaf, root;
    struct span entry;
    BUF_AUTO bundle = buf_init(TILE_BUNDLE_MAX);
    struct err e = tile_dir_entry(&d, index, &bundle, &entry);
    must(index < size || err_cat(e) == ERR_INPUT);
    if (!failed(e)) {
        merkle_leaf(entry, &leaf);
        tile_log_root(&p->log, &root);
        e = merkle_proof_inclusion(&source, index, size, &proof);
    }
    if (!failed(e))
        e = merkle_proof_check_inclusion(index, size, &leaf, proof.hash, proof.n, &root);
    must(p->touched || !p->notes || index >= size || !failed(e));
    tile_dir_close(&d);
}

static struct note_signer signer(const char *name, enum note_type type, uint8_t seed)
{
    struct note_signer s;
    uint8_t bytes[32] = {seed};
    must_ok(note_signer_make(span_str(name), type, bytes, &s));
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct play p;
    struct rd in = rd_of(span(data, size));
    p = (struct play){.signer = signer("log.example", NOTE_ED25519, 1),
                      .stranger = signer("log.example", NOTE_ED25519, 2),
                      .witness = {signer("one.example", NOTE_COSIGNATURE, 3),
                                  signer("two.example", NOTE_COSIGNATURE, 4)}};
    strcpy(p.dir, "/dev/shm/sanctum-fuzz-XXXXXX");
    if (!mkdtemp(p.dir)) {
        strcpy(p.dir, "/tmp/sanctum-fuzz-XXXXXX");
        must(mkdtemp(p.dir) != NULL);
    }
    for (size_t i = 0; i < NOTES; i++)
        p.note[i] = buf_init(NOTE_MAX);
    must_ok(tile_log_open(p.dir, 0, &p.log));
    for (unsigned i = 0; i < OPS && in.at < in.n; i++)
        step(&p, &in);
    judge(&p);
    prove(&p, size ? data[size - 1] * 3U : 0);
    tile_log_close(&p.log);
    for (size_t i = 0; i < NOTES; i++)
        buf_free(&p.note[i]);
    nftw(p.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
