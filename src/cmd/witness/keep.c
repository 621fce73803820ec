/* SPDX-License-Identifier: Apache-2.0 */
/* The memory of a witness. Everything here is small and written whole. */
#include "witnesscmd_int.h"

#include "b64.h"
#include "disk.h"
#include "file.h"
#include "hash.h"
#include "random.h"
#include "secret.h"
#include "tile_dir.h"

#include <errno.h>
#include <stdio.h>

enum { KEY_TEXT_MAX = 512, FILE_MODE = 0600, DIR_MODE = 0700 };

static void path_of(const struct keep *k, const char *name, const char *suffix, char out[KEEP_PATH])
{
    snprintf(out, KEEP_PATH, "%s/%s%s", k->dir, name, suffix);
}

struct err keep_find(struct keep *k, const char *state)
{
    BUF_AUTO path = buf_init(STATEDIR_MAX + 1);
    *k = (struct keep){.lock = -1};
    TRY(statedir_path(state, &path));
    snprintf(k->dir, sizeof k->dir, "%.*s/witness", SPAN_ARG(buf_span(&path)));
    return OK;
}

static struct err save_key(const struct keep *k)
{
    uint8_t text[KEY_TEXT_MAX];
    char path[KEEP_PATH];
    struct wr w = wr_of(text, sizeof text);
    note_signer_write(&k->signer, &w);
    wr_u8(&w, '\n');
    path_of(k, "key", "", path);
    struct err e = wr_done(&w);
    if (!failed(e))
        e = file_replace(path, wr_span(&w), FILE_MODE);
    secret_wipe(text, sizeof text);
    return e;
}

struct err keep_make(struct keep *k, struct span name)
{
    uint8_t seed[32];
    char path[KEEP_PATH];
    path_of(k, "key", "", path);
    if (file_exists(path))
        return err(ERR_DENIED);
    TRY(file_make_dirs(k->dir, DIR_MODE));
    random_bytes(seed, sizeof seed);
    struct err e = note_signer_make(name, NOTE_COSIGNATURE, seed, &k->signer);
    secret_wipe(seed, sizeof seed);
    TRY(e);
    return save_key(k);
}

static struct err read_private(const char *path, uint8_t *text, size_t size, size_t *n)
{
    int fd;
    TRY(disk_open(path, DISK_READ, &fd));
    struct err e = disk_check_private(fd);
    if (!failed(e))
        e = disk_get(fd, text, size, 0, n);
    disk_close(&fd);
    return e;
}

struct err keep_load(struct keep *k)
{
    uint8_t text[KEY_TEXT_MAX];
    char path[KEEP_PATH];
    size_t n = 0;
    path_of(k, "key", "", path);
    struct err e = read_private(path, text, sizeof text, &n);
    if (!failed(e) && n && text[n - 1] == '\n')
        n--;
    if (!failed(e))
        e = note_signer_parse(span(text, n), &k->signer, NULL);
    if (!failed(e) && k->signer.public.type != NOTE_COSIGNATURE)
        e = err(ERR_INPUT);
    secret_wipe(text, sizeof text);
    return e;
}

struct err keep_lock(struct keep *k)
{
    char path[KEEP_PATH];
    path_of(k, "lock", "", path);
    return disk_lock(path, &k->lock);
}

void keep_close(struct keep *k)
{
    note_signer_wipe(&k->signer);
    disk_close(&k->lock);
}

void keep_id(struct span origin, char id[KEEP_ID + 1])
{
    uint8_t digest[HASH_BYTES];
    struct wr w = wr_of(id, KEEP_ID);
    hash_sha256(origin, digest);
    hex_encode(&w, span(digest, sizeof digest));
    id[KEEP_ID] = 0;
}

struct err keep_last(const struct keep *k, const char *id, struct buf *note)
{
    char path[KEEP_PATH];
    path_of(k, id, ".checkpoint", path);
    return tile_dir_file(path, note);
}

struct err keep_store(const struct keep *k, const char *id, struct span note)
{
    char path[KEEP_PATH];
    path_of(k, id, ".checkpoint", path);
    return file_replace(path, note, FILE_MODE);
}
