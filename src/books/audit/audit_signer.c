/* SPDX-License-Identifier: Apache-2.0 */
/* The key that signs checkpoints: read at each start, made at the first. */
#define _GNU_SOURCE
#include "audit_pin_int.h"
#include "audit_tree_int.h"
#include "b64.h"
#include "disk.h"
#include "file.h"
#include "random.h"
#include "wr.h"

#include <errno.h>
#include <stdio.h>

enum { NAME_BYTES = 8, KEY_FILE_MAX = 1024 };

/* A name of its own for each log, which says nothing of the machine:
 * "sanctum/ledger/0123456789abcdef". */
static struct err make(struct note_signer *out)
{
    uint8_t seed[32], unique[NAME_BYTES];
    char name[32];
    struct wr w = wr_of(name, sizeof name);
    random_bytes(seed, sizeof seed);
    random_bytes(unique, sizeof unique);
    wr_str(&w, "sanctum/ledger/");
    hex_encode(&w, span(unique, sizeof unique));
    struct err e = note_signer_make(wr_span(&w), NOTE_ED25519, seed, out);
    secret_wipe(seed, sizeof seed);
    return e;
}

static struct err save(const char *path, const struct note_signer *s)
{
    uint8_t text[KEY_FILE_MAX];
    struct wr w = wr_of(text, sizeof text);
    note_signer_write(s, &w);
    wr_u8(&w, '\n');
    struct err e = audit_file_replace(path, wr_span(&w));
    secret_wipe(text, sizeof text);
    return e;
}

static struct err read_private(const char *path, uint8_t text[KEY_FILE_MAX], size_t *n)
{
    int fd;
    TRY(disk_open(path, DISK_READ, &fd));
    struct err e = disk_check_private(fd);
    if (!failed(e))
        e = disk_get(fd, text, KEY_FILE_MAX, 0, n);
    disk_close(&fd);
    return e;
}

static struct err load(const char *path, struct note_signer *out)
{
    uint8_t text[KEY_FILE_MAX];
    size_t n = 0;
    struct err e = read_private(path, text, &n);
    if (!failed(e) && n && text[n - 1] == '\n')
        n--;
    if (!failed(e))
        e = note_signer_parse(span(text, n), out, NULL);
    secret_wipe(text, sizeof text);
    return e;
}

static struct err publish(const char *path, const struct note_key *k)
{
    uint8_t text[NOTE_KEY_TEXT_MAX + 1];
    struct wr w = wr_of(text, sizeof text);
    BUF_AUTO there = buf_init(sizeof text);
    note_key_write(k, &w);
    wr_u8(&w, '\n');
    TRY(wr_done(&w));
    struct err e = tile_dir_file(path, &there);
    if (!failed(e) && span_eq(buf_span(&there), wr_span(&w)))
        return OK;
    return audit_file_replace(path, wr_span(&w));
}

struct err audit_signer_open(const char *key, const char *vkey, bool may_make,
                             struct note_signer *out, const char **why)
{
    struct err e = load(key, out);
    bool none = err_cat(e) == ERR_IO && err_detail(e) == ENOENT;
    if (none && !may_make)
        *why = "the key that signed this log is missing";
    else if (none && file_exists(vkey)) /* never begun anew in silence: somebody removed it */
        *why =
            "the log and its head are gone, but its public key ledger.vkey is there: restore them, "
            "or remove ledger.vkey to begin a new log";
    else if (err_cat(e) == ERR_DENIED)
        *why = "others may read the log's signing key";
    else if (err_cat(e) == ERR_INPUT || err_cat(e) == ERR_LIMIT)
        *why = "the log's signing key is no key";
    if (*why)
        return err(ERR_CORRUPT);
    if (none) {
        TRY(make(out));
        e = save(key, out);
    }
    TRY(e);
    return publish(vkey, &out->public);
}
