/* SPDX-License-Identifier: Apache-2.0 */
/* Books in a fresh folder, and the judgement over them after whatever happened: what the tests of
 * the tree over the records share. */
#ifndef SANCTUM_TEST_AUDIT_BOOKS_H
#define SANCTUM_TEST_AUDIT_BOOKS_H

#include "unit.h"

#include "audit_reader.h"
#include "audit_tree_int.h"
#include "file.h"
#include "log_check.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIZES = 4096, PATHS = 160 };

static char base[PATHS / 2];
static char dir[PATHS], pin[PATHS], head[PATHS], key[PATHS], vkey[PATHS];

/* Every root that was signed, by size: there is never a second one. */
static struct merkle_hash signed_root[SIZES];
static bool signed_size[SIZES];

static void shell(const char *format, const char *a, const char *b)
{
    char command[512];
    snprintf(command, sizeof command, format, a, b);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void name_files(const char *under)
{
    snprintf(dir, sizeof dir, "%s/%s/ledger", base, under);
    snprintf(pin, sizeof pin, "%s/%s/pin", base, under);
    snprintf(head, sizeof head, "%s/%s/head", base, under);
    snprintf(key, sizeof key, "%s/%s/key", base, under);
    snprintf(vkey, sizeof vkey, "%s/%s/vkey", base, under);
}

static int make_base(void **state)
{
    (void)state;
    strcpy(base, "/dev/shm/sanctum-tree-XXXXXX"); /* the crash of a process is the same there */
    if (mkdtemp(base))
        return 0;
    strcpy(base, "/tmp/sanctum-tree-XXXXXX");
    return mkdtemp(base) ? 0 : -1;
}

static int drop_base(void **state)
{
    (void)state;
    shell("rm -rf %s", base, "");
    return 0;
}

/* A fresh place for each test. */
static int clean(void **state)
{
    (void)state;
    shell("rm -rf %s/now", base, "");
    shell("rm -rf %s/kept; mkdir %s/now", base, base);
    name_files("now");
    memset(signed_size, 0, sizeof signed_size);
    return 0;
}

static inline void keep(void)
{
    shell("rm -rf %1$s/kept && cp -a %1$s/now %2$s/kept", base, base);
}

static inline void bring_back(void)
{
    shell("rm -rf %1$s/now && cp -a %1$s/kept %2$s/now", base, base);
}

/* --- writing ------------------------------------------------------------------------------- */

struct books {
    struct audit_log *log;
    struct audit_tree *tree;
    struct audit_tree_found found;
};

static struct err books_open(struct books *b, enum audit_mode mode)
{
    struct audit_found found;
    struct audit_log_options o = {.dir = dir,
                                  .pin = pin,
                                  .boot = SPAN_LIT("b00t"),
                                  .mode = mode,
                                  .segment_bytes = AUDIT_SEGMENT_BYTES_MIN};
    struct audit_tree_options t = {.dir = dir, .head = head, .key = key, .vkey = vkey};
    *b = (struct books){0};
    TRY(audit_log_open(&o, &b->log, &found));
    return audit_tree_open(&t, b->log, &b->tree, &b->found);
}

static void books_close(struct books *b)
{
    audit_tree_close(b->tree);
    audit_log_close(b->log);
}

static struct err books_store(struct books *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char id[32];
        uint64_t seq;
        snprintf(id, sizeof id, "req-%llu", (unsigned long long)audit_log_next(b->log));
        struct audit_record r = {.kind = AUDIT_opened, .request_id = span_str(id)};
        TRY(audit_log_add(b->log, &r, &seq));
    }
    return audit_log_commit(b->log);
}

static struct err books_sign(struct books *b)
{
    TRY(audit_log_tend(b->log));
    TRY(audit_tree_follow(b->tree, UINT64_MAX));
    return audit_tree_publish(b->tree);
}

/* --- judging ------------------------------------------------------------------------------- */

/* Root of the records as the segments hold them. */
static uint64_t records(struct merkle_hash *root)
{
    struct merkle m = {0};
    struct audit_reader *r;
    struct audit_entry e;
    struct err end;
    assert_ok(audit_reader_open(dir, &r));
    while (!failed(end = audit_reader_next(r, &e))) {
        struct merkle_hash leaf;
        char want[64];
        snprintf(want, sizeof want, "\"request_id\":\"req-%llu\"", (unsigned long long)m.size);
        assert_true(span_search(e.json, 0, span_str(want)) < e.json.n);
        merkle_leaf(e.json, &leaf);
        assert_ok(merkle_append(&m, &leaf));
    }
    assert_int_equal(err_cat(end), ERR_AGAIN);
    audit_reader_close(r);
    merkle_root(&m, root);
    return m.size;
}

static struct note_key public_key(void)
{
    BUF_AUTO text = buf_init(1024);
    struct note_key k;
    assert_ok(file_read(vkey, &text));
    assert_ok(note_key_parse(span(text.p, text.n - 1), &k, NULL));
    return k;
}

/* What log_check says of the directory; *size is the head's. */
static size_t findings(uint64_t *size)
{
    struct note_key k = public_key();
    struct log_report r;
    struct log_ask ask = {.path = dir, .keys = &k, .key_count = 1};
    assert_ok(log_check(&ask, &r));
    size_t n = r.findings;
    for (size_t i = 0; i < n; i++)
        print_message("%s at %llu: %s\n", log_check_word(r.finding[i].verdict),
                      (unsigned long long)r.finding[i].index, r.finding[i].why);
    if (size)
        *size = r.has_head ? r.head.size : 0;
    log_check_free(&r);
    return n;
}

/* Remember a signed note; it is the only one of its size. */
static void judge_note(const char *path)
{
    struct note_key k = public_key();
    struct note_seen seen;
    struct checkpoint c;
    BUF_AUTO note = buf_init(NOTE_MAX);
    assert_ok(file_read(path, &note));
    assert_ok(checkpoint_open(buf_span(&note), SPAN_NONE, &k, 1, &c, &seen, NULL));
    assert_true(c.size < SIZES);
    if (signed_size[c.size])
        assert_true(merkle_same(&signed_root[c.size], &c.root));
    signed_size[c.size] = true;
    signed_root[c.size] = c.root;
}

static void judge_heads(void)
{
    char checkpoint[PATHS + 16];
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint", dir);
    if (file_exists(head))
        judge_note(head);
    if (file_exists(checkpoint))
        judge_note(checkpoint);
}

/* Open after whatever happened, sign, and everything is right. */
static uint64_t recover_and_judge(uint64_t at_least)
{
    struct books b;
    struct merkle_hash root;
    uint64_t size;
    judge_heads();
    assert_ok(books_open(&b, AUDIT_LOG_DURABLE));
    uint64_t n = records(&root);
    assert_true(n >= at_least);
    assert_int_equal(audit_tree_size(b.tree), n);
    assert_ok(books_sign(&b));
    books_close(&b);
    judge_heads();
    if (n == 0)
        return 0;
    assert_true(signed_size[n] && merkle_same(&signed_root[n], &root));
    assert_int_equal(findings(&size), 0);
    assert_int_equal(size, n);
    return n;
}

#endif
